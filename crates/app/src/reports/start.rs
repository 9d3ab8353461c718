//! The first question, and what stands before it: a draft that was left, an object that a link brought along.

use super::{
    Kind, Named, Object,
    ask::Ask,
    frame::{Frame, Sent, onward, way_back},
    kept::{self, Kept},
    named, proof, store,
};
use crate::web::{App, Asked, PageError, Viewer, redirect};
use askama::Template;
use axum::{extract::State, http::HeaderMap, response::Response};
use daylight_ui::{
    Action, Html as Markup, SummaryList,
    form::{Choice, Errors, Field, Form},
};

const TITLE: &str = "我要反映";

#[derive(Template)]
#[template(path = "reports/templates/start.html")]
struct Start {
    about: Option<SummaryList>,
    form: Form,
    first: bool,
}

#[derive(Template)]
#[template(path = "reports/templates/resume.html")]
struct Resume {
    kind: &'static str,
    about: String,
    on: &'static str,
    other: Option<Named>,
    code: String,
}

/// What a link brought along.
#[derive(Clone, Debug, Default)]
struct Brought {
    about: Option<Named>,
    /// One came from a place that says that something is missing.
    missing: bool,
}

impl Brought {
    async fn read(app: &App, object: Option<Object>, missing: bool) -> Result<Brought, PageError> {
        let about = match object {
            Some(object) => named(app.db.read(), object).await?,
            None => None,
        };
        Ok(Brought { missing: missing && about.is_some(), about })
    }
}

/// GET /reports/new?unit=&power=&step=&cadre=&place=&publication=&basis=&kind=&missing=
///
/// Keeps nothing: only the first answer makes a draft.
pub async fn entrance(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, PageError> {
    let missing = asked.text("missing") == "1";
    let brought = Brought::read(&app, Object::asked(&asked), missing).await?;
    match kept::find(&app, &headers).await? {
        Some(kept) if kept.draft.kind.is_some() => resume(&app, &viewer, &kept, brought).await,
        _ => {
            let kind = brought.missing.then_some(Kind::Complaint).or(Kind::from_code(asked.text("kind")));
            show(&app, &viewer, None, brought, kind, "", &Errors::new()).await
        }
    }
}

async fn resume(app: &App, viewer: &Viewer, kept: &Kept, brought: Brought) -> Result<Response, PageError> {
    let draft = &kept.draft;
    let about = match draft.object {
        Some(object) => named(app.db.read(), object).await?.map(|named| named.name),
        None => None,
    };
    let proved = proof::proved(app, kept).await?;
    let other = brought.about.filter(|other| Some(other.object) != draft.object);
    let body = Resume {
        kind: draft.kind.map_or("", Kind::page),
        about: about.unwrap_or_default(),
        on: Ask::first_open(draft, proved.as_ref()).path(),
        code: other.as_ref().map(|other| other.object.code()).unwrap_or_default(),
        other,
    };
    let until = Some(crate::clock::date_text(kept.until));
    Frame { until, ..Frame::new(TITLE, Markup::render(&body)?) }.show(app, viewer).await
}

/// GET /reports/new/kind
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, PageError> {
    let kept = kept::find(&app, &headers).await?;
    let kind = kept.as_ref().and_then(|kept| kept.draft.kind);
    let to = way_back(&asked);
    show(&app, &viewer, kept.as_ref(), Brought::default(), kind, to, &Errors::new()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    kept: Option<&Kept>,
    brought: Brought,
    kind: Option<Kind>,
    to: &str,
    errors: &Errors,
) -> Result<Response, PageError> {
    let hint = |kind: Kind| match kind {
        Kind::Accusation => "干部违纪违法：收钱、冒领补贴、照顾亲戚、欺负群众",
        Kind::Complaint => "对您不公：态度差、拖着不办、乱收费、该公开的不公开",
        Kind::Request => "该有的没有得到：低保、补贴、修路、看病报销",
        Kind::Suggestion => "希望改进的事",
    };
    let choices = Kind::ALL.map(|kind| Choice::new(kind.code(), kind.page()).hint(hint(kind)));
    let field = Field::radios("kind", "您要反映的是哪一类？", choices)
        .value(kind.map(Kind::code).unwrap_or_default())
        .check(errors)
        .as_heading();
    let mut form = Form::post(Ask::Kind.path(), "下一步").field(field);
    if let Some(about) = &brought.about {
        form = form.hidden("about", about.object.code());
    }
    if brought.missing {
        form = form.hidden("missing", "1");
    }
    if !to.is_empty() {
        form = form.hidden("to", to);
    }
    let about = brought.about.map(|about| SummaryList::new().row("反映对象", about.name));
    let body = Start { about, form, first: kept.is_none() };
    Frame::question(Ask::Kind, TITLE, kept, Markup::render(&body)?).errors(errors).show(app, viewer).await
}

/// POST /reports/new, POST /reports/new/kind
pub async fn begin(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, PageError> {
    let missing = sent.text("missing") == "1";
    let brought = Brought::read(&app, Object::from_code(sent.text("about")), missing).await?;
    let kept = kept::find(&app, &headers).await?;
    let Some(kind) = Kind::from_code(sent.text("kind")) else {
        let mut errors = Errors::new();
        errors.add("kind", "请选择您要反映的是哪一类：检举控告、投诉、求助或意见建议");
        let to = if sent.text("to") == "check" { "check" } else { "" };
        return show(&app, &viewer, kept.as_ref(), brought, None, to, &errors).await;
    };
    // Without a draft the token of an earlier report may still be there: a new report gets its own.
    let (token, mut draft) = kept.map(|kept| (kept.token, kept.draft)).unzip();
    let draft = draft.get_or_insert_default();
    draft.kind = Some(kind);
    if let Some(about) = &brought.about {
        draft.object = Some(about.object);
        if brought.missing && draft.facts.what.is_empty() {
            draft.facts.what = format!("“{}”应当公开的内容没有公开，请补充公开。", about.name);
        }
    }
    let token = kept::keep(&app, token, draft).await?;
    let mut response = match draft.object {
        Some(_) if sent.text("to") != "check" && brought.about.is_some() => redirect(Ask::Facts.path()),
        _ => onward(Ask::Kind, &sent),
    };
    kept::remember(&app, &mut response, &token);
    Ok(response)
}

/// Where somebody goes who has no draft: to the receipt when it was submitted, else to the entrance.
pub async fn without_draft(app: &App, viewer: &Viewer, headers: &HeaderMap) -> Result<Response, PageError> {
    if let Some(token) = kept::token(headers) {
        let now = app.clock.now();
        let done = store::receipt(app.db.read(), &app.vault, token, now).await.map_err(super::failed)?;
        if done.is_some() {
            return Ok(redirect("/reports/new/done"));
        }
    }
    let words = Markup::paragraphs(
        "可能是已经过了保存的期限，或者已经删除，也可能是浏览器不保存记录。\n\
         属于上级管辖的，本平台不接收，写的内容也不保存。",
    );
    let start = daylight_ui::Actions::new([
        Action::link("重新填写", "/reports/new"),
        Action::link("查办理进度", "/reports/status").second(),
    ]);
    let head = daylight_ui::Heading::new("没有找到没写完的内容");
    let body = [head.into(), words, start.into()].into_iter().collect::<Markup>();
    Frame::new(TITLE, body).show(app, viewer).await
}
