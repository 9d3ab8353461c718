//! Every query on the keys of cases.

use super::Keys;
use crate::{cases::store::StoreError, clock::Millis, ops::store::CASE_KEY};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, Value, all, exec, scalar, values};
use daylight_vault::{DataKey, Place, Vault};
use std::collections::{BTreeMap, BTreeSet};

/// For whom a key is wrapped; none is the program itself.
type Holder = Option<i64>;

fn place(case_id: i64, generation: u32, holder: Holder) -> Place {
    CASE_KEY.place(format!("{case_id}/{generation}/{}", holder.unwrap_or(0)))
}

/// The keys of a case that somebody holds; none at all when it is closed to them.
pub async fn keys(
    c: &impl ConnectionTrait,
    vault: &Vault,
    case_id: i64,
    holder: Holder,
) -> Result<Keys, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        generation: i64,
        key_sealed: Vec<u8>,
    }
    let sql = "SELECT generation, key_sealed FROM case_keys WHERE case_id = $1 AND COALESCE(account_id, 0) = $2 \
               AND revoked_at IS NULL AND key_sealed IS NOT NULL";
    let rows: Vec<Row> = all(c, sql, values![case_id, holder.unwrap_or(0)]).await?;
    let mut keys = Keys::default();
    for row in rows {
        let generation = u32::try_from(row.generation).unwrap_or(0);
        let key = DataKey::unwrap(vault, &place(case_id, generation, holder), generation, &row.key_sealed)?;
        keys.0.insert(generation, key);
    }
    Ok(keys)
}

/// The program's own keys of several cases. A key that cannot be unwrapped is left out.
pub async fn own_keys(
    c: &impl ConnectionTrait,
    vault: &Vault,
    ids: &[i64],
) -> Result<BTreeMap<i64, Keys>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        case_id: i64,
        generation: i64,
        key_sealed: Vec<u8>,
    }
    let numbers: Vec<_> = (1..=ids.len()).map(|at| format!("${at}")).collect();
    let sql = format!(
        "SELECT case_id, generation, key_sealed FROM case_keys WHERE case_id IN ({}) AND account_id IS NULL \
         AND revoked_at IS NULL AND key_sealed IS NOT NULL",
        numbers.join(", ")
    );
    let rows: Vec<Row> = all(c, &sql, ids.iter().map(|id| Value::from(*id)).collect()).await?;
    let mut found: BTreeMap<i64, Keys> = BTreeMap::new();
    for row in rows {
        let generation = u32::try_from(row.generation).unwrap_or(0);
        let at = place(row.case_id, generation, None);
        if let Ok(key) = DataKey::unwrap(vault, &at, generation, &row.key_sealed) {
            found.entry(row.case_id).or_default().0.insert(generation, key);
        }
    }
    Ok(found)
}

/// Does with a key that is thrown away what is done with the key of a case: a case that is not there takes as long as
/// one that is.
pub fn stand_in<T>(vault: &Vault, case_id: i64, work: impl FnOnce(&Keys) -> Option<T>) -> Option<T> {
    let at = place(case_id, 1, None);
    let wrapped = DataKey::draw(1).wrap(vault, &at);
    let key = DataKey::unwrap(vault, &at, 1, &wrapped).ok()?;
    work(&Keys(BTreeMap::from([(1, key)])))
}

/// The accounts that can open a case at this moment.
pub async fn holders(c: &impl ConnectionTrait, case_id: i64) -> Result<BTreeSet<i64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: i64,
    }
    let sql = "SELECT DISTINCT account_id FROM case_keys WHERE case_id = $1 AND account_id IS NOT NULL \
               AND revoked_at IS NULL";
    let rows: Vec<Row> = all(c, sql, values![case_id]).await?;
    Ok(rows.into_iter().map(|row| row.account_id).collect())
}

/// Draws the first key of a case, for the program itself.
pub async fn begin(tx: &Tx, vault: &Vault, case_id: i64, now: Millis) -> Result<Keys, StoreError> {
    let mut keys = Keys::default();
    draw(tx, vault, case_id, &mut keys, now).await?;
    Ok(keys)
}

