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
            if let Err(error) = self.start_due(&mut running).await {
                // The next tick tries again; the database may be back by then.
                tracing::warn!(%error, "jobs cannot be claimed");
            }
        }
        let drained = tokio::time::timeout(DRAIN, async { while running.join_next().await.is_some() {} }).await;
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

    async fn start_due(&mut self, running: &mut JoinSet<()>) -> Result<(), DbErr> {
        self.enqueue_slots().await?;
        while running.len() < AT_ONCE {
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
