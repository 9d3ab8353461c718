//! Every query on cadres, posts and appointments.

use super::Cadre;
use crate::{clock::Millis, search, units::store::Names};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, scalar, values};

/// A cadre in a current post, as lists need it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Line {
    /// Surrogate id, also in the public address.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Title of the post.
    pub post: String,
    /// The unit.
    pub unit_id: i64,
    /// The unit's name.
    pub unit: String,
    /// 分管（负责）工作.
    pub duties: Option<String>,
    /// ISO date or month from which the post is held.
    pub since: Option<String>,
}

const LINE: &str = "SELECT c.id, c.name, q.title AS post, u.id AS unit_id, u.name AS unit, a.duties, a.since \
     FROM appointments a JOIN cadres c ON c.id = a.cadre_id JOIN posts q ON q.id = a.post_id \
     JOIN units u ON u.id = q.unit_id WHERE a.until IS NULL";

/// The people in office in a unit, in the order in which it listed them.
pub async fn of_unit(c: &impl ConnectionTrait, unit_id: i64) -> Result<Vec<Line>, DbErr> {
    all(c, &format!("{LINE} AND u.id = $1 ORDER BY a.id"), values![unit_id]).await
}

/// A page of people in office.
pub async fn list(c: &impl ConnectionTrait, limit: i64, offset: i64) -> Result<Vec<Line>, DbErr> {
    all(c, &format!("{LINE} ORDER BY a.id LIMIT {limit} OFFSET {offset}"), values![]).await
}

/// How many posts are held.
pub async fn count(c: &impl ConnectionTrait) -> Result<i64, DbErr> {
    scalar(c, "SELECT COUNT(*) FROM appointments WHERE until IS NULL", values![]).await
}

/// What is sealed about a cadre, as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Sealed {
    /// Citizen id under the vault's key.
    pub citizen_id_sealed: Option<Vec<u8>>,
    /// Telephone under the vault's key.
    pub phone_sealed: Option<Vec<u8>>,
}

/// The sealed fields of a cadre. Whoever opens them writes an audit entry in the same breath.
pub async fn sealed(c: &impl ConnectionTrait, id: i64) -> Result<Option<Sealed>, DbErr> {
    let sql = "SELECT citizen_id_sealed, phone_sealed FROM cadres WHERE id = $1";
    Ok(all(c, sql, values![id]).await?.pop())
}

/// Writes the sealed fields; what is `None` stays as it is.
pub async fn seal(
    tx: &Tx,
    id: i64,
    citizen_id: Option<(Vec<u8>, [u8; 32])>,
    phone: Option<(Vec<u8>, [u8; 32])>,
) -> Result<(), DbErr> {
    if let Some((sealed, index)) = citizen_id {
        let sql = "UPDATE cadres SET citizen_id_sealed = $2, citizen_id_index = $3 WHERE id = $1";
        exec(&**tx, sql, values![id, sealed, index.to_vec()]).await?;
    }
    if let Some((sealed, index)) = phone {
        let sql = "UPDATE cadres SET phone_sealed = $2, phone_index = $3 WHERE id = $1";
        exec(&**tx, sql, values![id, sealed, index.to_vec()]).await?;
    }
    Ok(())
}

/// Notes sex and party membership, which are kept but not published.
pub async fn describe(
    tx: &Tx,
    id: i64,
    sex: Option<&str>,
    political_status: Option<&str>,
) -> Result<(), DbErr> {
    let sql = "UPDATE cadres SET sex = COALESCE($2, sex), political_status = COALESCE($3, political_status) \
               WHERE id = $1";
    exec(&**tx, sql, values![id, sex, political_status]).await.map(drop)
}

