//! Runs jobs.

use crate::{
    Every, FinishError, Job, LONGEST_LEASE, Schedule, claim, enqueue_due, extend, fail, finish, retry, sweep,
};
use daylight_db::{Db, DbErr};
use sea_orm::SqlErr;
use serde::de::DeserializeOwned;
use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::MissedTickBehavior,
};

/// Milliseconds since 1970 UTC.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// How a job ended when not well. The texts are stored and shown to operators: short, in Chinese,
/// without personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// Try again later.
    #[error("{0}")]
    Retry(String),
    /// Trying again would not help.
    #[error("{0}")]
    Fail(String),
}

/// A database error may quote values, so only its sort is kept.
impl From<DbErr> for JobError {
    fn from(error: DbErr) -> JobError {
        let text = match (error.sql_err(), &error) {
            (Some(SqlErr::UniqueConstraintViolation(_)), _) => "数据库:唯一约束冲突",
            (Some(SqlErr::ForeignKeyConstraintViolation(_)), _) => "数据库:外键约束冲突",
            (_, DbErr::Conn(_) | DbErr::ConnectionAcquire(_)) => "数据库:连接不上",
            _ => "数据库:语句出错",
        };
        JobError::Retry(text.to_owned())
    }
}

impl From<FinishError> for JobError {
    fn from(error: FinishError) -> JobError {
        match error {
            FinishError::Lost(_) => JobError::Retry("租约已失效".to_owned()),
            FinishError::Database(error) => error.into(),
        }
    }
}

impl Job {
    /// The payload as it was enqueued. One that cannot be read never will be: the job fails.
    pub fn read<P: DeserializeOwned>(&self) -> Result<P, JobError> {
        serde_json::from_str(&self.payload).map_err(|_| JobError::Fail("任务内容无法读取".to_owned()))
    }
}

/// Tells the workers of this process that a job was committed. Without it they find out within a
/// second.
pub fn wake() {
    WAKE.send_replace(());
}

/// A channel rather than a `Notify`: every worker must hear it, also one that is busy just now.
static WAKE: LazyLock<watch::Sender<()>> = LazyLock::new(|| watch::Sender::new(()));

type Work = Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>>;
type Run = Arc<dyn Fn(Job) -> Work + Send + Sync>;

/// Claims due jobs and runs them, several at once.
#[derive(Clone)]
pub struct Worker {
    db: Db,
    clock: Clock,
    kinds: BTreeMap<&'static str, Run>,
    schedule: Vec<(&'static str, Every)>,
    /// The slots already enqueued by this worker, to leave the database alone in between.
    slots: Vec<i64>,
}

/// Jobs one worker runs at once.
const AT_ONCE: usize = 4;
/// A lease in milliseconds; extended every third of it while the handler runs.
const LEASE: i64 = 60_000;
const _: () = assert!(LEASE <= LONGEST_LEASE);
/// How long running jobs may take to end after the shutdown. What is left is claimed again later.
const DRAIN: Duration = Duration::from_secs(20);
const SWEEP: &str = "queue.sweep";

impl Worker {
    /// A worker that so far only sweeps old finished jobs.
    pub fn new(db: Db, clock: Clock) -> Worker {
        let (sweep_db, sweep_clock) = (db.clone(), clock.clone());
        let worker = Worker {
            db,
            clock,
            kinds: BTreeMap::new(),
            schedule: vec![(SWEEP, Every::Hours(1))],
            slots: Vec::new(),
        };
        worker.on(SWEEP, move |_| {
            let (db, now) = (sweep_db.clone(), sweep_clock());
            async move {
                let tx = db.write().await?;
                sweep(&tx, now).await?;
                Ok(tx.commit().await?)
            }
        })
    }

    /// Runs jobs of a kind with a handler. A handler may see the same job twice; to make an effect
    /// in our database happen once, it calls [`finish`] in the effect's transaction.
    pub fn on<F, W>(mut self, kind: &'static str, handler: F) -> Worker
    where
        F: Fn(Job) -> W + Send + Sync + 'static,
        W: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let earlier = self.kinds.insert(kind, Arc::new(move |job| Box::pin(handler(job))));
        assert!(earlier.is_none(), "two handlers for jobs of kind {kind}");
        self
    }

