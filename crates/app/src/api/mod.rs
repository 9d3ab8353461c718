//! The open JSON interface under `/api/v1`, its OpenAPI description, and open data downloads (N24).

/// The routes of this feature.
pub fn routes() -> Vec<crate::web::Route> {
    Vec::new()
}
