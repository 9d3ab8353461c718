//! 反映人身份 of one case: asking for it, and looking at it once it was approved.

use super::{
    OpeningError, State,
    opening::{REASON_LEAST, REASON_MOST},
    store::{self, Asking, Known},
};
use crate::{
    clock::time_text,
    reports::Helper,
    revisions::personal,
    web::{App, Form, Id, PageError, Viewer, limit, redirect},
};
use axum::{
    extract::State as Axum,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Action as Button, Actions, Heading, Html as Markup, Link, Notice, NoticeKind, Section, SummaryList,
    Table,
    form::{self, Errors, Field},
};
use serde::Deserialize;

/// Why the identity is needed.
#[derive(Deserialize, Default)]
pub struct Input {
    #[serde(default)]
    reason: String,
}

/// GET /office/cases/{id}/identity
pub async fn page(Axum(app): Axum<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    show(&app, &viewer, id, "", &Errors::new()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    id: i64,
    reason: &str,
    errors: &Errors,
) -> Result<Response, PageError> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let asking = store::asking(&tx, &app.vault, viewer.actor()?, id, now).await?;
    let hours = store::hours(&*tx).await?;
    tx.commit().await?;
    let live = asking.mine.iter().find(|one| one.state(now).is_live());
    let mut parts: Vec<Markup> = vec![
        crate::office::summary(errors),
        Heading::new("反映人身份")
            .lead("身份与内容分开密封。看一次，反映人就会知道是哪个单位、什么时候、为什么看的。")
            .into(),
        ask_first(id, &asking),
    ];
    parts.push(match live.map(|one| (one, one.state(now))) {
        _ if !asking.known => Section::new(
            "没有身份可以查看",
            Markup::paragraphs("反映人是匿名的，平台没有他的任何身份信息，谁也打不开。"),
        )
        .into(),
        Some((one, State::Approved)) if asking.open => approved(id, one),
        Some((one, _)) if asking.open => waiting(id, one),
        _ if !asking.open => {
            Section::new("已经办结", Markup::paragraphs("这件已经办结，不能再查看反映人身份。")).into()
        }
        _ if !asking.seconds => Section::new(
            "没有可以审批的人",
            Markup::paragraphs(
                "查看身份须由另一个纪检组织的领导同意，现在没有别的纪检组织有审批领导。请与上级纪检组织联系。",
            ),
        )
        .into(),
        _ => request(id, &asking, hours, reason, errors),
    });
    parts.extend(history(&asking, now));
    respond(app, viewer, id, parts, errors).await
}

/// Whoever can ask without knowing who it is does so.
fn ask_first(id: i64, asking: &Asking) -> Markup {
    let (words, way) = if asking.handles {
        (
            "在平台上提问，反映人凭编号和查询码就能看到并回答，等待补充的时间不算您的期限。",
            Button::link("在平台上问反映人", format!("/office/cases/{id}/ask")),
        )
    } else {
        (
            "请承办人在平台上提问，反映人凭编号和查询码就能看到并回答。",
            Button::link("回到这件", format!("/office/cases/{id}")),
        )
    };
    let body: Markup = [Markup::paragraphs(words), Actions::new([way]).into()].into_iter().collect();
    Section::new("不需要知道是谁也能问", body).into()
}

fn request(id: i64, asking: &Asking, hours: i64, reason: &str, errors: &Errors) -> Markup {
    let field = Field::textarea("reason", "为什么要知道反映人是谁", 4)
        .hint(format!(
            "至少{REASON_LEAST}个字。理由会原样给审批的领导和反映人看：请说清楚为什么在平台上问不行，不要写案情，不要写任何人的姓名、电话。"
        ))
        .value(reason)
        .maxlength(REASON_MOST)
        .check(errors);
    let terms = format!(
        "须由另一个纪检组织的领导同意。领导只看到理由和办理件的号码，看不到内容。同意后{hours}小时内有效，只限您本人、只限这一件。"
    );
    let how = SummaryList::new().row("反映方式", level(&asking.level));
    let mut form = form::Form::post(format!("/office/cases/{id}/identity"), "提交申请").field(field);
    form.buttons.items[0].main = false;
    let body: Markup = [how.into(), Markup::paragraphs(&terms), form.into()].into_iter().collect();
    Section::new("申请查看身份", body).into()
}

fn level(code: &str) -> &'static str {
    match code {
        "phone" => "手机验证",
        "real_name" => "实名",
        "hotline" => "12345转来（姓名和电话由热线登记，没有验证）",
        _ => "匿名（由他人代填，只有代填人的信息）",
    }
}

fn waiting(id: i64, one: &super::Opening) -> Markup {
    let mut form = form::Form::post(format!("/office/cases/{id}/identity/withdraw"), "撤回申请");
    form.buttons.items[0].main = false;
    let list = SummaryList::new()
        .row("申请时间", time_text(one.asked_at))
        .row("状态", "等待另一个纪检组织的领导审批");
    let body: Markup = [list.into(), form.into()].into_iter().collect();
    Section::new("已经申请", body).into()
}

