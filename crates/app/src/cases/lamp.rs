//! The lamp (办理指示灯) and the mark of being overdue: two things, and neither is a warning.

use super::{Running, Standing, State};
use crate::{
    calendar::Calendar,
    clock::{Millis, beijing},
    deadlines::Stage,
};
use daylight_ui::Lamp;

/// Yellow while first handled, red once the superior organ has it; neither before anybody accepted it, while nobody
/// here may have it, nor when it is over. Colour, shape and word come from the look.
pub fn lamp(case: &Standing) -> Lamp {
    match (case.state, case.stage) {
        (State::Closed(_), _) => Lamp::Done,
        (_, Stage::Second) => Lamp::Red,
        (State::Received | State::Routed | State::Held, Stage::First) => Lamp::Waiting,
        (_, Stage::First) => Lamp::Yellow,
    }
}

/// How many working days the latest of the running clocks is past its date, at least 1; none when none is. What
/// was done late and is done counts in figures, not in this mark.
pub fn overdue_days(clocks: &[Running], calendar: &Calendar, now: Millis) -> Option<u32> {
    let late = clocks.iter().filter(|clock| clock.run.ended.is_none() && clock.is_overdue(now));
    let first = late.map(|clock| clock.due.date).min()?;
    Some(calendar.working_days_between(first, beijing(now).date()).max(1))
}
