//! Draft → review → publish, for every noun of the registry (capability A18), and the page "as it
//! stood on date D" (N22).
//!
//! A revision is one whole state of a unit, power or cadre. Publishing it ends the one before and
//! writes the noun's own tables, the search index and the audit trail in the same transaction. The
//! editors stand with their nouns (`units/edit.rs`, …); they share the [`Desk`].

pub mod as_of;
mod desk;
mod draft;
mod gate;
pub mod history;
mod places;
mod review;
mod revision;
mod show;
pub mod store;

pub use desk::{Desk, Saved, edit_href};
pub(crate) use draft::state_tag;
pub use gate::{Obstacle, personal, warnings};
pub(crate) use places::{beyond, within};
pub use revision::{Change, Content, Decline, Origin, Revision, State, SubjectKind, changes};
pub(crate) use show::{difference, gaps, list};

use crate::{
    authz::Action,
    web::{Access, Route, get, post},
};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    let (see, edit, review) =
        (Access::Staff(Action::SeeDrafts), Access::Staff(Action::Edit), Access::Staff(Action::Review));
    vec![
        get("/office/drafts/{revision}", see, draft::page),
        get("/office/drafts/{revision}/preview", see, draft::preview),
        post("/office/drafts/{revision}/submit", edit, draft::submit),
        post("/office/drafts/{revision}/withdraw", edit, draft::withdraw),
        // Its author, or a reviewer who says why: decided inside.
        post("/office/drafts/{revision}/discard", see, draft::discard),
        get("/office/reviews", review, review::list),
        get("/office/reviews/{revision}", review, review::page),
        post("/office/reviews/{revision}/publish", review, review::publish),
        post("/office/reviews/{revision}/return", review, review::send_back),
    ]
}
