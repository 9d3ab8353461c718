use daylight_ids::{DivisionCode, DivisionCodeError, DivisionLevel};
use proptest::prelude::*;

fn code(text: &str) -> DivisionCode {
    DivisionCode::parse(text).unwrap()
}

#[test]
fn short_codes_are_padded_and_spreadsheets_forgiven() {
    for spelling in
        ["999901", "999901000", "999901000000", "999901000000.0", "999901.00", "'999901", "９９９９ 01"]
    {
        assert_eq!(code(spelling).as_str(), "999901000000", "{spelling}");
    }
    assert_eq!(code("99").as_str(), "990000000000");
    assert_eq!(code("9999").to_string(), "999900000000");
}

#[test]
fn levels_and_parents() {
    use DivisionLevel::{County, Prefecture, Province, Township, Village};
    let chain = ["990000000000", "999900000000", "999901000000", "999901101000", "999901101205"];
    for (i, (text, level)) in chain.iter().zip([Province, Prefecture, County, Township, Village]).enumerate()
    {
        assert_eq!(code(text).level(), level);
        assert_eq!(code(text).parent().map(|p| p.to_string()), i.checked_sub(1).map(|i| chain[i].to_owned()));
        for (j, other) in chain.iter().enumerate() {
            assert_eq!(code(text).is_within(&code(other)), j <= i, "{text} {other}");
        }
    }
    assert!(!code("999902").is_within(&code("999901")));
    // Zeros that belong to a group: province 50, prefecture 10.
    assert_eq!(code("50").level(), Province);
    assert_eq!(code("9910").level(), Prefecture);
    assert_eq!(code("999910").level(), County);
    // A town of a prefecture without counties.
    assert_eq!(code("999900003000").level(), Township);
    assert_eq!(code("999900003000").parent(), Some(code("9999")));
    assert!(Province < Village);
}

#[test]
fn level_words() {
    for level in DivisionLevel::ALL {
        assert_eq!(DivisionLevel::parse(level.page()), Some(level));
        assert_eq!(DivisionLevel::parse(level.code()), Some(level));
        assert_eq!(DivisionLevel::parse(&level.code().to_uppercase()), Some(level));
    }
    for (word, level) in [
        ("省", DivisionLevel::Province),
        ("地级", DivisionLevel::Prefecture),
        ("市", DivisionLevel::Prefecture),
        (" 县 ", DivisionLevel::County),
        ("县（市、区）", DivisionLevel::County),
        ("乡", DivisionLevel::Township),
        ("镇", DivisionLevel::Township),
        ("街道", DivisionLevel::Township),
        ("村（社区）", DivisionLevel::Village),
    ] {
        assert_eq!(DivisionLevel::parse(word), Some(level), "{word}");
    }
    assert_eq!(DivisionLevel::parse("国家"), None);
    assert_eq!(DivisionLevel::parse(""), None);
}

#[test]
fn what_is_wrong_is_said() {
    use DivisionCodeError::{Character, Empty, Length, Province, Scientific};
    let of = |input: &str| DivisionCode::parse(input).unwrap_err();
    assert_eq!(of(" "), Empty);
    assert_eq!(of("9.99901E+11"), Scientific);
    assert_eq!(of("999901000000.5"), Character('.'));
    assert_eq!(of("99990A"), Character('A'));
    assert_eq!(of("9999011"), Length(7));
    assert_eq!(of("099901"), Province);
    assert!(of("9.99901E+11").to_string().contains("科学计数法"));
}

proptest! {
    #[test]
    fn climbing_ends_at_the_province(text in "[1-9][0-9]{11}") {
        let start = code(&text);
        let mut at = start.clone();
        let mut steps = 0;
        while let Some(parent) = at.parent() {
            prop_assert!(parent.level() < at.level());
            prop_assert!(start.is_within(&parent) && !parent.is_within(&at));
            at = parent;
            steps += 1;
        }
        prop_assert_eq!(at.level(), DivisionLevel::Province);
        prop_assert!(steps <= 4);
    }

    #[test]
    fn nothing_makes_it_panic(text in any::<String>(), digits in "[0-9.eE+]{0,14}") {
        let _ = DivisionCode::parse(&text);
        let _ = DivisionCode::parse(&digits);
        let _ = DivisionLevel::parse(&text);
    }
}
