//! A procedure read as a list: each step with who, how long, and the risk beside it.

use askama::Template;

use crate::html::part;
use crate::{Html, Warning};

/// The risk of a step.
#[derive(Clone, Debug)]
pub struct Risk {
    /// Its level.
    pub level: Warning,
    /// What may go wrong.
    pub text: String,
    /// What is done against it.
    pub measure: String,
}

/// One step.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Its name.
    pub title: String,
    /// Post that does it.
    pub post: String,
    /// How long it may take: "5个工作日".
    pub limit: String,
    /// What is done.
    pub body: Html,
    /// The risk beside it.
    pub risk: Option<Risk>,
}

/// Steps in order. For the drawing, see the flowchart crate; this is its readable twin.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<ol class="steps">
{%- for step in items -%}
<li>
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
{%- if let Some(risk) = step.risk -%}
<div class="steps-risk">
<p><span class="hidden">风险：</span>{{ risk.level.tag() }}</p>
<p>{{ risk.text }}</p>
{%- if !risk.measure.is_empty() -%}
<p class="steps-measure"><b>防控</b>{{ risk.measure }}</p>
{%- endif -%}
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
        let risk = Some(Risk { level: Warning::Red, text: bad(), measure: bad() });
        let html = Steps::new([Step { title: bad(), post: bad(), limit: bad(), body: bad().into(), risk }])
            .to_string();
        assert!(!html.contains("<a>"), "{html}");
    }
}
