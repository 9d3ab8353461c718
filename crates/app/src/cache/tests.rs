//! The cache before a small site.

use super::*;
use axum::{
    Router,
    body::{Body, Bytes},
    http::Method,
    middleware::from_fn_with_state,
    response::Html,
    routing::get,
};
use page::OVERHEAD;
use std::io::Read;
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// A small site whose pages say which rendering they are and what their handler saw.
#[derive(Clone)]
struct Site {
    router: Router,
    cache: PageCache,
    rendered: Arc<AtomicU64>,
    /// `/slow` reports here that it has read its data, and waits for a permit to go on.
    reading: Arc<Semaphore>,
    go_on: Arc<Semaphore>,
}

impl Site {
    fn new() -> Site {
        Site::with(TTL, CAPACITY)
    }

    fn with(ttl: Duration, capacity: usize) -> Site {
        let cache = PageCache::new(ttl, capacity, &["page", "q"]);
        let rendered = Arc::new(AtomicU64::new(0));
        let (reading, go_on) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let count = rendered.clone();
        let page = move |request: Request| {
            let number = count.fetch_add(1, SeqCst) + 1;
            async move { Html(format!("{number} {} {:?}", request.uri(), request.headers())) }
        };
        let (count, read, gate) = (rendered.clone(), reading.clone(), go_on.clone());
        let slow = move |request: Request| async move {
            let number = count.fetch_add(1, SeqCst) + 1;
            read.add_permits(1);
            gate.acquire().await.unwrap().forget();
            assert_ne!(request.uri().path(), "/slow/panic", "a bug");
            (
                [(
                    header::CACHE_CONTROL,
                    if request.uri().path() == "/slow/own" { "private" } else { "public" },
                )],
                format!("{number}"),
            )
        };
        let marked =
            |name: HeaderName, value: &'static str| get(move || async move { ([(name, value)], "x") });
        let router = Router::new()
            .route("/list", get(page.clone()).post(page.clone()))
            .route("/units/{id}", get(page))
            .route("/slow", get(slow.clone()))
            .route("/slow/{how}", get(slow))
            .route("/long", get(|| async { Html("阳光监督 ".repeat(8_000)) }))
            .route("/picture", get(|| async { ([(header::CONTENT_TYPE, "image/png")], vec![7; 9_000]) }))
            .route("/huge", get(|| async { vec![7; LARGEST_BODY as usize + 1] }))
            .route("/own", marked(header::CACHE_CONTROL, "no-store"))
            .route("/cookie", marked(header::SET_COOKIE, "a=b"))
            .route("/private", marked(header::CACHE_CONTROL, "private"))
            .route("/encoded", marked(header::CONTENT_ENCODING, "br"))
            .layer(from_fn_with_state(cache.clone(), serve));
        Site { router, cache, rendered, reading, go_on }
    }

