//! What citizens think (群众评价): rounds, questions, and ballots that nobody can tie to a person.
//!
//! What may be decided stands in `daylight_ratings`; here it is kept and shown. A ballot passes the [`BallotBox`]: it
//! is acknowledged after it and its roll-ups are on disk, in one transaction. The key of a round ([`keys`]) lies
//! outside the database and every backup, and is destroyed at the close.

mod ballot_box;
mod flags;
mod indicators;
mod jobs;
pub mod keys;
mod list;
mod overview;
mod panel;
mod paper;
mod proof;
mod rate;
mod round;
mod sheets;
mod sitting;
pub mod store;
mod subject;
mod wording;

pub use ballot_box::{BallotBox, CastError, Counted, Slip};
pub use jobs::{on, publish, turn};
pub use panel::panel;
pub use subject::{code, from_code, number, of_number};

use crate::{
    authz::Action::{EditRatings, ReviewRatings, SeeRatings},
    web::{
        Access::{Public, PublicFresh, Staff},
        Route, get, post,
    },
};

/// The routes of this feature. What a citizen meets is fresh: it depends on a cookie and on the hour.
pub fn routes() -> Vec<Route> {
    vec![
        get("/ratings", Public, overview::county),
        get("/units/{id}/ratings", Public, overview::unit),
        get("/p", PublicFresh, paper::form),
        post("/p", PublicFresh, paper::typed),
        get("/p/{code}", PublicFresh, paper::scanned),
        get("/rate/paper", PublicFresh, paper::choose),
        get("/rate/{subject}", PublicFresh, rate::form),
        post("/rate/{subject}", PublicFresh, rate::answer),
        post("/rate/{subject}/phone", PublicFresh, rate::prove),
        post("/rate/leave", PublicFresh, rate::leave),
        get("/office/ratings", Staff(SeeRatings), list::page),
        get("/office/ratings/new", Staff(EditRatings), round::new),
        post("/office/ratings", Staff(EditRatings), round::create),
        get("/office/ratings/flags", Staff(SeeRatings), flags::page),
        get("/office/ratings/flags/{id}", Staff(SeeRatings), flags::flag),
        post("/office/ratings/flags/{id}", Staff(SeeRatings), flags::decide),
        get("/office/ratings/{id}", Staff(SeeRatings), round::page),
        post("/office/ratings/{id}", Staff(EditRatings), round::edit),
        post("/office/ratings/{id}/reopen", Staff(EditRatings), round::reopen),
        post("/office/ratings/{id}/drop", Staff(EditRatings), round::give_up),
        post("/office/ratings/{id}/review", Staff(ReviewRatings), round::review),
        post("/office/ratings/{id}/close", Staff(ReviewRatings), round::close_early),
        get("/office/ratings/{id}/sheets", Staff(SeeRatings), sheets::page),
        post("/office/ratings/{id}/sheets", Staff(EditRatings), sheets::print),
        get("/office/ratings/sheets/{id}", Staff(SeeRatings), sheets::sheet),
        post("/office/ratings/sheets/{id}/revoke", Staff(EditRatings), sheets::revoke),
        post("/office/ratings/sheets/{id}/exclude", Staff(ReviewRatings), sheets::exclude),
        get("/office/indicators", Staff(SeeRatings), indicators::page),
        get("/office/indicators/{code}", Staff(EditRatings), indicators::form),
        post("/office/indicators/{code}", Staff(EditRatings), indicators::edit),
        post("/office/indicators/submit", Staff(EditRatings), indicators::submit),
        post("/office/indicators/approve", Staff(ReviewRatings), indicators::approve),
        post("/office/indicators/return", Staff(ReviewRatings), indicators::give_back),
    ]
}
