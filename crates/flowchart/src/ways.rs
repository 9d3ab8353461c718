//! Edges by position: which rows they join, and on which side and in which lane they run.

use crate::{END, Graph};
use std::collections::HashMap;

/// An edge whose ends exist. Rows count steps from 0; the row after the last step is the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub from: usize,
    pub to: usize,
    pub label: String,
    pub side: Side,
    /// 0 is nearest the boxes. Always 0 on the main line.
    pub lane: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Straight down to the next row.
    Main,
    /// Back, or to itself.
    Left,
    /// Forward past other rows, or a second way to the next one.
    Right,
}

impl Way {
    pub fn is_return(&self) -> bool {
        self.to <= self.from
    }

    /// First and last stretch of a side this way occupies. Each row has three, from the top: ports of ways
    /// from above, ports of loops, ports of ways from below. Ways that touch at a row therefore may share a
    /// lane, ways that pass one another may not.
    fn stretch(&self) -> (usize, usize) {
        if self.from == self.to {
            return (3 * self.from + 1, 3 * self.from + 1);
        }
        (3 * self.from.min(self.to) + 2, 3 * self.from.max(self.to))
    }
}

/// Position of each key; where a key stands twice, the first.
pub(crate) fn positions(graph: &Graph) -> HashMap<&str, usize> {
    let mut rows = HashMap::new();
    for (row, node) in graph.nodes.iter().enumerate() {
        rows.entry(node.key.as_str()).or_insert(row);
    }
    rows
}

/// Row an edge enters, if there is one.
pub(crate) fn target(graph: &Graph, rows: &HashMap<&str, usize>, to: &str) -> Option<usize> {
    rows.get(to).copied().or((to == END).then_some(graph.nodes.len()))
}

/// The edges that can be drawn, as (from, to, label), in the order given.
pub(crate) fn resolved(graph: &Graph) -> Vec<(usize, usize, &str)> {
    let rows = positions(graph);
    let one = |edge: &'_ crate::Edge| Some((*rows.get(edge.from.as_str())?, target(graph, &rows, &edge.to)?));
    graph
        .edges
        .iter()
        .filter_map(|edge| one(edge).map(|(from, to)| (from, to, edge.label.as_str())))
        .collect()
}

/// Rows after which the procedure is over without an edge saying so: steps with no way out, and the last step
/// when each of its ways out has a condition (不同意 → 2), since otherwise 同意 would lead nowhere.
pub(crate) fn implied_ends(graph: &Graph) -> Vec<usize> {
    let edges = resolved(graph);
    let last = graph.nodes.len().saturating_sub(1);
    (0..graph.nodes.len())
        .filter(|&row| {
            let mut out = edges.iter().filter(|(from, ..)| *from == row);
            if row == last {
                out.all(|(_, to, label)| !label.trim().is_empty() && *to <= row)
            } else {
                out.next().is_none()
            }
        })
        .collect()
}

/// Everything to draw: edges, then the implied ways to the end, each with its side and lane.
pub(crate) fn ways(graph: &Graph) -> Vec<Way> {
    let end = graph.nodes.len();
    let implied = implied_ends(graph).into_iter().map(|row| (row, end, ""));
    let mut straight = vec![false; end];
    let mut ways: Vec<Way> = resolved(graph)
        .into_iter()
        .chain(implied)
        .map(|(from, to, label)| {
            let side = if to <= from {
                Side::Left
            } else if to == from + 1 && !straight[from] {
                straight[from] = true;
                Side::Main
            } else {
                Side::Right
            };
            Way { from, to, label: crate::text::clean(label), side, lane: 0 }
        })
        .collect();
    assign(&mut ways, Side::Left);
    assign(&mut ways, Side::Right);
    ways
}

/// Short ways first, each in the nearest lane where nothing passes it.
fn assign(ways: &mut [Way], side: Side) {
    let mut order: Vec<usize> = (0..ways.len()).filter(|&w| ways[w].side == side).collect();
    order.sort_by_key(|&w| (ways[w].from.abs_diff(ways[w].to), w));
    let mut lanes: Vec<Vec<(usize, usize)>> = Vec::new();
    for way in order {
        let (low, high) = ways[way].stretch();
        let free = |taken: &Vec<(usize, usize)>| taken.iter().all(|&(l, h)| high < l || h < low);
        let lane = lanes.iter().position(free).unwrap_or(lanes.len());
        if lane == lanes.len() {
            lanes.push(Vec::new());
        }
        lanes[lane].push((low, high));
        ways[way].lane = lane;
    }
}

/// How many lanes a side uses.
pub(crate) fn lanes(ways: &[Way], side: Side) -> usize {
    ways.iter().filter(|w| w.side == side).map(|w| w.lane + 1).max().unwrap_or(0)
}
