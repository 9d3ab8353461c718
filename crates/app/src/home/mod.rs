//! The portal's first page and what belongs to no noun: help, about, elder switch, assets.

pub mod store;

/// The routes of this feature.
pub fn routes() -> Vec<crate::web::Route> {
    Vec::new()
}
