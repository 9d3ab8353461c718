//! Moving every sealed value to the active key, and destroying keys that no value names.

use super::{
    FOLDERS,
    store::{self, Column, SEALED},
};
use daylight_db::{Db, DbErr};
use daylight_vault::{Vault, VaultError};
use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Read, Seek},
    path::Path,
};

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
    for &column in SEALED {
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
        match vault.reseal(&column.place(&sealed.row), &sealed.value) {
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

/// Numbers of the keys that uploaded files still waiting for a decision, and keys of open rounds, are sealed under.
///
/// A file is a run of pieces, each behind its length (see `imports`). They are short-lived, so they are not
/// moved: their key waits for them.
pub fn upload_key_numbers(data: &Path, rounds: &Path) -> io::Result<BTreeSet<u32>> {
    let mut used = BTreeSet::new();
    let folders = FOLDERS
        .iter()
        .map(|folder| data.join(folder))
        .chain([rounds.to_owned()])
        .filter(|folder| folder.is_dir());
    let mut waiting: Vec<_> = folders.collect();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            if kind.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|ending| ending == "sealed" || ending == "part") {
                collect_pieces(File::open(path)?, &mut used)?;
            }
        }
    }
    Ok(used)
}

fn collect_pieces(mut file: File, used: &mut BTreeSet<u32>) -> io::Result<()> {
    // length (4, big endian) | version (1) | key (4, big endian) | …
    let mut head = [0_u8; 9];
    while file.read_exact(&mut head).is_ok() {
        let [a, b, c, d, _, key @ ..] = head;
        used.insert(u32::from_be_bytes(key));
        file.seek_relative(i64::from(u32::from_be_bytes([a, b, c, d])) - 5)?;
    }
    Ok(())
}

/// Destroys every retired key that neither a value nor one of `besides` names. Returns their numbers.
///
/// Only when every process that seals has seen the rotation: one that has not would go on sealing under
/// a key that is gone.
pub async fn forget_unused(db: &Db, vault: &Vault, besides: &BTreeSet<u32>) -> Result<Vec<u32>, RotateError> {
    let tx = db.write().await?;
    store::hold_sealed(&tx).await?;
    let mut used = key_numbers(&store::sealed_headers(&*tx).await?);
    used.extend(besides);
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
