//! What falls due with letters: whoever should send back a receipt or an answer is told, and whoever waits for it.

use super::store;
use crate::web::App;
use daylight_db::DbErr;
use daylight_queue::{Every, JobError, Worker};

const REMIND: &str = "letter.remind";

/// Teaches a worker the job of this feature.
pub fn on(worker: Worker, app: &App) -> Worker {
    let app = app.clone();
    worker
        .on(REMIND, move |_| {
            let app = app.clone();
            async move { Ok::<(), JobError>(remind(&app).await?) }
        })
        .schedule(&[(REMIND, Every::Hours(1))])
}

/// Tells of what is late by now. Run again it tells nobody again.
///
/// # Errors
///
/// When the database fails.
pub async fn remind(app: &App) -> Result<(), DbErr> {
    let now = app.clock.now();
    let calls = store::late(app.db.read(), app.clock.today()).await?;
    crate::cases::jobs::call_all(app, &calls, now).await
}
