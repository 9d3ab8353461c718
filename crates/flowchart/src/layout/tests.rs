//! The picture as geometry: what a reader would see as a mess must not happen, whatever the graph.

use super::*;
use crate::{END, Edge, Node, text};
use proptest::prelude::*;

#[path = "../../examples/charts/graphs.rs"]
mod graphs;

type Segment = ((f64, f64), (f64, f64));

fn hits(a: Rect, b: Rect) -> bool {
    a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}

/// A segment as a very thin rectangle.
fn thin((a, b): Segment) -> Rect {
    let (x, y) = (a.0.min(b.0), a.1.min(b.1));
    Rect { x, y, w: (a.0 - b.0).abs().max(0.01), h: (a.1 - b.1).abs().max(0.01) }
}

fn shrunk(r: Rect, by: f64) -> Rect {
    Rect { x: r.x + by, y: r.y + by, w: r.w - 2.0 * by, h: r.h - 2.0 * by }
}

fn segments(route: &Route) -> Vec<Segment> {
    route.points.windows(2).map(|p| (p[0], p[1])).collect()
}

/// Where a text stands.
fn extent(line: &Line) -> Rect {
    let wide = text::width(&line.text) * line.size;
    match line.look {
        Look::Down => Rect { x: line.x - line.size / 2.0, y: line.y - wide / 2.0, w: line.size, h: wide },
        _ => Rect { x: line.x, y: line.y - line.size * 0.85, w: wide, h: line.size },
    }
}

fn solids(layout: &Layout) -> Vec<Rect> {
    layout.start.into_iter().chain(layout.steps.iter().map(|step| step.rect)).chain(layout.end).collect()
}

fn inside(outer: Rect, inner: Rect) -> bool {
    inner.x >= outer.x
        && inner.y >= outer.y
        && inner.right() <= outer.right()
        && inner.bottom() <= outer.bottom()
}

fn check_boxes(layout: &Layout) {
    let page = Rect { x: 0.0, y: 0.0, w: layout.width, h: layout.height };
    let solids = solids(layout);
    for (n, a) in solids.iter().enumerate() {
        assert!(inside(page, *a), "box {n} leaves the page");
        assert!(solids[n + 1..].iter().all(|b| !hits(*a, *b)), "box {n} lies on another");
    }
    for step in &layout.steps {
        for line in &step.lines {
            assert!(inside(step.rect, extent(line)), "{line:?} leaves its box {:?}", step.rect);
        }
    }
}

fn check_routes(layout: &Layout) {
    let (page, solids) = (Rect { x: 0.0, y: 0.0, w: layout.width, h: layout.height }, solids(layout));
    for (n, route) in layout.routes.iter().enumerate() {
        assert!(route.points.len() == 2 || route.points.len() == 4, "{route:?}");
        for a in segments(route) {
            assert!(inside(page, thin(a)), "way {n} leaves the page");
            // A capsule's corners are round, so a way may enter its rectangle there; a box is never entered.
            assert!(
                solids.iter().enumerate().all(|(row, r)| (row == solids.len() - 1 && layout.end.is_some())
                    || !hits(shrunk(*r, 0.1), thin(a))),
                "way {n} runs over a box"
            );
            for other in &layout.routes[n + 1..] {
                for b in segments(other) {
                    let upright = |s: Segment| s.0.0 == s.1.0;
                    let near = upright(a) == upright(b) && hits(shrunk(thin(a), -1.5), shrunk(thin(b), -1.5));
                    assert!(!near, "way {n} lies on another: {route:?} {other:?}");
                }
            }
        }
        if route.points.len() == 4 {
            let (from, y) = (layout.steps[route.from].rect, route.points[0].1);
            let corner = layout.metrics.corner;
            assert!(y >= from.y + corner && y <= from.bottom() - corner, "way {n} leaves at a corner");
            let long = (route.points[1].1 - route.points[2].1).abs();
            assert!(long >= 2.0 * layout.metrics.turn, "way {n} has no room for its turns");
        }
    }
}

fn check_labels(layout: &Layout) {
    let (page, solids) = (Rect { x: 0.0, y: 0.0, w: layout.width, h: layout.height }, solids(layout));
    let labels: Vec<(usize, &Line)> = layout
        .routes
        .iter()
        .enumerate()
        .flat_map(|(n, route)| route.lines.iter().map(move |line| (n, line)))
        .collect();
    for (n, (way, line)) in labels.iter().enumerate() {
        let place = extent(line);
        assert!(inside(page, place), "{line:?} leaves the page");
        assert!(solids.iter().all(|solid| !hits(*solid, place)), "{line:?} lies on a box");
        assert!(
            labels[n + 1..].iter().all(|(_, other)| !hits(extent(other), place)),
            "{line:?} lies on a label"
        );
        for (other, route) in layout.routes.iter().enumerate() {
            for (s, segment) in segments(route).into_iter().enumerate() {
                // Its own lane is left open where the label stands.
                let own = other == *way && s == 1 && route.open.is_some();
                assert!(own || !hits(thin(segment), place), "{line:?} is crossed by way {other}");
            }
        }
        if let Some((top, bottom)) = layout.routes[*way].open {
            assert!(top < place.y && place.bottom() < bottom);
        }
    }
}

