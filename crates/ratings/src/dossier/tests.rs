use super::*;
use crate::code::grouped;

fn entry(kind: Kind) -> Entry {
    let (post, text, source) = ("青石镇 副镇长".into(), "内容".into(), "来源".into());
    Entry { kind, day: 100, post, text, source, until: None, told: true, published: false }
}

fn enter(kind: Kind) -> Step {
    Step::Enter { entry: entry(kind) }
}

#[test]
fn a_report_becomes_true_or_is_sealed_and_neither_is_undone() {
    let open = Dossier::fold([enter(Kind::Report)]).unwrap();
    assert_eq!(open.entries()[0].status, Status::Unverified);
    assert_eq!(open.clone().then(Step::Publish { of: 0 }), Err(DossierError::Unproven));
    let sealed = open.clone().then(Step::Seal { of: 0 }).unwrap();
    assert_eq!(sealed.clone().then(Step::Verify { of: 0 }), Err(DossierError::NotNow));
    assert_eq!(sealed.then(Step::Seal { of: 0 }), Err(DossierError::NotNow));
    let proved = open.then(Step::Verify { of: 0 }).unwrap();
    // A report is never published, only its conclusion.
    assert_eq!(proved.clone().then(Step::Publish { of: 0 }), Err(DossierError::Unproven));
    // An overturned decision is sealed.
    assert!(proved.clone().then(Step::Seal { of: 0 }).is_ok());
    assert_eq!(proved.then(Step::Verify { of: 9 }), Err(DossierError::Missing));
}

#[test]
fn a_decision_is_public_only_when_told_and_no_longer_when_overturned() {
    let quiet = Step::Enter { entry: Entry { told: false, ..entry(Kind::Sanction) } };
    let dossier = Dossier::fold([quiet]).unwrap();
    assert_eq!(dossier.clone().then(Step::Publish { of: 0 }), Err(DossierError::Unproven));
    let hasty = Step::Enter { entry: Entry { told: false, published: true, ..entry(Kind::Sanction) } };
    assert_eq!(Dossier::fold([hasty]), Err(DossierError::Unproven));
    let public = dossier.then(Step::Tell { of: 0 }).unwrap().then(Step::Publish { of: 0 }).unwrap();
    assert_eq!(view(&public, &[], View::Public, 200).entries.len(), 1);
    let overturned = public.then(Step::Seal { of: 0 }).unwrap();
    assert_eq!(view(&overturned, &[], View::Public, 200).entries.len(), 0);
    assert!(!overturned.entries()[0].entry.published);
}

#[test]
fn a_cadre_answers_asks_and_is_answered_and_the_first_text_stays() {
    let dossier = Dossier::fold([enter(Kind::Conclusion)]).unwrap();
    assert_eq!(dossier.clone().then(Step::Reply { of: 0, text: " ".into() }), Err(DossierError::Empty));
    let early = Step::Answer { of: 0, text: Some("改".into()), reason: "笔误".into() };
    assert_eq!(dossier.clone().then(early.clone()), Err(DossierError::NotNow));
    let asked = Step::Ask { of: 0, text: "日期写错".into(), clear: false };
    let asked = dossier
        .then(Step::Reply { of: 0, text: "我的说明".into() })
        .and_then(|dossier| dossier.then(asked))
        .unwrap();
    assert!(asked.entries()[0].asked);
    let done = asked.then(early).unwrap();
    let one = &done.entries()[0];
    assert_eq!(
        (one.entry.text.as_str(), &one.before[..], one.asked),
        ("改", &["内容".to_owned()][..], false)
    );
    assert_eq!(one.replies, ["我的说明"]);
    assert_eq!(done.steps().len(), 4, "nothing is ever taken away");
    // Of what they were not told they cannot ask, and do not learn that it is there.
    let quiet = Dossier::fold([Step::Enter { entry: Entry { told: false, ..entry(Kind::Report) } }]).unwrap();
    let asked = Step::Ask { of: 0, text: "有没有？".into(), clear: true };
    assert_eq!(quiet.then(asked), Err(DossierError::Missing));
}

#[test]
fn sanctions_end_after_their_months() {
    let periods = Periods::first();
    assert!(periods.0.len() >= 12);
    // 31 August 2026 and six months: 28 February 2027.
    let august = 20_696;
    assert_eq!(periods.until("service-warning", august), Ok(Some(august + 181)));
    assert_eq!(months_later(august, 18), Some(august + 181 + 366));
    assert_eq!(periods.until("service-dismissal", august), Ok(None));
    assert_eq!(periods.until("unheard", august), Err("unheard"));
    let step = Step::Enter { entry: Entry { until: Some(300), ..entry(Kind::Sanction) } };
    let dossier = Dossier::fold([step]).unwrap();
    assert_eq!(dossier.entries()[0].status_on(300), Status::Verified);
    assert_eq!(dossier.entries()[0].status_on(301), Status::Expired);
}

