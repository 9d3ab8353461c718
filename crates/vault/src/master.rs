//! The master key that wraps the key file, held apart from it.

use crate::{Bytes32, VaultError, file};
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use std::fmt;
use std::ops::Deref;
use std::path::Path;
use zeroize::Zeroizing;

/// A master key: 32 random bytes from a secret store. It is not a passphrase and is not stretched.
///
/// Gives `&[u8; 32]` by dereference, for [`crate::Vault::open_with_master`].
pub struct Master(Bytes32);

impl Master {
    /// Environment variable [`Master::from_env`] reads.
    pub const VARIABLE: &'static str = "DAYLIGHT_MASTER_KEY";

    /// From the environment, if the variable is set and not empty.
    ///
    /// # Errors
    /// [`VaultError::MalformedMaster`].
    pub fn from_env() -> Result<Option<Self>, VaultError> {
        match std::env::var_os(Self::VARIABLE) {
            None => Ok(None),
            Some(text) if text.is_empty() => Ok(None),
            Some(text) => {
                let text = Zeroizing::new(text.into_string().map_err(|_| VaultError::MalformedMaster)?);
                Self::parse(&text).map(Some)
            }
        }
    }

    /// From a file under the same rules as the key file: mode 0600, no symbolic link.
    ///
    /// # Errors
    /// What is wrong with the file, or [`VaultError::MalformedMaster`].
    pub fn from_file(path: &Path) -> Result<Self, VaultError> {
        let bytes = file::read_private(path)?;
        Self::parse(std::str::from_utf8(&bytes).map_err(|_| VaultError::MalformedMaster)?)
    }

    /// From 64 hexadecimal digits or Base64 of 32 bytes; space around it is ignored.
    ///
    /// # Errors
    /// [`VaultError::MalformedMaster`].
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let text = text.trim().as_bytes();
        let bytes = HEXLOWER_PERMISSIVE.decode(text).or_else(|_| BASE64.decode(text)).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| VaultError::MalformedMaster)?;
        let key = <[u8; 32]>::try_from(&bytes[..]).map_err(|_| VaultError::MalformedMaster)?;
        Ok(Self(Zeroizing::new(key)))
    }
}

impl Deref for Master {
    type Target = [u8; 32];
    fn deref(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Master(•••)")
    }
}
