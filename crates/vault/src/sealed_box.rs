//! Sealing to somebody else's public key: what is put in here is opened by the holder of the private key alone,
//! and by nothing that this installation holds.
//!
//! HPKE (RFC 9180), base mode, X25519 with HKDF-SHA256 and ChaCha20-Poly1305. A box is a header and pieces of one
//! size; the sequence of HPKE's nonces makes a piece that is missing, doubled or moved fail, and the tag of the
//! last piece says that it is the last:
//!
//! ```text
//! "daylight box 1\n" | recipient (8 bytes of SHA-256 of the public key) | encapsulated key (32) | pieces
//! piece: 65,536 bytes sealed, tag (16)
//! ```

use crate::{Bytes32, Secret, VaultError, random};
use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, Serializable,
    aead::{AeadCtxR, AeadCtxS, ChaCha20Poly1305},
    kdf::HkdfSha256,
    kem::X25519HkdfSha256,
};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

type Kem = X25519HkdfSha256;

/// Bytes that each piece holds. The last is filled up by whoever seals.
pub const PIECE: usize = 1 << 16;
/// Bytes that a sealed piece has.
pub const SEALED_PIECE: usize = PIECE + 16;
/// Bytes that stand before the pieces.
pub const BOX_HEADER: usize = MAGIC.len() + NAME + 32;

const MAGIC: &[u8] = b"daylight box 1\n";
/// Bytes of the hash of the public key by which a box says for whom it is.
const NAME: usize = 8;
const INFO: &[u8] = b"daylight/vault/box 1";

/// To whom something is sealed: a public key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Recipient([u8; 32]);

impl Recipient {
    /// Reads a public key of 32 bytes.
    ///
    /// # Errors
    /// [`VaultError::Malformed`] when it is none, or one of the few points to which nothing can be sealed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Recipient, VaultError> {
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| VaultError::Malformed)?;
        let recipient = Recipient(bytes);
        // A key of low order gives the same secret to everybody; HPKE refuses it when it is first used.
        Sealing::to(&recipient).map(|_| recipient)
    }

    /// The public key.
    pub fn bytes(&self) -> [u8; 32] {
        self.0
    }

    /// What two people compare on the telephone: 32 letters of 16, in groups of four; 128 bits of the hash.
    pub fn fingerprint(&self) -> String {
        // Letters alone, none of which looks or sounds like a digit.
        const LETTERS: &[u8; 16] = b"ABCDEFGHJKLMNPRS";
        let hash = self.hash();
        let nibbles = hash[..16].iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let letters: Vec<char> = nibbles.map(|nibble| char::from(LETTERS[usize::from(nibble)])).collect();
        letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::new().chain_update(b"daylight recipient 1\n").chain_update(self.0).finalize().into()
    }

    fn name(&self) -> [u8; NAME] {
        *self.hash().first_chunk().expect("a hash is longer")
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({})", self.fingerprint())
    }
}

/// The private key of a recipient. It never stands on the machine that seals.
pub struct RecipientKey(Bytes32);

impl RecipientKey {
    /// A new key.
    ///
    /// # Panics
    /// When the operating system gives no random bytes.
    pub fn draw() -> RecipientKey {
        let seed = random::<32>();
        let (private, _) = Kem::derive_keypair(&seed[..]);
        RecipientKey(Zeroizing::new(private.to_bytes().into()))
    }

    /// Reads a private key of 32 bytes.
    ///
    /// # Errors
    /// [`VaultError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<RecipientKey, VaultError> {
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| VaultError::Malformed)?;
        Ok(RecipientKey(Zeroizing::new(bytes)))
    }

    /// The private key, to be written to the recipient's own file.
    pub fn bytes(&self) -> Secret {
        Secret::new(self.0.to_vec())
    }

    /// The public half.
    pub fn recipient(&self) -> Recipient {
        Recipient(Kem::sk_to_pk(&self.private()).to_bytes().into())
    }

    fn private(&self) -> <Kem as hpke::Kem>::PrivateKey {
        <Kem as hpke::Kem>::PrivateKey::from_bytes(&self.0[..]).expect("any 32 bytes are a key of X25519")
    }
}

