//! Page cache: whole answers to anonymous `GET` and `HEAD`, kept for a short time.
//!
//! **What a page may depend on:** its path, those query fields that the rule given to
//! [`PageCache::new`] names for the path, and elder mode. On a miss the page is rendered from a
//! request made of nothing else: other query fields, all headers (`Host` too) and all other cookies
//! are taken away before the handler sees them, so that no header and no oddly spelt field can put a
//! wrong page into the cache. A page that needs them (a form with a token, say) is not for the rule.
//!
//! **What is kept:** answers `200` with a body of known size up to 1 MiB, without `Set-Cookie`, not
//! encoded by the handler, and marked neither `x-cache: no` nor `Cache-Control: private/no-store`.
//! gzip and Brotli bodies are made once each, when the first reader asks for them. Concurrent misses
//! of one page render it once. Other answers (404, errors) are shared by those who waited and not kept.
//!
//! **What is never served:** a page rendered from data read before a [`PageCache::purge`] to a
//! request that came after it. This reaches one process: with several servers the others may show
//! a page for the rest of its time to live.
//!
//! **Cache-Control** is `public, no-cache` with a strong `ETag` and `Vary: Accept-Encoding, Cookie`.
//! Proxies and browsers may keep the bytes and must ask before each use, which costs us a 304. So a
//! withdrawn list is gone everywhere at once, and a proxy that ignores `Vary: Cookie` still shows
//! the right page: it asks with the tag of one mode and gets the whole page of the other.

use axum::{
    body::{Body, Bytes, HttpBody, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    io::Write,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    sync::{OnceCell, watch},
    time::Instant,
};
use tracing::Instrument;

/// The cookie that makes a request somebody's own. A prefix such as `__Host-` changes nothing.
pub const SESSION_COOKIE: &str = "daylight_session";
/// How long a page is kept by default.
pub const TTL: Duration = Duration::from_secs(30);
/// How many bytes of pages are kept by default.
pub const CAPACITY: usize = 64 << 20;
/// A handler sets `x-cache: no` on a page that must not be kept. The header is not sent.
pub const X_CACHE: HeaderName = HeaderName::from_static("x-cache");

const LARGEST_BODY: u64 = 1 << 20;
const LARGEST_URI: usize = 2 << 10;
const SHARDS: usize = 16;
/// What a kept page weighs beside its bodies and key.
const OVERHEAD: usize = 2 << 10;
const SMALLEST_ENCODED: usize = 512;
/// Longer bodies are encoded off the runtime's threads.
const LARGEST_INLINE: usize = 64 << 10;
/// 1 ms for 50 KB of HTML, and 6 % smaller than gzip, which takes 0.8 ms.
const BROTLI_QUALITY: i32 = 5;
/// 256 KiB. Up to 16 the encoder takes another way, which is eight times slower.
const BROTLI_WINDOW: i32 = 18;

const PUBLIC: HeaderValue = HeaderValue::from_static("public, no-cache");
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");
const VARY: HeaderValue = HeaderValue::from_static("accept-encoding, cookie");

/// The cache. Clones are the same cache.
#[derive(Clone)]
pub struct PageCache(Arc<Inner>);

struct Inner {
    fields: Box<Fields>,
    ttl: Duration,
    /// Bytes each shard may hold.
    budget: usize,
    start: Instant,
    /// Counts the purges.
    epoch: AtomicU64,
    hasher: RandomState,
    shards: [Shard; SHARDS],
    misses: AtomicU64,
    coalesced: AtomicU64,
    evictions: AtomicU64,
}

type Fields = dyn Fn(&str) -> Option<&'static [&'static str]> + Send + Sync;

/// Path and canonical query; in elder mode with a `!` before.
type Key = Box<str>;

#[derive(Default)]
struct Shard {
    pages: RwLock<HashMap<Key, Arc<Page>>>,
    bytes: AtomicUsize,
    hits: AtomicU64,
    flights: Mutex<HashMap<Key, Flight>>,
}

/// A page that is being rendered.
struct Flight {
    epoch: u64,
    /// `None` until the page is there; `Some(None)` when it is only for the one who rendered it.
    landed: watch::Receiver<Option<Option<Arc<Page>>>>,
}

