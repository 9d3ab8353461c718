//! 审核公布: what others wrote, its difference to what everybody sees, and the decision.

use super::{
    Content, Decline, Revision, State, SubjectKind, changes,
    desk::{fingerprint, subject_text},
    draft::{self, state_tag},
    gate, places, show,
    store::{self, Folder},
};
use crate::{
    authz::{Action, Permit, Scope},
    clock::{Millis, time_text},
    units::edit::misplaced,
    web::{App, Asked, Form, Id, PageError, Viewer, redirect},
};
use askama::Template;
use axum::{
    extract::State as Axum,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_db::{ConnectionTrait, DbErr, Tx};
use daylight_ui::{
    Action as Button, Actions, Drawing, Empty, Heading, Html as Markup, Link, Notice, NoticeKind, Pagination,
    Section, SummaryList, Table, Tag,
    form::{self, Errors, Field},
};
use serde::Deserialize;

/// A page of the list has so many rows.
const ROWS: i64 = 50;

#[derive(Template)]
#[template(path = "revisions/templates/reviews.html")]
struct ListPage {
    heading: Heading,
    table: Option<Table>,
    empty: Empty,
    pages: Pagination,
}

/// GET /office/reviews
pub async fn list(Axum(app): Axum<App>, viewer: Viewer, asked: Asked) -> Result<Html<String>, PageError> {
    let actor = viewer.actor()?;
    let scope = Scope::of(actor, Action::Review);
    let page = asked.number("page").unwrap_or(0);
    let c = app.db.read();
    let lines = store::open_in_scope(c, &scope, Some(State::Submitted), page).await?;
    let columns = ["修改的内容", "类别", "单位", "编写人", "提交时间"].map(Into::into);
    let mut table = Table::new("等待审核的修改", columns).caption_hidden();
    for line in &lines {
        let own = line.author_id == Some(actor.account_id);
        let mut title = Markup::from(Link::new(&line.title, format!("/office/reviews/{}", line.id)));
        if own {
            title = [title, Markup::trusted(" "), Tag::neutral("自己写的").into()].into_iter().collect();
        }
        let kind = SubjectKind::from_code(&line.kind).map_or("", SubjectKind::page);
        let unit = line.unit.as_deref().unwrap_or("（新单位）");
        let author = line.author.as_deref().unwrap_or_default();
        table.push([title, kind.into(), unit.into(), author.into(), time_text(line.moved_at).into()], false);
    }
    let full = i64::try_from(lines.len()).unwrap_or(0) == ROWS;
    let href = |page: i64| format!("/office/reviews?page={page}");
    let body = ListPage {
        heading: Heading::new("审核公布")
            .lead("这里是您负责的单位提交的修改，先提交的排在前面。自己写的请交给另一位审核员。"),
        empty: Empty::new(Drawing::Sun, "没有等待审核的修改").text("有人提交后，这里和工作台都会显示。"),
        table: (!lines.is_empty()).then_some(table),
        pages: Pagination::steps((page > 0).then(|| href(page - 1)), full.then(|| href(page + 1))),
    };
    let mut shell = viewer.office(&app, "审核公布").await?;
    shell.notice = done(&app, &viewer, &asked).await?;
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}

/// What was just decided, said on top of the list.
async fn done(app: &App, viewer: &Viewer, asked: &Asked) -> Result<Option<Notice>, PageError> {
    let Some(id) = asked.number("published").or(asked.number("returned")) else { return Ok(None) };
    let revision = draft::open(app, viewer, id, Action::Review).await?.revision;
    let title = revision.content.title();
    Ok(match (revision.state, revision.subject_id) {
        (State::Published, Some(_)) if !revision.content.is_public() => {
            let word = format!("“{title}”已撤下，公众看不到了。");
            Some(Notice::new(NoticeKind::Success, word))
        }
        (State::Published, Some(subject)) => {
            let words = [
                Markup::from(format!("“{title}”已公布，公众现在就能看到。")),
                Link::new("看公开页面", revision.kind.href(subject)).into(),
            ];
            Some(Notice::new(NoticeKind::Success, words.into_iter().collect::<Markup>()))
        }
        (State::Returned, _) => {
            let word = format!("“{title}”已退回，编写人会在工作台看到您的理由。");
            Some(Notice::new(NoticeKind::Success, word))
        }
        _ => None,
    })
}

#[derive(Template)]
#[template(path = "revisions/templates/review.html")]
struct Page {
    summary: Markup,
    heading: Heading,
    facts: SummaryList,
    cautions: Markup,
    gaps: Vec<String>,
    flags: Markup,
    difference: Section,
    sealed: Option<Link>,
    /// A unit outside the reviewer's charge that publishing would reach.
    beyond: Option<String>,
    preview: Actions,
    own: bool,
    decided: Option<Tag>,
    publish: form::Form,
    send_back: form::Form,
}

/// What was on the reviewer's screen, and the reason of a return.
#[derive(Deserialize, Default)]
pub struct Decision {
    #[serde(default)]
    seen: String,
    #[serde(default)]
    reason: String,
}

/// GET /office/reviews/{revision}
pub async fn page(Axum(app): Axum<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let folder = draft::open(&app, &viewer, id, Action::Review).await?;
    show_page(&app, &viewer, &folder, None, "", &Errors::new()).await
}

async fn show_page(
    app: &App,
    viewer: &Viewer,
    folder: &Folder,
    notice: Option<Notice>,
    reason: &str,
    errors: &Errors,
) -> Result<Response, PageError> {
    let revision = &folder.revision;
    let waiting = revision.state == State::Submitted;
    let own = revision.author_id == Some(viewer.actor()?.account_id);
    let href = |verb: &str| format!("/office/reviews/{}/{verb}", revision.id);
    let field = Field::textarea("reason", "退回的理由", 3).maxlength(draft::MOST).value(reason).check(errors);
    let mut send_back = form::Form::post(href("return"), "退回修改")
        .field(field.hint("写清楚哪里要改、怎么改，编写人会看到。"))
        .hidden("seen", seen(folder));
    send_back.buttons.items[0].main = false;
    let gaps = if waiting { show::gaps(&revision.content) } else { Vec::new() };
    let preview =
        Button::link("预览公布后的样子", format!("/office/drafts/{}/preview", revision.id)).second();
    let page = Page {
        summary: crate::office::summary(errors),
        heading: draft::heading(folder),
        facts: draft::facts(folder),
        cautions: show::cautions(folder),
        flags: if waiting { show::flags(folder) } else { Markup::default() },
        difference: show::difference(folder.published.as_ref(), &revision.content),
        sealed: sealed(revision),
        beyond: if waiting { beyond(app.db.read(), viewer, folder).await? } else { None },
        preview: Actions::new([preview]),
        own,
        decided: (!waiting).then(|| state_tag(revision.state)),
        publish: form::Form::post(href("publish"), "公布").hidden("seen", seen(folder)),
        send_back,
        gaps,
    };
    let status = match &notice {
        Some(notice) if notice.kind == NoticeKind::Danger => StatusCode::CONFLICT,
        _ if !errors.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let mut shell = viewer.office(app, &format!("审核 {}", revision.content.title())).await?;
    shell.notice = notice;
    shell.breadcrumbs = vec![
        ("工作台".into(), Some("/office".into())),
        ("审核公布".into(), Some("/office/reviews".into())),
        ("审核".into(), None),
    ];
    Ok((status, Html(daylight_ui::page(&shell, &page.render()?))).into_response())
}

/// What the reviewer judges: the draft as submitted, against what is public. A decision on anything
/// else is not taken.
fn seen(folder: &Folder) -> String {
    let published = folder.published.as_ref().map_or(0, |published| published.id);
    format!("{}-{published}", fingerprint(&folder.revision))
}

/// Why a decision cannot be taken any more, in words for the one who came second.
fn declined(folder: &Folder, decline: &Decline) -> Notice {
    let word = match (decline, folder.revision.state) {
        (Decline::State(_), State::Published) => {
            format!("{}刚才已经公布了这份修改，不用再操作。", folder.reviewer)
        }
        (Decline::State(_), State::Returned) => {
            format!("{}刚才已经退回了这份修改，不用再操作。", folder.reviewer)
        }
        (Decline::State(_), State::Draft) => "编写人刚才撤回了这份修改，等再次提交后再审核。".to_owned(),
        _ => decline.to_string(),
    };
    Notice::new(NoticeKind::Danger, word)
}

/// What is sealed about a cadre is never part of a draft; who has to check it says why and is noted.
fn sealed(revision: &Revision) -> Option<Link> {
    let id = revision.subject_id.filter(|_| revision.kind == SubjectKind::Cadre)?;
    Some(Link::new("查看密封的身份证号和手机号（要写明理由）", format!("/office/cadres/{id}/sealed")))
}

fn changed_since() -> Notice {
    let word = "您打开这一页之后，修改或公布的内容有了变化。下面是最新的差别，请重新核对后再决定。";
    Notice::new(NoticeKind::Danger, word)
}

/// POST /office/reviews/{revision}/publish
pub async fn publish(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Decision>,
) -> Result<Response, PageError> {
    let now = app.clock.now();
    let (tx, folder) = draft::take(&app, &viewer, id, Action::Review).await?;
    let permit = viewer.permit(Action::Review, &folder.resource())?;
    let subject = match stopped(&tx, &viewer, &folder, &permit, &input.seen).await? {
        Some(notice) => Err(notice),
        None => press(&tx, &folder, &permit, now).await?,
    };
    let subject = match subject {
        Ok(subject) => subject,
        Err(notice) => {
            drop(tx);
            return show_page(&app, &viewer, &folder, Some(notice), "", &Errors::new()).await;
        }
    };
    let revision = &folder.revision;
    let detail = format!("{}（{}）", revision.content.title(), labels(&folder));
    let about = subject_text(revision.kind, Some(subject), id);
    viewer.note(&tx, "revision.publish", &about, &detail, now).await?;
    tx.commit().await?;
    app.cache.purge();
    Ok(redirect(&format!("/office/reviews?published={id}")))
}

async fn beyond(
    c: &impl ConnectionTrait,
    viewer: &Viewer,
    folder: &Folder,
) -> Result<Option<String>, PageError> {
    let (revision, shown) = (&folder.revision, folder.shown());
    places::beyond(c, viewer, Action::Review, revision.subject_id, shown, &revision.content).await
}

fn danger(word: impl Into<String>) -> Notice {
    Notice::new(NoticeKind::Danger, word.into())
}

/// Why this reviewer may not publish it now; asked again although the page was asked before, because
/// everything may have moved since.
async fn stopped(
    tx: &Tx,
    viewer: &Viewer,
    folder: &Folder,
    permit: &Permit,
    seen_by_reviewer: &str,
) -> Result<Option<Notice>, PageError> {
    let revision = &folder.revision;
    if let Some(notice) = refused(folder, revision.may_publish(permit.account_id()), seen_by_reviewer) {
        return Ok(Some(notice));
    }
    if let Some(unit) = beyond(&**tx, viewer, folder).await? {
        return Ok(Some(danger(format!(
            "没有公布：这份修改还涉及“{unit}”，不在您负责的范围内，请交给两边都负责的审核员。"
        ))));
    }
    if let Some(first) = gate::obstacles(&revision.content).first() {
        return Ok(Some(danger(format!("没有公布：{}。请退回修改。", first.message))));
    }
    if let Content::Unit(unit) = &revision.content
        && let Some((_, word)) = misplaced(&**tx, revision.subject_id, unit).await?.first()
    {
        return Ok(Some(danger(format!("没有公布：{word}。"))));
    }
    let unit = folder.unit.as_ref().map(|unit| unit.id);
    let (kind, name) = (revision.kind, revision.content.title());
    let taken = store::name_taken(&**tx, kind, unit, name, revision.subject_id).await?;
    Ok(taken.then(name_taken))
}

fn name_taken() -> Notice {
    danger("没有公布：已经有同名的内容。请退回，改名或修改原有的那一项。")
}

/// Publishes, or says in words why the registry does not take it.
async fn press(
    tx: &Tx,
    folder: &Folder,
    permit: &Permit,
    now: Millis,
) -> Result<Result<i64, Notice>, PageError> {
    match store::publish(tx, &folder.revision, permit.account_id(), now).await {
        Ok(subject) => Ok(Ok(subject)),
        Err(error) if store::is_name_clash(&error) => Ok(Err(name_taken())),
        Err(DbErr::Custom(word)) if word == crate::units::store::BELOW_ITSELF => {
            Ok(Err(danger("没有公布：上级单位已经在本单位之下，这样会互为上级。请退回修改。")))
        }
        Err(error) => Err(error.into()),
    }
}

fn refused(folder: &Folder, may: Result<(), Decline>, seen_by_reviewer: &str) -> Option<Notice> {
    match may {
        Err(decline) => Some(declined(folder, &decline)),
        Ok(()) if seen_by_reviewer != seen(folder) => Some(changed_since()),
        Ok(()) => None,
    }
}

/// The fields a publication changes, for the audit trail.
fn labels(folder: &Folder) -> String {
    let Some(published) = &folder.published else { return "新增".to_owned() };
    let changes = changes(Some(&published.content), &folder.revision.content);
    changes.into_iter().map(|change| change.label).collect::<Vec<_>>().join("、")
}

/// POST /office/reviews/{revision}/return
pub async fn send_back(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Decision>,
) -> Result<Response, PageError> {
    let now = app.clock.now();
    let reason = daylight_ids::text::clean(&input.reason);
    let (tx, folder) = draft::take(&app, &viewer, id, Action::Review).await?;
    let permit = viewer.permit(Action::Review, &folder.resource())?;
    let revision = &folder.revision;
    let mut errors = Errors::new();
    let mut may = revision.may_return(permit.account_id(), &reason);
    if may == Err(Decline::Reason) {
        errors.add("reason", Decline::Reason.to_string());
        may = Ok(());
    }
    draft::said("reason", "退回的理由", &reason, &mut errors);
    if may.is_ok()
        && errors.is_empty()
        && !store::send_back(&tx, id, permit.account_id(), &reason, now).await?
    {
        may = Err(Decline::State(revision.state));
    }
    let notice = may.err().map(|decline| declined(&folder, &decline));
    if notice.is_some() || !errors.is_empty() {
        drop(tx);
        return show_page(&app, &viewer, &folder, notice, &reason, &errors).await;
    }
    draft::note_move(&viewer, &tx, revision, "revision.return", revision.content.title(), now).await?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/reviews?returned={id}")))
}
