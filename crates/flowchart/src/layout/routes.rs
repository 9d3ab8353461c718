//! Lines from port to port, and places for the labels in the lanes.

use super::steps::{Column, Tip};
use super::{Columns, Line, Look, Rect, Route, metrics::Metrics};
use crate::text::width;
use crate::ways::{Side, Way};
use std::collections::BTreeSet;

/// Whether a label can stand in its lane at all: short, and the lanes far enough apart.
pub(crate) fn may_stand_in_lane(m: &Metrics, c: &Columns, way: &Way) -> bool {
    let spacing = match way.side {
        Side::Main => return true,
        Side::Left => c.left_spacing,
        Side::Right => c.right_spacing,
    };
    way.label.is_empty() || (width(&way.label) <= 6.0 && spacing >= m.label + 4.0)
}

/// The routes, and the ways whose labels found no place.
pub(crate) fn draw(
    ways: &[Way],
    inside: &BTreeSet<usize>,
    m: &Metrics,
    c: &Columns,
    column: &Column,
) -> (Vec<Route>, Vec<usize>) {
    let mut homeless = Vec::new();
    let mut routes = Vec::with_capacity(ways.len());
    for (index, way) in ways.iter().enumerate() {
        let mut route = Route {
            from: way.from,
            to: way.to,
            points: points(index, way, m, c, column),
            is_return: way.is_return(),
            lines: column.labels.get(&index).cloned().unwrap_or_default(),
            open: None,
        };
        if way.side != Side::Main && !way.label.is_empty() && !inside.contains(&index) {
            let long = width(&way.label) * m.label;
            match slot(ways, index, &route.points, long + 6.0, m, column) {
                None => homeless.push(index),
                Some((top, bottom)) => {
                    route.open = Some((top, bottom));
                    route.lines.push(Line {
                        x: route.points[1].0,
                        y: (top + bottom) / 2.0,
                        size: m.label,
                        look: Look::Down,
                        text: way.label.clone(),
                    });
                }
            }
        }
        routes.push(route);
    }
    (routes, homeless)
}

/// The box or capsule of a row.
fn place(row: usize, column: &Column) -> Option<Rect> {
    column.steps.get(row).map(|step| step.rect).or(column.end)
}

fn points(index: usize, way: &Way, m: &Metrics, c: &Columns, column: &Column) -> Vec<(f64, f64)> {
    let (Some(from), Some(to)) = (place(way.from, column), place(way.to, column)) else {
        return Vec::new();
    };
    let lane = c.lane(m, way);
    if way.side == Side::Main {
        let drop = if column.steps[way.from].decision { m.arrow } else { 0.0 };
        return vec![(lane, from.bottom() + drop), (lane, to.y)];
    }
    let edge = |rect: Rect, y: f64, capsule: bool| {
        // The side of a capsule is round: meet it where it is at this height.
        let radius = (m.capsule / 2.0).min(rect.h / 2.0);
        let past = if capsule { (rect.y + radius - y).max(y - rect.bottom() + radius).max(0.0) } else { 0.0 };
        let back = radius - (radius * radius - past * past).max(0.0).sqrt();
        if way.side == Side::Left { rect.x + back } else { rect.right() - back }
    };
    let (y1, y2) = (column.ports[&(index, Tip::Leaves)], column.ports[&(index, Tip::Enters)]);
    let x2 = edge(to, y2, way.to == column.steps.len());
    vec![(edge(from, y1, false), y1), (lane, y1), (lane, y2), (x2, y2)]
}

/// A stretch of the lane, as near to the source as possible, that no way to an outer lane crosses.
fn slot(
    ways: &[Way],
    index: usize,
    points: &[(f64, f64)],
    long: f64,
    m: &Metrics,
    column: &Column,
) -> Option<(f64, f64)> {
    let way = &ways[index];
    let (leaves, enters) = (points[1].1, points[2].1);
    let (top, bottom) = (leaves.min(enters) + m.turn + 4.0, leaves.max(enters) - m.turn - 4.0);
    let crossings: Vec<f64> = ways
        .iter()
        .enumerate()
        .filter(|(_, other)| other.side == way.side && other.lane > way.lane)
        .flat_map(|(other, _)| [Tip::Leaves, Tip::Enters].map(|tip| column.ports[&(other, tip)]))
        .collect();
    let tries = ((bottom - top - long) / 2.0).floor();
    if tries < 0.0 {
        return None;
    }
    (0..=tries as usize)
        .map(|n| if enters < leaves { bottom - long - 2.0 * n as f64 } else { top + 2.0 * n as f64 })
        .find(|&y| crossings.iter().all(|&at| at < y - 2.0 || at > y + long + 2.0))
        .map(|y| (y, y + long))
}
