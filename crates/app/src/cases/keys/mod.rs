//! The keys of a case: who can open what was written in it.
//!
//! What is written is locked under the case's newest key. The key is wrapped once for the program itself and once
//! for each account that may open the case. Taking the case from somebody destroys their copies and draws a new
//! key, so that nothing they kept opens what comes after.

pub mod store;

use daylight_vault::{DataKey, Place, Secret, VaultError};
use std::collections::BTreeMap;

/// The keys of one case that somebody holds, by generation.
#[derive(Debug, Default)]
pub struct Keys(BTreeMap<u32, DataKey>);

impl Keys {
    /// Locks what is written now.
    ///
    /// # Errors
    ///
    /// When there is no key at all.
    pub fn lock(&self, at: &Place, plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (_, key) = self.0.last_key_value().ok_or(VaultError::UnknownKey(0))?;
        Ok(key.seal(at, plaintext))
    }

    /// Opens what was written under any of them.
    ///
    /// # Errors
    ///
    /// [`VaultError::UnknownKey`] when it was written under another one.
    pub fn open(&self, at: &Place, locked: &[u8]) -> Result<Secret, VaultError> {
        let generation = daylight_vault::Vault::key_id_of(locked)?;
        self.0.get(&generation).ok_or(VaultError::UnknownKey(generation))?.unseal(at, locked)
    }

    fn newest(&self) -> u32 {
        self.0.last_key_value().map_or(0, |(generation, _)| *generation)
    }
}
