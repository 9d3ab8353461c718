use std::time::{Duration, Instant};

use daylight_ids::find::{Kind, personal_data, redact};
use proptest::prelude::*;

use crate::samples::{any_citizen, any_credit, card, citizen, widen};

fn found(text: &str) -> Vec<(Kind, &str)> {
    personal_data(text).into_iter().map(|f| (f.kind, &text[f.start..f.end])).collect()
}

#[test]
fn plain_numbers_are_found() {
    let id = citizen("99990119900101123");
    let text = format!("张三（{id}），电话13949631669，卡号{}。", card("622202999901000123"));
    assert_eq!(
        found(&text),
        [
            (Kind::CitizenId, id.as_str()),
            (Kind::Mobile, "13949631669"),
            (Kind::BankCard, card("622202999901000123").as_str()),
        ]
    );
    assert_eq!(
        redact(&text),
        "张三（999*************32），电话139****1669，卡号6222***********0127。"
            .replace("0127", &card("622202999901000123")[15..])
    );
}

#[test]
fn spelled_apart_numbers_are_found() {
    let x = (0..99).map(|n| citizen(&format!("999901199001011{n:02}"))).find(|id| id.ends_with('X')).unwrap();
    let wide: String = x.to_lowercase().chars().map(|c| widen(c, true)).collect();
    for text in [
        x.clone(),
        wide,
        format!("{} {} {}", &x[..6], &x[6..14], &x[14..]),
        format!("{}-{}—{}", &x[..6], &x[6..14], &x[14..]),
        format!("{} {}", &x[..17], "x"),
        format!("{}\u{200B}{}", &x[..3], &x[3..]),
        "999901650423123".to_owned(),
    ] {
        let inside = format!("号码：{text}，");
        assert_eq!(found(&inside), [(Kind::CitizenId, text.as_str())], "{inside}");
    }
    for text in [
        "139 4963 1669",
        "139-4963-1669",
        "１３９４９６３１６６９",
        "1394963 1669",
        "139—4963　1669",
        "1 39 496 31669",
    ] {
        for inside in
            [text.to_owned(), format!("电话{text}。"), format!("Tel{text}"), format!("**{text}元旦")]
        {
            if inside.starts_with('*') && text.contains([' ', '-', '—']) {
                continue;
            }
            assert_eq!(found(&inside), [(Kind::Mobile, text)], "{inside}");
        }
    }
    for prefix in ["+86", "86", "0086", "+86 ", "+86-", "0", "+86 1 "] {
        let inside = format!("{prefix}13949631669").replace("1 1", "1 ");
        let number = if prefix.ends_with("1 ") { "1 3949631669" } else { "13949631669" };
        assert_eq!(found(&inside), [(Kind::Mobile, number)], "{inside}");
    }
    let number = card("622202999901000");
    let apart = format!("{} {} {} {}", &number[..4], &number[4..8], &number[8..12], &number[12..]);
    assert_eq!(found(&apart), [(Kind::BankCard, apart.as_str())]);
    assert_eq!(found("13949631669,13949631660").len(), 2);
    assert_eq!(found("13949631669 13949631660").len(), 2);
    assert_eq!(found("2024-01-01 139 4963 1669").len(), 1);
}

#[test]
fn other_numbers_are_left_alone() {
    for text in [
        "999901000000",
        "999901101205",
        "99 99 01 101 205",
        "91999901A000000016",
        "91 999901A000000016",
        "2024年1月1日",
        "2024-01-01",
        "2024-01-01 2024-12-31",
        "1998-1-5 2003-2",
        "1998-10-1999-3",
        "20240101123059",
        "13949631669元",
        "13949631669.00",
        "13949631669.5元",
        "￥13949631669",
        "13949631669 万元",
        "13,949,631,669",
        "139496316690",
        "213949631669",
        "2139496316691234567890",
        "139496316",
        "0899-2075186",
        "12388",
        "999901199001011233",
        "999901202401010001",
        "999901240101001",
        "6222029999010001",
        "12949631669",
        "e3b0c44298fc1c149afb13949631669e4649b934ca495991b7852b855ab12345",
        "",
        "139****1669",
        "999*************32",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
    // The long number in the list above is no card: its last digit is wrong.
    assert_ne!(card("622202999901000"), "6222029999010001");
}

#[test]
fn masks_do_not_join_their_neighbours() {
    for text in [
        "13949631669 2024 010",
        "15 2024 10 30 5 13949631669",
        "13949630086 1 39 496 31669",
        "13949631660.13 949631669",
    ] {
        assert_eq!(found(&redact(text)), [], "{text}");
    }
    assert_eq!(redact("**13949631669**"), "**139****1669**");
}

#[test]
fn hostile_texts_take_linear_time() {
    let size = 1 << 20;
    for unit in [
        "1",
        "1 ",
        "13949631669 ",
        "１３9-",
        "1\u{200B}",
        " ",
        "622 ",
        "A1",
        "*1",
        "99990119900101123 X",
        "1.",
        "11111111111111111 ",
    ] {
        let text = unit.repeat(size / unit.len());
        let start = Instant::now();
        let outcome = redact(&text);
        assert!(start.elapsed() < Duration::from_secs(20), "{unit:?} took {:?}", start.elapsed());
        assert!(!outcome.is_empty());
    }
    let text = format!("{}\u{200B}", "1\u{200B}\u{200B}".repeat(1000)) + &"\u{200B}".repeat(size / 3);
    assert_eq!(found(&format!("1 3 9 4 9 6 3 1 6 6 9{text}")), []);
}

/// Text of the pieces that matter, in any order.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        2 => any_citizen(),
        2 => "1[3-9][0-9]{9}",
        1 => "622[0-9]{12,15}".prop_map(|n| card(&n)),
        1 => any_credit(),
        4 => "[0-9]{1,6}",
        1 => "(1 ?[3-9] ?[0-9]{2}[ -]?[0-9]{4} ?[0-9]{3})",
        1 => "(86|0086|0|\\+86)",
        6 => "[ -*.Xx,]",
        1 => prop::sample::select(vec!["元", "￥", "\u{200B}", "　", "a", "\n", "８6", "张三", " 86 "]).prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_redacted_text_holds_no_finding(text in any_text()) {
        let once = redact(&text);
        prop_assert_eq!(found(&once), [], "{}", once);
        prop_assert_eq!(redact(&once), once);
    }

    #[test]
    fn ranges_are_in_order_and_whole(text in prop_oneof![any_text(), any::<String>()]) {
        let mut end = 0;
        for finding in personal_data(&text) {
            prop_assert!(finding.start >= end && finding.end > finding.start);
            prop_assert!(text.is_char_boundary(finding.start) && text.is_char_boundary(finding.end));
            end = finding.end;
        }
    }

    #[test]
    fn a_phone_inside_longer_digits_is_not_found(before in "[1-9]{1,2}", phone in "1[3-9][0-9]{9}", after in "[0-9]{1}") {
        let digits = format!("{before}{phone}{after}");
        prop_assert!(found(&digits).is_empty());
    }

    #[test]
    fn division_and_credit_codes_are_not_found(division in "9999[0-9]{8}", credit in any_credit()) {
        prop_assert_eq!(found(&division), []);
        if credit[..17].contains(|c: char| c.is_ascii_alphabetic()) {
            let text = format!("代码{credit}，");
            prop_assert_eq!(found(&text), []);
        }
    }
}
