//! Counting: what a ballot changes in the roll-ups, and the recount that must find the same.
//!
//! All figures are whole numbers, so that a recount is equal, not near. The store adds ballots to [`Changes`], which puts
//! those of a whole commit together: one row is written for each subject, unit, division and day, however many of the 256
//! ballots fall on it.

mod changes;
mod tally;
#[cfg(test)]
mod tests;

pub use changes::{Act, Changes, Grain, Place, Row};
pub use tally::{Sums, Tally, TallyError};
