//! One clue on one page: what is to be looked into, where it stands, what may follow, and everything that happened.

use super::{
    Deed, Disposal, Refusal, State, failed,
    list::{left, name, source},
    store::{self, Opened},
};
use crate::{
    calendar,
    cases::routing,
    clock::{date_text, time_text},
    office::summary,
    web::{App, Asked, Id, PageError, Viewer},
};
use axum::{
    extract::State as Axum,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Action as Button, Event, Heading, Html as Markup, Notice, NoticeKind, Section, SummaryList, Tag,
    Timeline, When,
    form::{self, Choice, Errors, Field},
};
use serde::Deserialize;

/// A deed as typed.
#[derive(Clone, Default, Deserialize)]
pub struct Input {
    #[serde(default)]
    pub disposal: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub decision: String,
    #[serde(default)]
    pub seen: String,
}

/// GET /office/clues/{id}
pub async fn page(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    asked: Asked,
) -> Result<Response, PageError> {
    let done = match asked.text("done") {
        "find" => Some("已登记。请在期限内提出处置意见。"),
        "propose" => Some("处置意见已提交，由另一位审批领导审批。"),
        "approve" => Some("已同意，这条线索已处置。"),
        "return" => Some("已退回，请重新提出处置意见。"),
        "reopen" => Some("已重新启动，期限重新计算。"),
        _ => None,
    };
    let notice = done.map(|words| Notice::new(NoticeKind::Success, words));
    show(&app, &viewer, id, notice, &Input::default(), &Errors::new()).await
}

/// The page of a clue, with what was typed when that was wrong.
pub(super) async fn show(
    app: &App,
    viewer: &Viewer,
    id: i64,
    notice: Option<Notice>,
    typed: &Input,
    errors: &Errors,
) -> Result<Response, PageError> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let opened = store::open(&tx, &app.vault, viewer.actor()?, id, now).await.map_err(failed)?;
    // That they were shown it is on record before it is shown.
    tx.commit().await?;
    let names = routing::store::names(app.db.read()).await?;
    let calendar = calendar::store::calendar(app.db.read()).await?;
    let mut heading = Heading::new(name(id)).kicker(opened.line.source.page());
    heading = heading.tag(Tag::neutral(opened.clue.state.page()));
    if let Some(disposal) = opened.clue.state.disposal() {
        heading = heading.tag(Tag::neutral(disposal.page()));
    }
    let unproven = "问题线索是等待核查的情况，不说明任何人有问题。没有查实以前，只有能看到这一页的人知道它。";
    let mut facts = SummaryList::new().row("来源", source(&opened.line));
    facts = facts.row("登记日期", date_text(opened.line.found_at));
    if let Some(organ) = opened.organ_id.and_then(|id| names.organs.get(&id)) {
        facts = facts.row("处置组织", organ.as_str());
    }
    facts = facts.row("处置期限", left(&opened.line, &calendar, now));
    let told: Markup = [
        Markup::from(concerns(app, &opened).await?),
        Markup::paragraphs(&opened.content.title),
        Markup::paragraphs(&opened.content.facts),
    ]
    .into_iter()
    .collect();
    let mut parts: Vec<Markup> = vec![summary(errors)];
    parts.extend(notice.map(Markup::from));
    parts.push(heading.into());
    parts.push(Notice::new(NoticeKind::Info, unproven).into());
    parts.push(facts.into());
    parts.push(next(viewer, &opened, typed, errors)?.into());
    parts.push(Section::new("需要核查的情况", told).into());
    parts.push(Section::new("处置经过", history(&opened, &names)).into());
    let mut shell = viewer.office(app, &name(id)).await?;
    shell.breadcrumbs = vec![("问题线索".into(), Some("/office/clues".into())), (name(id), None)];
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let body: Markup = parts.into_iter().collect();
    Ok((status, Html(daylight_ui::page(&shell, body.as_str()))).into_response())
}