fn approved(id: i64, one: &super::Opening) -> Markup {
    let until = one.until.map(time_text).unwrap_or_default();
    let list = SummaryList::new()
        .row("同意时间", one.decided_at.map(time_text).unwrap_or_default())
        .row("有效期到", until)
        .row("已经看过", format!("{}次", one.looks.len()));
    let words = "每看一次都会记入审计日志，并告诉反映人。请在方便通话时再打开。";
    let form = form::Form::post(format!("/office/cases/{id}/identity/look"), "记录并查看");
    let body: Markup = [list.into(), Markup::paragraphs(words), form.into()].into_iter().collect();
    Section::new("已经同意", body).into()
}

fn history(asking: &Asking, now: crate::clock::Millis) -> Option<Markup> {
    let past: Vec<_> = asking.mine.iter().filter(|one| !one.state(now).is_live()).collect();
    let mut table =
        Table::new("以前的申请", ["申请时间", "结果", "看过"].map(Into::into)).caption_hidden().dense();
    for one in &past {
        let looks = format!("{}次", one.looks.len());
        table.push([time_text(one.asked_at).into(), one.state(now).page().into(), looks.into()], false);
    }
    (!past.is_empty()).then(|| Section::new("以前的申请", table).into())
}

async fn respond(
    app: &App,
    viewer: &Viewer,
    id: i64,
    parts: Vec<Markup>,
    errors: &Errors,
) -> Result<Response, PageError> {
    let mut shell = viewer.office(app, "反映人身份").await?;
    crate::office::under(&mut shell, "/office/cases");
    shell.breadcrumbs =
        vec![(format!("办理件第{id}号"), Some(format!("/office/cases/{id}"))), ("反映人身份".into(), None)];
    let body: Markup = parts.into_iter().collect();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(daylight_ui::page(&shell, body.as_str()))).into_response())
}

/// POST /office/cases/{id}/identity
pub async fn ask(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    let reason = daylight_ids::text::clean(&input.reason);
    let mut errors = Errors::new();
    if reason.chars().count() < REASON_LEAST {
        errors.add("reason", format!("请写明理由，至少{REASON_LEAST}个字"));
    }
    limit(&mut errors, "reason", &reason, REASON_MOST);
    // The second person and the reporter read it: nobody's numbers may stand there.
    if let Some(message) = personal("为什么要知道反映人是谁", &reason) {
        errors.add("reason", message);
    }
    if !errors.is_empty() {
        return show(&app, &viewer, id, &reason, &errors).await;
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    match store::ask(&tx, &app.vault, viewer.actor()?, id, &reason, now).await {
        Ok(_) => tx.commit().await?,
        Err(OpeningError::Refused(refusal)) => {
            drop(tx);
            errors.add("reason", refusal.to_string());
            return show(&app, &viewer, id, &reason, &errors).await;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(redirect(&format!("/office/cases/{id}/identity")))
}

/// POST /office/cases/{id}/identity/withdraw
pub async fn withdraw(Axum(app): Axum<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let tx = app.db.write().await?;
    match store::withdraw(&tx, &app.vault, viewer.actor()?, id, app.clock.now()).await {
        Ok(()) => tx.commit().await?,
        // Decided meanwhile: the page says how.
        Err(OpeningError::Refused(_)) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(redirect(&format!("/office/cases/{id}/identity")))
}

/// POST /office/cases/{id}/identity/look
pub async fn look(Axum(app): Axum<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let tx = app.db.write().await?;
    let looked = store::look(&tx, &app.vault, viewer.actor()?, id, app.clock.now()).await?;
    // Only what is on record may be opened: the look is durable before the seal is broken.
    tx.commit().await?;
    daylight_queue::wake();
    app.cache.purge();
    let known = looked.open(&app.vault).map_err(OpeningError::from)?;
    let notice = Notice::new(
        NoticeKind::Warning,
        "这次查看已记入审计日志，反映人会看到。请不要截图、抄录给任何人；离开这一页后，再看须重新打开，也会再记一次。",
    );
    let contact = "通话前请先确认对方方便；先说明自己是哪个单位的，不要在短信、微信里提到反映的内容。";
    let parts = vec![
        Heading::new("反映人身份").lead(format!("有效期到 {}。", time_text(looked.until))).into(),
        notice.into(),
        facts(&known).into(),
        Markup::paragraphs(contact),
        Actions::new([Button::link("看完了", format!("/office/cases/{id}"))]).into(),
    ];
    respond(&app, &viewer, id, parts, &Errors::new()).await
}

/// Name and telephone. The citizen id is for checking a name, not for a conversation: it stays sealed.
fn facts(known: &Known) -> SummaryList {
    let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "没有留".to_owned());
    let call = |phone: &str| Link::new(phone, format!("tel:{phone}"));
    let mut list = SummaryList::new().row("姓名", or_none(&known.name));
    list = match &known.phone {
        Some(phone) => list.row("电话", call(phone)),
        None => list.row("电话", "没有留"),
    };
    if let Some(Helper { name, phone, .. }) = &known.helper {
        list = list.row("代填人", name.as_str()).row("代填人电话", call(phone));
    }
    list
}
