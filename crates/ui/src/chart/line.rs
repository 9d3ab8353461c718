//! A line over time.

use std::fmt::Write as _;

use askama::Template;

use crate::chart::written;
use crate::html::part;

/// One point; `None` is a gap, never drawn as zero.
#[derive(Clone, Debug)]
pub struct Point {
    /// When: "3月".
    pub label: String,
    /// How much.
    pub value: Option<f64>,
}

impl Point {
    fn text(&self) -> String {
        self.value.map_or_else(|| "无数据".into(), written)
    }
}

/// Paths in a field of 100 × 100 that is stretched; strokes keep their width.
#[derive(Clone, Debug, Default)]
struct Paths {
    line: String,
    dots: String,
    area: String,
}

fn draw(points: &[Point], top: f64) -> Paths {
    let mut paths = Paths::default();
    let step = 100.0 / points.len().saturating_sub(1).max(1) as f64;
    let mut start: Option<f64> = None;
    let mut last = 0.0;
    for (i, point) in points.iter().enumerate() {
        let x = if points.len() == 1 { 50.0 } else { i as f64 * step };
        let Some(value) = point.value.filter(|v| v.is_finite()) else {
            close(&mut paths.area, start.take(), last);
            continue;
        };
        let y = 100.0 - if top > 0.0 { (value / top * 100.0).clamp(0.0, 100.0) } else { 0.0 };
        let verb = if start.is_some() { 'L' } else { 'M' };
        let _ = write!(paths.line, "{verb}{x:.2} {y:.2}");
        let _ = write!(paths.dots, "M{x:.2} {y:.2}h0");
        let _ = write!(paths.area, "{verb}{x:.2} {y:.2}");
        start = start.or(Some(x));
        last = x;
    }
    close(&mut paths.area, start, last);
    paths
}

fn close(area: &mut String, start: Option<f64>, last: f64) {
    if let Some(start) = start {
        let _ = write!(area, "L{last:.2} 100L{start:.2} 100z");
    }
}

/// Greatest value rounded up to 1, 2 or 5 times a power of ten.
fn ceiling(points: &[Point]) -> f64 {
    let most = points.iter().filter_map(|p| p.value).filter(|v| v.is_finite()).fold(0.0, f64::max);
    if most <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(most.log10().floor());
    [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|v| *v >= most).unwrap_or(most)
}

/// A line with its scale, and the table of its data under it.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<figure class="line">
<figcaption>{{ caption }}{% if !unit.is_empty() -%}
<span class="line-unit">单位：{{ unit }}</span>
{%- endif -%}
</figcaption>
<div class="line-field" aria-hidden="true"><span class="line-top">{{ scale(1.0) }}</span><span class="line-mid">{{ scale(0.5) }}</span><span class="line-zero">0</span><svg viewBox="0 0 100 100" preserveAspectRatio="none" focusable="false"><path class="line-grid" d="M0 0h100M0 50h100"/><path class="line-base" d="M0 100h100"/>
{%- let paths = paths() -%}
<path class="line-area" d="{{ paths.area }}"/><path class="line-path" d="{{ paths.line }}"/><path class="line-dots" d="{{ paths.dots }}"/></svg>
</div>
<div class="line-times" aria-hidden="true">
{%- for word in times() -%}
<span>{{ word }}</span>
{%- endfor -%}
</div>
<details class="details">
<summary>看每{{ subject }}的数字</summary>
<table class="table table--plain">
<caption class="hidden">{{ caption }}</caption>
<thead><tr>
<th scope="col">{{ subject }}</th>
<th scope="col" class="num">
{%- if unit.is_empty() %}数值{% else %}{{ unit }}{% endif -%}
</th>
</tr></thead>
<tbody>
{%- for point in points -%}
<tr>
<th scope="row">{{ point.label }}</th>
<td class="num">{{ point.text() }}</td>
</tr>
{%- endfor -%}
</tbody>
</table></details>
</figure>"#
)]
pub struct Line {
    /// What the chart shows.
    pub caption: String,
    /// What a point is: 月, 季度, 天.
    pub subject: String,
    /// 件, %.
    pub unit: String,
    /// The points, in order of time.
    pub points: Vec<Point>,
}

impl Line {
    /// A chart without points.
    pub fn new(caption: impl Into<String>, subject: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { caption: caption.into(), subject: subject.into(), unit: unit.into(), points: Vec::new() }
    }

    /// Adds a point; `None` for no data.
    #[must_use]
    pub fn point(mut self, label: impl Into<String>, value: Option<f64>) -> Self {
        self.points.push(Point { label: label.into(), value });
        self
    }

    fn top(&self) -> f64 {
        ceiling(&self.points)
    }

    /// What stands beside the grid at this share of the height.
    fn scale(&self, share: f64) -> String {
        written(self.top() * share)
    }

    fn paths(&self) -> Paths {
        draw(&self.points, self.top())
    }

    /// First, middle and last label; all when there are few.
    fn times(&self) -> Vec<&str> {
        let all = &self.points;
        let places: Vec<usize> = match all.len() {
            0..=4 => (0..all.len()).collect(),
            n if n % 2 == 1 => vec![0, n / 2, n - 1],
            n => vec![0, n - 1],
        };
        places.into_iter().map(|i| all[i].label.as_str()).collect()
    }
}

/// A line the size of a word, beside the figure it explains.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<svg class="sparkline" viewBox="0 0 100 100" preserveAspectRatio="none" width="96" height="24" role="img" aria-label="{{ words }}">
{%- let paths = paths() -%}
<path class="line-path" d="{{ paths.line }}"/></svg>"#
)]
pub struct Sparkline {
    /// What it says, in words: "近12个月由3件增至9件".
    pub words: String,
    /// The values; `None` is a gap.
    pub values: Vec<Option<f64>>,
}

impl Sparkline {
    fn paths(&self) -> Paths {
        let points: Vec<Point> =
            self.values.iter().map(|value| Point { label: String::new(), value: *value }).collect();
        draw(&points, ceiling(&points))
    }
}

part!(Line, Sparkline);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_breaks_the_line() {
        let line =
            Line::new("<a>", "<a>", "<a>").point("<a>", Some(1.0)).point("2月", None).point("3月", Some(2.0));
        let html = line.to_string();
        assert!(!html.contains("<a>") && html.contains("无数据"));
        assert_eq!(line.paths().line, "M0.00 50.00M100.00 0.00");
    }

    #[test]
    fn scales_are_round_and_nothing_divides_by_zero() {
        let top = |v| ceiling(&[Point { label: String::new(), value: Some(v) }]);
        assert_eq!([top(0.0), top(7.0), top(11.0), top(34.0), top(100.0)], [1.0, 10.0, 20.0, 50.0, 100.0]);
        for line in [Line::new("", "", ""), Line::new("", "", "").point("一", Some(f64::NAN))] {
            assert!(!line.to_string().contains("NaN"));
        }
        let spark = Sparkline { words: "\"<a>".into(), values: vec![Some(1.0), None] };
        assert!(!spark.to_string().contains("<a>"));
    }
}
