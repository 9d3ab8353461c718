//! Page cache: whole answers to anonymous `GET` and `HEAD`, kept for a short time.
//!
//! **What a page may depend on.** The key is the path, those query fields that [`PageCache::new`]'s
//! rule names for the path, and elder mode. On a miss the page is rendered from a request made of
//! nothing but these: other query fields, every header and every other cookie are taken away before
//! the handler sees them. So no header or oddly spelt field can put a wrong page into the cache.
//!
//! **What is kept.** Answers `200` with a body of known size below 1 MiB, without `Set-Cookie`, and
//! not marked `x-cache: no` or `Cache-Control: private/no-store`. Each encoding is made once, when
//! the first reader asks for it. Concurrent misses of one page render it once; other answers
//! (404, redirects, errors) are shared by those who waited for them and kept for nobody.
//!
//! **What is never served.** Anything rendered from data read before [`PageCache::purge`] to a
//! request that came after it. Call it after the commit. It reaches this process only: with several
//! servers, a page of another may be as old as the time to live.
//!
//! **Cache-Control** is `public, no-cache` with a strong `ETag` and `Vary: Accept-Encoding, Cookie`.
//! A proxy may keep the bytes and must ask before each use, which costs us a 304. So a withdrawn list
//! is gone everywhere at once, and a proxy that ignores `Vary: Cookie` still shows the right
//! page, because the tag that it asks with is not that of the other mode.
//!
//! Requests with a session, an `Authorization`, or another method pass by untouched.

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, request},
    middleware::Next,
    response::Response,
};
use sha2::{Digest, Sha256};
use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    io::Write,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    sync::{OnceCell, watch},
    time::Instant,
};
use tracing::Instrument;

/// The cookie that makes a request somebody's own; any prefix such as `__Host-` counts as well.
pub const SESSION_COOKIE: &str = "daylight_session";
/// How long a page is kept unless told otherwise.
pub const TTL: Duration = Duration::from_secs(30);
/// How many bytes of pages are kept unless told otherwise.
pub const CAPACITY: usize = 64 << 20;

/// A handler sets `x-cache: no` on a page that must not be kept. It does not leave the house.
pub const X_CACHE: HeaderName = HeaderName::from_static("x-cache");

const LARGEST_BODY: u64 = 1 << 20;
const LARGEST_KEY: usize = 2 << 10;
const SHARDS: usize = 16;
/// What a kept page costs beside its bodies: key, headers, table.
const OVERHEAD: usize = 2 << 10;
/// Shorter bodies are not worth an encoding.
const SMALLEST_ENCODED: usize = 512;
/// Longer bodies are encoded off the runtime's threads; 64 KiB takes about 2 ms.
const LARGEST_INLINE: usize = 64 << 10;

const PUBLIC: HeaderValue = HeaderValue::from_static("public, no-cache");
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");
const VARY: HeaderValue = HeaderValue::from_static("accept-encoding, cookie");

/// The query fields a page depends on, by its path; `None` for a path that is never cached.
type Fields = dyn Fn(&str) -> Option<&'static [&'static str]> + Send + Sync;

/// The cache. Clones are the same cache.
#[derive(Clone)]
pub struct PageCache(Arc<Inner>);

struct Inner {
    fields: Box<Fields>,
    ttl: Duration,
    /// Bytes each shard may hold.
    budget: usize,
    start: Instant,
    epoch: AtomicU64,
    hasher: RandomState,
    shards: [Shard; SHARDS],
    misses: AtomicU64,
    coalesced: AtomicU64,
    evictions: AtomicU64,
}

#[derive(Default)]
struct Shard {
    pages: RwLock<Pages>,
    flights: Mutex<HashMap<Key<'static>, Flight>>,
    hits: AtomicU64,
    bytes: AtomicUsize,
}

type Pages = HashMap<Key<'static>, Arc<Page>>;

/// Path, canonical query and mode in one text: `/units/7?page=2`, in elder mode with a leading `!`.
type Key<'a> = Cow<'a, str>;

/// A page being rendered right now.
struct Flight {
    epoch: u64,
    /// Empty, then the page; `Some(None)` when the answer is only for the one who rendered it.
    done: watch::Receiver<Option<Option<Arc<Page>>>>,
}

/// What the cache has done so far, and what it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Answers from the cache, 304 included.
    pub hits: u64,
    /// Pages rendered.
    pub misses: u64,
    /// Requests that waited for a page another was rendering.
    pub coalesced: u64,
    /// Pages thrown out for want of room.
    pub evictions: u64,
    /// Bytes held now.
    pub bytes: u64,
}

