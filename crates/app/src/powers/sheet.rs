//! The code of a power, and the sheet to hang where it is exercised.

use super::store;
use crate::{
    codes::{self, Poster},
    reports::Object,
    revisions::{SubjectKind, as_of},
    web::{App, Id, PageError, Viewer},
};
use axum::{extract::State, response::Response};

/// GET /powers/{id}/qr.svg
pub async fn code(State(app): State<App>, Id(id): Id) -> Result<Response, PageError> {
    let power = store::get_public(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    codes::svg(&app, &SubjectKind::Power.href(id), &power.name)
}

/// GET /powers/{id}/sheet
pub async fn sheet(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    let power = store::get_public(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    let shell = as_of::frame(&app, &viewer, SubjectKind::Power, id, &power.name, "张贴用二维码").await?;
    let what = format!("{}：这件事怎么办、谁来办、几天办完、凭什么办，扫码就能看到", power.unit);
    let poster = Poster {
        path: &SubjectKind::Power.href(id),
        name: &power.name,
        what: &what,
        look: "一步一步看办理流程、时限和该找的岗位。",
        about: Object::Power(id),
    };
    codes::poster(&app, &shell, &poster).await
}
