//! Bounds on one request: its time, the pace of its body, how many there are at once.

use super::pace::{Pace, Paced};
use axum::{
    Router,
    body::{Body, HttpBody, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use daylight_app::web::Route;
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use tower_http::{catch_panic::CatchPanicLayer, timeout::RequestBodyTimeoutLayer};

/// A page or a form.
const WITHIN: Duration = Duration::from_secs(30);
/// A whole file over a village's line: 300 MB at 1.3 Mbit/s.
const UPLOAD_WITHIN: Duration = Duration::from_secs(30 * 60);
/// Between two pieces of a body.
const BODY_PACE: Duration = Duration::from_secs(10);
/// A body up to this size is read before its request takes a place: most forms.
const SMALL: usize = 64 << 10;
/// All of a small body.
const SMALL_WITHIN: Duration = Duration::from_secs(10);

/// A body up to this size is read before its request takes a place as well, at the pace of a village's line, while others
/// send theirs: a chunk of evidence, which is a third larger in base64.
const CHUNK: usize = 768 << 10;
/// A chunk over GPRS comes at 2 KB a second and more.
const CHUNK_PACE: Pace = Pace { rate: 1 << 10, patience: Duration::from_secs(30) };
/// What is larger holds a place as long as it comes.
const LARGE_PACE: Pace = Pace { rate: 8 << 10, patience: Duration::from_secs(30) };

/// How long a request may take: most, and those that bring whole files.
struct Times {
    most: Duration,
    uploads: HashSet<(Method, &'static str)>,
}

/// Puts the bounds around the product.
pub fn around(product: Router, routes: &[Route], at_once: usize) -> Router {
    let uploads = routes.iter().filter(|route| route.upload).map(|route| (route.method.clone(), route.path));
    bounded(product, Times { most: WITHIN, uploads: uploads.collect() }, at_once)
}

fn bounded(product: Router, times: Times, at_once: usize) -> Router {
    let places = Arc::new(Places {
        pages: Semaphore::new(at_once),
        changes: Semaphore::new(at_once),
        large: Semaphore::new(at_once.div_ceil(4)),
        arriving: Semaphore::new(at_once.saturating_mul(2)),
        small_within: times.most.min(SMALL_WITHIN),
        chunk_pace: Pace { patience: times.most.min(CHUNK_PACE.patience), ..CHUNK_PACE },
    });
    product
        .layer(RequestBodyTimeoutLayer::new(BODY_PACE))
        .layer(middleware::from_fn_with_state(Arc::new(times), in_time))
        .layer(middleware::from_fn_with_state(places, in_turn))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            say(StatusCode::INTERNAL_SERVER_ERROR, "程序出错了，请稍后再试。\n", None)
        }))
}

/// Ends what takes too long.
async fn in_time(State(times): State<Arc<Times>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    let upload =
        times.uploads.iter().any(|(method, template)| method == request.method() && *template == path);
    let within = if upload { UPLOAD_WITHIN } else { times.most };
    match tokio::time::timeout(within, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            metrics::counter!("daylight_http_refused_total", "reason" => "time").increment(1);
            say(StatusCode::SERVICE_UNAVAILABLE, "处理超时，没有完成。请稍后再试。\n", Some("10"))
        }
    }
}

/// Places of requests under way. However slowly an enemy sends bodies, pages are read and forms taken: a
/// form has its place once it is here, and what is larger waits in places of its own.
struct Places {
    pages: Semaphore,
    changes: Semaphore,
    large: Semaphore,
    /// Chunks that are being read: they take memory, and no place of anybody's yet.
    arriving: Semaphore,
    small_within: Duration,
    chunk_pace: Pace,
}

/// Turns away what would only make everybody wait.
async fn in_turn(State(places): State<Arc<Places>>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let (place, request) = if reads {
        (&places.pages, request)
    } else if is_at_most(&request, SMALL) {
        match tokio::time::timeout(places.small_within, read(request, SMALL)).await {
            Ok(Ok(request)) => (&places.changes, request),
            Ok(Err(_)) => return StatusCode::BAD_REQUEST.into_response(),
            Err(_) => return too_slow(),
        }
    } else if is_at_most(&request, CHUNK) {
        let Ok(_arriving) = places.arriving.try_acquire() else { return too_many() };
        match read(paced(request, places.chunk_pace), CHUNK).await {
            Ok(request) => (&places.changes, request),
            Err(_) => return too_slow(),
        }
    } else {
        (&places.large, paced(request, LARGE_PACE))
    };
    let Ok(_place) = place.try_acquire() else { return too_many() };
    next.run(request).await
}

fn too_many() -> Response {
    metrics::counter!("daylight_http_refused_total", "reason" => "requests").increment(1);
    say(StatusCode::SERVICE_UNAVAILABLE, "现在访问的人太多，请稍等片刻再试。\n", Some("2"))
}

fn too_slow() -> Response {
    say(StatusCode::REQUEST_TIMEOUT, "网络太慢，没有收全。请再试一次。\n", None)
}

