//! The clue ledger (问题线索台账, capability D10): suspected violations from reports, comparisons, inspections and
//! warnings, each disposed of in exactly four ways, proposed with reasons and approved by another person.
//!
//! A clue says what is to be looked into and never that somebody did something. Its text is locked under the key of
//! its case; without a case under a key of its own. Whoever may not see the case does not see that there is a clue;
//! nothing of clues is public but how many were disposed of, in bands.

mod clue;
mod deeds;
mod find;
mod list;
mod public;
mod show;
pub mod store;
#[cfg(test)]
mod tests;

pub use clue::{Clue, Deed, Disposal, Event, Refusal, Source, State, due};
pub use list::{Waiting, waiting};
pub use public::section;

use crate::{
    authz::Action,
    cases::store::StoreError,
    web::{Access, PageError, Route, get, post},
};
use store::ClueError;

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    let see = Access::Staff(Action::SeeCase);
    let approve = Access::Staff(Action::ApproveCase);
    vec![
        get("/office/clues", see, list::page),
        get("/office/clues/clues.xlsx", see, list::workbook),
        get("/office/clues/new", see, find::new),
        post("/office/clues/new", see, find::enter),
        get("/office/clues/{id}", see, show::page),
        post("/office/clues/{id}/propose", see, deeds::propose),
        post("/office/clues/{id}/decide", approve, deeds::decide),
        post("/office/clues/{id}/reopen", approve, deeds::reopen),
        get("/office/cases/{id}/clue", approve, find::of_case),
        post("/office/cases/{id}/clue", approve, find::found),
    ]
}

/// What went wrong, as a page. Whoever may not see a clue meets what everybody meets who asks for none.
fn failed(error: ClueError) -> PageError {
    match error {
        ClueError::NotFound => PageError::NotFound,
        ClueError::Refused(Refusal::Role) => PageError::Forbidden,
        ClueError::Refused(refusal) => PageError::invalid(refusal.to_string()),
        ClueError::Case(StoreError::Db(error)) => error.into(),
        ClueError::Case(error) => PageError::internal(error),
    }
}
