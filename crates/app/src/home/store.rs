//! Queries of the home page, the site map and the feed.

use crate::{clock::Millis, revisions::SubjectKind};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, all, scalar, scalar_opt, values};

/// The name of the place this installation serves: as set, or the one county in the tree, or with
/// several counties the prefecture or province above them; empty before any of that is known.
pub async fn site_name(c: &impl ConnectionTrait) -> Result<String, DbErr> {
    let set: Option<String> =
        scalar_opt(c, "SELECT value FROM settings WHERE key = 'site.name'", values![]).await?;
    if let Some(name) = set {
        return Ok(name);
    }
    let sql = "SELECT MIN(name) FROM divisions WHERE valid_to IS NULL \
               AND (level = 'county' OR level = 'prefecture' OR level = 'province') \
               GROUP BY level HAVING COUNT(*) = 1 \
               ORDER BY CASE level WHEN 'county' THEN 0 WHEN 'prefecture' THEN 1 ELSE 2 END LIMIT 1";
    Ok(scalar_opt(c, sql, values![]).await?.unwrap_or_default())
}

/// Something that became public.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Publication {
    /// The revision.
    pub id: i64,
    /// [`SubjectKind::code`].
    pub kind: String,
    /// Of which subject.
    pub subject_id: i64,
    /// Counts from 1 within the subject: above 1 it is a change.
    pub number: i64,
    /// The subject's name.
    pub title: String,
    /// The unit that answers for it.
    pub unit: Option<String>,
    /// When.
    pub published_at: Millis,
}

/// What became public last, newest first; of one kind or of all. What is kept back does not appear.
pub async fn newest(
    c: &impl ConnectionTrait,
    kind: Option<SubjectKind>,
    limit: i64,
) -> Result<Vec<Publication>, DbErr> {
    let mut bound = values![true];
    let mut of_kind = "";
    if let Some(kind) = kind {
        bound.push(kind.code().into());
        of_kind = "AND r.kind = $2";
    }
    let sql = format!(
        "SELECT r.id, r.kind, r.subject_id, r.number, r.title, u.name AS unit, r.published_at \
         FROM revisions r LEFT JOIN units u ON u.id = r.unit_id \
         WHERE r.published_at IS NOT NULL AND r.state = 'published' {of_kind} \
         AND (r.kind <> 'power' OR EXISTS \
              (SELECT 1 FROM powers p WHERE p.id = r.subject_id AND p.disclosed = $1)) \
         AND (r.kind <> 'cadre' OR {}) ORDER BY r.published_at DESC, r.id DESC LIMIT {limit}",
        crate::revisions::store::cadre_is_shown("r.content")
    );
    all(c, &sql, bound).await
}

/// A public page of a thing.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Address {
    /// The first part of the path: "units".
    pub place: String,
    /// The thing.
    pub id: i64,
    /// When its row last changed.
    pub updated_at: Millis,
}

/// Everything with a page of its own; `$1` is true. A power kept back has none.
const ADDRESSES: &str = "SELECT 'units' AS place, id, updated_at FROM units WHERE ended_on IS NULL \
     UNION ALL SELECT 'powers', id, updated_at FROM powers WHERE disclosed = $1 \
     UNION ALL SELECT 'cadres', id, updated_at FROM cadres c \
        WHERE EXISTS (SELECT 1 FROM appointments a WHERE a.cadre_id = c.id AND a.until IS NULL) \
     UNION ALL SELECT 'divisions', id, updated_at FROM divisions WHERE valid_to IS NULL";

/// How many pages of things there are.
pub async fn count_addresses(c: &impl ConnectionTrait) -> Result<i64, DbErr> {
    scalar(c, &format!("SELECT COUNT(*) FROM ({ADDRESSES}) AS pages"), values![true]).await
}

/// A part of the pages of things, in a fixed order.
pub async fn addresses(c: &impl ConnectionTrait, limit: i64, offset: i64) -> Result<Vec<Address>, DbErr> {
    let sql = format!(
        "SELECT place, id, updated_at FROM ({ADDRESSES}) AS pages ORDER BY place, id LIMIT {limit} OFFSET {offset}"
    );
    all(c, &sql, values![true]).await
}
