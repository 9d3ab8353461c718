use daylight_ids::text::{clean, halfwidth, person_name, squash};
use proptest::prelude::*;

#[test]
fn half_width_and_squashed() {
    assert_eq!(halfwidth("Ａｂ１２３－（！～　中，"), "Ab123-(!~ 中,");
    assert_eq!(squash(" \u{FEFF}９９ 99\t0\u{200B}1\r\n\u{A0}\u{3000}"), "999901");
    assert_eq!(squash("　\u{200D}"), "");
}

#[test]
fn clean_keeps_chinese_punctuation() {
    assert_eq!(
        clean("　《条例》第１２条，Ａ类：（一）；　　甲\u{A0}乙。 "),
        "《条例》第12条，A类：（一）； 甲 乙。"
    );
    assert_eq!(clean("\u{FEFF}一\u{200B}二\u{0}三\u{7}四\u{AD}五"), "一二三四五");
    assert_eq!(clean("一 \r\n\t二\r三\n\n四\u{2028}五\n "), "一\n二\n三\n\n四\n五");
    assert_eq!(clean("a  \t b"), "a b");
    assert_eq!(clean(" \n "), "");
}

#[test]
fn what_cannot_be_seen_is_dropped() {
    for c in "\u{AD}\u{34F}\u{61C}\u{115F}\u{1160}\u{17B4}\u{180B}\u{180E}\u{200B}\u{200D}\u{200E}\u{202A}\u{202E}\u{2060}\u{2066}\u{2069}\u{206F}\u{2800}\u{3164}\u{FE00}\u{FE0F}\u{FEFF}\u{FFA0}\u{FFF9}\u{1D173}\u{E0001}\u{E0041}\u{E007F}\u{E0100}\u{E01EF}"
        .chars()
    {
        let text = format!("青{c}石镇");
        assert_eq!((clean(&text), squash(&text), person_name(&text)), ("青石镇".into(), "青石镇".into(), "青石镇".into()), "{c:?}");
    }
    assert_eq!(clean("\u{3164}"), "");
}

#[test]
fn names() {
    for (text, name) in [
        ("杨　涵", "杨涵"),
        (" 杨 涵\n", "杨涵"),
        ("杨\u{200B}涵", "杨涵"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽 ・ 买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽·买买提"),
        ("阿依古丽‧买买提", "阿依古丽·买买提"),
        ("John  Q.　Smith", "John Q. Smith"),
        ("Ｊｏｈｎ Smith", "John Smith"),
        ("杨涵 Yang  Han", "杨涵 Yang Han"),
        ("𠮷 〇", "𠮷〇"),
        ("", ""),
    ] {
        assert_eq!(person_name(text), name, "{text:?}");
    }
}

proptest! {
    #[test]
    fn tidying_twice_changes_nothing(text in "([ \t\r\n　\u{200B}\u{A0}甲乙Ａ１a1.•·，。]|\\PC){0,24}") {
        for tidy in [halfwidth, squash, clean, person_name] {
            let once = tidy(&text);
            prop_assert_eq!(tidy(&once), once);
        }
        prop_assert!(!squash(&text).contains(char::is_whitespace));
        let clean = clean(&text);
        prop_assert_eq!(clean.trim(), &clean);
        prop_assert!(!clean.contains("  ") && !clean.contains('\r'));
    }
}
