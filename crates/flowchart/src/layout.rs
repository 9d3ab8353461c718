//! Where everything stands. Pure arithmetic; `draw` turns it into SVG, the tests check it as geometry.

mod metrics;
mod routes;
mod steps;
#[cfg(test)]
mod tests;

use crate::ways::{Side, Way, lanes, ways};
use crate::{Graph, Options, RiskLevel};
use metrics::Metrics;
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

impl Rect {
    pub fn right(&self) -> f64 {
        self.x + self.w
    }
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }
    pub fn mid(&self) -> f64 {
        self.x + self.w / 2.0
    }
}

/// One line of text. `y` is the baseline, or the middle of a vertical text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub x: f64,
    pub y: f64,
    pub size: f64,
    pub look: Look,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// From `x` rightwards, heavy.
    Title,
    /// From `x` rightwards, small.
    Small,
    /// A label beside the main line or in a box.
    Label,
    /// A label in a lane, written downwards.
    Down,
}

/// A step's box with its text.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub rect: Rect,
    /// More than one way out: cut corners and a diamond underneath.
    pub decision: bool,
    pub number: usize,
    /// Middle and radius of the disc that holds the number.
    pub disc: (f64, f64, f64),
    pub lines: Vec<Line>,
    /// Level, left edge and middle of its mark, size of its mark.
    pub risk: Option<(RiskLevel, f64, f64, f64)>,
    /// Line between the step's own text and its labelled ways out.
    pub rule: Option<Rect>,
    pub href: Option<String>,
}

/// A way, from its source to the point of its arrow.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub from: usize,
    pub to: usize,
    pub points: Vec<(f64, f64)>,
    pub is_return: bool,
    pub lines: Vec<Line>,
    /// Stretch of the lane left open for a label.
    pub open: Option<(f64, f64)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub width: f64,
    pub height: f64,
    pub metrics: Metrics,
    pub start: Option<Rect>,
    pub end: Option<Rect>,
    pub steps: Vec<Step>,
    pub routes: Vec<Route>,
}

/// Columns: the boxes in the middle, a stack of lanes on either side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns {
    pub width: f64,
    pub left: f64,
    pub boxes: f64,
    pub left_spacing: f64,
    pub right_spacing: f64,
}

impl Columns {
    fn of(m: &Metrics, ways: &[Way], options: &Options) -> Self {
        let side = |side| {
            let count = lanes(ways, side);
            let spacing = m.spacing(count);
            let room = if count == 0 {
                m.margin
            } else {
                m.stub + spacing * (count - 1) as f64 + (m.label / 2.0).min(spacing) + m.margin
            };
            (spacing, room)
        };
        let (left_spacing, left) = side(Side::Left);
        let (right_spacing, right) = side(Side::Right);
        let wanted = f64::from(options.width.clamp(280, 1200));
        let boxes = (wanted - left - right).clamp(m.min_box, m.max_box);
        let width = wanted.max(left + boxes + right).ceil();
        Self { width, left: left + (width - left - boxes - right) / 2.0, boxes, left_spacing, right_spacing }
    }

    /// Middle of a lane.
    fn lane(&self, m: &Metrics, way: &Way) -> f64 {
        match way.side {
            Side::Main => self.left + self.boxes / 2.0,
            Side::Left => self.left - m.stub - self.left_spacing * way.lane as f64,
            Side::Right => self.left + self.boxes + m.stub + self.right_spacing * way.lane as f64,
        }
    }
}

/// Lays the graph out. Labels stand in their lanes; one that is too long, or finds no place clear of other
/// ways, moves into the box it leaves, which makes the box higher, so the rest is placed again.
pub(crate) fn arrange(graph: &Graph, options: &Options) -> Layout {
    let m = Metrics::of(options);
    let ways = ways(graph);
    let columns = Columns::of(&m, &ways, options);
    let mut inside: BTreeSet<usize> =
        (0..ways.len()).filter(|&way| !routes::may_stand_in_lane(&m, &columns, &ways[way])).collect();
    loop {
        let column = steps::stack(graph, &ways, &inside, &m, &columns);
        let (routes, homeless) = routes::draw(&ways, &inside, &m, &columns, &column);
        if homeless.is_empty() {
            return Layout {
                width: columns.width,
                height: column.height,
                metrics: m,
                start: column.start,
                end: column.end,
                steps: column.steps,
                routes,
            };
        }
        inside.extend(homeless);
    }
}
