//! Every query on units, and the look-up of names that publishing shares.

use super::{Category, Unit};
use crate::{clock::Millis, divisions, revisions::store::unit_named, search};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, like, one, scalar, values};
use std::collections::HashMap;

/// A unit as lists and links need it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Line {
    /// Surrogate id, also in the public address.
    pub id: i64,
    /// Full name.
    pub name: String,
    /// [`Category::code`].
    pub category: String,
    /// Ids from the root: "/3/17/".
    pub path: String,
    /// The division at which it sits.
    pub division_id: Option<i64>,
    /// The division's ids from the root.
    pub division_path: Option<String>,
    /// The division's name.
    pub division: Option<String>,
    /// How many public powers it lists.
    pub powers: i64,
    /// How many people hold a post in it.
    pub cadres: i64,
    /// ISO date on which it was ended; none while it is there.
    pub ended_on: Option<String>,
    /// What took its place.
    pub successor_id: Option<i64>,
    /// Its name.
    pub successor: Option<String>,
}

const LINE: &str = "SELECT u.id, u.name, u.category, u.path, u.division_id, d.path AS division_path, \
     d.name AS division, \
     (SELECT COUNT(*) FROM powers p WHERE p.unit_id = u.id AND p.disclosed) AS powers, \
     (SELECT COUNT(*) FROM appointments a JOIN posts q ON q.id = a.post_id \
        WHERE q.unit_id = u.id AND a.until IS NULL) AS cadres, u.ended_on, \
     u.successor_id, s.name AS successor \
     FROM units u LEFT JOIN divisions d ON d.id = u.division_id LEFT JOIN units s ON s.id = u.successor_id";

/// A unit by its id.
pub async fn get(c: &impl ConnectionTrait, id: i64) -> Result<Option<Line>, DbErr> {
    one(c, &format!("{LINE} WHERE u.id = $1"), values![id]).await
}

/// A unit by its full name.
pub async fn by_name(c: &impl ConnectionTrait, name: &str) -> Result<Option<Line>, DbErr> {
    one(c, &format!("{LINE} WHERE u.name = $1"), values![name]).await
}

/// Names of units that contain a text, the shortest first: suggestions for a name typed wrong.
pub async fn names_like(c: &impl ConnectionTrait, text: &str, limit: i64) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
    }
    let sql = "SELECT name FROM units WHERE ended_on IS NULL AND name LIKE $1 ESCAPE '!' \
               ORDER BY LENGTH(name), name LIMIT $2";
    let rows: Vec<Row> = all(c, sql, values![format!("%{}%", like(text)), limit]).await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Which units a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this category.
    pub category: Option<Category>,
    /// Only at or below this division path.
    pub division_path: Option<String>,
    /// Only right below this unit.
    pub parent_id: Option<i64>,
    /// Only at exactly this division.
    pub division_id: Option<i64>,
}

impl Filter {
    fn sql(&self, bound: &mut Vec<daylight_db::Value>) -> String {
        let mut sql = "u.ended_on IS NULL".to_owned();
        let mut and = |text: &str, value: daylight_db::Value| {
            bound.push(value);
            sql.push_str(&format!(" AND {text} ${}", bound.len()));
        };
        if let Some(category) = self.category {
            and("u.category =", category.code().into());
        }
        if let Some(path) = &self.division_path {
            and("d.path LIKE", format!("{path}%").into());
        }
        if let Some(id) = self.parent_id {
            and("u.parent_id =", id.into());
        }
        if let Some(id) = self.division_id {
            and("u.division_id =", id.into());
        }
        sql
    }
}

/// A page of units, in the order in which offices listed them.
pub async fn list(
    c: &impl ConnectionTrait,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Line>, DbErr> {
    let mut bound = Vec::new();
    let condition = filter.sql(&mut bound);
    all(c, &format!("{LINE} WHERE {condition} ORDER BY u.id LIMIT {limit} OFFSET {offset}"), bound).await
}

/// How many units a filter finds.
pub async fn count(c: &impl ConnectionTrait, filter: &Filter) -> Result<i64, DbErr> {
    let mut bound = Vec::new();
    let condition = filter.sql(&mut bound);
    let sql = format!(
        "SELECT COUNT(*) FROM units u LEFT JOIN divisions d ON d.id = u.division_id WHERE {condition}"
    );
    scalar(c, &sql, bound).await
}

/// How many units each category has.
pub async fn count_by_category(c: &impl ConnectionTrait) -> Result<Vec<(Category, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        category: String,
        n: i64,
    }
    let sql = "SELECT category, COUNT(*) AS n FROM units WHERE ended_on IS NULL GROUP BY category";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    let count = |category: Category| {
        let row = rows.iter().find(|row| row.category == category.code());
        (category, row.map_or(0, |row| row.n))
    };
    Ok(Category::ALL.into_iter().map(count).collect())
}

