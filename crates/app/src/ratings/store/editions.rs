//! Every query on the library of questions.

use crate::clock::Millis;
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, exec, one, values};
use daylight_ratings::indicators::{Edition, Library, Standing};

/// Which edition a page speaks of.
#[derive(FromQueryResult)]
struct Row {
    content: String,
}

fn read(row: Row) -> Result<Edition, DbErr> {
    serde_json::from_str(&row.content).map_err(|error| DbErr::Custom(format!("an edition: {error}")))
}

/// The library that new rounds take: the last that was agreed to, else the one that came with the program.
pub async fn in_force(c: &impl ConnectionTrait) -> Result<Library, DbErr> {
    let sql =
        "SELECT content FROM indicator_editions WHERE standing = 'in_force' ORDER BY edition DESC LIMIT 1";
    match one::<Row>(c, sql, values![]).await? {
        Some(row) => Ok(read(row)?.library),
        None => Ok(Library::first()),
    }
}

/// The library of an edition that is or was in force.
pub async fn library(c: &impl ConnectionTrait, edition: u32) -> Result<Option<Library>, DbErr> {
    let sql = "SELECT content FROM indicator_editions WHERE edition = $1 AND standing IN ('in_force', 'superseded')";
    one::<Row>(c, sql, values![i64::from(edition)])
        .await?
        .map(|row| read(row).map(|edition| edition.library))
        .transpose()
}

/// The edition that is being written or waits for review.
pub async fn open(c: &impl ConnectionTrait) -> Result<Option<Edition>, DbErr> {
    let sql = "SELECT content FROM indicator_editions WHERE standing IN ('draft', 'submitted') ORDER BY edition DESC LIMIT 1";
    one::<Row>(c, sql, values![]).await?.map(read).transpose()
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Draft => "draft",
        Standing::Submitted => "submitted",
        Standing::InForce { .. } => "in_force",
        Standing::Superseded => "superseded",
    }
}

/// Keeps an edition in place of what it was.
pub async fn save(tx: &Tx, edition: &Edition, now: Millis) -> Result<(), DbErr> {
    let content = serde_json::to_string(edition).map_err(|error| DbErr::Custom(error.to_string()))?;
    let sql = "INSERT INTO indicator_editions (edition, content, standing, made_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (edition) DO UPDATE SET content = excluded.content, standing = excluded.standing";
    let bound = values![i64::from(edition.library.edition), content, word(edition.standing), now];
    exec(&**tx, sql, bound).await.map(drop)
}

/// Brings an agreed edition into force in the place of the one before.
pub async fn put_in_force(tx: &Tx, edition: &Edition, before: &Library, now: Millis) -> Result<(), DbErr> {
    keep(tx, before, now).await?;
    let sql = "UPDATE indicator_editions SET standing = 'superseded' WHERE standing = 'in_force'";
    exec(&**tx, sql, values![]).await?;
    save(tx, edition, now).await
}

/// Keeps the library that came with the program when something first rests on it: a later program may bring another.
pub async fn keep(tx: &Tx, library: &Library, now: Millis) -> Result<(), DbErr> {
    let standing = Standing::InForce { reviewer: 0 };
    let edition = Edition { library: library.clone(), author: 0, standing };
    let content = serde_json::to_string(&edition).map_err(|error| DbErr::Custom(error.to_string()))?;
    let sql = "INSERT INTO indicator_editions (edition, content, standing, made_at) \
               VALUES ($1, $2, 'in_force', $3) ON CONFLICT (edition) DO NOTHING";
    exec(&**tx, sql, values![i64::from(library.edition), content, now]).await.map(drop)
}
