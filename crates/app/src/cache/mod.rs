//! Page cache: whole answers to `GET` and `HEAD` of public pages, kept for a short time.
//!
//! **What a page may depend on:** its path, the query fields given to [`PageCache::new`], and elder
//! mode. On a miss the page is rendered from a request made of nothing else: other query fields, all
//! headers (`Host` too) and all other cookies are taken away before the handler sees them, so that no
//! header and no oddly spelt field can put a wrong page into the cache, and nobody gets past it by an
//! invented session.
//!
//! **What is kept:** answers `200` with a body of known size up to 1 MiB, without `Set-Cookie`, not
//! encoded by the handler, and not marked `Cache-Control: private/no-store`. gzip and Brotli bodies
//! are made once each, when the first reader asks for them. Concurrent misses of one page render it
//! once. Other answers (404, errors) are shared by those who waited and not kept.
//!
//! **Where it stands:** [`serve`] is the layer of each public route. [`PageCache::ready`] answers from
//! memory before any route is looked for: what the layer has kept is public.
//!
//! **What is never served:** a page rendered from data read before a [`PageCache::purge`] to a
//! request that came after it. This reaches one process: with several servers the others may show
//! a page for the rest of its time to live.
//!
//! **Cache-Control** is `public, no-cache` with a strong `ETag` and `Vary: Accept-Encoding, Cookie`.
//! Proxies and browsers may keep the bytes and must ask before each use, which costs us a 304. So a
//! withdrawn list is gone everywhere at once, and a proxy that ignores `Vary: Cookie` still shows
//! the right page: it asks with the tag of one mode and gets the whole page of the other.

mod ask;
mod page;
#[cfg(test)]
mod tests;

use ask::{Ask, Form, bare};
use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::{Request, State},
    http::{self, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use page::{Forms, Page};
use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{sync::watch, time::Instant};
use tracing::Instrument;

/// How long a page is kept by default.
pub const TTL: Duration = Duration::from_secs(30);
/// How many bytes of pages are kept by default.
pub const CAPACITY: usize = 64 << 20;

const LARGEST_BODY: u64 = 1 << 20;
const SHARDS: usize = 16;

const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// The cache. Clones are the same cache.
#[derive(Clone)]
pub struct PageCache(Arc<Inner>);

struct Inner {
    fields: &'static [&'static str],
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

/// A rendered answer: for all who wait, or only for the one who asked.
enum Rendered {
    Shared(Arc<Page>),
    Own(Response),
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

/// The layer of a public route: `route.layer(axum::middleware::from_fn_with_state(cache, cache::serve))`.
pub async fn serve(State(cache): State<PageCache>, request: Request, next: Next) -> Response {
    let Some(ask) = Ask::of(&request, cache.0.fields) else { return next.run(request).await };
    if ask.is_too_long() {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    if let Some(response) = cache.0.ready(&ask) {
        return response;
    }
    let Ask { key, elder, form } = ask;
    let key = key.into_owned().into_boxed_str();
    let request = bare(request, &key, elder);
    // In a box, so that hits do not carry the room for a miss about.
    Box::pin(cache.miss(key, form, request, next)).await
}

impl PageCache {
    /// A cache for pages that depend on no query field but these.
    pub fn new(ttl: Duration, capacity: usize, fields: &'static [&'static str]) -> PageCache {
        PageCache(Arc::new(Inner {
            fields,
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

    /// The answer, if its page is in memory in the form asked for.
    pub fn ready<B>(&self, request: &http::Request<B>) -> Option<Response> {
        self.0.ready(&Ask::of(request, self.0.fields)?)
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
    async fn miss(&self, key: Key, form: Form, request: Request, next: Next) -> Response {
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
            Rendered::Shared(page) => self.0.answer(&key, &page, &form).await,
            Rendered::Own(response) if form.head => without_body(response),
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
    fn ready(&self, ask: &Ask) -> Option<Response> {
        let response = self.hit(&ask.key)?.forms.ready(&ask.form)?;
        self.shard(&ask.key).hits.fetch_add(1, Relaxed);
        Some(response)
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
            self.shard(key).hits.fetch_add(1, Relaxed);
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
            response.headers_mut().entry(header::CACHE_CONTROL).or_insert(PRIVATE);
            return Rendered::Own(response);
        }
        let (head, body) = response.into_parts();
        let Ok(body) = to_bytes(body, LARGEST_BODY as usize).await else {
            return Rendered::Own(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        let used = (at - self.start).as_millis() as u64;
        let weight = page::OVERHEAD + 2 * key.len() + body.len();
        let page = Arc::new(Page {
            epoch,
            at,
            used: AtomicU64::new(used),
            weight: AtomicUsize::new(weight),
            forms: Forms::new(head.status, head.headers, body),
        });
        if page.forms.is_good() {
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

    async fn answer(&self, key: &str, page: &Page, form: &Form) -> Response {
        let (response, grown) = page.forms.answer(form).await;
        if grown > 0 {
            self.grow(key, page, grown);
        }
        response
    }
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
