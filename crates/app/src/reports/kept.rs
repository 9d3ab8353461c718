//! The draft of a browser: found by a random token in a cookie, of which the database keeps the hash alone.
//!
//! The cookie goes to `/reports` only, no script reads it, and it outlives a closed browser as long as the draft. Once
//! the receipt was shown it has an hour left: long enough to print, too short for whoever has the telephone tomorrow.

use super::{Draft, failed, store};
use crate::{
    accounts::new_token,
    clock::Millis,
    web::{App, PageError, cookie},
};
use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};

const COOKIE: &str = "daylight_report";

/// So long the receipt can be shown again in this browser after it was shown.
const SHOWN_LIVES: Millis = 3_600_000;

/// What somebody has typed so far, and under which token.
#[derive(Clone)]
pub struct Kept {
    /// 256 random bits.
    pub token: String,
    /// What was typed.
    pub draft: Draft,
    /// Until when it is kept.
    pub until: Millis,
}

/// The token of a browser. What we did not give out is no token.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    let known =
        |token: &&str| (20..=100).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic());
    cookie(headers, COOKIE).filter(known)
}

/// Characters of a token: 32 bytes in base64.
const TOKEN: usize = 43;

/// The token that a program or a page's script names for a draft: in a header, since addresses stand in logs.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let token = given.strip_prefix("Bearer ")?;
    (token.len() == TOKEN && token.bytes().all(fits)).then_some(token)
}

/// The draft of a browser, if one is kept.
pub async fn find(app: &App, headers: &HeaderMap) -> Result<Option<Kept>, PageError> {
    let Some(token) = token(headers) else { return Ok(None) };
    let (c, now) = (app.db.read(), app.clock.now());
    let Some(draft) = store::open_draft(c, &app.vault, token, now).await.map_err(failed)? else {
        return Ok(None);
    };
    let until = store::draft_until(c, token).await?.unwrap_or(now);
    Ok(Some(Kept { token: token.to_owned(), draft, until }))
}

/// Keeps a draft, under a new token when there is none yet, and gives the token.
pub async fn keep(app: &App, token: Option<String>, draft: &Draft) -> Result<String, PageError> {
    let token = token.unwrap_or_else(new_token);
    let tx = app.db.write().await?;
    store::save_draft(&tx, &app.vault, &token, draft, app.clock.now()).await.map_err(failed)?;
    tx.commit().await?;
    Ok(token)
}

/// Has the browser keep the token as long as the draft lives.
pub fn remember(app: &App, response: &mut Response, token: &str) {
    set(app, response, token, store::DRAFT_LIVES);
}

/// Has the browser keep the token for as long as the receipt may be looked at again.
pub fn remember_briefly(app: &App, response: &mut Response, token: &str) {
    set(app, response, token, SHOWN_LIVES);
}

/// Has the browser forget.
pub fn forget(app: &App, response: &mut Response) {
    set(app, response, "", 0);
}

fn set(app: &App, response: &mut Response, token: &str, lives: Millis) {
    let secure = if app.config.secure_cookies { "; Secure" } else { "" };
    let line =
        format!("{COOKIE}={token}; Path=/reports; Max-Age={}; HttpOnly; SameSite=Lax{secure}", lives / 1000);
    response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_str(&line).expect("ASCII"));
}
