//! Every query on the table `jobs`.

use daylight_db::{
    ConnectionTrait, Db, DbErr, Engine, FromQueryResult, Tx, Value, all, exec, one, scalar, values,
};
use serde::Serialize;

/// Attempts a job has before it is failed, and again after each [`revive`].
/// With [`backoff`] they spread over three and a half hours.
pub const ATTEMPTS: i64 = 12;

/// The longest lease in milliseconds: one hour. A lease that ends later than this from now was
/// given before the clock jumped back, and counts as over.
pub const LONGEST_LEASE: i64 = 3_600_000;

/// How long a finished job, and with it its unique key, stays in the table: 14 days in
/// milliseconds. Longer than any slot of [`crate::Every`], so that no slot runs twice.
pub const KEEP: i64 = 14 * 24 * 3_600_000;

/// The states in which a job may still run; also the condition of the index `jobs_due`.
const OPEN: &str = "finished_at IS NULL AND failed_at IS NULL";

/// A job about to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewJob<'a, P> {
    /// "noun.verb", for which a worker has a handler.
    pub kind: &'a str,
    /// What the handler needs: numbers of rows, never personal data.
    pub payload: &'a P,
    /// Jobs with the same key run once. Name the event, not the thing ("case 7 closed", not
    /// "case 7"): the key stays taken for [`KEEP`] after the job finished.
    pub unique_key: Option<&'a str>,
    /// Not before this instant.
    pub run_at: i64,
}

/// A job that this process holds under a lease.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Job {
    /// Row number.
    pub id: i64,
    /// "noun.verb".
    pub kind: String,
    /// JSON text; see [`Job::read`].
    pub payload: String,
    /// Which attempt this is, from 1. It never repeats for a job and is the lease's fence.
    pub attempts: i64,
    /// The last attempt it has.
    pub attempts_allowed: i64,
    /// When it became due.
    pub run_at: i64,
    /// When the lease ends unless [`extend`]ed.
    pub leased_until: i64,
    /// When it was enqueued.
    pub created_at: i64,
}

/// A job that gave up, for the operator.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Failed {
    /// Row number: [`revive`] or [`discard`] it by this.
    pub id: i64,
    /// "noun.verb".
    pub kind: String,
    /// JSON text.
    pub payload: String,
    /// Attempts made.
    pub attempts: i64,
    /// When it gave up.
    pub failed_at: i64,
    /// Why, in words without personal data.
    pub error: Option<String>,
    /// When it was enqueued.
    pub created_at: i64,
}

/// Why a job could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// The lease ran out and the job is another's (or failed) by now: roll the transaction back.
    #[error("the lease on job {0} is lost")]
    Lost(i64),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Writes a job within the transaction of the change that causes it, and gives its number; `None`
/// when a job with this unique key exists. Call [`crate::wake`] after the commit.
pub async fn enqueue<P: Serialize>(tx: &Tx, job: &NewJob<'_, P>, now: i64) -> Result<Option<i64>, DbErr> {
    let payload = serde_json::to_string(job.payload).map_err(|error| DbErr::Json(error.to_string()))?;
    let sql = "INSERT INTO jobs (kind, payload, unique_key, run_at, attempts, attempts_allowed, created_at) \
               VALUES ($1, $2, $3, $4, 0, $5, $6) ON CONFLICT (unique_key) DO NOTHING RETURNING id";
    let bound = values![job.kind, payload, job.unique_key, job.run_at, ATTEMPTS, now];
    daylight_db::scalar_opt(&**tx, sql, bound).await
}

/// Takes the job of these kinds that has been due longest, for `lease` milliseconds (at most
/// [`LONGEST_LEASE`]). Any number of processes may do this at once.
///
/// A job whose worker died in its last attempt is failed here instead of being given out.
pub async fn claim(db: &Db, kinds: &[&str], now: i64, lease: i64) -> Result<Option<Job>, DbErr> {
    if kinds.is_empty() {
        return Ok(None);
    }
    loop {
        // Polling must not take the writer's lock of SQLite while nothing is due.
        if db.engine() == Engine::Sqlite && !is_due(db.read(), kinds, now).await? {
            return Ok(None);
        }
        let Some(job) = take(db, kinds, now, lease).await? else { return Ok(None) };
        if job.attempts <= job.attempts_allowed {
            return Ok(Some(job));
        }
        fail(db, &job, "执行中进程反复退出,未能完成", now).await?;
    }
}

/// `$1` now, `$2` end of the longest lease, `$3…` the kinds.
fn due_condition(kinds: &[&str]) -> String {
    let kinds: Vec<_> = (0..kinds.len()).map(|kind| format!("${}", kind + 3)).collect();
    format!(
        "{OPEN} AND run_at <= $1 AND (leased_until IS NULL OR leased_until <= $1 OR leased_until > $2) \
         AND kind IN ({})",
        kinds.join(", ")
    )
}

