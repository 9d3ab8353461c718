//! Time as a parameter.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use time::{Date, OffsetDateTime, UtcOffset};

/// Milliseconds since 1970 UTC: the one form in which instants are stored and compared.
pub type Millis = i64;

/// Offices of the whole country keep Beijing time.
pub const BEIJING: UtcOffset = match UtcOffset::from_hms(8, 0, 0) {
    Ok(offset) => offset,
    Err(_) => panic!("+08:00 is an offset"),
};

/// Where "now" comes from: the system, or a hand that tests move.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands until it is moved.
    Hand(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at an instant.
    pub fn hand(at: Millis) -> Clock {
        Clock::Hand(Arc::new(AtomicI64::new(at)))
    }

    /// The current instant.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn now(&self) -> Millis {
        match self {
            Clock::System => (OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000) as Millis,
            Clock::Hand(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Moves a hand clock; the machine's clock cannot be moved.
    pub fn advance(&self, by: Millis) {
        if let Clock::Hand(at) = self {
            at.fetch_add(by, Ordering::SeqCst);
        }
    }

    /// The current date in Beijing.
    pub fn today(&self) -> Date {
        beijing(self.now()).date()
    }
}

/// An instant as Beijing's wall clock shows it.
pub fn beijing(at: Millis) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .to_offset(BEIJING)
}

/// "2026年11月22日".
pub fn date_text(at: Millis) -> String {
    let at = beijing(at);
    format!("{}年{}月{}日", at.year(), u8::from(at.month()), at.day())
}

/// "2026年11月22日 09:05".
pub fn time_text(at: Millis) -> String {
    let moment = beijing(at);
    format!("{} {:02}:{:02}", date_text(at), moment.hour(), moment.minute())
}

/// The same of an instant of which the day alone may be kept, as its first: then without an hour.
pub fn moment_text(at: Millis) -> String {
    if start_of_day(at) == at { date_text(at) } else { time_text(at) }
}

/// When the day in Beijing began in which a moment lies.
pub fn start_of_day(at: Millis) -> Millis {
    const HOUR: Millis = 3_600_000;
    at - (at + 8 * HOUR).rem_euclid(24 * HOUR)
}

/// The last millisecond of a Beijing day: "as it stood on date D" includes the whole day.
pub fn end_of_day(date: Date) -> Millis {
    let next = date.next_day().unwrap_or(date).midnight().assume_offset(BEIJING);
    next.unix_timestamp() * 1_000 - 1
}

/// Parses "2026-11-22".
pub fn parse_date(text: &str) -> Option<Date> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    Date::parse(text, format).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beijing_day_ends_before_the_next_begins() {
        let date = parse_date("2026-11-22").unwrap();
        assert_eq!(beijing(end_of_day(date)).date(), date);
        assert_eq!(beijing(end_of_day(date) + 1).date(), date.next_day().unwrap());
        assert_eq!(date_text(end_of_day(date)), "2026年11月22日");
        let begins = start_of_day(end_of_day(date));
        assert_eq!((start_of_day(begins), time_text(begins)), (begins, "2026年11月22日 00:00".to_owned()));
    }
}
