//! Charts drawn on the server: SVG for the shape, HTML for the words, so that words keep their size on a phone, in
//! 长辈版 and in print. Every chart is, or holds, a table of its data.

mod bars;
mod line;
mod share;
mod span;

pub use bars::{Bar, Bars};
pub use line::{Line, Point, Sparkline};
pub use share::{Part, Share};
pub use span::{Span, Spans};

/// A figure as written beside a chart: whole numbers grouped, others with one digit.
fn written(value: f64) -> String {
    if !value.is_finite() {
        return "-".into();
    }
    let tenths = (value * 10.0).round();
    let whole = (tenths / 10.0).trunc();
    let text = crate::zh::number(whole as i64);
    let rest = (tenths - whole * 10.0).abs() as i64;
    let sign = if tenths < 0.0 && whole == 0.0 { "-" } else { "" };
    if rest == 0 { text } else { format!("{sign}{text}.{rest}") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn figures_are_written_plainly() {
        for (value, text) in [(1234.0, "1,234"), (4.56, "4.6"), (-0.5, "-0.5"), (f64::NAN, "-"), (0.0, "0")] {
            assert_eq!(super::written(value), text);
        }
    }
}
