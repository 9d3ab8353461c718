//! 公布记录 of a cadre.

use crate::{
    revisions::{SubjectKind, history},
    web::{App, Asked, Id, PageError, Viewer},
};
use axum::{extract::State, response::Response};

/// GET /cadres/{id}/history?page=
pub async fn page(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    asked: Asked,
) -> Result<Response, PageError> {
    history::page(&app, &viewer, SubjectKind::Cadre, id, &asked).await
}
