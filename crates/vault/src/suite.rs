//! The ciphers. All that knows an algorithm by name is here.

use crate::{Bytes32, random};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

/// A set of algorithms, named by the first byte of what it sealed. See the crate page for adding 国密.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha), nonce of 24 random bytes, tag of 16. Version byte 1.
    XChaCha20Poly1305,
}

impl Suite {
    /// The suite that seals now.
    pub const CURRENT: Self = Self::XChaCha20Poly1305;

    /// First byte of what this suite sealed.
    pub fn version(self) -> u8 {
        match self {
            Self::XChaCha20Poly1305 => 1,
        }
    }

    /// The suite of a first byte.
    pub fn of(version: u8) -> Option<Self> {
        (version == 1).then_some(Self::XChaCha20Poly1305)
    }

    pub(crate) fn nonce_len(self) -> usize {
        match self {
            Self::XChaCha20Poly1305 => 24,
        }
    }

    pub(crate) fn tag_len(self) -> usize {
        match self {
            Self::XChaCha20Poly1305 => 16,
        }
    }

    /// Nonce, ciphertext and tag, one after another.
    pub(crate) fn encrypt(self, key: &Bytes32, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        match self {
            Self::XChaCha20Poly1305 => {
                let nonce = random::<24>();
                let mut out = nonce.to_vec();
                let cipher = XChaCha20Poly1305::new((&**key).into());
                let body = cipher
                    .encrypt(&XNonce::from(*nonce), Payload { msg: plain, aad })
                    .expect("a value is shorter than the 256 GiB this cipher takes");
                out.extend(body);
                out
            }
        }
    }

    /// The plaintext of what [`Suite::encrypt`] made, or nothing if a bit of it or of `aad` differs.
    pub(crate) fn decrypt(self, key: &Bytes32, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::XChaCha20Poly1305 => {
                let (nonce, body) = sealed.split_first_chunk::<24>()?;
                let cipher = XChaCha20Poly1305::new((&**key).into());
                cipher.decrypt(&XNonce::from(*nonce), Payload { msg: body, aad }).ok()
            }
        }
    }
}