    /// Enqueues recurring jobs. Each kind needs a handler.
    pub fn schedule(mut self, schedule: Schedule) -> Worker {
        for (kind, _) in schedule {
            assert!(self.kinds.contains_key(kind), "no handler for the recurring job {kind}");
        }
        self.schedule.extend(schedule);
        self
    }

    /// Works until the shutdown says `true` (or its sender is gone), then lets running jobs end.
    pub async fn run(mut self, mut shutdown: watch::Receiver<bool>) {
        let mut wake = WAKE.subscribe();
        let mut poll = tokio::time::interval(Duration::from_secs(1));
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut running = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                _ = shutdown.wait_for(|stop| *stop) => break,
                Some(_) = running.join_next() => {}
                Ok(()) = wake.changed() => {}
                _ = poll.tick() => {}
            }
            if let Err(error) = self.start_due(&mut running, &shutdown).await {
                // The next tick tries again; the database may be back by then.
                tracing::warn!(%error, "jobs cannot be claimed");
            }
        }
        let drained =
            tokio::time::timeout(DRAIN, async { while running.join_next().await.is_some() {} }).await;
        if drained.is_err() {
            tracing::warn!(left = running.len(), "jobs cut off by the shutdown will run again");
        }
    }

    /// Runs everything that is due now, one after the other, until nothing is, and says how many
    /// ran: for tests and for a single pass from the command line.
    pub async fn run_due(&mut self) -> Result<usize, DbErr> {
        self.enqueue_slots().await?;
        let mut ran = 0;
        while let Some(job) = self.claim().await? {
            self.work(job).await;
            ran += 1;
        }
        Ok(ran)
    }

    async fn start_due(
        &mut self,
        running: &mut JoinSet<()>,
        shutdown: &watch::Receiver<bool>,
    ) -> Result<(), DbErr> {
        self.enqueue_slots().await?;
        while running.len() < AT_ONCE && !*shutdown.borrow() {
            let Some(job) = self.claim().await? else { break };
            let worker = self.clone();
            running.spawn(async move { worker.work(job).await });
        }
        Ok(())
    }

    async fn claim(&self) -> Result<Option<Job>, DbErr> {
        let kinds: Vec<_> = self.kinds.keys().copied().collect();
        claim(&self.db, &kinds, (self.clock)(), LEASE).await
    }

    async fn enqueue_slots(&mut self) -> Result<(), DbErr> {
        let now = (self.clock)();
        let slots: Vec<_> = self.schedule.iter().map(|(_, every)| every.slot(now)).collect();
        if slots != self.slots {
            enqueue_due(&self.db, &self.schedule, now).await?;
            self.slots = slots;
        }
        Ok(())
    }

    async fn work(&self, job: Job) {
        // A task of its own, so that a panic ends the attempt and not the worker.
        let mut task = Task(tokio::spawn(self.kinds[job.kind.as_str()](job.clone())));
        let end = tokio::select! {
            end = &mut task.0 => end,
            () = self.hold(&job) => {
                tracing::warn!(job = job.id, kind = job.kind, "the lease is lost: stopped");
                return;
            }
        };
        let result = end.unwrap_or_else(|_| Err(JobError::Retry("任务程序异常中止".to_owned())));
        if let Err(error) = &result {
            tracing::warn!(job = job.id, kind = job.kind, attempt = job.attempts, %error, "a job did not end well");
        }
        if let Err(error) = self.record(&job, result).await {
            // The lease runs out and the job is claimed again.
            tracing::warn!(job = job.id, kind = job.kind, %error, "the end of a job cannot be recorded");
        }
    }

    async fn record(&self, job: &Job, result: Result<(), JobError>) -> Result<(), FinishError> {
        let now = (self.clock)();
        match result {
            Ok(()) => {
                let tx = self.db.write().await?;
                finish(&tx, job, now).await?;
                tx.commit().await?;
            }
            Err(JobError::Retry(text)) => drop(retry(&self.db, job, &text, now).await?),
            Err(JobError::Fail(text)) => drop(fail(&self.db, job, &text, now).await?),
        }
        Ok(())
    }

    /// Extends the lease for as long as it is ours.
    async fn hold(&self, job: &Job) {
        loop {
            tokio::time::sleep(Duration::from_millis(LEASE as u64 / 3)).await;
            if let Ok(false) = extend(&self.db, job, (self.clock)(), LEASE).await {
                return;
            }
        }
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("kinds", &self.kinds.keys()).field("schedule", &self.schedule).finish()
    }
}

