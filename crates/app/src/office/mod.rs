//! The office: what waits for me, what may be edited, and the sealed fields of cadres.
//!
//! The editors stand with their nouns (`units/edit.rs`, `powers/edit.rs`, `cadres/edit.rs`), drafts
//! and reviews in `revisions`; their addresses are listed here.

mod contents;
pub(crate) mod editor;
mod pick;
mod sealed;
mod start;
mod store;
mod typed;

pub(crate) use pick::pick;
pub(crate) use typed::Typed;

use crate::{
    authz::Action,
    cadres, powers, units,
    web::{Access, Route, get, post},
};
use daylight_ui::{Html, form::Errors};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    let edit = Access::Staff(Action::Edit);
    let open = Access::Staff(Action::OpenSealed);
    vec![
        get("/office", Access::Staff(Action::OpenOffice), start::page),
        get("/office/contents", Access::Staff(Action::SeeDrafts), contents::page),
        get("/office/units/new", edit, units::edit::begin),
        post("/office/units/new", edit, units::edit::keep_new),
        get("/office/units/{id}/edit", edit, units::edit::form),
        post("/office/units/{id}/edit", edit, units::edit::keep),
        get("/office/powers/new", edit, powers::edit::begin),
        post("/office/powers/new", edit, powers::edit::keep_new),
        get("/office/powers/{id}/edit", edit, powers::edit::form),
        post("/office/powers/{id}/edit", edit, powers::edit::keep),
        get("/office/cadres/new", edit, cadres::edit::begin),
        post("/office/cadres/new", edit, cadres::edit::keep_new),
        get("/office/cadres/{id}/edit", edit, cadres::edit::form),
        post("/office/cadres/{id}/edit", edit, cadres::edit::keep),
        get("/office/cadres/{id}/sealed", open, sealed::ask),
        post("/office/cadres/{id}/sealed", open, sealed::open),
    ]
}

/// The error summary for the top of a page; nothing when nothing is wrong.
pub(crate) fn summary(errors: &Errors) -> Html {
    if errors.is_empty() { Html::default() } else { errors.summary().into() }
}
