//! Figures for Prometheus and one line in the log for each request. Neither knows who asked for what:
//! routes are named by their template, never by the address that was typed.

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use daylight_app::web::App;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::{Duration, Instant};

/// Seconds; the cache answers below the first, a limit ends what passes the last.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0];

/// What was counted since the start.
#[derive(Clone)]
pub struct Figures(PrometheusHandle);

impl Figures {
    /// Starts counting for the whole process.
    pub fn start() -> Figures {
        let matcher = Matcher::Suffix("_seconds".to_owned());
        let builder = PrometheusBuilder::new().set_buckets_for_metric(matcher, &BUCKETS);
        let recorder = builder.expect("the buckets are not empty").build_recorder();
        let handle = recorder.handle();
        // A second start in one process keeps the first recorder.
        drop(metrics::set_global_recorder(recorder));
        describe();
        Figures(handle)
    }

    /// Folds what was measured, so that memory does not grow between two readings.
    pub async fn keep_small(self) {
        let mut every = tokio::time::interval(Duration::from_secs(5));
        loop {
            every.tick().await;
            self.0.run_upkeep();
        }
    }

    /// The text that Prometheus reads.
    pub async fn render(&self, app: &App) -> String {
        let counts = app.cache.counts();
        for (what, count) in [
            ("hit", counts.hits),
            ("miss", counts.misses),
            ("coalesced", counts.coalesced),
            ("evicted", counts.evictions),
        ] {
            metrics::counter!("daylight_page_cache_total", "what" => what).absolute(count);
        }
        metrics::gauge!("daylight_page_cache_bytes").set(counts.bytes as f64);
        let now = app.clock.now();
        if let Ok(due) = daylight_queue::due_count(app.db.read(), now).await {
            metrics::gauge!("daylight_jobs_due").set(due as f64);
        }
        if let Ok(failed) = daylight_queue::failed_count(app.db.read()).await {
            metrics::gauge!("daylight_jobs_failed").set(failed as f64);
        }
        if let Some(resident) = resident() {
            metrics::gauge!("process_resident_memory_bytes").set(resident as f64);
        }
        self.0.render()
    }
}

fn describe() {
    metrics::describe_counter!(
        "daylight_http_requests_total",
        "Answers by route template, method and class of status."
    );
    metrics::describe_histogram!("daylight_http_request_seconds", "Time to the head of the answer.");
    metrics::describe_gauge!("daylight_http_in_flight", "Requests being answered.");
    metrics::describe_counter!(
        "daylight_http_refused_total",
        "Requests and connections turned away, by reason."
    );
    metrics::describe_counter!("daylight_page_cache_total", "What the page cache did.");
    metrics::describe_gauge!("daylight_page_cache_bytes", "Bytes of pages held.");
    metrics::describe_counter!("daylight_db_errors_total", "Pages that failed for the database.");
    metrics::describe_gauge!("daylight_jobs_due", "Jobs that are due.");
    metrics::describe_gauge!("daylight_jobs_failed", "Jobs that gave up.");
    // Present from the start, so that an alarm on their growth sees the first one.
    metrics::counter!("daylight_db_errors_total").absolute(0);
    for reason in ["connections", "requests", "time"] {
        metrics::counter!("daylight_http_refused_total", "reason" => reason).absolute(0);
    }
}

/// Memory of this process, where Linux says so.
fn resident() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// Counts and logs a request.
pub async fn observe(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = method(request.method());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "(none)".to_owned());
    let in_flight = InFlight::begin();
    let response = next.run(request).await;
    drop(in_flight);
    let (took, status) = (start.elapsed(), response.status().as_u16());
    let class = ["1xx", "2xx", "3xx", "4xx", "5xx"][usize::from(status / 100).clamp(1, 5) - 1];
    metrics::counter!("daylight_http_requests_total", "method" => method, "route" => route.clone(), "status" => class)
        .increment(1);
    metrics::histogram!("daylight_http_request_seconds", "route" => route.clone()).record(took);
    if is_logged(&route) {
        let ms = (took.as_secs_f64() * 10_000.0).round() / 10.0;
        tracing::info!(method, route, status, ms, "request");
    }
    response
}

/// Whether a request is written down. Health is asked every few seconds by a machine; nobody reads that. Who stood behind
/// somebody's phone at 9:41:07 must not find the report of that second: of reporting there are figures, never lines.
fn is_logged(route: &str) -> bool {
    const SILENT: [&str; 5] = ["/healthz", "/readyz", "/metrics", "/reports", "/api/v1/reports"];
    let rest = |silent: &&str| route.strip_prefix(*silent);
    !SILENT.iter().filter_map(rest).any(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Methods are few; what a client invents must not make a new figure each time.
fn method(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// One request being answered; also when its client goes away half-way.
struct InFlight;

impl InFlight {
    fn begin() -> InFlight {
        metrics::gauge!("daylight_http_in_flight").increment(1);
        InFlight
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        metrics::gauge!("daylight_http_in_flight").decrement(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_reporting_is_written_down() {
        for silent in
            ["/reports/new", "/reports/new/check", "/reports/evidence/{file}/chunk", "/reports/status"]
        {
            assert!(!is_logged(silent), "{silent}");
        }
        for silent in ["/api/v1/reports", "/api/v1/reports/status", "/healthz", "/metrics"] {
            assert!(!is_logged(silent), "{silent}");
        }
        for loud in ["/", "(none)", "/units/{id}", "/office/cases/{id}", "/api/v1/units", "/reportsx"] {
            assert!(is_logged(loud), "{loud}");
        }
    }

    /// Whatever reporting will have for routes: each is silent, and what is silent is little else.
    #[test]
    fn every_route_of_reporting_is_silent() {
        let routes = daylight_app::routes();
        let of_reporting = |path: &str| path.starts_with("/reports") || path.starts_with("/api/v1/reports");
        let loud: Vec<_> = routes
            .iter()
            .filter(|route| of_reporting(route.path) && is_logged(route.path))
            .map(|route| route.path)
            .collect();
        assert!(loud.is_empty(), "{loud:?}");
        assert!(routes.iter().filter(|route| of_reporting(route.path)).count() > 10);
    }
}
