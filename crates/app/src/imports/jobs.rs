//! What runs behind the pages of an import: reading its files, saving its plan.
//!
//! Both are jobs of the queue, written in the transaction that moves the import to "reading" or
//! "saving". A server that stops while reading takes it up again when it starts; one that stops while
//! saving has saved nothing, and the import goes back to be decided on: a file that brings the server
//! down must not bring it down again. A second run finds the import moved on and does nothing.

use super::{
    Plan,
    layouts::Learned,
    run::{self, RunError},
    sealed::{self, SealedError},
    store::{self, By, Line, State},
};
use crate::{accounts, clock::Millis, web::App};
use daylight_db::{DbErr, Tx};
use daylight_queue::{JobError, NewJob, Worker};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

const READ: &str = "import.read";
const SAVE: &str = "import.save";
const SWEEP: &str = "import.sweep";

/// What stands beside a preview that came back from saving.
pub const MOVED: &str = "moved";

/// What stands beside a preview whose saving was cut off.
pub const CUT_OFF: &str = "cut off";

#[derive(Serialize, Deserialize)]
struct Work {
    import: i64,
    account: Option<i64>,
}

/// Has the files of an import read. Call [`daylight_queue::wake`] after the commit.
pub async fn enqueue_read(tx: &Tx, import: i64, now: Millis) -> Result<(), DbErr> {
    let payload = &Work { import, account: None };
    daylight_queue::enqueue(tx, &NewJob { kind: READ, payload, unique_key: None, run_at: now }, now)
        .await
        .map(drop)
}

/// Has an import saved in somebody's name. Call [`daylight_queue::wake`] after the commit.
pub async fn enqueue_save(tx: &Tx, import: i64, account: i64, now: Millis) -> Result<(), DbErr> {
    let payload = &Work { import, account: Some(account) };
    daylight_queue::enqueue(tx, &NewJob { kind: SAVE, payload, unique_key: None, run_at: now }, now)
        .await
        .map(drop)
}

/// Teaches a worker the jobs of this feature.
pub fn on(worker: Worker, app: &App) -> Worker {
    let (reader, saver, sweeper) = (app.clone(), app.clone(), app.clone());
    worker
        .on(READ, move |job| {
            let app = reader.clone();
            async move { Ok(read(&app, job.read::<Work>()?.import).await?) }
        })
        .on(SAVE, move |job| {
            let app = saver.clone();
            async move {
                let work: Work = job.read()?;
                if job.attempts > 1 {
                    return Ok(take_back(&app, work.import).await?);
                }
                Ok(save(&app, work.import, work.account).await?)
            }
        })
        .on(SWEEP, move |_| {
            let app = sweeper.clone();
            async move {
                let swept = sweep(&app).await;
                swept.map_err(|error| JobError::Retry(error.to_string()))
            }
        })
        .schedule(&[(SWEEP, daylight_queue::Every::Hours(6))])
}

/// Removes what interrupted processes left on the disk. Also to be called when a server starts.
pub async fn sweep(app: &App) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let in_use = store::folders_in_use(app.db.read()).await?;
    let app = app.clone();
    Ok(tokio::task::spawn_blocking(move || sealed::sweep(&app, &in_use)).await??)
}

/// Why an import cannot go on, in words for the clerk.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Sealed(#[from] SealedError),
    #[error(transparent)]
    Run(RunError),
    /// The details are in the log, not on the page.
    #[error("服务器数据库出错，什么都没有保存。请稍后重新读取；仍然不行请联系技术人员。")]
    Database,
}

impl From<RunError> for Trouble {
    fn from(error: RunError) -> Trouble {
        match error {
            RunError::Db(error) => error.into(),
            other => Trouble::Run(other),
        }
    }
}

impl From<DbErr> for Trouble {
    fn from(error: DbErr) -> Trouble {
        tracing::error!(%error, "import");
        Trouble::Database
    }
}

/// Reads the files of an import and leaves the result for somebody to look at.
pub async fn read(app: &App, id: i64) -> Result<(), DbErr> {
    let Some(line) = in_state(app, id, State::Reading).await? else { return Ok(()) };
    let result = plan(app, &line).await;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    match result {
        Ok(plan) => {
            let step = (State::Reading, State::Preview);
            store::advance(&*tx, id, step, Some(&plan.report), now).await?;
        }
        Err(trouble) => store::fail(&*tx, id, State::Reading, &trouble.to_string(), now).await?,
    }
    tx.commit().await
}

async fn in_state(app: &App, id: i64, state: State) -> Result<Option<Line>, DbErr> {
    Ok(store::get(app.db.read(), id).await?.filter(|line| line.state() == state))
}

