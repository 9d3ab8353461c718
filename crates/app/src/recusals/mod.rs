//! 回避登记 (capability N21): declared relatives of staff, and accounts that stay out of everything about a person or a
//! unit.
//!
//! Everybody may declare for themselves, and their leaders for them; nobody takes a declaration of their own back. A
//! declaration works at once: no case it concerns is shown any more; keys and organs follow by a job that is enqueued in
//! the same transaction.

mod page;
mod recusal;
pub mod store;
#[cfg(test)]
mod tests;

pub use recusal::{Member, leads, may_declare, may_end};

use crate::{
    authz::Action,
    web::{Access, Route, get, post},
};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    let keep = Access::Staff(Action::KeepRecusals);
    vec![
        get("/office/recusals", keep, page::page),
        post("/office/recusals", keep, page::declare),
        post("/office/recusals/relatives", keep, page::relate),
        post("/office/recusals/relatives/end", keep, page::unrelate),
        post("/office/recusals/{id}/end", keep, page::end),
    ]
}
