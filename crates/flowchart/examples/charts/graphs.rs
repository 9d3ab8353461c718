//! Four invented procedures: documentation, fixture, and what we look at as pictures.

use daylight_flowchart::{END, Edge, Graph, Node, RiskLevel};

/// Name and graph of each example.
pub fn all() -> [(&'static str, Graph); 4] {
    [("three", three()), ("nine", nine()), ("branchy", branchy()), ("forty", forty())]
}

fn node(number: usize, title: &str, lines: &[&str], risk: Option<RiskLevel>) -> Node {
    Node {
        key: number.to_string(),
        title: title.into(),
        lines: lines.iter().map(|&line| line.into()).collect(),
        risk,
        href: Some(format!("#step-{number}")),
    }
}

fn edges(list: &[(&str, &str, &str)]) -> Vec<Edge> {
    list.iter()
        .map(|&(from, to, label)| Edge { from: from.into(), to: to.into(), label: label.into() })
        .collect()
}

/// A straight line of three steps.
pub fn three() -> Graph {
    Graph {
        nodes: vec![
            node(1, "受理申请", &["窗口经办岗", "当场办结"], Some(RiskLevel::Low)),
            node(2, "审核材料", &["业务审核岗", "3个工作日"], Some(RiskLevel::Medium)),
            node(3, "决定并送达", &["分管负责人", "2个工作日"], None),
        ],
        edges: edges(&[("1", "2", ""), ("2", "3", "")]),
    }
}

/// Nine steps with two returns, a supplement loop and a skip.
pub fn nine() -> Graph {
    let titles: [(&str, &[&str], Option<RiskLevel>); 9] = [
        ("村民提出低保申请", &["户主本人或代办员"], None),
        ("乡镇受理并初审", &["民政办经办人", "5个工作日"], Some(RiskLevel::Low)),
        ("入户调查与邻里访问", &["驻村干部、村民代表（两人以上）", "10个工作日"], Some(RiskLevel::Elevated)),
        ("民主评议", &["村民代表会议"], Some(RiskLevel::Medium)),
        ("乡镇审核公示", &["乡镇分管领导", "公示7日"], Some(RiskLevel::Medium)),
        ("公示异议核查", &["派出纪工委参加", "10个工作日"], None),
        ("县级民政部门审批", &["县民政局社会救助岗", "20个工作日"], Some(RiskLevel::High)),
        ("公布名单", &["长期公示"], None),
        ("发放保障金并归档", &["县财政局国库支付岗", "每月10日前"], Some(RiskLevel::Low)),
    ];
    Graph {
        nodes: titles
            .iter()
            .enumerate()
            .map(|(n, (title, lines, risk))| node(n + 1, title, lines, *risk))
            .collect(),
        edges: edges(&[
            ("1", "2", ""),
            ("2", "3", "材料齐全"),
            ("2", "1", "需补正"),
            ("3", "4", ""),
            ("4", "5", "通过"),
            ("4", "3", "不通过"),
            ("5", "6", "有异议"),
            ("5", "7", "无异议"),
            ("6", "7", "异议不成立"),
            ("6", "3", "异议成立"),
            ("7", "8", "同意"),
            ("7", "2", "不同意"),
            ("8", "9", ""),
        ]),
    }
}

/// Many ways out, a loop, a long label, early ends.
pub fn branchy() -> Graph {
    let titles = [
        "收到项目采购需求",
        "判断采购方式",
        "公开招标",
        "竞争性磋商",
        "单一来源公示",
        "组织评审",
        "确定供应商并公告",
        "处理质疑",
        "签订合同",
        "履约验收",
    ];
    let risks = [
        None,
        Some(RiskLevel::High),
        Some(RiskLevel::Medium),
        None,
        Some(RiskLevel::Elevated),
        Some(RiskLevel::High),
        None,
        Some(RiskLevel::Medium),
        None,
        Some(RiskLevel::Low),
    ];
    Graph {
        nodes: titles
            .iter()
            .zip(risks)
            .enumerate()
            .map(|(n, (title, risk))| node(n + 1, title, &["采购管理岗"], risk))
            .collect(),
        edges: edges(&[
            ("1", "2", ""),
            ("1", END, "撤回"),
            ("2", "3", "200万元以上"),
            ("2", "4", "50万至200万元"),
            ("2", "5", "唯一供应商"),
            ("2", "1", "需求不完整，须由需求科室补充论证材料"),
            ("3", "6", ""),
            ("4", "6", ""),
            ("5", "6", "无异议"),
            ("5", "2", "有异议"),
            ("6", "7", "通过"),
            ("6", "6", "复议"),
            ("6", "2", "流标"),
            ("7", "8", "收到质疑"),
            ("7", "9", "无质疑"),
            ("8", "9", "不成立"),
            ("8", "6", "成立"),
            ("9", "10", ""),
            ("10", "9", "整改"),
        ]),
    }
}

/// Forty steps; each fifth may return, each seventh may skip.
pub fn forty() -> Graph {
    let stages = ["提出", "初审", "复核", "会商", "公示", "决定", "执行", "验收"];
    let risks = [
        None,
        Some(RiskLevel::Low),
        Some(RiskLevel::Medium),
        Some(RiskLevel::Elevated),
        None,
        Some(RiskLevel::High),
    ];
    let mut graph = Graph::default();
    for n in 1..=40 {
        let title = format!("第{}阶段{}", (n - 1) / 8 + 1, stages[(n - 1) % 8]);
        graph.nodes.push(node(n, &title, &["经办岗位", "5个工作日"], risks[n % 6]));
        if n < 40 {
            graph.edges.extend(edges(&[(&n.to_string(), &(n + 1).to_string(), "")]));
        }
        if n % 5 == 0 {
            graph.edges.extend(edges(&[(&n.to_string(), &(n - 3).to_string(), "不同意")]));
        }
        if n % 7 == 0 && n + 3 <= 40 {
            graph.edges.extend(edges(&[(&n.to_string(), &(n + 3).to_string(), "简易程序")]));
        }
    }
    graph.edges.extend(edges(&[("38", "2", "推翻重来"), ("4", END, "终止")]));
    graph
}
