//! The session of a request.

use super::{App, PageError, viewer::cookie};
use crate::{accounts, authz::Actor};
use axum::http::HeaderMap;

/// The cookie of a session.
pub const SESSION_COOKIE: &str = "daylight_session";

/// A live session.
#[derive(Clone, Debug)]
pub struct Found {
    /// Who it is, with what they are granted now.
    pub actor: Actor,
    /// Whether the second factor was given.
    pub complete: bool,
}

/// The live session of a request, if it has one.
pub(super) async fn current(app: &App, headers: &HeaderMap) -> Result<Option<Found>, PageError> {
    let Some(token) = cookie(headers, SESSION_COOKIE) else { return Ok(None) };
    Ok(accounts::store::session(app, token).await?)
}
