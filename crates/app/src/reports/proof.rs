//! The proof that a telephone is the reporter's. Everything about codes by SMS passes here.

use super::kept::Kept;
use crate::web::{App, PageError};
use daylight_ids::Phone;

/// Whether codes can be sent. While they cannot, a report is anonymous, and the page says so.
pub const OPEN: bool = false;

/// The telephone of which this browser showed by code that it is theirs. No field of a form can claim that.
pub async fn proved(_app: &App, _kept: &Kept) -> Result<Option<Phone>, PageError> {
    Ok(None)
}
