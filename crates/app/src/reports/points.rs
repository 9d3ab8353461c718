//! 要求答复的问题: each in a box of its own, because each must be answered on its own.

use super::{
    Draft,
    ask::Ask,
    facts,
    frame::{Frame, Sent, way_back},
    kept::{self, Kept},
    start::without_draft,
};
use crate::web::{App, Asked, PageError, Viewer};
use axum::{extract::State, http::HeaderMap, response::Response};
use daylight_ui::{
    Action, Html as Markup,
    form::{Errors, Field, Form},
};

/// Boxes that are shown at first.
const ROWS: usize = 3;

/// GET /reports/new/points
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, PageError> {
    let Some(kept) = kept::find(&app, &headers).await? else {
        return without_draft(&app, &viewer, &headers).await;
    };
    show(&app, &viewer, &kept, 0, way_back(&asked), &Errors::new()).await
}

/// Boxes for points, numbered from 1; also on the page where more is said.
pub fn fields(points: &[String], rows: usize, errors: &Errors) -> Vec<Field> {
    let most = u32::try_from(Draft::SHORT_MOST).unwrap_or(u32::MAX);
    let field = |at: usize| {
        let value = points.get(at).map(String::as_str).unwrap_or_default();
        let field = Field::text(format!("point-{}", at + 1), format!("第{}个问题", at + 1));
        field.value(value).maxlength(most).autocomplete("off").unmarked().check(errors)
    };
    (0..rows.max(points.len()).min(Draft::POINTS_MOST)).map(field).collect()
}

/// The points of a form, as typed, without the empty boxes.
pub fn typed(sent: &Sent) -> Vec<String> {
    let boxes = (1..=Draft::POINTS_MOST).map(|at| sent.text(&format!("point-{at}")).to_owned());
    boxes.filter(|point| !point.trim().is_empty()).collect()
}

async fn show(
    app: &App,
    viewer: &Viewer,
    kept: &Kept,
    rows: usize,
    to: &str,
    errors: &Errors,
) -> Result<Response, PageError> {
    let points = &kept.draft.points;
    let mut form = Form::post(Ask::Points.path(), "下一步");
    form.fields = fields(points, rows.max(ROWS), errors);
    if form.fields.len() < Draft::POINTS_MOST {
        form = form.action(Action::submit("再加一个问题").second().sends("do", "more"));
    }
    if !to.is_empty() {
        form = form.hidden("to", to);
    }
    let head = Markup::trusted(
        "<h1>您要他们答复哪些问题？</h1>\
         <p>一个框写一个问题，例如“低保名单是谁定的”。办理机关必须一个一个答复，漏了一个都不能办结。不写，就按整件事答复。</p>",
    );
    let body = [head, form.into()].into_iter().collect::<Markup>();
    Frame::question(Ask::Points, "要求答复的问题", Some(kept), body).errors(errors).show(app, viewer).await
}

/// POST /reports/new/points
pub async fn submit(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, PageError> {
    let Some(mut kept) = kept::find(&app, &headers).await? else {
        return without_draft(&app, &viewer, &headers).await;
    };
    kept.draft.points = typed(&sent);
    let to = if sent.text("to") == "check" { "check" } else { "" };
    if sent.text("do") == "more" && !sent.is_too_long() {
        kept::keep(&app, Some(kept.token.clone()), &kept.draft).await?;
        let shown = (1..=Draft::POINTS_MOST).filter(|at| {
            let name = format!("point-{at}");
            sent.0.iter().any(|(key, _)| *key == name)
        });
        let rows = shown.count() + 1;
        return show(&app, &viewer, &kept, rows, to, &Errors::new()).await;
    }
    facts::save(&app, &viewer, kept, Ask::Points, &sent, async |app, viewer, kept, errors| {
        show(app, viewer, kept, 0, to, errors).await
    })
    .await
}
