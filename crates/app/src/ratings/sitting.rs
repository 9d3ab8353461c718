//! A sitting: for half an hour a browser whose telephone was proved rates one after the other without another code.
//!
//! Nothing of it is kept here. The cookie is sealed by the vault, goes to `/rate` only, and is no session.

use crate::{
    accounts::new_token,
    clock::Millis,
    web::{App, cookie},
};
use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use daylight_ids::Phone;
use daylight_vault::Place;
use serde::{Deserialize, Serialize};

const COOKIE: &str = "daylight_rate";
/// So long a proved telephone counts.
pub const LIVES: Millis = 30 * 60_000;

/// What a browser has proved.
#[derive(Clone, Debug)]
pub struct Sitting {
    /// To which codes are bound.
    pub token: String,
    /// The telephone, when it was proved.
    pub phone: Option<Phone>,
    /// Until when it counts.
    pub until: Millis,
}

#[derive(Serialize, Deserialize)]
struct Written {
    token: String,
    phone: Option<String>,
    until: Millis,
}

fn place() -> Place {
    Place::new("rating_sittings", "cookie", "content")
}

/// The sitting of a browser; none when there is none, it is over, or the cookie is not ours.
pub fn find(app: &App, headers: &HeaderMap) -> Option<Sitting> {
    let sealed = data_encoding::BASE64URL_NOPAD.decode(cookie(headers, COOKIE)?.as_bytes()).ok()?;
    let opened = app.vault.unseal(&place(), &sealed).ok()?;
    let written: Written = serde_json::from_str(opened.as_str().ok()?).ok()?;
    let now = app.clock.now();
    // After the clock went back nothing counts for longer.
    if !(now + 1..=now + LIVES).contains(&written.until) {
        return None;
    }
    let phone = written.phone.and_then(|phone| Phone::parse(&phone).ok());
    Some(Sitting { token: written.token, phone, until: written.until })
}

/// A new one, of which nothing is proved.
pub fn begin(app: &App) -> Sitting {
    Sitting { token: new_token(), phone: None, until: app.clock.now() + LIVES }
}

/// Has the browser keep it.
pub fn remember(app: &App, response: &mut Response, sitting: &Sitting) {
    let phone = sitting.phone.as_ref().map(|phone| phone.canonical().to_owned());
    let written = Written { token: sitting.token.clone(), phone, until: sitting.until };
    let json = serde_json::to_vec(&written).unwrap_or_default();
    set(app, response, &data_encoding::BASE64URL_NOPAD.encode(&app.vault.seal(&place(), &json)), LIVES);
}

/// Has the browser forget it.
pub fn forget(app: &App, response: &mut Response) {
    set(app, response, "", 0);
}

fn set(app: &App, response: &mut Response, value: &str, lives: Millis) {
    let secure = if app.config.secure_cookies { "; Secure" } else { "" };
    let line =
        format!("{COOKIE}={value}; Path=/rate; Max-Age={}; HttpOnly; SameSite=Lax{secure}", lives / 1000);
    response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_str(&line).expect("ASCII"));
}
