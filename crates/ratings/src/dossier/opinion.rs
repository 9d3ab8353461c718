//! 廉政意见: asked for with a purpose, prepared by one, signed by another, valid until a day, revocable, and verifiable by
//! its number and code.

use super::Purpose;
use crate::{
    Day, code,
    keyed::{digest, keyed},
};
use serde::{Deserialize, Serialize};

/// Where an opinion stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpinionState {
    /// Asked for.
    Asked,
    /// Written, to be signed.
    Prepared,
    /// Signed and in force until its day.
    Signed,
    /// Taken back.
    Revoked,
    /// Refused: the purpose does not bear it.
    Refused,
}

/// What somebody does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpinionDeed {
    /// Writes it, or writes it anew before it is signed.
    Prepare {
        /// What it says.
        text: String,
    },
    /// Signs it.
    Sign {
        /// Its number: "安廉意〔2026〕17号".
        number: String,
        /// The last day on which it may be used.
        until: Day,
    },
    /// Takes it back.
    Revoke {
        /// Why.
        reason: String,
    },
    /// Refuses.
    Refuse {
        /// Why.
        reason: String,
    },
}

/// Why something is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpinionError {
    /// It does not follow.
    #[error("这份意见现在不能这样处理，请刷新页面后再看")]
    NotNow,
    /// Whoever prepared or asked does not sign.
    #[error("申请人和拟稿人不能签发，请换一位签发人")]
    OwnWork,
    /// Nothing was written.
    #[error("请填写内容")]
    Empty,
    /// Too short or too long.
    #[error("有效期应从今天起，最长{}天", Opinion::LONGEST)]
    Term,
}

/// What the verification page says of a number and code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// In force.
    Valid,
    /// Its day is past.
    Expired,
    /// Taken back.
    Revoked,
}

/// An opinion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    /// The cadre.
    pub cadre: i64,
    /// Why it is asked for.
    pub purpose: Purpose,
    /// Who asked: an account.
    pub asker: i64,
    /// Where it stands.
    pub state: OpinionState,
    /// Who prepared it.
    pub author: Option<i64>,
    /// What it says.
    pub text: String,
    /// Who signed it.
    pub signer: Option<i64>,
    /// Its number, once signed.
    pub number: Option<String>,
    /// The last day on which it may be used.
    pub until: Option<Day>,
    /// Why it was taken back or refused.
    pub reason: Option<String>,
}

impl Opinion {
    /// The longest an opinion holds, in days.
    pub const LONGEST: Day = 183;
    /// Random symbols of the code: 55 bits, and a check symbol.
    const SYMBOLS: usize = 11;

    /// Asks for one.
    #[must_use]
    pub fn ask(cadre: i64, purpose: Purpose, asker: i64) -> Opinion {
        let state = OpinionState::Asked;
        let (author, signer, number, until, reason) = (None, None, None, None, None);
        Opinion { cadre, purpose, asker, state, author, text: String::new(), signer, number, until, reason }
    }

    /// What becomes of it.
    ///
    /// # Errors
    ///
    /// [`OpinionError`] when the deed may not follow, or not by them.
    pub fn act(mut self, deed: OpinionDeed, who: i64, today: Day) -> Result<Opinion, OpinionError> {
        use OpinionState::{Asked, Prepared, Refused, Revoked, Signed};
        match (self.state, deed) {
            (Asked | Prepared, OpinionDeed::Prepare { text }) => {
                self.text = written(text)?;
                (self.state, self.author) = (Prepared, Some(who));
            }
            (Prepared, OpinionDeed::Sign { number, until }) => {
                if self.author == Some(who) || self.asker == who {
                    return Err(OpinionError::OwnWork);
                }
                if !(today..=today + Self::LONGEST).contains(&until) {
                    return Err(OpinionError::Term);
                }
                self.number = Some(written(number)?);
                (self.state, self.signer, self.until) = (Signed, Some(who), Some(until));
            }
            (Signed, OpinionDeed::Revoke { reason }) => {
                (self.state, self.reason) = (Revoked, Some(written(reason)?));
            }
            (Asked | Prepared, OpinionDeed::Refuse { reason }) => {
                (self.state, self.reason) = (Refused, Some(written(reason)?));
            }
            _ => return Err(OpinionError::NotNow),
        }
        Ok(self)
    }

    /// The code printed beside the number: twelve symbols over number, day and text. Who changes a letter of the document has
    /// no code for it. None before it is signed.
    #[must_use]
    pub fn code(&self, key: &[u8]) -> Option<String> {
        let (number, until) = (self.number.as_deref()?, self.until?);
        let parts = [
            number.as_bytes(),
            &self.cadre.to_be_bytes()[..],
            &until.to_be_bytes(),
            &digest(self.text.as_bytes()),
        ];
        let hash = keyed(key, "daylight/dossier/opinion", &parts);
        Some(code::write(&hash[..Self::SYMBOLS]))
    }

    /// What the verification page answers; none unless the code belongs to this opinion. A wrong code and a number that was
    /// never given out are answered alike.
    #[must_use]
    pub fn verify(&self, key: &[u8], typed: &str, today: Day) -> Option<Validity> {
        let typed = code::read(typed, Self::SYMBOLS + 1).ok()?;
        let own = self.code(key)?;
        // Every symbol is looked at, so that time tells nothing.
        let apart = own.bytes().zip(typed.bytes()).fold(0, |apart, (own, typed)| apart | (own ^ typed));
        match self.state {
            _ if apart != 0 => None,
            OpinionState::Revoked => Some(Validity::Revoked),
            _ if self.until.is_some_and(|until| until < today) => Some(Validity::Expired),
            _ => Some(Validity::Valid),
        }
    }
}

fn written(text: String) -> Result<String, OpinionError> {
    if text.trim().is_empty() { Err(OpinionError::Empty) } else { Ok(text) }
}
