//! Made-up numbers and spellings of them.

use daylight_ids::{CitizenId, CreditCode};
use proptest::prelude::*;

/// Blanks, zero-width characters: what may stand anywhere.
pub const BLANKS: [&str; 8] = ["", "", "", " ", "\u{3000}", "\u{A0}", "\u{200B}", "\u{FEFF}"];

/// Appends the check character to 17 digits.
pub fn citizen(first: &str) -> String {
    let digits: &[u8; 17] = first.as_bytes().try_into().unwrap();
    format!("{first}{}", CitizenId::check_char(digits))
}

/// A valid citizen id.
pub fn any_citizen() -> impl Strategy<Value = String> {
    (1850_u16..=2150, 1_u8..=12, 1_u8..=28, 0_u16..=999)
        .prop_map(|(y, m, d, n)| citizen(&format!("999901{y}{m:02}{d:02}{n:03}")))
}

/// A valid credit code.
pub fn any_credit() -> impl Strategy<Value = String> {
    "(11|12|51|52|91|92|N2|Y1)999901[0-9A-HJ-NPQRTUWXY]{9}".prop_map(|first| {
        let check = CreditCode::check_char(first.as_bytes().try_into().unwrap()).unwrap();
        format!("{first}{check}")
    })
}

/// A card number of a length, with its Luhn digit.
pub fn card(first: &str) -> String {
    let sum: u32 = first
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let d = u32::from(b - b'0') * if i % 2 == 0 { 2 } else { 1 };
            d / 10 + d % 10
        })
        .sum();
    format!("{first}{}", (10 - sum % 10) % 10)
}

/// Full-width when told so.
pub fn widen(c: char, wide: bool) -> char {
    if wide && c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xFEE0).unwrap() } else { c }
}

/// The same number with blanks strewn in and some characters full-width or lower-case.
pub fn respelled(number: &str) -> BoxedStrategy<String> {
    let len = number.chars().count();
    let number = number.to_owned();
    let marks =
        proptest::collection::vec((prop::sample::select(&BLANKS[..]), any::<bool>(), any::<bool>()), len);
    (marks, any::<bool>())
        .prop_map(move |(marks, apostrophe)| {
            let mut out = String::from(if apostrophe { "'" } else { "" });
            for (c, (blank, wide, lower)) in number.chars().zip(marks) {
                out.push(widen(if lower { c.to_ascii_lowercase() } else { c }, wide));
                out.push_str(blank);
            }
            out
        })
        .boxed()
}
