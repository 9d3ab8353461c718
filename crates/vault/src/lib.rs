//! Keys, sealed fields and blind indexes: how the platform keeps what identifies a person.
//!
//! # What is protected from whom
//!
//! Phones, citizen ids, names of reporters and the like are stored [sealed](Vault::seal). Whoever reads the
//! database, or a copy or backup of it, sees random bytes. The keys stand in a file of their own
//! (`keys.json`), outside the database and its backup, so that one theft is not enough. Whoever holds both
//! reads everything; a running server does. Backups therefore name the key file they need by
//! [fingerprints](Key::fingerprint) and never carry it.
//!
//! # Sealed values
//!
//! ```text
//! version (1 byte = suite) | key id (4 bytes, big endian) | nonce (24 bytes, random) | ciphertext | tag (16 bytes)
//! ```
//!
//! The tag also covers the version, the key id and the [`Place`] (table, row, column), each part behind its
//! length. A value copied to another row, column or table does not open there: nobody who can write to the
//! database can make one person's phone appear as another's. Not covered: putting back an older value of the
//! same place, and deleting one. Lengths are visible; pad before sealing where a length tells something.
//!
//! # Suites
//!
//! The version byte names a [`Suite`]. There is one, XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): its nonce
//! is long enough to be drawn at random for each value. A 国密 suite (SM4-GCM, GB/T 32907 and GB/T 36624, with
//! SM3, GB/T 32905, for the indexes) takes the next byte: add a variant to [`Suite`], and let the compiler
//! show each `match` that must know it. Old values stay readable and move over by [`Vault::reseal`]. A trait
//! waits until there are two.
//!
//! # Rotation
//!
//! [`Vault::rotate`] adds a data key that seals from then on; old values stay readable under their retired
//! keys. A job walks the tables and calls [`Vault::reseal`] where [`Vault::needs_reseal`]; when no row names
//! a key any more, [`Vault::forget`] destroys it. The index master does not rotate with them: see
//! [`Vault::blind`].
//!
//! # To somebody else
//!
//! What belongs to the level above is sealed to its public key ([`Sealing`]); no key of this installation opens it.

mod data_key;
mod envelope;
mod error;
mod file;
mod index;
mod master;
mod ring;
mod sealed_box;
mod secret;
mod suite;
mod vault;

pub use data_key::DataKey;
pub use envelope::Place;
pub use error::VaultError;
pub use index::{Purpose, mac};
pub use master::Master;
pub use ring::{Key, Status};
pub use sealed_box::{BOX_HEADER, PIECE, Recipient, RecipientKey, SEALED_PIECE, Sealing, Unsealing};
pub use secret::Secret;
pub use suite::Suite;
pub use vault::Vault;

use zeroize::Zeroizing;

/// A key of 256 bits that is wiped when dropped.
pub(crate) type Bytes32 = Zeroizing<[u8; 32]>;

/// Random bytes from the operating system.
///
/// # Panics
/// When the kernel gives none: there is then no safe way to go on, and no caller could mend it.
pub(crate) fn random<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut bytes[..]).expect("the operating system gives random bytes");
    bytes
}
