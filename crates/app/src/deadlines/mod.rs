//! Deadlines: profiles as data, and due dates with the arithmetic that made them (capabilities D5, N11, N12).
//!
//! A rule of a profile is a clock between two moments of a case's life. Nothing here knows what a case is:
//! it gives the moments, this folder says when each clock ends, why, and who is reminded.

mod due;
mod profile;
mod reminder;
pub mod store;

pub use due::{Change, Due, Extension, Line, NoExtension, Pause, Run, add_months};
pub use profile::{Clock, Moment, Profile, Rule, Source, Stage, Term};
pub use reminder::{Reminder, Whom, reminders};
