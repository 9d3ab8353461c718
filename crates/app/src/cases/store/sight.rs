//! Who may see a case, decided before anything in it is opened.
//!
//! A case that does not exist and one that is closed to somebody take the same way: the same queries, the same number
//! of values unsealed, the same decision. So a refusal says neither by its bytes nor by its time whether there is one.

use super::{BATCH, Sent, StoreError, among, routes::read_route};
use crate::{
    authz::{self, Action, Actor, CaseFacts, Denied},
    cases::{
        keys,
        routing::{self, Matter, World},
    },
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, all};
use daylight_vault::Vault;
use std::collections::{BTreeMap, BTreeSet};

/// What the county looks like at this moment: read anew for everything that is asked.
pub(super) struct Ground {
    pub(super) world: World,
    pub(super) recusals: Vec<(i64, routing::store::About)>,
}

impl Ground {
    pub(super) async fn survey(c: &impl ConnectionTrait) -> Result<Ground, DbErr> {
        Ok(Ground { world: routing::store::world(c).await?, recusals: routing::store::recusals(c).await? })
    }

    /// What a case is about, with everybody who is out of it by now.
    pub(super) fn matter(&self, kept: &Matter, recused: &BTreeSet<i64>) -> Matter {
        let standing = routing::store::standing(&self.recusals, kept);
        Matter { recused: &standing | recused, ..kept.clone() }
    }

    /// Whether an account is out by any of its roles; also when it serves nowhere.
    pub(super) fn is_out(&self, matter: &Matter, account_id: i64) -> bool {
        let mut roles = self.world.staff.iter().filter(|staff| staff.account_id == account_id).peekable();
        roles.peek().is_none() || roles.any(|staff| routing::conflict(&self.world, matter, staff).is_some())
    }
}

#[derive(Clone, Debug, FromQueryResult)]
struct Row {
    id: i64,
    events: i64,
    state: String,
    organ_id: Option<i64>,
    handler_id: Option<i64>,
    closed_at: Option<i64>,
}

/// What is known of a case without opening what was written in it.
pub(super) struct Glimpse {
    pub(super) id: i64,
    pub(super) events: i64,
    pub(super) state: String,
    pub(super) organ_id: Option<i64>,
    pub(super) handler_id: Option<i64>,
    pub(super) is_closed: bool,
    pub(super) holders: BTreeSet<i64>,
    pub(super) recused: BTreeSet<i64>,
    /// What it was about when it was routed last; none when that cannot be read, and then everybody is out.
    pub(super) sent: Option<Sent>,
}

impl Glimpse {
    /// Whether somebody is in conflict with the case, whatever they hold.
    pub(super) fn is_out(&self, ground: &Ground, account_id: i64) -> bool {
        let kept = self.sent.as_ref();
        kept.is_none_or(|sent| ground.is_out(&ground.matter(&sent.matter, &self.recused), account_id))
    }

    /// What `authz` must know of the case and of somebody's standing to it.
    pub(super) fn facts(&self, ground: &Ground, account_id: i64) -> CaseFacts {
        CaseFacts {
            organ_id: self.organ_id,
            handler_id: self.handler_id,
            conflict: self.is_out(ground, account_id),
            holds_key: self.holders.contains(&account_id),
            second: None,
        }
    }

    pub(super) fn may_see(&self, ground: &Ground, actor: &Actor) -> bool {
        authz::decide_case(actor, Action::SeeCase, &self.facts(ground, actor.account_id)).is_ok()
    }
}

#[derive(FromQueryResult)]
struct Pair {
    case_id: i64,
    account_id: i64,
}

#[derive(FromQueryResult)]
struct Route {
    case_id: i64,
    number: i64,
    chain_locked: Vec<u8>,
}

