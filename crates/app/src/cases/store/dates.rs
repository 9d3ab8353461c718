//! Whether the dates beside the events are those that follow from them: a date that somebody moved hides that a case is
//! late, and a timer that looks next in ten years never brings it back.

use super::{Columns, StoreError, columns::columns, events::open_own};
use crate::clock::Millis;
use daylight_db::{ConnectionTrait, FromQueryResult, all, values};
use daylight_vault::Vault;

/// The timer looks at an open case each day; so long after it should have it is stopped or was told not to.
const LOOKS: Millis = 25 * 3_600_000;

/// Open cases whose date is not the one that follows from their events, and those at which the timer does not look.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// Another date.
    pub moved: Vec<i64>,
    /// No timer.
    pub asleep: Vec<i64>,
}

/// Looks at the dates of every open case.
pub async fn verify_dates(c: &impl ConnectionTrait, vault: &Vault, now: Millis) -> Result<Dates, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
    }
    let rows: Vec<Row> =
        all(c, "SELECT id FROM cases WHERE closed_at IS NULL ORDER BY id", values![]).await?;
    let mut dates = Dates::default();
    for Row { id } in rows {
        let Some(stored) = columns(c, id).await? else { continue };
        // What cannot be read is said elsewhere.
        let Ok(opened) = open_own(c, vault, id).await else { continue };
        if !opened.case.is_open() {
            continue;
        }
        if stored.next_at.is_none_or(|next| next > now + LOOKS) {
            dates.asleep.push(id);
        }
        // While the reporter is waited for, each day moves the date: it lies between what it was and what it is.
        let was = Columns::of(c, &opened.case, opened.case.last.1).await?.due_at;
        let is = Columns::of(c, &opened.case, now).await?.due_at;
        let between = match (was, is, stored.due_at) {
            (Some(was), Some(is), Some(due)) => was.min(is) <= due && due <= was.max(is),
            (was, is, due) => due == was || due == is,
        };
        if !between {
            dates.moved.push(id);
        }
    }
    Ok(dates)
}
