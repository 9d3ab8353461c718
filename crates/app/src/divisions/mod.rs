//! The administrative tree: where units sit, what the schematic map shows.

mod division;
pub mod store;

pub use division::{Division, DivisionCode, DivisionLevel, county_name, name_from_unit};

/// The routes of this feature.
pub fn routes() -> Vec<crate::web::Route> {
    Vec::new()
}
