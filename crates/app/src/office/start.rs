//! 工作台: what waits for me.

use crate::web::{App, PageError, Viewer};
use axum::{extract::State, response::Html};

/// GET /office
pub async fn page(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let shell = viewer.office(&app, "工作台").await?;
    Ok(Html(daylight_ui::page(&shell, "<h1>工作台</h1>")))
}
