//! A key for one thing alone, such as a case: it can be given to some, taken away and destroyed without touching
//! anything else.

use crate::envelope::Header;
use crate::{Bytes32, Place, Secret, Suite, Vault, VaultError, random};
use std::fmt;
use zeroize::Zeroizing;

/// A data key that stands in the database, wrapped by the vault: once for each who may use it. What it seals names
/// its generation where a value of the vault names the vault's key.
#[derive(Clone)]
pub struct DataKey {
    generation: u32,
    secret: Bytes32,
}

impl DataKey {
    /// A new random key; the first generation is 1.
    ///
    /// # Panics
    /// When the operating system gives no random bytes.
    pub fn draw(generation: u32) -> DataKey {
        DataKey { generation, secret: random() }
    }

    /// Which key of its thing this is.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// The key as it may be stored. The place says for whom: copied to another's place it does not open.
    pub fn wrap(&self, vault: &Vault, at: &Place) -> Vec<u8> {
        vault.seal(at, &self.secret[..])
    }

    /// Takes a wrapped key out.
    ///
    /// # Errors
    /// As [`Vault::unseal`]; [`VaultError::Malformed`] when it is no key.
    pub fn unwrap(vault: &Vault, at: &Place, generation: u32, wrapped: &[u8]) -> Result<DataKey, VaultError> {
        DataKey::of(generation, &vault.unseal(at, wrapped)?)
    }

    /// A key that was kept under another key than the vault's, such as a file's under its case's.
    ///
    /// # Errors
    /// [`VaultError::Malformed`] when it is no key.
    pub fn of(generation: u32, opened: &Secret) -> Result<DataKey, VaultError> {
        let secret: [u8; 32] = opened.as_bytes().try_into().map_err(|_| VaultError::Malformed)?;
        Ok(DataKey { generation, secret: Zeroizing::new(secret) })
    }

    /// Seals a value for one place under this key.
    ///
    /// # Panics
    /// When the operating system gives no random bytes.
    pub fn seal(&self, at: &Place, plaintext: &[u8]) -> Vec<u8> {
        let header = Header { suite: Suite::CURRENT, key: self.generation };
        let mut out = header.bytes().to_vec();
        out.extend(header.suite.encrypt(&self.secret, &header.aad(at), plaintext));
        out
    }

    /// Opens a value sealed for this place under this key.
    ///
    /// # Errors
    /// [`VaultError::UnknownKey`] when another generation sealed it, [`VaultError::NotAuthentic`],
    /// [`VaultError::Malformed`].
    pub fn unseal(&self, at: &Place, sealed: &[u8]) -> Result<Secret, VaultError> {
        let (header, body) = Header::read(sealed)?;
        if header.key != self.generation {
            return Err(VaultError::UnknownKey(header.key));
        }
        let plain = header.suite.decrypt(&self.secret, &header.aad(at), body);
        plain.map(Secret::new).ok_or(VaultError::NotAuthentic)
    }
}

// Keys stay out of logs.
impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey({}, •••)", self.generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_key_opens_only_where_it_was_wrapped_for_and_only_its_own_generation() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::create(&folder.path().join("keys"), 0).unwrap();
        let (mine, yours) = (Place::new("keys", "7/1/5", "key"), Place::new("keys", "7/1/6", "key"));
        let text = Place::new("events", "7/1", "words");
        let key = DataKey::draw(1);
        let sealed = key.seal(&text, "举报内容".as_bytes());
        let wrapped = key.wrap(&vault, &mine);
        let again = DataKey::unwrap(&vault, &mine, 1, &wrapped).unwrap();
        assert_eq!(again.unseal(&text, &sealed).unwrap().as_str().unwrap(), "举报内容");
        assert!(matches!(DataKey::unwrap(&vault, &yours, 1, &wrapped), Err(VaultError::NotAuthentic)));
        assert!(matches!(again.unseal(&mine, &sealed), Err(VaultError::NotAuthentic)));
        let next = DataKey::draw(2).seal(&text, "之后的".as_bytes());
        assert!(matches!(again.unseal(&text, &next), Err(VaultError::UnknownKey(2))));
        assert!(matches!(DataKey::draw(1).unseal(&text, &sealed), Err(VaultError::NotAuthentic)));
        assert_eq!(format!("{key:?}"), "DataKey(1, •••)");
    }
}
