//! Figures over everything public, each with its definition (capability F5).

mod figures;
mod page;
pub mod store;

pub use figures::{DEFINITIONS, Definition, Figures, definition};

/// The routes of this feature.
pub fn routes() -> Vec<crate::web::Route> {
    vec![crate::web::get("/statistics", crate::web::Access::Public, page::page)]
}
