//! Identifiers other than the citizen id: credit codes, phones, accounts, plates, and plain text.

use daylight_ids::{CreditCode, Phone, text};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// What a key identifies. Keys of different kinds are never equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// A unified social credit code (GB 32100).
    Credit = 1,
    /// A telephone number.
    Phone = 2,
    /// A bank account or card: digits.
    Account = 3,
    /// A vehicle's plate.
    Plate = 4,
    /// Any other text (addresses, household numbers, projects, codes that fail their check): 120 bits of its SHA-256.
    Text = 5,
}

/// A typed key: four bits say the kind, the rest is the identifier. 0 is no key.
///
/// Credit codes, phones, accounts and plates can be turned back into text; text cannot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Key(u128);

/// The symbols of a credit code in the order of their values (GB 32100).
const CREDIT: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// The provinces on plates; 使, 领, 学, 警, 挂, 港, 澳 stand among the symbols.
const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
const PLATE: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ学警挂港澳使领";
const PAYLOAD: u32 = 124;

impl Key {
    /// No key.
    pub const NONE: Key = Key(0);

    fn new(kind: KeyKind, payload: u128) -> Self {
        Key(((kind as u128) << PAYLOAD) | (payload & ((1 << PAYLOAD) - 1)))
    }

    /// Reads a key of a kind. Blank is [`Key::NONE`]; what does not fit its kind becomes a key of text, so that equal
    /// spellings still meet, and `false` says so.
    #[must_use]
    pub fn read(kind: KeyKind, cell: &str) -> (Self, bool) {
        let tidy = text::squash(cell);
        if tidy.is_empty() {
            return (Self::NONE, true);
        }
        let payload = match kind {
            KeyKind::Credit => CreditCode::parse(&tidy).ok().map(|code| credit(code.as_str())),
            KeyKind::Phone => Phone::parse(&tidy).ok().and_then(|phone| digits(phone.canonical(), true)),
            KeyKind::Account => digits(text_without_apostrophe(&tidy), false),
            KeyKind::Plate => plate(&tidy),
            KeyKind::Text => return (Self::text(&tidy), true),
        };
        match payload {
            Some(payload) => (Self::new(kind, payload), true),
            None => (Self::text(&tidy), false),
        }
    }

