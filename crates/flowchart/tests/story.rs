//! What pages rely on: the words, the list, and markup that is safe whatever was typed.

use daylight_flowchart::{END, Edge, Graph, Node, Options, Problem, RiskLevel};
use proptest::prelude::*;

fn graph(keys: &[&str], edges: &[(&str, &str, &str)]) -> Graph {
    Graph {
        nodes: keys
            .iter()
            .map(|key| Node { key: (*key).into(), title: format!("环节{key}"), ..Node::default() })
            .collect(),
        edges: edges
            .iter()
            .map(|&(from, to, label)| Edge { from: from.into(), to: to.into(), label: label.into() })
            .collect(),
    }
}

/// A tiny reader of XML: tags nest, attributes are quoted and stand once, entities are known, characters are
/// allowed. Returns (tag, attributes) of each element.
fn elements(xml: &str) -> Vec<(String, Vec<(String, String)>)> {
    let entities = |text: &str| {
        for part in text.split('&').skip(1) {
            let entity = part.split(';').next().unwrap();
            assert!(["amp", "lt", "gt", "quot", "#39"].contains(&entity), "&{entity}");
        }
        assert!(!text.contains(|c: char| c.is_control() || c == '\u{FFFE}' || c == '\u{FFFF}' || c == '>'));
    };
    let (mut open, mut found, mut rest) = (Vec::new(), Vec::new(), xml);
    while let Some(start) = rest.find('<') {
        entities(&rest[..start]);
        assert!(start == 0 || !open.is_empty(), "text outside the root");
        let end = start + rest[start..].find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, mut list) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut attributes: Vec<(String, String)> = Vec::new();
        while let Some((key, value)) = list.trim_start().split_once("=\"") {
            let (value, after) = value.split_once('"').expect("a value ends");
            assert!(key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{key}");
            assert!(attributes.iter().all(|(k, _)| k != key), "{key} twice");
            entities(value);
            attributes.push((key.into(), value.into()));
            list = after;
        }
        assert_eq!(list.trim(), "", "in <{tag}>");
        if !closed {
            open.push(name.to_owned());
        }
        found.push((name.to_owned(), attributes));
    }
    assert!(open.is_empty() && rest.is_empty());
    found
}

#[test]
fn the_list_tells_where_a_refusal_leads() {
    let graph = graph(
        &["1", "2", "3"],
        &[("1", "2", ""), ("2", "3", "同意"), ("2", "1", "不同意"), ("3", "3", "重审")],
    );
    let list = graph.outline();
    let said: Vec<Vec<String>> =
        list.iter().map(|item| item.next.iter().map(ToString::to_string).collect()).collect();
    assert_eq!(said[0], ["进入第2步“环节2”"]);
    assert_eq!(said[1], ["同意，进入第3步“环节3”", "不同意，退回第1步“环节1”"]);
    assert_eq!(said[2], ["重审，重做第3步“环节3”"]);
    assert_eq!(list.iter().map(|item| item.is_return).collect::<Vec<_>>(), [false, true, true]);
    assert_eq!(list.iter().map(|item| item.ends).collect::<Vec<_>>(), [false, false, true]);
    assert!(graph.svg(&Options::default()).contains("有2处退回：第2步不同意，退回第1步“环节1”；第3步重审"));
}

#[test]
fn an_office_is_told_what_to_mend() {
    assert_eq!(Graph::default().problems(), [Problem::Empty]);
    let broken = graph(
        &["1", "2", "2", "4"],
        &[("1", "2", ""), ("2", "1", ""), ("2", "9", ""), ("8", "1", ""), ("4", "1", "")],
    );
    assert_eq!(
        broken.problems(),
        [
            Problem::DuplicateKey("2".into()),
            Problem::UnknownTarget { from: "2".into(), to: "9".into() },
            Problem::UnknownSource { from: "8".into(), to: "1".into() },
            Problem::Unreachable("4".into()),
            Problem::NoEnd,
        ]
    );
    for problem in broken.problems().iter().chain(&[Problem::Empty]) {
        assert!(
            problem.to_string().ends_with('。') && problem.to_string().contains('请')
                || *problem == Problem::NoEnd
        );
    }
}

#[test]
fn a_step_may_end_the_procedure_or_go_on() {
    let graph = graph(&["1", "2"], &[("1", END, "不予受理"), ("1", "2", "受理"), ("2", "1", "退回")]);
    assert_eq!(graph.problems(), []);
    assert_eq!(graph.outline()[0].next[0].to_string(), "不予受理，结束");
    assert!(graph.outline().iter().all(|item| item.ends));
}

