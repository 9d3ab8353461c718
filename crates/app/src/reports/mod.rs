//! What citizens submit (举报 / 反映): a report from its draft to the number under which it is found again.
//!
//! A report is what was said; its handling is a case (`crate::cases`). Nothing here keeps an address of the
//! network or a browser's name, and nothing asks for them.

mod alike;
mod ask;
mod check;
mod done;
mod duplicates;
mod evidence;
mod facts;
mod frame;
mod identity;
mod jobs;
mod kept;
mod number;
mod object;
mod pick;
mod points;
mod proof;
mod report;
mod start;
mod status;
pub mod store;
mod told;

use crate::{
    cases::store::StoreError,
    web::{Access::PublicFresh, PageError, Route, get, post},
};

pub use alike::{Permille, Shingles};
pub use ask::Ask;
pub use duplicates::{Gist, Suggestion, suggest};
pub use jobs::on;
pub(crate) use kept::{bearer as bearer_token, token as draft_token};
pub use number::{NumberError, QueryCode, ReceiptNumber};
pub use object::{Named, named};
pub(crate) use proof::NUMBERS as TOO_MANY_NUMBERS;
pub(crate) use report::fen;
pub use report::{Draft, Facts, Fault, Helper, Identity, Kind, Object, Question, Report};

/// Where somebody goes who has added their files: on, or back to the answers from which they came.
pub(crate) fn after_evidence(check: bool) -> &'static str {
    let next = Ask::Evidence.next().filter(|_| !check);
    next.unwrap_or(Ask::Check).path()
}

/// The routes of this feature. All are fresh: what depends on a cookie or a secret is kept by nobody.
pub fn routes() -> Vec<Route> {
    vec![
        get("/reports/new", PublicFresh, start::entrance),
        post("/reports/new", PublicFresh, start::begin),
        get("/reports/new/kind", PublicFresh, start::form),
        post("/reports/new/kind", PublicFresh, start::begin),
        get("/reports/new/object", PublicFresh, pick::form),
        post("/reports/new/object", PublicFresh, pick::submit),
        get("/reports/new/facts", PublicFresh, facts::form),
        post("/reports/new/facts", PublicFresh, facts::submit),
        get("/reports/new/points", PublicFresh, points::form),
        post("/reports/new/points", PublicFresh, points::submit),
        get("/reports/new/evidence", PublicFresh, evidence::form),
        post("/reports/new/evidence", PublicFresh, evidence::submit),
        get("/reports/new/identity", PublicFresh, identity::form),
        post("/reports/new/identity", PublicFresh, identity::submit),
        get("/reports/new/check", PublicFresh, check::form),
        post("/reports/new/check", PublicFresh, check::submit),
        get("/reports/new/done", PublicFresh, done::page),
        post("/reports/new/forget", PublicFresh, done::forget),
        get("/reports/new/forgotten", PublicFresh, done::forgotten),
        get("/reports/status", PublicFresh, status::form),
        post("/reports/status", PublicFresh, status::submit),
        post("/reports/status/more", PublicFresh, status::more).upload(),
        post("/reports/status/evidence", PublicFresh, status::evidence),
    ]
}

/// What a reader may do where something is missing that should be public: one tap, and the report is half written.
pub fn ask_for_it(object: Object) -> daylight_ui::Link {
    daylight_ui::Link::new("请他们公开", format!("{}&missing=1", object.entrance()))
}

/// A failure of the store as a page. What cannot be read is not told apart from what is not there.
fn failed(error: StoreError) -> PageError {
    match error {
        StoreError::NotFound => PageError::NotFound,
        StoreError::Denied(_) => PageError::Forbidden,
        StoreError::Db(error) => error.into(),
        StoreError::Refused(refused) => PageError::invalid(refused.to_string()),
        StoreError::Moved => PageError::Busy,
        other => PageError::internal(other),
    }
}
