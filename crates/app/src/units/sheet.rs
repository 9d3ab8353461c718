//! The code of a unit, and the sheet to hang beside its desk.

use super::store;
use crate::{
    codes::{self, Poster},
    reports::Object,
    revisions::{SubjectKind, as_of},
    web::{App, Id, PageError, Viewer},
};
use axum::{extract::State, response::Response};

/// GET /units/{id}/qr.svg
pub async fn code(State(app): State<App>, Id(id): Id) -> Result<Response, PageError> {
    let unit = store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    codes::svg(&app, &SubjectKind::Unit.href(id), &unit.name)
}

/// GET /units/{id}/sheet
pub async fn sheet(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let unit = store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    let shell = as_of::frame(&app, &viewer, SubjectKind::Unit, id, &unit.name, "张贴用二维码").await?;
    let poster = Poster {
        path: &SubjectKind::Unit.href(id),
        name: &unit.name,
        what: "本单位管什么、有哪些权力、由谁来办、怎么办，扫码都能看到",
        look: "点“权力监督”看办事流程，点“主要职责”看该找谁。",
        about: Object::Unit(id),
    };
    codes::poster(&app, &shell, &poster).await
}