/// Ids by full name, looked up once per transaction.
#[derive(Default)]
pub struct Names {
    units: HashMap<String, Option<Line>>,
    divisions: HashMap<String, Option<divisions::Division>>,
    /// Bases by title, for `powers::store`.
    pub bases: HashMap<String, i64>,
    /// Posts by unit and title, for `cadres::store`.
    pub posts: HashMap<(i64, String), i64>,
}

impl Names {
    /// A unit by name, also by one that it no longer bears.
    pub async fn unit(&mut self, tx: &Tx, name: &str) -> Result<Option<Line>, DbErr> {
        if !self.units.contains_key(name) {
            self.units.insert(name.to_owned(), unit_named(&**tx, name).await?);
        }
        Ok(self.units[name].clone())
    }

    /// A division by code.
    pub async fn division(&mut self, tx: &Tx, code: &str) -> Result<Option<divisions::Division>, DbErr> {
        if !self.divisions.contains_key(code) {
            self.divisions.insert(code.to_owned(), divisions::store::by_code(&**tx, code).await?);
        }
        Ok(self.divisions[code].clone())
    }
}

/// What [`write`] answers when a unit would stand below itself: two drafts, each right when it was
/// written, can make a circle together.
pub const BELOW_ITSELF: &str = "a unit cannot stand below itself";

/// Writes a unit's row from what is published about it. Returns its id.
pub async fn write(
    tx: &Tx,
    names: &mut Names,
    id: Option<i64>,
    unit: &Unit,
    flags: &str,
    revision_id: i64,
    now: Millis,
) -> Result<i64, DbErr> {
    let category = unit.category.map_or("", Category::code);
    let parent = match &unit.parent {
        Some(name) => names.unit(tx, name).await?,
        None => None,
    };
    let division = match &unit.division_code {
        Some(code) => names.division(tx, code).await?,
        None => None,
    };
    let successor = match &unit.successor {
        Some(name) => names.unit(tx, name).await?,
        None => None,
    };
    let parent_id = parent.as_ref().map(|parent| parent.id);
    let division_id = division.as_ref().map(|division| division.id);
    let fields = values![
        unit.name.as_str(),
        category,
        unit.credit_code.as_deref(),
        parent_id,
        division_id,
        unit.phone.as_deref(),
        flags,
        revision_id,
        now,
        unit.ended_on.as_deref(),
        successor.map(|successor| successor.id)
    ];
    let old_path = match id {
        Some(id) => get(&**tx, id).await?.map(|old| (old.path, old.name)),
        None => None,
    };
    let above = parent.as_ref().map_or("/", |parent| parent.path.as_str());
    if old_path.as_ref().is_some_and(|(old, _)| above.starts_with(old.as_str())) {
        return Err(DbErr::Custom(BELOW_ITSELF.to_owned()));
    }
    let id: i64 = match id {
        Some(id) => {
            let mut bound = fields;
            bound.push(id.into());
            let sql = "UPDATE units SET name = $1, category = $2, credit_code = $3, parent_id = $4, \
                       division_id = $5, phone = $6, flags = $7, revision_id = $8, updated_at = $9, \
                       ended_on = $10, successor_id = $11 WHERE id = $12";
            exec(&**tx, sql, bound).await?;
            id
        }
        None => {
            let sql = "INSERT INTO units (name, category, credit_code, parent_id, division_id, phone, flags, \
                       revision_id, updated_at, ended_on, successor_id, path) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '') RETURNING id";
            scalar(&**tx, sql, fields).await?
        }
    };
    let path = format!("{}{id}/", parent.map_or("/".to_owned(), |parent| parent.path));
    match old_path {
        None => {
            exec(&**tx, "UPDATE units SET path = $2 WHERE id = $1", values![id, path]).await?;
        }
        Some((old, name)) => {
            if old != path {
                // The whole subtree moves with it.
                let sql =
                    "UPDATE units SET path = $2 || SUBSTR(path, CAST($3 AS INTEGER)) WHERE path LIKE $1";
                let from = i64::try_from(old.len() + 1).unwrap_or(i64::MAX);
                exec(&**tx, sql, values![format!("{old}%"), path, from]).await?;
            }
            names.units.remove(&name);
        }
    }
    names.units.remove(&unit.name);
    Ok(id)
}

/// What the search index holds about a unit.
pub async fn document(tx: &Tx, names: &mut Names, id: i64, unit: &Unit) -> Result<search::Document, DbErr> {
    let division = match &unit.division_code {
        Some(code) => names.division(tx, code).await?,
        None => None,
    };
    let detail = [
        unit.category.map(Category::page),
        division.as_ref().map(|division| division.name.as_str()),
        unit.ended_on.as_ref().map(|_| "已撤销"),
    ];
    let detail: Vec<_> = detail.into_iter().flatten().collect();
    Ok(search::Document {
        kind: "unit",
        subject_id: id,
        title: unit.name.clone(),
        detail: detail.join(" "),
        text: unit.duties.clone().unwrap_or_default(),
        unit_id: Some(id),
        category: unit.category.map(|category| category.code().to_owned()),
        division_path: division.map(|division| division.path),
    })
}

