//! Blind indexes: finding a sealed value without opening it.

use crate::Bytes32;
use crate::envelope::join;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What a blind index is for. Indexes of different purposes have different keys, so that a phone in one table
/// cannot be matched with a phone that stands in another for another reason.
///
/// The text is part of the key: change it and every index made with it is lost. Other modules may name
/// purposes of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purpose(pub &'static str);

impl Purpose {
    /// 公民身份号码, canonical: 18 characters, `X` upper case (GB 11643).
    pub const CITIZEN_ID: Self = Self("citizen-id");
    /// Phone number, canonical: digits only with country code.
    pub const PHONE: Self = Self("phone");
    /// Token of a session cookie.
    pub const SESSION_TOKEN: Self = Self("session-token");
    /// One-time code sent by SMS, bound to number and purpose by the caller.
    pub const ONE_TIME_CODE: Self = Self("one-time-code");
    /// Receipt number of a report.
    pub const REPORT_NUMBER: Self = Self("report-number");
    /// Query code of a report.
    pub const QUERY_CODE: Self = Self("query-code");
    /// One voice per person, subject and round of rating.
    pub const BALLOT: Self = Self("ballot");
}

fn hmac(key: &[u8], message: &[u8]) -> Bytes32 {
    // HMAC takes keys of any length (RFC 2104).
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// HMAC-SHA256 over parts, each behind its length, so that no two lists of parts share a form. For keys that are
/// drawn by [`crate::Vault::blind`] and carried where the vault is not.
#[must_use]
pub fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    *hmac(key, &join(b"daylight/mac", parts))
}

/// HMAC-SHA256 under a key drawn from the master for this purpose, as in HKDF (RFC 5869): extract, then
/// expand by one block.
pub(crate) fn blind(master: &Bytes32, purpose: Purpose, canonical: &str) -> [u8; 32] {
    let extracted = hmac(b"daylight/vault/index", &master[..]);
    let mut info = join(b"daylight/vault/purpose", &[purpose.0.as_bytes()]);
    info.push(1);
    *hmac(&hmac(&extracted[..], &info)[..], canonical.as_bytes())
}
