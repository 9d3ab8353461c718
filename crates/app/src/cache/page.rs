//! A rendered page in all its forms, ready to send.

use super::ask::{Encoding, Form};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use std::{
    io::Write,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};
use tokio::{sync::OnceCell, time::Instant};

/// What a kept page weighs beside its bodies and key.
pub(super) const OVERHEAD: usize = 2 << 10;
const SMALLEST_ENCODED: usize = 512;
/// Longer bodies are encoded off the runtime's threads.
const LARGEST_INLINE: usize = 64 << 10;
/// 1 ms for 50 KB of HTML, and 6 % smaller than gzip, which takes 0.8 ms.
const BROTLI_QUALITY: i32 = 5;
/// 256 KiB. Up to 16 the encoder takes another way, which is eight times slower.
const BROTLI_WINDOW: i32 = 18;

const PUBLIC: HeaderValue = HeaderValue::from_static("public, no-cache");
const VARY: HeaderValue = HeaderValue::from_static("accept-encoding, cookie");

/// A page under its key.
pub(super) struct Page {
    /// How many purges there had been when its data were read.
    pub epoch: u64,
    pub at: Instant,
    /// Last use, in milliseconds since the cache was made.
    pub used: AtomicU64,
    /// Bytes, with every form made so far.
    pub weight: AtomicUsize,
    pub forms: Forms,
}

/// An answer in each encoding. Those that gain nothing are `None`.
pub(super) struct Forms {
    status: StatusCode,
    identity: Variant,
    gzip: OnceCell<Option<Variant>>,
    br: OnceCell<Option<Variant>>,
}

/// One encoding of a page, ready to send.
struct Variant {
    headers: HeaderMap,
    body: Bytes,
}

impl Forms {
    pub fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Forms {
        let identity = Variant::identity(status, headers, body);
        Forms { status, identity, gzip: OnceCell::new(), br: OnceCell::new() }
    }

    pub fn is_good(&self) -> bool {
        self.status == StatusCode::OK
    }

    /// The answer, if its form is there already.
    pub fn ready(&self, form: &Form) -> Option<Response> {
        let variant = match form.encoding {
            Encoding::Identity => &self.identity,
            Encoding::Gzip => self.gzip.get()?.as_ref().unwrap_or(&self.identity),
            Encoding::Br => self.br.get()?.as_ref().unwrap_or(&self.identity),
        };
        Some(variant.answer(self.status, form))
    }

    /// The answer, and how many bytes the page grew by for its form.
    pub async fn answer(&self, form: &Form) -> (Response, usize) {
        let cell = match form.encoding {
            Encoding::Identity => return (self.identity.answer(self.status, form), 0),
            Encoding::Gzip => &self.gzip,
            Encoding::Br => &self.br,
        };
        let grown = AtomicUsize::new(0);
        let made = cell.get_or_init(async || {
            let made = self.identity.encode(form.encoding).await;
            grown.store(made.as_ref().map_or(0, |made| made.body.len() + OVERHEAD / 2), Relaxed);
            made
        });
        let variant = made.await.as_ref().unwrap_or(&self.identity);
        (variant.answer(self.status, form), grown.into_inner())
    }
}

impl Variant {
    fn identity(status: StatusCode, mut headers: HeaderMap, body: Bytes) -> Variant {
        for name in [header::TRANSFER_ENCODING, header::CONNECTION, header::DATE, header::ETAG] {
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

    /// `None` when the encoding gains nothing.
    async fn encode(&self, encoding: Encoding) -> Option<Variant> {
        if self.body.len() < SMALLEST_ENCODED || !is_text(&self.headers) {
            return None;
        }
        let encoded = if self.body.len() <= LARGEST_INLINE {
            compress(encoding, &self.body)
        } else {
            let body = self.body.clone();
            tokio::task::spawn_blocking(move || compress(encoding, &body)).await.ok()?
        };
        let encoded = encoded.ok().filter(|encoded| encoded.len() < self.body.len())?;
        Some(self.encoded(encoding, encoded.into()))
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

    fn answer(&self, status: StatusCode, form: &Form) -> Response {
        let mut response = Response::new(Body::empty());
        let known = form.has.as_ref().zip(self.headers.get(header::ETAG));
        if known.is_some_and(|(has, tag)| matches_tag(has, tag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            let kept = [header::ETAG, header::CACHE_CONTROL, header::VARY];
            let kept = kept.into_iter().filter_map(|name| Some((self.headers.get(&name)?.clone(), name)));
            response.headers_mut().extend(kept.map(|(value, name)| (name, value)));
            return response;
        }
        *response.status_mut() = status;
        *response.headers_mut() = self.headers.clone();
        if !form.head {
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
