//! The administrative tree: where units sit, what the schematic map shows.
//!
//! Public face: `/divisions` (the site's own division, or the roots) and `/divisions/{id}`.

mod division;
pub mod map;
mod show;
pub mod store;

pub use division::{Division, DivisionCode, DivisionLevel, county_name, name_from_unit};

use crate::web::{Access, Route, get};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    vec![get("/divisions", Access::Public, show::top), get("/divisions/{id}", Access::Public, show::one)]
}
