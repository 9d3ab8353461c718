//! What runs behind: forgetting.

use super::store;
use crate::web::App;
use daylight_queue::{Every, Worker};

const SWEEP: &str = "phones.sweep";

/// Teaches a worker to forget old codes, counters and proofs.
pub fn on(worker: Worker, app: &App) -> Worker {
    let app = app.clone();
    worker
        .on(SWEEP, move |_| {
            let app = app.clone();
            async move {
                let tx = app.db.write().await?;
                store::sweep(&tx, app.clock.now()).await?;
                Ok(tx.commit().await?)
            }
        })
        .schedule(&[(SWEEP, Every::Minutes(30))])
}
