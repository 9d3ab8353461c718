//! The staff's side of a case: lists, the file of one case, and a page for each deed.
//!
//! Which deeds are offered is asked of the machine (`offer.rs`); that they may be done is decided again in the store
//! when they are sent. Whoever must not see a case gets, on every address, the bytes of "not found".

mod assign;
mod clear;
mod conclude;
mod duplicates;
mod evidence;
mod extend;
mod file;
mod form;
mod forward;
mod list;
mod measure;
mod money;
mod name;
mod narrow;
mod notices;
mod offer;
mod plain;
mod print;
mod reply;
mod show;
mod store;
mod waiting;

pub(crate) use list::state_page;
pub use waiting::{Waiting, waiting};

use crate::{
    authz::Action,
    cases::store::StoreError,
    web::{Access, App, Form, Id, PageError, Route, Viewer, get, post},
};
use axum::extract::{Request, State};
use offer::Offer;

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    let see = Access::Staff(Action::SeeCase);
    let mut routes = vec![
        get("/office/cases", see, list::page),
        get("/office/cases/list.xlsx", see, list::workbook),
        get("/office/cases/{id}", see, show::page),
        get("/office/cases/{id}/print", see, print::page),
        get("/office/cases/{id}/evidence", see, evidence::page),
        post("/office/cases/{id}/evidence", Access::Staff(Action::HandleCase), evidence::begin),
        get("/office/notices", see, notices::page),
        post("/office/notices/{id}/read", see, notices::read),
        get("/office/cases/{id}/name", see, name::ask),
        post("/office/cases/{id}/name", see, name::take),
        get("/office/cases/{id}/clear", see, clear::ask),
        post("/office/cases/{id}/clear", see, clear::take),
        get("/office/cases/{id}/duplicates", see, duplicates::page),
        post("/office/cases/{id}/duplicates", see, duplicates::link),
    ];
    let receive = Access::Staff(Action::ReceiveReport);
    let (handle, approve) = (Access::Staff(Action::HandleCase), Access::Staff(Action::ApproveCase));
    for (path, access, offer) in [
        ("/office/cases/{id}/accept", receive, Offer::Accept),
        ("/office/cases/{id}/forward", receive, Offer::Forward),
        ("/office/cases/{id}/decline", approve, Offer::Decline),
        ("/office/cases/{id}/assign", Access::Staff(Action::AssignCase), Offer::Assign),
        ("/office/cases/{id}/ask", handle, Offer::Ask),
        ("/office/cases/{id}/resume", handle, Offer::Resume),
        ("/office/cases/{id}/note", handle, Offer::Note),
        ("/office/cases/{id}/conclude", handle, Offer::Conclude),
        ("/office/cases/{id}/measure", handle, Offer::Measure),
        ("/office/cases/{id}/money", handle, Offer::Money),
        ("/office/cases/{id}/file", approve, Offer::FileCase),
        ("/office/cases/{id}/ask-time", handle, Offer::AskTime),
        ("/office/cases/{id}/extend", approve, Offer::Extend),
        ("/office/cases/{id}/refuse-time", approve, Offer::RefuseTime),
        ("/office/cases/{id}/return", approve, Offer::Return),
        ("/office/cases/{id}/reply", approve, Offer::Reply),
        ("/office/cases/{id}/reopen", approve, Offer::Reopen),
        ("/office/cases/{id}/recuse", see, Offer::Recuse),
    ] {
        routes.push(get(path, access, move |State(app): State<App>, viewer: Viewer, Id(id): Id| {
            form::ask(app, viewer, id, offer)
        }));
        if evidence::TAKES_FILES.contains(&offer) {
            let take = move |State(app): State<App>, viewer: Viewer, Id(id): Id, request: Request| {
                form::take_with_files(app, viewer, id, offer, request)
            };
            routes.push(post(path, access, take).upload());
            continue;
        }
        routes.push(post(
            path,
            access,
            move |State(app): State<App>, viewer: Viewer, Id(id): Id, Form(typed): Form<form::Typed>| {
                form::take(app, viewer, id, offer, typed)
            },
        ));
    }
    routes
}

/// What a failure of the store is on a page: a case of others, or closed to this person, is no case.
fn failed(error: StoreError) -> PageError {
    match error {
        StoreError::NotFound | StoreError::Denied(_) => PageError::NotFound,
        StoreError::Db(error) => error.into(),
        error => PageError::internal(error),
    }
}
