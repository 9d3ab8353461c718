//! One import from files to database, as the command and the office both run it.

use super::{
    Plan, Planner, Register, Report,
    layouts::Learned,
    read::{Input, ReadError, read_into},
    store::{self, By},
};
use crate::clock::Clock;
use daylight_db::{Db, DbErr};
use daylight_vault::{Purpose, Vault};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Why an import ended without result. Nothing was saved.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The database failed.
    #[error("数据库出错，什么都没有保存：{0}")]
    Db(#[from] DbErr),
    /// The reading thread ended early.
    #[error("读取中断，什么都没有保存")]
    Interrupted,
}

/// Reads the files and says what they would change. Saves nothing.
pub async fn plan(
    db: &Db,
    vault: Arc<Vault>,
    inputs: Vec<Input>,
    learned: Learned,
    progress: impl FnMut(u64) + Send + 'static,
) -> Result<Plan, RunError> {
    let register = store::load_register(db.read(), &vault).await?;
    let blind = move |purpose, value: &str| vault.blind(purpose, value);
    read(register, blind, inputs, learned, progress).await
}

/// As [`plan`], where there is no database yet: against an empty registry.
pub async fn plan_anew(
    inputs: Vec<Input>,
    progress: impl FnMut(u64) + Send + 'static,
) -> Result<Plan, RunError> {
    // Tells people apart within this run; it is stored nowhere.
    let blind = |_, value: &str| Sha256::digest(value.as_bytes()).into();
    read(Register::default(), blind, inputs, Learned::default(), progress).await
}

async fn read(
    register: Register,
    blind: impl Fn(Purpose, &str) -> [u8; 32] + Send + Sync + 'static,
    inputs: Vec<Input>,
    learned: Learned,
    mut progress: impl FnMut(u64) + Send + 'static,
) -> Result<Plan, RunError> {
    let reading = tokio::task::spawn_blocking(move || {
        let mut planner = Planner::new(register, &blind);
        read_into(&mut planner, &inputs, &learned, &mut progress)?;
        Ok::<Plan, ReadError>(planner.finish())
    });
    Ok(reading.await.map_err(|_| RunError::Interrupted)??)
}

/// Saves a plan in one transaction. Returns its report, marked as applied.
///
/// For whoever is alone with the database; beside a running server see [`apply_since`].
pub async fn apply(
    db: &Db,
    vault: &Vault,
    clock: &Clock,
    mut plan: Plan,
    by: &By,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, RunError> {
    let tx = db.write().await?;
    store::apply(&tx, vault, &plan, by, clock.now(), progress).await?;
    tx.commit().await?;
    plan.report.applied = true;
    Ok(plan.report)
}

/// As [`apply`], unless the registry moved since `mark` ([`store::registry_mark`]) was taken, before
/// planning: then nothing is saved and the answer is none, because the plan would undo what was published.
pub async fn apply_since(
    mark: &[i64],
    db: &Db,
    vault: &Vault,
    clock: &Clock,
    mut plan: Plan,
    by: &By,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Option<Report>, RunError> {
    let tx = db.write().await?;
    tx.lock("daylight registry").await?;
    if store::registry_mark(&*tx).await? != mark {
        return Ok(None);
    }
    store::apply(&tx, vault, &plan, by, clock.now(), progress).await?;
    tx.commit().await?;
    plan.report.applied = true;
    Ok(Some(plan.report))
}
