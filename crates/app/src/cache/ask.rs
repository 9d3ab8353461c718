//! What a request asks of the cache: which page, in which form.

use axum::{
    body::Body,
    extract::Request,
    http::{self, HeaderMap, HeaderValue, Method, Uri, header},
};
use std::borrow::Cow;

/// Longer keys are nobody's address.
const LONGEST_KEY: usize = 8 << 10;

/// A page and the form in which it is wanted.
pub(super) struct Ask<'a> {
    /// Path and known query fields; in elder mode with a `!` before.
    pub key: Cow<'a, str>,
    pub elder: bool,
    pub form: Form,
}

/// What decides the form of an answer whose page is known.
pub(super) struct Form {
    pub encoding: Encoding,
    pub head: bool,
    /// `If-None-Match`.
    pub has: Option<HeaderValue>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Br,
    Gzip,
    Identity,
}

impl<'a> Ask<'a> {
    /// `None` for what is no reading.
    pub fn of<B>(request: &'a http::Request<B>, fields: &[&str]) -> Option<Ask<'a>> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return None;
        }
        let headers = request.headers();
        let elder = is_elder(headers);
        let form = Form {
            encoding: accepted(headers),
            head: request.method() == Method::HEAD,
            has: headers.get(header::IF_NONE_MATCH).cloned(),
        };
        Some(Ask { key: key(request.uri(), fields, elder), elder, form })
    }

    pub fn is_too_long(&self) -> bool {
        self.key.len() > LONGEST_KEY
    }
}

/// Reads bytes, not text: a cookie in a foreign spelling must not hide the one beside it.
fn is_elder(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .any(|pair| pair.trim_ascii() == b"elder=1")
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
pub(super) fn bare(mut request: Request, key: &str, elder: bool) -> Request {
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
