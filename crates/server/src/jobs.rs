//! Background jobs of a running program: those of the features, and housekeeping.

use daylight_app::{accounts, imports, web::App};
use daylight_queue::{Every, JobError, Schedule, Worker};
use tokio::sync::watch;

/// Housekeeping that recurs. Features bring their own schedules.
const SCHEDULE: Schedule = &[("accounts.sweep", Every::Hours(1))];

/// The worker with a handler for every kind of job.
fn worker(app: &App) -> Worker {
    let sweeper = app.clone();
    daylight_app::worker(app)
        .on("accounts.sweep", move |_| {
            let app = sweeper.clone();
            async move {
                let tx = app.db.write().await?;
                accounts::store::sweep(&tx, app.clock.now()).await?;
                Ok::<(), JobError>(tx.commit().await?)
            }
        })
        .schedule(SCHEDULE)
}

/// Works until told to stop.
pub async fn run(app: App, stop: watch::Receiver<bool>) {
    // What a process that was killed left in the clear must not wait for the next slot.
    if let Err(error) = imports::jobs::sweep(&app).await {
        tracing::warn!(%error, "what an interrupted import left cannot be removed");
    }
    worker(&app).run(stop).await;
}
