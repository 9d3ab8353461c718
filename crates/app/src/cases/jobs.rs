//! What happens to cases without anybody doing it: dates are kept, and who can open what follows who serves where.

use super::store;
use crate::{clock::Millis, web::App};
use daylight_db::{DbErr, Tx};
use daylight_queue::{Every, JobError, NewJob, Worker};

/// Dates.
const TICK: &str = "case.tick";
/// After a change of staff, posts, relatives or recusals.
const SETTLE: &str = "case.settle";
/// The same in case such a change was missed.
const SWEEP: &str = "case.sweep";

/// Has every case settled anew: to be called in the transaction of whatever changes who serves where, who belongs to
/// whom, and who stays out of what. Until it has run, conflicts are asked at every opening all the same.
pub async fn enqueue_settle(tx: &Tx, now: Millis) -> Result<(), DbErr> {
    let job = NewJob { kind: SETTLE, payload: &(), unique_key: None, run_at: now };
    daylight_queue::enqueue(tx, &job, now).await.map(drop)
}

/// Has the dates of every open case reckoned anew: to be called in the transaction that loads a calendar.
pub async fn enqueue_dates(tx: &Tx, now: Millis) -> Result<(), store::StoreError> {
    store::look_again(tx, now).await?;
    let job = NewJob { kind: TICK, payload: &(), unique_key: None, run_at: now };
    daylight_queue::enqueue(tx, &job, now).await?;
    Ok(())
}

/// Teaches a worker the jobs of this feature.
pub fn on(worker: Worker, app: &App) -> Worker {
    let (ticker, settler, sweeper) = (app.clone(), app.clone(), app.clone());
    worker
        .on(TICK, move |_| {
            let app = ticker.clone();
            async move { tick(&app).await }
        })
        .on(SETTLE, move |_| {
            let app = settler.clone();
            async move { settle(&app).await }
        })
        .on(SWEEP, move |_| {
            let app = sweeper.clone();
            async move { settle(&app).await }
        })
        .schedule(&[(TICK, Every::Minutes(10)), (SWEEP, Every::Hours(1))])
}

async fn tick(app: &App) -> Result<(), JobError> {
    let damaged = store::tick(&app.db, &app.vault, app.clock.now()).await.map_err(failed)?;
    report(&damaged);
    Ok(())
}

/// Tells of tasks that are late, each in a transaction of its own. A case that cannot be read keeps no other back.
pub(crate) async fn call_all(app: &App, calls: &[store::Call], now: Millis) -> Result<(), DbErr> {
    let mut damaged = Vec::new();
    for call in calls {
        let tx = app.db.write().await?;
        match store::call(&tx, &app.vault, call, now).await {
            Ok(_) => tx.commit().await?,
            Err(store::StoreError::Db(error)) => return Err(error),
            Err(_) => damaged.push(call.case_id),
        }
    }
    report(&damaged);
    Ok(())
}

async fn settle(app: &App) -> Result<(), JobError> {
    // Whoever else waits for the same is served by this run: what they wait for is committed already.
    let tx = app.db.write().await?;
    daylight_queue::absorb(&tx, SETTLE).await?;
    tx.commit().await?;
    let (_, damaged) = store::resettle(&app.db, &app.vault, app.clock.now()).await.map_err(failed)?;
    report(&damaged);
    Ok(())
}

fn report(damaged: &[i64]) {
    if !damaged.is_empty() {
        tracing::error!(cases = ?damaged, "cases cannot be read: run `daylight verify`");
    }
}

fn failed(error: store::StoreError) -> JobError {
    match error {
        store::StoreError::Db(error) => error.into(),
        other => JobError::Retry(other.to_string()),
    }
}
