//! Every query on paper codes. A code is kept as a keyed hash under the round's key, with the sheet it was printed on;
//! in which order codes stood on it is not kept.

use super::{
    super::{number, of_number},
    ballots, rounds,
};
use crate::clock::Millis;
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, insert_many, one, scalar, values};
use daylight_ratings::{
    ballot::{Proof, RoundKey, SubjectId},
    radar::Failing,
};
use std::collections::BTreeSet;

/// A printed sheet, as the office sees it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Sheet {
    /// Surrogate id.
    pub id: i64,
    /// Its round.
    pub round_id: i64,
    /// The unit whose people and powers it is for, with everything below.
    pub unit: String,
    /// When it was printed.
    pub made_at: Millis,
    /// When it was taken back, by whom and why.
    pub revoked_at: Option<Millis>,
    /// Who took it back.
    pub revoked_by: Option<i64>,
    /// Why.
    pub reason: Option<String>,
    /// When another person took its ballots out of the count.
    pub excluded_at: Option<Millis>,
}

const SHEET: &str = "SELECT s.id, s.round_id, u.name AS unit, s.made_at, s.revoked_at, s.revoked_by, s.reason, s.excluded_at \
     FROM rating_sheets s JOIN units u ON u.id = s.unit_id";

/// The sheets of a round, the newest first.
pub async fn list(c: &impl ConnectionTrait, round: i64) -> Result<Vec<Sheet>, DbErr> {
    all(c, &format!("{SHEET} WHERE s.round_id = $1 ORDER BY s.id DESC"), values![round]).await
}

/// A sheet.
pub async fn get(c: &impl ConnectionTrait, id: i64) -> Result<Option<Sheet>, DbErr> {
    one(c, &format!("{SHEET} WHERE s.id = $1"), values![id]).await
}

/// Notes a sheet with the names of its codes. Callers hold the round.
pub async fn add(
    tx: &Tx,
    round: i64,
    unit_id: i64,
    mut names: Vec<[u8; 16]>,
    by: i64,
    now: Millis,
) -> Result<i64, DbErr> {
    let sql = "INSERT INTO rating_sheets (round_id, unit_id, made_by, made_at) VALUES ($1, $2, $3, $4) RETURNING id";
    let sheet: i64 = scalar(&**tx, sql, values![round, unit_id, by, now]).await?;
    names.sort_unstable();
    let rows = names.into_iter().map(|name| values![round, name.to_vec(), sheet]).collect();
    insert_many(&**tx, "rating_papers", &["round_id", "name", "sheet_id"], rows).await?;
    Ok(sheet)
}

/// Where a code may be used.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Paper {
    /// Path of the unit.
    pub path: String,
    /// Whether its sheet was taken back.
    pub revoked: bool,
}

/// A code of a round by its name.
pub async fn find(c: &impl ConnectionTrait, round: i64, name: [u8; 16]) -> Result<Option<Paper>, DbErr> {
    let sql = "SELECT u.path, CASE WHEN s.revoked_at IS NULL THEN 0 = 1 ELSE 0 = 0 END AS revoked FROM rating_papers p \
               JOIN rating_sheets s ON s.id = p.sheet_id JOIN units u ON u.id = s.unit_id \
               WHERE p.round_id = $1 AND p.name = $2";
    one(c, sql, values![round, name.to_vec()]).await
}

/// Of these codes those that count: looked at in the transaction that takes their ballots down.
pub async fn valid(
    tx: &Tx,
    round: i64,
    names: impl IntoIterator<Item = [u8; 16]>,
) -> Result<BTreeSet<[u8; 16]>, DbErr> {
    let mut found = BTreeSet::new();
    for name in names {
        found.extend(find(&**tx, round, name).await?.filter(|paper| !paper.revoked).map(|_| name));
    }
    Ok(found)
}

/// Whom a code may rate.
#[derive(Clone, Debug, FromQueryResult)]
struct Row {
    subject: i64,
}

/// The subjects of a unit and everything below it that a round asks about.
pub async fn subjects(c: &impl ConnectionTrait, round: i64, path: &str) -> Result<Vec<SubjectId>, DbErr> {
    let sql = "SELECT subject FROM rating_subjects WHERE round_id = $1 AND path LIKE $2 ORDER BY subject % 2, subject";
    // A path is of digits and strokes.
    let rows: Vec<Row> = all(c, sql, values![round, format!("{path}%")]).await?;
    Ok(rows.into_iter().map(|row| of_number(row.subject)).collect())
}

/// Takes a sheet back: its codes are used no more. Whether it was not yet.
pub async fn revoke(tx: &Tx, id: i64, by: i64, reason: &str, now: Millis) -> Result<bool, DbErr> {
    let sql = "UPDATE rating_sheets SET revoked_at = $2, revoked_by = $3, reason = $4 \
               WHERE id = $1 AND revoked_at IS NULL";
    Ok(exec(&**tx, sql, values![id, now, by, reason]).await? > 0)
}

/// Takes the ballots of a sheet that was taken back out of the count, while the round has its key. How many.
pub async fn exclude(tx: &Tx, key: &RoundKey, sheet: &Sheet, now: Millis) -> Result<usize, DbErr> {
    #[derive(FromQueryResult)]
    struct Name {
        name: Vec<u8>,
    }
    rounds::hold(tx, sheet.round_id).await?;
    let sql = "SELECT name FROM rating_papers WHERE sheet_id = $1";
    let names: Vec<Name> = all(&**tx, sql, values![sheet.id]).await?;
    let sql = "SELECT u.path AS path, 0 = 0 AS revoked FROM rating_sheets s JOIN units u ON u.id = s.unit_id WHERE s.id = $1";
    let Some(paper) = one::<Paper>(&**tx, sql, values![sheet.id]).await? else { return Ok(0) };
    let mut all = 0;
    for subject in subjects(&**tx, sheet.round_id, &paper.path).await? {
        let token =
            |name: &Name| Some(key.token(Proof::Paper(name.name.as_slice().try_into().ok()?), subject));
        let tokens: Vec<_> = names.iter().filter_map(token).collect();
        let count = ballots::bar(tx, sheet.round_id, subject, &tokens, now).await?;
        if count > 0 {
            let sql = "INSERT INTO rating_exclusions (round_id, subject, failing, ballots, at) VALUES ($1, $2, $3, $4, $5)";
            let failing = serde_json::to_value(Failing::SheetRevoked).unwrap_or_default();
            let failing = failing.as_str().unwrap_or_default();
            exec(&**tx, sql, values![sheet.round_id, number(subject), failing, count as i64, now]).await?;
        }
        all += count;
    }
    let sql = "UPDATE rating_sheets SET excluded_at = $2 WHERE id = $1";
    exec(&**tx, sql, values![sheet.id, now]).await?;
    Ok(all)
}

/// What was taken out of the count of a subject in a round, by the rule that it failed.
pub async fn exclusions(
    c: &impl ConnectionTrait,
    round: i64,
    subject: SubjectId,
) -> Result<Vec<(Failing, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        failing: String,
        ballots: i64,
    }
    let sql = "SELECT failing, CAST(SUM(ballots) AS BIGINT) AS ballots FROM rating_exclusions \
               WHERE round_id = $1 AND subject = $2 GROUP BY failing ORDER BY failing";
    let rows: Vec<Row> = all(c, sql, values![round, number(subject)]).await?;
    let read = |row: Row| Some((serde_json::from_value(row.failing.into()).ok()?, row.ballots));
    Ok(rows.into_iter().filter_map(read).collect())
}
