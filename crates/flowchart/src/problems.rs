//! What is wrong with a graph, said to the person who edits it.

use crate::{Graph, ways};
use std::collections::HashSet;
use std::fmt;

/// One thing to mend. `Display` says it in plain Chinese, with what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There are no steps.
    Empty,
    /// Two steps have this key.
    DuplicateKey(String),
    /// A way leads to a step that does not exist.
    UnknownTarget {
        /// Key of the step left.
        from: String,
        /// The key nobody has.
        to: String,
    },
    /// A way leaves a step that does not exist.
    UnknownSource {
        /// The key nobody has.
        from: String,
        /// Key of the step entered.
        to: String,
    },
    /// No way from the first step leads to the step with this key.
    Unreachable(String),
    /// From the first step the end is never reached.
    NoEnd,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "流程里还没有环节，请至少添加一个环节。"),
            Self::DuplicateKey(key) => write!(f, "不止一个环节的编号是“{key}”，请改成各不相同的编号。"),
            Self::UnknownTarget { from, to } => {
                write!(f, "环节“{from}”要转到“{to}”，但没有编号为“{to}”的环节，请改正去向或补上这个环节。")
            }
            Self::UnknownSource { from, to } => {
                write!(
                    f,
                    "有一条连线从“{from}”转到“{to}”，但没有编号为“{from}”的环节，请改正或删去这条连线。"
                )
            }
            Self::Unreachable(key) => write!(f, "从开始走不到环节“{key}”，请补上通向它的连线。"),
            Self::NoEnd => write!(f, "流程走不到结束：每个环节之后都还有下一步，请指明在哪个环节办结。"),
        }
    }
}

pub(crate) fn find(graph: &Graph) -> Vec<Problem> {
    if graph.nodes.is_empty() {
        return vec![Problem::Empty];
    }
    let rows = ways::positions(graph);
    let mut problems = Vec::new();
    let mut said = HashSet::new();
    for (row, node) in graph.nodes.iter().enumerate() {
        if rows[node.key.as_str()] != row && said.insert(&node.key) {
            problems.push(Problem::DuplicateKey(node.key.clone()));
        }
    }
    for edge in &graph.edges {
        let (from, to) = (edge.from.clone(), edge.to.clone());
        if !rows.contains_key(edge.from.as_str()) {
            problems.push(Problem::UnknownSource { from, to });
        } else if ways::target(graph, &rows, &edge.to).is_none() {
            problems.push(Problem::UnknownTarget { from, to });
        }
    }
    let reached = reached(graph);
    for (row, node) in graph.nodes.iter().enumerate() {
        // The second step of one key has its own problem already.
        if !reached[row] && rows[node.key.as_str()] == row {
            problems.push(Problem::Unreachable(node.key.clone()));
        }
    }
    if !reached[graph.nodes.len()] {
        problems.push(Problem::NoEnd);
    }
    problems
}

/// Rows that can be come to from the first; the last entry is the end.
fn reached(graph: &Graph) -> Vec<bool> {
    let end = graph.nodes.len();
    let mut next = vec![Vec::new(); end + 1];
    for (from, to, _) in ways::resolved(graph) {
        next[from].push(to);
    }
    for row in ways::implied_ends(graph) {
        next[row].push(end);
    }
    let mut reached = vec![false; end + 1];
    reached[0] = true;
    let mut open = vec![0];
    while let Some(row) = open.pop() {
        for &to in &next[row] {
            if !std::mem::replace(&mut reached[to], true) {
                open.push(to);
            }
        }
    }
    reached
}
