//! What the clock does to rounds: it opens and closes them, shows figures at fixed times, publishes what was counted again,
//! and sees that no key outlives its round.

use super::{
    keys,
    store::{self, Sealed, rounds::Kept},
};
use crate::{audit, clock::Millis, web::App};
use daylight_db::{DbErr, Tx};
use daylight_queue::{Every, JobError, Worker};
use daylight_ratings::{DAY, day_of, radar::Watch, round::State};

const TURN: &str = "ratings.turn";
const PUBLISH: &str = "ratings.publish";

/// Teaches a worker the job of this feature.
pub fn on(worker: Worker, app: &App) -> Worker {
    let (app, other) = (app.clone(), app.clone());
    worker
        .on(PUBLISH, move |_| {
            let app = other.clone();
            async move { publish(&app).await.map(drop).map_err(|error| JobError::Retry(error.to_string())) }
        })
        .on(TURN, move |_| {
            let app = app.clone();
            async move { turn(&app).await.map(drop).map_err(|error| JobError::Retry(error.to_string())) }
        })
        .schedule(&[(TURN, Every::Minutes(1)), (PUBLISH, Every::Minutes(1))])
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
        note(&tx, &kept, action, now).await?;
        tx.commit().await?;
        turned += 1;
    }
    if turned > 0 {
        app.cache.purge();
    }
    clear(app).await?;
    Ok(turned)
}

async fn note(tx: &Tx, kept: &Kept, action: &str, now: Millis) -> Result<(), DbErr> {
    let subject = format!("round {}", kept.id);
    let (actor, detail) = ("平台", kept.round.name.as_str());
    let entry = audit::Entry { account_id: None, actor, action, subject: &subject, detail };
    audit::store::append(tx, &entry, now).await
}

/// A recount that failed is tried again after so long: somebody may have put a backup back.
const AGAIN: Millis = DAY;

/// Brings figures up to the fixed time that has come, and publishes rounds that are over. How many were.
///
/// # Errors
///
/// When the database fails; what was committed before stays.
pub async fn publish(app: &App) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
    let now = app.clock.now();
    let (mut done, mut sealed) = (0, false);
    for kept in store::rounds::list(app.db.read()).await? {
        if kept.round.state == State::Open && day_of(now) > kept.looked {
            look(app, &kept, now).await?;
        }
        match kept.round.state {
            State::Open if kept.round.pace.slot(now) > kept.slot => {
                let tx = app.db.write().await?;
                if store::releases::at_fixed_time(&tx, kept.id, now).await?.is_some() {
                    note(&tx, &kept, "round.release", now).await?;
                    tx.commit().await?;
                    done += 1;
                }
            }
            State::Closed if kept.wrong_at.is_none_or(|at| now >= at + AGAIN) => {
                let published = seal(app, &kept, now).await?;
                done += usize::from(published);
                sealed |= published;
            }
            _ => {}
        }
    }
    if done > 0 {
        app.cache.purge();
    }
    if sealed {
        // What was deleted stands in the log until then.
        app.db.fold().await?;
    }
    Ok(done)
}

/// The radar: before the figures, so that what it holds is held.
async fn look(app: &App, kept: &Kept, now: Millis) -> Result<(), DbErr> {
    let tx = app.db.write().await?;
    let raised = store::flags::look(&tx, kept.id, &Watch::default(), now).await?.unwrap_or(0);
    if raised > 0 {
        note(&tx, kept, "flag.raise", now).await?;
    }
    tx.commit().await?;
    if raised > 0 {
        app.cache.purge();
    }
    Ok(())
}

async fn seal(app: &App, kept: &Kept, now: Millis) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
    let tx = app.db.write().await?;
    let sealed = store::seal(&tx, kept.id, now).await?;
    match sealed {
        Some(Sealed::Published(_)) => {
            note(&tx, kept, "round.publish", now).await?;
            tx.commit().await?;
            Ok(true)
        }
        Some(Sealed::Wrong(wrong)) => {
            drop(tx);
            tracing::error!(
                round = kept.id,
                wrong,
                "ballots and roll-ups do not agree: nothing is published"
            );
            let tx = app.db.write().await?;
            store::rounds::note_wrong(&tx, kept.id, now).await?;
            note(&tx, kept, "round.disagree", now).await?;
            tx.commit().await?;
            Ok(false)
        }
        Some(Sealed::Waits) | None => Ok(false),
    }
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
