//! Figures over everything public, each with its definition (capability F5).

mod figures;
pub mod store;

pub use figures::{DEFINITIONS, Definition, Figures, definition};

/// The routes of this feature.
pub fn routes() -> Vec<crate::web::Route> {
    Vec::new()
}
