//! Values with how sure they are, on one scale: rows of a table, so that the chart and its data are one thing.

use askama::Template;

use crate::html::part;

/// One row: from where to where the truth may lie, and the value in between.
#[derive(Clone, Debug, Default)]
pub struct Span {
    /// What it is about.
    pub label: String,
    /// The page behind it.
    pub href: Option<String>,
    /// Lower end, in parts of the scale.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The value; none for a range that has none.
    pub value: Option<f64>,
    /// The value in words: "86分", "95分以上".
    pub text: String,
    /// What stands below it: "80至91分，124票".
    pub note: String,
}

impl Span {
    fn start(&self) -> String {
        format!("{:.1}", part_of(self.low))
    }

    fn length(&self) -> String {
        format!("{:.1}", (part_of(self.high) - part_of(self.low)).max(1.0))
    }

    fn mark(&self) -> Option<String> {
        self.value.map(|value| format!("{:.1}", part_of(value)))
    }
}

fn part_of(value: f64) -> f64 {
    if value.is_finite() { value.clamp(0.0, 100.0) } else { 0.0 }
}

/// Rows on a scale from 0 to 100.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<table class="spans">
<caption>{{ caption }}</caption>
<thead class="hidden">
<tr><th scope="col">{{ subject }}</th>
<th scope="col">图示</th>
<th scope="col">数值和范围</th>
</tr></thead>
<tbody>
{%- for span in items -%}
<tr>
<th scope="row">
{%- if let Some(href) = span.href -%}
<a href="{{ crate::safe_href(href) }}">{{ span.label }}</a>
{%- else %}{{ span.label }}{% endif -%}
</th>
<td class="spans-field"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false"><path class="spans-track" d="M0 5h100M0 1v8M50 3v4M100 1v8"/><rect class="spans-range" x="{{ span.start() }}" y="2.5" width="{{ span.length() }}" height="5"/>
{%- if let Some(mark) = span.mark() -%}
<path class="spans-mark" d="M{{ mark }} 0v10"/>
{%- endif -%}
</svg></td>
<td class="spans-value">{{ span.text }}<span class="spans-note">{{ span.note }}</span></td>
</tr>
{%- endfor -%}
</tbody>
</table>"#
)]
pub struct Spans {
    /// What the chart shows, with its scale.
    pub caption: String,
    /// What a row is: 轮次, 干部.
    pub subject: String,
    /// The rows.
    pub items: Vec<Span>,
}

impl Spans {
    /// A chart without rows.
    pub fn new(caption: impl Into<String>, subject: impl Into<String>) -> Self {
        Self { caption: caption.into(), subject: subject.into(), items: Vec::new() }
    }
}

part!(Spans);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_measured_and_escaped() {
        let bad = || "<a>".to_owned();
        let span = Span {
            label: bad(),
            low: 40.0,
            high: 65.0,
            value: Some(50.0),
            text: bad(),
            note: bad(),
            ..Span::default()
        };
        let strange = Span { low: f64::NAN, high: -3.0, value: Some(400.0), ..Span::default() };
        let html = Spans { items: vec![span, strange], ..Spans::new(bad(), bad()) }.to_string();
        assert!(
            html.contains("x=\"40.0\" y=\"2.5\" width=\"25.0\"") && html.contains("d=\"M50.0 0v10\""),
            "{html}"
        );
        assert!(
            html.contains("width=\"1.0\"") && html.contains("d=\"M100.0 0v10\"") && !html.contains("<a>")
        );
    }
}
