//! What makes two ballots one person's, and nothing more.

use crate::keyed::keyed;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// The secret of a round: drawn when it opens, sealed by the vault while it is open, destroyed at the close. Without it
/// no token can be computed, so that even whoever holds the whole database and everybody's telephone finds nobody.
pub struct RoundKey(Zeroizing<[u8; 32]>);

/// Who is rated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum SubjectId {
    /// A cadre.
    Cadre(i64),
    /// A power.
    Power(i64),
}

impl SubjectId {
    /// The word in tables.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            SubjectId::Cadre(_) => "cadre",
            SubjectId::Power(_) => "power",
        }
    }

    /// The number within its kind.
    #[must_use]
    pub fn id(self) -> i64 {
        match self {
            SubjectId::Cadre(id) | SubjectId::Power(id) => id,
        }
    }
}

/// What proves one voice. The same proof serves praise and blame.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Proof<'a> {
    /// A telephone, canonical, proved by a code. Whoever was invited after a service proves the same telephone, so that an
    /// invitation gives no second voice.
    Phone(&'a str),
    /// A single-use paper code by its name in the store ([`RoundKey::paper`]): the ballots of a sheet that was stolen can be
    /// found from what is kept of the sheet, and from nothing after the close.
    Paper(&'a [u8; 16]),
}

/// Under which a ballot is kept while its round is open: half of the keyed hash, 128 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub [u8; 16]);

// A token beside a name would undo everything: neither stands in a log.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl fmt::Debug for RoundKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoundKey(..)")
    }
}

impl fmt::Debug for Proof<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Proof::Phone(_) => "Phone(..)",
            Proof::Paper(_) => "Paper(..)",
        })
    }
}

impl RoundKey {
    /// Of 32 random bytes.
    #[must_use]
    pub fn new(random: [u8; 32]) -> RoundKey {
        RoundKey(Zeroizing::new(random))
    }

    /// The bytes, to be sealed by the vault.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The token of a person's ballot on a subject.
    #[must_use]
    pub fn token(&self, proof: Proof<'_>, subject: SubjectId) -> Token {
        let (kind, secret) = match proof {
            Proof::Phone(phone) => ("phone", phone.as_bytes()),
            Proof::Paper(name) => ("paper", &name[..]),
        };
        let parts = [kind.as_bytes(), secret, subject.kind().as_bytes(), &subject.id().to_be_bytes()];
        let [half, _] = halves(keyed(&self.0[..], "daylight/ratings/token", &parts));
        Token(half)
    }

    /// The name under which a paper code is kept for the time of the round: it finds the code, and gives it to nobody.
    #[must_use]
    pub fn paper(&self, code: &str) -> [u8; 16] {
        let [half, _] = halves(keyed(&self.0[..], "daylight/ratings/paper", &[code.as_bytes()]));
        half
    }
}

fn halves(hash: [u8; 32]) -> [[u8; 16]; 2] {
    let (mut low, mut high) = ([0; 16], [0; 16]);
    low.copy_from_slice(&hash[..16]);
    high.copy_from_slice(&hash[16..]);
    [low, high]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_token_is_of_one_person_subject_and_round() {
        let keys = [RoundKey::new([1; 32]), RoundKey::new([2; 32])];
        let mut seen = BTreeSet::new();
        for key in &keys {
            let paper = key.paper("+8613900000001");
            let phones = [Proof::Phone("+8613900000001"), Proof::Phone("+8613900000002")];
            for proof in phones.into_iter().chain([Proof::Paper(&paper)]) {
                for subject in [SubjectId::Cadre(1), SubjectId::Cadre(2), SubjectId::Power(1)] {
                    let token = key.token(proof, subject);
                    assert_eq!(token, key.token(proof, subject));
                    assert!(seen.insert(token), "{proof:?} {subject:?}");
                }
            }
        }
    }

    #[test]
    fn tokens_of_one_person_share_nothing_that_tells_them_from_tokens_of_two() {
        // Without the key: bits of two tokens agree by halves, whether of one person or of two.
        let key = RoundKey::new([7; 32]);
        let agree =
            |a: Token, b: Token| -> u32 { a.0.iter().zip(b.0).map(|(a, b)| (a ^ b).count_zeros()).sum() };
        let (mut same, mut other) = (0, 0);
        for person in 0..400 {
            let (one, two) = (format!("{person}"), format!("{}", person + 1000));
            same += agree(
                key.token(Proof::Phone(&one), SubjectId::Cadre(1)),
                key.token(Proof::Phone(&one), SubjectId::Cadre(2)),
            );
            other += agree(
                key.token(Proof::Phone(&one), SubjectId::Cadre(1)),
                key.token(Proof::Phone(&two), SubjectId::Cadre(2)),
            );
        }
        // 51,200 fair coins: five deviations are 566.
        for agreed in [same, other] {
            assert!((25_600_i64 - i64::from(agreed)).abs() < 566, "{agreed}");
        }
    }

    #[test]
    fn neither_key_nor_token_nor_proof_is_ever_printed() {
        let key = RoundKey::new([9; 32]);
        let proof = Proof::Phone("+8613900000001");
        let printed = format!("{key:?} {proof:?} {:?}", key.token(proof, SubjectId::Cadre(1)));
        assert_eq!(printed, "RoundKey(..) Phone(..) Token(..)");
    }
}
