//! For how long a sanction has effect: data with its source, and the arithmetic of months.

use crate::Day;
use serde::{Deserialize, Serialize};
use time::{Date, Month, util::days_in_month};

/// A sanction and its period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The word in data.
    pub code: String,
    /// The word on the page.
    pub page: String,
    /// Its effect in calendar months; none is without end.
    pub months: Option<u32>,
    /// The rule.
    pub source: String,
}

/// The periods that hold; a profile that an administrator changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Periods(pub Vec<Period>);

impl Periods {
    /// Those that come with the program.
    #[must_use]
    pub fn first() -> Periods {
        serde_json::from_str(include_str!("sanctions.json")).expect("a test reads the embedded periods")
    }

    /// The last day of a sanction's effect, counted from the day the decision took effect; none is without end.
    ///
    /// # Errors
    ///
    /// The code, when no such sanction is known.
    pub fn until<'a>(&self, code: &'a str, effective: Day) -> Result<Option<Day>, &'a str> {
        let period = self.0.iter().find(|period| period.code == code).ok_or(code)?;
        Ok(period.months.and_then(|months| months_later(effective, months)))
    }
}

/// 1 January 1970 as a Julian day.
const EPOCH: i64 = 2_440_588;

/// The same day of the month some months later, or the month's last; none past the calendar's end.
#[must_use]
pub fn months_later(day: Day, months: u32) -> Option<Day> {
    let date = Date::from_julian_day(i32::try_from(day + EPOCH).ok()?).ok()?;
    let count = date.year() * 12 + i32::from(u8::from(date.month()) - 1) + i32::try_from(months).ok()?;
    let month = Month::try_from(u8::try_from(count.rem_euclid(12)).ok()? + 1).ok()?;
    let year = count.div_euclid(12);
    let last = days_in_month(month, year);
    let later = Date::from_calendar_date(year, month, date.day().min(last)).ok()?;
    Some(i64::from(later.to_julian_day()) - EPOCH)
}
