//! Moving every sealed value to the active key, and destroying keys that no value names.

use super::store::{self, Column, SEALED};
use daylight_db::{Db, DbErr};
use daylight_vault::{Vault, VaultError};
use std::collections::BTreeSet;

/// What became of the sealed values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Now under the active key.
    pub moved: u64,
    /// Cannot be opened; left as they are, and so is their key.
    pub unreadable: u64,
}

/// Why a rotation stopped. What was moved stays moved; running it again goes on.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The database failed.
    #[error("数据库出错：{0}")]
    Db(#[from] DbErr),
    /// The keys failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

const BATCH: i64 = 500;

/// Seals every value under the active key, in short transactions, so that others go on working.
/// `progress` is told how many values were looked at.
pub async fn reseal_all(
    db: &Db,
    vault: &Vault,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Moved, RotateError> {
    let (mut total, mut seen) = (Moved::default(), 0);
    for column in SEALED {
        let mut after = 0;
        loop {
            let batch = store::sealed_after(db.read(), column, after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = last.id;
            seen += batch.len() as u64;
            if batch.iter().any(|sealed| vault.needs_reseal(&sealed.value)) {
                let moved = reseal(db, vault, column, &batch).await?;
                total.moved += moved.moved;
                total.unreadable += moved.unreadable;
            }
            progress(seen);
        }
    }
    Ok(total)
}

async fn reseal(
    db: &Db,
    vault: &Vault,
    column: Column,
    batch: &[store::Sealed],
) -> Result<Moved, RotateError> {
    let mut moved = Moved::default();
    let tx = db.write().await?;
    for sealed in batch.iter().filter(|sealed| vault.needs_reseal(&sealed.value)) {
        match vault.reseal(&column.place(sealed.id), &sealed.value) {
            // A value that somebody changed meanwhile was sealed anew by them.
            Ok(new) => moved.moved += u64::from(store::replace_sealed(&tx, column, sealed, new).await?),
            Err(_) => moved.unreadable += 1,
        }
    }
    tx.commit().await?;
    Ok(moved)
}

/// Numbers of the keys that sealed values name.
pub fn key_numbers(headers: &BTreeSet<Vec<u8>>) -> BTreeSet<u32> {
    // version (1) | key (4, big endian): see the documentation of the vault.
    let number = |header: &Vec<u8>| Some(u32::from_be_bytes(header.get(1..5)?.try_into().ok()?));
    headers.iter().filter_map(number).collect()
}

/// Destroys every retired key that no value names. Returns their numbers.
///
/// Only when every process that seals has seen the rotation: one that has not would go on sealing under
/// a key that is gone.
pub async fn forget_unused(db: &Db, vault: &Vault) -> Result<Vec<u32>, RotateError> {
    let tx = db.write().await?;
    store::hold_sealed(&tx).await?;
    let used = key_numbers(&store::sealed_headers(&*tx).await?);
    let mut gone = Vec::new();
    for key in vault.keys() {
        let retired = key.status() == daylight_vault::Status::Retired;
        if retired && !used.contains(&key.id()) {
            vault.forget(key.id(), &used)?;
            gone.push(key.id());
        }
    }
    tx.commit().await?;
    Ok(gone)
}
