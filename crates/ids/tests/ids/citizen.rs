use daylight_ids::{CitizenId, CitizenIdError, Sex};
use proptest::prelude::*;

use crate::samples::{any_citizen, citizen, respelled};

#[test]
fn a_worked_example() {
    // By hand: 9·(7+9+10+5) + 0·8 + 1·4 + 1·2 + 9·1 + 9·6 + 0·3 + 0·7 + 1·9 + 0·10 + 1·5 + 1·8 + 2·4 + 3·2
    // = 384, and 384 mod 11 = 10, which stands for 2.
    assert_eq!(CitizenId::check_char(b"99990119900101123"), '2');
}

#[test]
fn a_valid_number_tells_its_parts() {
    let id = CitizenId::parse("999901199001011232").unwrap();
    assert_eq!(id.as_str(), "999901199001011232");
    assert_eq!(id.birth_date(), (1990, 1, 1));
    assert_eq!(id.sex(), Sex::Male);
    assert_eq!(id.area(), "999901");
    assert!(!id.upgraded_from_15());
    assert_eq!(id.masked(), "999*************32");
    assert_eq!(format!("{id:?}"), "CitizenId(999*************32)");
    assert_eq!(CitizenId::parse(&citizen("99990119900101002")).unwrap().sex(), Sex::Female);
}

#[test]
fn spreadsheet_and_keyboard_spellings_are_read() {
    let number =
        (0..10).map(|n| citizen(&format!("9999011990010100{n}"))).find(|id| id.ends_with('X')).unwrap();
    let lower = number.to_lowercase();
    let wide: String = number.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap()).collect();
    for spelling in [
        format!("  {lower}\n"),
        format!("'{number}"),
        format!("＇{number}"),
        format!("\u{2019}{lower}"),
        format!("\u{FEFF}{wide}　"),
        format!("{} {}\u{A0}{}", &number[..6], &number[6..14], &number[14..]),
    ] {
        assert_eq!(CitizenId::parse(&spelling).unwrap().as_str(), number, "{spelling:?}");
    }
}

#[test]
fn old_numbers_are_upgraded() {
    let id = CitizenId::parse("999901 650423 123").unwrap();
    assert_eq!(id.as_str(), citizen("99990119650423123"));
    assert!(id.upgraded_from_15());
    assert_eq!(id, CitizenId::parse(&citizen("99990119650423123")).unwrap());
    for sequence in 996..=999 {
        let id = CitizenId::parse(&format!("999901991231{sequence}")).unwrap();
        assert_eq!(id.birth_date(), (1899, 12, 31));
    }
    assert_eq!(CitizenId::parse("999901991231995").unwrap().birth_date(), (1999, 12, 31));
    // 1900 was no leap year, and 1849 is too early.
    assert_eq!(CitizenId::parse("999901000229123"), Err(CitizenIdError::BirthDate));
    assert_eq!(CitizenId::parse("999901490101996"), Err(CitizenIdError::BirthDate));
}

#[test]
fn what_is_wrong_is_said() {
    use CitizenIdError::{BirthDate, Character, CheckDigit, Empty, Length};
    let of = |input: &str| CitizenId::parse(input).unwrap_err();
    assert_eq!(of(" 　\u{FEFF}"), Empty);
    assert_eq!(of("'"), Empty);
    assert_eq!(of("无"), Character('无'));
    assert_eq!(of("99990119900X011232"), Character('X'));
    assert_eq!(of("99990165042312X"), Character('X'));
    assert_eq!(of("9.99901E+17"), Character('.'));
    assert_eq!(of("9999011990010112"), Length(16));
    assert_eq!(of("9999011990010112321"), Length(19));
    for date in ["19900230", "19901301", "19900001", "19900100", "19000229", "18491231", "21510101"] {
        assert_eq!(of(&citizen(&format!("999901{date}123"))), BirthDate, "{date}");
    }
    for date in ["18500101", "21501231", "20000229"] {
        assert!(CitizenId::parse(&citizen(&format!("999901{date}123"))).is_ok(), "{date}");
    }
    assert_eq!(of("999901199001011233"), CheckDigit { expected: '2', found: '3' });
    assert!(of("999901199001011233").to_string().contains("末位应为“2”，现在是“3”"));
    assert!(of("12").to_string().contains("现在是2位"));
}

proptest! {
    #[test]
    fn every_single_change_is_refused(id in any_citizen(), place in 0_usize..18, by in 1_u8..11) {
        let mut changed = id.clone().into_bytes();
        let symbols = if place == 17 { &b"0123456789X"[..] } else { &b"0123456789"[..] };
        let old = symbols.iter().position(|s| *s == changed[place]).unwrap();
        changed[place] = symbols[(old + by as usize) % symbols.len()];
        let changed = String::from_utf8(changed).unwrap();
        prop_assume!(changed != id);
        prop_assert!(CitizenId::parse(&changed).is_err());
    }

    #[test]
    fn swapped_neighbours_are_refused(id in any_citizen(), place in 0_usize..17) {
        let mut swapped = id.clone().into_bytes();
        swapped.swap(place, place + 1);
        let swapped = String::from_utf8(swapped).unwrap();
        prop_assume!(swapped != id);
        prop_assert!(CitizenId::parse(&swapped).is_err());
    }

    #[test]
    fn any_spelling_is_the_same_number(
        (id, spelling) in any_citizen().prop_flat_map(|id| (Just(id.clone()), respelled(&id)))
    ) {
        let parsed = CitizenId::parse(&spelling).unwrap();
        prop_assert_eq!(parsed.as_str(), &id);
        prop_assert_eq!(CitizenId::parse(parsed.as_str()).unwrap(), parsed);
    }

    #[test]
    fn an_upgrade_keeps_the_birth_date(y in 0_u16..100, m in 1_u8..=12, d in 1_u8..=28, n in 0_u16..=999) {
        let id = CitizenId::parse(&format!("999901{y:02}{m:02}{d:02}{n:03}"));
        let century = if n >= 996 { 1800 } else { 1900 };
        if century + y < 1850 {
            prop_assert_eq!(id, Err(CitizenIdError::BirthDate));
        } else {
            let id = id.unwrap();
            prop_assert_eq!(id.birth_date(), (century + y, m, d));
            prop_assert_eq!(CitizenId::parse(id.as_str()).unwrap().birth_date(), (century + y, m, d));
            prop_assert!(id.upgraded_from_15());
        }
    }

    #[test]
    fn the_mask_hides_the_birth_date(id in any_citizen()) {
        let id = CitizenId::parse(&id).unwrap();
        prop_assert!(id.masked()[3..16].bytes().all(|b| b == b'*'));
        prop_assert_eq!(id.masked().len(), 18);
        let debug = format!("{id:?}");
        prop_assert!(!debug.contains(id.as_str()));
    }

    #[test]
    fn nothing_makes_it_panic(text in any::<String>(), bytes in any::<[u8; 17]>()) {
        let _ = CitizenId::parse(&text);
        let _ = CitizenId::check_char(&bytes);
    }
}
