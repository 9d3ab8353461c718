//! 证据: what helps, and the place of the files.

use super::{
    ask::Ask,
    frame::{Frame, Sent, onward, way_back},
    kept,
    start::without_draft,
};
use crate::{
    attachments,
    web::{App, Asked, PageError, Viewer},
};
use askama::Template;
use axum::{extract::State, http::HeaderMap, response::Response};
use daylight_ui::Html as Markup;

#[derive(Template)]
#[template(path = "reports/templates/evidence.html")]
struct Page {
    files: Markup,
}

/// GET /reports/new/evidence
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, PageError> {
    let Some(kept) = kept::find(&app, &headers).await? else {
        return without_draft(&app, &viewer, &headers).await;
    };
    let files = attachments::section(&app, &kept.token, asked.text("refused"), way_back(&asked)).await?;
    let body = Page { files };
    Frame::question(Ask::Evidence, "证据", Some(&kept), Markup::render(&body)?).show(&app, &viewer).await
}

/// POST /reports/new/evidence: on, without a file.
pub async fn submit(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, PageError> {
    if kept::find(&app, &headers).await?.is_none() {
        return without_draft(&app, &viewer, &headers).await;
    }
    Ok(onward(Ask::Evidence, &sent))
}
