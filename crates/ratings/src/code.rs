//! Codes that people type: symbols that are not mistaken for each other, and one more that tells slips.

use daylight_ids::text::squash;

/// The symbols: 32, so that five random bits choose one without bias. Without I, L, O and U.
pub const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Why something typed is no code of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not as many symbols as a code has.
    #[error("应为{expected}位字母和数字，现在是{found}位，请逐位核对")]
    Length {
        /// As many as there must be.
        expected: usize,
        /// As many as there are.
        found: usize,
    },
    /// A sign that stands in no code.
    #[error("里面有不该出现的字符“{0}”，请逐位核对")]
    Symbol(char),
    /// One symbol is wrong, or two are swapped.
    #[error("有一位写错或写反了，请逐位核对")]
    Check,
}

/// A code of the low five bits of each byte, with its check symbol behind.
#[must_use]
pub fn write(values: &[u8]) -> String {
    let values = values.iter().map(|value| value & 31);
    let check = values.clone().fold(0, step);
    values.chain([check]).map(|value| char::from(SYMBOLS[usize::from(value)])).collect()
}

/// Reads what somebody typed: blanks, dashes, width and case do not matter, O is 0, I and L are 1.
///
/// # Errors
///
/// [`CodeError`] when it cannot be a code of `length` symbols.
pub fn read(typed: &str, length: usize) -> Result<String, CodeError> {
    let plain: Vec<char> = squash(typed)
        .chars()
        .filter(|c| !matches!(c, '-' | '－' | '—' | '_'))
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect();
    let value =
        |c: &char| SYMBOLS.iter().position(|symbol| char::from(*symbol) == *c).ok_or(CodeError::Symbol(*c));
    let values = plain.iter().map(value).collect::<Result<Vec<_>, _>>()?;
    if values.len() != length || length < 2 {
        return Err(CodeError::Length { expected: length, found: values.len() });
    }
    let values: Vec<u8> = values.into_iter().map(|value| value as u8).collect();
    let (check, body) = values.split_last().ok_or(CodeError::Check)?;
    if body.iter().copied().fold(0, step) == *check {
        Ok(plain.into_iter().collect())
    } else {
        Err(CodeError::Check)
    }
}

/// In groups of four, as it is printed and read out.
#[must_use]
pub fn grouped(code: &str) -> String {
    let signs: Vec<char> = code.chars().collect();
    signs.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Adds a symbol and multiplies by α in GF(32) (x⁵ + x² + 1): each place weighs another power of α, so that every
/// wrong symbol and every swap of two changes the check in codes of up to 31 symbols.
fn step(sum: u8, value: u8) -> u8 {
    let doubled = (sum ^ value) << 1;
    if doubled & 32 == 0 { doubled } else { doubled ^ 0b10_0101 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_wrong_symbol_and_every_swap_is_told(
            values in proptest::collection::vec(0_u8..32, 2..20), at in 0_usize..40, other in 0_usize..40, new in 0_u8..32,
        ) {
            let code = write(&values);
            prop_assert_eq!(read(&code, values.len() + 1), Ok(code.clone()));
            let signs: Vec<char> = code.chars().collect();
            let (at, other) = (at % signs.len(), other % signs.len());
            let mut wrong = signs.clone();
            wrong[at] = char::from(SYMBOLS[usize::from(new)]);
            let mut swapped = signs.clone();
            swapped.swap(at, other);
            for changed in [wrong, swapped] {
                let typed: String = changed.iter().collect();
                let expected = if changed == signs { Ok(code.clone()) } else { Err(CodeError::Check) };
                prop_assert_eq!(read(&typed, signs.len()), expected);
            }
        }
    }

    #[test]
    fn what_people_type_is_taken_as_meant() {
        let code = write(&[1, 0, 31, 20, 7, 9, 1]);
        let typed =
            format!(" {}-{} ", code[..4].to_lowercase(), &code[4..]).replace('1', "l").replace('0', "ｏ");
        assert_eq!(read(&typed, 8), Ok(code.clone()));
        assert_eq!(read(&code[1..], 8), Err(CodeError::Length { expected: 8, found: 7 }));
        assert_eq!(read("票", 8), Err(CodeError::Symbol('票')));
        assert_eq!(grouped("ABCDEFGHJKMN"), "ABCD-EFGH-JKMN");
    }
}
