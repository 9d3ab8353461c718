//! What every editor shares: the notices around the form, and what its buttons do.

use super::Typed;
use crate::{
    revisions::{Content, Desk, Saved, State, edit_href, list, warnings},
    web::{App, PageError, Viewer, redirect},
};
use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{Details, Heading, Html as Markup, Notice, NoticeKind, form::Errors};
use serde::Deserialize;

/// What an editor's address may carry.
#[derive(Clone, Deserialize, Default)]
pub struct Opening {
    /// What was just done: "saved".
    #[serde(default)]
    pub done: String,
    /// A draft of something that does not exist yet.
    pub draft: Option<i64>,
    /// The unit of something new.
    pub unit: Option<i64>,
    /// Looking for that unit.
    #[serde(default)]
    pub q: String,
}

/// The button that was pressed: the name of each is `do`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Press {
    /// Keep and stay.
    Save,
    /// Keep and go on to the page that shows the difference.
    Check,
    /// Mask personal data in the form.
    Redact,
    /// Show the form again with what was typed.
    Refresh,
    /// A blank row at the end of a list.
    Add(List),
    /// A blank row after this one.
    Insert(List, usize),
    /// Without this row.
    Remove(List, usize),
}

/// The lists of rows that editors hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// Steps of a procedure.
    Steps,
    /// Risks.
    Risks,
    /// Appointments.
    Posts,
}

impl Press {
    /// Reads the value of the button. Anything unknown keeps what was typed.
    pub(crate) fn of(typed: &Typed) -> Press {
        let mut words = typed.get("do").split('-');
        let verb = words.next().unwrap_or_default();
        let list = match words.next() {
            Some("step") => Some(List::Steps),
            Some("risk") => Some(List::Risks),
            Some("post") => Some(List::Posts),
            _ => None,
        };
        let row = words.next().and_then(|row| row.parse().ok());
        match (verb, list, row) {
            ("check", ..) => Press::Check,
            ("redact", ..) => Press::Redact,
            ("refresh", ..) => Press::Refresh,
            ("add", Some(list), _) => Press::Add(list),
            ("insert", Some(list), Some(row)) => Press::Insert(list, row),
            ("remove", Some(list), Some(row)) => Press::Remove(list, row),
            _ => Press::Save,
        }
    }
}

#[derive(Template)]
#[template(path = "office/templates/editor.html")]
struct Page<'a> {
    summary: Markup,
    heading: Heading,
    notices: Markup,
    flags: Markup,
    form: &'a Markup,
    give_up: Markup,
}

/// The page around an editor's form. `shown` is what the form holds, as far as it can be read.
pub(crate) async fn page(
    app: &App,
    viewer: &Viewer,
    desk: &Desk,
    shown: &Content,
    form: &Markup,
    notice: Option<Notice>,
    errors: &Errors,
) -> Result<Response, PageError> {
    let name = desk.content().map(Content::title).unwrap_or_default().to_owned();
    let title = match (desk.published.is_some(), name.is_empty()) {
        (true, _) => format!("修改{}：{name}", desk.kind.page()),
        (false, true) => format!("新建{}", desk.kind.page()),
        (false, false) => format!("新建{}：{name}", desk.kind.page()),
    };
    let unit = desk.place.as_ref().map(|place| place.unit.clone()).filter(|unit| *unit != name);
    let flags = desk.place.as_ref().map(|place| place.flags()).unwrap_or_default();
    let flags = list(flags.iter().map(|flag| flag.message.as_str()));
    let page = Page {
        summary: not_kept(errors),
        heading: Heading::new(title.as_str()).lead(unit.unwrap_or_default()),
        notices: notices(desk, viewer.actor()?.account_id, shown),
        flags: if flags.is_empty() { flags } else { Details::new("导入时发现的问题", flags).into() },
        form,
        give_up: way_out(desk),
    };
    let mut shell = viewer.office(app, &title).await?;
    shell.notice = notice;
    shell.breadcrumbs = vec![
        ("内容维护".into(), Some(format!("/office/contents?kind={}", desk.kind.code()))),
        (if desk.published.is_some() { "修改".into() } else { "新建".into() }, None),
    ];
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(daylight_ui::page(&shell, &page.render()?))).into_response())
}

