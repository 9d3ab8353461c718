//! 公布记录 of a unit.

use crate::{
    revisions::{SubjectKind, history},
    web::{App, Asked, Id, PageError, Viewer},
};
use axum::{extract::State, response::Response};

/// GET /units/{id}/history?page=
pub async fn page(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    asked: Asked,
) -> Result<Response, PageError> {
    history::page(&app, &viewer, SubjectKind::Unit, id, &asked).await
}
