//! 人员对应: which person stands behind an account.
//!
//! Routing keeps a report from the accused and their relatives by the person behind each account; an account without
//! one is kept from everything. So the tie is changed by two people: the system administrator asks, the security
//! administrator decides, and neither of them is the account's owner. Until then the old tie holds.

mod asked;
mod desk;
pub mod store;
#[cfg(test)]
mod tests;
mod tie;

pub(crate) use asked::section;
pub use tie::{Refused, Tie, may_ask, may_decide};

use crate::{
    authz::Action,
    web::{Access, Route, get, post},
};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    let (ask, decide) = (Access::Staff(Action::ManageAccounts), Access::Staff(Action::ManageGrants));
    vec![
        post("/office/accounts/{id}/tie", ask, asked::ask),
        get("/office/ties", decide, desk::page),
        post("/office/ties/{id}", decide, desk::decide),
    ]
}