    async fn send(&self, method: Method, uri: &str, headers: &[(HeaderName, &str)]) -> Response {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn text(&self, uri: &str, headers: &[(HeaderName, &str)]) -> String {
        text(self.send(Method::GET, uri, headers).await).await
    }

    /// Starts a request and returns once it can go no further by itself.
    async fn start(&self, uri: &'static str) -> tokio::task::JoinHandle<String> {
        let site = self.clone();
        let request = tokio::spawn(async move { site.text(uri, &[]).await });
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        request
    }
}

async fn bytes(response: Response) -> Bytes {
    to_bytes(response.into_body(), usize::MAX).await.unwrap()
}

async fn text(response: Response) -> String {
    String::from_utf8(bytes(response).await.to_vec()).unwrap()
}

fn header_of(response: &Response, name: HeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_page_is_rendered_once_until_its_time_is_over() {
    let site = Site::new();
    let first = site.text("/list", &[]).await;
    tokio::time::advance(TTL - Duration::from_millis(1)).await;
    assert_eq!(site.text("/list", &[]).await, first);
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_ne!(site.text("/list", &[]).await, first);
    let counts = site.cache.counts();
    assert_eq!((counts.hits, counts.misses, counts.coalesced, counts.evictions), (1, 2, 0, 0));
    assert!(counts.bytes > OVERHEAD as u64);
}

#[tokio::test]
async fn unknown_fields_and_their_order_make_no_new_page() {
    let site = Site::new();
    let plain = site.text("/list", &[]).await;
    for same in ["/list?", "/list?from=wechat", "/list?%70age=2", "/list?a&b=&=page"] {
        assert_eq!(site.text(same, &[]).await, plain, "{same}");
    }
    let second = site.text("/list?utm=1&q=%E5%85%AC&page=2", &[]).await;
    assert!(second.contains(" /list?page=2&q=%E5%85%AC "), "the handler sees the key alone: {second}");
    assert_eq!(site.text("/list?page=2&q=%E5%85%AC", &[]).await, second);
    assert_ne!(site.text("/list?page=2&page=3&q=%E5%85%AC", &[]).await, second);
    assert_eq!(site.rendered.load(SeqCst), 3);
    assert_ne!(site.text("/units/1", &[]).await, site.text("/units/2", &[]).await);
}

#[tokio::test]
async fn no_header_reaches_a_page_that_others_will_see() {
    let site = Site::new();
    let theirs = [(header::HOST, "evil.example"), (header::COOKIE, "a=b"), (header::ACCEPT_LANGUAGE, "en")];
    let page = site.text("http://evil.example/list", &theirs).await;
    assert_eq!(page, "1 /list {}");
}

#[tokio::test]
async fn elder_mode_has_its_own_pages() {
    let site = Site::new();
    let normal = site.text("/list", &[(header::COOKIE, "elder=0")]).await;
    let elder = site.text("/list", &[(header::COOKIE, "a=b; elder=1")]).await;
    assert!(elder.contains("elder=1") && !normal.contains("elder"));
    assert_eq!(site.text("/list", &[(header::COOKIE, "elder=1")]).await, elder);
    assert_eq!(site.text("/list", &[]).await, normal);
    let response = site.send(Method::GET, "/list", &[]).await;
    assert_eq!(header_of(&response, header::VARY), "accept-encoding, cookie");
    assert_eq!(header_of(&response, header::CACHE_CONTROL), "public, no-cache");
}

#[tokio::test]
async fn nobody_gets_past_the_cache_by_an_invented_session() {
    let site = Site::new();
    let public = site.text("/list", &[]).await;
    for mine in [(header::COOKIE, "daylight_session=x"), (header::AUTHORIZATION, "Bearer x")] {
        assert_eq!(site.text("/list?seen=all", &[mine]).await, public);
    }
    assert_eq!((site.cache.counts().hits, site.cache.counts().misses), (2, 1));
}

#[tokio::test]
async fn changes_are_left_alone_and_endless_addresses_refused() {
    let site = Site::new();
    let first = site.send(Method::POST, "/list", &[(header::HOST, "here")]).await;
    assert_eq!(header_of(&first, header::ETAG), "");
    let first = text(first).await;
    assert!(first.contains("host"), "{first}");
    assert_ne!(site.text("/list", &[(header::HOST, "here")]).await, first);
    let long = "1".repeat(9_000);
    let refused = site.send(Method::GET, &format!("/list?page={long}"), &[]).await;
    assert_eq!(refused.status(), StatusCode::URI_TOO_LONG);
    let unknown = site.send(Method::GET, &format!("/list?from={long}"), &[]).await;
    assert_eq!(unknown.status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn what_is_in_memory_is_ready_before_any_route_in_the_form_asked_for() {
    let site = Site::new();
    let ask = |encoding: &str| {
        Request::get("/long").header(header::ACCEPT_ENCODING, encoding).body(Body::empty()).unwrap()
    };
    assert!(site.cache.ready(&ask("")).is_none());
    let gzip = bytes(site.send(Method::GET, "/long", &[(header::ACCEPT_ENCODING, "gzip")]).await).await;
    assert!(site.cache.ready(&ask("br")).is_none(), "that form was not made yet");
    let ready = site.cache.ready(&ask("gzip")).unwrap();
    assert_eq!(bytes(ready).await, gzip);
    assert!(site.cache.ready(&ask("")).is_some());
    assert!(site.cache.ready(&Request::post("/long").body(()).unwrap()).is_none());
    assert_eq!(site.cache.counts().hits, 2);
    site.cache.purge();
    assert!(site.cache.ready(&ask("gzip")).is_none());
}

#[tokio::test]
async fn only_good_small_public_answers_are_kept() {
    let site = Site::new();
    for path in ["/own", "/cookie", "/private", "/encoded", "/huge", "/nowhere"] {
        for _ in 0..2 {
            let response = site.send(Method::GET, path, &[(header::ACCEPT_ENCODING, "gzip")]).await;
            assert!(!response.headers().contains_key(header::ETAG), "{path}");
        }
        assert_eq!((site.cache.counts().hits, site.cache.counts().bytes), (0, 0), "{path}");
    }
    let response = site.send(Method::GET, "/own", &[]).await;
    assert_eq!(header_of(&response, header::CACHE_CONTROL), "no-store");
    let response = site.send(Method::GET, "/cookie", &[]).await;
    assert_eq!(header_of(&response, header::CACHE_CONTROL), "private, no-cache");
    let response = site.send(Method::GET, "/encoded", &[]).await;
    assert_eq!(header_of(&response, header::CONTENT_ENCODING), "br");
    assert_eq!(text(response).await, "x");
}

#[tokio::test]
async fn each_encoding_is_the_same_page_under_its_own_tag() {
    let site = Site::new();
    let whole = bytes(site.send(Method::GET, "/long", &[]).await).await;
    let mut tags = Vec::new();
    for (accept, name) in [("", ""), ("gzip", "gzip"), ("gzip, deflate, br, zstd", "br")] {
        for _ in 0..2 {
            let response = site.send(Method::GET, "/long", &[(header::ACCEPT_ENCODING, accept)]).await;
            assert_eq!(header_of(&response, header::CONTENT_ENCODING), name);
            let tag = header_of(&response, header::ETAG).to_owned();
            let length: usize = header_of(&response, header::CONTENT_LENGTH).parse().unwrap();
            let body = bytes(response).await;
            assert_eq!(body.len(), length);
            let mut decoded = Vec::new();
            match name {
                "gzip" => {
                    flate2::read::GzDecoder::new(&*body).read_to_end(&mut decoded).unwrap();
                }
                "br" => brotli::BrotliDecompress(&mut &*body, &mut decoded).unwrap(),
                _ => decoded = body.to_vec(),
            }
            assert!(decoded == whole);
            tags.push(tag);
        }
    }
    tags.dedup();
    assert_eq!(tags.len(), 3, "{tags:?}");
    assert!(tags[1].ends_with("-gzip\"") && tags[2].ends_with("-br\"") && tags[0].starts_with('"'));
    let picture = site.send(Method::GET, "/picture", &[(header::ACCEPT_ENCODING, "br")]).await;
    assert_eq!(header_of(&picture, header::CONTENT_ENCODING), "", "a picture is not made smaller");
}

#[tokio::test(start_paused = true)]
async fn who_has_the_page_is_told_so_also_after_it_was_rendered_again() {
    let site = Site::new();
    let gzip = (header::ACCEPT_ENCODING, "gzip");
    let first = site.send(Method::GET, "/long", std::slice::from_ref(&gzip)).await;
    let tag = header_of(&first, header::ETAG).to_owned();
    tokio::time::advance(TTL).await;
    let listed = format!("\"other\", W/{tag}");
    for has in [tag.as_str(), &listed, "*"] {
        let response = site.send(Method::GET, "/long", &[gzip.clone(), (header::IF_NONE_MATCH, has)]).await;
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(header_of(&response, header::ETAG), tag);
        assert_eq!(header_of(&response, header::VARY), "accept-encoding, cookie");
        assert!(bytes(response).await.is_empty());
    }
    let whole = site.send(Method::GET, "/long", &[(header::IF_NONE_MATCH, &tag)]).await;
    assert_eq!(whole.status(), StatusCode::OK, "the tag of another encoding");
}

#[tokio::test]
async fn head_is_answered_from_the_page() {
    let site = Site::new();
    let head = site.send(Method::HEAD, "/long", &[]).await;
    let page = site.send(Method::GET, "/long", &[]).await;
    assert_eq!(head.headers(), page.headers());
    assert!(bytes(head).await.is_empty());
    assert_eq!(header_of(&page, header::CONTENT_LENGTH).parse(), Ok(bytes(page).await.len()));
    let own = site.send(Method::HEAD, "/own", &[]).await;
    assert_eq!(header_of(&own, header::CONTENT_LENGTH), "1");
    assert!(bytes(own).await.is_empty());
    assert_eq!((site.cache.counts().hits, site.cache.counts().misses), (1, 2));
}

#[tokio::test]
async fn those_who_ask_at_once_get_one_rendering() {
    let site = Site::new();
    let mut readers = Vec::new();
    for _ in 0..9 {
        readers.push(site.start("/slow").await);
    }
    // The first reader goes away; the page is rendered to its end for the others.
    readers.remove(0).abort();
    site.go_on.add_permits(1);
    for reader in readers {
        assert_eq!(reader.await.unwrap(), "1");
    }
    let counts = site.cache.counts();
    assert_eq!((counts.misses, counts.coalesced), (1, 8));
    assert_eq!(site.text("/slow", &[]).await, "1");
}

#[tokio::test]
async fn nobody_hangs_when_the_first_panics_or_gets_an_answer_of_its_own() {
    for path in ["/slow/panic", "/slow/own"] {
        let site = Site::new();
        let readers = [site.start(path).await, site.start(path).await, site.start(path).await];
        site.go_on.add_permits(3);
        let mut answers = Vec::new();
        for reader in readers {
            answers.extend(reader.await.ok());
        }
        answers.sort_unstable();
        let expected: &[&str] = if path == "/slow/own" { &["1", "2", "3"] } else { &[] };
        assert_eq!(answers, expected);
        assert!(site.cache.0.shards.iter().all(|shard| shard.flights.lock().unwrap().is_empty()));
    }
}

#[tokio::test]
async fn what_was_read_before_a_purge_is_never_shown_after_it() {
    let site = Site::new();
    let before = site.start("/slow").await;
    site.reading.acquire().await.unwrap().forget(); // it has read the data
    site.cache.purge(); // the data changes
    let after = site.start("/slow").await;
    assert_eq!(site.cache.counts().misses, 2, "it does not wait for the old page");
    site.reading.acquire().await.unwrap().forget();
    site.go_on.add_permits(1); // the old page lands first
    assert_eq!(before.await.unwrap(), "1");
    assert_eq!(site.cache.counts().bytes, 0, "and is not kept");
    let with_it = site.start("/slow").await;
    assert_eq!((site.cache.counts().misses, site.cache.counts().coalesced), (2, 1));
    site.go_on.add_permits(1);
    assert_eq!(after.await.unwrap(), "2");
    assert_eq!(with_it.await.unwrap(), "2");
    assert_eq!(site.text("/slow", &[]).await, "2");
    site.cache.purge();
    site.go_on.add_permits(1);
    assert_eq!(site.text("/slow", &[]).await, "3");
}

#[tokio::test(start_paused = true)]
async fn memory_is_bounded_and_what_is_used_stays() {
    let capacity = 2 << 20;
    let site = Site::with(TTL * 100, capacity);
    let busy = site.text("/units/busy", &[]).await;
    for number in 0..3_000 {
        tokio::time::advance(Duration::from_millis(1)).await;
        site.text(&format!("/units/{number}"), &[]).await;
        assert!(site.cache.counts().bytes <= capacity as u64);
        assert_eq!(site.text("/units/busy", &[]).await, busy);
    }
    let counts = site.cache.counts();
    assert!(counts.evictions > 2_000 && counts.bytes > capacity as u64 / 2, "{counts:?}");
    let weigh = |page: &Arc<Page>| page.weight.load(Relaxed);
    let kept = |shard: &Shard| shard.pages.read().unwrap().values().map(weigh).sum::<usize>();
    let kept: usize = site.cache.0.shards.iter().map(kept).sum();
    assert_eq!(kept as u64, counts.bytes);
    assert_ne!(site.text("/units/0", &[]).await, "2 /units/0 {}", "used longest ago");
}

#[tokio::test]
async fn an_encoding_made_later_is_counted() {
    let site = Site::new();
    site.text("/long", &[]).await;
    let before = site.cache.counts().bytes;
    let gzip = bytes(site.send(Method::GET, "/long", &[(header::ACCEPT_ENCODING, "gzip")]).await).await;
    let expected = before + (gzip.len() + OVERHEAD / 2) as u64;
    assert_eq!(site.cache.counts().bytes, expected);
}
