//! A round opens and closes: what is frozen, and what is destroyed.

use super::{
    super::{keys, number},
    editions, rounds, voters,
};
use crate::clock::Millis;
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, insert_many, values};
use daylight_ratings::{
    ballot::SubjectId,
    indicators::{Library, Party, Questions, Rank, Sector, Target},
    round::{Candidate, Deed, Refusal, Scope, State},
};
use daylight_vault::Vault;
use std::collections::{BTreeMap, BTreeSet};

/// Why a round does not go on.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// It may not follow.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Another open round asks about the same subjects.
    #[error("another round asks about the same subjects")]
    Collides,
    /// The key's file.
    #[error(transparent)]
    Key(#[from] keys::KeyError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

#[derive(FromQueryResult)]
struct Found {
    id: i64,
    rank: String,
    political_status: Option<String>,
    unit_id: i64,
    path: String,
    category: String,
    division_id: Option<i64>,
}

/// Who is asked about, with the words that choose the questions.
struct Frozen {
    subject: i64,
    unit_id: i64,
    division_id: i64,
    path: String,
    class: &'static str,
    target: String,
}

/// Opens a round whose day has come: subjects and questions are frozen, the key is drawn. Does nothing when it was opened
/// meanwhile.
pub async fn open(tx: &Tx, vault: &Vault, id: i64, now: Millis) -> Result<bool, TurnError> {
    rounds::hold(tx, id).await?;
    let Some(kept) = rounds::get(&**tx, id).await? else { return Ok(false) };
    let opened = match kept.round.act(&Deed::Open, None, now) {
        Ok(opened) => opened,
        Err(Refusal::NotNow | Refusal::TooEarly) => return Ok(false),
        Err(other) => return Err(other.into()),
    };
    let others = rounds::list(&**tx).await?;
    if others
        .iter()
        .any(|other| other.id != id && other.round.state == opened.state && other.round.collides(&opened))
    {
        return Err(TurnError::Collides);
    }
    voters::index_phones(tx, vault).await?;
    let library = editions::in_force(&**tx).await?;
    editions::keep(tx, &library, now).await?;
    freeze(tx, id, &opened.scope, &library).await?;
    rounds::save(tx, id, &opened).await?;
    let sql = "UPDATE rating_rounds SET edition = $2 WHERE id = $1";
    exec(&**tx, sql, values![id, i64::from(library.edition)]).await?;
    // Before the commit: a round that is open has its key. One of a transaction that fails is replaced at the next try.
    keys::draw(vault, id)?;
    Ok(true)
}

async fn freeze(tx: &Tx, id: i64, scope: &Scope, library: &Library) -> Result<(), DbErr> {
    let mut templates: BTreeMap<String, Questions> = BTreeMap::new();
    let mut frozen = cadres(tx, scope, library, &mut templates).await?;
    frozen.extend(powers(tx, scope, library, &mut templates).await?);
    let rows = templates.iter().map(|(target, questions)| {
        values![id, target.as_str(), serde_json::to_string(questions).unwrap_or_default()]
    });
    insert_many(&**tx, "rating_templates", &["round_id", "target", "content"], rows.collect()).await?;
    let columns = ["round_id", "subject", "unit_id", "division_id", "path", "class", "target"];
    let row =
        |one: Frozen| values![id, one.subject, one.unit_id, one.division_id, one.path, one.class, one.target];
    insert_many(&**tx, "rating_subjects", &columns, frozen.into_iter().map(row).collect()).await
}

async fn cadres(
    tx: &Tx,
    scope: &Scope,
    library: &Library,
    templates: &mut BTreeMap<String, Questions>,
) -> Result<Vec<Frozen>, DbErr> {
    let sql = "SELECT c.id, c.rank, c.political_status, u.id AS unit_id, u.path, u.category, u.division_id \
               FROM appointments a JOIN cadres c ON c.id = a.cadre_id JOIN posts p ON p.id = a.post_id \
               JOIN units u ON u.id = p.unit_id WHERE a.until IS NULL AND u.ended_on IS NULL ORDER BY a.id";
    let found: Vec<Found> = all(&**tx, sql, values![]).await?;
    let (mut seen, mut frozen) = (BTreeSet::new(), Vec::new());
    for row in found {
        let (Some(rank), Some(sector)) = (Rank::from_code(&row.rank), Sector::from_code(&row.category))
        else {
            continue;
        };
        let candidate = Candidate { rank: Some(rank), sector, path: &row.path };
        // Counted where their first post within the scope is.
        if !scope.covers(candidate) || !seen.insert(row.id) {
            continue;
        }
        let party = row.political_status.as_deref().and_then(Party::from_page);
        let target = format!("{}/{}/{}", rank.code(), sector.code(), party.map_or("", Party::code));
        templates.entry(target.clone()).or_insert_with(|| library.for_cadre(Target { rank, sector, party }));
        frozen.push(freezing(SubjectId::Cadre(row.id), row, rank.code(), target));
    }
    Ok(frozen)
}

async fn powers(
    tx: &Tx,
    scope: &Scope,
    library: &Library,
    templates: &mut BTreeMap<String, Questions>,
) -> Result<Vec<Frozen>, DbErr> {
    let sql = "SELECT p.id, '' AS rank, NULL AS political_status, u.id AS unit_id, u.path, u.category, \
               u.division_id FROM powers p JOIN units u ON u.id = p.unit_id \
               WHERE p.revision_id IS NOT NULL AND p.disclosed = $1 AND u.ended_on IS NULL ORDER BY p.id";
    let found: Vec<Found> = all(&**tx, sql, values![true]).await?;
    let mut frozen = Vec::new();
    for row in found {
        let Some(sector) = Sector::from_code(&row.category) else { continue };
        if scope.covers(Candidate { rank: None, sector, path: &row.path }) {
            templates.entry("power".into()).or_insert_with(|| library.for_power());
            frozen.push(freezing(SubjectId::Power(row.id), row, "", "power".into()));
        }
    }
    Ok(frozen)
}

fn freezing(subject: SubjectId, row: Found, class: &'static str, target: String) -> Frozen {
    let division_id = row.division_id.unwrap_or_default();
    Frozen { subject: number(subject), unit_id: row.unit_id, division_id, path: row.path, class, target }
}

/// Closes a round whose time is over, and destroys its key. Whoever holds the lock of ballots holds this off, so that the
/// last ballot is committed before.
pub async fn close(tx: &Tx, vault: &Vault, id: i64, now: Millis) -> Result<bool, TurnError> {
    rounds::hold(tx, id).await?;
    let Some(kept) = rounds::get(&**tx, id).await? else { return Ok(false) };
    let closed = match kept.round.act(&Deed::Close, None, now) {
        Ok(closed) => closed,
        Err(Refusal::NotNow | Refusal::TooEarly) => return Ok(false),
        Err(other) => return Err(other.into()),
    };
    rounds::save(tx, id, &closed).await?;
    // Before the commit: what the audit trail says has happened. If the commit fails, the round is over all the same
    // and is closed at the next try.
    keys::destroy(vault, id).map_err(keys::KeyError::from)?;
    let sql = "UPDATE rating_rounds SET key_gone_at = $2 WHERE id = $1";
    exec(&**tx, sql, values![id, now]).await?;
    Ok(true)
}

/// Of these rounds with a key, those that are not open: a crash left it, or somebody put it back.
pub async fn outlived(c: &impl ConnectionTrait, with_key: &[i64]) -> Result<Vec<i64>, DbErr> {
    let mut found = Vec::new();
    for id in with_key {
        let kept = rounds::get(c, *id).await?;
        if kept.is_none_or(|kept| kept.round.state != State::Open) {
            found.push(*id);
        }
    }
    Ok(found)
}
