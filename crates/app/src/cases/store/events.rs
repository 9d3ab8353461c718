//! What happened to a case, as it is kept: one row for each event, what was written in it locked.

use super::{Columns, Entry, Opened, StoreError, Words};
use crate::{
    authz::Role,
    cases::{
        By, Case, Deed, Event,
        keys::{self, Keys},
    },
    clock::Millis,
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, is_unique_violation, values};
use daylight_vault::{Place, Vault};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Everything of an event that somebody wrote, as it is locked.
#[derive(Serialize, Deserialize)]
struct Written {
    reason: String,
    /// Why a near-copy of a reply was let through.
    released: Option<String>,
    words: Words,
}

/// An event as its columns hold it.
#[derive(FromQueryResult)]
struct Row {
    number: i64,
    at: i64,
    actor: String,
    account_id: Option<i64>,
    organ_id: Option<i64>,
    deed: String,
    words_locked: Vec<u8>,
}

impl Row {
    /// Where its words stand. The columns in the clear are part of it: changed in the database, they open nothing.
    fn place(&self, case_id: i64) -> Place {
        let Row { number, at, actor, account_id, organ_id, deed, .. } = self;
        let row = format!("{case_id}/{number}/{at}/{actor}/{account_id:?}/{organ_id:?}/{deed}");
        Place::new("case_events", row, "words_locked")
    }

    fn read(self, case_id: i64, keys: &Keys) -> Result<Entry, StoreError> {
        let opened = keys.open(&self.place(case_id), &self.words_locked)?;
        let number = u32::try_from(self.number).map_err(|_| StoreError::Damaged)?;
        let written: Written = serde_json::from_slice(opened.as_bytes())?;
        let mut deed: serde_json::Value = serde_json::from_str(&self.deed)?;
        if let (Some(at), Some(text)) = (deed.pointer_mut("/sound/released"), written.released) {
            *at = text.into();
        }
        let by = match (self.actor.as_str(), self.account_id, self.organ_id) {
            ("reporter", None, None) => By::Reporter,
            ("platform", None, None) => By::Platform,
            (role, Some(account_id), Some(organ_id)) => {
                By::Staff { account_id, organ_id, role: Role::from_code(role).ok_or(StoreError::Damaged)? }
            }
            _ => return Err(StoreError::Damaged),
        };
        let (deed, reason) = (serde_json::from_value(deed)?, written.reason);
        Ok(Entry { event: Event { number, at: self.at, by, deed, reason }, words: written.words })
    }
}

/// Begins the case of a report within the report's transaction, locked under its first key.
pub(crate) async fn begin(
    tx: &Tx,
    vault: &Vault,
    case_id: i64,
    receive: Deed,
    now: Millis,
) -> Result<Opened, StoreError> {
    let (case, event) = Case::open(By::Reporter, now, receive)?;
    Columns::of(&**tx, &case, now).await?.insert(tx, case_id).await?;
    let keys = keys::store::begin(tx, vault, case_id, now).await?;
    let mut opened = Opened { id: case_id, case, entries: Vec::new(), keys };
    append(tx, &mut opened, event, Words::default()).await?;
    Ok(opened)
}

/// Does something to an opened case: the machine decides, the event is kept, the columns follow.
pub(super) async fn take(
    tx: &Tx,
    opened: &mut Opened,
    by: By,
    deed: Deed,
    reason: &str,
    words: Words,
    now: Millis,
) -> Result<(), StoreError> {
    let (before, recused) = (opened.seen(), opened.case.recused.clone());
    let (case, event) = opened.case.act(by, now, deed, reason)?;
    opened.case = case;
    append(tx, opened, event, words).await?;
    for account in &opened.case.recused - &recused {
        let sql = "INSERT INTO case_recused (case_id, account_id) VALUES ($1, $2)";
        exec(&**tx, sql, values![opened.id, account]).await?;
    }
    Columns::of(&**tx, &opened.case, now).await?.write(tx, opened.id, before).await
}

/// Who is recused from a case, as its columns say.
pub(super) async fn recused(c: &impl ConnectionTrait, case_id: i64) -> Result<BTreeSet<i64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: i64,
    }
    let rows: Vec<Row> =
        all(c, "SELECT account_id FROM case_recused WHERE case_id = $1", values![case_id]).await?;
    Ok(rows.into_iter().map(|row| row.account_id).collect())
}

async fn append(tx: &Tx, opened: &mut Opened, event: Event, words: Words) -> Result<(), StoreError> {
    let mut deed = serde_json::to_value(&event.deed)?;
    // The one text that stands within a deed goes with the others.
    let released = deed.pointer_mut("/sound/released").map(serde_json::Value::take);
    let released = released.and_then(|text| text.as_str().map(str::to_owned));
    let written = Written { reason: event.reason.clone(), released, words: words.clone() };
    let (actor, account_id, organ_id) = match event.by {
        By::Reporter => ("reporter", None, None),
        By::Platform => ("platform", None, None),
        By::Staff { account_id, organ_id, role } => (role.code(), Some(account_id), Some(organ_id)),
    };
    let row = Row {
        number: event.number.into(),
        at: event.at,
        actor: actor.into(),
        account_id,
        organ_id,
        deed: deed.to_string(),
        words_locked: Vec::new(),
    };
    let locked = opened.lock(&row.place(opened.id), &serde_json::to_vec(&written)?)?;
    let sql = "INSERT INTO case_events (case_id, number, at, actor, account_id, organ_id, deed, words_locked) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let bound = values![opened.id, row.number, row.at, row.actor, account_id, organ_id, row.deed, locked];
    exec(&**tx, sql, bound).await.map_err(|error| match is_unique_violation(&error) {
        true => StoreError::Moved,
        false => error.into(),
    })?;
    opened.entries.push(Entry { event, words });
    Ok(())
}

/// Opens a case with keys that somebody holds.
pub(crate) async fn open_with(
    c: &impl ConnectionTrait,
    case_id: i64,
    keys: Keys,
) -> Result<Opened, StoreError> {
    let sql = "SELECT number, at, actor, account_id, organ_id, deed, words_locked FROM case_events \
               WHERE case_id = $1 ORDER BY number";
    let rows: Vec<Row> = all(c, sql, values![case_id]).await?;
    if rows.is_empty() {
        return Err(StoreError::NotFound);
    }
    let entries = rows.into_iter().map(|row| row.read(case_id, &keys)).collect::<Result<Vec<_>, _>>()?;
    let events: Vec<_> = entries.iter().map(|entry| entry.event.clone()).collect();
    Ok(Opened { id: case_id, case: Case::fold(&events)?, entries, keys })
}

/// Opens a case with the program's own keys: for the reporter, routing and timers.
pub(crate) async fn open_own(
    c: &impl ConnectionTrait,
    vault: &Vault,
    case_id: i64,
) -> Result<Opened, StoreError> {
    open_with(c, case_id, keys::store::keys(c, vault, case_id, None).await?).await
}
