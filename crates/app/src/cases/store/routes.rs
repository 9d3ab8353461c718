//! Where a case was sent and why: kept for the superior and the audit, and what conflicts are asked by.

use super::{
    Opened, StoreError,
    settle::{move_to, settle},
};
use crate::{
    cases::{
        keys::Keys,
        routing::{self, Because, Matter, Route},
    },
    clock::Millis,
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, scalar, values};
use daylight_vault::{Place, Vault};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Where routing sent a case, and why: what is kept of it, locked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// What it was asked about; who is recused is read anew each time.
    pub matter: Matter,
    /// The reasoning.
    pub chain: Vec<Because>,
}

impl Sent {
    /// From where a case that no organ may have is looked at again: the first organ that was asked. None when there was
    /// none to ask.
    pub(super) fn start(&self) -> Option<i64> {
        self.chain.iter().find_map(|because| match because {
            Because::Organ(id) => Some(*id),
            _ => None,
        })
    }
}

pub(super) fn route_place(case_id: i64, number: i64) -> Place {
    Place::new("case_routes", format!("{case_id}/{number}"), "chain_locked")
}

pub(super) fn read_route(keys: &Keys, case_id: i64, number: i64, locked: &[u8]) -> Result<Sent, StoreError> {
    let sent = keys.open(&route_place(case_id, number), locked)?;
    Ok(serde_json::from_slice(sent.as_bytes())?)
}

pub(super) async fn keep_route(tx: &Tx, opened: &Opened, sent: &Sent, now: Millis) -> Result<(), StoreError> {
    let sql = "SELECT COALESCE(MAX(number), 0) + 1 FROM case_routes WHERE case_id = $1";
    let number: i64 = scalar(&**tx, sql, values![opened.id]).await?;
    let locked = opened.lock(&route_place(opened.id, number), &serde_json::to_vec(sent)?)?;
    let sql = "INSERT INTO case_routes (case_id, number, at, chain_locked) VALUES ($1, $2, $3, $4)";
    exec(&**tx, sql, values![opened.id, number, now, locked]).await?;
    Ok(())
}

/// Every route of a case, the first first.
pub async fn routes(c: &impl ConnectionTrait, opened: &Opened) -> Result<Vec<Sent>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        number: i64,
        chain_locked: Vec<u8>,
    }
    let sql = "SELECT number, chain_locked FROM case_routes WHERE case_id = $1 ORDER BY number";
    let rows: Vec<Row> = all(c, sql, values![opened.id]).await?;
    let read = |row: Row| read_route(&opened.keys, opened.id, row.number, &row.chain_locked);
    rows.into_iter().map(read).collect()
}

/// What a case was about when it was routed last.
pub(super) async fn kept_matter(c: &impl ConnectionTrait, opened: &Opened) -> Result<Matter, StoreError> {
    Ok(last_sent(c, opened).await?.matter)
}

/// Where a case was sent last.
pub(super) async fn last_sent(c: &impl ConnectionTrait, opened: &Opened) -> Result<Sent, StoreError> {
    routes(c, opened).await?.pop().ok_or(StoreError::Damaged)
}

/// Accounts that stay out of a matter by a standing recusal.
pub async fn standing_recusals(c: &impl ConnectionTrait, matter: &Matter) -> Result<BTreeSet<i64>, DbErr> {
    Ok(routing::store::standing(&routing::store::recusals(c).await?, matter))
}

/// Sends a new case where routing says, within the report's transaction.
pub(crate) async fn send(
    tx: &Tx,
    vault: &Vault,
    opened: &mut Opened,
    matter: Matter,
    route: Route,
    now: Millis,
) -> Result<(), StoreError> {
    let matter = Matter { own_unit: route.own_unit, ..matter };
    keep_route(tx, opened, &Sent { matter, chain: route.chain.clone() }, now).await?;
    move_to(tx, opened, route.lies(), "按管辖和回避规则转交", now).await?;
    settle(tx, vault, opened, now).await
}
