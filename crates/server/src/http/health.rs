//! Whether the program lives, whether it can work, and its figures.

use super::{Figures, Peer};
use axum::{
    Extension, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use daylight_app::{migrations, ops, web::App};
use serde_json::json;
use std::time::Duration;

/// A balancer asks every few seconds and should not wait longer itself.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// `/healthz`, `/readyz` and, where nobody else can read them, `/metrics`.
pub fn routes(app: &App, figures: Option<Figures>) -> Router {
    let health = Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).with_state(app.clone());
    match figures {
        Some(figures) => {
            let state = (app.clone(), figures);
            health.merge(Router::new().route("/metrics", get(local_figures)).with_state(state))
        }
        None => health,
    }
}

/// `/metrics` on an address of its own.
pub fn figures_alone(app: &App, figures: Figures) -> Router {
    Router::new().route("/metrics", get(all_figures)).with_state((app.clone(), figures))
}

/// GET /healthz: the process answers.
async fn alive() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], "ok\n")
}

/// GET /readyz: the database answers and has the newest schema.
async fn ready(State(app): State<App>) -> Response {
    let database = tokio::time::timeout(ANSWER_WITHIN, ops::store::answers(&app.db)).await;
    let database = matches!(database, Ok(Ok(())));
    let migrated = database
        && matches!(
            tokio::time::timeout(ANSWER_WITHIN, migrations::pending(&app.db)).await,
            Ok(Ok(pending)) if pending.is_empty()
        );
    let status = if migrated { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({ "ready": migrated, "database": database, "migrations": migrated });
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// GET /metrics beside the pages: only from this machine, and only when no proxy stands between.
async fn local_figures(
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    state: State<(App, Figures)>,
) -> Response {
    let forwarded = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
    if !peer.ip().to_canonical().is_loopback() || forwarded.iter().any(|name| headers.contains_key(*name)) {
        return StatusCode::NOT_FOUND.into_response();
    }
    all_figures(state).await
}

async fn all_figures(State((app, figures)): State<(App, Figures)>) -> Response {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    let text = tokio::time::timeout(Duration::from_secs(10), figures.render(&app)).await;
    match text {
        Ok(text) => ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], text).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
