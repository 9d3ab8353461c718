//! How much waits for somebody: the figures of the start page, and which cases are theirs to move.

use super::failed;
use crate::{
    authz::{Actor, Role},
    calendar::Calendar,
    cases::store::{self as cases, Line},
    clock::{Millis, beijing},
    web::{App, PageError},
};

/// Working days before a date from which a case counts as due soon.
const SOON: u32 = 5;

/// What waits for somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// To be accepted, for intake.
    pub to_accept: i64,
    /// Accepted, without a handler, for leaders.
    pub to_assign: i64,
    /// Concluded and to be replied to, for leaders.
    pub to_reply: i64,
    /// Given to this handler and not answered.
    pub mine: i64,
    /// Due within a few working days, or overdue.
    pub soon: i64,
    /// Reminders not read yet.
    pub notices: i64,
}

/// What waits for this member of staff among the cases they may see.
pub async fn waiting(app: &App, actor: &Actor) -> Result<Waiting, PageError> {
    let c = app.db.read();
    let lines = cases::list(c, &app.vault, actor).await.map_err(failed)?;
    let calendar = crate::calendar::store::calendar(c).await?;
    let now = app.clock.now();
    let notices = cases::notices(c, &app.vault, actor).await.map_err(failed)?;
    let count = |test: &dyn Fn(&Line) -> bool| lines.iter().filter(|line| test(line)).count() as i64;
    Ok(Waiting {
        to_accept: count(&|line| has(actor, Role::Intake) && line.state == "routed"),
        to_assign: count(&|line| has(actor, Role::Leader) && line.state == "accepted"),
        to_reply: count(&|line| has(actor, Role::Leader) && line.state == "concluded"),
        mine: count(&|line| line.handler_id == Some(actor.account_id) && is_working(line)),
        notices: notices.iter().filter(|notice| notice.read_at.is_none()).count() as i64,
        soon: count(&|line| is_soon(line, &calendar, now)),
    })
}

pub(super) fn has(actor: &Actor, role: Role) -> bool {
    actor.grants.iter().any(|grant| grant.role == role && grant.organ_id.is_some())
}

/// Whether the next step is this person's.
pub(super) fn is_turn_of(line: &Line, actor: &Actor) -> bool {
    match line.state.as_str() {
        "routed" => has(actor, Role::Intake),
        "accepted" | "concluded" => has(actor, Role::Leader),
        "assigned" => line.handler_id == Some(actor.account_id),
        _ => false,
    }
}

/// Whether an organ has still to do something.
pub(super) fn is_working(line: &Line) -> bool {
    matches!(line.state.as_str(), "received" | "routed" | "accepted" | "assigned" | "asking" | "concluded")
}

pub(super) fn is_overdue(line: &Line, now: Millis) -> bool {
    is_working(line) && line.due_at.is_some_and(|due| due < now)
}

pub(super) fn is_soon(line: &Line, calendar: &Calendar, now: Millis) -> bool {
    let left = |due: Millis| calendar.working_days_between(beijing(now).date(), beijing(due).date());
    is_working(line) && line.due_at.is_some_and(|due| left(due) <= SOON)
}