fn due_values(kinds: &[&str], now: i64) -> Vec<Value> {
    let mut bound = values![now, now.saturating_add(LONGEST_LEASE)];
    bound.extend(kinds.iter().map(|kind| Value::from(*kind)));
    bound
}

async fn is_due(c: &impl ConnectionTrait, kinds: &[&str], now: i64) -> Result<bool, DbErr> {
    let sql = format!("SELECT id FROM jobs WHERE {} LIMIT 1", due_condition(kinds));
    Ok(daylight_db::scalar_opt::<i64>(c, &sql, due_values(kinds, now)).await?.is_some())
}

async fn take(db: &Db, kinds: &[&str], now: i64, lease: i64) -> Result<Option<Job>, DbErr> {
    // SQLite has one writer; PostgreSQL's writers step over the rows another is taking or finishing.
    let lock = match db.engine() {
        Engine::Sqlite => "",
        Engine::Postgres => "FOR UPDATE SKIP LOCKED",
    };
    let until = kinds.len() + 3;
    let sql = format!(
        "UPDATE jobs SET attempts = attempts + 1, leased_until = ${until} WHERE id = \
         (SELECT id FROM jobs WHERE {} ORDER BY run_at, id LIMIT 1 {lock}) RETURNING *",
        due_condition(kinds)
    );
    let mut bound = due_values(kinds, now);
    bound.push(lease_end(now, lease).into());
    one(db.writer(), &sql, bound).await
}

fn lease_end(now: i64, lease: i64) -> i64 {
    now.saturating_add(lease.clamp(1, LONGEST_LEASE))
}

/// Marks a job done, in the transaction of its effect when it has one in our database.
/// Finishing again in the same attempt changes nothing.
pub async fn finish(tx: &Tx, job: &Job, now: i64) -> Result<(), FinishError> {
    let sql = format!("UPDATE jobs SET finished_at = $3, leased_until = NULL, error = NULL WHERE {HELD}");
    if exec(&**tx, &sql, values![job.id, job.attempts, now]).await? == 1 {
        return Ok(());
    }
    let sql = "SELECT COUNT(*) FROM jobs WHERE id = $1 AND attempts = $2 AND finished_at IS NOT NULL";
    match scalar::<i64>(&**tx, sql, values![job.id, job.attempts]).await? {
        0 => Err(FinishError::Lost(job.id)),
        _ => Ok(()),
    }
}

/// The row of `$1` while attempt `$2` still holds it.
const HELD: &str = "id = $1 AND attempts = $2 AND finished_at IS NULL AND failed_at IS NULL";

/// Milliseconds until the attempt after this one: 10 s, 20 s, 40 s … one hour.
pub fn backoff(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(20);
    (10_000_i64 << doublings).min(3_600_000)
}

/// Puts a job back for later, or fails it when this was its last attempt. `false` when the lease
/// was lost: nothing is changed then.
///
/// `error` is stored for operators: a short text without personal data.
pub async fn retry(db: &Db, job: &Job, error: &str, now: i64) -> Result<bool, DbErr> {
    let (id, attempts) = (job.id, job.attempts);
    if attempts >= job.attempts_allowed {
        return fail(db, job, error, now).await;
    }
    let sql = format!("UPDATE jobs SET run_at = $3, leased_until = NULL, error = $4 WHERE {HELD}");
    let bound = values![id, attempts, now.saturating_add(backoff(attempts)), error];
    Ok(exec(db.writer(), &sql, bound).await? == 1)
}

/// Gives a job up at once: trying again would not help. Arguments and answer as in [`retry`].
pub async fn fail(db: &Db, job: &Job, error: &str, now: i64) -> Result<bool, DbErr> {
    let sql = format!("UPDATE jobs SET failed_at = $3, leased_until = NULL, error = $4 WHERE {HELD}");
    Ok(exec(db.writer(), &sql, values![job.id, job.attempts, now, error]).await? == 1)
}

/// Holds a job for `lease` milliseconds from now. `false` when it is another's by now: stop
/// working on it.
pub async fn extend(db: &Db, job: &Job, now: i64, lease: i64) -> Result<bool, DbErr> {
    let sql = format!("UPDATE jobs SET leased_until = $3 WHERE {HELD}");
    Ok(exec(db.writer(), &sql, values![job.id, job.attempts, lease_end(now, lease)]).await? == 1)
}

