//! The columns beside the events: what lists and timers ask for without opening a case.

use super::StoreError;
use crate::{
    calendar::Calendar,
    cases::{Case, Running},
    clock::{Millis, beijing, end_of_day},
    deadlines::{self, Moment, Profile},
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, exec, one, values};

/// What stands beside the events.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Columns {
    /// [`crate::cases::State::code`].
    pub state: String,
    /// [`deadlines::Stage::code`].
    pub stage: String,
    /// [`crate::reports::Kind::code`].
    pub kind: String,
    /// The deadline profile it keeps.
    pub profile: String,
    /// The organ that has it.
    pub organ_id: Option<i64>,
    /// Its handler.
    pub handler_id: Option<i64>,
    /// When its first stage began.
    pub received_at: i64,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// Since when its outcome is public.
    pub published_at: Option<i64>,
    /// When the next running clock is due.
    pub due_at: Option<i64>,
    /// Since when it is overdue, as last seen.
    pub overdue_since: Option<i64>,
    /// When silence lets it lapse.
    pub lapses_at: Option<i64>,
    /// When the timer looks at it next; none when never.
    pub next_at: Option<i64>,
}

impl Columns {
    /// What follows from a case at a moment.
    pub(super) async fn of(
        c: &impl ConnectionTrait,
        case: &Case,
        now: Millis,
    ) -> Result<Columns, StoreError> {
        let profile = deadlines::store::kept(c, &case.profile).await?.ok_or(StoreError::Damaged)?;
        let calendar = crate::calendar::store::calendar(c).await?;
        Ok(Columns::read(case, &profile, &calendar, now))
    }

    pub(super) fn read(case: &Case, profile: &Profile, calendar: &Calendar, now: Millis) -> Columns {
        let clocks = case.clocks(profile, calendar, now);
        let next = clocks.iter().find(|clock| clock.run.ended.is_none());
        let lapses = case.silence_ends(profile, calendar, now);
        let lapses_at = lapses.map(|due| due.at);
        Columns {
            state: case.state.code().into(),
            stage: case.stage.code().into(),
            kind: case.kind.code().into(),
            profile: case.profile.clone(),
            organ_id: case.organ_id,
            handler_id: case.handler_id,
            received_at: case.moments.get(&(deadlines::Stage::First, Moment::Received)).copied().unwrap_or(0),
            closed_at: case.closed,
            published_at: case.published,
            due_at: next.map(|clock| clock.due.at),
            overdue_since: next.filter(|clock| clock.is_overdue(now)).map(|clock| clock.due.at),
            lapses_at,
            next_at: case.is_open().then(|| look(&clocks, profile, lapses_at, now)),
        }
    }

    pub(super) async fn insert(self, tx: &Tx, case_id: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO cases (id, events, state, stage, kind, profile, received_at, next_at) \
                   VALUES ($1, 1, $2, $3, $4, $5, $6, $7)";
        let bound =
            values![case_id, self.state, self.stage, self.kind, self.profile, self.received_at, self.next_at];
        exec(&**tx, sql, bound).await?;
        Ok(())
    }

    /// Writes them if the case still stands where it stood.
    pub(super) async fn write(self, tx: &Tx, case_id: i64, before: u32) -> Result<(), StoreError> {
        let sql = "UPDATE cases SET events = events + 1, state = $3, stage = $4, organ_id = $5, handler_id = $6, \
                   received_at = $7, closed_at = $8, published_at = $9, due_at = $10, overdue_since = $11, \
                   lapses_at = $12, next_at = $13 WHERE id = $1 AND events = $2";
        let bound = values![
            case_id,
            i64::from(before),
            self.state,
            self.stage,
            self.organ_id,
            self.handler_id,
            self.received_at,
            self.closed_at,
            self.published_at,
            self.due_at,
            self.overdue_since,
            self.lapses_at,
            self.next_at
        ];
        if exec(&**tx, sql, bound).await? == 1 { Ok(()) } else { Err(StoreError::Moved) }
    }

    /// Writes what changes with time alone.
    pub(super) async fn refresh(self, tx: &Tx, case_id: i64) -> Result<(), DbErr> {
        let sql =
            "UPDATE cases SET due_at = $2, overdue_since = $3, lapses_at = $4, next_at = $5 WHERE id = $1";
        let bound = values![case_id, self.due_at, self.overdue_since, self.lapses_at, self.next_at];
        exec(&**tx, sql, bound).await.map(drop)
    }
}

/// When a timer has something to do next; at the latest tomorrow, for calendars and waiting clocks move dates.
fn look(clocks: &[Running], profile: &Profile, lapses_at: Option<Millis>, now: Millis) -> Millis {
    let running = clocks.iter().filter(|clock| clock.run.ended.is_none());
    let moments = running.flat_map(|clock| {
        let told = deadlines::reminders(clock.due.date, clock.run.started, &profile.reminders);
        told.into_iter().map(|(at, _)| at).chain([clock.due.at + 1])
    });
    let ahead = moments.chain(lapses_at.map(|at| at + 1)).filter(|at| *at > now);
    ahead.chain([end_of_day(beijing(now).date()) + 1]).min().unwrap_or(now)
}

/// The columns of a case as stored.
pub async fn columns(c: &impl ConnectionTrait, case_id: i64) -> Result<Option<Columns>, DbErr> {
    one(c, "SELECT * FROM cases WHERE id = $1", values![case_id]).await
}
