//! Cases that may be about the same thing. They are linked by people and never merged.

use super::{Line, StoreError, act::note, list::list_on, sight::sight};
use crate::{
    audit::rows,
    authz::Actor,
    cases::keys,
    clock::Millis,
    reports::{self, Suggestion},
};
use daylight_db::{ConnectionTrait, FromQueryResult, Tx, all, exec, values};
use daylight_vault::Vault;
use std::collections::{BTreeMap, BTreeSet};

/// A case that may be about the same thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// The case.
    pub line: Line,
    /// Why it is shown.
    pub because: Suggestion,
}

/// So many are shown.
const SHOWN: usize = 10;

/// The cases that may be about the same thing as this one, the likeliest first: of those only that the viewer may see.
pub async fn alike(
    c: &impl ConnectionTrait,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
) -> Result<Vec<Alike>, StoreError> {
    let (ground, _) = sight(c, vault, actor, case_id).await?;
    let mine = list_on(c, vault, actor, &ground).await?;
    let mut lines: BTreeMap<_, _> = mine.into_iter().map(|line| (line.id, line)).collect();
    let ids: Vec<_> = lines.keys().copied().collect();
    let mut gists = Vec::new();
    for ids in ids.chunks(super::BATCH) {
        let keys = keys::store::own_keys(c, vault, ids).await?;
        gists.extend(reports::store::gists(c, &keys, ids).await?);
    }
    let at = gists.iter().position(|gist| gist.report_id == case_id).ok_or(StoreError::Damaged)?;
    let this = gists.remove(at);
    let found = reports::suggest(&this, &gists, SHOWN);
    Ok(found
        .into_iter()
        .filter_map(|because| Some(Alike { line: lines.remove(&because.report_id)?, because }))
        .collect())
}

/// Two cases that are both open to somebody, in the order in which a link is kept.
async fn pair(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    (one, other): (i64, i64),
) -> Result<(i64, i64), StoreError> {
    let (low, high) = (one.min(other), one.max(other));
    super::lock(tx, low).await?;
    sight(&**tx, vault, actor, low).await?;
    sight(&**tx, vault, actor, high).await?;
    if low == high { Err(StoreError::NotFound) } else { Ok((low, high)) }
}

/// Notes that two cases are about the same thing. Both go on as they are: each reporter is answered.
pub async fn link(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    cases: (i64, i64),
    now: Millis,
) -> Result<(), StoreError> {
    let (low, high) = pair(tx, vault, actor, cases).await?;
    let sql = "INSERT INTO case_links (case_id, other_id, account_id, linked_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (case_id, other_id) DO NOTHING";
    if exec(&**tx, sql, values![low, high, actor.account_id, now]).await? == 1 {
        rows::keep(tx, &rows::LINKS, low, now).await?;
        note(tx, actor, low, "case.link", &format!("case {high}"), now).await?;
    }
    Ok(())
}

/// Takes a link back that was made by mistake.
pub async fn unlink(
    tx: &Tx,
    vault: &Vault,
    actor: &Actor,
    cases: (i64, i64),
    now: Millis,
) -> Result<(), StoreError> {
    let (low, high) = pair(tx, vault, actor, cases).await?;
    let sql = "DELETE FROM case_links WHERE case_id = $1 AND other_id = $2";
    if exec(&**tx, sql, values![low, high]).await? == 1 {
        rows::keep(tx, &rows::LINKS, low, now).await?;
        note(tx, actor, low, "case.unlink", &format!("case {high}"), now).await?;
    }
    Ok(())
}

/// The cases linked with this one, as far as the viewer may see them.
pub async fn links(
    c: &impl ConnectionTrait,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
) -> Result<Vec<Line>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
    }
    let (ground, _) = sight(c, vault, actor, case_id).await?;
    let sql = "SELECT other_id AS id FROM case_links WHERE case_id = $1 \
               UNION SELECT case_id AS id FROM case_links WHERE other_id = $1";
    let rows: Vec<Row> = all(c, sql, values![case_id]).await?;
    let linked: BTreeSet<_> = rows.into_iter().map(|row| row.id).collect();
    let mut mine = list_on(c, vault, actor, &ground).await?;
    mine.retain(|line| linked.contains(&line.id));
    Ok(mine)
}