/// The error summary of a form that was not kept.
fn not_kept(errors: &Errors) -> Markup {
    let mut summary = errors.summary();
    summary.title = "草稿还没有保存，请先改正下面的内容（您填写的都还在）".into();
    if errors.is_empty() { Markup::default() } else { summary.into() }
}

fn notices(desk: &Desk, account_id: i64, shown: &Content) -> Markup {
    let mut notices = Vec::new();
    if let Some(draft) = desk.draft.as_ref().filter(|draft| draft.state == State::Returned) {
        let reason = draft.reason.as_deref().unwrap_or("没有写");
        notices.push(Notice::new(NoticeKind::Warning, format!("审核员退回了这份修改。理由：{reason}")));
    }
    if desk.foreign(account_id) {
        let word = format!("这份草稿由{}编写。您保存以后，就由您接手。", desk.author);
        notices.push(Notice::new(NoticeKind::Info, word));
    }
    if desk.stale() {
        let word = "这份草稿开始之后，公布的内容又变过。提交前请在核对页看清与最新内容的差别。";
        notices.push(Notice::new(NoticeKind::Warning, word));
    }
    notices.extend(warnings(shown).into_iter().map(|warning| Notice::new(NoticeKind::Warning, warning)));
    notices.into_iter().map(Markup::from).collect()
}

fn way_out(desk: &Desk) -> Markup {
    let Some(draft) = &desk.draft else { return Markup::default() };
    let link = daylight_ui::Link::new("看这份草稿的改动，或放弃它", format!("/office/drafts/{}", draft.id));
    Markup::from(link)
}

/// The form's first view: somebody else's submitted draft is read, not written.
pub(crate) fn locked(desk: &Desk) -> Option<Response> {
    desk.locked().map(|draft| redirect(&format!("/office/drafts/{draft}")))
}

/// What is said when the form is opened.
pub(crate) fn opening_notice(opening: &Opening) -> Option<Notice> {
    let word = "草稿已保存。公众看到的内容没有变化，提交审核并公布后才会更新。";
    (opening.done == "saved").then(|| Notice::new(NoticeKind::Success, word))
}

/// Keeps what could be read and goes where the button leads; a notice when somebody else was quicker.
pub(crate) async fn keep(
    app: &App,
    viewer: &Viewer,
    desk: &Desk,
    press: Press,
    content: &Content,
    unit_id: Option<i64>,
    seen: &str,
) -> Result<Result<Response, Notice>, PageError> {
    match desk.save(app, viewer, content, unit_id, seen).await? {
        Saved::Kept(id) if press == Press::Check => {
            Ok(Ok(redirect(&format!("/office/drafts/{id}?done=saved"))))
        }
        Saved::Kept(id) => {
            let href = edit_href(desk.kind, desk.subject_id, Some(id));
            let joint = if href.contains('?') { '&' } else { '?' };
            Ok(Ok(redirect(&format!("{href}{joint}done=saved"))))
        }
        Saved::Moved(word) => Ok(Err(Notice::new(NoticeKind::Danger, word))),
    }
}

/// The desk as it is now, after somebody else was quicker.
pub(crate) async fn newest(app: &App, viewer: &Viewer, desk: &Desk) -> Result<Desk, PageError> {
    match (desk.subject_id, &desk.draft) {
        (Some(id), _) => Desk::of(app, viewer, desk.kind, id).await,
        (None, Some(draft)) => Desk::resume(app, viewer, desk.kind, draft.id).await,
        (None, None) => Ok(desk.clone()),
    }
}

/// What is said after masking.
pub(crate) fn masked() -> Notice {
    Notice::new(NoticeKind::Info, "疑似的个人信息已经打码，还没有保存。请核对后按“保存草稿”。")
}
