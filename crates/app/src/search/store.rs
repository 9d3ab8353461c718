//! Every query on the search index.

use super::{Document, initials, phrase, pinyin, postgres, sqlite, terms};
use daylight_db::{
    ConnectionTrait, DbErr, Engine, FromQueryResult, Tx, Value, all, like, one, scalar, scalar_opt, values,
};

/// Puts documents into the index, replacing what stood there about the same things.
pub async fn put(tx: &Tx, documents: &[Document]) -> Result<(), DbErr> {
    for document in documents {
        let sql = "INSERT INTO search_documents (kind, subject_id, title, detail, body, unit_id, category, \
                   division_path) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                   ON CONFLICT (kind, subject_id) DO UPDATE SET title = excluded.title, \
                   detail = excluded.detail, body = excluded.body, unit_id = excluded.unit_id, \
                   category = excluded.category, division_path = excluded.division_path RETURNING id";
        let bound = values![
            document.kind,
            document.subject_id,
            document.title.as_str(),
            document.detail.as_str(),
            document.text.as_str(),
            document.unit_id,
            document.category.as_deref(),
            document.division_path.as_deref()
        ];
        let id: i64 = scalar(&**tx, sql, bound).await?;
        let terms = terms(&[
            &document.title,
            &document.detail,
            &document.text,
            &pinyin(&document.title),
            &initials(&document.title),
        ]);
        match tx.engine() {
            Engine::Sqlite => sqlite::put(tx, id, &terms).await?,
            Engine::Postgres => postgres::put(tx, id, &terms).await?,
        }
    }
    Ok(())
}

/// Takes a thing out of the index: withdrawn and withheld things are not found.
pub async fn remove(tx: &Tx, kind: &str, subject_id: i64) -> Result<(), DbErr> {
    let sql = "DELETE FROM search_documents WHERE kind = $1 AND subject_id = $2 RETURNING id";
    let id: Option<i64> = scalar_opt(&**tx, sql, values![kind, subject_id]).await?;
    match (id, tx.engine()) {
        (None, _) => Ok(()),
        (Some(id), Engine::Sqlite) => sqlite::remove(tx, id).await,
        (Some(id), Engine::Postgres) => postgres::remove(tx, id).await,
    }
}

/// What the index holds about one thing; none when it is not public.
pub async fn get(c: &impl ConnectionTrait, kind: &str, subject_id: i64) -> Result<Option<Hit>, DbErr> {
    let sql = "SELECT kind, subject_id, title, detail, body FROM search_documents WHERE kind = $1 AND subject_id = $2";
    one(c, sql, values![kind, subject_id]).await
}

/// What a search narrows by.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this kind: "unit", "power", "cadre", "division".
    pub kind: Option<String>,
    /// Only of units of this category.
    pub category: Option<String>,
    /// Only at or below this division path.
    pub division_path: Option<String>,
}

/// A found thing.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Hit {
    /// "unit", "power", "cadre" or "division".
    pub kind: String,
    /// Its id within the kind.
    pub subject_id: i64,
    /// Its name.
    pub title: String,
    /// One line beneath.
    pub detail: String,
    /// What else was searched, to show where the match is.
    pub body: String,
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The page asked for, best first.
    pub hits: Vec<Hit>,
    /// How many there are in all, counted up to [`COUNT_LIMIT`].
    pub total: i64,
}

/// Beyond this many the total is said as "more than".
pub const COUNT_LIMIT: i64 = 10_000;

/// Things whose text holds every part of the query as a substring: those whose title is the query
/// first, then those whose title begins with it, then those whose title holds it, then by title length.
pub async fn find(
    c: &impl ConnectionTrait,
    engine: Engine,
    query: &str,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> Result<Found, DbErr> {
    let Some((matching, condition, mut bound)) = matching(engine, query, filter) else {
        return Ok(Found::default());
    };
    let count = format!(
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM {matching}{condition} LIMIT {}) AS limited",
        COUNT_LIMIT + 1
    );
    let total: i64 = scalar(c, &count, bound.clone()).await?;
    bound.push(query.trim().into());
    let title = bound.len();
    // Inside the title, wildcards taken literally. Only the order hangs on it, so that the engines may
    // differ on Latin case.
    bound.push(format!("%{}%", like(query.trim())).into());
    let inside = bound.len();
    let sql = format!(
        "SELECT d.kind, d.subject_id, d.title, d.detail, d.body FROM {matching}{condition} \
         ORDER BY CASE WHEN d.title = ${title} THEN 0 WHEN SUBSTR(d.title, 1, LENGTH(${title})) = ${title} THEN 1 \
         WHEN d.title LIKE ${inside} ESCAPE '!' THEN 2 ELSE 3 END, \
         CASE d.kind WHEN 'unit' THEN 0 WHEN 'division' THEN 1 WHEN 'cadre' THEN 2 ELSE 3 END, \
         LENGTH(d.title), d.id LIMIT {limit} OFFSET {offset}"
    );
    Ok(Found { hits: all(c, &sql, bound).await?, total })
}

