//! 申请撤下: asks that a published cadre or power be kept back, with the ground. It is a draft like any
//! other: its author hands it on, another person publishes or returns it.
//!
//! A unit is not kept back but ended (撤销), in its editor: it leaves a page that says what took its place.

use crate::{
    authz::Action,
    office::{Typed, bounded, summary},
    powers::Disclosure,
    revisions::{Content, Desk, Saved, SubjectKind, beyond, personal},
    web::{App, Form, Id, PageError, Viewer, redirect},
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_tables::value::parse_month;
use daylight_ui::{
    Action as Button, Heading, Html as Markup, Notice, NoticeKind,
    form::{Errors, Field, Form as Asking, Width},
};

type Sent = Form<Vec<(String, String)>>;

/// GET /office/powers/{id}/withhold
pub async fn power(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    ask(&app, &viewer, SubjectKind::Power, id, None).await
}

/// POST /office/powers/{id}/withhold
pub async fn keep_power(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(sent): Sent,
) -> Result<Response, PageError> {
    ask(&app, &viewer, SubjectKind::Power, id, Some(Typed::new(sent))).await
}

/// GET /office/cadres/{id}/withhold
pub async fn cadre(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    ask(&app, &viewer, SubjectKind::Cadre, id, None).await
}

/// POST /office/cadres/{id}/withhold
pub async fn keep_cadre(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(sent): Sent,
) -> Result<Response, PageError> {
    ask(&app, &viewer, SubjectKind::Cadre, id, Some(Typed::new(sent))).await
}

async fn ask(
    app: &App,
    viewer: &Viewer,
    kind: SubjectKind,
    id: i64,
    sent: Option<Typed>,
) -> Result<Response, PageError> {
    let desk = Desk::of(app, viewer, kind, id).await?;
    let Some(published) = desk.published.as_ref().filter(|published| published.content.is_public()) else {
        return Err(PageError::NotFound);
    };
    if let Some(draft) = &desk.draft {
        // Two drafts of one thing would undo each other.
        return Ok(redirect(&format!("/office/drafts/{}", draft.id)));
    }
    let Some(typed) = sent else {
        return show(app, viewer, &desk, &Typed::default(), None, &Errors::new()).await;
    };
    let mut errors = Errors::new();
    let content = withheld(&published.content, &typed, &mut errors);
    typed.measure(label, &mut errors);
    for field in ["ground", "approver"] {
        if let Some(message) = personal(&label(field), typed.get(field)) {
            errors.add(field, message);
        }
    }
    let (before, c) = (&published.content, app.db.read());
    if let Some(unit) = beyond(c, viewer, Action::Edit, Some(id), Some(before), &content).await? {
        errors.add("", format!("这一项涉及“{unit}”，不在您负责的范围内，请联系县里的填报员申请撤下"));
    }
    if !errors.is_empty() {
        return show(app, viewer, &desk, &typed, None, &errors).await;
    }
    match desk.save(app, viewer, &content, typed.get("seen")).await? {
        Saved::Kept(draft) => Ok(redirect(&format!("/office/drafts/{draft}?done=saved"))),
        Saved::Moved(word) => {
            let newest = desk.anew(app, viewer).await?;
            let notice = Some(Notice::new(NoticeKind::Danger, word));
            show(app, viewer, &newest, &typed, notice, &errors).await
        }
    }
}

/// What is published, kept back.
fn withheld(published: &Content, typed: &Typed, errors: &mut Errors) -> Content {
    let mut need = |field: &str, message: &str| {
        if typed.get(field).is_empty() {
            errors.add(field, message);
        }
    };
    need("ground", "请写明撤下的理由，审核员要据此决定");
    let mut content = published.clone();
    match &mut content {
        Content::Power(power) => {
            need("approver", "请写明批准人");
            let day = parse_month(typed.get("review_on")).ok().filter(|date| date.day.is_some());
            if day.is_none() {
                errors.add("review_on", "请写成 2027年6月30日 或 2027-06-30 这样的日期");
            }
            power.disclosure = Some(Disclosure::Withheld {
                ground: typed.optional("ground"),
                approver: typed.optional("approver"),
                review_on: day.map(|day| day.to_string()),
            });
        }
        Content::Cadre(cadre) => cadre.withheld = typed.optional("ground"),
        Content::Unit(_) => {}
    }
    content
}

fn label(field: &str) -> String {
    match field {
        "approver" => "批准人",
        "review_on" => "复核日期",
        _ => "撤下的理由",
    }
    .to_owned()
}

async fn show(
    app: &App,
    viewer: &Viewer,
    desk: &Desk,
    typed: &Typed,
    notice: Option<Notice>,
    errors: &Errors,
) -> Result<Response, PageError> {
    let name = desk.content().map(Content::title).unwrap_or_default();
    let title = format!("申请撤下{}：{name}", desk.kind.page());
    let field = |field: Field| typed.fill(bounded(field), errors);
    let edit = desk.href();
    let href = edit.replace("/edit", "/withhold");
    let mut form = Asking::post(href, "申请撤下").hidden("seen", desk.seen()).field(field(
        Field::textarea("ground", "撤下的理由", 3).hint("例如：已经调离本县；或者写明法律条款。"),
    ));
    if desk.kind == SubjectKind::Power {
        form = form.field(field(Field::text("approver", "批准人").hint("姓名和职务。"))).field(field(
            Field::text("review_on", "复核日期").hint("例如 2027年6月30日。").width(Width::Medium),
        ));
    }
    let form = form.action(Button::link("不撤下了", edit).second());
    let lead = match desk.kind {
        SubjectKind::Power => "审核员同意后，公众看不到这项权力，只看到本单位有几项不公开。",
        _ => "审核员同意后，公众看不到这一项，名单和搜索里也没有；公布过的内容留在档案里。",
    };
    let parts = [summary(errors), Markup::from(Heading::new(title.as_str()).lead(lead)), Markup::from(form)];
    let mut shell = viewer.office(app, &title).await?;
    super::under(&mut shell, "/office/contents");
    shell.notice = notice;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let body = parts.into_iter().collect::<Markup>();
    Ok((status, Html(daylight_ui::page(&shell, body.as_str()))).into_response())
}
