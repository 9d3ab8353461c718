//! Listed powers of units, with procedure, bases, risks (capabilities A6-A12).

pub(crate) mod edit;
mod power;
pub mod store;

pub use power::{Basis, Disclosure, Kind, Level, Next, Part, Power, Risk, StageType, Step, step_number};

/// The routes of this feature.
pub fn routes() -> Vec<crate::web::Route> {
    Vec::new()
}
