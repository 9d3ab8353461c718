//! Recurring jobs: the whole schedule is one table.

use crate::{NewJob, enqueue};
use daylight_db::{Db, DbErr};

/// All recurring jobs of a program: `&[("sessions.sweep", Every::Minutes(10)), …]`.
/// Their payload is `null`.
pub type Schedule = &'static [(&'static str, Every)];

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Offices of the whole country keep Beijing time.
const BEIJING: i64 = 8 * HOUR;

/// How often a recurring job runs. Slots are cut from the calendar, not from the program's start,
/// so every server sees the same ones. No slot is as long as [`crate::KEEP`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// Every so many minutes.
    Minutes(u8),
    /// Every so many hours.
    Hours(u8),
    /// Each day at an hour and a minute in Beijing.
    DayAt(u8, u8),
}

impl Every {
    /// Start of the slot that an instant falls into.
    pub fn slot(self, now: i64) -> i64 {
        let (length, shift) = match self {
            Every::Minutes(minutes) => (i64::from(minutes.max(1)) * MINUTE, 0),
            Every::Hours(hours) => (i64::from(hours.max(1)) * HOUR, -BEIJING),
            Every::DayAt(hour, minute) => {
                (DAY, i64::from(hour) * HOUR + i64::from(minute) * MINUTE - BEIJING)
            }
        };
        (now - shift).div_euclid(length) * length + shift
    }
}

/// Enqueues the current slot of each recurring job unless some server has done so, and says how
/// many are new.
///
/// Slots that passed while every server was down are skipped, except the newest: a job of the
/// night runs in the morning, once.
pub async fn enqueue_due(db: &Db, schedule: &[(&str, Every)], now: i64) -> Result<usize, DbErr> {
    let tx = db.write().await?;
    let mut new = 0;
    for (kind, every) in schedule {
        let run_at = every.slot(now);
        let key = format!("{kind}@{run_at}");
        let job = NewJob { kind, payload: &(), unique_key: Some(&key), run_at };
        new += usize::from(enqueue(&tx, &job, now).await?.is_some());
    }
    tx.commit().await?;
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::databases;

    #[tokio::test]
    async fn several_servers_and_restarts_give_one_run_per_slot() {
        for test in databases().await {
            let schedule: Schedule =
                &[("sessions.sweep", Every::Minutes(10)), ("night", Every::DayAt(2, 30))];
            assert_eq!(enqueue_due(&test.db, schedule, 0).await.unwrap(), 2);
            let other_server = Db::open(&test.url).await.unwrap();
            assert_eq!(enqueue_due(&other_server, schedule, 9 * MINUTE).await.unwrap(), 0);
            assert_eq!(enqueue_due(&test.db, schedule, 10 * MINUTE).await.unwrap(), 1);
            let clock_jumped_back = 5 * MINUTE;
            assert_eq!(enqueue_due(&other_server, schedule, clock_jumped_back).await.unwrap(), 0);
        }
    }

    #[test]
    fn a_daily_slot_starts_at_the_wall_clock_of_beijing() {
        let at = |day: i64, hour: i64, minute: i64| day * DAY + hour * HOUR + minute * MINUTE - BEIJING;
        let nightly = Every::DayAt(2, 30);
        assert_eq!(nightly.slot(at(9, 2, 29)), at(8, 2, 30));
        assert_eq!(nightly.slot(at(9, 2, 30)), at(9, 2, 30));
        assert_eq!(nightly.slot(at(10, 2, 29)), at(9, 2, 30));
        assert_eq!(Every::Hours(24).slot(at(9, 23, 59)), at(9, 0, 0));
        assert_eq!(Every::Minutes(10).slot(at(9, 10, 19)), at(9, 10, 10));
        assert_eq!(Every::Minutes(0).slot(MINUTE + 1), MINUTE);
    }

    #[test]
    fn no_slot_outlives_the_memory_of_its_key() {
        assert!(i64::from(u8::MAX) * HOUR < crate::KEEP);
    }
}
