//! Structured logs on standard error: JSON for machines, short lines for people. Nothing personal.

use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging. `filter` is `tracing`'s own language: `info,daylight_app=debug`.
pub fn start(filter: Option<&str>, otherwise: &str) {
    let filter = filter.unwrap_or(otherwise);
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new(otherwise));
    let registry = tracing_subscriber::registry().with(filter);
    if std::io::stderr().is_terminal() {
        drop(registry.with(fmt::layer().compact().with_writer(std::io::stderr)).try_init());
    } else {
        let layer = fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
        drop(registry.with(layer.with_writer(std::io::stderr)).try_init());
    }
    // A panic's message may hold what somebody typed; its place is enough to find the fault.
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(at, "panic");
        if let Some(message) = panic.payload_as_str() {
            tracing::debug!(at, message, "panic");
        }
    }));
}
