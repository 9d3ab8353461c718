//! 行权流程 on the page: numbered steps to read, the same as a drawing, and the risks that sit on no step.

use super::{Power, Risk, Step, level_tag};
use crate::reports::Object;
use askama::Template;
use daylight_flowchart::{Item, Options};
use daylight_ui::{self as ui, Drawing, Empty, Html, Section, Steps};

struct Way {
    text: String,
    back: bool,
}

#[derive(Template)]
#[template(path = "powers/templates/step.html")]
struct Body<'a> {
    step: &'a Step,
    complaint: Option<&'a str>,
    report: Option<String>,
    ways: Vec<Way>,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p>共 {{ steps }} 个环节，按顺序办理。{% if let Some(complaint) = complaint %}每个环节都可以投诉举报：{{ complaint }}。{% endif %}</p>"#
)]
struct Lead<'a> {
    steps: usize,
    complaint: Option<&'a str>,
}

/// The steps, first thing on a phone. Of a power that is public each step can be reported about.
pub fn steps(power: &Power, public: Option<i64>) -> askama::Result<Section> {
    if power.steps.is_empty() {
        let empty = Empty::new(Drawing::Board, "单位还没有填写办理流程")
            .text("按规定应当公开。您可以先向单位询问怎么办理。");
        return Ok(Section::new("怎么办：办理流程", empty).id("procedure"));
    }
    let graph = power.graph();
    let same = same_complaint(power);
    let mut items = Vec::new();
    for (step, item) in power.steps.iter().zip(graph.outline()) {
        items.push(one(power, step, &item, same, public)?);
    }
    let lead = Html::render(&Lead { steps: power.steps.len(), complaint: same.map(without_stop) })?;
    let body: Html = [lead, Steps::new(items).into()].into_iter().collect();
    Ok(Section::new("怎么办：办理流程", body).id("procedure"))
}

/// The way to complain, when it is the same at every step: said once.
fn same_complaint(power: &Power) -> Option<&str> {
    let first = power.steps.first()?.complaint.as_deref()?;
    power.steps.iter().all(|step| step.complaint.as_deref() == Some(first)).then_some(first)
}

fn without_stop(text: &str) -> &str {
    text.trim_end_matches(['。', '；', ';', '.'])
}

fn one(
    power: &Power,
    step: &Step,
    item: &Item<'_>,
    same: Option<&str>,
    public: Option<i64>,
) -> askama::Result<ui::Step> {
    let mut ways: Vec<_> =
        item.next.iter().map(|next| Way { text: next.to_string(), back: next.is_return }).collect();
    if item.ends && item.next.iter().all(|next| next.number.is_some()) {
        ways.push(Way { text: "办结".into(), back: false });
    }
    let complaint = if same.is_none() { step.complaint.as_deref() } else { None };
    let report = public.map(|id| Object::Step(id, step.number).entrance());
    let limit = step.limit.map_or("待补充".to_owned(), |limit| limit.to_string());
    let risk = |risk: &Risk| ui::Risk {
        mark: risk.level.map_or_else(|| "等级待补充".into(), |level| level_tag(level).into()),
        text: risk.name.clone(),
        measure: risk.measures.join("；"),
    };
    Ok(ui::Step {
        id: format!("step-{}", step.number),
        title: step.name.clone(),
        post: step.post.clone().unwrap_or_else(|| "承办岗位待补充".to_owned()),
        limit,
        body: Html::render(&Body { step, complaint, report, ways })?,
        risks: power.risks_on(step.number).map(risk).collect(),
    })
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="stamp">点图里的环节，可以跳到它的说明。{% if returns %}虚线表示退回。{% endif %}</p>{{ picture }}"#
)]
struct Picture {
    returns: bool,
    picture: Html,
}

/// The drawing; nothing when there is nothing to draw.
pub fn drawing(power: &Power, elder: bool) -> askama::Result<Html> {
    if power.steps.is_empty() {
        return Ok(Html::default());
    }
    let graph = power.graph();
    let options = Options { title: format!("{}流程图", power.name), elder, ..Options::new("flow") };
    let returns = graph.outline().iter().any(|item| item.is_return);
    let picture = Picture { returns, picture: Html::trusted(graph.svg(&options)) };
    Ok(Section::new("流程图", Html::render(&picture)?).into())
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<ul class="lines">
{%- for (mark, name, measures) in risks -%}
<li>{{ mark }} <b>{{ name }}</b>
{%- if !measures.is_empty() -%}
<p>防控措施：{{ measures }}</p>
{%- endif -%}
</li>
{%- endfor -%}
</ul>"#
)]
struct Risks {
    risks: Vec<(Html, String, String)>,
}

/// The risks that sit on no step of the procedure as it is.
pub fn general_risks(power: &Power) -> askama::Result<Html> {
    let on_a_step = |risk: &&Risk| power.steps.iter().any(|step| Some(step.number) == risk.step);
    let row = |risk: &Risk| {
        let mark = risk.level.map_or_else(|| Html::from("风险等级待补充"), |level| level_tag(level).into());
        (mark, risk.name.clone(), risk.measures.join("；"))
    };
    let risks: Vec<_> = power.risks.iter().filter(|risk| !on_a_step(risk)).map(row).collect();
    if risks.is_empty() {
        return Ok(Html::default());
    }
    Ok(Section::new("廉政风险和防控", Html::render(&Risks { risks })?).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sites_sheet_carries_the_rules_of_the_drawing() {
        let sheet = daylight_ui::assets::get("app.css").expect("the sheet is served");
        let sheet = String::from_utf8_lossy(sheet.bytes);
        for rule in daylight_flowchart::CSS.lines() {
            assert!(sheet.contains(rule), "assets/css/flow.css lacks: {rule}");
        }
    }

    #[test]
    fn a_risk_on_a_step_that_is_gone_is_not_lost() {
        let risk = |step| Risk { step, name: "超时办理".into(), ..Risk::default() };
        let step = Step { number: 1, name: "受理".into(), ..Step::default() };
        let power =
            Power { steps: vec![step], risks: vec![risk(Some(1)), risk(Some(9))], ..Power::default() };
        assert_eq!(general_risks(&power).unwrap().as_str().matches("超时办理").count(), 1);
        assert_eq!(steps(&power, None).unwrap().to_string().matches("超时办理").count(), 1);
    }
}
