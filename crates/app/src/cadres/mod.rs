//! Cadres: people with public power, their posts and duties.

mod cadre;
pub(crate) mod edit;
pub mod store;

pub use cadre::{Appointment, Cadre};

/// The routes of this feature.
pub fn routes() -> Vec<crate::web::Route> {
    Vec::new()
}
