//! Makes who can open a case agree with who may have it at this moment.

use super::{
    Opened, Sent, StoreError, Words,
    events::{open_own, take},
    lock,
    notices::{tell, tell_superior},
    routes::{keep_route, kept_matter},
    sight::{Glimpse, Ground, glimpses},
};
use crate::{
    authz::Role,
    cases::{
        Above, By, Deed, Ending, State, keys,
        routing::{self, Destination, Matter, Route},
    },
    clock::Millis,
};
use daylight_db::{Db, FromQueryResult, Tx, all, values};
use daylight_vault::Vault;
use std::collections::BTreeSet;

pub(super) async fn move_to(
    tx: &Tx,
    opened: &mut Opened,
    route: &Route,
    reason: &str,
    now: Millis,
) -> Result<(), StoreError> {
    let deed = match route.destination {
        Destination::Organ { organ_id, .. } => Deed::Route { organ_id },
        Destination::Sealed { .. } | Destination::Refused { .. } => Deed::HandUp,
    };
    take(tx, opened, By::Platform, deed, reason, Words::default(), now).await
}

/// An organ in conflict loses the case, so does a person; who serves there and is clear gets the key. Nothing happens
/// when all agree already.
pub(super) async fn settle(
    tx: &Tx,
    vault: &Vault,
    opened: &mut Opened,
    now: Millis,
) -> Result<(), StoreError> {
    let ground = Ground::survey(&**tx).await?;
    let kept = kept_matter(&**tx, opened).await?;
    let before = opened.case.organ_id;
    if let (Some(organ_id), true) = (before, opened.case.is_open()) {
        recuse(tx, &ground, &kept, opened, organ_id, now).await?;
        let about = ground.matter(&kept, &opened.case.recused);
        let route = routing::from(&ground.world, &about, organ_id);
        // An answer that was given stands; who may open it is dealt with below all the same.
        let moves = route.above() != Above::Organ(organ_id) && !route.waits(organ_id);
        if opened.case.state != State::Answered && moves {
            let sent = Sent { matter: about, chain: route.chain.clone() };
            keep_route(tx, opened, &sent, now).await?;
            move_to(tx, opened, &route, "原承办组织须回避", now).await?;
        }
    }
    let about = ground.matter(&kept, &opened.case.recused);
    let handed_up = opened.case.state == State::Closed(Ending::HandedUp);
    let to = match opened.case.organ_id.filter(|_| !handed_up) {
        Some(organ_id) => entitled(&ground, &about, organ_id, opened.case.handler_id),
        None => BTreeSet::new(),
    };
    let out = keys::store::deal(tx, vault, opened.id, &mut opened.keys, &to, now).await?;
    tell_superior(tx, vault, &ground, opened.id, &about, before, &out, now).await
}

/// Takes out of an open case whoever of its organ has it and is in conflict with it.
async fn recuse(
    tx: &Tx,
    ground: &Ground,
    kept: &Matter,
    opened: &mut Opened,
    organ_id: i64,
    now: Millis,
) -> Result<(), StoreError> {
    let about = ground.matter(kept, &opened.case.recused);
    let mut held = keys::store::holders(&**tx, opened.id).await?;
    held.extend(opened.case.handler_id);
    let serves = |account: &i64| {
        ground.world.staff.iter().any(|staff| (staff.organ_id, staff.account_id) == (organ_id, *account))
    };
    let out: Vec<_> = held.into_iter().filter(|one| serves(one) && ground.is_out(&about, *one)).collect();
    for account_id in out {
        if !opened.case.recused.contains(&account_id) {
            let (deed, reason) = (Deed::Recuse { account_id }, "与反映的人或单位有利害关系");
            take(tx, opened, By::Platform, deed, reason, Words::default(), now).await?;
        }
    }
    Ok(())
}

/// Who may hold the key: intake and leaders of the organ, and the handler, those in conflict excepted.
fn entitled(ground: &Ground, about: &Matter, organ_id: i64, handler_id: Option<i64>) -> BTreeSet<i64> {
    let here = |staff: &&routing::Staff| {
        staff.organ_id == organ_id && (staff.role != Role::Handler || handler_id == Some(staff.account_id))
    };
    let here: BTreeSet<_> = ground.world.staff.iter().filter(here).map(|staff| staff.account_id).collect();
    here.into_iter().filter(|account| !ground.is_out(about, *account)).collect()
}

impl Glimpse {
    /// Who should hold the key, as far as the columns tell.
    pub(super) fn entitled(&self, ground: &Ground) -> BTreeSet<i64> {
        let handed_up = self.state == State::Closed(Ending::HandedUp).code();
        let (Some(organ_id), Some(sent), false) = (self.organ_id, &self.sent, handed_up) else {
            return BTreeSet::new();
        };
        entitled(ground, &ground.matter(&sent.matter, &self.recused), organ_id, self.handler_id)
    }

    /// Whether the organ may keep it.
    fn stays(&self, ground: &Ground) -> bool {
        let (Some(organ_id), Some(sent)) = (self.organ_id, &self.sent) else { return true };
        let about = ground.matter(&sent.matter, &self.recused);
        let handler_out = self.handler_id.is_some_and(|account| {
            ground.world.staff.iter().any(|staff| staff.account_id == account)
                && ground.is_out(&about, account)
        });
        let route = routing::from(&ground.world, &about, organ_id);
        !handler_out && (route.above() == Above::Organ(organ_id) || route.waits(organ_id))
    }
}

/// Settles every case anew after the staff of an organ, a post, a relative or a recusal has changed. Cases that agree
/// are only looked at; each of the others has a transaction of its own, so that a crash loses nothing and a second run
/// does nothing. Gives how many were settled and which could not be read.
pub async fn resettle(db: &Db, vault: &Vault, now: Millis) -> Result<(usize, Vec<i64>), StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
    }
    let (mut after, mut settled, mut damaged) = (0, 0, Vec::new());
    loop {
        let sql = "SELECT id FROM cases WHERE id > $1 ORDER BY id LIMIT 200";
        let rows: Vec<Row> = all(db.read(), sql, values![after]).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let ground = Ground::survey(db.read()).await?;
        for seen in glimpses(db.read(), vault, &ids).await? {
            let moves = !seen.is_closed && seen.state != State::Answered.code() && !seen.stays(&ground);
            if seen.sent.is_some() && !moves && seen.entitled(&ground) == seen.holders {
                continue;
            }
            let tx = db.write().await?;
            match settle_one(&tx, vault, seen.id, now).await {
                Ok(()) => {
                    tx.commit().await?;
                    settled += 1;
                }
                Err(error) if error.is_damage() => damaged.push(seen.id),
                Err(error) => return Err(error),
            }
        }
    }
    Ok((settled, damaged))
}

async fn settle_one(tx: &Tx, vault: &Vault, case_id: i64, now: Millis) -> Result<(), StoreError> {
    lock(tx, case_id).await?;
    let mut opened = open_own(&**tx, vault, case_id).await?;
    let before = opened.seen();
    settle(tx, vault, &mut opened, now).await?;
    tell(tx, vault, &opened, before.into(), now).await
}
