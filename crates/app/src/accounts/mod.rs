//! Accounts of staff: password and second factor, devices, invitations, roles.

mod account;
pub(crate) mod attempts;
mod devices;
mod grant;
mod grants;
mod invitation;
mod list;
mod sign_in;
pub mod store;

pub(crate) use grants::unknown_unit;
pub use list::INVITED;
pub use store::GrantLine;

pub use account::{
    Totp, hash_password, in_turn, new_token, token_hash, turn, verify_password, weak_password,
};

use crate::{
    authz::Action,
    web::{Access, Route, get, post},
};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    vec![
        get("/office/sign-in", Access::PublicFresh, sign_in::form),
        post("/office/sign-in", Access::PublicFresh, sign_in::submit),
        get("/office/sign-in/code", Access::HalfSignedIn, sign_in::code_form),
        post("/office/sign-in/code", Access::HalfSignedIn, sign_in::submit_code),
        post("/office/sign-out", Access::Staff(Action::OpenOffice), sign_in::sign_out),
        get("/office/devices", Access::Staff(Action::OpenOffice), devices::page),
        post("/office/devices/{id}/end", Access::Staff(Action::OpenOffice), devices::end),
        post("/office/password", Access::Staff(Action::OpenOffice), devices::change_password),
        get("/office/invitation/{token}", Access::PublicFresh, invitation::form),
        post("/office/invitation/{token}", Access::PublicFresh, invitation::accept),
        get("/office/accounts", Access::Staff(Action::ManageAccounts), list::page),
        post("/office/accounts", Access::Staff(Action::ManageAccounts), list::create),
        get("/office/accounts/new", Access::Staff(Action::ManageAccounts), list::form),
        get("/office/accounts/{id}", Access::Staff(Action::ManageAccounts), list::show),
        post("/office/accounts/{id}/disable", Access::Staff(Action::ManageAccounts), list::disable),
        post("/office/accounts/{id}/enable", Access::Staff(Action::ManageAccounts), list::enable),
        get("/office/grants", Access::Staff(Action::ManageGrants), grants::page),
        get("/office/grants/{account}", Access::Staff(Action::ManageGrants), grants::show),
        post("/office/grants/{account}", Access::Staff(Action::ManageGrants), grants::grant),
        post("/office/grants/{account}/invite", Access::Staff(Action::ManageGrants), grants::invite),
        post("/office/grants/{account}/end", Access::Staff(Action::ManageGrants), grants::end),
    ]
}

/// The second factor of an account, opened for a check. None when it is not set or not ours.
fn totp_of(app: &crate::web::App, account: &store::Account) -> Option<Totp> {
    let sealed = account.totp_sealed.as_deref()?;
    let secret = app.vault.unseal(&store::totp_place(account.id), sealed).ok()?;
    Totp::new(secret.as_bytes(), &account.login, "Daylight")
}

/// A path as a query value.
fn escaped(path: &str) -> String {
    crate::web::escape_query(path)
}