struct Page {
    status: StatusCode,
    epoch: u64,
    at: Instant,
    /// Last use, in milliseconds since the cache was made.
    used: AtomicU64,
    weight: AtomicUsize,
    identity: Variant,
    gzip: OnceCell<Option<Variant>>,
    br: OnceCell<Option<Variant>>,
}

/// One encoding of a page, ready to send.
struct Variant {
    headers: HeaderMap,
    body: Bytes,
}

/// A rendered answer: for all who wait, or only for the one who asked.
enum Rendered {
    Shared(Arc<Page>),
    Own(Response),
}

/// What decides the form of an answer whose page is known.
struct Reader {
    encoding: Encoding,
    head: bool,
    /// `If-None-Match`.
    has: Option<HeaderValue>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Br,
    Gzip,
    Identity,
}

/// What the cache did since it was made, and what it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Answers from the cache, 304 included.
    pub hits: u64,
    /// Pages rendered.
    pub misses: u64,
    /// Requests that waited for a page which another was rendering.
    pub coalesced: u64,
    /// Pages thrown out for want of room.
    pub evictions: u64,
    /// Bytes held now.
    pub bytes: u64,
}

/// The middleware: `router.layer(axum::middleware::from_fn_with_state(cache, cache::serve))`.
pub async fn serve(State(cache): State<PageCache>, request: Request, next: Next) -> Response {
    let Some(fields) = cache.0.fields_of(&request) else { return next.run(request).await };
    let cookies = Cookies::of(request.headers());
    if cookies.session || request.headers().contains_key(header::AUTHORIZATION) {
        let mut response = next.run(request).await;
        response.headers_mut().remove(X_CACHE);
        response.headers_mut().entry(header::CACHE_CONTROL).or_insert(PRIVATE);
        return response;
    }
    let reader = Reader::of(&request);
    let key = key(request.uri(), fields, cookies.elder);
    match cache.0.hit(&key) {
        Some(page) => cache.0.answer(&key, &page, reader).await,
        None => {
            let key = key.into_owned().into_boxed_str();
            // In a box, so that hits do not carry the room for a miss about.
            Box::pin(cache.miss(key, cookies.elder, reader, request, next)).await
        }
    }
}

impl PageCache {
    /// A cache for the pages that `fields` names: for a path it gives the query fields that the
    /// page depends on, and `None` when the page is not for the cache.
    pub fn new(
        ttl: Duration,
        capacity: usize,
        fields: impl Fn(&str) -> Option<&'static [&'static str]> + Send + Sync + 'static,
    ) -> PageCache {
        PageCache(Arc::new(Inner {
            fields: Box::new(fields),
            ttl,
            budget: capacity / SHARDS,
            start: Instant::now(),
            epoch: AtomicU64::new(0),
            hasher: RandomState::new(),
            shards: Default::default(),
            misses: AtomicU64::new(0),
            coalesced: AtomicU64::new(0),
            evictions: AtomicU64::new(0),
        }))
    }

    /// Makes all pages stale at once, also those being rendered just now. Call it after the commit
    /// of a change that the public must see immediately.
    pub fn purge(&self) {
        self.0.epoch.fetch_add(1, SeqCst);
    }

    /// The counters, for `/metrics`.
    pub fn counts(&self) -> Counts {
        let sum = |count: fn(&Shard) -> u64| self.0.shards.iter().map(count).sum();
        Counts {
            hits: sum(|shard| shard.hits.load(Relaxed)),
            misses: self.0.misses.load(Relaxed),
            coalesced: self.0.coalesced.load(Relaxed),
            evictions: self.0.evictions.load(Relaxed),
            bytes: sum(|shard| shard.bytes.load(Relaxed) as u64),
        }
    }

    /// Renders the page, or waits for the one who is rendering it.
    async fn miss(&self, key: Key, elder: bool, reader: Reader, request: Request, next: Next) -> Response {
        let request = bare(request, &key, elder);
        let rendered = match self.0.join(&key) {
            Join::Hit(page) => Rendered::Shared(page),
            Join::Lead(epoch, lands) => self.lead(key.clone(), epoch, lands, request, next).await,
            Join::Follow(epoch, mut landed) => {
                let page =
                    landed.wait_for(Option::is_some).await.ok().and_then(|page| page.clone().flatten());
                match page {
                    Some(page) => Rendered::Shared(page),
                    // The one we waited for panicked, or got an answer for itself alone.
                    None => self.0.render(&key, epoch, request, next).await,
                }
            }
        };
        match rendered {
            Rendered::Shared(page) => self.0.answer(&key, &page, reader).await,
            Rendered::Own(response) if reader.head => without_body(response),
            Rendered::Own(response) => response,
        }
    }

    /// Renders in a task of its own: a reader who goes away does not take the page from the others.
    async fn lead(&self, key: Key, epoch: u64, lands: Lands, request: Request, next: Next) -> Rendered {
        let flight = Landing { cache: self.clone(), key, epoch };
        let task = async move {
            let rendered = flight.cache.0.render(&flight.key, epoch, request, next).await;
            lands.send_replace(Some(match &rendered {
                Rendered::Shared(page) => Some(page.clone()),
                Rendered::Own(_) => None,
            }));
            rendered
        };
        match tokio::spawn(task.in_current_span()).await {
            Ok(rendered) => rendered,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Rendered::Own(StatusCode::SERVICE_UNAVAILABLE.into_response()),
            },
        }
    }
}

