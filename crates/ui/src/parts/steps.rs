//! A procedure read as a list: each step with who, how long, and the risk beside it.

use askama::Template;

use crate::Html;
use crate::html::part;

/// A risk of a step.
#[derive(Clone, Debug)]
pub struct Risk {
    /// Its level as shape and word, for instance [`crate::RiskLevel::tag`].
    pub mark: Html,
    /// What may go wrong.
    pub text: String,
    /// What is done against it.
    pub measure: String,
}

/// One step.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Anchor, so that a drawing may lead here; empty for none.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Post that does it.
    pub post: String,
    /// How long it may take: "5个工作日".
    pub limit: String,
    /// What is done.
    pub body: Html,
    /// The risks beside it.
    pub risks: Vec<Risk>,
}

/// Steps in order. For the drawing, see the flowchart crate; this is its readable twin.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<ol class="steps">
{%- for step in items -%}
<li{% if !step.id.is_empty() %} id="{{ step.id }}"{% endif %}>
<div class="steps-main">
<h3>{{ step.title }}</h3>
{%- if !step.post.is_empty() || !step.limit.is_empty() -%}
<p class="steps-facts">
{%- if !step.post.is_empty() -%}
<span>{{ step.post }}</span>
{%- endif %}{% if !step.limit.is_empty() -%}
<span>时限：{{ step.limit }}</span>
{%- endif -%}
</p>
{%- endif %}{% if !step.body.is_empty() -%}
<div>{{ step.body }}</div>
{%- endif -%}
</div>
{%- if !step.risks.is_empty() -%}
<div class="steps-risks">
{%- for risk in step.risks -%}
<div class="steps-risk">
<p><span class="hidden">风险：</span>{{ risk.mark }}</p>
<p>{{ risk.text }}</p>
{%- if !risk.measure.is_empty() -%}
<p class="steps-measure"><b>防控</b>{{ risk.measure }}</p>
{%- endif -%}
</div>
{%- endfor -%}
</div>
{%- endif -%}
</li>
{%- endfor -%}
</ol>"#
)]
pub struct Steps {
    /// The steps.
    pub items: Vec<Step>,
}

impl Steps {
    /// These steps.
    pub fn new(items: impl IntoIterator<Item = Step>) -> Self {
        Self { items: items.into_iter().collect() }
    }
}

part!(Steps);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_escaped() {
        let bad = || "<a>".to_owned();
        let risks = vec![Risk { mark: bad().into(), text: bad(), measure: bad() }];
        let step = Step { id: bad(), title: bad(), post: bad(), limit: bad(), body: bad().into(), risks };
        let html = Steps::new([step]).to_string();
        assert!(!html.contains("<a>"), "{html}");
    }
}
