//! Every query on the book of recusals and relatives.

use super::Member;
use crate::{audit::rows, cases::routing::store::About, clock::Millis};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, scalar_opt, values};

/// Everybody who serves in an organ, by name.
pub async fn members(c: &impl ConnectionTrait) -> Result<Vec<Member>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: i64,
        name: String,
        cadre_id: Option<i64>,
        path: String,
    }
    let sql = "SELECT DISTINCT a.id AS account_id, a.name, a.cadre_id, o.path FROM accounts a \
               JOIN grants g ON g.account_id = a.id JOIN organs o ON o.id = g.organ_id \
               WHERE g.ended_at IS NULL AND a.disabled = $1 ORDER BY a.id, o.path";
    let rows: Vec<Row> = all(c, sql, values![false]).await?;
    let mut members: Vec<Member> = Vec::new();
    for row in rows {
        match members.last_mut().filter(|member| member.account_id == row.account_id) {
            Some(member) => member.organs.push(row.path),
            None => members.push(Member {
                account_id: row.account_id,
                name: row.name,
                cadre_id: row.cadre_id,
                organs: vec![row.path],
            }),
        }
    }
    Ok(members)
}

/// A recusal that holds.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Line {
    /// Surrogate id.
    pub id: i64,
    /// Who stays out.
    pub account_id: i64,
    /// Of everything that names this person.
    pub cadre: Option<String>,
    /// Of everything about this unit.
    pub unit: Option<String>,
    /// When it was declared.
    pub declared_at: i64,
    /// By whom.
    pub declared_by: Option<String>,
}

/// Every recusal that holds, the newest first.
pub async fn list(c: &impl ConnectionTrait) -> Result<Vec<Line>, DbErr> {
    let sql = "SELECT r.id, r.account_id, c.name AS cadre, u.name AS unit, r.declared_at, b.name AS declared_by \
               FROM recusals r LEFT JOIN cadres c ON c.id = r.cadre_id LEFT JOIN units u ON u.id = r.unit_id \
               LEFT JOIN accounts b ON b.id = r.declared_by WHERE r.ended_at IS NULL ORDER BY r.id DESC";
    all(c, sql, values![]).await
}

/// Declares a recusal; false when it holds already.
pub async fn declare(tx: &Tx, account_id: i64, about: About, by: i64, now: Millis) -> Result<bool, DbErr> {
    let (cadre_id, unit_id) = match about {
        About::Cadre(id) => (Some(id), None),
        About::Unit(id) => (None, Some(id)),
    };
    tx.lock("daylight recusals").await?;
    let sql = "INSERT INTO recusals (account_id, cadre_id, unit_id, declared_at, declared_by) \
               SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), \
               CAST($5 AS BIGINT) WHERE NOT EXISTS (SELECT 1 FROM recusals WHERE account_id = $1 \
               AND COALESCE(cadre_id, 0) = $6 AND COALESCE(unit_id, 0) = $7 AND ended_at IS NULL)";
    let bound = values![account_id, cadre_id, unit_id, now, by, cadre_id.unwrap_or(0), unit_id.unwrap_or(0)];
    let changed = exec(&**tx, sql, bound).await? == 1;
    rows::keep(tx, &rows::RECUSALS, account_id, now).await?;
    Ok(changed)
}

/// Ends a recusal; false when it was ended before.
pub async fn end(tx: &Tx, id: i64, by: i64, now: Millis) -> Result<bool, DbErr> {
    let sql = "UPDATE recusals SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at IS NULL \
               RETURNING account_id";
    let ended: Option<i64> = scalar_opt(&**tx, sql, values![id, now, by]).await?;
    if let Some(account_id) = ended {
        rows::keep(tx, &rows::RECUSALS, account_id, now).await?;
    }
    Ok(ended.is_some())
}

/// Two declared relatives, one of them a member of staff.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Pair {
    /// The lower id.
    pub cadre_id: i64,
    /// The other.
    pub other_id: i64,
    /// Name of the first.
    pub cadre: String,
    /// Name of the other.
    pub other: String,
    /// When it was declared.
    pub declared_at: i64,
}

/// Every pair that holds.
pub async fn pairs(c: &impl ConnectionTrait) -> Result<Vec<Pair>, DbErr> {
    let sql = "SELECT r.cadre_id, r.other_id, a.name AS cadre, b.name AS other, r.declared_at FROM relatives r \
               JOIN cadres a ON a.id = r.cadre_id JOIN cadres b ON b.id = r.other_id \
               WHERE r.ended_at IS NULL ORDER BY r.declared_at DESC, r.cadre_id, r.other_id";
    all(c, sql, values![]).await
}

/// Declares two people relatives, whichever is named first; false when it holds already.
pub async fn relate(tx: &Tx, one: i64, other: i64, by: i64, now: Millis) -> Result<bool, DbErr> {
    let sql = "INSERT INTO relatives (cadre_id, other_id, declared_at, declared_by) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (cadre_id, other_id) DO UPDATE SET ended_at = NULL, ended_by = NULL, \
               declared_at = excluded.declared_at, declared_by = excluded.declared_by \
               WHERE relatives.ended_at IS NOT NULL";
    let changed = exec(&**tx, sql, values![one.min(other), one.max(other), now, by]).await? == 1;
    rows::keep(tx, &rows::RELATIVES, one.min(other), now).await?;
    Ok(changed)
}

/// Ends a pair that was declared by mistake; false when it was ended before.
pub async fn unrelate(tx: &Tx, one: i64, other: i64, by: i64, now: Millis) -> Result<bool, DbErr> {
    let sql = "UPDATE relatives SET ended_at = $3, ended_by = $4 \
               WHERE cadre_id = $1 AND other_id = $2 AND ended_at IS NULL";
    let changed = exec(&**tx, sql, values![one.min(other), one.max(other), now, by]).await? == 1;
    rows::keep(tx, &rows::RELATIVES, one.min(other), now).await?;
    Ok(changed)
}
