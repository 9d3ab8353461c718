//! Receipt number and query code: what a citizen writes down, and the only way back to a report.
//!
//! The number is read out on the telephone and typed on a keypad, so it is digits alone. It finds nothing
//! without the query code, and says nothing: it is drawn at random, so that nobody can count reports or walk
//! through them.

use daylight_ids::text::squash;
use std::fmt;

/// Quasigroup of Damm (2004): the check digit tells every single wrong digit and every swap of neighbours.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// Random digits of a receipt number; the check digit follows them.
const DIGITS: usize = 12;

/// The symbols of a query code: 32, so that five random bits choose one without bias. Without I, L, O and U,
/// which are read as something else.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Symbols of a query code: 60 bits. With the code kept as a keyed hash only, guessing is hopeless on the wire and in
/// a stolen database alike.
const CODE: usize = 12;

/// Why a number or code cannot be what we gave out. Says nothing about whether a report exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not as many digits as a number has.
    #[error("受理编号是13位数字，请对照回执逐位核对")]
    NumberLength,
    /// A digit is wrong or two are swapped.
    #[error("受理编号有一位写错或写反了，请对照回执逐位核对")]
    NumberCheck,
    /// Not twelve symbols of ours.
    #[error("查询码是12位字母和数字，请对照回执逐位核对")]
    Code,
}

/// 受理编号: twelve random digits and a check digit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptNumber(String);

impl ReceiptNumber {
    /// Makes one of 8 random bytes; a number that is already taken is drawn again.
    pub fn draw(random: [u8; 8]) -> ReceiptNumber {
        // 2^64 is eighteen million times 10^12: the bias of the remainder is beyond measuring.
        let digits = u64::from_be_bytes(random) % 10_u64.pow(DIGITS as u32);
        let digits = format!("{digits:0width$}", width = DIGITS);
        let check = damm(&digits);
        ReceiptNumber(format!("{digits}{check}"))
    }

    /// Reads what somebody typed: blanks, dashes and full-width digits are taken as meant.
    ///
    /// # Errors
    ///
    /// [`NumberError`] when it cannot be one of ours.
    pub fn parse(typed: &str) -> Result<ReceiptNumber, NumberError> {
        let digits = plain(typed);
        if digits.len() != DIGITS + 1 || !digits.bytes().all(|c| c.is_ascii_digit()) {
            return Err(NumberError::NumberLength);
        }
        if damm(&digits) == 0 { Ok(ReceiptNumber(digits)) } else { Err(NumberError::NumberCheck) }
    }

    /// The thirteen digits, for the blind index and nothing else: no table, log or SMS holds them in the clear.
    pub fn canonical(&self) -> &str {
        &self.0
    }

    /// "3926-0184-77513", as the receipt shows it.
    pub fn grouped(&self) -> String {
        format!("{}-{}-{}", &self.0[..4], &self.0[4..8], &self.0[8..])
    }
}

// Numbers stay out of logs.
impl fmt::Debug for ReceiptNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

/// The check digit of digits; 0 for digits that end with theirs.
fn damm(digits: &str) -> u8 {
    let column = |row: u8, digit: u8| DAMM[usize::from(row)][usize::from(digit - b'0')];
    digits.bytes().fold(0, column)
}

/// 查询码: the secret half. Only its keyed hash is kept, so it can be shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct QueryCode(String);

impl QueryCode {
    /// Makes one of twelve random bytes, of which it takes five bits each.
    pub fn draw(random: [u8; CODE]) -> QueryCode {
        QueryCode(random.iter().map(|byte| SYMBOLS[usize::from(byte % 32)] as char).collect())
    }

    /// Reads what somebody typed: small letters, blanks, dashes, full-width, and O, I, L for 0 and 1.
    ///
    /// # Errors
    ///
    /// [`NumberError::Code`] when it cannot be one of ours.
    pub fn parse(typed: &str) -> Result<QueryCode, NumberError> {
        let as_meant = |c: char| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let code: String = plain(typed).chars().map(as_meant).collect();
        let fits = code.len() == CODE && code.bytes().all(|c| SYMBOLS.contains(&c));
        if fits { Ok(QueryCode(code)) } else { Err(NumberError::Code) }
    }

