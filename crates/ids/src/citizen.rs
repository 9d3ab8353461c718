use std::fmt;
use std::hash::{Hash, Hasher};

use crate::text;

/// The check characters by remainder, GB 11643-1999 (ISO 7064 MOD 11-2).
const CHECK: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

/// The weights 2^(17-i) mod 11 of the first 17 digits.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// The sex that a citizen identification number states: its 17th digit is odd for men.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// 男
    Male,
    /// 女
    Female,
}

/// A checked citizen identification number of 18 characters (公民身份号码, GB 11643-1999).
///
/// Two are equal when their 18 characters are, whether or not one was upgraded from 15 digits.
/// There is no `Display`, and `Debug` shows the mask: the number is shown only where [`CitizenId::as_str`] is
/// called.
#[derive(Clone)]
pub struct CitizenId {
    number: String,
    birth: (u16, u8, u8),
    upgraded: bool,
}

impl CitizenId {
    /// Reads a number of 18 characters, or upgrades an old one of 15 digits.
    ///
    /// Accepted: blanks and dashes anywhere, full-width characters, a lower-case `x` or what looks like one, a leading
    /// apostrophe. An old number
    /// means the year 19yy, or 18yy when its sequence number is 996 to 999 (kept for centenarians).
    ///
    /// # Errors
    ///
    /// [`CitizenIdError`] says what is wrong: nothing given, a character that cannot be there, the length, a
    /// birth date that does not exist or lies outside 1850 to 2150, or the check character.
    pub fn parse(input: &str) -> Result<CitizenId, CitizenIdError> {
        let squashed = text::squash(input);
        let plain = |c: char| match c {
            // The sign of multiplication and the Cyrillic and Greek letters; the check character decides.
            '×' | '╳' | 'Х' | 'х' | 'Χ' | 'χ' | '✕' => 'X',
            other => other.to_ascii_uppercase(),
        };
        let given: String =
            text::without_apostrophe(&squashed).chars().filter(|c| !text::is_dash(*c)).map(plain).collect();
        let length = given.chars().count();
        if length == 0 {
            return Err(CitizenIdError::Empty);
        }
        let may_end_in_x = length != 15;
        for (i, c) in given.chars().enumerate() {
            if !(c.is_ascii_digit() || (c == 'X' && may_end_in_x && i + 1 == length)) {
                return Err(CitizenIdError::Character(c));
            }
        }
        match length {
            15 => Self::upgrade(&given),
            18 => Self::check(given, false),
            other => Err(CitizenIdError::Length(other)),
        }
    }

    fn upgrade(old: &str) -> Result<CitizenId, CitizenIdError> {
        let century = if matches!(&old[12..], "996" | "997" | "998" | "999") { "18" } else { "19" };
        let mut number = format!("{}{century}{}", &old[..6], &old[6..]);
        let check = first_17(&number).map_or('0', Self::check_char_of);
        number.push(check);
        Self::check(number, true)
    }

    /// Takes 17 ASCII digits and a check character.
    fn check(number: String, upgraded: bool) -> Result<CitizenId, CitizenIdError> {
        let birth = birth_date(&number).ok_or(CitizenIdError::BirthDate)?;
        let expected = first_17(&number).map_or('0', Self::check_char_of);
        let found = number.chars().next_back().unwrap_or('0');
        if expected != found {
            return Err(CitizenIdError::CheckDigit { expected, found });
        }
        Ok(CitizenId { number, birth, upgraded })
    }

    /// The check character (`0` to `9` or `X`) for the first 17 digits, given in ASCII (GB 11643-1999).
    ///
    /// Bytes that are not ASCII digits give a meaningless answer, never a panic.
    #[must_use]
    pub fn check_char(digits: &[u8; 17]) -> char {
        let sum: u32 = digits.iter().zip(WEIGHTS).map(|(d, w)| u32::from(d.wrapping_sub(b'0')) * w).sum();
        CHECK[(sum % 11) as usize]
    }

    fn check_char_of(digits: [u8; 17]) -> char {
        Self::check_char(&digits)
    }

    /// The 18 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.number
    }

    /// The birth date: year, month, day.
    #[must_use]
    pub fn birth_date(&self) -> (u16, u8, u8) {
        self.birth
    }

    /// The sex, from the 17th digit.
    #[must_use]
    pub fn sex(&self) -> Sex {
        if self.number.as_bytes()[16] % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// The six digits of the county where the number was first given (GB/T 2260).
    #[must_use]
    pub fn area(&self) -> &str {
        &self.number[..6]
    }

    /// The first 3 and the last 2 characters with asterisks between; the birth date is not shown.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("{}*************{}", &self.number[..3], &self.number[16..])
    }

    /// Whether an old number of 15 digits was given.
    #[must_use]
    pub fn upgraded_from_15(&self) -> bool {
        self.upgraded
    }
}

fn first_17(number: &str) -> Option<[u8; 17]> {
    number.as_bytes().first_chunk::<17>().copied()
}

fn birth_date(number: &str) -> Option<(u16, u8, u8)> {
    let year: u16 = number.get(6..10)?.parse().ok()?;
    let month: u8 = number.get(10..12)?.parse().ok()?;
    let day: u8 = number.get(12..14)?.parse().ok()?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    ((1850..=2150).contains(&year) && (1..=days).contains(&day)).then_some((year, month, day))
}

impl PartialEq for CitizenId {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for CitizenId {}

impl Hash for CitizenId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl fmt::Debug for CitizenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CitizenId({})", self.masked())
    }
}

/// What is wrong with a citizen identification number; `Display` tells a clerk in Chinese.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CitizenIdError {
    /// Nothing was given.
    Empty,
    /// Neither 18 characters nor 15 digits; the length found.
    Length(usize),
    /// A character that is not a digit (`X` may stand only in the 18th place).
    Character(char),
    /// The birth date does not exist, or its year lies outside 1850 to 2150.
    BirthDate,
    /// The 18th character is not the one the first 17 digits call for.
    CheckDigit {
        /// What the first 17 digits call for.
        expected: char,
        /// What was given.
        found: char,
    },
}

impl fmt::Display for CitizenIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "没有填写身份证号码"),
            Self::Length(n) => write!(f, "身份证号码应为18位（旧证为15位），现在是{n}位"),
            Self::Character(c) => {
                write!(f, "身份证号码里有不该出现的字符“{c}”，只能用数字，第18位可以是X")
            }
            Self::BirthDate => write!(f, "身份证号码里的出生日期不存在或不合理，请对照证件核对"),
            Self::CheckDigit { expected, found } => write!(
                f,
                "身份证号码校验不通过：按前17位推算，末位应为“{expected}”，现在是“{found}”，\
                 可能有一位填错或两位颠倒，请对照证件逐位核对"
            ),
        }
    }
}

impl std::error::Error for CitizenIdError {}
