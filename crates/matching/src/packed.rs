//! Identifiers as numbers: a citizen id fits a `u64`, every other key a typed `u128`.

mod column;
mod key;
mod swar;

pub use column::{BadId, PackedColumn, pack_cell, pack_fixed};
pub use key::{Key, KeyKind};

use crate::days::{self, Day};
use daylight_ids::{CitizenId, CitizenIdError, Sex};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A checked citizen id (GB 11643) as the number its first 17 digits make; the 18th follows from them.
///
/// `Debug` shows the mask. Serialised it is the full id of 18 characters: whoever stores that, seals it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackedId(u64);

/// What stands in a column of ids where there is no valid one. No valid id packs to it.
pub const NO_ID: u64 = 0;

impl PackedId {
    /// Packs a checked id.
    #[must_use]
    pub fn of(id: &CitizenId) -> Self {
        let digits = id.as_str().bytes().take(17);
        Self(digits.fold(0, |sum, digit| sum * 10 + u64::from(digit.wrapping_sub(b'0'))))
    }

    /// Reads any spelling that [`CitizenId::parse`] takes, the usual one quickly.
    ///
    /// # Errors
    /// As [`CitizenId::parse`].
    pub fn parse(text: &str) -> Result<Self, CitizenIdError> {
        pack_cell(text.as_bytes()).map(Self)
    }

    /// A value of a packed column; `None` for [`NO_ID`]. The value is trusted to come from this module.
    #[must_use]
    pub fn from_column(value: u64) -> Option<Self> {
        (value != NO_ID).then_some(Self(value))
    }

    /// The number as it stands in a column.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }

    /// The 18 characters.
    #[must_use]
    pub fn to_text(self) -> String {
        let mut text = format!("{:017}", self.0 % 10_u64.pow(17));
        let check = text.as_bytes().first_chunk::<17>().map_or('0', CitizenId::check_char);
        text.push(check);
        text
    }

    /// The first 3 and last 2 characters with asterisks between.
    #[must_use]
    pub fn masked(self) -> String {
        let text = self.to_text();
        format!("{}*************{}", &text[..3], &text[16..])
    }

    /// The birth date.
    #[must_use]
    pub fn birth(self) -> Day {
        let date = self.0 / 1000 % 100_000_000;
        let part = |from: u64, modulus: u64| (date / from % modulus) as u32;
        days::day(part(10_000, 10_000) as i32, part(100, 100), part(1, 100)).unwrap_or(days::NO_DAY)
    }

    /// The sex its 17th digit states.
    #[must_use]
    pub fn sex(self) -> Sex {
        if self.0 % 2 == 1 { Sex::Male } else { Sex::Female }
    }
}

impl fmt::Debug for PackedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PackedId({})", self.masked())
    }
}

impl Serialize for PackedId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}

impl<'de> Deserialize<'de> for PackedId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|_| serde::de::Error::custom("not a citizen id"))
    }
}
