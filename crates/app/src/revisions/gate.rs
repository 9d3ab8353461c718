//! What may not leave the office: personal data in public text (capability N8), and parts that
//! contradict each other. Asked when a draft is saved, again when it is submitted, again when it is
//! published: imported text never went through the form.

use super::Content;
use crate::powers::{Disclosure, Power};
use daylight_flowchart::Problem;
use daylight_ids::{
    Phone,
    find::{Kind, personal_data, redact},
};

/// Something that must be mended before a draft goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// Name of the field in the editor.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Obstacle {
    fn new(field: impl Into<String>, message: impl Into<String>) -> Obstacle {
        Obstacle { field: field.into(), message: message.into() }
    }
}

/// Says in words what personal data a text seems to hold; none when it holds none.
pub fn personal(label: &str, text: &str) -> Option<String> {
    let found = personal_data(text);
    let first = found.first()?;
    let word = match first.kind {
        Kind::CitizenId => "身份证号",
        Kind::Mobile => "手机号",
        Kind::BankCard => "银行卡号",
    };
    let masked = redact(&text[first.start..first.end]);
    Some(format!("“{label}”里有疑似{word}（{masked}）：公布后人人可见，请删去或打码"))
}

/// Everything that keeps a content from being submitted or published, besides missing parts.
pub fn obstacles(content: &Content) -> Vec<Obstacle> {
    let texts = match content {
        // A unit's telephone is public by its purpose.
        Content::Unit(unit) => vec![
            ("name".to_owned(), "单位名称".to_owned(), unit.name.clone()),
            ("duties".into(), "主要职责".into(), unit.duties.clone().unwrap_or_default()),
            ("address".into(), "办公地址".into(), unit.address.clone().unwrap_or_default()),
            ("office_hours".into(), "办公时间".into(), unit.office_hours.clone().unwrap_or_default()),
        ],
        Content::Power(power) => power_texts(power),
        Content::Cadre(cadre) => {
            let mut texts = vec![("name".to_owned(), "姓名".to_owned(), cadre.name.clone())];
            for (at, held) in cadre.appointments.iter().enumerate() {
                let place = format!("第{}项任职", at + 1);
                texts.push((format!("post-{at}-post"), format!("{place} 职务"), held.post.clone()));
                let duties = held.duties.clone().unwrap_or_default();
                texts.push((format!("post-{at}-duties"), format!("{place} 分管工作"), duties));
            }
            let ground = cadre.withheld.clone().unwrap_or_default();
            texts.push(("ground".to_owned(), "撤下的理由".to_owned(), ground));
            texts
        }
    };
    let personal = texts
        .into_iter()
        .filter_map(|(field, label, text)| Some(Obstacle::new(field, personal(&label, &text)?)));
    let mut found: Vec<_> = personal.collect();
    if let Content::Power(power) = content {
        found.extend(withheld(power));
        found.extend(procedure(power));
    }
    found
}

fn power_texts(power: &Power) -> Vec<(String, String, String)> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let bases: Vec<_> = power.bases.iter().map(|basis| basis.line()).collect();
    let mut texts = vec![
        ("name".to_owned(), "权力名称".to_owned(), power.name.clone()),
        ("matter".into(), "事项分类".into(), text(&power.matter)),
        ("basis-0-title".into(), "行权依据".into(), bases.join("\n")),
        ("exerciser".into(), "行权主体".into(), text(&power.exerciser)),
        ("supervisor".into(), "监督主体".into(), text(&power.supervisor)),
        ("accountable".into(), "追责主体".into(), text(&power.accountable)),
    ];
    if let Some(Disclosure::Withheld { ground, approver, .. }) = &power.disclosure {
        texts.push(("ground".into(), "不公开的理由".into(), text(ground)));
        texts.push(("approver".into(), "批准人".into(), text(approver)));
    }
    for (at, step) in power.steps.iter().enumerate() {
        let whens: Vec<_> = step.next.iter().map(|next| next.when.as_str()).collect();
        for (part, label, value) in [
            ("name", "环节名称", step.name.clone()),
            ("post", "承办岗位", text(&step.post)),
            ("duties", "职责要求", text(&step.duties)),
            ("control", "监督制约", text(&step.control)),
            ("next", "下一环节", whens.join("；")),
            ("complaint", "投诉举报途径", text(&step.complaint)),
        ] {
            texts.push((format!("step-{at}-{part}"), format!("第{}步 {label}", step.number), value));
        }
    }
    for (at, risk) in power.risks.iter().enumerate() {
        let label = format!("第{}条风险", at + 1);
        texts.push((format!("risk-{at}-name"), label.clone(), risk.name.clone()));
        texts.push((format!("risk-{at}-measures"), format!("{label}的防控措施"), risk.measures.join("\n")));
    }
    texts
}

