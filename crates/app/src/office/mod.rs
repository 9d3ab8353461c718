//! The start page of staff: what waits for me.

mod start;

use crate::{
    authz::Action,
    web::{Access, Route, get},
};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    vec![get("/office", Access::Staff(Action::OpenOffice), start::page)]
}
