//! Discipline organs: their tree and jurisdiction.

/// The routes of this feature.
pub fn routes() -> Vec<crate::web::Route> {
    Vec::new()
}