// Keys stay out of logs.
impl fmt::Debug for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecipientKey({}, •••)", self.recipient().fingerprint())
    }
}

/// A box being filled, piece by piece.
pub struct Sealing {
    context: AeadCtxS<ChaCha20Poly1305, HkdfSha256, Kem>,
    header: [u8; BOX_HEADER],
}

impl Sealing {
    /// Begins a box under a key drawn for it alone.
    ///
    /// # Errors
    /// [`VaultError::Malformed`] when nothing can be sealed to this key.
    pub fn to(recipient: &Recipient) -> Result<Sealing, VaultError> {
        let public =
            <Kem as hpke::Kem>::PublicKey::from_bytes(&recipient.0).map_err(|_| VaultError::Malformed)?;
        let (encapsulated, context) =
            hpke::setup_sender::<ChaCha20Poly1305, HkdfSha256, Kem>(&OpModeS::Base, &public, INFO)
                .map_err(|_| VaultError::Malformed)?;
        let mut header = [0; BOX_HEADER];
        let (magic, rest) = header.split_at_mut(MAGIC.len());
        let (name, key) = rest.split_at_mut(NAME);
        magic.copy_from_slice(MAGIC);
        name.copy_from_slice(&recipient.name());
        key.copy_from_slice(&encapsulated.to_bytes());
        Ok(Sealing { context, header })
    }

    /// What stands before the pieces.
    pub fn header(&self) -> &[u8; BOX_HEADER] {
        &self.header
    }

    /// Seals the next piece.
    ///
    /// # Panics
    /// When it has not [`PIECE`] bytes: lengths must tell nothing.
    pub fn piece(&mut self, plain: &[u8], last: bool) -> Vec<u8> {
        assert_eq!(plain.len(), PIECE, "a piece is full");
        self.context.seal(plain, &aad(&self.header, last)).expect("fewer pieces than HPKE counts")
    }
}

/// A box being read by its recipient.
pub struct Unsealing {
    context: AeadCtxR<ChaCha20Poly1305, HkdfSha256, Kem>,
    header: [u8; BOX_HEADER],
}

impl Unsealing {
    /// Begins with what stands before the pieces.
    ///
    /// # Errors
    /// [`VaultError::Malformed`] when it is no box, [`VaultError::OtherRecipient`] when it is for another key.
    pub fn with(key: &RecipientKey, header: &[u8; BOX_HEADER]) -> Result<Unsealing, VaultError> {
        let rest = header.strip_prefix(MAGIC).ok_or(VaultError::Malformed)?;
        let (name, encapsulated) = rest.split_at(NAME);
        if name != key.recipient().name() {
            return Err(VaultError::OtherRecipient);
        }
        let encapsulated =
            <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| VaultError::Malformed)?;
        let context = hpke::setup_receiver(&OpModeR::Base, &key.private(), &encapsulated, INFO)
            .map_err(|_| VaultError::NotAuthentic)?;
        Ok(Unsealing { context, header: *header })
    }

    /// Opens the next piece.
    ///
    /// # Errors
    /// [`VaultError::NotAuthentic`] when it was changed, is not the next, or is the last and should not be, or the
    /// other way round.
    pub fn piece(&mut self, sealed: &[u8], last: bool) -> Result<Secret, VaultError> {
        let opened = self.context.open(sealed, &aad(&self.header, last));
        opened.map(Secret::new).map_err(|_| VaultError::NotAuthentic)
    }
}

