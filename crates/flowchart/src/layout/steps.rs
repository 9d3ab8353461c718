//! The column of capsules and boxes, with the ports where ways meet them.

use super::{Columns, Line, Look, Rect, Step, metrics::Metrics};
use crate::text::{clean, width, wrap};
use crate::ways::{Side, Way};
use crate::{END, Graph, Node};
use std::collections::{BTreeSet, HashMap};

/// Which end of a way a port belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tip {
    Leaves,
    Enters,
}

/// Everything stacked from top to bottom.
pub(crate) struct Column {
    pub height: f64,
    pub start: Option<Rect>,
    pub end: Option<Rect>,
    pub steps: Vec<Step>,
    /// Height of each side port, by way.
    pub ports: HashMap<(usize, Tip), f64>,
    /// Labels beside the main line, by way.
    pub labels: HashMap<usize, Vec<Line>>,
}

pub(crate) fn stack(
    graph: &Graph,
    ways: &[Way],
    inside: &BTreeSet<usize>,
    m: &Metrics,
    c: &Columns,
) -> Column {
    let mut column = Column {
        height: 0.0,
        start: None,
        end: None,
        steps: Vec::new(),
        ports: HashMap::new(),
        labels: HashMap::new(),
    };
    let (middle, end) = (c.left + c.boxes / 2.0, graph.nodes.len());
    let capsule = |y, h| {
        let w = width("结束") * m.title + 3.0 * m.capsule / 2.0;
        Rect { x: middle - w / 2.0, y, w, h }
    };
    let start = capsule(m.margin, m.capsule);
    let mut y = start.bottom() + if end == 0 { m.rest } else { m.gap };
    column.start = Some(start);
    for (row, node) in graph.nodes.iter().enumerate() {
        let ports = Ports::of(ways, row, m);
        let exits: Vec<String> =
            inside.iter().filter(|&&w| ways[w].from == row).map(|&w| exit(&ways[w], end)).collect();
        let out = ways.iter().filter(|w| w.from == row).count();
        let mut step = fill(node, row, &exits, m, Rect { x: c.left, y, w: c.boxes, h: ports.height(m) });
        step.decision = out > 1;
        ports.settle(step.rect, &mut column.ports);
        y = step.rect.bottom();
        column.steps.push(step);
        y += match ways.iter().position(|w| w.side == Side::Main && w.from == row) {
            None => m.rest,
            Some(way) => {
                let lines = wrap(&ways[way].label, (c.boxes / 2.0 - 14.0) / m.label);
                let high = lines.len() as f64 * m.label * m.leading;
                let gap = m.gap.max(high + 16.0);
                let top = y + (gap - high) / 2.0 - if out > 1 { -1.0 } else { 2.0 };
                let line = |(n, text)| Line {
                    x: middle + 12.0,
                    y: top + (n as f64 * m.leading + m.leading / 2.0 + 0.35) * m.label,
                    size: m.label,
                    look: Look::Label,
                    text,
                };
                column.labels.insert(way, lines.into_iter().enumerate().map(line).collect());
                gap
            }
        };
    }
    if end == 0 || ways.iter().any(|w| w.to == end) {
        let ports = Ports::of(ways, end, m);
        let rect = capsule(y, m.capsule.max(ports.height(m)));
        ports.settle(rect, &mut column.ports);
        column.end = Some(rect);
        y = rect.bottom();
    } else {
        y -= m.rest;
    }
    column.height = (y + m.margin).ceil();
    column
}

/// A label inside the box it leaves.
fn exit(way: &Way, end: usize) -> String {
    match way.to {
        to if to == end => format!("{}：{END}", way.label),
        to if to == way.from => format!("{}：重做第{}步", way.label, to + 1),
        to if way.is_return() => format!("{}：退回第{}步", way.label, to + 1),
        to => format!("{}：转第{}步", way.label, to + 1),
    }
}

/// Puts the text into a box at least as high as `rect`, which grows to hold it.
fn fill(node: &Node, row: usize, exits: &[String], m: &Metrics, mut rect: Rect) -> Step {
    let left = rect.x + m.pad + m.number;
    let room = rect.right() - m.pad - left;
    let title = clean(&node.title);
    let title = if title.is_empty() { "（未命名）" } else { &title };
    // The height is known only after the text is set, so it is set from 0 and moved down after.
    let mut text = Text { left, y: 0.0, leading: m.leading, lines: Vec::new() };
    text.add(Look::Title, m.title, wrap(title, room / (m.title * 1.03)));
    let small: Vec<String> = node.lines.iter().flat_map(|line| wrap(&clean(line), room / m.small)).collect();
    if !small.is_empty() {
        text.y += 2.0;
        text.add(Look::Small, m.small, small);
    }
    let mut risk = node.risk.map(|level| {
        text.y += 3.0;
        let mark = (level, left, text.y + m.small * m.leading / 2.0, m.small * 0.9);
        text.left += m.small * 1.25;
        text.add(Look::Small, m.small, vec![format!("{}风险", level.word())]);
        text.left = left;
        mark
    });
    let mut rule = None;
    if !exits.is_empty() {
        text.y += 6.0;
        rule = Some(Rect { x: left, y: text.y, w: room, h: 0.0 });
        text.y += 5.0;
        for exit in exits {
            text.add(Look::Label, m.label, wrap(exit, room / m.label));
            text.y += 3.0;
        }
    }

    rect.h = rect.h.max(text.y + 2.0 * m.pad).ceil();
    let top = rect.y + (rect.h - text.y) / 2.0;
    text.lines.iter_mut().for_each(|line| line.y += top);
    risk.iter_mut().for_each(|(_, _, middle, _)| *middle += top);
    rule.iter_mut().for_each(|rule| rule.y += top);
    Step {
        rect,
        decision: false,
        number: row + 1,
        disc: (rect.x + m.pad + m.number / 2.0 - 4.0, top + m.title * m.leading / 2.0, m.title * 0.76),
        lines: text.lines,
        risk,
        rule,
        href: node.href.clone().filter(|href| local(href)),
    }
}