/// Looks at cases; those that do not exist are left out.
pub(super) async fn glimpses(
    c: &impl ConnectionTrait,
    vault: &Vault,
    ids: &[i64],
) -> Result<Vec<Glimpse>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(BATCH) {
        let (list, bound) = among(ids, 1);
        let sql = format!(
            "SELECT id, events, state, organ_id, handler_id, closed_at FROM cases WHERE id IN ({list})"
        );
        let rows: Vec<Row> = all(c, &sql, bound.clone()).await?;
        let sql = format!(
            "SELECT case_id, number, chain_locked FROM case_routes r WHERE case_id IN ({list}) AND number = \
             (SELECT MAX(number) FROM case_routes s WHERE s.case_id = r.case_id)"
        );
        let routes: Vec<Route> = all(c, &sql, bound.clone()).await?;
        let sql = format!("SELECT case_id, account_id FROM case_recused WHERE case_id IN ({list})");
        let recused: Vec<Pair> = all(c, &sql, bound.clone()).await?;
        let sql = format!(
            "SELECT DISTINCT case_id, account_id FROM case_keys WHERE case_id IN ({list}) \
             AND account_id IS NOT NULL AND revoked_at IS NULL"
        );
        let holders: Vec<Pair> = all(c, &sql, bound).await?;
        let own = keys::store::own_keys(c, vault, ids).await?;
        let mut sent: BTreeMap<i64, Sent> = routes
            .into_iter()
            .filter_map(|route| {
                let keys = own.get(&route.case_id)?;
                let sent = read_route(keys, route.case_id, route.number, &route.chain_locked).ok()?;
                Some((route.case_id, sent))
            })
            .collect();
        let of = |pairs: &[Pair], id: i64| {
            pairs.iter().filter(|pair| pair.case_id == id).map(|pair| pair.account_id).collect()
        };
        found.extend(rows.into_iter().map(|row| Glimpse {
            id: row.id,
            events: row.events,
            state: row.state,
            organ_id: row.organ_id,
            handler_id: row.handler_id,
            is_closed: row.closed_at.is_some(),
            holders: of(&holders, row.id),
            recused: of(&recused, row.id),
            sent: sent.remove(&row.id),
        }));
    }
    Ok(found)
}

/// Looks at one case as somebody, and says "not found" unless they may see it. What is asked of a case that is not
/// there is asked all the same.
pub(super) async fn sight(
    c: &impl ConnectionTrait,
    vault: &Vault,
    actor: &Actor,
    case_id: i64,
) -> Result<(Ground, Glimpse), StoreError> {
    // Whoever has no role on cases at all hears so, whatever they ask for.
    if !authz::may_ever(actor, Action::SeeCase) {
        return Err(Denied::Role.into());
    }
    let ground = Ground::survey(c).await?;
    let found = glimpses(c, vault, &[case_id]).await?.pop();
    let there = found.is_some();
    let seen = found.unwrap_or_else(|| nothing(vault, case_id));
    let facts = seen.facts(&ground, actor.account_id);
    let decided = authz::decide_case(actor, Action::SeeCase, &facts);
    if !there || decided.is_err() {
        return Err(StoreError::NotFound);
    }
    Ok((ground, seen))
}

/// What `authz` must know of a case and of somebody's standing to it, for decisions that are taken elsewhere. Who
/// approved an opening of the identity is not known here.
pub async fn facts(
    c: &impl ConnectionTrait,
    vault: &Vault,
    account_id: i64,
    case_id: i64,
) -> Result<CaseFacts, StoreError> {
    let ground = Ground::survey(c).await?;
    let seen = glimpses(c, vault, &[case_id]).await?.pop().ok_or(StoreError::NotFound)?;
    Ok(seen.facts(&ground, account_id))
}

/// Which of these cases somebody is not in conflict with, whoever has them; those that do not exist are left out.
pub async fn unconflicted(
    c: &impl ConnectionTrait,
    vault: &Vault,
    account_id: i64,
    ids: &[i64],
) -> Result<BTreeSet<i64>, StoreError> {
    let ground = Ground::survey(c).await?;
    let seen = glimpses(c, vault, ids).await?;
    Ok(seen.iter().filter(|case| !case.is_out(&ground, account_id)).map(|case| case.id).collect())
}

/// What stands in for a case that is not there: a key is unwrapped and a route unlocked as for one that is.
fn nothing(vault: &Vault, case_id: i64) -> Glimpse {
    let sent = keys::store::stand_in(vault, case_id, |keys| {
        let sent = Sent { matter: Matter::about_nothing(), chain: Vec::new() };
        let text = serde_json::to_vec(&sent).unwrap_or_default();
        let locked = keys.lock(&super::routes::route_place(case_id, 1), &text).ok()?;
        read_route(keys, case_id, 1, &locked).ok()
    });
    Glimpse {
        id: case_id,
        events: 0,
        state: String::new(),
        organ_id: None,
        handler_id: None,
        is_closed: false,
        holders: BTreeSet::new(),
        recused: BTreeSet::new(),
        sent,
    }
}
