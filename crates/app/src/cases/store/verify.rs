//! Whether every case can be read and agrees with what stands beside it.

use super::{
    Columns, Opened, StoreError,
    columns::columns,
    events::{open_own, open_with, recused},
    routes::routes,
    sight::{Ground, glimpses},
};
use crate::{
    attachments,
    cases::{State, keys},
    reports,
};
use daylight_db::{ConnectionTrait, FromQueryResult, all, values};
use daylight_vault::Vault;
use std::fmt;

/// What is wrong with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// An event, a key, a route or the report cannot be read, or the events cannot have happened.
    Unreadable,
    /// The report's own row, or the rows of its files, are not as they were written.
    Report,
    /// The columns are not what the events say.
    Columns,
    /// No route is kept although an organ has it.
    Routes,
    /// Somebody's copy of the key does not open what the program's own opens.
    Keys,
    /// What the trail says of who was shown it is not what stands beside the keys.
    Looks,
    /// Those who hold the key are not those who may: the timer mends this within the hour.
    Holders,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::Unreadable => "读不出来",
            Fault::Report => "反映的登记或附件的登记被改动",
            Fault::Columns => "列表信息与办理记录不符",
            Fault::Routes => "缺少转交记录",
            Fault::Keys => "有人持有的密钥不对",
            Fault::Looks => "打开的记录与审计日志不符",
            Fault::Holders => "持有密钥的人与应当持有的人不符",
        })
    }
}

/// Looks at every case. Gives how many there are, and what is wrong with which.
pub async fn verify(c: &impl ConnectionTrait, vault: &Vault) -> Result<(i64, Vec<(i64, Fault)>), StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
    }
    let (mut after, mut seen, mut faults) = (0, 0, Vec::new());
    let unnoted = super::open::unnoted(c).await?;
    loop {
        // A report without its case is as lost as a case without its report.
        let sql = "SELECT id FROM reports WHERE id > $1 ORDER BY id LIMIT 200";
        let rows: Vec<Row> = all(c, sql, values![after]).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        let ground = Ground::survey(c).await?;
        for Row { id } in rows {
            seen += 1;
            if unnoted.contains(&id) {
                faults.push((id, Fault::Looks));
            }
            match look(c, vault, &ground, id).await {
                Ok(found) => faults.extend(found.map(|fault| (id, fault))),
                Err(StoreError::Db(error)) => return Err(error.into()),
                Err(_) => faults.push((id, Fault::Unreadable)),
            }
        }
    }
    Ok((seen, faults))
}

async fn look(
    c: &impl ConnectionTrait,
    vault: &Vault,
    ground: &Ground,
    id: i64,
) -> Result<Option<Fault>, StoreError> {
    let opened = open_own(c, vault, id).await?;
    reports::store::content(c, &opened).await?;
    attachments::of_case(c, &opened).await?;
    if !reports::store::is_bound(c, vault, id).await? {
        return Ok(Some(Fault::Report));
    }
    let sent = routes(c, &opened).await?;
    let stored = columns(c, id).await?.ok_or(StoreError::Damaged)?;
    let glimpse = glimpses(c, vault, &[id]).await?.pop().ok_or(StoreError::Damaged)?;
    if !agrees(c, &opened, &stored, glimpse.events).await? {
        return Ok(Some(Fault::Columns));
    }
    let routed = opened.case.organ_id.is_some() || opened.case.state == State::Held;
    if sent.is_empty() && routed {
        return Ok(Some(Fault::Routes));
    }
    for holder in &glimpse.holders {
        let Ok(keys) = keys::store::keys(c, vault, id, Some(*holder)).await else {
            return Ok(Some(Fault::Keys));
        };
        if open_with(c, id, keys).await.is_err() {
            return Ok(Some(Fault::Keys));
        }
    }
    Ok((glimpse.entitled(ground) != glimpse.holders).then_some(Fault::Holders))
}

/// Whether the columns are what the events say. Dates move with time and calendars; the timer writes those anew.
async fn agrees(
    c: &impl ConnectionTrait,
    opened: &Opened,
    stored: &Columns,
    events: i64,
) -> Result<bool, StoreError> {
    let folded = Columns::of(c, &opened.case, opened.case.last.1).await?;
    let Columns { due_at, overdue_since, lapses_at, next_at, .. } = stored.clone();
    let folded = Columns { due_at, overdue_since, lapses_at, next_at, ..folded };
    let recused = recused(c, opened.id).await?;
    Ok(folded == *stored && events == i64::from(opened.seen()) && recused == opened.case.recused)
}
