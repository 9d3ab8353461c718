//! 修改的核对页: what a draft changes, what it still lacks, and the button that hands it on.

use super::{
    Decline, Revision, State, desk, gate, places,
    show::{self, gaps},
    store::{self, Folder},
    within,
};
use crate::{
    authz::{Action, Actor, Resource, decide, may_ever},
    clock::{Millis, time_text},
    web::{App, Asked, Form, Id, PageError, Viewer, redirect},
};
use askama::Template;
use axum::{
    extract::State as Axum,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_db::Tx;
use daylight_ids::text::clean;
use daylight_ui::{
    Action as Button, Actions, Details, Heading, Html as Markup, Link, Notice, NoticeKind, Section,
    SummaryList, Tag,
    form::{self, Errors, Field},
};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "revisions/templates/draft.html")]
struct Page {
    summary: Markup,
    heading: Heading,
    facts: SummaryList,
    cautions: Markup,
    gaps: Vec<String>,
    difference: Section,
    flags: Markup,
    ways: Markup,
    give_up: Markup,
}

/// What is said with a submission.
#[derive(Deserialize, Default)]
pub struct Note {
    #[serde(default)]
    note: String,
}

/// GET /office/drafts/{revision}
pub async fn page(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    asked: Asked,
) -> Result<Response, PageError> {
    let folder = open(&app, &viewer, id, Action::SeeDrafts).await?;
    let word = match asked.text("done") {
        "saved" => Some("草稿已保存。请核对下面的改动，没有问题就提交审核。"),
        "submitted" => Some("已提交审核。审核员公布或退回后，您的工作台会显示结果。"),
        "withdrawn" => Some("已撤回，可以继续修改。"),
        _ => None,
    };
    let notice = word.map(|word| Notice::new(NoticeKind::Success, word));
    show(&app, &viewer, &folder, notice, "", &Errors::new()).await
}

/// A revision that this viewer may see in the making.
pub(super) async fn open(app: &App, viewer: &Viewer, id: i64, action: Action) -> Result<Folder, PageError> {
    let folder = store::folder(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    within_place(viewer, action, &folder)?;
    Ok(folder)
}

/// A revision about to move: read within the transaction that moves it. The registry has one writer at a
/// time, an import or a person; who waited here reads anew.
pub(super) async fn take(
    app: &App,
    viewer: &Viewer,
    id: i64,
    action: Action,
) -> Result<(Tx, Folder), PageError> {
    let tx = app.db.write().await?;
    tx.lock("daylight registry").await?;
    let folder = store::folder(&*tx, id).await?.ok_or(PageError::NotFound)?;
    within_place(viewer, action, &folder)?;
    Ok((tx, folder))
}

fn within_place(viewer: &Viewer, action: Action, folder: &Folder) -> Result<(), PageError> {
    // Whose work it is matters for the decision, not for reading.
    within(viewer, action, &Resource { author_id: None, ..folder.resource() }).map(drop)
}

async fn show(
    app: &App,
    viewer: &Viewer,
    folder: &Folder,
    notice: Option<Notice>,
    note: &str,
    errors: &Errors,
) -> Result<Response, PageError> {
    let revision = &folder.revision;
    let actor = viewer.actor()?;
    let open = revision.editable();
    let gaps = if open { gaps(&revision.content) } else { Vec::new() };
    let page = Page {
        summary: crate::office::summary(errors),
        heading: heading(folder),
        facts: facts(folder),
        cautions: show::cautions(folder),
        difference: show::difference(folder.published.as_ref(), &revision.content),
        flags: if open { show::flags(folder) } else { Markup::default() },
        ways: ways(folder, actor, gaps.is_empty(), note, errors),
        give_up: if open { give_up(folder, actor, note, errors) } else { Markup::default() },
        gaps,
    };
    let mut shell = viewer.office(app, &format!("{} 的修改", revision.content.title())).await?;
    crate::office::under(&mut shell, "/office/contents");
    shell.notice = notice;
    shell.breadcrumbs = vec![
        ("工作台".into(), Some("/office".into())),
        ("内容维护".into(), Some(format!("/office/contents?kind={}", revision.kind.code()))),
        ("核对修改".into(), None),
    ];
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(daylight_ui::page(&shell, &page.render()?))).into_response())
}

/// Title, kind and state of a revision.
pub(super) fn heading(folder: &Folder) -> Heading {
    let revision = &folder.revision;
    let title = match revision.content.title() {
        "" => "（还没有名称）",
        title => title,
    };
    Heading::new(title).kicker(revision.kind.page()).tag(state_tag(revision.state))
}

/// A state with its mark.
pub(crate) fn state_tag(state: State) -> Tag {
    match state {
        State::Published => Tag::good(state.page()),
        State::Returned => Tag::bad(state.page()),
        _ => Tag::neutral(state.page()),
    }
}

