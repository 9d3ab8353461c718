//! What the clock does to rounds: it opens and closes them, and sees that no key outlives its round.

use super::{keys, store};
use crate::{audit, web::App};
use daylight_queue::{Every, JobError, Worker};
use daylight_ratings::round::State;

const TURN: &str = "ratings.turn";

/// Teaches a worker the job of this feature.
pub fn on(worker: Worker, app: &App) -> Worker {
    let app = app.clone();
    worker
        .on(TURN, move |_| {
            let app = app.clone();
            async move { turn(&app).await.map(drop).map_err(|error| JobError::Retry(error.to_string())) }
        })
        .schedule(&[(TURN, Every::Minutes(1))])
}

/// Opens the rounds whose day has come, closes those whose time is over. How many.
///
/// # Errors
///
/// When a round cannot be turned; others were.
pub async fn turn(app: &App) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
    let now = app.clock.now();
    let mut turned = 0;
    for kept in store::rounds::list(app.db.read()).await? {
        let opens = match kept.round.state {
            State::Reviewed if kept.round.opens <= now => true,
            State::Open if kept.round.closes <= now => false,
            _ => continue,
        };
        let tx = app.db.write().await?;
        let (done, action) = if opens {
            (store::open(&tx, &app.vault, kept.id, now).await, "round.open")
        } else {
            (store::close(&tx, &app.vault, kept.id, now).await, "round.close")
        };
        match done {
            Ok(true) => {}
            Ok(false) => continue,
            // Waits until the other is over; it was looked at when it was reviewed.
            Err(store::TurnError::Collides) => {
                tracing::warn!(
                    round = kept.id,
                    "a round waits for another that asks about the same subjects"
                );
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        let subject = format!("round {}", kept.id);
        let entry = audit::Entry {
            account_id: None,
            actor: "平台",
            action,
            subject: &subject,
            detail: &kept.round.name,
        };
        audit::store::append(&tx, &entry, now).await?;
        tx.commit().await?;
        turned += 1;
    }
    if turned > 0 {
        app.cache.purge();
    }
    clear(app).await?;
    Ok(turned)
}

/// Destroys keys of rounds that are not open. Looked at again under the lock: a server may be opening one.
async fn clear(app: &App) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    for id in store::outlived(app.db.read(), &keys::rounds(&app.vault)?).await? {
        let tx = app.db.write().await?;
        store::rounds::hold(&tx, id).await?;
        if !store::outlived(&*tx, &[id]).await?.is_empty() {
            keys::destroy(&app.vault, id)?;
        }
    }
    Ok(())
}
