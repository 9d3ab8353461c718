//! 修改权力事项: the five parts, the procedure row by row, risks, and the drawing beside it.

mod form;
mod rows;

use super::Power;
use crate::{
    office::{
        self, Typed,
        editor::{self, List, Opening, Press},
    },
    revisions::{Content, Desk, SubjectKind, store as revisions},
    web::{App, PageError, Viewer},
};
use axum::{
    Form,
    extract::{Path, Query, State},
    response::Response,
};
use daylight_ui::{Notice, form::Errors};
use rows::{RiskRow, Rows};

/// Not text that is published: nothing personal is looked for in it.
const EXEMPT: [&str; 1] = ["seen"];

/// GET /office/powers/new
pub async fn begin(
    State(app): State<App>,
    viewer: Viewer,
    Query(opening): Query<Opening>,
) -> Result<Response, PageError> {
    if opening.draft.is_none() && opening.unit.is_none() {
        return office::pick(&app, &viewer, SubjectKind::Power, &opening.q).await;
    }
    let desk = new_desk(&app, &viewer, &opening).await?;
    open(&app, &viewer, &desk, &opening).await
}

/// GET /office/powers/{id}/edit
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(opening): Query<Opening>,
) -> Result<Response, PageError> {
    let desk = Desk::of(&app, &viewer, SubjectKind::Power, id).await?;
    open(&app, &viewer, &desk, &opening).await
}

/// POST /office/powers/new
pub async fn keep_new(
    State(app): State<App>,
    viewer: Viewer,
    Query(opening): Query<Opening>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let desk = new_desk(&app, &viewer, &opening).await?;
    receive(&app, &viewer, &desk, Typed::new(sent)).await
}

/// POST /office/powers/{id}/edit
pub async fn keep(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let desk = Desk::of(&app, &viewer, SubjectKind::Power, id).await?;
    receive(&app, &viewer, &desk, Typed::new(sent)).await
}

async fn new_desk(app: &App, viewer: &Viewer, opening: &Opening) -> Result<Desk, PageError> {
    match (opening.draft, opening.unit) {
        (Some(draft), _) => Desk::resume(app, viewer, SubjectKind::Power, draft).await,
        (None, Some(unit)) => Desk::begin(app, viewer, SubjectKind::Power, Some(unit)).await,
        // A power always stands in a unit.
        (None, None) => Err(PageError::NotFound),
    }
}

async fn open(app: &App, viewer: &Viewer, desk: &Desk, opening: &Opening) -> Result<Response, PageError> {
    if let Some(response) = editor::locked(desk) {
        return Ok(response);
    }
    let rows = match desk.content() {
        Some(Content::Power(power)) => Rows::from_power(power),
        _ => Rows::from_power(&Power::default()),
    };
    show(app, viewer, desk, &rows, &desk.seen(), editor::opening_notice(opening), &Errors::new()).await
}

async fn receive(app: &App, viewer: &Viewer, desk: &Desk, typed: Typed) -> Result<Response, PageError> {
    let (press, seen) = (Press::of(&typed), typed.get("seen").to_owned());
    let mut errors = Errors::new();
    let mut rows = Rows::of(if press == Press::Redact { typed.redacted(&EXEMPT) } else { typed.clone() });
    match press {
        Press::Save | Press::Check => {}
        Press::Redact => {
            return show(app, viewer, desk, &rows, &seen, Some(editor::masked()), &errors).await;
        }
        Press::Add(List::Steps) => rows.add_step(),
        Press::Insert(List::Steps, at) => rows.insert_step(at),
        Press::Remove(List::Steps, at) => rows.remove_step(at),
        Press::Remove(List::Risks, at) if at < rows.risks.len() => drop(rows.risks.remove(at)),
        Press::Add(List::Risks) => rows.risks.push(RiskRow::default()),
        _ => {}
    }
    if !matches!(press, Press::Save | Press::Check) {
        return show(app, viewer, desk, &rows, &seen, None, &errors).await;
    }
    let power = rows.read(&unit_name(desk), &mut errors);
    let unit_id = desk.place.as_ref().map(|place| place.unit_id);
    let c = app.db.read();
    if !power.name.is_empty()
        && revisions::name_taken(c, SubjectKind::Power, unit_id, &power.name, desk.subject_id).await?
    {
        errors.add("name", "这个单位已经有同名的权力事项，请核对，或直接修改原有的那一项");
    }
    typed.gate(&EXEMPT, form::label, &mut errors);
    if !errors.is_empty() {
        return show(app, viewer, desk, &rows, &seen, None, &errors).await;
    }
    let content = Content::Power(Box::new(power));
    match editor::keep(app, viewer, desk, press, &content, unit_id, &seen).await? {
        Ok(response) => Ok(response),
        Err(notice) => {
            let newest = editor::newest(app, viewer, desk).await?;
            show(app, viewer, &newest, &rows, &newest.seen(), Some(notice), &Errors::new()).await
        }
    }
}

/// The unit's name as it is now.
fn unit_name(desk: &Desk) -> String {
    desk.place.as_ref().map(|place| place.unit.clone()).unwrap_or_default()
}

async fn show(
    app: &App,
    viewer: &Viewer,
    desk: &Desk,
    rows: &Rows,
    seen: &str,
    notice: Option<Notice>,
    errors: &Errors,
) -> Result<Response, PageError> {
    let power = rows.read(&unit_name(desk), &mut Errors::new());
    let form = form::render(desk, rows, &power, seen, viewer.elder, errors)?;
    let shown = Content::Power(Box::new(power));
    editor::page(app, viewer, desk, &shown, &form, notice, errors).await
}