/// Whom a clue without a case concerns.
async fn concerns(app: &App, opened: &Opened) -> Result<SummaryList, PageError> {
    let c = app.db.read();
    let mut list = SummaryList::new();
    if let Some(id) = opened.content.cadre_id
        && let Some(name) = store::cadre_name(c, id).await?
    {
        list = list.row("涉及的人", name);
    }
    if let Some(id) = opened.content.unit_id
        && let Some(unit) = crate::units::store::get(c, id).await?
    {
        list = list.row("涉及的单位", unit.name);
    }
    Ok(list)
}

/// Whose turn it is, and what this person may do.
fn next(viewer: &Viewer, opened: &Opened, typed: &Input, errors: &Errors) -> Result<Section, PageError> {
    let actor = viewer.actor()?;
    let may = |deed| opened.may(actor, deed);
    let mut body: Vec<Markup> = Vec::new();
    match opened.clue.state {
        State::Open => {
            body.push(Markup::paragraphs("等承办人或审批领导提出处置意见。"));
            if may(Deed::Propose { disposal: Disposal::Talk }).is_ok() {
                body.push(propose(opened, typed, errors).into());
            }
        }
        State::Proposed(disposal) => {
            let words = format!("提出的处置意见是“{}”，等另一位审批领导审批。", disposal.page());
            body.push(Markup::paragraphs(&words));
            match may(Deed::Approve) {
                Ok(()) => body.push(decide(opened, typed, errors).into()),
                Err(Refusal::OwnWork) => body.push(Markup::paragraphs(&Refusal::OwnWork.to_string())),
                Err(_) => {}
            }
        }
        State::Disposed(Disposal::Hold) => {
            body.push(Markup::paragraphs("已暂存待查。条件具备时，由审批领导重新启动。"));
            if may(Deed::Reopen).is_ok() {
                body.push(reopen(opened, typed, errors).into());
            }
        }
        State::Disposed(disposal) => {
            body.push(Markup::paragraphs(&format!("已处置：{}。", disposal.page())));
        }
    }
    Ok(Section::new("现在办什么", body.into_iter().collect::<Markup>()))
}

fn post(opened: &Opened, deed: &str, verb: &str) -> form::Form {
    form::Form::post(format!("/office/clues/{}/{deed}", opened.line.id), verb)
        .hidden("seen", opened.clue.last.to_string())
}

fn reason(label: &str, hint: &str, typed: &Input, errors: &Errors) -> Field {
    Field::textarea("reason", label, 4)
        .hint(hint)
        .value(&typed.reason)
        .maxlength(super::clue::REASON_MOST)
        .check(errors)
}

fn propose(opened: &Opened, typed: &Input, errors: &Errors) -> form::Form {
    let ways = Disposal::ALL.map(|one| Choice::new(one.code(), one.page()).hint(one.hint()));
    post(opened, "propose", "提交处置意见")
        .field(Field::radios("disposal", "处置方式", ways).value(&typed.disposal).check(errors))
        .field(reason("理由", "至少10个字。写根据什么这样处置，不写没有查实的结论。", typed, errors))
}

fn decide(opened: &Opened, typed: &Input, errors: &Errors) -> form::Form {
    let mut form = post(opened, "decide", "同意")
        .field(reason("审批意见", "同意的可以不写；退回的写明理由，至少10个字。", typed, errors).optional());
    form.buttons.items[0] = Button::submit("同意").sends("decision", "approve");
    form.action(Button::submit("退回").second().sends("decision", "return"))
}

fn reopen(opened: &Opened, typed: &Input, errors: &Errors) -> form::Form {
    post(opened, "reopen", "重新启动").field(reason("为什么重新启动", "至少10个字。", typed, errors))
}

fn history(opened: &Opened, names: &routing::Names) -> Markup {
    let event = |entry: &store::Entry| {
        let event = &entry.event;
        let who = names.accounts.get(&event.account_id).map_or("已停用的账号", String::as_str);
        let organ = names.organs.get(&event.organ_id).map_or("", String::as_str);
        let why = if entry.reason.is_empty() { String::new() } else { format!("理由：{}", entry.reason) };
        Event {
            when: When::Done,
            date: time_text(event.at),
            title: format!("{}：{who}（{organ}{}）", event.deed.page(), event.role.page()),
            body: Markup::paragraphs(&why),
        }
    };
    Timeline::new(opened.entries.iter().map(event)).into()
}
