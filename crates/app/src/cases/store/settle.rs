//! Makes who can open a case agree with who may have it at this moment.

use super::{
    Opened, Sent, StoreError, Words,
    events::{open_own, take},
    held::{self, hand_over, take_back},
    lock, mentions,
    notices::{tell, tell_superior},
    routes::{keep_route, last_sent},
    sight::{Glimpse, Ground, glimpses},
};
use crate::{
    authz::Role,
    calendar::{self, Calendar},
    cases::{
        By, Deed, State, keys,
        routing::{self, Matter, Route},
    },
    clock::Millis,
    superior,
};
use daylight_db::{Db, FromQueryResult, Tx, all, values};
use daylight_vault::Vault;
use std::collections::{BTreeMap, BTreeSet};

/// Gives a case to an organ; without one it waits, open, for the superior.
pub(super) async fn move_to(
    tx: &Tx,
    opened: &mut Opened,
    to: Option<i64>,
    reason: &str,
    now: Millis,
) -> Result<(), StoreError> {
    let deed = to.map_or(Deed::HandUp, |organ_id| Deed::Route { organ_id });
    take(tx, opened, By::Platform, deed, reason, Words::default(), now).await
}

/// An organ in conflict loses the case, so does a person; who serves there and is clear gets the key. What no organ may
/// have is sealed to the superior, and comes back when one may. Nothing happens when all agree already.
pub(super) async fn settle(
    tx: &Tx,
    vault: &Vault,
    opened: &mut Opened,
    now: Millis,
) -> Result<(), StoreError> {
    let (ground, lost_by) = (Ground::survey(&**tx).await?, opened.case.organ_id);
    let (mut about, mut to) = place(tx, &ground, opened, now).await?;
    // Before anybody is given the key who did not have it, all that the reporter wrote is held against the names.
    let held = keys::store::holders(&**tx, opened.id).await?;
    if !to.is_subset(&held) && mentions::hear_again(tx, opened, now).await? {
        (about, to) = place(tx, &ground, opened, now).await?;
    }
    let out = keys::store::deal(tx, vault, opened.id, &mut opened.keys, &to, now).await?;
    tell_superior(tx, vault, &ground, opened.id, &about, lost_by, &out, now).await?;
    match opened.case.state {
        State::Held => hand_over(tx, vault, opened, now).await,
        _ => take_back(tx, vault, opened, now).await,
    }
}

/// Takes a case to the organ that may have it and from people in conflict. Gives what it is about and who may hold its
/// key.
async fn place(
    tx: &Tx,
    ground: &Ground,
    opened: &mut Opened,
    now: Millis,
) -> Result<(Matter, BTreeSet<i64>), StoreError> {
    let sent = last_sent(&**tx, opened).await?;
    let kept = &sent.matter;
    let before = opened.case.organ_id;
    if opened.case.is_open() {
        let route = ground.route(kept, &opened.case.recused, before.or(sent.start()));
        let to = route.as_ref().map_or(before, Route::lies);
        // An answer that was given stands; who may open it is dealt with below all the same.
        if to != before && opened.case.state != State::Answered {
            let about = ground.matter(kept, &opened.case.recused);
            let chain = route.map(|route| route.chain).unwrap_or_default();
            keep_route(tx, opened, &Sent { matter: about, chain }, now).await?;
            let reason = if before.is_some() { OUT } else { BACK };
            move_to(tx, opened, to, reason, now).await?;
        }
    }
    if let (Some(organ_id), true) = (opened.case.organ_id, opened.case.is_open()) {
        recuse(tx, ground, kept, opened, organ_id, now).await?;
        release(tx, ground, opened, now).await?;
    }
    let about = ground.matter(kept, &opened.case.recused);
    let to = match opened.case.organ_id {
        Some(organ_id) => entitled(ground, &about, organ_id, opened.case.handler_id),
        None => BTreeSet::new(),
    };
    Ok((about, to))
}

/// Why a case leaves its organ.
const OUT: &str = "原承办组织须回避";
/// Why one that waited for the superior goes on here.
pub(crate) const BACK: &str = "须回避的情形已经消除，由本级继续办理";