fn aad(header: &[u8; BOX_HEADER], last: bool) -> Vec<u8> {
    let mut aad = header.to_vec();
    aad.push(u8::from(last));
    aad
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(byte: u8) -> Vec<u8> {
        vec![byte; PIECE]
    }

    #[test]
    fn a_box_opens_with_its_own_key_piece_by_piece_and_with_no_other() {
        let (key, other) = (RecipientKey::draw(), RecipientKey::draw());
        let mut sealing = Sealing::to(&key.recipient()).unwrap();
        let pieces = [sealing.piece(&filled(1), false), sealing.piece(&filled(2), true)];
        assert!(pieces.iter().all(|piece| piece.len() == SEALED_PIECE));
        let header = *sealing.header();
        let mut unsealing = Unsealing::with(&key, &header).unwrap();
        assert_eq!(unsealing.piece(&pieces[0], false).unwrap().as_bytes(), filled(1));
        assert_eq!(unsealing.piece(&pieces[1], true).unwrap().as_bytes(), filled(2));
        assert!(matches!(Unsealing::with(&other, &header), Err(VaultError::OtherRecipient)));
        // The name alone is no key: with it exchanged the pieces stay shut.
        let mut renamed = header;
        renamed[MAGIC.len()..MAGIC.len() + NAME].copy_from_slice(&other.recipient().name());
        let mut unsealing = Unsealing::with(&other, &renamed).unwrap();
        assert!(matches!(unsealing.piece(&pieces[0], false), Err(VaultError::NotAuthentic)));
        // Kept and read again it is the same key.
        let again = RecipientKey::from_bytes(key.bytes().as_bytes()).unwrap();
        assert_eq!(again.recipient(), key.recipient());
    }

    #[test]
    fn a_piece_changed_moved_left_out_or_taken_for_the_last_is_found() {
        let key = RecipientKey::draw();
        let mut sealing = Sealing::to(&key.recipient()).unwrap();
        let pieces = [sealing.piece(&filled(1), false), sealing.piece(&filled(2), true)];
        let header = *sealing.header();
        let begin = || Unsealing::with(&key, &header).unwrap();
        let mut changed = pieces[0].clone();
        changed[100] ^= 1;
        for (sealed, last) in [(&changed, false), (&pieces[1], true), (&pieces[0], true)] {
            assert!(matches!(begin().piece(sealed, last), Err(VaultError::NotAuthentic)));
        }
        let mut cut = begin();
        cut.piece(&pieces[0], false).unwrap();
        assert!(matches!(cut.piece(&pieces[1], false), Err(VaultError::NotAuthentic)));
        let mut magic = header;
        magic[0] ^= 1;
        assert!(matches!(Unsealing::with(&key, &magic), Err(VaultError::Malformed)));
        let mut bent = header;
        bent[BOX_HEADER - 1] ^= 1;
        let opened = Unsealing::with(&key, &bent).and_then(|mut bent| bent.piece(&pieces[0], false));
        assert!(matches!(opened, Err(VaultError::NotAuthentic)));
    }

    #[test]
    fn two_boxes_of_the_same_have_nothing_in_common_and_a_bad_key_is_refused() {
        let key = RecipientKey::draw().recipient();
        let sealed = || {
            let mut sealing = Sealing::to(&key).unwrap();
            (sealing.header().to_vec(), sealing.piece(&filled(7), true))
        };
        let (one, two) = (sealed(), sealed());
        assert!(one.0 != two.0 && one.1[..32] != two.1[..32]);
        assert!(
            matches!(Recipient::from_bytes(&[0; 32]), Err(VaultError::Malformed)),
            "a point of low order"
        );
        assert!(matches!(Recipient::from_bytes(&[1; 31]), Err(VaultError::Malformed)));
        assert_eq!(Recipient::from_bytes(&key.bytes()).unwrap(), key);
        let shown = key.fingerprint();
        assert_eq!(shown.len(), 39);
        assert!(
            shown.split(' ').all(|group| group.len() == 4 && group.bytes().all(|c| c.is_ascii_uppercase()))
        );
        assert!(!format!("{:?}", RecipientKey::draw()).contains("Zeroizing"));
    }
}