struct Page {
    status: StatusCode,
    epoch: u64,
    at: Instant,
    /// Milliseconds since the cache was made.
    used: AtomicU64,
    weight: AtomicUsize,
    compressible: bool,
    identity: Variant,
    gzip: OnceCell<Option<Variant>>,
    br: OnceCell<Option<Variant>>,
}

/// One encoding of a page, ready to send.
struct Variant {
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Identity,
    Gzip,
    Br,
}

/// What the cache needs to know of a request.
struct Asked<'a> {
    key: Key<'a>,
    elder: bool,
}

/// A rendered answer: for all who wait, or for the one who rendered it.
enum Rendered {
    Shared(Arc<Page>),
    Own(Response),
}

/// The middleware: `router.layer(from_fn_with_state(cache, cache::serve))`.
pub async fn serve(State(cache): State<PageCache>, request: Request, next: Next) -> Response {
    let who = match cache.0.ask(&request) {
        Ask::Public(asked) => asked,
        Ask::Other => return next.run(request).await,
        Ask::Own => return unshared(next.run(request).await),
    };
    let now = Instant::now();
    let shard = cache.0.shard(&who.key);
    if let Some(page) = cache.0.fresh(shard, &who.key, now) {
        shard.hits.fetch_add(1, Relaxed);
        page.touch(cache.0.start, now);
        let encoding = accepted(request.headers());
        // Nearly always made already; then nothing is awaited.
        return match page.made(encoding) {
            Some(variant) => page.answer(variant, &request),
            None => cache.0.answer(&who.key, &page, encoding, &request).await,
        };
    }
    let key = who.key.into_owned();
    cache.miss(key, who.elder, request, next).await
}

enum Ask<'a> {
    Public(Asked<'a>),
    /// A cached path, asked for by somebody with a session.
    Own,
    Other,
}

impl PageCache {
    /// A cache for the pages that `fields` names: it gives the query fields a path's page depends
    /// on, `None` for a path that is never cached.
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

    /// Makes every page rendered so far, or being rendered, stale at once. Call it after the commit
    /// of a change that the public must see immediately.
    pub fn purge(&self) {
        self.0.epoch.fetch_add(1, SeqCst);
    }

    /// The counters, for `/metrics`.
    pub fn counts(&self) -> Counts {
        let inner = &self.0;
        let sum = |of: fn(&Shard) -> u64| inner.shards.iter().map(of).sum();
        Counts {
            hits: sum(|shard| shard.hits.load(Relaxed)),
            bytes: sum(|shard| shard.bytes.load(Relaxed) as u64),
            misses: inner.misses.load(Relaxed),
            coalesced: inner.coalesced.load(Relaxed),
            evictions: inner.evictions.load(Relaxed),
        }
    }

    /// Waits for the page if it is being rendered, else renders it.
    async fn miss(&self, key: String, elder: bool, request: Request, next: Next) -> Response {
        let (parts, _) = request.into_parts();
        let encoding = accepted(&parts.headers);
        let asker = bare(&parts, Body::empty());
        let shard = self.0.shard(&key);
        let (done, mut waiting) = watch::channel(None);
        // Taken before anything is read for the page, and again compared wherever the page is used.
        let epoch;
        {
            let mut flights = locked(&shard.flights);
            epoch = self.0.epoch.load(SeqCst);
            if let Some(page) = self.0.fresh(shard, &key, Instant::now()) {
                drop(flights);
                shard.hits.fetch_add(1, Relaxed);
                return self.0.answer(&key, &page, encoding, &asker).await;
            }
            match flights.get(key.as_str()) {
                Some(flight) if flight.epoch == epoch => {
                    let done = flight.done.clone();
                    drop(flights);
                    self.0.coalesced.fetch_add(1, Relaxed);
                    return self.follow(done, (key, elder, encoding), parts, next).await;
                }
                _ => flights.insert(Cow::Owned(key.clone()), Flight { epoch, done: waiting.clone() }),
            };
        }
        let landing = Landing { cache: self.clone(), key: key.clone(), epoch };
        let render = self.clone().render(key.clone(), elder, epoch, parts, next);
        // A task of its own: a reader who goes away does not take the page from those who wait.
        let task = tokio::spawn(
            async move {
                let _landing = landing;
                let rendered = render.await;
                done.send_replace(Some(match &rendered {
                    Rendered::Shared(page) => Some(page.clone()),
                    Rendered::Own(_) => None,
                }));
                rendered
            }
            .in_current_span(),
        );
        waiting.mark_unchanged();
        match task.await {
            Ok(Rendered::Shared(page)) => self.0.answer(&key, &page, encoding, &asker).await,
            Ok(Rendered::Own(response)) => head_only(response, asker.method()),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}