impl Ground {
    /// Where a case belongs that is asked of an organ. Naming that waits for a second word takes it nowhere.
    fn route(&self, kept: &Matter, recused: &BTreeSet<i64>, from: Option<i64>) -> Option<Route> {
        let about = Matter { pending: BTreeMap::new(), ..self.matter(kept, recused) };
        from.map(|organ_id| routing::from(&self.world, &about, organ_id))
    }

    /// Whether somebody is out of it by more than a naming that waits or a name that may be another's: then they are where
    /// they were, once that is clear.
    fn is_out_for_good(&self, about: &Matter, account_id: i64) -> bool {
        self.is_out(&about.sure(), account_id)
    }

    fn handles(&self, organ_id: i64, account_id: i64) -> bool {
        let handles = |staff: &routing::Staff| {
            (staff.organ_id, staff.account_id, staff.role) == (organ_id, account_id, Role::Handler)
        };
        self.world.staff.iter().any(handles)
    }
}

/// Takes a case from a handler who no longer handles anything there: it is to be assigned anew.
async fn release(tx: &Tx, ground: &Ground, opened: &mut Opened, now: Millis) -> Result<(), StoreError> {
    let (Some(organ_id), Some(handler_id)) = (opened.case.organ_id, opened.case.handler_id) else {
        return Ok(());
    };
    let working = matches!(opened.case.state, State::Assigned | State::Asking);
    if !working || ground.handles(organ_id, handler_id) {
        return Ok(());
    }
    let reason = "承办人已不在该组织办理";
    take(tx, opened, By::Platform, Deed::Release, reason, Words::default(), now).await
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
    let is_out = |one: &i64| serves(one) && ground.is_out_for_good(&about, *one);
    let out: Vec<_> = held.into_iter().filter(is_out).collect();
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
        let (Some(organ_id), Some(sent)) = (self.organ_id, &self.sent) else { return BTreeSet::new() };
        entitled(ground, &ground.matter(&sent.matter, &self.recused), organ_id, self.handler_id)
    }

    /// Whether it may stay as it is: with its organ and its handler, or with none.
    fn stays(&self, ground: &Ground) -> bool {
        let Some(sent) = &self.sent else { return true };
        // An answer that was given stands.
        if self.is_closed || self.state == State::Answered.code() {
            return true;
        }
        let about = ground.matter(&sent.matter, &self.recused);
        let working = [State::Assigned.code(), State::Asking.code()].contains(&self.state.as_str());
        let handler_stays = self.handler_id.is_none_or(|account| {
            let serves = self.organ_id.is_some_and(|organ_id| ground.handles(organ_id, account));
            if serves { !ground.is_out_for_good(&about, account) } else { !working }
        });
        let route = ground.route(&sent.matter, &self.recused, self.organ_id.or(sent.start()));
        let lies = route.is_none_or(|route| route.lies() == self.organ_id);
        handler_stays && lies
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
    let calendar = calendar::store::calendar(db.read()).await?;
    let owed = superior::store::owed(db.read()).await?;
    loop {
        let sql = "SELECT id FROM cases WHERE id > $1 ORDER BY id LIMIT 200";
        let rows: Vec<Row> = all(db.read(), sql, values![after]).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let ground = Ground::survey(db.read()).await?;
        for seen in glimpses(db.read(), vault, &ids).await? {
            let unsealed = seen.state == State::Held.code()
                && superior::store::lacks(db.read(), seen.id, seen.events).await?;
            let waits = |sent: &Sent| held::unconfirmed(&sent.matter, &calendar, now).is_empty();
            if seen.sent.as_ref().is_some_and(waits)
                && !unsealed
                && (seen.state == State::Held.code() || !owed.contains(&seen.id))
                && seen.stays(&ground)
                && seen.entitled(&ground) == seen.holders
            {
                continue;
            }
            let tx = db.write().await?;
            match settle_one(&tx, vault, seen.id, &calendar, now).await {
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

pub(super) async fn settle_one(
    tx: &Tx,
    vault: &Vault,
    case_id: i64,
    calendar: &Calendar,
    now: Millis,
) -> Result<(), StoreError> {
    lock(tx, case_id).await?;
    let mut opened = open_own(&**tx, vault, case_id).await?;
    let before = opened.seen();
    held::expire(tx, vault, &mut opened, calendar, now).await?;
    settle(tx, vault, &mut opened, now).await?;
    tell(tx, vault, &opened, before.into(), now).await
}
