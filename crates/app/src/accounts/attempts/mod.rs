//! Tries to sign in: counted before they are verified, so that tries sent at once count one by one.
//!
//! Which tries count together is a keyed hash of what was typed, for known and unknown logins alike: both
//! cost the same writes, and no name that somebody typed by mistake is stored. A device on which the owner
//! signed in before counts apart from strangers, who can therefore not keep the owner out.

pub mod store;

use super::new_token;
use crate::{
    clock::Millis,
    web::{App, cookie},
};
use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use daylight_vault::{Place, Purpose};

const COUNTED: Purpose = Purpose("sign-in-attempt");
const COOKIE: &str = "daylight_device";
/// Seconds a device stays known after its last sign-in: 180 days.
const KNOWN_FOR: i64 = 180 * 24 * 3_600;

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// The password of a login, as typed.
    Password(&'a str),
    /// The second factor of an account.
    Code(i64),
    /// The present password, before it is changed.
    Change(i64),
}

/// Which tries count together.
pub fn key(app: &App, step: Step<'_>, device: Option<&str>) -> Vec<u8> {
    let (step, who) = match step {
        Step::Password(login) => ("password", login.trim().to_lowercase()),
        Step::Code(account) => ("code", account.to_string()),
        Step::Change(account) => ("change", account.to_string()),
    };
    // The login comes last: whatever is typed cannot look like another step or device.
    let text = format!("{step}\n{}\n{who}", device.unwrap_or_default());
    app.vault.blind(COUNTED, &text).to_vec()
}

/// How long the next try waits after so many failures in a row. It never passes a quarter of an hour or
/// so: about 130 tries a day, which finds neither a password that was taken nor a second factor.
pub fn lock_after(failures: i64) -> Option<Millis> {
    (failures >= 5).then(|| 60_000 * (1 << (failures - 5).clamp(0, 4)))
}

fn place(account_id: i64) -> Place {
    Place::new("accounts", account_id, "device")
}

/// The device's own mark, when this account has signed in on it before. The cookie is sealed for the
/// account, so that nobody can make themselves a device, or use one account's for another.
pub fn known_device(app: &App, headers: &HeaderMap, account_id: i64) -> Option<String> {
    let sealed = data_encoding::BASE64URL_NOPAD.decode(cookie(headers, COOKIE)?.as_bytes()).ok()?;
    let mark = app.vault.unseal(&place(account_id), &sealed).ok()?;
    mark.as_str().ok().map(str::to_owned)
}

/// Makes the device known from now on.
pub fn remember_device(app: &App, response: &mut Response, account_id: i64, known: Option<String>) {
    let mark = known.unwrap_or_else(new_token);
    let sealed = app.vault.seal(&place(account_id), mark.as_bytes());
    let value = data_encoding::BASE64URL_NOPAD.encode(&sealed);
    let secure = if app.config.secure_cookies { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE}={value}; Path=/office/sign-in; Max-Age={KNOWN_FOR}; HttpOnly; SameSite=Lax{secure}"
    );
    response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_str(&cookie).expect("ASCII"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_and_never_passes_sixteen_minutes() {
        assert_eq!(lock_after(4), None);
        assert_eq!(lock_after(5), Some(60_000));
        assert_eq!(lock_after(50), Some(960_000));
    }
}