type Lands = watch::Sender<Option<Option<Arc<Page>>>>;

enum Join {
    /// It landed in the meantime.
    Hit(Arc<Page>),
    Lead(u64, Lands),
    Follow(u64, watch::Receiver<Option<Option<Arc<Page>>>>),
}

/// Takes the flight off the board however it ends.
struct Landing {
    cache: PageCache,
    key: Key,
    epoch: u64,
}

impl Drop for Landing {
    fn drop(&mut self) {
        let shard = self.cache.0.shard(&self.key);
        let mut flights = shard.flights.lock().unwrap_or_else(PoisonError::into_inner);
        // A flight of a later epoch is another's.
        if flights.get(&self.key).is_some_and(|flight| flight.epoch == self.epoch) {
            flights.remove(&self.key);
        }
    }
}

impl Inner {
    /// The rule for a request that is for the cache at all.
    fn fields_of(&self, request: &Request) -> Option<&'static [&'static str]> {
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let uri = request.uri();
        let length = uri.path().len() + uri.query().map_or(0, str::len);
        (reads && length <= LARGEST_URI).then(|| (self.fields)(uri.path())).flatten()
    }

    fn shard(&self, key: &str) -> &Shard {
        &self.shards[self.hasher.hash_one(key) as usize % SHARDS]
    }

    fn hit(&self, key: &str) -> Option<Arc<Page>> {
        let shard = self.shard(key);
        let page = shard.pages.read().unwrap_or_else(PoisonError::into_inner).get(key)?.clone();
        let now = Instant::now();
        if !self.is_fresh(&page, now) {
            return None;
        }
        let used = (now - self.start).as_millis() as u64;
        // Most hits of a busy page leave the shared cache line alone.
        if page.used.load(Relaxed) != used {
            page.used.store(used, Relaxed);
        }
        shard.hits.fetch_add(1, Relaxed);
        Some(page)
    }

    fn is_fresh(&self, page: &Page, now: Instant) -> bool {
        page.epoch == self.epoch.load(SeqCst) && now - page.at < self.ttl
    }

    fn join(&self, key: &str) -> Join {
        let mut flights = self.shard(key).flights.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken before anything is read for the page; compared whenever the page is used.
        let epoch = self.epoch.load(SeqCst);
        if let Some(page) = self.hit(key) {
            return Join::Hit(page);
        }
        // A page begun before a purge is not for who comes after it.
        if let Some(flight) = flights.get(key).filter(|flight| flight.epoch == epoch) {
            self.coalesced.fetch_add(1, Relaxed);
            return Join::Follow(epoch, flight.landed.clone());
        }
        let (lands, landed) = watch::channel(None);
        flights.insert(key.into(), Flight { epoch, landed });
        Join::Lead(epoch, lands)
    }

    async fn render(&self, key: &str, epoch: u64, request: Request, next: Next) -> Rendered {
        self.misses.fetch_add(1, Relaxed);
        let at = Instant::now();
        let mut response = next.run(request).await;
        if !may_be_shared(&response) {
            response.headers_mut().remove(X_CACHE);
            response.headers_mut().entry(header::CACHE_CONTROL).or_insert(PRIVATE);
            return Rendered::Own(response);
        }
        let (head, body) = response.into_parts();
        let Ok(body) = to_bytes(body, LARGEST_BODY as usize).await else {
            return Rendered::Own(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        let page = Arc::new(Page {
            status: head.status,
            epoch,
            at,
            used: AtomicU64::new((at - self.start).as_millis() as u64),
            weight: AtomicUsize::new(OVERHEAD + 2 * key.len() + body.len()),
            identity: Variant::identity(head.status, head.headers, body),
            gzip: OnceCell::new(),
            br: OnceCell::new(),
        });
        if page.status == StatusCode::OK {
            self.keep(key, &page);
        }
        Rendered::Shared(page)
    }

    fn keep(&self, key: &str, page: &Arc<Page>) {
        let shard = self.shard(key);
        let weight = page.weight.load(Relaxed);
        let mut pages = shard.pages.write().unwrap_or_else(PoisonError::into_inner);
        if page.epoch != self.epoch.load(SeqCst) || weight > self.budget {
            return;
        }
        if let Some(old) = pages.insert(key.into(), page.clone()) {
            shard.bytes.fetch_sub(old.weight.load(Relaxed), Relaxed);
        }
        shard.bytes.fetch_add(weight, Relaxed);
        self.make_room(shard, &mut pages);
    }

    /// Counts a new encoding of a kept page.
    fn grow(&self, key: &str, page: &Page, by: usize) {
        let shard = self.shard(key);
        let mut pages = shard.pages.write().unwrap_or_else(PoisonError::into_inner);
        if pages.get(key).is_some_and(|kept| std::ptr::eq(&**kept, page)) {
            page.weight.fetch_add(by, Relaxed);
            shard.bytes.fetch_add(by, Relaxed);
            self.make_room(shard, &mut pages);
        }
    }

    /// Throws out stale pages, then those not used for longest, until an eighth is free: the sorting
    /// is paid once for many pages.
    fn make_room(&self, shard: &Shard, pages: &mut HashMap<Key, Arc<Page>>) {
        if shard.bytes.load(Relaxed) <= self.budget {
            return;
        }
        let now = Instant::now();
        let rank = |page: &Page| (self.is_fresh(page, now), page.used.load(Relaxed));
        let mut order: Vec<_> = pages.iter().map(|(key, page)| (rank(page), key.clone())).collect();
        order.sort_unstable();
        for (_, key) in order {
            if shard.bytes.load(Relaxed) <= self.budget / 8 * 7 {
                break;
            }
            if let Some(page) = pages.remove(&key) {
                shard.bytes.fetch_sub(page.weight.load(Relaxed), Relaxed);
                self.evictions.fetch_add(1, Relaxed);
            }
        }
    }

    async fn answer(&self, key: &str, page: &Page, reader: Reader) -> Response {
        let encoded = match reader.encoding {
            Encoding::Identity => None,
            Encoding::Gzip => Some(&page.gzip),
            Encoding::Br => Some(&page.br),
        };
        let variant = match encoded {
            None => &page.identity,
            Some(cell) => {
                let made = cell.get_or_init(|| self.encode(key, page, reader.encoding)).await;
                made.as_ref().unwrap_or(&page.identity)
            }
        };
        variant.answer(page.status, &reader)
    }

    /// `None` when the encoding gains nothing.
    async fn encode(&self, key: &str, page: &Page, encoding: Encoding) -> Option<Variant> {
        let Variant { headers, body } = &page.identity;
        if body.len() < SMALLEST_ENCODED || !is_text(headers) {
            return None;
        }
        let encoded = if body.len() <= LARGEST_INLINE {
            compress(encoding, body)
        } else {
            let body = body.clone();
            tokio::task::spawn_blocking(move || compress(encoding, &body)).await.ok()?
        };
        let encoded = encoded.ok().filter(|encoded| encoded.len() < body.len())?;
        self.grow(key, page, encoded.len() + OVERHEAD / 2);
        Some(page.identity.encoded(encoding, encoded.into()))
    }
}

impl Variant {
    fn identity(status: StatusCode, mut headers: HeaderMap, body: Bytes) -> Variant {
        for name in [X_CACHE, header::TRANSFER_ENCODING, header::CONNECTION, header::DATE, header::ETAG] {
            headers.remove(name);
        }
        headers.entry(header::CACHE_CONTROL).or_insert(PUBLIC);
        headers.insert(header::VARY, VARY);
        if status == StatusCode::OK {
            let hash = BASE64URL_NOPAD.encode(&Sha256::digest(&body)[..15]);
            set_tag(&mut headers, &format!("\"{hash}\""));
        }
        headers.insert(header::CONTENT_LENGTH, body.len().into());
        Variant { headers, body }
    }

    fn encoded(&self, encoding: Encoding, body: Bytes) -> Variant {
        let name = if encoding == Encoding::Br { "br" } else { "gzip" };
        let mut headers = self.headers.clone();
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        headers.insert(header::CONTENT_LENGTH, body.len().into());
        if let Some(tag) = self.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()) {
            set_tag(&mut headers, &format!("{}-{name}\"", tag.trim_end_matches('"')));
        }
        Variant { headers, body }
    }

    fn answer(&self, status: StatusCode, reader: &Reader) -> Response {
        let mut response = Response::new(Body::empty());
        let known = reader.has.as_ref().zip(self.headers.get(header::ETAG));
        if known.is_some_and(|(has, tag)| matches_tag(has, tag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            let kept = [header::ETAG, header::CACHE_CONTROL, header::VARY];
            let kept = kept.into_iter().filter_map(|name| Some((self.headers.get(&name)?.clone(), name)));
            response.headers_mut().extend(kept.map(|(value, name)| (name, value)));
            return response;
        }
        *response.status_mut() = status;
        *response.headers_mut() = self.headers.clone();
        if !reader.head {
            *response.body_mut() = Body::from(self.body.clone());
        }
        response
    }
}

fn set_tag(headers: &mut HeaderMap, tag: &str) {
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
}

impl Reader {
    fn of(request: &Request) -> Reader {
        Reader {
            encoding: accepted(request.headers()),
            head: request.method() == Method::HEAD,
            has: request.headers().get(header::IF_NONE_MATCH).cloned(),
        }
    }
}

struct Cookies {
    session: bool,
    elder: bool,
}

impl Cookies {
    /// Reads bytes, not text: a cookie in a foreign spelling must not hide the session beside it.
    fn of(headers: &HeaderMap) -> Cookies {
        let mut cookies = Cookies { session: false, elder: false };
        for header in headers.get_all(header::COOKIE) {
            for pair in header.as_bytes().split(|byte| *byte == b';') {
                let pair = pair.trim_ascii();
                let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
                cookies.session |= name.ends_with(SESSION_COOKIE.as_bytes());
                cookies.elder |= pair == b"elder=1";
            }
        }
        cookies
    }
}

/// The path and the fields it depends on, in the rule's order, spelt exactly as in the rule: a
/// field spelt otherwise (`%70age`) is an unknown one, for the handler as well (see [`bare`]).
fn key<'a>(uri: &'a Uri, fields: &[&str], elder: bool) -> Cow<'a, str> {
    let mut key = Cow::Borrowed(uri.path());
    let mut mark = '?';
    for field in fields {
        for pair in uri.query().unwrap_or("").split('&') {
            if pair.split('=').next() == Some(*field) {
                let key = key.to_mut();
                key.push(mark);
                key.push_str(pair);
                mark = '&';
            }
        }
    }
    if elder { Cow::Owned(format!("!{key}")) } else { key }
}