/// Keeping a power back needs a ground, an approver and a date of review (capability A24).
fn withheld(power: &Power) -> Vec<Obstacle> {
    let Some(Disclosure::Withheld { ground, approver, review_on }) = &power.disclosure else {
        return Vec::new();
    };
    let parts = [
        (ground, "ground", "不公开必须写明理由（依据的法律条款）"),
        (approver, "approver", "不公开必须写明批准人"),
        (review_on, "review_on", "不公开必须定下复核日期"),
    ];
    let missing = parts.into_iter().filter(|(part, ..)| part.is_none());
    missing.map(|(_, field, message)| Obstacle::new(field, message)).collect()
}

/// Ways to nowhere and doubled numbers would be left out of the drawing. The softer problems (a step
/// that is never reached) are shown, and left to people.
fn procedure(power: &Power) -> Vec<Obstacle> {
    let row = |key: &str| power.steps.iter().position(|step| step.number.to_string() == key).unwrap_or(0);
    let obstacle = |problem: &Problem| match problem {
        Problem::UnknownTarget { from, .. } => {
            Some(Obstacle::new(format!("step-{}-next", row(from)), problem.to_string()))
        }
        Problem::DuplicateKey(key) => {
            Some(Obstacle::new(format!("step-{}-number", row(key)), problem.to_string()))
        }
        _ => None,
    };
    if power.steps.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<_> = power.graph().problems().iter().filter_map(obstacle).collect();
    for (at, risk) in power.risks.iter().enumerate() {
        let known = risk.step.is_none_or(|step| power.steps.iter().any(|known| known.number == step));
        if !known {
            let message = format!("第{}条风险所在的环节不存在，请改正环节序号", at + 1);
            found.push(Obstacle::new(format!("risk-{at}-step"), message));
        }
    }
    found
}

/// What does not stop anybody but should be looked at.
pub fn warnings(content: &Content) -> Vec<String> {
    match content {
        Content::Unit(unit) => {
            let phone = unit.phone.as_deref().and_then(|phone| Phone::parse(phone).ok());
            let mobile = phone.is_some_and(|phone| phone.is_mobile());
            let word = "联系电话是手机号，公布后人人可见：请确认这是单位的公用电话，而不是某个人的。";
            if mobile { vec![word.to_owned()] } else { Vec::new() }
        }
        Content::Power(power) if !power.steps.is_empty() => {
            let soft = |problem: &&Problem| matches!(problem, Problem::Unreachable(_) | Problem::NoEnd);
            power.graph().problems().iter().filter(soft).map(ToString::to_string).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cadres::{Appointment, Cadre},
        powers::{Next, Step},
        units::Unit,
    };

    fn step(number: u32, next: &[u32]) -> Step {
        let next = next.iter().map(|to| Next { to: *to, when: String::new() }).collect();
        Step { number, name: format!("环节{number}"), next, ..Step::default() }
    }

    fn fields(content: &Content) -> Vec<String> {
        obstacles(content).into_iter().map(|obstacle| obstacle.field).collect()
    }

    #[test]
    fn personal_data_is_found_in_every_text_and_named_without_being_repeated() {
        let held = Appointment { duties: Some("联系13949631669".into()), ..Appointment::default() };
        let cadre =
            Content::Cadre(Cadre { name: "林知远".into(), appointments: vec![held], ..Cadre::default() });
        let found = obstacles(&cadre);
        assert_eq!(fields(&cadre), ["post-0-duties"]);
        assert!(found[0].message.contains("手机号") && !found[0].message.contains("13949631669"));
        let mut power = Power { steps: vec![step(1, &[])], ..Power::default() };
        power.steps[0].complaint = Some("身份证999901196911183259".into());
        assert_eq!(fields(&Content::Power(Box::new(power))), ["step-0-complaint"]);
    }

    #[test]
    fn a_units_own_telephone_is_public_and_a_mobile_only_warned_of() {
        let mobile = Content::Unit(Unit { phone: Some("13949631669".into()), ..Unit::default() });
        assert_eq!(obstacles(&mobile), []);
        assert_eq!(warnings(&mobile).len(), 1);
        let desk = Content::Unit(Unit { phone: Some("0899-2075186".into()), ..Unit::default() });
        assert_eq!(warnings(&desk), Vec::<String>::new());
    }

    #[test]
    fn keeping_back_needs_ground_approver_and_date() {
        let withheld =
            Disclosure::Withheld { ground: None, approver: Some("县长".into()), review_on: None };
        let power = Power { disclosure: Some(withheld), ..Power::default() };
        assert_eq!(fields(&Content::Power(Box::new(power))), ["ground", "review_on"]);
    }

    #[test]
    fn a_way_to_nowhere_stops_and_an_unreachable_step_only_warns() {
        let nowhere = Power { steps: vec![step(1, &[2]), step(2, &[9])], ..Power::default() };
        assert_eq!(fields(&Content::Power(Box::new(nowhere))), ["step-1-next"]);
        let unreachable = Power { steps: vec![step(1, &[]), step(2, &[])], ..Power::default() };
        let unreachable = Content::Power(Box::new(unreachable));
        assert_eq!(obstacles(&unreachable), []);
        assert_eq!(warnings(&unreachable).len(), 1);
    }
}