/// Ways on one side that meet at a box, both from above or both from below, do not cross near it.
fn check_ports(layout: &Layout) {
    let four = |r: &&Route| r.points.len() == 4 && r.from != r.to;
    let left = |r: &Route| r.points[1].0 < r.points[0].0;
    for a in layout.routes.iter().filter(four) {
        for b in layout.routes.iter().filter(four).filter(|b| left(a) == left(b)) {
            for row in [a.from, a.to].into_iter().filter(|row| [b.from, b.to].contains(row)) {
                let other = |r: &Route| (r.from + r.to - row) < row;
                let port = |r: &Route| r.points[if r.from == row { 0 } else { 3 }].1;
                let out = |r: &Route| (r.points[1].0 - r.points[0].0).abs();
                if other(a) == other(b) && out(a) + 1.0 < out(b) {
                    assert_eq!(port(a) < port(b), other(a), "{a:?} {b:?} cross at row {row}");
                }
            }
        }
    }
}

/// All of it, and that each way is there once.
fn check(graph: &Graph, options: &Options) {
    let layout = arrange(graph, options);
    check_boxes(&layout);
    check_routes(&layout);
    check_labels(&layout);
    check_ports(&layout);
    let mut drawn: Vec<(usize, usize)> = layout.routes.iter().map(|r| (r.from, r.to)).collect();
    let ends = crate::ways::implied_ends(graph).into_iter().map(|row| (row, graph.nodes.len()));
    let mut wanted: Vec<(usize, usize)> =
        crate::ways::resolved(graph).into_iter().map(|(from, to, _)| (from, to)).chain(ends).collect();
    drawn.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(drawn, wanted);
    let svg = graph.svg(options);
    for (from, to) in wanted {
        assert!(svg.contains(&format!("data-way=\"{}-{}\"", from + 1, to + 1)));
    }
    let plain: String = svg.chars().filter(|c| !c.is_whitespace()).collect();
    for (_, _, label) in crate::ways::resolved(graph) {
        // Short labels stand on one line, in the lane or in the box.
        if text::width(label) <= 3.0 {
            let label: String =
                text::escape(&text::clean(label)).chars().filter(|c| !c.is_whitespace()).collect();
            assert!(plain.contains(&label), "label {label} is lost");
        }
    }
}

fn any_graph(nodes: usize, edges: usize) -> impl Strategy<Value = Graph> {
    let words = "[一-龥]{0,24}|[A-Za-z0-9 ，（）]{0,30}";
    let risk = prop::option::of(prop::sample::select(vec![
        RiskLevel::Low,
        RiskLevel::Medium,
        RiskLevel::Elevated,
        RiskLevel::High,
    ]));
    let node = (words, prop::collection::vec(words, 0..3), risk);
    let label = "|不同意|同意|[一-龥]{1,12}|[A-Za-z ]{1,20}";
    (
        prop::collection::vec(node, 0..nodes),
        prop::collection::vec((0..nodes + 1, 0..nodes + 1, label), 0..edges),
    )
        .prop_map(|(nodes, edges)| Graph {
            edges: edges
                .into_iter()
                .map(|(from, to, label)| {
                    let to = if to == nodes.len() { END.into() } else { to.to_string() };
                    Edge { from: from.to_string(), to, label }
                })
                .collect(),
            nodes: nodes
                .into_iter()
                .enumerate()
                .map(|(n, (title, lines, risk))| Node { key: n.to_string(), title, lines, risk, href: None })
                .collect(),
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_graph_makes_a_mess(graph in any_graph(12, 30), elder: bool, width in 280..700u32) {
        check(&graph, &Options { elder, width, ..Options::default() });
    }
}

#[test]
fn the_examples_are_clean() {
    for (name, graph) in graphs::all() {
        for elder in [false, true] {
            check(&graph, &Options { elder, ..Options::new(name) });
        }
        assert_eq!(graph.problems(), [], "{name}");
    }
}

#[test]
fn ordinary_charts_keep_the_width_of_a_phone() {
    for graph in [graphs::three(), graphs::nine(), graphs::forty()] {
        assert_eq!(arrange(&graph, &Options::default()).width, 328.0);
    }
}

/// 100 steps and 300 ways from a fixed sequence, with loops and ways in all directions.
#[test]
fn a_hundred_steps_and_three_hundred_ways_are_clean() {
    let mut seed = 7_u64;
    let mut any = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let nodes =
        (0..100).map(|n| Node { key: n.to_string(), title: format!("环节{n}"), ..Node::default() }).collect();
    let edges = (0..300)
        .map(|n| Edge {
            from: any(100).to_string(),
            to: any(100).to_string(),
            label: if n % 3 == 0 { "不同意".into() } else { String::new() },
        })
        .collect();
    check(&Graph { nodes, edges }, &Options::default());
}

#[test]
fn a_graph_where_everything_leads_everywhere_is_clean() {
    let nodes =
        (0..6).map(|n| Node { key: n.to_string(), title: "环节".into(), ..Node::default() }).collect();
    let all = (0..6).flat_map(|from| (0..6).map(move |to| (from, to)));
    let edges = all
        .map(|(from, to)| Edge { from: from.to_string(), to: to.to_string(), label: "否".into() })
        .collect();
    check(&Graph { nodes, edges }, &Options::default());
}