async fn draw(tx: &Tx, vault: &Vault, case_id: i64, keys: &mut Keys, now: Millis) -> Result<(), DbErr> {
    let key = DataKey::draw(keys.newest() + 1);
    give(tx, vault, case_id, &key, None, now).await?;
    keys.0.insert(key.generation(), key);
    Ok(())
}

async fn give(
    tx: &Tx,
    vault: &Vault,
    case_id: i64,
    key: &DataKey,
    holder: Holder,
    now: Millis,
) -> Result<(), DbErr> {
    let wrapped = key.wrap(vault, &place(case_id, key.generation(), holder));
    // Somebody from whom it was taken may be given it again.
    let sql = "INSERT INTO case_keys (case_id, generation, account_id, key_sealed, made_at) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (case_id, generation, account_id) \
               DO UPDATE SET key_sealed = excluded.key_sealed, made_at = excluded.made_at, revoked_at = NULL";
    exec(&**tx, sql, values![case_id, i64::from(key.generation()), holder, wrapped, now]).await.map(drop)
}

/// Makes these accounts, and nobody else, the holders of a case. When somebody loses it, their copies are destroyed
/// and a new key locks what comes after. Returns who lost it.
pub async fn deal(
    tx: &Tx,
    vault: &Vault,
    case_id: i64,
    keys: &mut Keys,
    to: &BTreeSet<i64>,
    now: Millis,
) -> Result<BTreeSet<i64>, StoreError> {
    let held = holders(&**tx, case_id).await?;
    let out = &held - to;
    let before = keys.newest();
    if !out.is_empty() {
        let numbers: Vec<_> = (0..out.len()).map(|at| format!("${}", at + 3)).collect();
        let sql = format!(
            "UPDATE case_keys SET key_sealed = NULL, revoked_at = $2 WHERE case_id = $1 AND revoked_at IS NULL \
             AND account_id IN ({})",
            numbers.join(", ")
        );
        let mut bound = values![case_id, now];
        bound.extend(out.iter().map(|account| Value::from(*account)));
        exec(&**tx, &sql, bound).await?;
        draw(tx, vault, case_id, keys, now).await?;
    }
    for account in to {
        let lacks = |generation: u32| !held.contains(account) || generation > before;
        for (_, key) in keys.0.iter().filter(|(generation, _)| lacks(**generation)) {
            give(tx, vault, case_id, key, Some(*account), now).await?;
        }
    }
    Ok(out)
}

/// Notes what an account was shown, before it is shown.
pub async fn note_opened(
    tx: &Tx,
    case_id: i64,
    account_id: i64,
    through: u32,
    now: Millis,
) -> Result<(), DbErr> {
    let sql = "UPDATE case_keys SET opened_through = $3, opened_at = $4 \
               WHERE case_id = $1 AND account_id = $2 AND revoked_at IS NULL";
    exec(&**tx, sql, values![case_id, account_id, i64::from(through), now]).await.map(drop)
}

/// What somebody had opened before the case was closed to them.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Opened {
    /// Who.
    pub account_id: i64,
    /// Through which event.
    pub through: i64,
    /// When they last did.
    pub at: i64,
    /// When it was closed to them.
    pub revoked_at: i64,
}

/// What those had opened to whom a case was closed: what the superior is told.
pub async fn opened(c: &impl ConnectionTrait, case_id: i64) -> Result<Vec<Opened>, DbErr> {
    let sql = "SELECT account_id, MAX(opened_through) AS through, MAX(opened_at) AS at, \
               MAX(revoked_at) AS revoked_at FROM case_keys \
               WHERE case_id = $1 AND revoked_at IS NOT NULL AND opened_at IS NOT NULL \
               GROUP BY account_id ORDER BY account_id";
    all(c, sql, values![case_id]).await
}

/// Whether an account can open a case.
pub async fn holds(c: &impl ConnectionTrait, case_id: i64, account_id: i64) -> Result<bool, DbErr> {
    let sql = "SELECT COUNT(*) FROM case_keys WHERE case_id = $1 AND account_id = $2 AND revoked_at IS NULL";
    Ok(scalar::<i64>(c, sql, values![case_id, account_id]).await? > 0)
}
