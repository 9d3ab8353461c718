//! Once an hour it is asked whether a batch is due, whose time is over, and who should be told that an outcome waits.

use super::store;
use crate::web::App;
use daylight_queue::{Every, JobError, Worker};

const RELEASE: &str = "outcomes.release";
const REMIND: &str = "outcomes.remind";

/// Teaches a worker the job of this feature.
pub fn on(worker: Worker, app: &App) -> Worker {
    let (app, reminder) = (app.clone(), app.clone());
    worker
        .on(RELEASE, move |_| {
            let app = app.clone();
            async move { release(&app).await.map(drop).map_err(|error| JobError::Retry(error.to_string())) }
        })
        .on(REMIND, move |_| {
            let app = reminder.clone();
            async move { Ok::<(), JobError>(remind(&app).await?) }
        })
        .schedule(&[(RELEASE, Every::Hours(1)), (REMIND, Every::Hours(1))])
}

/// Tells whoever should write or approve an outcome that nobody has for days. Run again it tells nobody again.
///
/// # Errors
///
/// When the database fails.
pub async fn remind(app: &App) -> Result<(), daylight_db::DbErr> {
    let now = app.clock.now();
    let calls = store::late(app.db.read(), now).await?;
    crate::cases::jobs::call_all(app, &calls, now).await
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
