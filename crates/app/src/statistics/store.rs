//! Queries of the public figures.

use super::Figures;
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, all, one, values};

/// The figures as they are now.
pub async fn figures(c: &impl ConnectionTrait) -> Result<Figures, DbErr> {
    let sql = "SELECT \
        (SELECT COUNT(*) FROM divisions WHERE valid_to IS NULL) AS divisions, \
        (SELECT COUNT(*) FROM units WHERE ended_on IS NULL) AS units, \
        (SELECT COUNT(DISTINCT post_id) FROM appointments) AS posts, \
        (SELECT COUNT(DISTINCT cadre_id) FROM appointments WHERE until IS NULL) AS cadres, \
        COUNT(*) AS powers, \
        COALESCE(CAST(SUM(CASE WHEN disclosed = $1 THEN 1 ELSE 0 END) AS BIGINT), 0) AS powers_public, \
        COALESCE(CAST(SUM(CASE WHEN disclosed = $1 THEN 0 ELSE 1 END) AS BIGINT), 0) AS powers_withheld, \
        COALESCE(CAST(SUM(CASE WHEN step_count > 0 THEN 1 ELSE 0 END) AS BIGINT), 0) AS procedures, \
        COALESCE(CAST(SUM(step_count) AS BIGINT), 0) AS steps, \
        COALESCE(CAST(SUM(risk_count) AS BIGINT), 0) AS risks, \
        (SELECT COUNT(DISTINCT basis_id) FROM power_bases) AS bases \
        FROM powers";
    Ok(one(c, sql, values![true]).await?.unwrap_or_default())
}

/// A value of a field and how often it stands.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Count {
    /// The value; empty when the list does not say.
    pub code: String,
    /// How often.
    pub n: i64,
}

/// Public powers by [`crate::powers::Kind::code`].
pub async fn powers_by_kind(c: &impl ConnectionTrait) -> Result<Vec<Count>, DbErr> {
    let sql = "SELECT COALESCE(kind, '') AS code, COUNT(*) AS n FROM powers WHERE disclosed = $1 GROUP BY 1";
    all(c, sql, values![true]).await
}

/// Public powers by [`crate::powers::StageType::code`].
pub async fn powers_by_stage(c: &impl ConnectionTrait) -> Result<Vec<Count>, DbErr> {
    let sql =
        "SELECT COALESCE(stage_type, '') AS code, COUNT(*) AS n FROM powers WHERE disclosed = $1 GROUP BY 1";
    all(c, sql, values![true]).await
}

/// Public powers by the [`crate::units::Category::code`] of the unit that holds them.
pub async fn powers_by_category(c: &impl ConnectionTrait) -> Result<Vec<Count>, DbErr> {
    let sql = "SELECT u.category AS code, COUNT(*) AS n FROM powers p JOIN units u ON u.id = p.unit_id \
               WHERE p.disclosed = $1 GROUP BY u.category";
    all(c, sql, values![true]).await
}