/// A task that ends with whoever waits for it.
struct Task(JoinHandle<Result<(), JobError>>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{add, databases};
    use crate::{NewJob, backoff, due_count, enqueue, failed};
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
    use tokio::sync::{Semaphore, mpsc};

    /// A clock that stands until it is moved.
    fn hand() -> (Arc<AtomicI64>, Clock) {
        let at = Arc::new(AtomicI64::new(1_000));
        let read = at.clone();
        (at, Arc::new(move || read.load(Ordering::SeqCst)))
    }

    async fn open_jobs(db: &Db) -> i64 {
        let sql = "SELECT COUNT(*) FROM jobs WHERE finished_at IS NULL AND kind <> 'queue.sweep'";
        daylight_db::scalar(db.read(), sql, daylight_db::values![]).await.unwrap()
    }

    #[tokio::test]
    async fn a_job_that_fails_twice_is_done_at_the_third_attempt() {
        for test in databases().await {
            let (at, clock) = hand();
            let tries = Arc::new(AtomicUsize::new(0));
            let count = tries.clone();
            let mut worker = Worker::new(test.db.clone(), clock).on("sms.send", move |job| {
                assert_eq!(job.attempts as usize, count.fetch_add(1, Ordering::SeqCst) + 1);
                async move {
                    assert_eq!(job.read::<(i64, String)>()?, (7, "立案".to_owned()));
                    match job.attempts {
                        1 => panic!("a bug"),
                        2 => Err(JobError::Retry("网关无应答".to_owned())),
                        _ => Ok(()),
                    }
                }
            });
            let tx = test.db.write().await.unwrap();
            let job = NewJob { kind: "sms.send", payload: &(7, "立案"), unique_key: None, run_at: 0 };
            enqueue(&tx, &job, 0).await.unwrap();
            tx.commit().await.unwrap();
            for attempt in 1..=3 {
                worker.run_due().await.unwrap();
                assert_eq!(worker.run_due().await.unwrap(), 0);
                assert_eq!(tries.load(Ordering::SeqCst), attempt);
                at.fetch_add(backoff(attempt as i64), Ordering::SeqCst);
            }
            assert_eq!(open_jobs(&test.db).await, 0);
        }
    }

    #[tokio::test]
    async fn what_cannot_succeed_waits_for_the_operator() {
        for test in databases().await {
            let (_, clock) = hand();
            let mut worker = Worker::new(test.db.clone(), clock)
                .on("a", |job| async move { job.read::<i64>().map(drop) })
                .on("b", |_| async { Err(JobError::Fail("号码是空号".to_owned())) });
            add(&test.db, "a", None, 0).await;
            add(&test.db, "b", None, 1).await;
            add(&test.db, "unknown here", None, 2).await;
            worker.run_due().await.unwrap();
            let errors: Vec<_> = failed(test.db.read())
                .await
                .unwrap()
                .into_iter()
                .map(|job| (job.kind, job.error.unwrap()))
                .collect();
            let (a, b) = (("a", "任务内容无法读取"), ("b", "号码是空号"));
            assert_eq!(errors, [b, a].map(|(kind, error)| (kind.to_owned(), error.to_owned())));
            assert_eq!(due_count(test.db.read(), 1_000).await.unwrap(), 1, "left to a worker that knows it");
        }
    }

    #[tokio::test]
    async fn a_job_of_a_dead_worker_runs_after_its_lease() {
        for test in databases().await {
            let (at, clock) = hand();
            let mut worker = Worker::new(test.db.clone(), clock).on("a", |_| async { Ok(()) });
            worker.run_due().await.unwrap();
            add(&test.db, "a", None, 0).await;
            claim(&test.db, &["a"], 1_000, 60_000).await.unwrap().expect("the one that dies holds it");
            assert_eq!(worker.run_due().await.unwrap(), 0);
            at.fetch_add(60_000, Ordering::SeqCst);
            assert_eq!(worker.run_due().await.unwrap(), 1);
            assert_eq!(open_jobs(&test.db).await, 0);
        }
    }

    #[tokio::test]
    async fn a_handler_may_finish_the_job_in_the_transaction_of_its_effect() {
        for test in databases().await {
            let (_, clock) = hand();
            let db = test.db.clone();
            let mut worker = Worker::new(test.db.clone(), clock).on("a", move |job| {
                let db = db.clone();
                async move {
                    let tx = db.write().await?;
                    let next = NewJob { kind: "effect", payload: &(), unique_key: None, run_at: 0 };
                    enqueue(&tx, &next, 0).await?;
                    finish(&tx, &job, 5).await?;
                    Ok(tx.commit().await?)
                }
            });
            add(&test.db, "a", None, 0).await;
            worker.run_due().await.unwrap();
            assert_eq!(open_jobs(&test.db).await, 1);
        }
    }

    #[tokio::test]
    async fn recurring_jobs_run_once_in_a_slot_whoever_asks() {
        for test in databases().await {
            let (at, clock) = hand();
            let runs = Arc::new(AtomicUsize::new(0));
            let server = || {
                let runs = runs.clone();
                Worker::new(test.db.clone(), clock.clone())
                    .on("sessions.sweep", move |_| {
                        runs.fetch_add(1, Ordering::SeqCst);
                        async { Ok(()) }
                    })
                    .schedule(&[("sessions.sweep", Every::Minutes(10))])
            };
            let (mut first, mut second) = (server(), server());
            for (now, expected) in [(0, 1), (599_999, 1), (600_000, 2), (30_000, 2), (1_200_000, 3)] {
                at.store(now, Ordering::SeqCst);
                first.run_due().await.unwrap();
                second.run_due().await.unwrap();
                assert_eq!(runs.load(Ordering::SeqCst), expected, "at {now}");
            }
            let mut restarted = server();
            restarted.run_due().await.unwrap();
            assert_eq!(runs.load(Ordering::SeqCst), 3);
        }
    }

    #[tokio::test]
    async fn a_running_worker_is_woken_and_drains_at_the_shutdown() {
        for test in databases().await {
            let (_, clock) = hand();
            let (started, mut starts) = mpsc::unbounded_channel();
            let release = Arc::new(Semaphore::new(0));
            let gate = release.clone();
            let worker = Worker::new(test.db.clone(), clock).on("a", move |job| {
                started.send(job.id).unwrap();
                let gate = gate.clone();
                async move {
                    gate.acquire().await.unwrap().forget();
                    Ok(())
                }
            });
            let (stop, shutdown) = watch::channel(false);
            let running = tokio::spawn(worker.run(shutdown));
            let one_too_many = AT_ONCE + 1;
            for _ in 0..one_too_many {
                add(&test.db, "a", None, 0).await;
                wake();
            }
            for _ in 0..AT_ONCE {
                starts.recv().await.unwrap();
            }
            stop.send_replace(true);
            tokio::task::yield_now().await;
            assert!(!running.is_finished(), "waits for the jobs");
            release.add_permits(AT_ONCE);
            running.await.unwrap();
            assert_eq!(starts.recv().await, None, "nothing new is started");
            assert_eq!(open_jobs(&test.db).await, 1);
        }
    }

    #[test]
    fn a_stored_error_quotes_no_value() {
        let error = DbErr::Custom("invalid input syntax for type bigint: \"13800000000\"".to_owned());
        assert_eq!(JobError::from(error).to_string(), "数据库:语句出错");
    }
}
