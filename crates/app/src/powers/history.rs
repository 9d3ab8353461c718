//! 公布记录 of a power.

use crate::{
    revisions::{SubjectKind, history},
    web::{App, Asked, Id, PageError, Viewer},
};
use axum::{extract::State, response::Response};

/// GET /powers/{id}/history?page=
pub async fn page(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    asked: Asked,
) -> Result<Response, PageError> {
    history::page(&app, &viewer, SubjectKind::Power, id, &asked).await
}
