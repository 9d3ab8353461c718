//! Working days: which day counts towards a deadline, and how a deadline came about.

mod lacking;
mod page;
pub mod store;
mod working_days;

pub use lacking::{BEFORE, warning};
pub use working_days::{Answer, Calendar, CalendarError, Day, Kind, Loaded, Problem, Sum, parse};

use crate::{
    authz::Action,
    web::{Access, Route, get, post},
};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    vec![
        get("/office/calendar", Access::Staff(Action::ManageRegistry), page::page),
        post("/office/calendar", Access::Staff(Action::ManageRegistry), page::load),
    ]
}
