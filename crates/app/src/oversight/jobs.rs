//! The hourly count.

use super::store;
use crate::web::App;
use daylight_db::DbErr;
use daylight_queue::{Every, JobError, Worker};

const COUNT: &str = "oversight.count";

/// Teaches a worker the job of this feature.
pub fn on(worker: Worker, app: &App) -> Worker {
    let app = app.clone();
    worker
        .on(COUNT, move |_| {
            let app = app.clone();
            async move { Ok::<(), JobError>(count(&app).await?) }
        })
        .schedule(&[(COUNT, Every::Hours(1))])
}

/// Counts anew, and shows it.
///
/// # Errors
///
/// When the database fails; then the last count stands.
pub async fn count(app: &App) -> Result<(), DbErr> {
    let tx = app.db.write().await?;
    store::count(&tx, app.clock.now()).await?;
    crate::clues::store::count(&tx).await?;
    tx.commit().await?;
    app.cache.purge();
    Ok(())
}