/// Who wrote it, when, for which unit, and what was said about it.
pub(super) fn facts(folder: &Folder) -> SummaryList {
    let revision = &folder.revision;
    let unit = folder.unit.as_ref().map_or("（新单位）", |unit| unit.name.as_str());
    let mut list = SummaryList::new().row("所属单位", unit).row("编写人", folder.author.as_str());
    list = list.row("开始时间", time_text(revision.created_at));
    if let Some(at) = revision.submitted_at {
        list = list.row("提交时间", time_text(at));
    }
    if let Some(at) = revision.published_at {
        list = list.row("公布时间", time_text(at)).row("审核人", folder.reviewer.as_str());
    }
    let label = if revision.state == State::Returned { "退回理由" } else { "编写人的说明" };
    match &revision.reason {
        Some(reason) => list.row(label, Markup::paragraphs(reason)),
        None => list,
    }
}

/// The buttons that fit state and person.
fn ways(folder: &Folder, actor: &Actor, complete: bool, note: &str, errors: &Errors) -> Markup {
    let revision = &folder.revision;
    let preview =
        Button::link("预览公布后的样子", format!("/office/drafts/{}/preview", revision.id)).second();
    let edit = desk::edit_href(revision.kind, revision.subject_id, Some(revision.id));
    let own = revision.author_id == Some(actor.account_id);
    match revision.state {
        State::Draft | State::Returned if !may_ever(actor, Action::Edit) => Actions::new([preview]).into(),
        State::Draft | State::Returned if !own => {
            let word = format!("这份草稿由{}编写。需要您接手时，请打开修改并保存，再提交。", folder.author);
            let actions = Actions::new([Button::link("打开修改", edit), preview]);
            [Notice::new(NoticeKind::Info, word).into(), Markup::from(actions)].into_iter().collect()
        }
        State::Draft | State::Returned if !complete => {
            Actions::new([Button::link("继续修改", edit), preview]).into()
        }
        State::Draft | State::Returned => {
            let field = Field::textarea("note", "给审核员的说明", 3).optional().maxlength(MOST);
            let field = field.value(note).check(errors);
            let hint = "例如：改了什么、依据是什么。公众看不到。";
            form::Form::post(format!("/office/drafts/{}/submit", revision.id), "提交审核")
                .field(field.hint(hint))
                .action(Button::link("继续修改", edit).second())
                .action(preview)
                .into()
        }
        State::Submitted => {
            let mut parts: Vec<Markup> = Vec::new();
            if own {
                let href = format!("/office/drafts/{}/withdraw", revision.id);
                let mut form = form::Form::post(href, "撤回修改").action(preview);
                form.buttons.items[0].main = false;
                parts.push(Notice::new(NoticeKind::Info, "正在等待另一位审核员审核。").into());
                parts.push(form.into());
            } else if may_ever(actor, Action::Review) {
                let review = Button::link("去审核", format!("/office/reviews/{}", revision.id));
                parts.push(Actions::new([review, preview]).into());
            } else {
                parts.push(Actions::new([preview]).into());
            }
            parts.into_iter().collect()
        }
        State::Published | State::Ended => match revision.subject_id {
            Some(id) => {
                let public = Button::link("看公开页面", revision.kind.href(id));
                Actions::new([public, preview]).into()
            }
            None => Markup::default(),
        },
    }
}

/// Whether this person may give it up, and whether they have to say why: who began and wrote it need not, a
/// reviewer of its place must. Whoever took it over still holds another's work.
fn may_give_up(folder: &Folder, actor: &Actor) -> Option<bool> {
    let own = Some(actor.account_id);
    if folder.revision.author_id == own && folder.revision.begun_by == own {
        return Some(false);
    }
    let resource = Resource { author_id: None, ..folder.resource() };
    decide(actor, Action::Review, &resource).is_ok().then_some(true)
}

fn give_up(folder: &Folder, actor: &Actor, reason: &str, errors: &Errors) -> Markup {
    let Some(explained) = may_give_up(folder, actor) else { return Markup::default() };
    let href = format!("/office/drafts/{}/discard", folder.revision.id);
    let mut form = form::Form::post(href, "放弃这份草稿");
    form.buttons.items[0].grave = true;
    if explained {
        let field = Field::textarea("reason", "放弃的理由", 2).maxlength(MOST).value(reason).check(errors);
        let hint = format!("这份草稿由{}。理由会写入审计日志。", folder.authors());
        form = form.field(field.hint(hint));
    }
    let words = Markup::paragraphs("草稿会被删除，不能恢复；已经公布的内容不受影响。");
    let body = [words, form.into()].into_iter().collect::<Markup>();
    if explained {
        Section::new("放弃这份草稿", body).into()
    } else {
        Details::new("不想改了？", body).into()
    }
}

/// GET /office/drafts/{revision}/preview
pub async fn preview(Axum(app): Axum<App>, viewer: Viewer, Id(id): Id) -> Result<Html<String>, PageError> {
    let folder = open(&app, &viewer, id, Action::SeeDrafts).await?;
    let revision = &folder.revision;
    let notice = Notice::new(NoticeKind::Info, "这是预览，公众现在还看不到。");
    let back = Link::new("‹ 返回核对页", format!("/office/drafts/{id}"));
    let heading = Heading::new(revision.content.title())
        .kicker(revision.kind.page())
        .lead(folder.unit.as_ref().map(|unit| unit.name.clone()).unwrap_or_default());
    let parts =
        [Markup::from(back), notice.into(), heading.into(), show::preview(&revision.content, viewer.elder)?];
    let mut shell = viewer.office(&app, &format!("{} 预览", revision.content.title())).await?;
    crate::office::under(&mut shell, "/office/contents");
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())))
}

