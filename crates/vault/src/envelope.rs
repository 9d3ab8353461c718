//! The header of a sealed value and what its tag covers.

use crate::{Suite, VaultError};

/// Where a sealed value stands. Opening it needs the same place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Table.
    pub table: &'static str,
    /// Key of the row, as text.
    pub row: String,
    /// Column.
    pub column: &'static str,
}

impl Place {
    /// A place; the row by number, uuid or text.
    pub fn new(table: &'static str, row: impl ToString, column: &'static str) -> Self {
        Self { table, row: row.to_string(), column }
    }
}

/// Version byte and key id.
const HEADER: usize = 5;

/// What stands before the nonce.
#[derive(Clone, Copy)]
pub(crate) struct Header {
    pub suite: Suite,
    pub key: u32,
}

impl Header {
    pub fn bytes(self) -> [u8; HEADER] {
        let [a, b, c, d] = self.key.to_be_bytes();
        [self.suite.version(), a, b, c, d]
    }

    /// Header and rest of a sealed value.
    pub fn read(sealed: &[u8]) -> Result<(Self, &[u8]), VaultError> {
        let (&[version, a, b, c, d], rest) = sealed.split_first_chunk().ok_or(VaultError::Malformed)?;
        let suite = Suite::of(version).ok_or(VaultError::Malformed)?;
        if rest.len() < suite.nonce_len() + suite.tag_len() {
            return Err(VaultError::Malformed);
        }
        Ok((Self { suite, key: u32::from_be_bytes([a, b, c, d]) }, rest))
    }

    /// What the tag covers beside the value: each part behind its length, so that no two places read alike.
    pub fn aad(self, at: &Place) -> Vec<u8> {
        join(
            b"daylight/vault/value",
            &[&self.bytes(), at.table.as_bytes(), at.row.as_bytes(), at.column.as_bytes()],
        )
    }
}

/// A domain and parts as one text that can be read back in only one way.
pub(crate) fn join(domain: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in std::iter::once(&domain).chain(parts) {
        out.extend((part.len() as u64).to_be_bytes());
        out.extend(*part);
    }
    out
}
