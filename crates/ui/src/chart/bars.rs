//! Bars that are rows of a table: the chart and its data are one thing.

use askama::Template;

use crate::chart::written;
use crate::html::part;

/// One bar.
#[derive(Clone, Debug, Default)]
pub struct Bar {
    /// What it is about.
    pub label: String,
    /// How much; below zero counts as zero.
    pub value: f64,
    /// The list behind it.
    pub href: Option<String>,
    /// The one the reader should look at.
    pub marked: bool,
}

impl Bar {
    fn text(&self) -> String {
        written(self.value)
    }
}

/// Horizontal bars.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<table class="bars">
<caption>{{ caption }}</caption>
<thead class="hidden">
<tr><th scope="col">{{ subject }}</th>
<th scope="col">图示</th>
<th scope="col">{{ unit }}</th>
</tr></thead>
<tbody>
{%- for bar in items -%}
<tr{% if bar.marked %} class="marked"{% endif %}>
<th scope="row">
{%- if let Some(href) = bar.href -%}
<a href="{{ crate::safe_href(href) }}">{{ bar.label }}</a>
{%- else %}{{ bar.label }}{% endif -%}
</th>
<td class="bars-bar"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false"><path class="bars-track" d="M0 9.5h100"/><rect width="{{ length(bar.value) }}" height="10"/></svg></td>
<td class="bars-value">{{ bar.text() }}<span class="bars-unit">{{ unit }}</span></td>
</tr>
{%- endfor -%}
</tbody>
</table>"#
)]
pub struct Bars {
    /// What the chart shows.
    pub caption: String,
    /// What a row is: 类别, 月份.
    pub subject: String,
    /// 件, %.
    pub unit: String,
    /// The bars.
    pub items: Vec<Bar>,
    /// Value of a full bar; the greatest value if `None`. Set it to 100 for rates and 5 for grades.
    pub full: Option<f64>,
}

impl Bars {
    /// A chart without bars.
    pub fn new(caption: impl Into<String>, subject: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { caption: caption.into(), subject: subject.into(), unit: unit.into(), ..Self::default() }
    }

    /// Adds a bar.
    #[must_use]
    pub fn bar(mut self, label: impl Into<String>, value: f64) -> Self {
        self.items.push(Bar { label: label.into(), value, ..Bar::default() });
        self
    }

    /// Value of a full bar.
    #[must_use]
    pub fn full(mut self, value: f64) -> Self {
        self.full = Some(value);
        self
    }

    fn length(&self, value: &f64) -> String {
        let greatest = self.items.iter().map(|bar| bar.value).filter(|v| v.is_finite()).fold(0.0, f64::max);
        let full = self.full.unwrap_or(greatest);
        if full <= 0.0 || !value.is_finite() {
            return "0".into();
        }
        format!("{:.1}", (value / full * 100.0).clamp(0.0, 100.0))
    }
}

part!(Bars);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_measured_and_escaped() {
        let html =
            Bars::new("<a>", "<a>", "<a>").bar("<a>", 50.0).bar("乙", 200.0).bar("丙", f64::NAN).to_string();
        assert!(html.contains("width=\"25.0\"") && html.contains("width=\"100.0\"") && !html.contains("<a>"));
        assert!(Bars::new("", "", "").bar("零", 0.0).to_string().contains("width=\"0\""));
        assert!(Bars::new("", "", "").full(5.0).bar("分", 4.0).to_string().contains("width=\"80.0\""));
    }
}
