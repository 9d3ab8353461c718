//! Queries that only the interface needs.

use crate::divisions::{self, Division, DivisionLevel};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Value, all, scalar};

/// Which divisions a list shows; only current ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct DivisionFilter {
    /// Only of this level.
    pub level: Option<DivisionLevel>,
    /// Only right below this one.
    pub parent_id: Option<i64>,
}

impl DivisionFilter {
    fn sql(&self, bound: &mut Vec<Value>) -> String {
        let mut sql = "valid_to IS NULL".to_owned();
        let mut and = |text: &str, value: Value| {
            bound.push(value);
            sql.push_str(&format!(" AND {text} ${}", bound.len()));
        };
        if let Some(level) = self.level {
            and("level =", level.code().into());
        }
        if let Some(id) = self.parent_id {
            and("parent_id =", id.into());
        }
        sql
    }
}

/// A page of current divisions, by code.
pub async fn divisions(
    c: &impl ConnectionTrait,
    filter: &DivisionFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Division>, DbErr> {
    let mut bound = Vec::new();
    let condition = filter.sql(&mut bound);
    let tail = format!("WHERE {condition} ORDER BY code, id LIMIT {limit} OFFSET {offset}");
    divisions::store::list(c, &tail, bound).await
}

/// How many divisions a filter finds.
pub async fn count_divisions(c: &impl ConnectionTrait, filter: &DivisionFilter) -> Result<i64, DbErr> {
    let mut bound = Vec::new();
    let condition = filter.sql(&mut bound);
    scalar(c, &format!("SELECT COUNT(*) FROM divisions WHERE {condition}"), bound).await
}

/// The path of a division by which lists are narrowed. One that does not exist narrows to nothing:
/// no path begins with what is answered for it.
pub async fn division_path(c: &impl ConnectionTrait, id: Option<i64>) -> Result<Option<String>, DbErr> {
    let Some(id) = id else { return Ok(None) };
    let division = divisions::store::get(c, id).await?;
    Ok(Some(division.map_or("none".to_owned(), |division| division.path)))
}

fn in_office(unit_id: Option<i64>, bound: &mut Vec<Value>) -> String {
    let of_unit = unit_id.map(|id| {
        bound.push(id.into());
        " AND q.unit_id = $1"
    });
    format!(
        "FROM cadres c WHERE EXISTS (SELECT 1 FROM appointments a JOIN posts q ON q.id = a.post_id \
         WHERE a.cadre_id = c.id AND a.until IS NULL{})",
        of_unit.unwrap_or_default()
    )
}

/// A page of people in office: ids and names.
pub async fn cadres(
    c: &impl ConnectionTrait,
    unit_id: Option<i64>,
    limit: i64,
    offset: i64,
) -> Result<Vec<(i64, String)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        name: String,
    }
    let mut bound = Vec::new();
    let from = in_office(unit_id, &mut bound);
    let sql = format!("SELECT c.id, c.name {from} ORDER BY c.id LIMIT {limit} OFFSET {offset}");
    let rows: Vec<Row> = all(c, &sql, bound).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// How many people are in office.
pub async fn count_cadres(c: &impl ConnectionTrait, unit_id: Option<i64>) -> Result<i64, DbErr> {
    let mut bound = Vec::new();
    let from = in_office(unit_id, &mut bound);
    scalar(c, &format!("SELECT COUNT(*) {from}"), bound).await
}

/// A post that somebody holds now.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Held {
    /// Who holds it.
    pub cadre_id: i64,
    /// Of which unit.
    pub unit_id: i64,
    /// The unit's name.
    pub unit: String,
    /// Its title.
    pub post: String,
    /// ISO date or month from which it is held.
    pub since: Option<String>,
    /// 分管（负责）工作.
    pub duties: Option<String>,
}

/// The posts that these people hold now, as their offices listed them.
pub async fn posts_held(c: &impl ConnectionTrait, people: &[(i64, String)]) -> Result<Vec<Held>, DbErr> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<_> = (1..=people.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT a.cadre_id, u.id AS unit_id, u.name AS unit, q.title AS post, a.since, a.duties \
         FROM appointments a JOIN posts q ON q.id = a.post_id JOIN units u ON u.id = q.unit_id \
         WHERE a.until IS NULL AND a.cadre_id IN ({}) ORDER BY a.id",
        places.join(", ")
    );
    all(c, &sql, people.iter().map(|(id, _)| Value::from(*id)).collect()).await
}
