//! Working days: which day counts towards a deadline, and how a deadline came about.

#[expect(clippy::module_inception, reason = "the feature's one noun is the calendar itself")]
mod calendar;

pub use calendar::{Answer, Calendar, CalendarError, Day, Kind, Loaded, MissingYear, Problem, Sum, parse};
