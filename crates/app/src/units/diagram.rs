//! 权力构架 as a picture: who leads, who acts, who supervises, who answers for it. Pure; the list beside it says the
//! same in words.

use daylight_ui::Html;
use std::fmt::Write;

/// What a branch means for the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The unit acts through it: an arrow away from the unit.
    Out,
    /// It watches the unit: a dashed arrow towards the unit.
    In,
}

/// A box on the unit's trunk.
#[derive(Clone, Debug)]
pub struct Branch {
    /// What it is: "谁来监督".
    pub role: &'static str,
    /// Who, most powers first.
    pub names: Vec<String>,
    /// Arrow.
    pub way: Way,
}

/// The picture's content.
#[derive(Clone, Debug, Default)]
pub struct Diagram {
    /// The unit.
    pub unit: String,
    /// The unit above.
    pub above: Option<String>,
    /// Its branches from top to bottom.
    pub branches: Vec<Branch>,
}

const WIDTH: f64 = 328.0;
const TRUNK: f64 = 18.0;
const LEFT: f64 = 56.0;
const PAD: f64 = 12.0;
/// Names a box shows before it says how many more there are.
const NAMES: usize = 3;

struct Sizes {
    name: f64,
    role: f64,
    gap: f64,
}

impl Diagram {
    /// One `<svg>` for a column of 328 px, without style or script.
    pub fn svg(&self, elder: bool) -> String {
        let sizes = if elder {
            Sizes { name: 22.0, role: 20.0, gap: 30.0 }
        } else {
            Sizes { name: 16.0, role: 14.0, gap: 26.0 }
        };
        let mut pen = Pen { body: String::new(), sizes, y: 1.0 };
        if let Some(above) = &self.above {
            pen.boxed(0.5, "上级主管单位", std::slice::from_ref(above), false);
            let (from, to) = (pen.y, pen.y + pen.sizes.gap);
            pen.arrow(WIDTH / 2.0, from, to);
            pen.y = to;
        }
        pen.boxed(0.5, "本单位", std::slice::from_ref(&self.unit), true);
        let top = pen.y;
        let mut last = top;
        for branch in &self.branches {
            pen.y += pen.sizes.gap * 0.7;
            let start = pen.y;
            pen.boxed(LEFT, branch.role, &shortened(&branch.names), false);
            last = start + (pen.y - start) / 2.0;
            pen.branch(last, branch.way);
        }
        if !self.branches.is_empty() {
            let _ = write!(
                pen.body,
                "<path d=\"M{TRUNK} {top:.1}V{last:.1}\" stroke=\"var(--ink)\" stroke-width=\"1.5\" fill=\"none\"/>"
            );
        }
        let height = pen.y + 1.0;
        format!(
            "<svg viewBox=\"0 0 {WIDTH} {height:.0}\" width=\"{WIDTH}\" height=\"{height:.0}\" class=\"flow\" role=\"img\" \
             aria-labelledby=\"structure-title\"><title id=\"structure-title\">{}的权力构架图，右侧或下方有同样内容的文字</title>{}</svg>",
            escape(&self.unit),
            pen.body
        )
    }
}

fn shortened(names: &[String]) -> Vec<String> {
    let mut shown: Vec<String> = names.iter().take(NAMES).cloned().collect();
    if names.len() > NAMES {
        shown.push(format!("等{}个", names.len()));
    }
    if shown.is_empty() {
        shown.push("待补充".to_owned());
    }
    shown
}

struct Pen {
    body: String,
    sizes: Sizes,
    y: f64,
}

impl Pen {
    fn boxed(&mut self, x: f64, role: &str, names: &[String], dark: bool) {
        let (fill, ink, soft) = if dark {
            ("var(--night)", "var(--white)", "var(--night-soft)")
        } else {
            ("var(--white)", "var(--ink)", "var(--muted)")
        };
        let (name, small) = (self.sizes.name, self.sizes.role);
        let wide = WIDTH - x - 0.5;
        let lines: Vec<String> =
            names.iter().flat_map(|text| wrapped(text, (wide - PAD * 2.0) / name)).collect();
        let height = PAD * 1.6 + small * 1.3 + name * 1.4 * lines.len() as f64;
        let y = self.y;
        let _ = write!(
            self.body,
            "<rect x=\"{x}\" y=\"{y:.1}\" width=\"{wide}\" height=\"{height:.1}\" rx=\"3\" fill=\"{fill}\" stroke=\"var(--edge)\"/>\
             <text x=\"{}\" y=\"{:.1}\" font-size=\"{small}\" fill=\"{soft}\">{}</text>",
            x + PAD,
            y + PAD * 0.8 + small,
            escape(role)
        );
        for (at, line) in lines.iter().enumerate() {
            let base = y + PAD * 0.8 + small * 1.3 + name * (1.05 + 1.4 * at as f64);
            let _ = write!(
                self.body,
                "<text x=\"{}\" y=\"{base:.1}\" font-size=\"{name}\" font-weight=\"600\" fill=\"{ink}\">{}</text>",
                x + PAD,
                escape(line)
            );
        }
        self.y = y + height;
    }

    fn arrow(&mut self, x: f64, from: f64, to: f64) {
        let _ = write!(
            self.body,
            "<path d=\"M{x} {from:.1}V{:.1}\" stroke=\"var(--ink)\" stroke-width=\"1.5\"/><path d=\"M{x} {to:.1}l-5 -9h10z\" fill=\"var(--ink)\"/>",
            to - 8.0
        );
    }

    fn branch(&mut self, y: f64, way: Way) {
        let (dash, head) = match way {
            Way::Out => ("", format!("M{LEFT} {y:.1}l-9 -5v10z")),
            Way::In => (" stroke-dasharray=\"5 3\"", format!("M{TRUNK} {y:.1}l9 -5v10z")),
        };
        let (from, to) = match way {
            Way::Out => (TRUNK, LEFT - 8.0),
            Way::In => (TRUNK + 8.0, LEFT),
        };
        let _ = write!(
            self.body,
            "<path d=\"M{from} {y:.1}H{to}\" stroke=\"var(--ink)\" stroke-width=\"1.5\"{dash}/><path d=\"{head}\" fill=\"var(--ink)\"/>"
        );
    }
}

fn escape(text: &str) -> String {
    Html::from(text).as_str().to_owned()
}

/// Lines of at most `most` em: a Chinese character is one, a Latin letter or digit a little over a half.
fn wrapped(text: &str, most: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0.0;
    for c in text.chars().filter(|c| !c.is_control()) {
        let wide = if c.is_ascii() { 0.58 } else { 1.0 };
        if used + wide > most {
            lines.push(String::new());
            used = 0.0;
        }
        used += wide;
        lines.last_mut().expect("never empty").push(c);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_words_and_long_ones_wrap() {
        let bad = "<script>\"".to_owned() + &"长".repeat(60);
        let branch = |way| Branch { role: "谁来监督", names: vec![bad.clone(); 5], way };
        let diagram = Diagram {
            unit: bad.clone(),
            above: Some(bad.clone()),
            branches: vec![branch(Way::In), branch(Way::Out)],
        };
        for elder in [false, true] {
            let svg = diagram.svg(elder);
            assert!(!svg.contains("<script>") && svg.contains("等5个"), "{svg}");
            assert!(!svg.contains("style"), "the content-security policy forbids it");
        }
        assert_eq!(wrapped("一二三四五", 3.0), ["一二三", "四五"]);
    }
}
