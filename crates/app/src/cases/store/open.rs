//! Opening a case as a member of staff.

use super::{Opened, StoreError, events::open_with, lock, sight::sight};
use crate::{
    audit::{self, store::Line},
    authz::Actor,
    cases::keys,
    clock::{BEIJING, Millis, beijing},
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, scalar, values};
use daylight_vault::Vault;
use std::collections::{BTreeMap, BTreeSet};

/// What of a case is looked at. Each is a word of the trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Its pages.
    File,
    /// The whole of it on paper.
    Print,
    /// A file as it came, by its number.
    Original(i64),
    /// The copy of a picture without metadata.
    Copy(i64),
}

impl Look {
    /// The words of the trail.
    pub const ACTIONS: [&str; 4] = ["case.open", "case.print", "case.original", "case.copy"];

    fn words(self) -> (&'static str, String) {
        match self {
            Look::File => ("case.open", String::new()),
            Look::Print => ("case.print", String::new()),
            Look::Original(id) => ("case.original", format!("材料{id}")),
            Look::Copy(id) => ("case.copy", format!("材料{id}")),
        }
    }
}

/// Opens a case for a member of staff. That they were shown it is kept before it is shown.
pub async fn open(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    now: Millis,
) -> Result<Opened, StoreError> {
    open_for(tx, vault, actor, case_id, Look::File, now).await
}

/// The same for a print or a file, each of which stands in the trail by itself. What cannot be noted is not shown.
pub async fn open_for(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
    look: Look,
    now: Millis,
) -> Result<Opened, StoreError> {
    lock(tx, case_id).await?;
    let (_, seen) = sight(&**tx, vault, actor, case_id).await?;
    let through = u32::try_from(seen.events).map_err(|_| StoreError::Damaged)?;
    note(tx, actor, case_id, look, now).await?;
    keys::store::note_opened(tx, case_id, actor.account_id, through, now).await?;
    // Read by their own keys: a mistake in the decision alone opens nothing.
    let keys = keys::store::keys(&**tx, vault, case_id, Some(actor.account_id)).await?;
    let opened = open_with(&**tx, case_id, keys).await?;
    // It was decided by the columns: they must be the case's.
    let (standing, case) = ((seen.organ_id, seen.handler_id, seen.recused), &opened.case);
    if standing != (case.organ_id, case.handler_id, case.recused.clone()) {
        return Err(StoreError::Damaged);
    }
    Ok(opened)
}

fn subject(case_id: i64) -> String {
    format!("case {case_id}")
}

/// The first look of a person at a thing on a day is an entry of the trail; the others of that day say no more.
async fn note(tx: &Tx, actor: &Actor, case_id: i64, look: Look, now: Millis) -> Result<(), DbErr> {
    let (action, detail) = look.words();
    let subject = subject(case_id);
    let sql = "SELECT COUNT(*) FROM audit_entries WHERE subject = $1 AND account_id = $2 AND at BETWEEN $3 AND $4 \
               AND action = $5 AND detail = $6";
    let (from, to) = day(now);
    let bound = values![subject.as_str(), actor.account_id, from, to, action, detail.as_str()];
    if scalar::<i64>(&**tx, sql, bound).await? > 0 {
        return Ok(());
    }
    let account_id = Some(actor.account_id);
    let entry = audit::Entry { account_id, actor: &actor.name, action, subject: &subject, detail: &detail };
    audit::store::append(tx, &entry, now).await
}

/// The first and the last millisecond of a day in Beijing.
fn day(at: Millis) -> (Millis, Millis) {
    let begins = beijing(at).date().midnight().assume_offset(BEIJING).unix_timestamp() * 1000;
    (begins, begins + 24 * 3_600_000 - 1)
}

/// Who looked at what of a case, the newest first: for those who lead where it is.
pub async fn looks(c: &impl ConnectionTrait, case_id: i64, limit: i64) -> Result<Vec<Line>, DbErr> {
    let sql = format!(
        "SELECT * FROM audit_entries WHERE subject = $1 AND action IN ({WORDS}) ORDER BY id DESC LIMIT {limit}"
    );
    all(c, &sql, values![subject(case_id)]).await
}

const WORDS: &str = "'case.open', 'case.print', 'case.original', 'case.copy'";

/// Cases whose keys say that somebody was shown them on a day of which the trail knows nothing, or of which the trail
/// knows that somebody was shown them and the keys do not: one of the two was changed past the program.
pub(super) async fn unnoted(c: &impl ConnectionTrait) -> Result<BTreeSet<i64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Key {
        case_id: i64,
        account_id: i64,
        opened_at: i64,
    }
    #[derive(FromQueryResult)]
    struct Noted {
        subject: String,
        account_id: i64,
        at: i64,
    }
    let sql = "SELECT case_id, account_id, MAX(opened_at) AS opened_at FROM case_keys \
               WHERE account_id IS NOT NULL AND opened_at IS NOT NULL GROUP BY case_id, account_id";
    let keys: Vec<Key> = all(c, sql, values![]).await?;
    let sql = format!(
        "SELECT subject, account_id, at FROM audit_entries WHERE action IN ({WORDS}) AND account_id IS NOT NULL"
    );
    let noted: Vec<Noted> = all(c, &sql, values![]).await?;
    let mut days: BTreeMap<(i64, i64), BTreeSet<Millis>> = BTreeMap::new();
    for one in noted {
        let id = one.subject.strip_prefix("case ").and_then(|id| id.parse().ok());
        if let Some(id) = id {
            days.entry((id, one.account_id)).or_default().insert(day(one.at).0);
        }
    }
    let shown: BTreeSet<_> = keys.iter().map(|key| (key.case_id, key.account_id)).collect();
    let silent = keys.iter().filter(|key| {
        let known = days.get(&(key.case_id, key.account_id));
        known.is_none_or(|days| !days.contains(&day(key.opened_at).0))
    });
    let erased = days.keys().filter(|pair| !shown.contains(pair)).map(|(case_id, _)| *case_id);
    Ok(silent.map(|key| key.case_id).chain(erased).collect())
}
