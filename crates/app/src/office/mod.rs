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
mod withhold;

use pick::pick;
pub(crate) use typed::{Typed, bounded};

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
    let mut routes = vec![
        get("/office", Access::Staff(Action::OpenOffice), start::page),
        get("/office/contents", Access::Staff(Action::SeeDrafts), contents::page),
        get("/office/cadres/{id}/sealed", open, sealed::ask),
        post("/office/cadres/{id}/sealed", open, sealed::open),
        get("/office/powers/{id}/withhold", edit, withhold::power),
        post("/office/powers/{id}/withhold", edit, withhold::keep_power),
        get("/office/cadres/{id}/withhold", edit, withhold::cadre),
        post("/office/cadres/{id}/withhold", edit, withhold::keep_cadre),
    ];
    routes.extend(editor::routes::<units::edit::UnitSheet>("/office/units/new", "/office/units/{id}/edit"));
    routes
        .extend(editor::routes::<powers::edit::PowerSheet>("/office/powers/new", "/office/powers/{id}/edit"));
    routes
        .extend(editor::routes::<cadres::edit::CadreSheet>("/office/cadres/new", "/office/cadres/{id}/edit"));
    routes
}

/// The error summary for the top of a page; nothing when nothing is wrong.
pub(crate) fn summary(errors: &Errors) -> Html {
    if errors.is_empty() { Html::default() } else { errors.summary().into() }
}

/// Marks the entry of the menu to which a page belongs, where its address does not tell.
pub(crate) fn under(shell: &mut daylight_ui::Shell, href: &str) {
    for item in &mut shell.nav {
        item.current = item.href == href;
    }
}
