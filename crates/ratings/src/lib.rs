//! What citizens think, fairly counted; and the dossier that follows a cadre. Pure: no database, no network, no clock,
//! no randomness of its own.
//!
//! * [`indicators`]: what is asked, of whom, in which words.
//! * [`round`]: from when to when, about whom; what may follow what.
//! * [`ballot`]: one voice for each person, subject and round, which nobody can tie to a person; paper codes.
//! * [`count`]: the roll-ups and the recount that must equal them.
//! * [`release`]: what may be shown, and when, so that a page tells nothing about a ballot.
//! * [`score`]: the figure, its interval and its arithmetic.
//! * [`radar`]: signs of manipulation, the two people who decide, what the public reads.
//! * [`dossier`]: entries by status, three views, opinions, transfer.
//!
//! `docs/adr/0014-ratings.md` has the formulas, their sources and the bounds.

pub mod ballot;
pub mod code;
pub mod count;
pub mod dossier;
pub mod indicators;
mod keyed;
mod numbers;
pub mod radar;
pub mod release;
pub mod round;
pub mod score;

/// Milliseconds since 1970 UTC.
pub type Millis = i64;

/// A day in Beijing, counted from 1 January 1970.
pub type Day = i64;

/// Milliseconds of a day.
pub const DAY: Millis = 86_400_000;

/// How far Beijing's clock is ahead of UTC.
const BEIJING: Millis = 8 * 3_600_000;

/// The day in Beijing on which an instant lies.
#[must_use]
pub fn day_of(at: Millis) -> Day {
    (at + BEIJING).div_euclid(DAY)
}

/// The first instant of a day in Beijing.
#[must_use]
pub fn start_of(day: Day) -> Millis {
    day * DAY - BEIJING
}
