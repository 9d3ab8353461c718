//! Stand-in while the real one is written.
use axum::{extract::Request, middleware::Next, response::Response};
/// Kept pages.
#[derive(Debug, Default)]
pub struct PageCache;
impl PageCache {
    /// Passes through.
    pub async fn serve(&self, request: Request, next: Next) -> Response {
        next.run(request).await
    }
    /// Forgets.
    pub fn purge(&self) {}
}
