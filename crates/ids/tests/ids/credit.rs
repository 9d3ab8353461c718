use daylight_ids::{CreditCode, CreditCodeError};
use proptest::prelude::*;

use crate::samples::{any_credit, respelled};

#[test]
fn a_worked_example() {
    // Values 9 1 9 9 9 9 0 1 10 0 0 0 0 0 0 0 1 with weights 1 3 9 27 19 26 16 17 20 29 25 13 8 24 10 30 28:
    // 9+3+81+243+171+234+0+17+200+28 = 986; 986 mod 31 = 25; 31 - 25 = 6.
    assert_eq!(CreditCode::check_char(b"91999901A00000001"), Some('6'));
    let code = CreditCode::parse(" ９1999901a0000000 16").unwrap();
    assert_eq!(code.as_str(), "91999901A000000016");
    assert_eq!(code.registrar(), "91");
    assert_eq!(code.division6(), "999901");
    assert_eq!(code.to_string(), code.as_str());
    assert_eq!(CreditCode::check_char(b"91999901I00000001"), None);
}

#[test]
fn what_is_wrong_is_said() {
    use CreditCodeError::{Character, CheckDigit, Empty, Length};
    let of = |input: &str| CreditCode::parse(input).unwrap_err();
    assert_eq!(of("\u{3000}"), Empty);
    assert_eq!(of("91999901A00000001"), Length(17));
    assert_eq!(of("91999901AO00000016"), Character('O'));
    assert_eq!(of("91999901A-00000016"), Character('-'));
    assert_eq!(of("无"), Character('无'));
    assert_eq!(of("91999901A000000017"), CheckDigit { expected: '6', found: '7' });
    assert!(of("91999901AO00000016").to_string().contains("形近"));
    assert!(of("91999901A000000017").to_string().contains("末位应为“6”，现在是“7”"));
    assert_eq!(CreditCode::tidy("'９1999901a 000000017"), "91999901A000000017");
}

proptest! {
    #[test]
    fn every_single_change_and_swap_is_refused(code in any_credit(), place in 0_usize..18, by in 1_usize..31) {
        const SYMBOLS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
        let mut changed = code.clone().into_bytes();
        let old = SYMBOLS.iter().position(|s| *s == changed[place]).unwrap();
        changed[place] = SYMBOLS[(old + by) % 31];
        prop_assert!(CreditCode::parse(&String::from_utf8(changed).unwrap()).is_err());
        let mut swapped = code.clone().into_bytes();
        swapped.swap(place, (place + 1).min(17));
        let swapped = String::from_utf8(swapped).unwrap();
        prop_assert_eq!(CreditCode::parse(&swapped).is_ok(), swapped == code);
    }

    #[test]
    fn any_spelling_is_the_same_code(
        (code, spelling) in any_credit().prop_flat_map(|code| (Just(code.clone()), respelled(&code)))
    ) {
        let parsed = CreditCode::parse(&spelling).unwrap();
        prop_assert_eq!(parsed.as_str(), &code);
        prop_assert_eq!(CreditCode::tidy(&spelling), code);
    }

    #[test]
    fn nothing_makes_it_panic(text in any::<String>(), bytes in any::<[u8; 17]>()) {
        let _ = CreditCode::parse(&text);
        let _ = CreditCode::check_char(&bytes);
    }
}