/// Text being set from top to bottom.
struct Text {
    left: f64,
    y: f64,
    leading: f64,
    lines: Vec<Line>,
}

impl Text {
    fn add(&mut self, look: Look, size: f64, texts: Vec<String>) {
        for text in texts {
            let y = self.y + size * (self.leading / 2.0 + 0.35);
            self.lines.push(Line { x: self.left, y, size, look, text });
            self.y += size * self.leading;
        }
    }
}

/// Whether a link stays on this site. `//host`, `/\host` and `javascript:` do not; browsers drop tabs and line
/// breaks inside an address, so any of those refuses it.
fn local(href: &str) -> bool {
    let plain = !href
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || c == '\\' || c == '\u{FFFE}' || c == '\u{FFFF}');
    plain && (href.starts_with(['#', '?']) || href.starts_with('/') && !href.starts_with("//"))
}

/// The ports of one row, each side from top to bottom, as distances from the first.
struct Ports {
    sides: [Vec<((usize, Tip), f64)>; 2],
}

impl Ports {
    /// From above: inner lanes first; to below: outer lanes first. So ways that meet at one box never cross
    /// near it. Loops stand between the two, nested.
    fn of(ways: &[Way], row: usize, m: &Metrics) -> Self {
        let side = |side: Side| {
            let here = |w: &usize| ways[*w].side == side && (ways[*w].from == row || ways[*w].to == row);
            let mut touching: Vec<usize> = (0..ways.len()).filter(here).collect();
            touching.sort_by_key(|&w| ways[w].lane);
            let other = |w: usize| ways[w].from + ways[w].to - row;
            let tip = |w: usize| if ways[w].from == row { Tip::Leaves } else { Tip::Enters };
            let above = touching.iter().filter(|&&w| other(w) < row).map(|&w| (w, tip(w)));
            let below = touching.iter().rev().filter(|&&w| other(w) > row).map(|&w| (w, tip(w)));
            let loops: Vec<usize> = touching.iter().copied().filter(|&w| other(w) == row).collect();
            let entering = loops.iter().rev().map(|&w| (w, Tip::Enters));
            let leaving = loops.iter().map(|&w| (w, Tip::Leaves));
            let mut at = 0.0;
            let mut ports: Vec<((usize, Tip), f64)> = Vec::new();
            for port in above.chain(entering).chain(leaving).chain(below) {
                if let Some(((last, _), _)) = ports.last() {
                    // Between the two ports of the innermost loop there is room for its label.
                    let label = if *last == port.0 {
                        width(&ways[*last].label).min(6.0) * m.label + 2.0 * m.turn + 16.0
                    } else {
                        0.0
                    };
                    at += m.port.max(label);
                }
                ports.push((port, at));
            }
            ports
        };
        Self { sides: [side(Side::Left), side(Side::Right)] }
    }

    /// Least height of a box with these ports.
    fn height(&self, m: &Metrics) -> f64 {
        let span = |side: &Vec<(_, f64)>| side.last().map_or(0.0, |(_, at)| at + 2.0 * m.inset);
        span(&self.sides[0]).max(span(&self.sides[1]))
    }

    /// Ports in the middle of the box's sides.
    fn settle(&self, rect: Rect, ports: &mut HashMap<(usize, Tip), f64>) {
        for side in &self.sides {
            let span = side.last().map_or(0.0, |(_, at)| *at);
            let top = rect.y + (rect.h - span) / 2.0;
            ports.extend(side.iter().map(|&(port, at)| (port, top + at)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn only_places_on_this_site_are_linked() {
        for href in ["#step-3", "/powers/7#step-3", "?step=3"] {
            assert!(local(href), "{href}");
        }
        for href in
            ["javascript:alert(1)", "//evil.example", "/\\evil.example", "/\t/evil.example", "https://x", ""]
        {
            assert!(!local(href), "{href}");
        }
    }
}