fn prepared() -> Opinion {
    let asked = Opinion::ask(5, Purpose::Appointment, 1);
    asked.act(OpinionDeed::Prepare { text: "未发现不宜提拔的情形。".into() }, 2, 1000).unwrap()
}

fn sign(until: i64) -> OpinionDeed {
    OpinionDeed::Sign { number: "安廉意〔2026〕17号".into(), until }
}

#[test]
fn an_opinion_is_signed_by_a_third_person_for_a_bounded_time() {
    assert_eq!(prepared().act(sign(1100), 2, 1000), Err(OpinionError::OwnWork));
    assert_eq!(prepared().act(sign(1100), 1, 1000), Err(OpinionError::OwnWork));
    assert_eq!(prepared().act(sign(999), 3, 1000), Err(OpinionError::Term));
    assert_eq!(prepared().act(sign(1184), 3, 1000), Err(OpinionError::Term));
    assert_eq!(Opinion::ask(5, Purpose::Award, 1).act(sign(1100), 3, 1000), Err(OpinionError::NotNow));
    let signed = prepared().act(sign(1100), 3, 1000).unwrap();
    assert_eq!(
        signed.clone().act(OpinionDeed::Prepare { text: "改".into() }, 2, 1000),
        Err(OpinionError::NotNow)
    );
    let revoke = |reason: &str| signed.clone().act(OpinionDeed::Revoke { reason: reason.into() }, 3, 1001);
    assert_eq!(revoke(" "), Err(OpinionError::Empty));
    assert_eq!(revoke("立案").unwrap().state, OpinionState::Revoked);
    assert_eq!(revoke("立案").unwrap().act(sign(1100), 4, 1001), Err(OpinionError::NotNow));
}

#[test]
fn an_opinion_is_verified_by_number_and_code_alone() {
    let key = [4; 32];
    let signed = prepared().act(sign(1100), 3, 1000).unwrap();
    let code = signed.code(&key).unwrap();
    assert_eq!(prepared().code(&key), None);
    assert_eq!(signed.verify(&key, &grouped(&code).to_lowercase(), 1100), Some(Validity::Valid));
    assert_eq!(signed.verify(&key, &code, 1101), Some(Validity::Expired));
    let revoked = signed.clone().act(OpinionDeed::Revoke { reason: "立案".into() }, 3, 1001).unwrap();
    assert_eq!(revoked.verify(&key, &code, 1001), Some(Validity::Revoked));
    // Another text, day, number or key has another code.
    let changed = [
        Opinion { text: "表现优秀。".into(), ..signed.clone() },
        Opinion { until: Some(1101), ..signed.clone() },
        Opinion { cadre: 6, ..signed.clone() },
        Opinion { number: Some("安廉意〔2026〕18号".into()), ..signed.clone() },
    ];
    assert!(changed.iter().all(|other| other.verify(&key, &code, 1000).is_none()));
    assert_eq!(signed.verify(&[5; 32], &code, 1000), None);
}

fn package() -> Package {
    let steps = vec![enter(Kind::Appointment), enter(Kind::Report), Step::Seal { of: 1 }];
    let (from, to, name) = ("安澜县".into(), "云岭县".into(), "甲".into());
    let citizen_id = "99990119800101001X".into();
    Package { format: Package::FORMAT.into(), from, to, name, citizen_id, made_at: 5, steps }
}

#[test]
fn a_package_is_taken_whole_or_not_at_all() {
    let bytes = package().bytes().unwrap();
    let (read, dossier) = Package::read(&bytes, "云岭县").unwrap();
    assert_eq!((read.clone(), dossier.entries()[1].status), (package(), Status::Sealed));
    assert_eq!(Package::read(&bytes, "石桥县"), Err(PackageError::Addressee("云岭县".into())));
    let text = String::from_utf8(bytes.clone()).unwrap();
    let with = |from: &str, to: &str| Package::read(text.replace(from, to).as_bytes(), "云岭县").map(|_| ());
    assert_eq!(with("\"name\":", "\"name\": "), Err(PackageError::Damaged));
    assert_eq!(with("\"of\":1", "\"of\":7"), Err(PackageError::History(DossierError::Missing)));
    assert_eq!(with("dossier/1", "dossier/2"), Err(PackageError::Format("daylight-dossier/2".into())));
    assert_eq!(with("\"made_at\":5", "\"made_at\":5.5"), Err(PackageError::Damaged));
    let receipt = read.receipt(9).unwrap();
    assert!(package().acknowledged(&receipt));
    assert!(!Package { made_at: 6, ..package() }.acknowledged(&receipt));
    assert!(!package().acknowledged(&Receipt { steps: 2, ..receipt }));
}

#[test]
fn a_document_has_one_spelling() {
    let value = serde_json::json!({"b": [1, "引号\"", null, true], "a": {"z": -1, "y": "中"}});
    assert_eq!(
        canonical(&value).unwrap(),
        r#"{"a":{"y":"中","z":-1},"b":[1,"引号\"",null,true]}"#.as_bytes()
    );
    assert_eq!(canonical(&0.5), None);
}
