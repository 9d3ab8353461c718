use std::fmt;

use crate::text;

/// The 31 symbols in the order of their values, GB 32100-2015 (no I, O, S, V, Z).
const SYMBOLS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The weights 3^i mod 31 of the first 17 characters.
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// A checked unified social credit code of 18 characters (统一社会信用代码, GB 32100-2015).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CreditCode(String);

impl CreditCode {
    /// Reads a code; blanks, full-width characters, lower case and a leading apostrophe are accepted.
    ///
    /// # Errors
    ///
    /// [`CreditCodeError`] says what is wrong: nothing given, a character outside the standard's 31 symbols, the
    /// length, or the check character.
    pub fn parse(input: &str) -> Result<CreditCode, CreditCodeError> {
        let code = Self::tidy(input);
        if code.is_empty() {
            return Err(CreditCodeError::Empty);
        }
        if let Some(c) = code.chars().find(|c| value(*c).is_none()) {
            return Err(CreditCodeError::Character(c));
        }
        let length = code.len();
        let (Some(first), 18) = (code.as_bytes().first_chunk::<17>(), length) else {
            return Err(CreditCodeError::Length(length));
        };
        let found = code.chars().next_back().unwrap_or('0');
        match Self::check_char(first) {
            Some(expected) if expected != found => Err(CreditCodeError::CheckDigit { expected, found }),
            _ => Ok(CreditCode(code)),
        }
    }

    /// The check character for the first 17 characters, given in ASCII capitals: (31 − Σ value·3^i mod 31) mod
    /// 31 (GB 32100-2015). `None` when one of them is not a symbol of the standard.
    #[must_use]
    pub fn check_char(first: &[u8; 17]) -> Option<char> {
        let mut sum = 0;
        for (b, weight) in first.iter().zip(WEIGHTS) {
            sum += value(char::from(*b))? * weight;
        }
        Some(char::from(SYMBOLS[(31 - sum % 31) % 31]))
    }

    /// The tidy spelling of a code, right or wrong: half-width capitals without blanks. For showing a code
    /// that failed.
    #[must_use]
    pub fn tidy(input: &str) -> String {
        text::without_apostrophe(&text::squash(input)).to_ascii_uppercase()
    }

    /// The 18 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first two characters: the registering department and the kind of body.
    #[must_use]
    pub fn registrar(&self) -> &str {
        &self.0[..2]
    }

    /// The third to eighth characters: the division of the registering office (GB/T 2260), as written.
    #[must_use]
    pub fn division6(&self) -> &str {
        &self.0[2..8]
    }
}

fn value(c: char) -> Option<usize> {
    SYMBOLS.iter().position(|s| char::from(*s) == c)
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wrong with a unified social credit code; `Display` tells a clerk in Chinese.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreditCodeError {
    /// Nothing was given.
    Empty,
    /// Not 18 characters; the length found.
    Length(usize),
    /// A character outside the 31 symbols of the standard.
    Character(char),
    /// The 18th character is not the one the first 17 call for.
    CheckDigit {
        /// What the first 17 characters call for.
        expected: char,
        /// What was given.
        found: char,
    },
}

impl fmt::Display for CreditCodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "没有填写统一社会信用代码"),
            Self::Length(n) => write!(f, "统一社会信用代码应为18位，现在是{n}位"),
            Self::Character(c @ ('I' | 'O' | 'S' | 'V' | 'Z')) => {
                write!(
                    f,
                    "统一社会信用代码不使用字母I、O、S、V、Z，这里有“{c}”，是否应为形近的数字（如1、0、5、2）？"
                )
            }
            Self::Character(c) => {
                write!(f, "统一社会信用代码里有不该出现的字符“{c}”，只能用数字和大写字母")
            }
            Self::CheckDigit { expected, found } => write!(
                f,
                "统一社会信用代码校验不通过：按前17位推算，末位应为“{expected}”，现在是“{found}”，\
                 可能有一位填错或两位颠倒，请对照登记证书逐位核对"
            ),
        }
    }
}

impl std::error::Error for CreditCodeError {}