/// The request that the handler sees: the key and nothing beside it. What the server itself put
/// there (path parameters, state) stays.
fn bare(mut request: Request, key: &str, elder: bool) -> Request {
    *request.method_mut() = Method::GET;
    *request.body_mut() = Body::empty();
    request.headers_mut().clear();
    if elder {
        request.headers_mut().insert(header::COOKIE, HeaderValue::from_static("elder=1"));
    }
    // Always a URI: it is made of pieces of one.
    if let Ok(uri) = Uri::try_from(key.trim_start_matches('!')) {
        *request.uri_mut() = uri;
    }
    request
}

fn may_be_shared(response: &Response) -> bool {
    let headers = response.headers();
    let says = |name: HeaderName, word: &str| {
        let values = headers.get_all(name);
        values.iter().any(|value| value.to_str().is_ok_and(|text| text.to_ascii_lowercase().contains(word)))
    };
    response.body().size_hint().exact().is_some_and(|size| size <= LARGEST_BODY)
        && !headers.contains_key(header::SET_COOKIE)
        && !headers.contains_key(header::CONTENT_ENCODING)
        && !says(X_CACHE, "no")
        && !says(header::CACHE_CONTROL, "private")
        && !says(header::CACHE_CONTROL, "no-store")
}

fn without_body(mut response: Response) -> Response {
    if let Some(size) = response.body().size_hint().exact() {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert(size.into());
    }
    *response.body_mut() = Body::empty();
    response
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    kind.starts_with("text/") || ["json", "xml", "javascript"].iter().any(|word| kind.contains(word))
}