fn is_at_most(request: &Request, most: usize) -> bool {
    request.body().size_hint().exact().is_some_and(|bytes| bytes <= most as u64)
}

fn paced(request: Request, pace: Pace) -> Request {
    request.map(|body| Body::new(Paced::new(body, pace)))
}

/// The request with its body in memory.
async fn read(request: Request, most: usize) -> Result<Request, axum::Error> {
    let (head, body) = request.into_parts();
    Ok(Request::from_parts(head, Body::from(to_bytes(body, most).await?)))
}

fn say(status: StatusCode, text: &'static str, retry: Option<&'static str>) -> Response {
    let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    let mut response = (status, plain, text).into_response();
    if let Some(seconds) = retry {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, routing::get};
    use std::future::Future;
    use tower::ServiceExt;

    async fn ask(router: &Router, path: &str) -> Response {
        router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
    }

    fn bounded_by(product: Router, milliseconds: u64, at_once: usize) -> Router {
        let times = Times { most: Duration::from_millis(milliseconds), uploads: HashSet::new() };
        bounded(product, times, at_once)
    }

    #[tokio::test]
    async fn a_handler_that_hangs_is_ended_and_one_that_panics_is_caught() {
        let hangs = || std::future::pending::<()>();
        let panics = || async {
            if true {
                panic!("a fault")
            }
        };
        let product = Router::new().route("/hangs", get(hangs)).route("/panics", get(panics));
        let router = bounded_by(product, 20, 8);
        assert_eq!(ask(&router, "/hangs").await.status(), 503);
        assert_eq!(ask(&router, "/panics").await.status(), 500);
    }

    #[tokio::test]
    async fn bodies_that_never_end_leave_the_pages_readable() {
        let reads = |body: String| async move { body };
        let product =
            Router::new().route("/form", axum::routing::post(reads)).route("/page", get(|| async {}));
        let router = bounded_by(product, 30_000, 1);
        let endless =
            || Body::from_stream(futures_util::stream::pending::<Result<&'static str, std::io::Error>>());
        let mut under_way = Vec::new();
        let says = |bytes| Body::new(Sized(endless(), bytes));
        for body in [endless(), says(1_000), says(1_000), says(200_000)] {
            let mut slow = Box::pin(router.clone().oneshot(Request::post("/form").body(body).unwrap()));
            let waiting = std::future::poll_fn(|context| {
                std::task::Poll::Ready(slow.as_mut().poll(context).is_pending())
            });
            assert!(waiting.await, "it waits for its body");
            under_way.push(slow);
        }
        assert_eq!(ask(&router, "/page").await.status(), 200);
        let form = Request::post("/form").body(Body::from("on=1")).unwrap();
        assert_eq!(router.clone().oneshot(form).await.unwrap().status(), 200, "a form that is here is taken");
        let large = router.clone().oneshot(Request::post("/form").body(endless()).unwrap()).await.unwrap();
        assert_eq!(large.status(), 503, "large bodies have places of their own");
        let chunk = Request::post("/form").body(Body::from(vec![b'x'; 500_000])).unwrap();
        assert_eq!(router.clone().oneshot(chunk).await.unwrap().status(), 200, "and chunks as well");
    }

    #[tokio::test]
    async fn a_small_body_is_all_here_in_time_or_turned_away() {
        let reads = |body: String| async move { body };
        let router = bounded_by(Router::new().route("/form", axum::routing::post(reads)), 20, 1);
        let endless =
            Body::from_stream(futures_util::stream::pending::<Result<&'static str, std::io::Error>>());
        let slow = Request::post("/form").body(Body::new(Sized(endless, 1_000))).unwrap();
        assert_eq!(router.clone().oneshot(slow).await.unwrap().status(), 408);
        let endless =
            Body::from_stream(futures_util::stream::pending::<Result<&'static str, std::io::Error>>());
        let chunk = Request::post("/form").body(Body::new(Sized(endless, 200_000))).unwrap();
        assert_eq!(router.oneshot(chunk).await.unwrap().status(), 408, "nor does a chunk that does not come");
    }

    /// A body that says how large it is.
    struct Sized(Body, u64);

    impl HttpBody for Sized {
        type Data = axum::body::Bytes;
        type Error = axum::Error;

        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            context: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
            std::pin::Pin::new(&mut self.0).poll_frame(context)
        }

        fn size_hint(&self) -> hyper::body::SizeHint {
            hyper::body::SizeHint::with_exact(self.1)
        }
    }

    #[tokio::test]
    async fn more_requests_than_places_are_turned_away_and_the_places_come_back() {
        let slow = || tokio::time::sleep(Duration::from_millis(50));
        let router = bounded_by(Router::new().route("/slow", get(slow)), 30_000, 2);
        let (a, b, c) = tokio::join!(ask(&router, "/slow"), ask(&router, "/slow"), ask(&router, "/slow"));
        assert_eq!([a.status(), b.status(), c.status()], [200, 200, 503]);
        assert_eq!(ask(&router, "/slow").await.status(), 200);
    }
}
