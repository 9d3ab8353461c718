//! The cases somebody may see.

use super::{
    StoreError,
    sight::{Ground, glimpses},
};
use crate::authz::{self, Actor};
use daylight_db::{ConnectionTrait, FromQueryResult, all};
use daylight_vault::Vault;
use std::collections::BTreeSet;

/// A case in a list.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Line {
    /// Its id.
    pub id: i64,
    /// [`crate::cases::State::code`].
    pub state: String,
    /// Its stage.
    pub stage: String,
    /// What is wanted.
    pub kind: String,
    /// Its handler.
    pub handler_id: Option<i64>,
    /// When it was received.
    pub received_at: i64,
    /// When the next clock is due.
    pub due_at: Option<i64>,
    /// Since when it is overdue.
    pub overdue_since: Option<i64>,
}

/// The cases somebody may see, the next due first: those of their organs whose key they hold, and to which nothing
/// that has become known since has put them in conflict. No case is opened for it, and one that is damaged is left out
/// (`daylight verify` names it).
pub async fn list(c: &impl ConnectionTrait, vault: &Vault, actor: &Actor) -> Result<Vec<Line>, StoreError> {
    let ground = Ground::survey(c).await?;
    list_on(c, vault, actor, &ground).await
}

pub(super) async fn list_on(
    c: &impl ConnectionTrait,
    vault: &Vault,
    actor: &Actor,
    ground: &Ground,
) -> Result<Vec<Line>, StoreError> {
    let (condition, mut bound) = authz::case_condition(actor, 2);
    bound.insert(0, actor.account_id.into());
    let sql = format!(
        "SELECT id, state, stage, kind, handler_id, received_at, due_at, overdue_since FROM cases \
         WHERE ({condition}) AND EXISTS (SELECT 1 FROM case_keys k WHERE k.case_id = cases.id \
         AND k.account_id = $1 AND k.revoked_at IS NULL) ORDER BY due_at IS NULL, due_at, received_at, id"
    );
    let mut rows: Vec<Line> = all(c, &sql, bound).await?;
    let ids: Vec<_> = rows.iter().map(|line| line.id).collect();
    let seen = glimpses(c, vault, &ids).await?;
    let mine: BTreeSet<_> = seen.iter().filter(|one| one.may_see(ground, actor)).map(|one| one.id).collect();
    rows.retain(|line| mine.contains(&line.id));
    Ok(rows)
}
