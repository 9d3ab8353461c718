use daylight_ids::{Phone, PhoneError};
use proptest::prelude::*;

use crate::samples::respelled;

fn canonical(text: &str) -> String {
    Phone::parse(text).map_or_else(|e| format!("{e:?}"), |phone| phone.canonical().to_owned())
}

#[test]
fn spellings_have_one_canonical_form() {
    for (expected, spellings) in [
        (
            "13949631669",
            &[
                "13949631669",
                "139 4963 1669",
                "139-4963-1669",
                "+86 13949631669",
                "+86-139-4963-1669",
                "008613949631669",
                "8613949631669",
                "（+86）13949631669",
                "(86)13949631669",
                "１３９４９６３１６６９",
                "'13949631669",
                "13949631669.0",
                "013949631669",
                "139.4963.1669",
                "＋８６ 139—4963—1669",
            ][..],
        ),
        (
            "0899-2075186",
            &[
                "08992075186",
                "0899-2075186",
                "(0899)2075186",
                "（0899） 207 5186",
                "0899－2075186",
                "0899—2075186",
                "+86 899 2075186",
                "+86(0)899-2075186",
                "0086-0899-2075186",
                "86-899-2075186",
            ],
        ),
        (
            "0899-2075186转123",
            &[
                "0899-2075186转123",
                "0899-2075186-123",
                "08992075186#123",
                "(0899)2075186 ext. 123",
                "0899-2075186转分机 123",
                "+86 899-2075186-123",
                "0899-2075186 分机：123",
            ],
        ),
        ("010-62075186", &["01062075186", "010-6207-5186", "+861062075186", "(010)62075186"]),
        ("2075186", &["2075186", "207-5186", "207 5186"]),
        ("62075186", &["62075186", "6207-5186"]),
        ("8612345", &["8612345", "861-2345"]),
        ("12388", &["12388", "12388.0", " 12 388"]),
        ("0899-12345", &["0899-12345", "089912345"]),
        ("110", &["110"]),
        ("4008123456", &["4008123456", "400-812-3456", "400 8123 456", "+86 400-812-3456"]),
    ] {
        for spelling in spellings {
            assert_eq!(canonical(spelling), expected, "{spelling}");
        }
    }
}

#[test]
fn kinds_and_masks() {
    for (text, mobile, mask) in [
        ("13949631669", true, "139****1669"),
        ("0899-2075186", false, "0899-****186"),
        ("0899-2075186转123", false, "0899-****186转***"),
        ("2075186", false, "****186"),
        ("12345", false, "12345"),
        ("400-812-3456", false, "4008123456"),
    ] {
        let phone = Phone::parse(text).unwrap();
        assert_eq!((phone.is_mobile(), phone.masked().as_str()), (mobile, mask), "{text}");
        assert_eq!(format!("{phone:?}"), format!("Phone({mask})"));
    }
}

#[test]
fn what_is_wrong_is_said() {
    use PhoneError::{AreaCode, Character, Country, Empty, Extension, Length, Several};
    for (text, error) in [
        (" ", Empty),
        ("-", Empty),
        ("无", Character('无')),
        ("139****1669", Character('*')),
        ("13949631669/13949631660", Several),
        ("13949631669、0899-2075186", Several),
        ("1394963166", Length(10)),
        ("139496316699", Length(12)),
        ("12949631669", Length(11)),
        ("0199-2075186", AreaCode),
        ("+86 2075186", AreaCode),
        ("+852 2075 1861", Country),
        ("0085220751861", Country),
        ("0899-2075186转", Extension),
        ("0899-2075186转1234567", Extension),
        ("0899-1075186", Length(11)),
    ] {
        let found = Phone::parse(text).unwrap_err();
        assert_eq!(found, error, "{text}");
        assert!(!found.to_string().is_empty());
    }
}

/// A number in its canonical form, and its conventional groups.
fn any_number() -> impl Strategy<Value = (String, Vec<String>)> {
    let groups = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    prop_oneof![
        "1[3-9][0-9] [0-9]{4} [0-9]{4}".prop_map(move |n| (n.replace(' ', ""), groups(&n))),
        "0[3-9][1-9][0-9] [2-8][0-9]{6,7}".prop_map(move |n| (n.replace(' ', "-"), groups(&n))),
        "0(10|2[0-9]) [2-8][0-9]{3} [0-9]{4}"
            .prop_map(move |n| (n.replacen(' ', "-", 1).replace(' ', ""), groups(&n))),
    ]
}

proptest! {
    #[test]
    fn all_spellings_of_one_number_agree(
        (number, groups) in any_number(),
        country in prop::sample::select(vec!["", "+86", "0086", "86", "(+86)", "+86-", "＋８６ "]),
        joint in prop::sample::select(vec!["", " ", "-", "—", "－", ".", "　", " - "]),
        brackets in any::<bool>(),
    ) {
        let mut groups = groups;
        if brackets {
            groups[0] = format!("（{}）", groups[0]);
        }
        let spelling = format!("{country}{}", groups.join(joint));
        prop_assert_eq!(canonical(&spelling), number.clone(), "{}", spelling);
        // Abroad one leaves out the zero of the area code.
        if number.starts_with('0') && !country.is_empty() {
            let spelling = format!("{country}{}", groups.join(joint).replacen('0', "", 1));
            prop_assert_eq!(canonical(&spelling), number, "{}", spelling);
        }
    }

    #[test]
    fn blanks_and_width_do_not_matter(
        (number, spelling) in any_number().prop_flat_map(|(n, _)| (Just(n.clone()), respelled(&n)))
    ) {
        prop_assert_eq!(canonical(&spelling), number.clone());
        prop_assert_eq!(canonical(&number), number);
    }

    #[test]
    fn extensions_agree(extension in "[0-9]{1,6}", mark in prop::sample::select(vec!["转", "-", "#", "ext", " 分机 ", "转："])) {
        prop_assert_eq!(canonical(&format!("0899-2075186{mark}{extension}")), format!("0899-2075186转{extension}"));
    }

    #[test]
    fn a_reading_is_stable_and_nothing_panics(text in any::<String>(), likely in "[0-9+ ()x转-]{0,20}") {
        for text in [text, likely] {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert_eq!(Phone::parse(phone.canonical()).unwrap().masked(), phone.masked());
                prop_assert_eq!(canonical(phone.canonical()), phone.canonical());
            }
        }
    }
}