/// Jobs that are due, those being worked on included: the length of the queue.
pub async fn due_count(c: &impl ConnectionTrait, now: i64) -> Result<i64, DbErr> {
    scalar(c, &format!("SELECT COUNT(*) FROM jobs WHERE {OPEN} AND run_at <= $1"), values![now]).await
}

/// How many jobs gave up.
pub async fn failed_count(c: &impl ConnectionTrait) -> Result<i64, DbErr> {
    scalar(c, "SELECT COUNT(*) FROM jobs WHERE failed_at IS NOT NULL", values![]).await
}

/// Jobs that gave up, newest first, at most 1000.
pub async fn failed(c: &impl ConnectionTrait) -> Result<Vec<Failed>, DbErr> {
    let sql = "SELECT * FROM jobs WHERE failed_at IS NOT NULL ORDER BY failed_at DESC, id DESC LIMIT 1000";
    all(c, sql, values![]).await
}

/// Gives a failed job its attempts again, from now. `false` when it is not a failed job.
pub async fn revive(tx: &Tx, id: i64, now: i64) -> Result<bool, DbErr> {
    // The attempts are never set back: they are the fence against a worker of long ago.
    let sql = "UPDATE jobs SET failed_at = NULL, run_at = $2, attempts_allowed = attempts + $3 \
               WHERE id = $1 AND failed_at IS NOT NULL";
    Ok(exec(&**tx, sql, values![id, now, ATTEMPTS]).await? == 1)
}

/// Removes a failed job that must not run again. `false` when it is not a failed job.
pub async fn discard(tx: &Tx, id: i64) -> Result<bool, DbErr> {
    let sql = "DELETE FROM jobs WHERE id = $1 AND failed_at IS NOT NULL";
    Ok(exec(&**tx, sql, values![id]).await? == 1)
}

/// Removes the jobs of a kind that wait and that nobody works on, within the transaction of somebody who does the work
/// of all of them by what they then see: many changes, one run. Says how many.
pub async fn absorb(tx: &Tx, kind: &str) -> Result<u64, DbErr> {
    let sql = format!("DELETE FROM jobs WHERE {OPEN} AND leased_until IS NULL AND kind = $1");
    exec(&**tx, &sql, values![kind]).await
}

