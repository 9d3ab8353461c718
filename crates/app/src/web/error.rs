//! Failures on the way to a page. The shell around them is put on by the router, which knows the
//! viewer.

use crate::authz::Denied;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use daylight_db::DbErr;
use daylight_ui::error_page::ErrorPage;

/// Why there is no page.
#[derive(Debug)]
pub enum PageError {
    /// No such thing, or not for this viewer: the same bytes for both.
    NotFound,
    /// The viewer may not, and may know it.
    Forbidden,
    /// What was sent makes no sense; each line says what is wrong and what to do.
    Invalid(Vec<String>),
    /// What was sent cannot be read at all: no browser sends it from one of our pages.
    Malformed,
    /// What was sent is too large.
    TooLarge,
    /// Somebody else is at it; try again.
    Busy,
    /// The disk is full: nothing can be kept until somebody makes room.
    Full,
    /// Our fault. Logged once, here at the edge.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl PageError {
    /// One line about what was sent.
    pub fn invalid(line: impl Into<String>) -> PageError {
        PageError::Invalid(vec![line.into()])
    }

    /// A failure of ours.
    pub fn internal(error: impl std::error::Error + Send + Sync + 'static) -> PageError {
        if is_full(&error) {
            tracing::error!(%error, "the disk is full");
            return PageError::Full;
        }
        PageError::Internal(Box::new(error))
    }
}

/// Whether a full disk is what lies beneath a failure.
fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let full = |error: &(dyn std::error::Error + 'static)| {
        error.downcast_ref::<std::io::Error>().is_some_and(|io| {
            [std::io::ErrorKind::StorageFull, std::io::ErrorKind::QuotaExceeded].contains(&io.kind())
        }) || error.downcast_ref::<DbErr>().is_some_and(daylight_db::is_full)
    };
    std::iter::successors(Some(error), |error| error.source()).any(full)
}

impl From<DbErr> for PageError {
    fn from(error: DbErr) -> PageError {
        metrics::counter!("daylight_db_errors_total").increment(1);
        if !is_full(&error) && daylight_db::is_unavailable(&error) {
            // Not our fault and not for ever: the page says to come back.
            tracing::warn!(%error, "the database cannot be reached");
            return PageError::Busy;
        }
        PageError::internal(error)
    }
}

impl From<Denied> for PageError {
    fn from(_: Denied) -> PageError {
        PageError::Forbidden
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> PageError {
        PageError::internal(error)
    }
}

impl From<daylight_vault::VaultError> for PageError {
    fn from(error: daylight_vault::VaultError) -> PageError {
        PageError::internal(error)
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let page = match self {
            PageError::NotFound => ErrorPage::NotFound,
            PageError::Forbidden => ErrorPage::Forbidden,
            PageError::Invalid(lines) => ErrorPage::Invalid(lines),
            PageError::Malformed => ErrorPage::Malformed,
            PageError::TooLarge => ErrorPage::TooLarge,
            PageError::Busy => ErrorPage::Busy,
            PageError::Full => ErrorPage::Full,
            PageError::Internal(error) => {
                let mut bytes = [0_u8; 4];
                let drawn = getrandom::fill(&mut bytes).is_ok();
                let reference =
                    if drawn { data_encoding::HEXUPPER.encode(&bytes) } else { "--------".into() };
                tracing::error!(reference, error = %error, "page failed");
                ErrorPage::Internal(reference)
            }
        };
        let status = StatusCode::from_u16(page.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(page);
        response
    }
}