/// Writes a cadre's row and appointments from what is published. Returns the id.
pub async fn write(
    tx: &Tx,
    names: &mut Names,
    id: Option<i64>,
    cadre: &Cadre,
    flags: &str,
    revision_id: i64,
    now: Millis,
) -> Result<i64, DbErr> {
    let (id, fresh) = match id {
        Some(id) => {
            let sql =
                "UPDATE cadres SET name = $2, flags = $3, revision_id = $4, updated_at = $5 WHERE id = $1";
            exec(&**tx, sql, values![id, cadre.name.as_str(), flags, revision_id, now]).await?;
            (id, false)
        }
        None => {
            let sql = "INSERT INTO cadres (name, flags, revision_id, updated_at) VALUES ($1, $2, $3, $4) \
                       RETURNING id";
            (scalar(&**tx, sql, values![cadre.name.as_str(), flags, revision_id, now]).await?, true)
        }
    };
    // An older draft that says nothing of the rank does not take it away.
    if let Some(rank) = cadre.rank {
        exec(&**tx, "UPDATE cadres SET rank = $2 WHERE id = $1", values![id, rank.code()]).await?;
    }
    if !fresh {
        exec(&**tx, "DELETE FROM appointments WHERE cadre_id = $1", values![id]).await?;
    }
    // Who is kept back holds no post in any list.
    let shown = if cadre.withheld.is_none() { cadre.appointments.as_slice() } else { &[] };
    for held in shown {
        let Some(unit) = names.unit(tx, &held.unit).await? else { continue };
        let post_id = post(tx, names, unit.id, &held.post).await?;
        let sql =
            "INSERT INTO appointments (cadre_id, post_id, since, until, duties) VALUES ($1, $2, $3, $4, $5)";
        let bound =
            values![id, post_id, held.since.as_deref(), held.until.as_deref(), held.duties.as_deref()];
        exec(&**tx, sql, bound).await?;
    }
    Ok(id)
}

async fn post(tx: &Tx, names: &mut Names, unit_id: i64, title: &str) -> Result<i64, DbErr> {
    let key = (unit_id, title.to_owned());
    if let Some(id) = names.posts.get(&key) {
        return Ok(*id);
    }
    let sql = "INSERT INTO posts (unit_id, title) VALUES ($1, $2) \
               ON CONFLICT (unit_id, title) DO UPDATE SET title = excluded.title RETURNING id";
    let id = scalar(&**tx, sql, values![unit_id, title]).await?;
    names.posts.insert(key, id);
    Ok(id)
}

/// What the search index holds about a cadre: name, posts, duties; nothing sealed.
pub async fn document(tx: &Tx, names: &mut Names, id: i64, cadre: &Cadre) -> Result<search::Document, DbErr> {
    let first = cadre.current().next();
    let unit = match first {
        Some(held) => names.unit(tx, &held.unit).await?,
        None => None,
    };
    let mut posts = Vec::new();
    for held in cadre.current() {
        let unit = names.unit(tx, &held.unit).await?.map_or_else(|| held.unit.clone(), |unit| unit.name);
        posts.push(format!("{unit} {}", held.post));
    }
    let duties: Vec<_> = cadre.current().filter_map(|held| held.duties.clone()).collect();
    Ok(search::Document {
        kind: "cadre",
        subject_id: id,
        title: cadre.name.clone(),
        detail: posts.join("；"),
        text: format!("{}\n{}", posts.join("\n"), duties.join("\n")),
        unit_id: unit.as_ref().map(|unit| unit.id),
        category: unit.as_ref().map(|unit| unit.category.clone()),
        division_path: unit.and_then(|unit| unit.division_path),
    })
}

/// The people who held a post in a unit at an instant, as [`of_unit`] lists those of now.
pub async fn of_unit_as_of(
    c: &impl ConnectionTrait,
    unit_id: i64,
    names: &[String],
    at: Millis,
) -> Result<Vec<Line>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        subject_id: i64,
        content: String,
    }
    // A revision belongs to the unit of a person's first post, so people with a second post here are found by the
    // unit's names. It narrows before reading; the reader decides. REPLACE is spelt alike on both engines.
    let sql = format!(
        "SELECT subject_id, content FROM revisions WHERE kind = 'cadre' AND published_at <= $1 \
         AND (ended_at IS NULL OR ended_at > $1) AND REPLACE(content, $2, '') <> content AND {} \
         ORDER BY subject_id",
        crate::revisions::store::cadre_is_shown_now("revisions.subject_id")
    );
    let mut lines = Vec::new();
    for unit in names {
        let named = format!("\"unit\":{}", serde_json::Value::from(unit.as_str()));
        let rows: Vec<Row> = all(c, &sql, values![at, named]).await?;
        for row in rows {
            let Ok(cadre) = serde_json::from_str::<Cadre>(&row.content) else { continue };
            if cadre.withheld.is_some() {
                continue;
            }
            for held in cadre.current().filter(|held| held.unit == *unit) {
                lines.push(Line {
                    id: row.subject_id,
                    name: cadre.name.clone(),
                    post: held.post.clone(),
                    unit_id,
                    unit: unit.clone(),
                    duties: held.duties.clone(),
                    since: held.since.clone(),
                });
            }
        }
    }
    Ok(lines)
}
