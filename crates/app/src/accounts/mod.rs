//! Accounts of staff: password and second factor, devices, invitations, roles.

mod account;
mod devices;
mod invitation;
mod sign_in;
pub mod store;

pub use account::{Totp, hash_password, lock_after, new_token, token_hash, verify_password, weak_password};

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
