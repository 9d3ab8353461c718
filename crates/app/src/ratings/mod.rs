//! What citizens think (群众评价): rounds, questions, and ballots that nobody can tie to a person.
//!
//! What may be decided stands in `daylight_ratings`; here it is kept and shown. A ballot passes the [`BallotBox`]: it
//! is acknowledged after it and its roll-ups are on disk, in one transaction. The key of a round ([`keys`]) lies
//! outside the database and every backup, and is destroyed at the close.

mod ballot_box;
mod indicators;
mod jobs;
pub mod keys;
mod list;
mod panel;
mod proof;
mod rate;
mod round;
mod sitting;
pub mod store;
mod subject;
mod wording;

pub use ballot_box::{BallotBox, CastError, Counted, Slip};
pub use jobs::{on, turn};
pub use panel::panel;
pub use subject::{code, from_code, number, of_number};

use crate::{
    authz::Action::{EditRatings, ReviewRatings, SeeRatings},
    web::{
        Access::{PublicFresh, Staff},
        Route, get, post,
    },
};

/// The routes of this feature. What a citizen meets is fresh: it depends on a cookie and on the hour.
pub fn routes() -> Vec<Route> {
    vec![
        get("/rate/{subject}", PublicFresh, rate::form),
        post("/rate/{subject}", PublicFresh, rate::answer),
        post("/rate/{subject}/phone", PublicFresh, rate::prove),
        post("/rate/leave", PublicFresh, rate::leave),
        get("/office/ratings", Staff(SeeRatings), list::page),
        get("/office/ratings/new", Staff(EditRatings), round::new),
        post("/office/ratings", Staff(EditRatings), round::create),
        get("/office/ratings/{id}", Staff(SeeRatings), round::page),
        post("/office/ratings/{id}", Staff(EditRatings), round::edit),
        post("/office/ratings/{id}/reopen", Staff(EditRatings), round::reopen),
        post("/office/ratings/{id}/drop", Staff(EditRatings), round::give_up),
        post("/office/ratings/{id}/review", Staff(ReviewRatings), round::review),
        get("/office/indicators", Staff(SeeRatings), indicators::page),
        get("/office/indicators/{code}", Staff(EditRatings), indicators::form),
        post("/office/indicators/{code}", Staff(EditRatings), indicators::edit),
        post("/office/indicators/submit", Staff(EditRatings), indicators::submit),
        post("/office/indicators/approve", Staff(ReviewRatings), indicators::approve),
        post("/office/indicators/return", Staff(ReviewRatings), indicators::give_back),
    ]
}
