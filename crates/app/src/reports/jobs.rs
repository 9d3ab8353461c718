//! What runs behind: forgetting.

use super::store;
use crate::web::App;
use daylight_queue::{Every, JobError, Worker};

const SWEEP: &str = "reports.sweep";

/// Teaches a worker to delete the drafts that nobody came back for, and to forget old failures to open a report.
pub fn on(worker: Worker, app: &App) -> Worker {
    let app = app.clone();
    worker
        .on(SWEEP, move |_| {
            let app = app.clone();
            async move { sweep(&app).await }
        })
        .schedule(&[(SWEEP, Every::Hours(1))])
}

async fn sweep(app: &App) -> Result<(), JobError> {
    let tx = app.db.write().await?;
    store::sweep(&tx, app.clock.now()).await?;
    tx.commit().await?;
    // What was deleted, here and by those who submitted, goes from the files as well.
    Ok(app.db.fold().await?)
}
