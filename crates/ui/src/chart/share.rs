//! Parts of a whole.

use askama::Template;

use crate::chart::written;
use crate::html::part;
use crate::zh;

/// One part.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// What it is.
    pub label: String,
    /// How much; below zero counts as zero.
    pub value: f64,
}

impl Part {
    fn text(&self) -> String {
        written(self.value)
    }
}

/// One bar cut into parts, dark to light in the order of the table under it. At most six parts: join the rest as 其他.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<figure class="share">
<figcaption id="{{ id }}">{{ caption }}</figcaption><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false"><path class="share-none" d="M0 0h100v10H0z"/>
{%- for (i, x, width) in cuts() -%}
<rect class="share-{{ i }}" x="{{ x }}" width="{{ width }}" height="10"/>
{%- endfor -%}
</svg>
<table class="share-key" aria-labelledby="{{ id }}">
<thead class="hidden">
<tr><th scope="col">类别</th>
<th scope="col">数量</th>
<th scope="col">占比</th>
</tr></thead>
<tbody>
{%- for p in parts -%}
<tr>
<th scope="row"><svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" focusable="false"><rect class="share-{{ loop.index0 % 6 }}" width="12" height="12"/></svg>{{ p.label }}</th>
<td class="num">{{ p.text() }}{{ unit }}</td>
<td class="num">{{ rate(p.value) }}</td>
</tr>
{%- endfor -%}
</tbody>
</table></figure>"#
)]
pub struct Share {
    /// Unique on the page.
    pub id: String,
    /// What the chart shows.
    pub caption: String,
    /// 件, 人.
    pub unit: String,
    /// The parts.
    pub parts: Vec<Part>,
}

impl Share {
    /// A whole without parts.
    pub fn new(id: impl Into<String>, caption: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { id: id.into(), caption: caption.into(), unit: unit.into(), parts: Vec::new() }
    }

    /// Adds a part.
    #[must_use]
    pub fn part(mut self, label: impl Into<String>, value: f64) -> Self {
        self.parts.push(Part { label: label.into(), value });
        self
    }

    fn whole(&self) -> f64 {
        self.parts.iter().map(|p| clean(p.value)).sum()
    }

    fn rate(&self, value: &f64) -> String {
        let whole = self.whole();
        if whole > 0.0 { zh::percent(clean(*value) / whole) } else { "-".into() }
    }

    /// Class number, start and width of each part, with a hair of paper between.
    fn cuts(&self) -> Vec<(usize, String, String)> {
        let whole = self.whole();
        let mut x = 0.0;
        let mut out = Vec::new();
        for (i, p) in self.parts.iter().enumerate() {
            let width = if whole > 0.0 { clean(p.value) / whole * 100.0 } else { 0.0 };
            if width > 0.0 {
                out.push((i % 6, format!("{x:.2}"), format!("{:.2}", (width - 0.4).max(0.2))));
            }
            x += width;
        }
        out
    }
}

fn clean(value: f64) -> f64 {
    if value.is_finite() { value.max(0.0) } else { 0.0 }
}

part!(Share);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_cut_and_escaped() {
        let html =
            Share::new("\"<a>", "<a>", "<a>").part("<a>", 3.0).part("乙", 1.0).part("丙", -1.0).to_string();
        assert!(
            html.contains("75%")
                && html.contains("25%")
                && html.contains("x=\"75.00\"")
                && !html.contains("<a>")
        );
        assert!(!Share::new("s", "", "").part("无", 0.0).to_string().contains("NaN"));
    }
}
