//! HMAC-SHA256 over parts of which the lengths are said first, so that no two lists of parts read alike.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The keyed hash of some parts, for one purpose.
pub(crate) fn keyed(key: &[u8], purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length (RFC 2104).
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The plain hash of some bytes.
pub(crate) fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cut_elsewhere_hash_differently() {
        assert_ne!(keyed(b"k", "p", &[b"ab", b"c"]), keyed(b"k", "p", &[b"a", b"bc"]));
        assert_ne!(keyed(b"k", "p", &[b"ab"]), keyed(b"k", "pa", &[b"b"]));
        assert_ne!(keyed(b"k", "p", &[b"ab"]), keyed(b"j", "p", &[b"ab"]));
    }
}
