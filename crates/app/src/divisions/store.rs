//! Every query on divisions.

use super::{Division, DivisionCode, DivisionLevel};
use crate::{clock::Millis, search};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, one, scalar, values};

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    code: String,
    name: String,
    level: String,
    parent_id: Option<i64>,
    path: String,
    valid_from: Option<String>,
    valid_to: Option<String>,
    successor_id: Option<i64>,
    inferred: bool,
}

impl Row {
    fn division(self) -> Result<Division, DbErr> {
        let level = DivisionLevel::parse(&self.level)
            .ok_or_else(|| DbErr::Type(format!("division {}: level", self.id)))?;
        Ok(Division {
            id: self.id,
            code: self.code,
            name: self.name,
            level,
            parent_id: self.parent_id,
            path: self.path,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            successor_id: self.successor_id,
            inferred: self.inferred,
        })
    }
}

const COLUMNS: &str = "id, code, name, level, parent_id, path, valid_from, valid_to, successor_id, inferred";

/// Divisions by the end of a query, for the queries of other stores.
pub(crate) async fn list(
    c: &impl ConnectionTrait,
    tail: &str,
    bound: Vec<daylight_db::Value>,
) -> Result<Vec<Division>, DbErr> {
    let rows: Vec<Row> = all(c, &format!("SELECT {COLUMNS} FROM divisions {tail}"), bound).await?;
    rows.into_iter().map(Row::division).collect()
}

/// A division by its id.
pub async fn get(c: &impl ConnectionTrait, id: i64) -> Result<Option<Division>, DbErr> {
    Ok(list(c, "WHERE id = $1", values![id]).await?.pop())
}

/// The current division with a code.
pub async fn by_code(c: &impl ConnectionTrait, code: &str) -> Result<Option<Division>, DbErr> {
    Ok(list(c, "WHERE code = $1 AND valid_to IS NULL", values![code]).await?.pop())
}

/// All current divisions, parents before children.
pub async fn current(c: &impl ConnectionTrait) -> Result<Vec<Division>, DbErr> {
    list(c, "WHERE valid_to IS NULL ORDER BY code", values![]).await
}

/// The current divisions right below one, or the roots.
pub async fn below(c: &impl ConnectionTrait, parent_id: Option<i64>) -> Result<Vec<Division>, DbErr> {
    match parent_id {
        Some(id) => list(c, "WHERE parent_id = $1 AND valid_to IS NULL ORDER BY code", values![id]).await,
        None => list(c, "WHERE parent_id IS NULL AND valid_to IS NULL ORDER BY code", values![]).await,
    }
}

/// The division and all above it, root first.
pub async fn line(c: &impl ConnectionTrait, division: &Division) -> Result<Vec<Division>, DbErr> {
    let ids: Vec<i64> = division.path.split('/').filter_map(|id| id.parse().ok()).collect();
    let mut above = Vec::new();
    for id in ids {
        above.extend(get(c, id).await?);
    }
    Ok(above)
}

/// The division under which everything lies, down to the county at most, and what is right below
/// it. None when there are several roots, or nothing yet; the roots are then the list.
pub async fn top(c: &impl ConnectionTrait) -> Result<(Option<Division>, Vec<Division>), DbErr> {
    let mut top = None;
    let mut list = below(c, None).await?;
    while list.len() == 1 {
        let only = list.remove(0);
        list = below(c, Some(only.id)).await?;
        let reached = only.level >= DivisionLevel::County;
        top = Some(only);
        if reached {
            break;
        }
    }
    Ok((top, list))
}

/// How many units are at or below each of these divisions, in their order.
pub async fn with_units(
    c: &impl ConnectionTrait,
    divisions: Vec<Division>,
) -> Result<Vec<(Division, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Count {
        id: i64,
        n: i64,
    }
    let Some(first) = divisions.first() else { return Ok(Vec::new()) };
    let (condition, bound) = match first.parent_id {
        Some(id) => ("a.parent_id = $1", values![id]),
        None => ("a.parent_id IS NULL", values![]),
    };
    // One pass over the units that sit somewhere; most divisions of a county have few.
    let sql = format!(
        "SELECT a.id, COUNT(u.id) AS n FROM units u JOIN divisions d ON d.id = u.division_id \
         JOIN divisions a ON d.path LIKE a.path || '%' WHERE {condition} AND u.ended_on IS NULL GROUP BY a.id"
    );
    let counts: Vec<Count> = all(c, &sql, bound).await?;
    let units = |id: i64| counts.iter().find(|count| count.id == id).map_or(0, |count| count.n);
    Ok(divisions.into_iter().map(|division| (units(division.id), division)).map(|(n, d)| (d, n)).collect())
}

/// A unit that sits at a division.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Seat {
    /// The unit.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// [`crate::units::Category::code`].
    pub category: String,
    /// How many public powers it lists.
    pub powers: i64,
}

/// The units at exactly this division, in the order in which offices listed them.
pub async fn seats(c: &impl ConnectionTrait, id: i64) -> Result<Vec<Seat>, DbErr> {
    let sql = "SELECT u.id, u.name, u.category, \
               (SELECT COUNT(*) FROM powers p WHERE p.unit_id = u.id AND p.disclosed = $2) AS powers \
               FROM units u WHERE u.division_id = $1 AND u.ended_on IS NULL ORDER BY u.id";
    all(c, sql, values![id, true]).await
}

