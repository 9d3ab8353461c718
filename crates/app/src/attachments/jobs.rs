//! What runs behind: clearing away what was given up.

use super::{sealed::Folder, store};
use crate::web::App;
use daylight_queue::{Every, JobError, Worker};

const SWEEP: &str = "attachments.sweep";
/// Seconds that a file without a row is left alone: its row may be on the way.
const GRACE: i64 = 24 * 3_600;

/// Teaches a worker to clear away.
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
    let now = app.clock.now();
    let tx = app.db.write().await?;
    store::sweep(&tx, now).await?;
    tx.commit().await?;
    let known = store::known(app.db.read()).await?;
    let data = app.config.data.clone();
    let swept = tokio::task::spawn_blocking(move || Folder::open(&data)?.sweep(&known, now / 1000 - GRACE));
    match swept.await {
        Ok(Ok(_)) => Ok(()),
        _ => Err(JobError::Retry("附件目录无法清理，请检查磁盘".into())),
    }
}
