//! Opening who reported (capability N4): with a reason, after a leader of another organ has approved it, for one case,
//! one person and a limited time. The reporter is told by which office, when and why; the months are counted in public.

mod ask;
mod decide;
mod list;
mod opening;
mod public;
pub mod store;

pub use list::waiting;
pub use opening::{Opening, Refusal, State, led, second_organs};
pub use public::{section, told};

use crate::{
    authz::Action,
    cases::store::StoreError,
    web::{Access, PageError, Route, get, post},
};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    let see = Access::Staff(Action::SeeIdentity);
    let approve = Access::Staff(Action::ApproveIdentity);
    vec![
        get("/office/cases/{id}/identity", see, ask::page),
        post("/office/cases/{id}/identity", see, ask::ask),
        post("/office/cases/{id}/identity/withdraw", see, ask::withdraw),
        post("/office/cases/{id}/identity/look", see, ask::look),
        get("/office/openings", approve, list::page),
        get("/office/openings/{id}", approve, decide::page),
        post("/office/openings/{id}", approve, decide::decide),
        post("/office/openings/{id}/revoke", approve, decide::revoke),
    ]
}

/// Why nothing was opened, asked or approved.
#[derive(Debug, thiserror::Error)]
pub enum OpeningError {
    /// There is no such case or request, or not for this person: pages answer both alike.
    #[error("没有找到这件。")]
    NotFound,
    /// It is theirs, and it cannot be done.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something failed.
    #[error(transparent)]
    Case(StoreError),
}

impl From<StoreError> for OpeningError {
    fn from(error: StoreError) -> OpeningError {
        match error {
            StoreError::NotFound | StoreError::Denied(_) => OpeningError::NotFound,
            other => OpeningError::Case(other),
        }
    }
}

impl From<daylight_db::DbErr> for OpeningError {
    fn from(error: daylight_db::DbErr) -> OpeningError {
        OpeningError::Case(error.into())
    }
}

impl From<OpeningError> for PageError {
    fn from(error: OpeningError) -> PageError {
        match error {
            OpeningError::NotFound => PageError::NotFound,
            OpeningError::Refused(refusal) => PageError::invalid(refusal.to_string()),
            OpeningError::Case(StoreError::Db(error)) => error.into(),
            OpeningError::Case(error) => PageError::internal(error),
        }
    }
}
