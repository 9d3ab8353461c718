//! The audit trail: who did what when, each entry bound to the one before by its hash.
//!
//! Changes write their entry in their own transaction. Opening a sealed field writes one too, before
//! the value is shown. Nothing personal stands in an entry.

pub mod head;
mod list;
pub mod rows;
pub mod store;
pub(crate) mod words;

use crate::{
    authz::Action,
    web::{Access, Route, get, post},
};
use daylight_db::Mark;
use daylight_vault::{Purpose, Vault};

/// The key under which entries are bound to each other: it goes with the database, see [`Db::marked`].
///
/// [`Db::marked`]: daylight_db::Db::marked
pub fn mark(vault: &Vault) -> Mark {
    Mark(vault.blind(Purpose("audit-trail"), ""))
}

/// Something that was done.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Whose account; none for the operator at the machine.
    pub account_id: Option<i64>,
    /// Their name, as it was then.
    pub actor: &'a str,
    /// "noun.verb": "revision.publish".
    pub action: &'a str,
    /// What it was done to: "power 921".
    pub subject: &'a str,
    /// What else matters.
    pub detail: &'a str,
}

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    let staff = Access::Staff(Action::ReadAudit);
    vec![
        get("/office/audit", staff, list::page),
        post("/office/audit/verify", staff, list::verify),
        post("/office/audit/export", staff, list::export),
    ]
}
