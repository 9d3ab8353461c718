//! Answering over HTTP/1.1: a listener that no client can hold up, limits, figures, request lines.

mod figures;
mod health;
mod limits;
mod listener;
mod pace;
mod stall;

pub use figures::Figures;
pub use listener::{bind, bind_forward, connection_limit, serve};

use daylight_app::web::App;
use std::net::SocketAddr;

/// Who is at the other end. Never logged.
#[derive(Clone, Copy, Debug)]
struct Peer(SocketAddr);

/// The product behind its limits, with health and figures beside it.
pub fn router(app: &App, figures: Figures, max_requests: usize, show_figures: bool) -> axum::Router {
    let product = limits::around(daylight_app::router(app), &daylight_app::routes(), max_requests);
    let open = show_figures && names_loopback(&app.config.base_url);
    health::routes(app, open.then(|| figures.clone()))
        .merge(product)
        .layer(axum::middleware::from_fn(figures::observe))
}

/// The figures alone, for an address of their own.
pub fn figures_router(app: &App, figures: Figures) -> axum::Router {
    health::figures_alone(app, figures)
}

/// An installation that citizens reach only on this machine has no proxy in front, so a peer's address is
/// the peer's own. Behind a proxy every peer looks local, and figures need an address of their own.
fn names_loopback(base_url: &str) -> bool {
    let host = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::names_loopback;

    #[test]
    fn only_an_address_on_this_machine_counts_as_local() {
        for local in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:80/x"] {
            assert!(names_loopback(local), "{local}");
        }
        for open in
            ["https://gov.example", "http://0.0.0.0:80", "http://10.0.0.1", "http://127.0.0.1.example"]
        {
            assert!(!names_loopback(open), "{open}");
        }
    }
}
