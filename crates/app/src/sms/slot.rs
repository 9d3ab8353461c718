//! When a reporter is told that there is news.

use crate::clock::{BEIJING, Millis, beijing};
use time::{Duration, Time};

/// The hours at which messages to reporters leave, in Beijing, on every day. Whoever reads the gateway's log (the
/// telephone company, its reseller, whoever keeps the machine) would else lay it beside the deeds of the same minute
/// and know whose case is whose. Few hours, so that many leave together; none at night, because a telephone that rings
/// at night is asked about.
pub const HOURS: [u8; 4] = [9, 12, 15, 18];
/// The last hour at which what was held up may still leave.
const LAST: u8 = 20;
/// What was done less than this before an hour waits for the next: a deed at one minute to nine would be as good as
/// named by the message at nine.
pub const APART: Millis = 30 * 60_000;

/// "9时、12时、15时、18时", as reporters are told.
pub fn words() -> String {
    HOURS.map(|hour| format!("{hour}时")).join("、")
}

/// When the news of a deed leaves.
pub fn after(deed: Millis) -> Millis {
    let earliest = beijing(deed + APART);
    let today = earliest.date();
    let days = [Some(today), today.next_day()].into_iter().flatten();
    let mut slots = days.flat_map(|day| {
        HOURS.map(|hour| (day.midnight() + Duration::hours(i64::from(hour))).assume_offset(BEIJING))
    });
    let slot = slots.find(|slot| *slot >= earliest).unwrap_or(earliest);
    i64::try_from(slot.unix_timestamp_nanos() / 1_000_000).unwrap_or(deed)
}

/// Whether news may leave at this time of the day: from the first hour on, until the evening.
pub fn is_open(now: Millis) -> bool {
    let at = |hour| Time::from_hms(hour, 0, 0).unwrap_or(Time::MIDNIGHT);
    (at(HOURS[0])..at(LAST)).contains(&beijing(now).time())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::time_text;

    const MINUTE: Millis = 60_000;
    /// Sunday, 2026年11月22日 00:00.
    const MIDNIGHT: Millis = 1_795_276_800_000;

    #[test]
    fn news_leaves_at_the_next_hour_that_is_not_too_near() {
        let at = |hour: i64, minute: i64| time_text(after(MIDNIGHT + (hour * 60 + minute) * MINUTE));
        assert_eq!(at(0, 0), "2026年11月22日 09:00");
        assert_eq!(at(8, 30), "2026年11月22日 09:00");
        assert_eq!(at(8, 31), "2026年11月22日 12:00");
        assert_eq!(at(10, 0), "2026年11月22日 12:00");
        assert_eq!(at(17, 30), "2026年11月22日 18:00");
        assert_eq!(at(17, 31), "2026年11月23日 09:00");
        assert_eq!(at(23, 59), "2026年11月23日 09:00");
        assert_eq!(words(), "9时、12时、15时、18时");
    }

    #[test]
    fn every_deed_of_a_day_is_told_within_the_day_and_never_within_half_an_hour() {
        for minute in 0..2 * 24 * 60 {
            let deed = MIDNIGHT + minute * MINUTE + 1;
            let slot = after(deed);
            assert!((APART..=16 * 60 * MINUTE).contains(&(slot - deed)), "{}", time_text(deed));
            assert!(is_open(slot) && HOURS.contains(&beijing(slot).hour()));
        }
    }

    #[test]
    fn nobody_is_woken_by_what_was_held_up() {
        let open = |hour: i64| is_open(MIDNIGHT + hour * 60 * MINUTE);
        assert_eq!((0..24).filter(|hour| open(*hour)).collect::<Vec<_>>(), (9..20).collect::<Vec<_>>());
    }
}
