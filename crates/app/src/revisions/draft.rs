//! 修改的核对页: what a draft changes, what it still lacks, and the button that hands it on.

use super::{
    Revision, State, desk, gate,
    show::{self, gaps},
    store::{self, Folder},
};
use crate::{
    audit,
    authz::{Action, Actor, Resource, may_ever},
    clock::time_text,
    web::{App, PageError, Viewer, redirect},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State as Axum},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
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

/// What was just done, said on top of the page.
#[derive(Deserialize, Default)]
pub struct Done {
    #[serde(default)]
    done: String,
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
    Path(id): Path<i64>,
    Query(query): Query<Done>,
) -> Result<Response, PageError> {
    let folder = open(&app, &viewer, id, Action::SeeDrafts).await?;
    let word = match query.done.as_str() {
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
    // Whose work it is matters for the decision, not for reading.
    viewer.permit(action, &Resource { author_id: None, ..folder.resource() })?;
    Ok(folder)
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
        difference: show::difference(folder),
        flags: if open { show::flags(folder) } else { Markup::default() },
        ways: ways(folder, actor, gaps.is_empty(), note, errors),
        give_up: if open && may_ever(actor, Action::Edit) { give_up(revision) } else { Markup::default() },
        gaps,
    };
    let mut shell = viewer.office(app, &format!("{} 的修改", revision.content.title())).await?;
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
            let field = Field::textarea("note", "给审核员的说明", 3).optional().value(note).check(errors);
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

fn give_up(revision: &Revision) -> Markup {
    let href = format!("/office/drafts/{}/discard", revision.id);
    let mut form = form::Form::post(href, "放弃这份草稿");
    form.buttons.items[0].grave = true;
    let words = Markup::paragraphs("草稿会被删除，不能恢复；已经公布的内容不受影响。");
    Details::new("不想改了？", [words, form.into()].into_iter().collect::<Markup>()).into()
}

/// GET /office/drafts/{revision}/preview
pub async fn preview(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> Result<Html<String>, PageError> {
    let folder = open(&app, &viewer, id, Action::SeeDrafts).await?;
    let revision = &folder.revision;
    let notice = Notice::new(NoticeKind::Info, "这是预览，公众现在还看不到。");
    let back = Link::new("‹ 返回核对页", format!("/office/drafts/{id}"));
    let heading = Heading::new(revision.content.title())
        .kicker(revision.kind.page())
        .lead(folder.unit.as_ref().map(|unit| unit.name.clone()).unwrap_or_default());
    let parts =
        [Markup::from(back), notice.into(), heading.into(), show::preview(&revision.content, viewer.elder)?];
    let shell = viewer.office(&app, &format!("{} 预览", revision.content.title())).await?;
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())))
}

/// POST /office/drafts/{revision}/submit
pub async fn submit(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Form(input): Form<Note>,
) -> Result<Response, PageError> {
    let folder = open(&app, &viewer, id, Action::Edit).await?;
    let note = daylight_ids::text::clean(&input.note);
    let now = app.clock.now();
    let tx = app.db.write().await?;
    tx.lock("daylight registry").await?;
    let folder = store::folder(&*tx, id).await?.unwrap_or(folder);
    let revision = &folder.revision;
    let mut errors = Errors::new();
    if revision.author_id != Some(viewer.actor()?.account_id) {
        errors.add("", "这份草稿由别人编写，请先打开修改并保存，再提交");
    }
    if let Err(decline) = revision.may_submit(folder.published.as_ref().map(|published| &published.content)) {
        errors.add("", decline.to_string());
    }
    for obstacle in gate::obstacles(&revision.content) {
        errors.add("", obstacle.message);
    }
    if let Some(message) = gate::personal("给审核员的说明", &note) {
        errors.add("note", message);
    }
    if !errors.is_empty() {
        drop(tx);
        return show(&app, &viewer, &folder, None, &note, &errors).await;
    }
    let note = (!note.is_empty()).then_some(note);
    store::submit(&tx, id, note.as_deref(), now).await?;
    audit::store::append(&tx, &entry(&viewer, revision, "revision.submit")?.borrow(), now).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/drafts/{id}?done=submitted")))
}

/// POST /office/drafts/{revision}/withdraw
pub async fn withdraw(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> Result<Response, PageError> {
    let folder = open(&app, &viewer, id, Action::Edit).await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    if !store::withdraw(&tx, id, viewer.actor()?.account_id).await? {
        drop(tx);
        let notice = Notice::new(NoticeKind::Danger, "没有撤回：审核员已经处理，或者它不是您提交的。");
        let folder = open(&app, &viewer, id, Action::Edit).await?;
        return show(&app, &viewer, &folder, Some(notice), "", &Errors::new()).await;
    }
    audit::store::append(&tx, &entry(&viewer, &folder.revision, "revision.withdraw")?.borrow(), now).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/drafts/{id}?done=withdrawn")))
}

/// POST /office/drafts/{revision}/discard
pub async fn discard(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> Result<Response, PageError> {
    let folder = open(&app, &viewer, id, Action::Edit).await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    if !store::discard(&tx, id).await? {
        return Err(PageError::invalid("这份修改已经提交或公布，不能放弃。需要时请先撤回。"));
    }
    audit::store::append(&tx, &entry(&viewer, &folder.revision, "revision.discard")?.borrow(), now).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/contents?kind={}&done=discarded", folder.revision.kind.code())))
}

/// An audit entry that owns its words.
pub(super) struct Entry {
    account_id: i64,
    actor: String,
    action: &'static str,
    subject: String,
    /// What else matters.
    pub(super) detail: String,
}

impl Entry {
    pub(super) fn borrow(&self) -> audit::Entry<'_> {
        audit::Entry {
            account_id: Some(self.account_id),
            actor: &self.actor,
            action: self.action,
            subject: &self.subject,
            detail: &self.detail,
        }
    }
}

/// What the audit trail says about a move of a revision.
pub(super) fn entry(viewer: &Viewer, revision: &Revision, action: &'static str) -> Result<Entry, PageError> {
    let actor = viewer.actor()?;
    Ok(Entry {
        account_id: actor.account_id,
        actor: actor.name.clone(),
        action,
        subject: desk::subject_text(revision.kind, revision.subject_id, revision.id),
        detail: revision.content.title().to_owned(),
    })
}