    /// The twelve symbols, for the keyed hash and nothing else.
    pub fn canonical(&self) -> &str {
        &self.0
    }

    /// "K7QM-X9DH-P2TA", as the receipt shows it once.
    pub fn grouped(&self) -> String {
        format!("{}-{}-{}", &self.0[..4], &self.0[4..8], &self.0[8..])
    }
}

// Codes stay out of logs.
impl fmt::Debug for QueryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

fn plain(typed: &str) -> String {
    squash(typed).chars().filter(|c| !matches!(c, '-' | '—' | '–' | '－' | '.')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_reads_back_however_it_is_typed(random: [u8; 8]) {
            let number = ReceiptNumber::draw(random);
            let wide: String = number.grouped().chars().map(|c| match c {
                '0'..='9' => char::from_u32(u32::from(c) + 0xFEE0).unwrap(),
                other => other,
            }).collect();
            for typed in [number.canonical().to_owned(), number.grouped(), number.grouped().replace('-', " "), wide] {
                prop_assert!(ReceiptNumber::parse(&typed).as_ref() == Ok(&number), "{}", typed);
            }
        }

        #[test]
        fn one_wrong_digit_or_one_swap_is_always_told(random: [u8; 8], at in 0..DIGITS, by in 1u8..10) {
            let right = ReceiptNumber::draw(random).canonical().as_bytes().to_vec();
            for at in [at, at + 1] {
                let mut wrong = right.clone();
                wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
                let wrong = String::from_utf8(wrong).unwrap();
                prop_assert_eq!(ReceiptNumber::parse(&wrong).map(|_| ()), Err(NumberError::NumberCheck));
            }
            let mut swapped = right.clone();
            swapped.swap(at, at + 1);
            let told = ReceiptNumber::parse(std::str::from_utf8(&swapped).unwrap()).is_err();
            prop_assert_eq!(told, swapped != right);
        }

        #[test]
        fn a_code_reads_back_however_it_is_typed(random: [u8; 12]) {
            let code = QueryCode::draw(random);
            let spoken = code.grouped().to_lowercase().replace('0', "o").replace('1', "l").replace('-', " ");
            for typed in [code.grouped(), spoken] {
                prop_assert!(QueryCode::parse(&typed).as_ref() == Ok(&code), "{}", typed);
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = (ReceiptNumber::parse(&text), QueryCode::parse(&text));
        }
    }

    #[test]
    fn neighbouring_draws_have_nothing_in_common_with_counting() {
        // A number is its random bytes and nothing else: no year, no office, no counter.
        let number = |last| ReceiptNumber::draw([9, 1, 7, 3, 0, 2, 5, last]).canonical().to_owned();
        assert_ne!(number(1), number(2));
        assert_eq!(number(1), number(1));
        let every: std::collections::BTreeSet<_> =
            (0..32).map(|byte| QueryCode::draw([byte; 12]).0).collect();
        assert_eq!(every.len(), 32, "every five bits are another symbol");
        assert_eq!(QueryCode::draw([32 + 5; 12]).0, QueryCode::draw([5; 12]).0);
    }

    #[test]
    fn what_cannot_be_ours_says_what_to_do_and_logs_show_nothing() {
        assert_eq!(ReceiptNumber::parse("12345").map(|_| ()), Err(NumberError::NumberLength));
        assert_eq!(ReceiptNumber::parse("12345678901２x").map(|_| ()), Err(NumberError::NumberLength));
        assert_eq!(QueryCode::parse("K7QM-X9DH-P2TU").map(|_| ()), Err(NumberError::Code));
        assert!(NumberError::NumberCheck.to_string().contains("回执"));
        let shown = format!("{:?} {:?}", ReceiptNumber::draw([1; 8]), QueryCode::draw([1; 12]));
        assert_eq!(shown, "••• •••");
    }
}