/// Removes up to 10,000 jobs that finished longer than [`KEEP`] ago. Failed ones stay for the
/// operator.
pub async fn sweep(tx: &Tx, now: i64) -> Result<u64, DbErr> {
    let sql = "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE finished_at < $1 LIMIT 10000)";
    exec(&**tx, sql, values![now.saturating_sub(KEEP)]).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{add, databases};

    #[tokio::test]
    async fn a_job_commits_with_the_change_that_causes_it_or_not_at_all() {
        for test in databases().await {
            let job = NewJob { kind: "sms.send", payload: &7, unique_key: None, run_at: 0 };
            let tx = test.db.write().await.unwrap();
            assert!(enqueue(&tx, &job, 0).await.unwrap().is_some());
            drop(tx);
            assert_eq!(claim(&test.db, &["sms.send"], 0, 1000).await.unwrap(), None);
            let tx = test.db.write().await.unwrap();
            let id = enqueue(&tx, &job, 0).await.unwrap();
            tx.commit().await.unwrap();
            let claimed = claim(&test.db, &["sms.send"], 0, 1000).await.unwrap().unwrap();
            assert_eq!((Some(claimed.id), claimed.payload.as_str(), claimed.attempts), (id, "7", 1));
            assert_eq!(claim(&test.db, &["sms.send"], 999, 1000).await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn who_lost_the_lease_can_change_nothing() {
        for test in databases().await {
            let db = &test.db;
            add(db, "a", None, 0).await;
            let slow = claim(db, &["a"], 0, 1000).await.unwrap().unwrap();
            let second = claim(db, &["a"], 1000, 1000).await.unwrap().unwrap();
            assert_eq!((second.id, second.attempts), (slow.id, 2));
            assert!(!extend(db, &slow, 1001, 1000).await.unwrap());
            assert!(!retry(db, &slow, "x", 1001).await.unwrap());
            assert!(!fail(db, &slow, "x", 1001).await.unwrap());
            let tx = db.write().await.unwrap();
            assert!(matches!(finish(&tx, &slow, 1001).await, Err(FinishError::Lost(_))));
            finish(&tx, &second, 1001).await.unwrap();
            finish(&tx, &second, 1002).await.unwrap();
            assert!(matches!(finish(&tx, &slow, 1003).await, Err(FinishError::Lost(_))));
            tx.commit().await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_lease_from_before_the_clock_jumped_back_does_not_hold_for_ever() {
        for test in databases().await {
            add(&test.db, "a", None, 0).await;
            let day = 24 * 3_600_000;
            let dead = claim(&test.db, &["a"], 2 * day, 60_000).await.unwrap().unwrap();
            let again = claim(&test.db, &["a"], day, 60_000).await.unwrap().unwrap();
            assert_eq!((again.id, again.attempts), (dead.id, 2));
        }
    }

    #[tokio::test]
    async fn a_job_that_kills_its_worker_is_failed_in_the_end_and_can_be_revived() {
        for test in databases().await {
            let db = &test.db;
            let id = add(db, "a", None, 0).await.unwrap();
            let first = claim(db, &["a"], 0, 10).await.unwrap().unwrap();
            for attempt in 1..ATTEMPTS {
                assert!(claim(db, &["a"], attempt * 10, 10).await.unwrap().is_some());
            }
            let now = ATTEMPTS * 10;
            assert_eq!(claim(db, &["a"], now, 10).await.unwrap(), None);
            let failed = failed(db.read()).await.unwrap();
            assert_eq!((failed[0].id, failed[0].failed_at, failed.len()), (id, now, 1));
            assert_eq!(failed_count(db.read()).await.unwrap(), 1);
            let tx = db.write().await.unwrap();
            assert!(revive(&tx, id, now).await.unwrap());
            assert!(!revive(&tx, id, now).await.unwrap());
            assert!(!discard(&tx, id).await.unwrap());
            tx.commit().await.unwrap();
            let revived = claim(db, &["a"], now, 10).await.unwrap().unwrap();
            let tx = db.write().await.unwrap();
            assert!(finish(&tx, &first, now).await.is_err());
            finish(&tx, &revived, now).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(failed_count(db.read()).await.unwrap(), 0);
        }
    }

    #[tokio::test]
    async fn a_discarded_job_is_gone() {
        for test in databases().await {
            let id = add(&test.db, "a", None, 0).await.unwrap();
            let job = claim(&test.db, &["a"], 0, 10).await.unwrap().unwrap();
            assert!(fail(&test.db, &job, "号码是空号", 5).await.unwrap());
            assert_eq!(failed(test.db.read()).await.unwrap()[0].error.as_deref(), Some("号码是空号"));
            let tx = test.db.write().await.unwrap();
            assert!(discard(&tx, id).await.unwrap());
            tx.commit().await.unwrap();
            assert_eq!(failed(test.db.read()).await.unwrap(), []);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn many_workers_at_once_take_each_job_once() {
        for test in databases().await {
            for _ in 0..60 {
                add(&test.db, "a", None, 0).await.unwrap();
            }
            let workers: Vec<_> = (0..8)
                .map(|_| {
                    let db = test.db.clone();
                    tokio::spawn(async move {
                        let mut mine = Vec::new();
                        while let Some(job) = claim(&db, &["a"], 1, 1000).await.unwrap() {
                            mine.push((job.id, job.attempts));
                        }
                        mine
                    })
                })
                .collect();
            let mut taken = Vec::new();
            for worker in workers {
                taken.extend(worker.await.unwrap());
            }
            taken.sort_unstable();
            assert_eq!(taken.len(), 60, "{taken:?}");
            taken.dedup();
            assert_eq!(taken.len(), 60);
            assert_eq!(due_count(test.db.read(), 1).await.unwrap(), 60);
        }
    }

    #[tokio::test]
    async fn a_unique_key_is_free_again_only_when_the_finished_job_is_swept() {
        for test in databases().await {
            let db = &test.db;
            assert!(add(db, "a", Some("once"), 0).await.is_some());
            assert!(add(db, "a", Some("once"), 0).await.is_none());
            let job = claim(db, &["a"], 0, 10).await.unwrap().unwrap();
            let tx = db.write().await.unwrap();
            finish(&tx, &job, 5).await.unwrap();
            assert_eq!(sweep(&tx, 5 + KEEP).await.unwrap(), 0);
            tx.commit().await.unwrap();
            assert!(add(db, "a", Some("once"), 0).await.is_none());
            let tx = db.write().await.unwrap();
            assert_eq!(sweep(&tx, 6 + KEEP).await.unwrap(), 1);
            tx.commit().await.unwrap();
            assert!(add(db, "a", Some("once"), 0).await.is_some());
        }
    }

    #[test]
    fn the_wait_doubles_up_to_an_hour() {
        assert_eq!(
            [1, 2, 3, 9, 10, 12, 1000].map(backoff).map(|ms| ms / 1000),
            [10, 20, 40, 2560, 3600, 3600, 3600]
        );
        let total: i64 = (1..ATTEMPTS).map(backoff).sum();
        assert!((2 * 3_600_000..4 * 3_600_000).contains(&total), "{total}");
    }
}
