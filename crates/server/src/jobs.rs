//! Background jobs: the whole schedule on one page.

use daylight_app::{accounts, web::App};
use daylight_queue::{Every, JobError, Schedule, Worker};
use std::sync::Arc;
use tokio::sync::watch;

/// Everything that recurs.
const SCHEDULE: Schedule = &[("accounts.sweep", Every::Hours(1))];

/// The worker with a handler for every kind of job.
pub fn worker(app: &App) -> Worker {
    let clock = app.clock.clone();
    let sweeper = app.clone();
    Worker::new(app.db.clone(), Arc::new(move || clock.now()))
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
    worker(&app).run(stop).await;
}
