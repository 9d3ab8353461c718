//! Plaintext in memory.

use crate::VaultError;
use std::fmt;
use std::str;
use zeroize::Zeroizing;

/// An opened value. Wiped from memory when dropped, and never printed: `Debug` shows `•••`, there is no
/// `Display`, no `Clone` and no `Serialize`.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes as they were sealed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text.
    ///
    /// # Errors
    /// [`VaultError::Malformed`] when they are not UTF-8.
    pub fn as_str(&self) -> Result<&str, VaultError> {
        str::from_utf8(&self.0).map_err(|_| VaultError::Malformed)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}