fn compress(encoding: Encoding, body: &[u8]) -> std::io::Result<Vec<u8>> {
    if encoding == Encoding::Gzip {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        writer.write_all(body)?;
        return writer.finish();
    }
    let mut encoded = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: body.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*body, &mut encoded, &settings)?;
    Ok(encoded)
}

/// Whether `If-None-Match` names the tag (RFC 9110, 13.1.2: weakly compared).
fn matches_tag(has: &HeaderValue, tag: &HeaderValue) -> bool {
    has.as_bytes().split(|byte| *byte == b',').any(|one| {
        let one = one.trim_ascii();
        one == b"*" || one.strip_prefix(b"W/").unwrap_or(one) == tag.as_bytes()
    })
}

/// The encoding to send (RFC 9110, 12.5.3). Among equals the smaller one; whole when none is welcome.
fn accepted(headers: &HeaderMap) -> Encoding {
    let (mut br, mut gzip, mut identity, mut any) = (None, None, None, None);
    for header in headers.get_all(header::ACCEPT_ENCODING) {
        for item in header.to_str().unwrap_or("").split(',') {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            let name = name.trim();
            let which = match name {
                "*" => &mut any,
                _ if name.eq_ignore_ascii_case("br") => &mut br,
                _ if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => &mut gzip,
                _ if name.eq_ignore_ascii_case("identity") => &mut identity,
                _ => continue,
            };
            *which = Some(quality(parameters));
        }
    }
    let weight = |named: Option<u16>| named.or(any).unwrap_or(0);
    let mut best = (0, Encoding::Identity);
    for (named, encoding) in [(br, Encoding::Br), (gzip, Encoding::Gzip), (identity, Encoding::Identity)] {
        if weight(named) > best.0 {
            best = (weight(named), encoding);
        }
    }
    best.1
}

