//! Discipline organs: their tree and jurisdiction.
//!
//! Everybody may see who supervises what; the system administrator keeps it. An organ's host unit is
//! where it sits, its jurisdiction is what it watches: a township's organ watches the villages, and
//! is not watched by itself.

mod edit;
mod list;
mod organ;
mod public;
pub mod store;

pub use organ::{Kind, Misplaced, fits_under};

use crate::{
    authz::Action,
    web::{Access, Route, get, post},
};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    let staff = Access::Staff(Action::ManageRegistry);
    vec![
        get("/organs", Access::Public, public::page),
        get("/office/organs", staff, list::page),
        post("/office/organs", staff, edit::create),
        get("/office/organs/new", staff, edit::new),
        get("/office/organs/{id}", staff, edit::form),
        post("/office/organs/{id}", staff, edit::submit),
        post("/office/organs/{id}/units", staff, edit::add_units),
        post("/office/organs/{id}/units/end", staff, edit::end_unit),
    ]
}
