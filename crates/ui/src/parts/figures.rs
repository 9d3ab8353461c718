//! Living figures: what has happened, said large.

use askama::Template;

use crate::html::part;

/// One figure.
#[derive(Clone, Debug, Default)]
pub struct Figure {
    /// The figure, already written out: see [`crate::zh::number`].
    pub value: String,
    /// 件, 个, %.
    pub unit: String,
    /// What it counts.
    pub label: String,
    /// What must be read with it: a rate, a period, a size of sample.
    pub note: String,
    /// The list behind it.
    pub href: Option<String>,
}

impl Figure {
    /// A figure with its unit and what it counts.
    pub fn new(value: impl Into<String>, unit: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), unit: unit.into(), label: label.into(), ..Self::default() }
    }

    /// What must be read with it.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// The list behind it.
    #[must_use]
    pub fn href(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }
}

/// Figures in a row over hairlines.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<ul class="figures">
{%- for f in items -%}
<li>
{%- if let Some(href) = f.href -%}
<a href="{{ crate::safe_href(href) }}">
{%- else -%}
<div>
{%- endif -%}
<span class="figures-label">{{ f.label }}</span><span class="figures-value"><b>{{ f.value }}</b> {{ f.unit }}</span>
{%- if !f.note.is_empty() -%}
<span class="figures-note">{{ f.note }}</span>
{%- endif %}{% if f.href.is_some() -%}
</a>
{%- else -%}
</div>
{%- endif -%}
</li>
{%- endfor -%}
</ul>"#
)]
pub struct Figures {
    /// Two to six of them.
    pub items: Vec<Figure>,
}

impl Figures {
    /// These figures.
    pub fn new(items: impl IntoIterator<Item = Figure>) -> Self {
        Self { items: items.into_iter().collect() }
    }
}

part!(Figures);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_escaped() {
        let html = Figures::new([Figure::new("<a>", "<a>", "<a>").note("<a>").href("<a>")]).to_string();
        assert!(!html.contains("<a>"), "{html}");
    }
}