/// Thousandths; 1000 without a `q`, 0 for one that cannot be read.
fn quality(parameters: &str) -> u16 {
    let q = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    q.map_or(1000, |q| (q.parse::<f32>().unwrap_or(0.0).clamp(0.0, 1.0) * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, middleware::from_fn_with_state, response::Html, routing::get};
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
            let cache = PageCache::new(ttl, capacity, |path| match path {
                "/office" => None,
                "/list" => Some(&["page", "q"]),
                _ => Some(&[]),
            });
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
                    [(X_CACHE, if request.uri().path() == "/slow/own" { "no" } else { "yes" })],
                    format!("{number}"),
                )
            };
            let marked =
                |name: HeaderName, value: &'static str| get(move || async move { ([(name, value)], "x") });
            let router = Router::new()
                .route("/list", get(page.clone()).post(page.clone()))
                .route("/office", get(page.clone()))
                .route("/units/{id}", get(page))
                .route("/slow", get(slow.clone()))
                .route("/slow/{how}", get(slow))
                .route("/long", get(|| async { Html("阳光监督 ".repeat(8_000)) }))
                .route("/picture", get(|| async { ([(header::CONTENT_TYPE, "image/png")], vec![7; 9_000]) }))
                .route("/huge", get(|| async { vec![7; LARGEST_BODY as usize + 1] }))
                .route("/own", marked(X_CACHE, "no"))
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
        let theirs =
            [(header::HOST, "evil.example"), (header::COOKIE, "a=b"), (header::ACCEPT_LANGUAGE, "en")];
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
    async fn whoever_has_a_session_passes_by_the_cache() {
        let site = Site::new();
        let public = site.text("/list", &[]).await;
        let sessions: [&[u8]; 3] =
            [b"daylight_session=x", b"elder=1; __Host-daylight_session=x", b"\xff=1;daylight_session=x"];
        for cookie in sessions {
            let mut request = Request::get("/list?seen=all").body(Body::empty()).unwrap();
            request.headers_mut().insert(header::COOKIE, HeaderValue::from_bytes(cookie).unwrap());
            let response = site.router.clone().oneshot(request).await.unwrap();
            assert_eq!(header_of(&response, header::CACHE_CONTROL), "private, no-cache");
            assert!(text(response).await.contains("seen=all"));
        }
        let bearer = [(header::AUTHORIZATION, "Bearer x")];
        assert_ne!(site.text("/list", &bearer).await, public);
        assert_eq!(site.text("/list", &[]).await, public);
        let counts = site.cache.counts();
        assert_eq!((counts.hits, counts.misses), (1, 1));
    }

    #[tokio::test]
    async fn other_methods_and_other_paths_are_left_alone() {
        let site = Site::new();
        for (method, path) in [(Method::POST, "/list"), (Method::GET, "/office")] {
            let accept = [(header::HOST, "here")];
            let first = site.send(method.clone(), path, &accept).await;
            assert_eq!(header_of(&first, header::ETAG), "");
            let first = text(first).await;
            assert!(first.contains("host"), "{first}");
            assert_ne!(text(site.send(method, path, &accept).await).await, first);
        }
        let long = format!("/list?page={}", "1".repeat(LARGEST_URI));
        assert_ne!(site.text(&long, &[]).await, site.text(&long, &[]).await);
        assert_eq!(site.cache.counts(), Counts::default());
    }

    #[tokio::test]
    async fn only_good_small_public_answers_are_kept() {
        let site = Site::new();
        for path in ["/own", "/cookie", "/private", "/encoded", "/huge", "/nowhere"] {
            for _ in 0..2 {
                let response = site.send(Method::GET, path, &[(header::ACCEPT_ENCODING, "gzip")]).await;
                assert!(!response.headers().contains_key(X_CACHE));
                assert!(!response.headers().contains_key(header::ETAG), "{path}");
            }
            assert_eq!((site.cache.counts().hits, site.cache.counts().bytes), (0, 0), "{path}");
        }
        let response = site.send(Method::GET, "/own", &[]).await;
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
            let response =
                site.send(Method::GET, "/long", &[gzip.clone(), (header::IF_NONE_MATCH, has)]).await;
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

    #[test]
    fn the_encoding_follows_the_weights() {
        use Encoding::{Br, Gzip, Identity};
        for (header, expected) in [
            ("", Identity),
            ("gzip, deflate, br, zstd", Br),
            ("gzip", Gzip),
            ("X-GZIP;Q=0.5", Gzip),
            ("br;q=0, gzip", Gzip),
            ("br;q=0.3, gzip;q=0.8", Gzip),
            ("br; level=1; q=0.3 , gzip;q=0.2", Br),
            ("*", Br),
            ("*;q=0.1, br;q=0", Gzip),
            ("identity;q=0.9, gzip;q=0.5", Identity),
            ("identity;q=0.5, gzip;q=0.5", Gzip),
            ("gzip;q=0.0004", Identity),
            ("gzip;q=much", Identity),
            ("*;q=0", Identity),
            ("deflate", Identity),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, header.parse().unwrap())]);
            assert_eq!(accepted(&headers), expected, "{header}");
        }
        let lines =
            ["br;q=0.5", "gzip"].map(|line| (header::ACCEPT_ENCODING, HeaderValue::from_static(line)));
        let mut headers = HeaderMap::new();
        headers.extend(lines); // appends
        assert_eq!(accepted(&headers), Gzip, "two lines are one list");
        assert_eq!(accepted(&HeaderMap::new()), Identity);
    }
}