/// How many units each category has within a filter; the filter's own category is left aside.
pub async fn count_by_category_in(
    c: &impl ConnectionTrait,
    filter: &Filter,
) -> Result<Vec<(Category, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        category: String,
        n: i64,
    }
    let mut bound = Vec::new();
    let condition = Filter { category: None, ..filter.clone() }.sql(&mut bound);
    let sql = format!(
        "SELECT u.category, COUNT(*) AS n FROM units u LEFT JOIN divisions d ON d.id = u.division_id \
         WHERE {condition} GROUP BY u.category"
    );
    let rows: Vec<Row> = all(c, &sql, bound).await?;
    let count = |category: Category| {
        let row = rows.iter().find(|row| row.category == category.code());
        (category, row.map_or(0, |row| row.n))
    };
    Ok(Category::ALL.into_iter().map(count).collect())
}

/// When anything public about a unit or its powers was last written.
pub async fn updated_at(c: &impl ConnectionTrait, id: i64) -> Result<Millis, DbErr> {
    let sql = "SELECT MAX(at) FROM (SELECT updated_at AS at FROM units WHERE id = $1 \
               UNION ALL SELECT updated_at FROM powers WHERE unit_id = $1 AND disclosed = $2) AS written";
    scalar(c, sql, values![id, true]).await
}

/// How many public entries of a unit an import took with doubts that the unit has still to clear.
pub async fn count_flagged(c: &impl ConnectionTrait, id: i64) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) FROM (SELECT id FROM units WHERE id = $1 AND flags <> '[]' \
               UNION ALL SELECT id FROM powers WHERE unit_id = $1 AND disclosed = $2 AND flags <> '[]') AS flagged";
    scalar(c, sql, values![id, true]).await
}

/// A body that supervises a unit.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Organ {
    /// Its name.
    pub name: String,
}

/// The discipline organs in whose jurisdiction a unit lies.
pub async fn organs_over(c: &impl ConnectionTrait, id: i64, path: &str) -> Result<Vec<Organ>, DbErr> {
    let sql = "SELECT DISTINCT o.id, o.name FROM organs o JOIN organ_jurisdictions j ON j.organ_id = o.id \
               JOIN units u ON u.id = j.unit_id \
               WHERE j.unit_id = $1 OR (j.subtree = $2 AND SUBSTR($3, 1, LENGTH(u.path)) = u.path) ORDER BY o.id";
    all(c, sql, values![id, true, path]).await
}

/// The units that named this one, under any of its names, as the unit above at an instant.
pub async fn below_as_of(
    c: &impl ConnectionTrait,
    names: &[String],
    at: Millis,
) -> Result<Vec<(i64, String)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        subject_id: i64,
        content: String,
    }
    // Narrows before reading; the reader decides. REPLACE is the one substring test both engines spell alike.
    let sql = "SELECT subject_id, content FROM revisions WHERE kind = 'unit' AND published_at <= $1 \
               AND (ended_at IS NULL OR ended_at > $1) AND REPLACE(content, $2, '') <> content ORDER BY subject_id";
    let mut below = Vec::new();
    for parent in names {
        let named = format!("\"parent\":{}", serde_json::Value::from(parent.as_str()));
        let rows: Vec<Row> = all(c, sql, values![at, named]).await?;
        let unit = |row: Row| Some((row.subject_id, serde_json::from_str::<Unit>(&row.content).ok()?));
        let there = |unit: &Unit| unit.parent.as_ref() == Some(parent) && unit.ended_on.is_none();
        let units = rows.into_iter().filter_map(unit).filter(|(_, unit)| there(unit));
        below.extend(units.map(|(id, unit)| (id, unit.name)));
    }
    Ok(below)
}

/// Something a unit published: itself, a power, a cadre.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Published {
    /// The revision.
    pub id: i64,
    /// [`crate::revisions::SubjectKind::code`].
    pub kind: String,
    /// The subject.
    pub subject_id: i64,
    /// Counts from 1 within the subject.
    pub number: i64,
    /// Its name.
    pub title: String,
    /// The state, as JSON.
    pub content: String,
    /// When it became public.
    pub published_at: Millis,
}

/// The newest things a unit published; nothing about powers that are withheld now.
pub async fn published(c: &impl ConnectionTrait, id: i64, limit: i64) -> Result<Vec<Published>, DbErr> {
    let sql = format!(
        "SELECT r.id, r.kind, r.subject_id, r.number, r.title, r.content, r.published_at FROM revisions r \
         LEFT JOIN powers p ON r.kind = 'power' AND p.id = r.subject_id \
         WHERE r.unit_id = $1 AND r.published_at IS NOT NULL AND (r.kind <> 'power' OR p.disclosed = $2) \
         AND (r.kind <> 'cadre' OR {}) ORDER BY r.published_at DESC, r.id DESC LIMIT {limit}",
        crate::revisions::store::cadre_is_shown_now("r.subject_id")
    );
    all(c, &sql, values![id, true]).await
}
