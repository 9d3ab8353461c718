//! What everybody may read of how cases ended (capabilities D8, N18): written by one, approved by another, released
//! in batches, linked from what it is about, taken back when it was wrong, gone when its time is over.
//!
//! What a card may hold and what would give somebody away is `crate::cases` (`Card`, `Batch`, `traces`). While a card
//! waits it is locked under the key of its case; only what has come out stands in the clear.

mod card;
mod desk;
pub mod jobs;
mod prepare;
mod public;
pub mod store;
mod tasks;

pub use card::{Draft, Ground, Problem, State, plain_text, review, tells_name, title};
pub use public::panel;
pub use tasks::{Waiting, waiting};

use crate::{
    authz::Action,
    cases,
    web::{Access, PageError, Route, get, post},
};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    let staff = Access::Staff(Action::SeeCase);
    vec![
        get("/outcomes", Access::Public, public::list),
        get("/outcomes/feed.xml", Access::Public, public::feed),
        get("/outcomes/{id}", Access::Public, public::show),
        get("/office/outcomes", staff, desk::list),
        get("/office/outcomes/{id}", staff, prepare::page),
        post("/office/outcomes/{id}", staff, prepare::submit),
        post("/office/outcomes/{id}/decide", staff, prepare::decide),
        post("/office/outcomes/{id}/retract", staff, prepare::retract),
    ]
}

/// A case that is not there and one that is not for this person answer alike.
pub(crate) fn unreached(error: cases::store::StoreError) -> PageError {
    use cases::store::StoreError;
    match error {
        StoreError::NotFound | StoreError::Denied(_) => PageError::NotFound,
        StoreError::Refused(_) | StoreError::Moved => PageError::invalid(error.to_string()),
        StoreError::Db(error) => error.into(),
        other => PageError::internal(other),
    }
}