/// A division to be written.
#[derive(Clone, Debug)]
pub struct New<'a> {
    /// The 12-digit code.
    pub code: &'a DivisionCode,
    /// Official name.
    pub name: &'a str,
    /// The division above, already written.
    pub parent: Option<&'a Division>,
    /// ISO date.
    pub valid_from: Option<&'a str>,
    /// ISO date; none while current.
    pub valid_to: Option<&'a str>,
    /// Not from an official list.
    pub inferred: bool,
}

/// Writes a division and returns it. One that is past and known already, by its code and its last day, is
/// put right instead: lists are sent again with all that was.
pub async fn insert(tx: &Tx, new: &New<'_>, now: Millis) -> Result<Division, DbErr> {
    if let Some(until) = new.valid_to {
        let same = "WHERE code = $1 AND valid_to = $2";
        if let Some(known) = list(&**tx, same, values![new.code.as_str(), until]).await?.pop() {
            if known.name != new.name || known.valid_from.as_deref() != new.valid_from {
                rename(tx, known.id, new.name, new.valid_from, new.valid_to, now).await?;
            }
            return get(&**tx, known.id).await?.ok_or(DbErr::RecordNotUpdated);
        }
    }
    let parent_id = new.parent.map(|parent| parent.id);
    let id: i64 = scalar(
        &**tx,
        "INSERT INTO divisions (code, name, level, parent_id, path, valid_from, valid_to, inferred, updated_at) \
         VALUES ($1, $2, $3, $4, '', $5, $6, $7, $8) RETURNING id",
        values![
            new.code.as_str(),
            new.name,
            new.code.level().code(),
            parent_id,
            new.valid_from,
            new.valid_to,
            new.inferred,
            now
        ],
    )
    .await?;
    let path = format!("{}{id}/", new.parent.map_or("/", |parent| parent.path.as_str()));
    exec(&**tx, "UPDATE divisions SET path = $2 WHERE id = $1", values![id, path.as_str()]).await?;
    if new.valid_to.is_none() {
        let document = search::Document {
            kind: "division",
            subject_id: id,
            title: new.name.to_owned(),
            detail: new.code.level().page().to_owned(),
            text: String::new(),
            unit_id: None,
            category: None,
            division_path: Some(path.clone()),
        };
        search::store::put(tx, &[document]).await?;
    }
    get(&**tx, id).await?.ok_or_else(|| DbErr::RecordNotInserted)
}

/// Gives a division its official name and validity. Returns it as it now is.
pub async fn rename(
    tx: &Tx,
    id: i64,
    name: &str,
    valid_from: Option<&str>,
    valid_to: Option<&str>,
    now: Millis,
) -> Result<(), DbErr> {
    let sql = "UPDATE divisions SET name = $2, valid_from = $3, valid_to = $4, inferred = $5, updated_at = $6 \
               WHERE id = $1";
    exec(&**tx, sql, values![id, name, valid_from, valid_to, false, now]).await?;
    if valid_to.is_some() {
        return search::store::remove(tx, "division", id).await;
    }
    let division = get(&**tx, id).await?.ok_or_else(|| DbErr::RecordNotUpdated)?;
    let document = search::Document {
        kind: "division",
        subject_id: id,
        title: division.name,
        detail: division.level.page().to_owned(),
        text: String::new(),
        unit_id: None,
        category: None,
        division_path: Some(division.path),
    };
    search::store::put(tx, &[document]).await
}

/// Notes which division took a division's place: the current one with that code, else the last that had
/// it, for a place that moved on twice. None when no list ever named it.
pub async fn set_successor(tx: &Tx, id: i64, code: &str) -> Result<(), DbErr> {
    let last = "WHERE code = $1 AND id <> $2 \
                ORDER BY CASE WHEN valid_to IS NULL THEN 0 ELSE 1 END, valid_to DESC LIMIT 1";
    let Some(successor) = list(&**tx, last, values![code, id]).await?.pop() else { return Ok(()) };
    let sql = "UPDATE divisions SET successor_id = $2 WHERE id = $1";
    exec(&**tx, sql, values![id, successor.id]).await.map(drop)
}

/// Public figures of a division: how many units and powers are at or below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Figures {
    /// Units.
    pub units: i64,
    /// Public powers.
    pub powers: i64,
    /// Cadres in office.
    pub cadres: i64,
}

/// The figures of a division.
pub async fn figures(c: &impl ConnectionTrait, path: &str) -> Result<Figures, DbErr> {
    let figures = one(
        c,
        "SELECT COUNT(*) AS units, \
         COALESCE(CAST(SUM((SELECT COUNT(*) FROM powers p WHERE p.unit_id = u.id AND p.disclosed)) AS BIGINT), 0) AS powers, \
         COALESCE(CAST(SUM((SELECT COUNT(*) FROM appointments a JOIN posts q ON q.id = a.post_id \
            WHERE q.unit_id = u.id AND a.until IS NULL)) AS BIGINT), 0) AS cadres \
         FROM units u JOIN divisions d ON d.id = u.division_id \
         WHERE d.path LIKE $1 AND u.ended_on IS NULL",
        values![format!("{path}%")],
    )
    .await?;
    Ok(figures.unwrap_or_default())
}
