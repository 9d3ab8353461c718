//! Figures over everything public, each with its definition (capability F5).

/// The routes of this feature.
pub fn routes() -> Vec<crate::web::Route> {
    Vec::new()
}
