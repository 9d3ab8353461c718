//! Deadlines: profiles as data, and due dates with the arithmetic that made them (capabilities D5, N11, N12).
//!
//! A rule of a profile is a clock between two moments of a case's life. Nothing here knows what a case is:
//! it gives the moments, this folder says when each clock ends, why, and who is reminded.

mod due;
mod edit;
mod page;
mod profile;
mod reminder;
mod sentence;
pub mod store;

pub use due::{Change, Due, Extension, Line, NoExtension, Pause, Run, add_months};
pub use profile::{Clock, Moment, Profile, Rule, Source, Stage, Term};
pub use reminder::{Reminder, Whom, reminders};

use crate::{
    authz::Action,
    web::{Access, Route, get, post},
};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    let (see, set) = (Access::Staff(Action::SeeRules), Access::Staff(Action::SetRules));
    vec![
        get("/office/deadlines", see, page::list),
        get("/office/deadlines/{code}", see, page::page),
        get("/office/deadlines/{code}/edit", set, edit::form),
        post("/office/deadlines/{code}/edit", set, edit::submit),
    ]
}
