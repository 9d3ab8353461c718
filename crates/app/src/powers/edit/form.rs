//! How the power editor looks.

use super::rows::{BasisRow, RiskRow, Rows, StepRow};
use crate::{
    office::bounded,
    powers::{Kind, Level, Power, StageType, step_number},
    revisions::{Content, gaps},
};
use askama::Template;
use daylight_flowchart::Options;
use daylight_ui::{
    Html as Markup,
    form::{Choice, Errors, Field, Width},
};

#[derive(Template)]
#[template(path = "powers/templates/edit.html")]
struct Page<'a> {
    action: &'a str,
    basics: Vec<Field>,
    disclosure: Field,
    withheld: Vec<Field>,
    steps: Vec<StepCard>,
    bases: Vec<BasisCard>,
    risks: Vec<RiskCard>,
    gaps: Vec<String>,
    drawing: Markup,
}

/// A step with its controls.
struct StepCard {
    legend: String,
    /// Where the browser goes after a button of this row.
    insert: String,
    remove: String,
    here: String,
    next_row: String,
    short: Vec<Field>,
    long: Vec<Field>,
}

struct BasisCard {
    legend: String,
    remove: String,
    here: String,
    fields: Vec<Field>,
}

struct RiskCard {
    legend: String,
    remove: String,
    here: String,
    fields: Vec<Field>,
}

/// The form for these rows. `content` is what can be read of them.
pub(super) fn render(
    rows: &Rows,
    content: &Content,
    action: &str,
    elder: bool,
    errors: &Errors,
) -> askama::Result<Markup> {
    let Content::Power(power) = content else { return Ok(Markup::default()) };
    Markup::render(&Page {
        action,
        basics: basics(rows, errors),
        disclosure: disclosure(rows, errors),
        withheld: withheld(rows, errors),
        steps: rows.steps.iter().enumerate().map(|(at, row)| step(action, at, row, errors)).collect(),
        risks: rows.risks.iter().enumerate().map(|(at, row)| risk(action, at, row, errors)).collect(),
        bases: rows.bases.iter().enumerate().map(|(at, row)| basis(action, at, row, errors)).collect(),
        gaps: gaps(content),
        drawing: drawing(rows, power, elder),
    })
}

/// The drawing of what can be read; each box leads to its row.
fn drawing(rows: &Rows, power: &Power, elder: bool) -> Markup {
    if power.steps.is_empty() {
        return Markup::default();
    }
    let mut graph = power.graph();
    for (node, step) in graph.nodes.iter_mut().zip(&power.steps) {
        let row = rows.steps.iter().position(|row| step_number(&row.number) == Some(step.number));
        node.href = row.map(|row| format!("#f-step-{row}-name"));
    }
    let title = format!("{}流程图", power.name);
    Markup::trusted(graph.svg(&Options { title, elder, ..Options::new("draft-flow") }))
}

fn basics(rows: &Rows, errors: &Errors) -> Vec<Field> {
    let kinds = Kind::ALL.map(|kind| Choice::new(kind.code(), kind.page()));
    let stages = StageType::ALL.map(|stage| Choice::new(stage.code(), stage.page()));
    let fields = [
        Field::text("name", "权力名称"),
        Field::select("kind", "权力类别", kinds).optional(),
        Field::select("stage_type", "权力类型", stages).optional(),
        Field::text("matter", "事项分类").hint("例如：行政许可、财务管理。").optional(),
        Field::text("exerciser", "行权主体").hint("谁来办。"),
        Field::text("supervisor", "监督主体").hint("谁来监督。"),
        Field::text("accountable", "追责主体").hint("出了问题追究谁。"),
    ];
    fields.into_iter().map(|field| rows.fields.fill(field, errors)).collect()
}

fn disclosure(rows: &Rows, errors: &Errors) -> Field {
    let choices = [
        Choice::new("yes", "公开").hint("公开是原则。"),
        Choice::new("no", "不公开").hint("必须填写下面三项；公众会看到本单位有几项不公开。"),
    ];
    rows.fields.fill(Field::radios("open", "是否公开", choices), errors)
}

fn withheld(rows: &Rows, errors: &Errors) -> Vec<Field> {
    let fields = [
        Field::text("ground", "不公开的理由").hint("写明法律条款。"),
        Field::text("approver", "批准人").hint("姓名和职务。"),
        Field::text("review_on", "复核日期").hint("例如 2027年6月30日。").width(Width::Medium),
    ];
    fields.into_iter().map(|field| rows.fields.fill(field, errors).unmarked()).collect()
}

