//! The procedure in words.

use crate::{END, Graph, Node, ways};
use std::fmt;

/// One step of the numbered list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// Place in the order, from 1; the number in the picture too.
    pub number: usize,
    /// The step.
    pub node: &'a Node,
    /// The ways out, in the order the edges were given.
    pub next: Vec<Next<'a>>,
    /// Whether some way out leads back to an earlier step or to this one again.
    pub is_return: bool,
    /// Whether the procedure may be over after this step.
    pub ends: bool,
}

/// One way out of a step. `Display` says it as a clause: 不同意，退回第2步“受理”.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next<'a> {
    /// When this way is taken; may be empty.
    pub label: &'a str,
    /// Number of the step entered; `None` is the end of the procedure.
    pub number: Option<usize>,
    /// Title of the step entered, or 结束.
    pub title: &'a str,
    /// Whether it leads back to an earlier step or to the same one.
    pub is_return: bool,
    /// Whether it is the same step once more.
    pub again: bool,
}

impl fmt::Display for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.label.is_empty() {
            write!(f, "{}，", self.label)?;
        }
        match self.number {
            None => write!(f, "{END}"),
            Some(number) if self.again => write!(f, "重做第{number}步“{}”", self.title),
            Some(number) if self.is_return => write!(f, "退回第{number}步“{}”", self.title),
            Some(number) => write!(f, "进入第{number}步“{}”", self.title),
        }
    }
}

pub(crate) fn outline(graph: &Graph) -> Vec<Item<'_>> {
    let edges = ways::resolved(graph);
    let ends = ways::implied_ends(graph);
    let next = |row: usize| -> Vec<Next<'_>> {
        edges
            .iter()
            .filter(|(from, ..)| *from == row)
            .map(|&(from, to, label)| Next {
                label: label.trim(),
                number: (to < graph.nodes.len()).then_some(to + 1),
                title: graph.nodes.get(to).map_or(END, |node| node.title.as_str()),
                is_return: to <= from,
                again: to == from,
            })
            .collect()
    };
    let item = |(row, node)| {
        let next = next(row);
        Item {
            number: row + 1,
            node,
            is_return: next.iter().any(|next| next.is_return),
            ends: ends.contains(&row) || next.iter().any(|next| next.number.is_none()),
            next,
        }
    };
    graph.nodes.iter().enumerate().map(item).collect()
}