#[test]
fn an_unending_procedure_shows_no_end() {
    let graph = graph(&["1", "2"], &[("1", "2", ""), ("2", "1", "")]);
    assert_eq!(graph.problems(), [Problem::NoEnd]);
    assert!(!graph.svg(&Options::default()).contains("结束"));
}

#[test]
fn a_hostile_title_stays_text() {
    let title = "</text><script>alert(\"1\")</script>&\u{0}\u{202E}'";
    let mut graph = graph(&["1"], &[("1", "1", title)]);
    graph.nodes[0].title = title.into();
    graph.nodes[0].lines = vec![title.into()];
    graph.nodes[0].href = Some("#\"><script>".into());
    let options = Options { id_prefix: "a\"<b".into(), title: title.into(), ..Options::default() };
    let names: Vec<String> = elements(&graph.svg(&options)).into_iter().map(|(name, _)| name).collect();
    assert!(names.iter().all(|name| {
        ["svg", "title", "desc", "g", "a", "path", "rect", "circle", "text"].contains(&name.as_str())
    }));
}

#[test]
fn a_link_leads_only_to_this_site() {
    let mut graph = graph(&["1", "2"], &[("1", "2", "")]);
    graph.nodes[0].href = Some("#step-1".into());
    graph.nodes[1].href = Some("javascript:alert(1)".into());
    let svg = graph.svg(&Options::default());
    assert!(svg.contains("href=\"#step-1\"") && !svg.contains("javascript"));
    assert!(svg.contains("role=\"group\""), "an image may hold nothing that takes focus");
    graph.nodes[0].href = None;
    assert!(graph.svg(&Options::default()).contains("role=\"img\""));
}

#[test]
fn the_picture_has_a_name_under_its_own_ids() {
    let svg =
        graph(&["1"], &[]).svg(&Options { title: "低保审批流程".into(), ..Options::new("power-7") });
    assert!(svg.contains("aria-labelledby=\"power-7-title\" aria-describedby=\"power-7-desc\""));
    assert!(svg.contains(
        "<title id=\"power-7-title\">低保审批流程</title><desc id=\"power-7-desc\">自上而下共1个环节。</desc>"
    ));
}

#[test]
fn each_risk_has_its_own_shape_and_word() {
    let mut shapes = std::collections::BTreeSet::new();
    for level in [RiskLevel::Low, RiskLevel::Medium, RiskLevel::Elevated, RiskLevel::High] {
        let mut graph = graph(&["1"], &[]);
        graph.nodes[0].risk = Some(level);
        let svg = graph.svg(&Options::default());
        assert!(svg.contains(&format!("{}风险", level.word())));
        let mark = svg.split("class=\"flow-risk\"").nth(1).unwrap().split("</g>").next().unwrap();
        shapes.insert(
            mark.split('<').map(|t| t.split(' ').next().unwrap()).collect::<String>()
                + &mark.matches(['L', 'H', 'V']).count().to_string(),
        );
    }
    assert_eq!(shapes.len(), 4, "{shapes:?}");
}

proptest! {
    #[test]
    fn whatever_is_typed_is_well_formed_and_the_same_twice(
        titles in prop::collection::vec(".{0,20}", 0..6),
        edges in prop::collection::vec((0..7_usize, 0..7_usize, ".{0,12}"), 0..12),
        prefix in ".{0,8}", name in ".{0,20}", href in prop::option::of("[#/?]?.{0,12}"), elder: bool,
    ) {
        let graph = Graph {
            nodes: titles.into_iter().enumerate().map(|(n, title)| Node {
                key: n.to_string(), lines: vec![title.clone()], title, risk: Some(RiskLevel::High), href: href.clone(),
            }).collect(),
            edges: edges.into_iter().map(|(from, to, label)| Edge { from: from.to_string(), to: to.to_string(), label }).collect(),
        };
        let options = Options { id_prefix: prefix, title: name, elder, ..Options::default() };
        let svg = graph.svg(&options);
        let found = elements(&svg);
        let ids: Vec<&str> = found.iter().flat_map(|(_, a)| a).filter(|(k, _)| k == "id").map(|(_, v)| v.as_str()).collect();
        prop_assert_eq!(ids.len(), 2);
        for (name, attributes) in &found {
            prop_assert!(name != "script" && name != "style");
            prop_assert!(attributes.iter().all(|(k, _)| k != "style" && !k.starts_with("on")));
        }
        prop_assert_eq!(svg, graph.clone().svg(&options));
        let _ = (graph.problems(), graph.outline());
    }
}
