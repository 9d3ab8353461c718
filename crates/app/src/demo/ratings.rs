//! A round of rating that is open, so that somebody who tries the demonstration can rate.

use crate::{clock::Millis, ops, ratings::store};
use daylight_db::Db;
use daylight_ratings::{
    DAY,
    round::{Round, Scope, State},
};
use daylight_vault::Vault;

/// Opens a round about everybody and every power for two months.
///
/// # Errors
///
/// When the database or the key's file cannot be written.
pub async fn fill(db: &Db, vault: &Vault, now: Millis) -> Result<(), store::TurnError> {
    let scope = Scope { cadres: true, powers: true, places: vec!["/".into()], ..Scope::default() };
    let round = Round {
        name: "2026年下半年群众评价".into(),
        opens: now,
        closes: now + 60 * DAY,
        scope,
        state: State::Reviewed,
        ..Round::draft(0)
    };
    let tx = db.write().await?;
    let id = store::rounds::add(&tx, &round).await?;
    store::open(&tx, vault, id, now).await?;
    ops::note(&tx, "round.open", &format!("round {id}"), &round.name, now).await?;
    Ok(tx.commit().await?)
}