/// What to select from, what to add to its condition, and what is bound. None for a query too
/// short to search.
fn matching(engine: Engine, query: &str, filter: &Filter) -> Option<(&'static str, String, Vec<Value>)> {
    let phrases = phrase(query);
    if phrases.is_empty() {
        return None;
    }
    let (matching, matched): (&str, Value) = match engine {
        Engine::Sqlite => (sqlite::MATCH, sqlite::query(&phrases).into()),
        Engine::Postgres => (postgres::MATCH, postgres::query(&phrases).into()),
    };
    let mut bound = vec![matched];
    let mut condition = String::new();
    let mut and = |text: &str, value: Value| {
        bound.push(value);
        condition.push_str(&format!(" AND {text} ${}", bound.len()));
    };
    if let Some(kind) = &filter.kind {
        and("d.kind =", kind.as_str().into());
    }
    if let Some(category) = &filter.category {
        and("d.category =", category.as_str().into());
    }
    if let Some(path) = &filter.division_path {
        and("d.division_path LIKE", format!("{path}%").into());
    }
    Some((matching, condition, bound))
}

/// How many a search would find under each value of a filter.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Share {
    /// The kind, or the category; a division's id in words.
    pub code: String,
    /// How many.
    pub n: i64,
}

/// How many a search finds of each kind, in spite of the filter's kind.
pub async fn by_kind(
    c: &impl ConnectionTrait,
    engine: Engine,
    query: &str,
    filter: &Filter,
) -> Result<Vec<Share>, DbErr> {
    by_column(c, engine, query, &Filter { kind: None, ..filter.clone() }, "d.kind").await
}

/// How many a search finds of each category, in spite of the filter's category.
pub async fn by_category(
    c: &impl ConnectionTrait,
    engine: Engine,
    query: &str,
    filter: &Filter,
) -> Result<Vec<Share>, DbErr> {
    by_column(c, engine, query, &Filter { category: None, ..filter.clone() }, "COALESCE(d.category, '')")
        .await
}

async fn by_column(
    c: &impl ConnectionTrait,
    engine: Engine,
    query: &str,
    filter: &Filter,
    column: &str,
) -> Result<Vec<Share>, DbErr> {
    let Some((matching, condition, bound)) = matching(engine, query, filter) else { return Ok(Vec::new()) };
    let sql = format!("SELECT {column} AS code, COUNT(*) AS n FROM {matching}{condition} GROUP BY 1");
    all(c, &sql, bound).await
}

/// How many a search finds at or below each of the divisions right below one, in spite of the
/// filter's division.
pub async fn by_division(
    c: &impl ConnectionTrait,
    engine: Engine,
    query: &str,
    filter: &Filter,
    parent_id: Option<i64>,
) -> Result<Vec<Share>, DbErr> {
    let filter = Filter { division_path: None, ..filter.clone() };
    let Some((matching, condition, mut bound)) = matching(engine, query, &filter) else {
        return Ok(Vec::new());
    };
    let below = match parent_id {
        Some(id) => {
            bound.push(id.into());
            format!("a.parent_id = ${}", bound.len())
        }
        None => "a.parent_id IS NULL".to_owned(),
    };
    let sql = format!(
        "SELECT CAST(a.id AS TEXT) AS code, COUNT(*) AS n FROM \
         (SELECT d.division_path AS path FROM {matching}{condition}) AS found \
         JOIN divisions a ON found.path LIKE a.path || '%' WHERE {below} AND a.valid_to IS NULL GROUP BY a.id"
    );
    all(c, &sql, bound).await
}
