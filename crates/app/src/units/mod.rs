//! Supervised units: the county's departments, townships, villages, schools, hospitals, companies.

pub(crate) mod edit;
pub mod store;
mod unit;

pub use unit::{Category, Missing, Unit};

/// The routes of this feature.
pub fn routes() -> Vec<crate::web::Route> {
    Vec::new()
}
