//! A procedure (行权流程) as a picture and as a numbered list.
//!
//! [`Graph`] holds the steps (环节) in the office's own order and the ways between them. [`Graph::svg`] draws
//! it, [`Graph::outline`] says the same in words (the equal of the picture for readers of text, and what the
//! printed sheet uses), [`Graph::problems`] tells an editor what to mend. All three accept any graph, broken
//! or hostile ones too: a chart is public, and what it shows was typed by somebody.
//!
//! # The picture
//!
//! The steps stand one under another on a main line from 开始 to 结束. A way to the next step is the main line
//! itself; a way that skips steps runs on the right; a way back runs on the left, dashed. Each keeps to a lane
//! of its own, so no line lies on another or on a box. Long labels move into the box they leave.
//!
//! The drawing carries no script, no `style` attribute and no `<style>` element, so it may stand inline in a
//! page under `style-src 'self'`. Colours are presentation attributes such as `var(--flow-line,#4b5563)`;
//! text is `currentColor`. Put [`CSS`] in the site's stylesheet: without it the picture still draws, only at
//! its natural size.

// The example graphs, which the tests share, name this crate as its users do.
#[cfg(test)]
extern crate self as daylight_flowchart;

mod draw;
mod layout;
mod outline;
mod problems;
mod text;
mod ways;

pub use outline::{Item, Next};
pub use problems::Problem;

/// The name an [`Edge`] may give as its target to mean the end of the procedure, for a step that may either
/// go on or stop (不符合 → 结束). A step whose own key is this word wins over it.
pub const END: &str = "结束";

/// Rules for the site's stylesheet: the picture shrinks to its column, shows keyboard focus, prints in black.
///
/// Custom properties the drawing reads, all optional: `--flow-line` (ways forward), `--flow-return` (ways
/// back), `--flow-edge` (outline of boxes), `--flow-box` and `--flow-soft` (fills), `--flow-muted` (small
/// text), `--flow-alert` (the one red: high risk).
pub const CSS: &str = "\
.flow{display:block;max-width:100%;height:auto;margin-inline:auto}\n\
.flow a{text-decoration:none;color:inherit}\n\
.flow a:hover .flow-box,.flow a:focus-visible .flow-box{stroke-width:3}\n\
.flow a:focus-visible{outline:3px solid currentColor;outline-offset:2px}\n\
@media print{.flow{color:#000;--flow-line:#000;--flow-return:#000;--flow-edge:#000;--flow-muted:#000;\
--flow-alert:#000;--flow-box:#fff;--flow-soft:#fff;break-inside:auto}}\n";

/// A procedure: steps in the office's order, and the ways between them. The first step is where it begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// The steps, from top to bottom. Their numbers in picture and list are their places here, from 1.
    pub nodes: Vec<Node>,
    /// The ways between steps, in any order; order decides which of two like ways stands nearer the boxes.
    pub edges: Vec<Edge>,
}

/// One step (环节).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// What edges call this step, for instance `"3"`. Not shown: the place in the order is.
    pub key: String,
    /// 环节名称.
    pub title: String,
    /// Small text under the title: post, time limit. Each begins a line of its own.
    pub lines: Vec<String>,
    /// 廉政风险等级 of the step, shown as a shape and a word.
    pub risk: Option<RiskLevel>,
    /// Where the box leads, for instance `"#step-3"`. Only places on this site are linked: anything that does
    /// not begin with `#`, `?` or a single `/` is drawn without a link.
    pub href: Option<String>,
}

/// One way from a step to another, or back to itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    /// Key of the step left.
    pub from: String,
    /// Key of the step entered, or [`END`].
    pub to: String,
    /// When this way is taken: `""` or for instance `"不同意"`.
    pub label: String,
}

/// Level of an integrity risk (廉政风险等级), from probability and harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RiskLevel {
    /// 低, a ring.
    Low,
    /// 中, a square.
    Medium,
    /// 较高, a triangle.
    Elevated,
    /// 高, an octagon with a bar.
    High,
}

impl RiskLevel {
    /// The word on the page: 低, 中, 较高, 高.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "低",
            Self::Medium => "中",
            Self::Elevated => "较高",
            Self::High => "高",
        }
    }
}

/// How to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Begins each id inside the picture. Must differ between pictures on one page. Characters other than
    /// letters, digits, `-` and `_` of ASCII become `-`.
    pub id_prefix: String,
    /// Name of the picture for readers who do not see it.
    pub title: String,
    /// 长辈版: text of 24 px (18 pt) instead of 15.
    pub elder: bool,
    /// Natural width in CSS pixels, 280 to 1200. The default 328 is a phone of 360 with margins of 16. The
    /// picture is wider only when its lanes need room; it then shrinks to its column.
    pub width: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { id_prefix: "flow".into(), title: "行权流程图".into(), elder: false, width: 328 }
    }
}

impl Options {
    /// Ordinary text, 328 px, ids beginning with `id_prefix`.
    pub fn new(id_prefix: impl Into<String>) -> Self {
        Self { id_prefix: id_prefix.into(), ..Self::default() }
    }
}

impl Graph {
    /// What an editor should mend before this is published, in the order of the steps. Empty: nothing.
    pub fn problems(&self) -> Vec<Problem> {
        problems::find(self)
    }

    /// The picture, one `<svg>` element to put inline in a page. The same graph and options give the same
    /// bytes. Ways whose source or target does not exist are left out; see [`Graph::problems`].
    ///
    /// The element has `role="img"`, unless some box is a link: an image may hold nothing that takes focus
    /// (WAI-ARIA 1.2, "children presentational"), so a picture with links is a `group`.
    pub fn svg(&self, options: &Options) -> String {
        draw::svg(self, options)
    }

    /// The procedure as a numbered list, one item per step in order.
    pub fn outline(&self) -> Vec<Item<'_>> {
        outline::outline(self)
    }
}
