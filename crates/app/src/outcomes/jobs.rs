//! The release: once an hour it is asked whether a batch is due, and whose time is over.

use super::store;
use crate::web::App;
use daylight_queue::{Every, JobError, Worker};

const RELEASE: &str = "outcomes.release";

/// Teaches a worker the job of this feature.
pub fn on(worker: Worker, app: &App) -> Worker {
    let app = app.clone();
    worker
        .on(RELEASE, move |_| {
            let app = app.clone();
            async move { release(&app).await.map(drop).map_err(|error| JobError::Retry(error.to_string())) }
        })
        .schedule(&[(RELEASE, Every::Hours(1))])
}

/// Lets out what is due, and shows it. How many cards came out or went.
///
/// # Errors
///
/// When a card or the database cannot be read; then nothing has come out.
pub async fn release(app: &App) -> Result<usize, crate::cases::store::StoreError> {
    let tx = app.db.write().await?;
    let changed = store::release(&tx, &app.vault, app.clock.now(), &drawn).await?;
    tx.commit().await?;
    if changed > 0 {
        app.cache.purge();
    }
    Ok(changed)
}

fn drawn() -> i64 {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).expect("the system's random numbers");
    i64::from_le_bytes(bytes) & i64::MAX
}
