//! One import from files to database, as the command and the office both run it.

use super::{
    Plan, Planner, Register, Report,
    layouts::Learned,
    read::{Input, ReadError, read_into},
    store::{self, By},
};
use crate::clock::Clock;
use daylight_db::{Db, DbErr};
use daylight_ids::CitizenId;
use daylight_vault::Vault;
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
    let register = store::load_register(db.read()).await?;
    let blind = move |id: &CitizenId| vault.blind(store::CITIZEN_ID, id.as_str());
    read(register, blind, inputs, learned, progress).await
}

/// As [`plan`], where there is no database yet: against an empty registry.
pub async fn plan_anew(inputs: Vec<Input>, progress: impl FnMut(u64) + Send + 'static) -> Result<Plan, RunError> {
    // Tells people apart within this run; it is stored nowhere.
    let blind = |id: &CitizenId| Sha256::digest(id.as_str().as_bytes()).into();
    read(Register::default(), blind, inputs, Learned::default(), progress).await
}

async fn read(
    register: Register,
    blind: impl Fn(&CitizenId) -> [u8; 32] + Send + Sync + 'static,
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
