//! One request, for a leader: the reason, the number of the case, and a decision.

use super::store::{self, Decision, Shown};
use crate::{
    clock::{Millis, time_text},
    web::{App, Form, Id, PageError, Viewer, redirect},
};
use axum::{
    extract::State as Axum,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Action as Button, Heading, Html as Markup, Notice, NoticeKind, Section, SummaryList, form,
};
use serde::Deserialize;

/// What is decided.
#[derive(Deserialize, Default)]
pub struct Input {
    #[serde(default)]
    decision: String,
}

/// GET /office/openings/{id}
pub async fn page(Axum(app): Axum<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let now = app.clock.now();
    // Found among what this person sees: a request that is closed to them takes as long as one that is not there.
    let visible = store::for_leader(app.db.read(), &app.vault, viewer.actor()?, now).await?;
    let shown = visible.into_iter().find(|one| one.opening.id == id).ok_or(PageError::NotFound)?;
    let hours = store::hours(app.db.read()).await?;
    let mut parts: Vec<Markup> = vec![
        Heading::new(format!("查看办理件第{}号的反映人身份", shown.opening.case_id))
            .lead("理由会原样告诉反映人。您看不到反映的内容。")
            .into(),
        facts(&shown, now).into(),
    ];
    parts.extend(deeds(&shown, hours));
    let mut shell = viewer.office(&app, "查看身份审批").await?;
    crate::office::under(&mut shell, "/office/openings");
    shell.breadcrumbs = vec![("查看身份审批".into(), Some("/office/openings".into())), ("申请".into(), None)];
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())).into_response())
}

fn facts(shown: &Shown, now: Millis) -> SummaryList {
    let opening = &shown.opening;
    let mut list = SummaryList::new()
        .row("申请组织", shown.organ.as_str())
        .row("申请人", shown.asker.as_str())
        .row("申请时间", time_text(opening.asked_at))
        .row("理由", shown.reason.as_str())
        .row("状态", opening.state(now).page());
    if let (Some((name, organ)), Some(at)) = (&shown.second, opening.decided_at) {
        list = list.row("审批", format!("{organ} {name}，{}", time_text(at)));
    }
    if let Some(until) = opening.until {
        list = list.row("有效期到", time_text(until));
    }
    for at in &opening.looks {
        list = list.row("看过", time_text(*at));
    }
    list
}

fn deeds(shown: &Shown, hours: i64) -> Option<Markup> {
    let id = shown.opening.id;
    if shown.decides.is_some() {
        let mut form = form::Form::post(format!("/office/openings/{id}"), "同意查看");
        form.buttons.items[0] = Button::submit("同意查看").sends("decision", "approve");
        let form = form.action(Button::submit("不同意").second().sends("decision", "refuse"));
        let words = format!(
            "同意后，申请人本人在{hours}小时内可以查看这一件的反映人姓名和电话，每看一次都有记录并告诉反映人。在平台上提问就能办的，请不同意。"
        );
        let body: Markup = [Markup::paragraphs(&words), form.into()].into_iter().collect();
        return Some(Section::new("您的决定", body).into());
    }
    if shown.revokes {
        let mut form = form::Form::post(format!("/office/openings/{id}/revoke"), "收回同意");
        form.buttons.items[0] = Button::submit("收回同意").second();
        let notice = Notice::new(NoticeKind::Info, "申请人还没有看过，可以收回同意。");
        let body: Markup = [Markup::from(notice), form.into()].into_iter().collect();
        return Some(Section::new("收回", body).into());
    }
    None
}

/// POST /office/openings/{id}
pub async fn decide(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    let decision = match input.decision.as_str() {
        "approve" => Decision::Approve,
        _ => Decision::Refuse,
    };
    let tx = app.db.write().await?;
    store::decide(&tx, &app.vault, viewer.actor()?, id, decision, app.clock.now()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/openings/{id}")))
}

/// POST /office/openings/{id}/revoke
pub async fn revoke(Axum(app): Axum<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let tx = app.db.write().await?;
    store::revoke(&tx, &app.vault, viewer.actor()?, id, app.clock.now()).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/openings/{id}")))
}
