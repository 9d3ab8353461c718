//! 反映谁、什么事: a search over what is public, "I don't know", or the one that a link brought along.
//!
//! The search is sent as a form and not in the address: whom somebody looked for must not stand in the history of a
//! telephone that others pick up.

use super::{
    Named, Object,
    ask::Ask,
    frame::{Frame, Sent, onward, way_back},
    kept::{self, Kept},
    named,
    start::without_draft,
};
use crate::{
    search,
    web::{App, Asked, PageError, Viewer},
};
use askama::Template;
use axum::{extract::State, http::HeaderMap, response::Response};
use daylight_ui::{Html as Markup, form::Errors};

/// Results that are shown: more are narrowed down faster by another word than by reading on.
const SHOWN: i64 = 8;
/// Characters of a search.
const MOST: usize = 60;

#[derive(Template)]
#[template(path = "reports/templates/pick.html")]
struct Page {
    now: Option<Named>,
    q: String,
    error: Option<String>,
    hits: Vec<Hit>,
    more: bool,
    searched: bool,
    to: &'static str,
}

struct Hit {
    code: String,
    kind: &'static str,
    title: String,
    detail: String,
}

/// GET /reports/new/object
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, PageError> {
    let Some(kept) = kept::find(&app, &headers).await? else {
        return without_draft(&app, &viewer, &headers).await;
    };
    show(&app, &viewer, &kept, None, way_back(&asked), &Errors::new()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    kept: &Kept,
    q: Option<&str>,
    to: &'static str,
    errors: &Errors,
) -> Result<Response, PageError> {
    let c = app.db.read();
    let now = match kept.draft.object {
        Some(object) => named(c, object).await?,
        None => None,
    };
    let found = match q {
        Some(q) => search::store::find(c, app.db.engine(), q, &Default::default(), SHOWN, 0).await?,
        None => search::store::Found::default(),
    };
    let hit = |hit: search::store::Hit| {
        let kind = match hit.kind.as_str() {
            "unit" => "单位",
            "power" => "权力事项",
            "cadre" => "干部",
            _ => "地方",
        };
        let code = Object::found(&hit.kind, hit.subject_id)?.code();
        Some(Hit { code, kind, title: hit.title, detail: hit.detail })
    };
    let body = Page {
        now,
        q: q.unwrap_or_default().to_owned(),
        error: errors.get("q").map(str::to_owned),
        more: found.total > SHOWN,
        hits: found.hits.into_iter().filter_map(hit).collect(),
        searched: q.is_some() && errors.is_empty(),
        to,
    };
    let body = Markup::render(&body)?;
    Frame::question(Ask::Object, "反映谁、什么事", Some(kept), body).errors(errors).show(app, viewer).await
}

/// POST /reports/new/object: a search, or the choice.
pub async fn submit(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, PageError> {
    let Some(mut kept) = kept::find(&app, &headers).await? else {
        return without_draft(&app, &viewer, &headers).await;
    };
    let to = if sent.text("to") == "check" { "check" } else { "" };
    let chosen = match Object::from_code(sent.text("object")) {
        Some(object) => named(app.db.read(), object).await?,
        None => None,
    };
    let Some(chosen) = chosen else {
        let q: String = sent.text("q").trim().chars().take(MOST).collect();
        let mut errors = Errors::new();
        if q.is_empty() {
            errors.add("q", "请写出单位、干部、地方或事情的名称再搜索；不知道是谁，请点“我不知道是谁”");
        }
        let q = (!q.is_empty()).then_some(q.as_str());
        return show(&app, &viewer, &kept, q, to, &errors).await;
    };
    kept.draft.object = Some(chosen.object);
    let token = kept::keep(&app, Some(kept.token), &kept.draft).await?;
    let mut response = onward(Ask::Object, &sent);
    kept::remember(&app, &mut response, &token);
    Ok(response)
}