fn step(action: &str, at: usize, row: &StepRow, errors: &Errors) -> StepCard {
    let field = |part: &str, label: &str| bounded(Field::text(format!("step-{at}-{part}"), label).unmarked());
    let area =
        |part: &str, label: &str| bounded(Field::textarea(format!("step-{at}-{part}"), label, 2).unmarked());
    let title = if row.name.is_empty() { "新环节" } else { row.name.as_str() };
    StepCard {
        legend: format!("{} {title}", row.number).trim().to_owned(),
        insert: format!("insert-step-{at}"),
        remove: format!("remove-step-{at}"),
        here: format!("{action}#f-step-{}-number", at.saturating_sub(1)),
        next_row: format!("{action}#f-step-{}-number", at + 1),
        short: vec![
            field("number", "序号").value(&row.number).check(errors),
            field("name", "环节名称").value(&row.name).check(errors),
            field("post", "承办岗位").value(&row.post).check(errors),
            field("limit", "办理时限").value(&row.limit).check(errors),
            field("next", "下一环节").value(&row.next).check(errors),
        ],
        long: vec![
            area("duties", "职责要求").value(&row.duties).check(errors),
            area("control", "监督制约").value(&row.control).check(errors),
            area("complaint", "投诉举报途径").value(&row.complaint).check(errors),
        ],
    }
}

fn basis(action: &str, at: usize, row: &BasisRow, errors: &Errors) -> BasisCard {
    let field = |part: &str, label: &str, value: &str| {
        bounded(Field::text(format!("basis-{at}-{part}"), label)).unmarked().value(value).check(errors)
    };
    BasisCard {
        legend: format!("依据 {}", at + 1),
        remove: format!("remove-basis-{at}"),
        here: format!("{action}#f-basis-{}-title", at.saturating_sub(1)),
        fields: vec![
            field("title", "法律法规或文件名称", &row.title).hint("例如：社会救助暂行办法"),
            field("article", "条款", &row.article).hint("例如：第十一条"),
            field("in_force_from", "施行日期", &row.in_force_from),
            field("in_force_to", "失效日期", &row.in_force_to).hint("现行有效就留空"),
            field("replaced_by", "由哪份文件代替", &row.replaced_by),
        ],
    }
}

fn risk(action: &str, at: usize, row: &RiskRow, errors: &Errors) -> RiskCard {
    let levels = Level::ALL.map(|level| Choice::new(level.code(), level.page()));
    let name = |part: &str| format!("risk-{at}-{part}");
    RiskCard {
        legend: format!("风险 {}", at + 1),
        remove: format!("remove-risk-{at}"),
        here: format!("{action}#f-risk-{}-name", at.saturating_sub(1)),
        fields: vec![
            bounded(Field::text(name("step"), "在第几步")).unmarked().value(&row.step).check(errors),
            bounded(Field::text(name("name"), "可能出什么问题")).unmarked().value(&row.name).check(errors),
            Field::select(name("level"), "风险等级", levels).unmarked().value(&row.level).check(errors),
            bounded(Field::textarea(name("measures"), "防控措施（一行一条）", 2))
                .unmarked()
                .value(&row.measures)
                .check(errors),
        ],
    }
}

/// What a field is called when something is wrong with it.
pub(super) fn label(field: &str) -> String {
    const PLAIN: [(&str, &str); 8] = [
        ("name", "权力名称"),
        ("matter", "事项分类"),
        ("exerciser", "行权主体"),
        ("supervisor", "监督主体"),
        ("accountable", "追责主体"),
        ("ground", "不公开的理由"),
        ("approver", "批准人"),
        ("review_on", "复核日期"),
    ];
    const PARTS: [(&str, &str); 14] = [
        ("number", "序号"),
        ("name", "名称"),
        ("post", "承办岗位"),
        ("limit", "办理时限"),
        ("next", "下一环节"),
        ("duties", "职责要求"),
        ("control", "监督制约"),
        ("complaint", "投诉举报途径"),
        ("measures", "防控措施"),
        ("title", "文件名称"),
        ("article", "条款"),
        ("in_force_from", "施行日期"),
        ("in_force_to", "失效日期"),
        ("replaced_by", "代替它的文件"),
    ];
    let find = |words: &[(&'static str, &'static str)], name: &str| {
        words.iter().find(|(known, _)| *known == name).map(|(_, word)| *word)
    };
    let mut parts = field.splitn(3, '-');
    let list = match parts.next() {
        Some("step") => Some("环节"),
        Some("risk") => Some("风险"),
        Some("basis") => Some("依据"),
        _ => None,
    };
    let row = parts.next().and_then(|row| row.parse::<usize>().ok());
    match (list, row, parts.next().and_then(|part| find(&PARTS, part))) {
        (Some(list), Some(row), Some(part)) => format!("第{}行{list} {part}", row + 1),
        _ => find(&PLAIN, field).unwrap_or(field).to_owned(),
    }
}
