//! Queries of the home page.

use daylight_db::{ConnectionTrait, DbErr, scalar_opt, values};

/// The name of the place this installation serves: as set, or its topmost county; empty before either is known.
pub async fn site_name(c: &impl ConnectionTrait) -> Result<String, DbErr> {
    let set: Option<String> =
        scalar_opt(c, "SELECT value FROM settings WHERE key = 'site.name'", values![]).await?;
    if let Some(name) = set {
        return Ok(name);
    }
    let sql = "SELECT name FROM divisions WHERE valid_to IS NULL AND level = 'county' ORDER BY code LIMIT 1";
    Ok(scalar_opt(c, sql, values![]).await?.unwrap_or_default())
}

/// Sets the name of the place.
pub async fn set_site_name(tx: &daylight_db::Tx, name: &str) -> Result<(), DbErr> {
    let sql = "INSERT INTO settings (key, value) VALUES ('site.name', $1) \
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    daylight_db::exec(&**tx, sql, values![name]).await.map(drop)
}