async fn plan(app: &App, line: &Line) -> Result<Plan, Trouble> {
    let (opener, folder, files) = (app.clone(), line.folder.clone(), line.stored());
    let opened = tokio::task::spawn_blocking(move || sealed::open(&opener, &folder, &files));
    let opened = opened.await.map_err(|_| Trouble::Run(RunError::Interrupted))??;
    let learned = merged(store::learned(app.db.read()).await?, line.learned());
    let rows = Arc::new(AtomicU64::new(0));
    let counter = rows.clone();
    let ticker = Ticker(tokio::spawn(tell(app.clone(), line.id, rows)));
    let count = move |so_far| counter.store(so_far, Ordering::Relaxed);
    let plan = run::plan(&app.db, app.vault.clone(), opened.inputs.clone(), learned, count).await;
    drop(ticker);
    drop(opened);
    Ok(plan?)
}

/// What an office taught once, under what was said about this import.
pub fn merged(mut learned: Learned, said: Learned) -> Learned {
    for (kind, headings) in said {
        learned.entry(kind).or_default().extend(headings);
    }
    learned
}

struct Ticker(tokio::task::JoinHandle<()>);

impl Drop for Ticker {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Writes how many rows were read, once a second while it changes.
async fn tell(app: App, id: i64, rows: Arc<AtomicU64>) {
    let mut told = 0;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let so_far = rows.load(Ordering::Relaxed);
        if so_far != told {
            told = so_far;
            let said = async {
                let tx = app.db.write().await?;
                store::set_progress(&tx, id, &so_far.to_string(), app.clock.now()).await?;
                tx.commit().await
            };
            // Only a figure on a page; the next second brings another.
            drop(said.await);
        }
    }
}

/// Plans again against the registry as it is now and saves everything at once, or nothing.
pub async fn save(app: &App, id: i64, account_id: Option<i64>) -> Result<(), DbErr> {
    let Some(line) = in_state(app, id, State::Saving).await? else { return Ok(()) };
    let result = try_save(app, &line, account_id).await;
    set_saved(&line.folder, None);
    match result {
        Ok(true) => {
            app.cache.purge();
            sealed::remove(app, &line.folder);
        }
        Ok(false) => {}
        Err(trouble) => {
            let tx = app.db.write().await?;
            store::fail(&*tx, id, State::Saving, &trouble.to_string(), app.clock.now()).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Lets somebody decide anew about an import whose saving never came to an end: nothing of it was kept.
async fn take_back(app: &App, id: i64) -> Result<(), DbErr> {
    let tx = app.db.write().await?;
    store::put_back(&tx, id, None, CUT_OFF, app.clock.now()).await?;
    tx.commit().await
}

/// What was confirmed is what is saved: when the registry has moved since, the new result goes back
/// to be looked at. Returns whether it was saved.
async fn try_save(app: &App, line: &Line, account_id: Option<i64>) -> Result<bool, Trouble> {
    let account = match account_id {
        Some(id) => accounts::store::get(app.db.read(), id).await?,
        None => None,
    };
    let name = account.map(|account| account.name).unwrap_or_default();
    let by = By { account_id, name, import_id: Some(line.id) };
    loop {
        let mark = store::registry_mark(app.db.read()).await?;
        let mut plan = plan(app, line).await?;
        let now = app.clock.now();
        let tx = app.db.write().await?;
        tx.lock("daylight registry").await?;
        if store::registry_mark(&*tx).await? != mark {
            // Somebody published while we read. Planning is quick, and outside the transaction it
            // keeps nobody waiting: read once more.
            continue;
        }
        if line.report().is_none_or(|shown| shown != plan.report) {
            store::put_back(&tx, line.id, Some(&plan.report), MOVED, now).await?;
            tx.commit().await?;
            return Ok(false);
        }
        let progress = |done, total| set_saved(&line.folder, Some((done, total)));
        store::apply(&tx, &app.vault, &plan, &by, now, &progress).await?;
        plan.report.applied = true;
        let step = (State::Saving, State::Done);
        if !store::advance(&*tx, line.id, step, Some(&plan.report), now).await? {
            return Ok(false);
        }
        tx.commit().await?;
        return Ok(true);
    }
}

/// How far saving is, by folder. In memory, because SQLite's one writer is busy saving; another
/// process sees only that it is being saved.
static SAVED: LazyLock<Mutex<HashMap<String, (u64, u64)>>> = LazyLock::new(Mutex::default);

fn set_saved(folder: &str, so_far: Option<(u64, u64)>) {
    let mut saved = SAVED.lock().unwrap_or_else(PoisonError::into_inner);
    match so_far {
        Some(so_far) => saved.insert(folder.to_owned(), so_far),
        None => saved.remove(folder),
    };
}

/// How far saving is: (done, of), when this process does it.
pub fn saved(folder: &str) -> Option<(u64, u64)> {
    SAVED.lock().unwrap_or_else(PoisonError::into_inner).get(folder).copied()
}
