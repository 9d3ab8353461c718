//! One editor for every noun: where it starts, what its buttons do, how it is kept. A noun brings its
//! form ([`Sheet`]) and nothing else.

use super::{Typed, pick};
use crate::{
    authz::Action,
    revisions::{Content, Desk, Saved, State, SubjectKind, difference, edit_href, list, warnings},
    web::{Access, App, Asked, Form, Id, PageError, Route, Viewer, get, post, redirect},
};
use askama::Template;
use axum::{
    extract::State as Axum,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{Heading, Html as Markup, Link, Notice, NoticeKind, Section, form::Errors};

/// The form of a noun, as typed.
pub(crate) trait Sheet: Sized + Send + Sync + 'static {
    /// What it edits.
    const KIND: SubjectKind;
    /// Fields in which nothing personal is looked for, because they are public by their purpose.
    const EXEMPT: &'static [&'static str] = &[];

    /// What the form shows of a state; none for something new.
    fn of(content: Option<&Content>, desk: &Desk) -> Self;
    /// What a form sent.
    fn sent(typed: Typed) -> Self;
    /// Adds or removes a row.
    fn press(&mut self, _: Press) {}
    /// Reads the form with the parsers that imports use. What cannot be read is an error of its
    /// field; what is only missing is not.
    fn read(&self, desk: &Desk, errors: &mut Errors) -> Content;
    /// What only the registry can tell: whether names are free and units exist.
    fn judge(
        app: &App,
        viewer: &Viewer,
        desk: &Desk,
        content: &Content,
        errors: &mut Errors,
    ) -> impl Future<Output = Result<(), PageError>> + Send;
    /// What a field is called when something is wrong with it.
    fn label(field: &str) -> String;
    /// The fields between the form's head and its buttons. `action` is where the form goes.
    fn render(&self, desk: &Desk, action: &str, elder: bool, errors: &Errors) -> askama::Result<Markup>;
}

/// Sent along with every form, and no text that is published.
const SEEN: &str = "seen";

/// The addresses of an editor.
pub(super) fn routes<S: Sheet>(new: &'static str, edit: &'static str) -> [Route; 4] {
    let access = Access::Staff(Action::Edit);
    [
        get(new, access, begin::<S>),
        post(new, access, keep_new::<S>),
        get(edit, access, form::<S>),
        post(edit, access, keep::<S>),
    ]
}

/// GET /office/{nouns}/new
async fn begin<S: Sheet>(Axum(app): Axum<App>, viewer: Viewer, asked: Asked) -> Result<Response, PageError> {
    let placed = asked.number("draft").or(asked.number("unit")).is_some();
    if S::KIND != SubjectKind::Unit && !placed {
        return pick(&app, &viewer, S::KIND, asked.text("q")).await;
    }
    let desk = new_desk(&app, &viewer, S::KIND, &asked).await?;
    open::<S>(&app, &viewer, &desk, &asked).await
}

/// GET /office/{nouns}/{id}/edit
async fn form<S: Sheet>(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    asked: Asked,
) -> Result<Response, PageError> {
    let desk = Desk::of(&app, &viewer, S::KIND, id).await?;
    open::<S>(&app, &viewer, &desk, &asked).await
}

/// POST /office/{nouns}/new
async fn keep_new<S: Sheet>(
    Axum(app): Axum<App>,
    viewer: Viewer,
    asked: Asked,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let desk = new_desk(&app, &viewer, S::KIND, &asked).await?;
    receive::<S>(&app, &viewer, &desk, Typed::new(sent)).await
}

/// POST /office/{nouns}/{id}/edit
async fn keep<S: Sheet>(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let desk = Desk::of(&app, &viewer, S::KIND, id).await?;
    receive::<S>(&app, &viewer, &desk, Typed::new(sent)).await
}

async fn new_desk(app: &App, viewer: &Viewer, kind: SubjectKind, asked: &Asked) -> Result<Desk, PageError> {
    match (asked.number("draft"), asked.number("unit")) {
        (Some(draft), _) => Desk::resume(app, viewer, kind, draft).await,
        (None, _) if kind == SubjectKind::Unit => Desk::begin(app, viewer, kind, None).await,
        (None, Some(unit)) => Desk::begin(app, viewer, kind, Some(unit)).await,
        // A power always stands in a unit, and a cadre is entered by one.
        (None, None) => Err(PageError::NotFound),
    }
}

async fn open<S: Sheet>(
    app: &App,
    viewer: &Viewer,
    desk: &Desk,
    asked: &Asked,
) -> Result<Response, PageError> {
    // A draft that waits for its reviewer is read, not written.
    if let Some(draft) = desk.locked() {
        return Ok(redirect(&format!("/office/drafts/{draft}")));
    }
    let word = "草稿已保存。公众看到的内容没有变化，提交审核并公布后才会更新。";
    let notice = (asked.text("done") == "saved").then(|| Notice::new(NoticeKind::Success, word));
    let sheet = S::of(desk.content(), desk);
    show(app, viewer, desk, &sheet, false, &desk.seen(), notice, &Errors::new()).await
}

