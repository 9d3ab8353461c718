//! What time does to cases: reminders, the mark of being overdue, the end of waiting for the reporter's word.

use super::{
    Columns, Opened, StoreError, Words,
    events::{open_own, take},
    held::remind_superior,
    lock,
    notices::{beyond, meant, remind, tell, word},
    routes::kept_matter,
    settle::settle,
    sight::Ground,
};
use crate::{
    calendar::{self, Calendar},
    cases::{By, Deed, Running},
    clock::Millis,
    deadlines::{self, Profile, Whom, reminders},
};
use daylight_db::{Db, FromQueryResult, Tx, all, exec, values};
use daylight_vault::Vault;
use std::collections::{BTreeMap, BTreeSet};

const DAY: Millis = 24 * 3_600_000;

/// Does what is due by now, each case in a transaction of its own. Running it again at the same moment does nothing,
/// and so does a run after one that was cut off, for the cases that were done. Gives the cases that cannot be read.
pub async fn tick(db: &Db, vault: &Vault, now: Millis) -> Result<Vec<i64>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
    }
    let (mut after, mut damaged) = (0, Vec::new());
    loop {
        // What lies ahead of a clock that was set back is looked at again.
        let sql = "SELECT id FROM cases WHERE closed_at IS NULL AND id > $1 AND (next_at IS NULL OR next_at <= $2 \
                   OR next_at > $3 OR overdue_since > $2) ORDER BY id LIMIT 200";
        let rows: Vec<Row> = all(db.read(), sql, values![after, now, now + 2 * DAY]).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        for Row { id } in rows {
            let tx = db.write().await?;
            match tick_one(&tx, vault, id, now).await {
                Ok(()) => tx.commit().await?,
                Err(error) if error.is_damage() => damaged.push(id),
                Err(error) => return Err(error),
            }
        }
    }
    Ok(damaged)
}

/// Has the timer look at every open case at once: a calendar was loaded, and dates may move.
pub async fn look_again(tx: &Tx, now: Millis) -> Result<(), StoreError> {
    exec(&**tx, "UPDATE cases SET next_at = $1 WHERE closed_at IS NULL", values![now]).await?;
    Ok(())
}

/// Does what is due in one case.
pub(super) async fn tick_one(tx: &Tx, vault: &Vault, case_id: i64, now: Millis) -> Result<(), StoreError> {
    lock(tx, case_id).await?;
    let mut opened = open_own(&**tx, vault, case_id).await?;
    let profile = deadlines::store::kept(&**tx, &opened.case.profile).await?.ok_or(StoreError::Damaged)?;
    let calendar = calendar::store::calendar(&**tx).await?;
    let before = opened.seen();
    let silence = opened.case.silence_ends(&profile, &calendar, now);
    if silence.is_some_and(|due| now > due.at) {
        take(tx, &mut opened, By::Platform, Deed::Lapse, "", Words::default(), now).await?;
        settle(tx, vault, &mut opened, now).await?;
        return tell(tx, vault, &opened, before.into(), now).await;
    }
    remind_all(tx, vault, &opened, &profile, &calendar, now).await?;
    Columns::read(&opened.case, &profile, &calendar, now).refresh(tx, case_id).await?;
    Ok(())
}

/// Notes that the outcome card of a case is public: the release of `crate::outcomes` does it, nobody else.
pub(crate) async fn publish(tx: &Tx, vault: &Vault, case_id: i64, now: Millis) -> Result<Opened, StoreError> {
    lock(tx, case_id).await?;
    let mut opened = open_own(&**tx, vault, case_id).await?;
    let before = opened.seen();
    take(tx, &mut opened, By::Platform, Deed::Publish, "", Words::default(), now).await?;
    tell(tx, vault, &opened, before.into(), now).await?;
    Ok(opened)
}

async fn remind_all(
    tx: &Tx,
    vault: &Vault,
    opened: &Opened,
    profile: &Profile,
    calendar: &Calendar,
    now: Millis,
) -> Result<(), StoreError> {
    // While a clock stands still its date moves with each day: nobody is hurried to it.
    let clocks = opened.case.clocks(profile, calendar, now);
    let running = clocks.iter().filter(|clock| clock.run.ended.is_none() && !clock.due.standing);
    let mut told: BTreeMap<Whom, &Running> = BTreeMap::new();
    for clock in running {
        for (at, whom) in reminders(clock.due.date, clock.run.started, &profile.reminders) {
            if at <= now && first_time(tx, opened.id, clock, whom, at).await? {
                // Several at once, after the server was off: one notice of the nearest date.
                told.entry(whom).or_insert(clock);
            }
        }
    }
    if told.is_empty() {
        return Ok(());
    }
    let ground = Ground::survey(&**tx).await?;
    let about = ground.matter(&kept_matter(&**tx, opened).await?, &opened.case.recused);
    // Who is meant in two ways is told once of a date.
    let mut said = BTreeSet::new();
    for (whom, clock) in &told {
        let mut to = match opened.case.organ_id {
            Some(organ_id) => meant(&ground, &about, (organ_id, opened.case.handler_id), *whom),
            None => beyond(&ground, &about),
        };
        let rule = &clock.run.rule;
        to.retain(|account| said.insert((*account, rule.clock, clock.due.at)));
        remind(tx, vault, opened.id, &to, (rule.clock, rule.stage, clock.due.at), now).await?;
    }
    // What waits for the superior is the superior's to hurry: the one way to it is the sealed package.
    match told.get(&Whom::Superior) {
        Some(clock) if opened.case.organ_id.is_none() => remind_superior(tx, vault, opened, clock, now).await,
        _ => Ok(()),
    }
}

/// Keeps that somebody is reminded; false when they were before.
async fn first_time(
    tx: &Tx,
    case_id: i64,
    clock: &Running,
    whom: Whom,
    at: Millis,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO case_reminders (case_id, stage, clock, whom, at, due_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (case_id, stage, clock, whom, at) DO NOTHING";
    let rule = &clock.run.rule;
    let bound = values![case_id, word(&rule.stage)?, word(&rule.clock)?, word(&whom)?, at, clock.due.at];
    Ok(exec(&**tx, sql, bound).await? == 1)
}
