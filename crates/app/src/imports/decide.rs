//! What a clerk decides about an import: save it, give it up, read it again.

use super::{find, jobs, sealed, store};
use crate::{
    audit,
    web::{App, PageError, Viewer, redirect},
};
use axum::{
    extract::{Path, State},
    response::Response,
};

/// POST /office/imports/{id}/apply
pub async fn apply(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> Result<Response, PageError> {
    find(&app, &viewer, id).await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let step = (store::State::Preview, store::State::Saving);
    // Of two clicks the second finds it moved on, and only shows how far it is.
    if store::advance(&*tx, id, step, None, now).await? {
        jobs::enqueue_save(&tx, id, viewer.actor()?.account_id, now).await?;
        tx.commit().await?;
        daylight_queue::wake();
    }
    Ok(redirect(&format!("/office/imports/{id}")))
}

/// POST /office/imports/{id}/discard
pub async fn discard(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> Result<Response, PageError> {
    let line = find(&app, &viewer, id).await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    if store::discard(&tx, id, now).await? {
        let actor = viewer.actor()?;
        let entry = audit::Entry {
            account_id: Some(actor.account_id),
            actor: &actor.name,
            action: "import.discard",
            subject: &format!("import {id}"),
            detail: &line.file_names().join("、"),
        };
        audit::store::append(&tx, &entry, now).await?;
        tx.commit().await?;
        sealed::remove(&app, &line.folder);
    }
    Ok(redirect(&format!("/office/imports/{id}")))
}

/// POST /office/imports/{id}/again
pub async fn again(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> Result<Response, PageError> {
    let line = find(&app, &viewer, id).await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    if store::remap(&tx, id, &line.learned(), now).await? {
        jobs::enqueue_read(&tx, id, now).await?;
        tx.commit().await?;
        daylight_queue::wake();
    }
    Ok(redirect(&format!("/office/imports/{id}")))
}
