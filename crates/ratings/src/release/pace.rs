//! When a subject's figure changes.

use super::CELL;
use crate::{
    BEIJING, DAY, Millis,
    count::{Sums, Tally},
    day_of,
    score::FLOOR,
    start_of,
};
use serde::{Deserialize, Serialize};

/// How often, and by how much. The instance's own data: the floors of five and ten can be raised, not lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// Days between releases; 7 is weekly, on Mondays.
    pub days: i64,
    /// The hour in Beijing.
    pub hour: i64,
    /// The least ballots in a batch.
    pub batch: i64,
    /// The least batch while a round is open, in hundredths of the ballots already shown: 50 lets ten become fifteen, and two
    /// hundred three hundred. What a reader learns of one ballot from a batch falls with its size.
    pub growth: i64,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { days: 7, hour: 6, batch: CELL, growth: 50 }
    }
}

/// What is shown of a subject: nothing else may be made into a page, by citizens' eyes or by staff's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Released {
    /// Of which release, from 1.
    pub number: i64,
    /// The ballots in it.
    pub sums: Sums,
}

/// Why a subject's figure stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Not the time.
    Time,
    /// Too few ballots for any figure.
    Floor,
    /// Too few were cast or changed since.
    Batch,
    /// Two people look into signs of manipulation.
    Held,
    /// Exclusions left too few: what was shown is taken away, for it holds ballots that do not count.
    Withdrawn,
}

impl Pace {
    /// With the floors kept, whatever the data says.
    #[must_use]
    pub fn kept(self) -> Pace {
        Pace {
            days: self.days.max(1),
            hour: self.hour.clamp(0, 23),
            batch: self.batch.max(CELL),
            growth: self.growth.max(0),
        }
    }

    /// The number of the fixed time that has last come: figures may change once for each number. Numbers of a pace of seven
    /// days begin on Mondays.
    #[must_use]
    pub fn slot(self, now: Millis) -> i64 {
        let pace = self.kept();
        // 1 January 1970 was a Thursday.
        (day_of(now - pace.hour * 3_600_000) + 3).div_euclid(pace.days)
    }

    /// When a slot begins.
    #[must_use]
    pub fn starts(self, slot: i64) -> Millis {
        let pace = self.kept();
        start_of(slot * pace.days - 3) + pace.hour * 3_600_000
    }

    /// The next time at which figures may change.
    #[must_use]
    pub fn next(self, now: Millis) -> Millis {
        self.starts(self.slot(now) + 1)
    }

    /// The hour of day in Beijing of an instant, for the page.
    #[must_use]
    pub fn hour_of(at: Millis) -> i64 {
        (at + BEIJING).rem_euclid(DAY) / 3_600_000
    }

    /// How many ballots must be touched before the figure may change.
    #[must_use]
    pub fn least(self, shown: Option<&Released>, closed: bool) -> i64 {
        let pace = self.kept();
        let share = shown.map_or(0, |shown| (shown.sums.n * pace.growth + 99) / 100);
        if closed { pace.batch } else { pace.batch.max(share) }
    }

    /// What is shown of a subject from a fixed time on. `due` is whether the time has come; `held` whether signs of
    /// manipulation are being looked into; `closed` whether this is the last release of the round.
    ///
    /// Says nothing of how people voted: whether a batch is shown depends on numbers and times alone.
    ///
    /// # Errors
    ///
    /// [`Wait`] says why what was shown stays, or goes.
    pub fn release(
        self,
        shown: Option<&Released>,
        live: &Tally,
        (due, held, closed): (bool, bool, bool),
    ) -> Result<Released, Wait> {
        let sums = live.all();
        if !due {
            return Err(Wait::Time);
        }
        if held {
            return Err(Wait::Held);
        }
        if sums.n < FLOOR && shown.is_none() {
            return Err(Wait::Floor);
        }
        if live.touched < self.least(shown, closed) {
            return Err(Wait::Batch);
        }
        if sums.n < FLOOR {
            return Err(Wait::Withdrawn);
        }
        Ok(Released { number: shown.map_or(1, |shown| shown.number + 1), sums })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(n: i64, touched: i64) -> Tally {
        let mut tally = Tally { touched, ..Tally::default() };
        tally.channels[0].add(840, n);
        tally
    }

    const DUE: (bool, bool, bool) = (true, false, false);
    const CLOSED: (bool, bool, bool) = (true, false, true);

    #[test]
    fn nothing_under_ten_and_no_batch_under_five() {
        let pace = Pace::default();
        assert_eq!(pace.release(None, &live(9, 9), DUE), Err(Wait::Floor));
        let first = pace.release(None, &live(10, 10), DUE).unwrap();
        assert_eq!((first.number, first.sums.n), (1, 10));
        assert_eq!(pace.release(Some(&first), &live(14, 4), DUE), Err(Wait::Batch));
        assert_eq!(pace.release(Some(&first), &live(15, 5), DUE).unwrap().number, 2);
        // Changed ballots are a batch like new ones.
        assert!(pace.release(Some(&first), &live(10, 5), DUE).is_ok());
        // Exclusions may bring a figure below the floor: then it is taken away, by the same batches.
        assert_eq!(pace.release(Some(&first), &live(8, 4), DUE), Err(Wait::Batch));
        assert_eq!(pace.release(Some(&first), &live(5, 5), DUE), Err(Wait::Withdrawn));
    }

    #[test]
    fn batches_grow_with_what_is_shown_until_the_close() {
        let pace = Pace::default();
        let shown = pace.release(None, &live(101, 101), DUE).unwrap();
        assert_eq!(pace.release(Some(&shown), &live(151, 50), DUE), Err(Wait::Batch));
        assert!(pace.release(Some(&shown), &live(152, 51), DUE).is_ok());
        assert_eq!(pace.release(Some(&shown), &live(105, 4), CLOSED), Err(Wait::Batch));
        assert!(pace.release(Some(&shown), &live(106, 5), CLOSED).is_ok());
    }

    #[test]
    fn the_floors_cannot_be_lowered() {
        let low = Pace { days: 0, hour: 99, batch: 1, growth: -5 };
        let first = low.release(None, &live(10, 10), DUE).unwrap();
        assert_eq!(low.release(Some(&first), &live(14, 4), DUE), Err(Wait::Batch));
        assert_eq!(low.kept(), Pace { days: 1, hour: 23, batch: 5, growth: 0 });
    }

    #[test]
    fn figures_wait_for_the_time_and_for_those_who_look_into_them() {
        let pace = Pace::default();
        assert_eq!(pace.release(None, &live(50, 50), (false, false, false)), Err(Wait::Time));
        assert_eq!(pace.release(None, &live(50, 50), (true, true, false)), Err(Wait::Held));
        assert_eq!(pace.release(None, &live(50, 50), (true, true, true)), Err(Wait::Held));
    }

    #[test]
    fn a_week_begins_on_monday_at_six_in_beijing() {
        let pace = Pace::default();
        // Monday, 23 November 2026, 06:00 in Beijing.
        let monday = 1_795_384_800_000;
        assert_eq!(pace.slot(monday), pace.slot(monday - 1) + 1);
        assert_eq!(pace.next(monday - 1), monday);
        assert_eq!(pace.next(monday), monday + 7 * DAY);
        assert_eq!(pace.starts(pace.slot(monday + 5)), monday);
        assert_eq!(Pace::hour_of(monday), 6);
    }
}
