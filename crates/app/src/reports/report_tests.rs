use super::*;
use proptest::prelude::*;

fn phone() -> Phone {
    Phone::parse("13949631669").unwrap()
}

/// What Aunt Chen typed: complete and anonymous.
fn draft() -> Draft {
    Draft {
        kind: Some(Kind::Accusation),
        object: Some(Object::Unknown),
        facts: Facts {
            what: "村里的低保名单有村主任的亲戚，没有公示".into(), ..Facts::default()
        },
        level: "anonymous".into(),
        ..Draft::default()
    }
}

fn real_name() -> Draft {
    Draft {
        level: "real_name".into(),
        phone: "139 4963 1669".into(),
        name: "陈 秀英".into(),
        citizen_id: "999901196911183259".into(),
        ..draft()
    }
}

fn fields(draft: &Draft) -> Vec<&'static str> {
    draft.check(Some(&phone())).unwrap_err().into_iter().map(|fault| fault.field).collect()
}

#[test]
fn an_anonymous_report_needs_kind_object_and_what_happened_and_nothing_else() {
    let report = draft().check(None).unwrap();
    assert_eq!((report.identity, report.points.len()), (Identity::Anonymous, 1));
    assert_eq!(fields(&Draft::default()), ["kind", "object", "what", "level"]);
    assert_eq!(Draft::default().unanswered(None), Some(Question::Kind));
    assert_eq!(Draft { object: None, ..draft() }.unanswered(None), Some(Question::Object));
    assert_eq!(draft().unanswered(None), None);
}

#[test]
fn a_telephone_counts_only_when_its_code_was_given() {
    let claimed = Draft { level: "phone".into(), phone: "13949631669".into(), ..draft() };
    assert_eq!(claimed.check(Some(&phone())).unwrap().identity, Identity::Phone(phone()));
    let other = Phone::parse("13800138000").unwrap();
    for proved in [None, Some(&other)] {
        let faults = claimed.check(proved).unwrap_err();
        assert_eq!((faults.len(), faults[0].field), (1, "code"));
    }
}

#[test]
fn a_real_name_needs_name_proved_phone_and_a_citizen_id_that_checks() {
    let Identity::RealName { name, .. } = real_name().check(Some(&phone())).unwrap().identity else {
        panic!("real name")
    };
    assert_eq!(name, "陈秀英");
    let wrong = Draft { name: " ".into(), citizen_id: "999901196911183258".into(), ..real_name() };
    assert_eq!(fields(&wrong), ["name", "citizen_id"]);
    assert_eq!(real_name().check(None).unwrap_err()[0].field, "code");
}

#[test]
fn a_helper_has_a_name_a_telephone_and_consent() {
    let helper = Helper { name: "周文".into(), phone: "0899-2075186".into(), consent: true };
    let helped = Draft { helper: Some(helper.clone()), ..draft() };
    assert_eq!(helped.check(None).unwrap().helper, Some(helper.clone()));
    let without = Draft { helper: Some(Helper { consent: false, ..helper }), ..draft() };
    assert_eq!(fields(&without), ["consent"]);
    let nobody = Draft { helper: Some(Helper { consent: true, ..Helper::default() }), ..draft() };
    assert_eq!(fields(&nobody), ["helper_name", "helper_phone"]);
}

#[test]
fn each_point_counts_and_without_any_the_whole_is_one() {
    let points = vec![" 名单谁定的？ ".to_owned(), "  ".into(), "为什么不公示？".into()];
    let report = Draft { points, ..draft() }.check(None).unwrap();
    assert_eq!(report.points, ["名单谁定的？", "为什么不公示？"]);
    assert_eq!(draft().check(None).unwrap().points, [draft().facts.what]);
    assert_eq!(fields(&Draft { points: vec!["问".into(); 11], ..draft() }), ["points"]);
}

#[test]
fn too_short_too_long_and_unreadable_are_named_with_what_to_do() {
    let with = |facts: Facts| Draft { facts, ..draft() };
    let what = draft().facts.what;
    assert_eq!(fields(&with(Facts { what: "不公平".into(), ..Facts::default() })), ["what"]);
    assert_eq!(fields(&with(Facts { what: "长".repeat(5001), ..Facts::default() })), ["what"]);
    let far = "远".repeat(201);
    let long = Facts { what, who: far.clone(), when: far.clone(), place: far, amount: "很多".into() };
    let faults = with(long).check(None).unwrap_err();
    let found: Vec<_> = faults.iter().map(|fault| fault.field).collect();
    assert_eq!(found, ["who", "when", "place", "amount"]);
    assert!(faults.iter().all(|fault| fault.message.contains('“') && fault.message.contains('请')));
}

#[test]
fn an_amount_is_read_as_people_write_it() {
    for (typed, expected) in [
        ("12000", Some(1_200_000)),
        ("12,000.50元", Some(1_200_050)),
        ("1.2万", Some(1_200_000)),
        ("３万元", Some(3_000_000)),
        ("0.29", Some(29)),
        ("", None),
    ] {
        let facts = Facts { amount: typed.into(), ..draft().facts };
        assert_eq!(Draft { facts, ..draft() }.check(None).unwrap().amount_fen, expected, "{typed}");
    }
    for strange in ["-5", "一些", "1.2.3", "9".repeat(30).as_str(), "万", ".5"] {
        assert_eq!(fen(strange), None, "{strange}");
    }
}

#[test]
fn nothing_a_citizen_wrote_is_ever_printed() {
    let helper = Some(Helper { name: "周文".into(), phone: "0899-2075186".into(), consent: true });
    let draft = Draft { helper, ..real_name() };
    let report = draft.check(Some(&phone())).unwrap();
    let printed = format!("{draft:?} {:?} {:?} {report:?} {:?}", draft.facts, draft.helper, report.identity);
    for secret in ["低保", "陈", "1394", "周文", "2075186", "99990119"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

#[test]
fn an_older_draft_reads_back_with_new_fields_empty() {
    let stored = serde_json::to_string(&real_name()).unwrap();
    assert_eq!(serde_json::from_str::<Draft>(&stored).unwrap(), real_name());
    assert_eq!(serde_json::from_str::<Draft>("{}").unwrap(), Draft::default());
}

proptest! {
    /// Whatever is typed: a report comes out whole, or every fault names a field of the form.
    #[test]
    fn any_typing_gives_a_whole_report_or_faults(
        what in ".{0,60}", amount in "[0-9.,万元]{0,8}", points in proptest::collection::vec(".{0,20}", 0..4),
        level in "anonymous|phone|real_name|x", number in "13949631669|.{0,12}", name in ".{0,6}",
    ) {
        let facts = Facts { what, amount, ..Facts::default() };
        let typed = Draft { facts, points, level: level.clone(), phone: number, name, ..draft() };
        match typed.check(Some(&phone())) {
            Ok(report) => {
                prop_assert!(!report.points.is_empty());
                prop_assert!(report.points.iter().all(|point| !point.is_empty()));
                prop_assert!(report.facts.what.chars().count() >= Draft::WHAT_LEAST);
                let anonymous = report.identity == Identity::Anonymous;
                prop_assert_eq!(anonymous, level == "anonymous");
            }
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                prop_assert!(faults.is_sorted_by_key(|fault| fault.question));
            }
        }
    }
}