    /// The key of a text without blanks, half-width, in capitals.
    #[must_use]
    pub fn text(tidy: &str) -> Self {
        let hash = Sha256::digest(tidy.to_uppercase().as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Self::new(KeyKind::Text, u128::from_le_bytes(bytes) >> 8)
    }

    /// The number as it stands in a column.
    #[must_use]
    pub fn get(self) -> u128 {
        self.0
    }

    /// A number from a column.
    #[must_use]
    pub fn from_column(value: u128) -> Self {
        Self(value)
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Its kind; `None` for no key.
    #[must_use]
    pub fn kind(self) -> Option<KeyKind> {
        [KeyKind::Credit, KeyKind::Phone, KeyKind::Account, KeyKind::Plate, KeyKind::Text]
            .into_iter()
            .find(|kind| *kind as u128 == self.0 >> PAYLOAD)
    }

    /// The identifier in its tidy spelling; for text a short name made of its hash.
    #[must_use]
    pub fn to_text(self) -> String {
        let payload = self.0 & ((1 << PAYLOAD) - 1);
        match self.kind() {
            None => String::new(),
            Some(KeyKind::Credit) => {
                checked(spelled(payload, CREDIT.len() as u128, 17, |i| char::from(CREDIT[i])))
            }
            Some(KeyKind::Phone | KeyKind::Account) => undigits(payload),
            Some(KeyKind::Plate) => unplate(payload),
            Some(KeyKind::Text) => format!("#{:08x}", payload as u32),
        }
    }
}

/// Adds the check character to the first 17 of a credit code.
fn checked(mut code: String) -> String {
    let check = code.as_bytes().first_chunk::<17>().and_then(CreditCode::check_char);
    code.extend(check);
    code
}

fn text_without_apostrophe(tidy: &str) -> &str {
    tidy.strip_prefix(['\'', '’', '‘']).unwrap_or(tidy)
}

fn credit(code: &str) -> u128 {
    let value = |b: u8| CREDIT.iter().position(|s| *s == b).unwrap_or(0) as u128;
    code.bytes().take(17).fold(0, |sum, b| sum * 31 + value(b))
}

/// Up to 32 digits and dashes; the length is kept, so that leading zeros count.
fn digits(text: &str, phone: bool) -> Option<u128> {
    let mut value: u128 = 0;
    let mut count = 0;
    for c in text.chars() {
        match c.to_digit(10) {
            Some(digit) if count < 32 => {
                value = value * 10 + u128::from(digit);
                count += 1;
            }
            None if c == '-' || (phone && c == '转') => {}
            _ => return None,
        }
    }
    // An extension changes the number: 12 digits and 0755-1234567 differ by length.
    (count > 3).then_some((value << 6) | count)
}

fn undigits(payload: u128) -> String {
    let count = (payload & 63) as usize;
    format!("{:0count$}", payload >> 6)
}

fn plate(text: &str) -> Option<u128> {
    let text: String = text.to_uppercase().chars().filter(|c| !matches!(c, '·' | '-' | '.' | '•')).collect();
    let mut symbols = text.chars();
    let first = symbols.next()?;
    let province = PROVINCES.chars().position(|p| p == first)? as u128;
    let count = text.chars().count();
    if !(7..=8).contains(&count) {
        return None;
    }
    let base = PLATE.chars().count() as u128;
    let mut value = 1 + province;
    for symbol in symbols {
        value = value * base + PLATE.chars().position(|p| p == symbol)? as u128;
    }
    Some((value << 4) | count as u128)
}

fn unplate(payload: u128) -> String {
    let count = (payload & 15) as usize;
    let base = PLATE.chars().count() as u128;
    let symbol = |i: usize| PLATE.chars().nth(i).unwrap_or('?');
    let rest = count.saturating_sub(1);
    let province = ((payload >> 4) / base.pow(rest as u32)).saturating_sub(1) as usize;
    let mut text = String::from(PROVINCES.chars().nth(province).unwrap_or('?'));
    text.push_str(&spelled(payload >> 4, base, rest, symbol));
    text
}

fn spelled(mut value: u128, base: u128, count: usize, symbol: impl Fn(usize) -> char) -> String {
    let mut reversed = Vec::with_capacity(count);
    for _ in 0..count {
        reversed.push(symbol((value % base) as usize));
        value /= base;
    }
    reversed.into_iter().rev().collect()
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", self.kind())
    }
}

impl Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_round_trip() {
        for (kind, text, out) in [
            (KeyKind::Credit, "91350100M000100Y43", "91350100M000100Y43"),
            (KeyKind::Phone, "139 4963 1669", "13949631669"),
            (KeyKind::Phone, "0899-2075186", "08992075186"),
            (KeyKind::Account, "6222 0210 0111 6245 702", "6222021001116245702"),
            (KeyKind::Account, "0012345678", "0012345678"),
            (KeyKind::Plate, "湘D·12345", "湘D12345"),
            (KeyKind::Plate, "京AD12345", "京AD12345"),
        ] {
            let (key, fits) = Key::read(kind, text);
            assert!(fits, "{text}");
            assert_eq!((key.kind(), key.to_text().as_str()), (Some(kind), out));
        }
    }

    #[test]
    fn what_does_not_fit_is_kept_as_text() {
        let (key, fits) = Key::read(KeyKind::Credit, "91350100M000100Y44");
        assert!(!fits);
        assert_eq!(key, Key::text("91350100M000100Y44"));
        assert_eq!(Key::read(KeyKind::Phone, " ").0, Key::NONE);
        assert_ne!(Key::read(KeyKind::Account, "012345").0, Key::read(KeyKind::Account, "12345").0);
        assert_ne!(Key::read(KeyKind::Account, "13949631669").0, Key::read(KeyKind::Phone, "13949631669").0);
    }
}