/// POST /office/drafts/{revision}/submit
pub async fn submit(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Note>,
) -> Result<Response, PageError> {
    let now = app.clock.now();
    let note = clean(&input.note);
    let (tx, folder) = take(&app, &viewer, id, Action::Edit).await?;
    let revision = &folder.revision;
    let mut errors = Errors::new();
    if revision.author_id != Some(viewer.actor()?.account_id) {
        errors.add("", "这份草稿由别人编写，请先打开修改并保存，再提交");
    }
    if let Err(decline) = revision.may_submit(folder.shown()) {
        errors.add("", decline.to_string());
    }
    let (subject, shown) = (revision.subject_id, folder.shown());
    if let Some(unit) = places::beyond(&*tx, &viewer, Action::Edit, subject, shown, &revision.content).await?
    {
        errors.add("", format!("这份修改涉及“{unit}”，不在您负责的范围内，请联系县里的填报员"));
    }
    for obstacle in gate::obstacles(&revision.content) {
        errors.add("", obstacle.message);
    }
    if errors.is_empty() {
        // Its field is only there when nothing else is wrong.
        said("note", "给审核员的说明", &note, &mut errors);
    }
    if errors.is_empty() && !store::submit(&tx, id, (!note.is_empty()).then_some(&*note), now).await? {
        errors.add("", Decline::State(revision.state).to_string());
    }
    if !errors.is_empty() {
        drop(tx);
        return show(&app, &viewer, &folder, None, &note, &errors).await;
    }
    note_move(&viewer, &tx, revision, "revision.submit", revision.content.title(), now).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/drafts/{id}?done=submitted")))
}

/// POST /office/drafts/{revision}/withdraw
pub async fn withdraw(Axum(app): Axum<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let now = app.clock.now();
    let (tx, folder) = take(&app, &viewer, id, Action::Edit).await?;
    if !store::withdraw(&tx, id, viewer.actor()?.account_id).await? {
        drop(tx);
        let notice = Notice::new(NoticeKind::Danger, "没有撤回：审核员已经处理，或者它不是您提交的。");
        return show(&app, &viewer, &folder, Some(notice), "", &Errors::new()).await;
    }
    let revision = &folder.revision;
    note_move(&viewer, &tx, revision, "revision.withdraw", revision.content.title(), now).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/drafts/{id}?done=withdrawn")))
}

/// Why a draft is given up.
#[derive(Deserialize, Default)]
pub struct Why {
    #[serde(default)]
    reason: String,
}

/// POST /office/drafts/{revision}/discard
pub async fn discard(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Why>,
) -> Result<Response, PageError> {
    let now = app.clock.now();
    let reason = clean(&input.reason);
    let (tx, folder) = take(&app, &viewer, id, Action::SeeDrafts).await?;
    let revision = &folder.revision;
    let mut errors = Errors::new();
    let mut detail = revision.content.title().to_owned();
    match may_give_up(&folder, viewer.actor()?) {
        _ if !revision.editable() => {
            errors.add("", "这份修改已经提交或公布，不能放弃。需要时请先撤回");
        }
        None => {
            let word = format!(
                "这份草稿由{}，只有一直由自己编写的人，或者写明理由的审核员，才能放弃它",
                folder.authors()
            );
            errors.add("", word);
        }
        Some(true) if reason.chars().count() < 4 => errors.add("reason", "请写明放弃的理由，至少4个字"),
        Some(true) => {
            said("reason", "放弃的理由", &reason, &mut errors);
            detail = format!("{detail}（{}；理由：{reason}）", folder.authors());
        }
        Some(false) => {}
    }
    if errors.is_empty() && !store::discard(&tx, id).await? {
        errors.add("", Decline::State(revision.state).to_string());
    }
    if !errors.is_empty() {
        drop(tx);
        return show(&app, &viewer, &folder, None, &reason, &errors).await;
    }
    note_move(&viewer, &tx, revision, "revision.discard", &detail, now).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/contents?kind={}&done=discarded", revision.kind.code())))
}

/// What one person says to another about a draft: neither long nor personal.
pub(super) fn said(field: &str, label: &str, text: &str, errors: &mut Errors) {
    if text.chars().count() > MOST as usize {
        errors.add(field, format!("“{label}”最多{MOST}个字，请写短一些"));
    }
    if let Some(message) = gate::personal(label, text) {
        errors.add(field, message);
    }
}

/// What is said about a draft has at most so many characters.
pub(super) const MOST: u32 = 500;

/// Writes a move of a revision into the audit trail.
pub(super) async fn note_move(
    viewer: &Viewer,
    tx: &Tx,
    revision: &Revision,
    action: &str,
    detail: &str,
    now: Millis,
) -> Result<(), PageError> {
    let subject = desk::subject_text(revision.kind, revision.subject_id, revision.id);
    viewer.note(tx, action, &subject, detail, now).await
}
