//! Draft → review → publish, for every noun of the registry (capability A18), and the page "as it
//! stood on date D" (N22).
//!
//! A revision is one whole state of a unit, power or cadre. Publishing it ends the one before and
//! writes the noun's own tables, the search index and the audit trail in the same transaction.

pub mod as_of;
pub mod history;
mod revision;
pub mod store;

pub use revision::{Change, Content, Decline, Origin, Revision, State, SubjectKind, changes};

/// The routes of this feature.
pub fn routes() -> Vec<crate::web::Route> {
    Vec::new()
}
