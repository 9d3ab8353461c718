//! Who is reminded of a due date, and when.

use crate::clock::{BEIJING, Millis};
use serde::{Deserialize, Serialize};
use time::{Date, Duration, Time};

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// 承办人; before there is one, the intake.
    Handler,
    /// 审批领导.
    Leader,
    /// The leaders of the organ above; where there is none, of this one.
    Superior,
}

/// One row of a profile: whom to tell how many days before (or, negative, after) the due date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reminder {
    /// Calendar days before the due date.
    pub days_before: i64,
    /// Who is told.
    pub whom: Whom,
}

/// Reminders arrive when offices open.
const MORNING: Time = time::macros::time!(9:00);

impl Reminder {
    /// The handler a week before; handler, leader and superior two days before and on the last day; leader and
    /// superior when it has passed.
    pub(super) fn seeds() -> Vec<Reminder> {
        use Whom::{Handler, Leader, Superior};
        let each = |days| [(days, Handler), (days, Leader), (days, Superior)];
        [[(7, Handler)].as_slice(), &each(2), &each(0), &[(-1, Leader), (-1, Superior)]]
            .concat()
            .into_iter()
            .map(|(days_before, whom)| Reminder { days_before, whom })
            .collect()
    }
}

/// When whom to remind of a due date, in order. A job that wakes up compares with the due date of that moment
/// again: a pause or an extension may have moved it, and then this reminder has no ground any more.
pub fn reminders(due: Date, started: Millis, rows: &[Reminder]) -> Vec<(Millis, Whom)> {
    let moment = |row: &Reminder| {
        let day = due.checked_sub(Duration::days(row.days_before))?;
        let at = day.with_time(MORNING).assume_offset(BEIJING).unix_timestamp() * 1000;
        // A short clock starts within the week: nobody is reminded of what has not begun.
        (at > started).then_some((at, row.whom))
    };
    let mut found: Vec<_> = rows.iter().filter_map(moment).collect();
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{end_of_day, time_text};
    use time::macros::date;

    #[test]
    fn handler_leader_and_superior_are_told_before_at_and_after_the_limit() {
        let told = reminders(date!(2026 - 03 - 10), 0, &Reminder::seeds());
        let told: Vec<_> = told.into_iter().map(|(at, whom)| (time_text(at), whom)).collect();
        let line = |day: &str, whom| (format!("2026年3月{day}日 09:00"), whom);
        use Whom::{Handler, Leader, Superior};
        assert_eq!(
            told,
            [
                line("3", Handler),
                line("8", Handler),
                line("8", Leader),
                line("8", Superior),
                line("10", Handler),
                line("10", Leader),
                line("10", Superior),
                line("11", Leader),
                line("11", Superior)
            ]
        );
    }

    #[test]
    fn nobody_is_reminded_before_the_clock_has_begun() {
        let started = end_of_day(date!(2026 - 03 - 05));
        let told = reminders(date!(2026 - 03 - 10), started, &Reminder::seeds());
        assert_eq!(told.len(), 8);
        assert!(told.iter().all(|(at, _)| *at > started));
    }
}