async fn receive<S: Sheet>(
    app: &App,
    viewer: &Viewer,
    desk: &Desk,
    typed: Typed,
) -> Result<Response, PageError> {
    let (press, seen) = (Press::of(&typed), typed.get(SEEN).to_owned());
    let mut errors = Errors::new();
    if !matches!(press, Press::Save | Press::Check) {
        let masked = "疑似的个人信息已经打码，还没有保存。请核对后按“保存草稿”。";
        let (typed, notice) = match press {
            Press::Redact => (typed.redacted(S::EXEMPT), Some(Notice::new(NoticeKind::Info, masked))),
            _ => (typed, None),
        };
        let mut sheet = S::sent(typed);
        sheet.press(press);
        return show(app, viewer, desk, &sheet, false, &seen, notice, &errors).await;
    }
    typed.measure(S::label, &mut errors);
    typed.gate(S::EXEMPT, S::label, &mut errors);
    let redact = typed.holds_personal_data(S::EXEMPT);
    let sheet = S::sent(typed);
    let content = sheet.read(desk, &mut errors);
    S::judge(app, viewer, desk, &content, &mut errors).await?;
    if !errors.is_empty() {
        return show(app, viewer, desk, &sheet, redact, &seen, None, &errors).await;
    }
    match desk.save(app, viewer, &content, &seen).await? {
        Saved::Kept(id) if press == Press::Check => Ok(redirect(&format!("/office/drafts/{id}?done=saved"))),
        Saved::Kept(id) => {
            let href = edit_href(desk.kind, desk.subject_id, Some(id));
            let joint = if href.contains('?') { '&' } else { '?' };
            Ok(redirect(&format!("{href}{joint}done=saved")))
        }
        Saved::Moved(word) => {
            // What is there now has been said and is shown; the next save is a decision.
            let newest = desk.anew(app, viewer).await?;
            let notice = Some(Notice::new(NoticeKind::Danger, word));
            show(app, viewer, &newest, &sheet, false, &newest.seen(), notice, &errors).await
        }
    }
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
    /// Laws and documents a power rests on.
    Bases,
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
            Some("basis") => Some(List::Bases),
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
struct Page {
    summary: Markup,
    heading: Heading,
    notices: Markup,
    flags: Markup,
    action: String,
    seen: String,
    redact: bool,
    fields: Markup,
    ways: Markup,
}

#[expect(clippy::too_many_arguments, reason = "what a page of an editor is made of")]
async fn show<S: Sheet>(
    app: &App,
    viewer: &Viewer,
    desk: &Desk,
    sheet: &S,
    redact: bool,
    seen: &str,
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
    let shown = sheet.read(desk, &mut Errors::new());
    let moved = notice.as_ref().is_some_and(|notice| notice.kind == NoticeKind::Danger);
    let action = desk.href();
    let page = Page {
        summary: not_kept(errors),
        heading: Heading::new(title.as_str()).lead(unit.unwrap_or_default()),
        notices: notices(desk, viewer.actor()?.account_id, &shown, moved),
        flags: if flags.is_empty() { flags } else { Section::new("导入时发现的问题", flags).into() },
        seen: seen.to_owned(),
        redact,
        fields: sheet.render(desk, &action, viewer.elder, errors)?,
        ways: ways(desk),
        action,
    };
    let mut shell = viewer.office(app, &title).await?;
    super::under(&mut shell, "/office/contents");
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

fn notices(desk: &Desk, account_id: i64, shown: &Content, moved: bool) -> Markup {
    let mut notices = Vec::new();
    if let Some(draft) = desk.draft.as_ref().filter(|draft| draft.state == State::Returned) {
        let reason = draft.reason.as_deref().unwrap_or("没有写");
        notices.push(Notice::new(NoticeKind::Warning, format!("审核员退回了这份修改。理由：{reason}")));
    }
    if desk.foreign(account_id) {
        let word = format!("这份草稿由{}编写。您保存以后，就由您接手。", desk.author);
        notices.push(Notice::new(NoticeKind::Info, word));
    }
    if let Some(Content::Cadre(cadre)) = desk.content()
        && let Some(ground) = &cadre.withheld
    {
        let word = format!("这一项已经撤下或正在申请撤下（理由：{ground}）。在这里保存并公布，会重新公开。");
        notices.push(Notice::new(NoticeKind::Warning, word));
    }
    if desk.stale() {
        let word =
            "这份草稿开始之后，公布的内容又变过。请看清下面与最新内容的差别；保存以后，就以您保存的为准。";
        notices.push(Notice::new(NoticeKind::Warning, word));
    }
    notices.extend(warnings(shown).into_iter().map(|warning| Notice::new(NoticeKind::Warning, warning)));
    let difference = (desk.stale() || moved).then(|| difference(desk.published.as_ref(), shown).into());
    notices.into_iter().map(Markup::from).chain(difference).collect()
}

/// What else may be done here than to go on writing.
fn ways(desk: &Desk) -> Markup {
    let published = desk.published.as_ref().filter(|published| published.content.is_public());
    let way = match (&desk.draft, desk.kind, published) {
        (Some(draft), ..) => Link::new("看这份草稿的改动，或放弃它", format!("/office/drafts/{}", draft.id)),
        // A unit is ended, with the fields at the end of its form.
        (None, SubjectKind::Power | SubjectKind::Cadre, Some(_)) => {
            Link::new("申请撤下：不再公开这一项", desk.href().replace("/edit", "/withhold"))
        }
        _ => return Markup::default(),
    };
    way.into()
}
