//! What is done to a clue: proposed, approved or returned by another person, taken up again.

use super::{
    Deed, Disposal, Refusal, failed,
    show::{Input, show},
    store::{self, ClueError, Doing},
};
use crate::web::{App, Form, Id, PageError, Viewer, redirect};
use axum::{extract::State as Axum, response::Response};
use daylight_ui::{Notice, NoticeKind, form::Errors};

/// POST /office/clues/{id}/propose
pub async fn propose(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    let deed = Disposal::from_code(&input.disposal).map(|disposal| Deed::Propose { disposal });
    take(&app, &viewer, id, deed.ok_or(("disposal", "请选择处置方式")), input, "propose").await
}

/// POST /office/clues/{id}/decide
pub async fn decide(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    let (deed, done) = match input.decision.as_str() {
        "approve" => (Deed::Approve, "approve"),
        _ => (Deed::Return, "return"),
    };
    take(&app, &viewer, id, Ok(deed), input, done).await
}

/// POST /office/clues/{id}/reopen
pub async fn reopen(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    take(&app, &viewer, id, Ok(Deed::Reopen), input, "reopen").await
}

async fn take(
    app: &App,
    viewer: &Viewer,
    id: i64,
    deed: Result<Deed, (&str, &str)>,
    input: Input,
    done: &str,
) -> Result<Response, PageError> {
    let input = Input { reason: daylight_ids::text::clean(&input.reason), ..input };
    let mut errors = Errors::new();
    let deed = match deed {
        Ok(deed) => deed,
        Err((field, message)) => {
            // Shown only to whoever may see it: `show` asks.
            errors.add(field, message);
            return show(app, viewer, id, None, &input, &errors).await;
        }
    };
    let doing = Doing { deed, reason: input.reason.clone(), seen: input.seen.parse().unwrap_or(0) };
    let tx = app.db.write().await?;
    match store::act(&tx, &app.vault, viewer.actor()?, id, &doing, app.clock.now()).await {
        Ok(_) => tx.commit().await?,
        Err(ClueError::Refused(refusal @ Refusal::Reason)) => {
            drop(tx);
            errors.add("reason", refusal.to_string());
            return show(app, viewer, id, None, &input, &errors).await;
        }
        Err(ClueError::Refused(refusal)) if refusal != Refusal::Role => {
            drop(tx);
            let notice = Notice::new(NoticeKind::Warning, refusal.to_string());
            return show(app, viewer, id, Some(notice), &input, &errors).await;
        }
        Err(error) => return Err(failed(error)),
    }
    Ok(redirect(&format!("/office/clues/{id}?done={done}")))
}
