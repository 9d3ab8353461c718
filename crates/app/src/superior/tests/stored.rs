//! What goes to the level above, told as stories of one villager and one superior.

use super::*;
use crate::{
    cases::{store::Said, testing::*},
    reports::{
        Draft, QueryCode, ReceiptNumber,
        store::{Found, Submitted, open, save_draft, say, submit},
    },
    superior::{PrivateFile, unpack},
};
use daylight_ids::Phone;
use daylight_vault::{RecipientKey, Vault};

const HOUR: Millis = 3_600_000;
const DAY: Millis = 24 * HOUR;

fn superior() -> PrivateFile {
    PrivateFile { name: "安江市纪委监委".into(), key: RecipientKey::draw() }
}

/// Somebody who belongs to the superior is accused.
async fn of_the_superior(tx: &Tx) -> Draft {
    routing::store::set_rank(tx, LIUHE_HEAD, routing::Rank::County).await.unwrap();
    let mut draft = Draft { object: Some(Object::Cadre(LIUHE_HEAD)), ..draft() };
    (draft.level, draft.phone, draft.name) = ("real_name".into(), "13900001234".into(), "陈秀英".into());
    draft.citizen_id = "99990119900101123".into();
    let digits: [u8; 17] = std::array::from_fn(|at| draft.citizen_id.as_bytes()[at]);
    draft.citizen_id.push(daylight_ids::CitizenId::check_char(&digits));
    draft
}

fn report(draft: &Draft) -> Report {
    draft.check(Some(&Phone::parse("13900001234").unwrap())).unwrap()
}

async fn handed_over(
    tx: &Tx,
    vault: &Vault,
    draft: &Draft,
    now: Millis,
) -> (ReceiptNumber, QueryCode, Handed) {
    match submit(tx, vault, &report(draft), "token", now).await.unwrap() {
        Submitted::Handed { number, code, handed } => (number, code, handed),
        other => panic!("{other:?}"),
    }
}

async fn count(tx: &Tx, table: &str) -> i64 {
    scalar(&**tx, &format!("SELECT COUNT(*) FROM {table}"), values![]).await.unwrap()
}

async fn file_of(c: &impl ConnectionTrait, id: i64) -> Vec<u8> {
    let (mut bytes, mut number) = (Vec::new(), 0);
    while let Some(part) = piece(c, id, number).await.unwrap() {
        bytes.extend(part);
        number += 1;
    }
    bytes
}

const LEFT: [&str; 8] = [
    "report_drafts",
    "reports",
    "report_identities",
    "cases",
    "case_events",
    "case_keys",
    "case_routes",
    "audit_entries WHERE action NOT LIKE 'row.%'",
];

#[tokio::test]
async fn a_report_of_the_superiors_is_sealed_to_it_and_nothing_else_of_it_stays() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let superior = superior();
        assert_eq!(set_key(&tx, Some(&superior.public()), NOW).await.unwrap(), None);
        let draft = of_the_superior(&tx).await;
        save_draft(&tx, &vault, "token", &draft, NOW).await.unwrap();
        let (number, code, handed) = handed_over(&tx, &vault, &draft, NOW).await;
        let expected = Handed {
            superior: "安江市纪委监委".into(),
            channel: "上级纪检监察机关（电话12388）".into(),
            made_at: clock::start_of_day(NOW),
            fetched_at: None,
        };
        assert_eq!(handed, expected);
        for table in LEFT {
            assert_eq!(count(&tx, table).await, 0, "{table}");
        }
        // Sent again it is the same, and one.
        let (again, same_code, _) = handed_over(&tx, &vault, &draft, NOW + HOUR).await;
        assert!(again == number && same_code == code);
        assert_eq!(count(&tx, "superior_packages").await, 1);
        // The telephone may be in other hands by then.
        let late = submit(&tx, &vault, &report(&draft), "token", NOW + 2 * DAY).await.unwrap();
        assert!(matches!(late, Submitted::Before), "{late:?}");
        // The superior reads all of it.
        let package = file_of(&*tx, 1).await;
        let contents = unpack(&package[..], &superior.key, |_, _| Ok(std::io::sink())).unwrap();
        assert_eq!(contents.number, number.grouped());
        assert_eq!(contents.object, "干部301（柳河村干部）");
        assert_eq!(contents.kind, draft.kind.unwrap().page());
        assert!(contents.facts == draft.facts && contents.points == draft.points);
        let reporter = &contents.reporter;
        assert_eq!(reporter.phone.as_deref(), Some("13900001234"));
        assert_eq!((reporter.level.as_str(), reporter.name.as_deref()), ("实名", Some("陈秀英")));
        assert_eq!(reporter.citizen_id.as_deref(), Some(draft.citizen_id.as_str()));
        // And what lies here is of the same size whatever was written.
        assert_eq!(package.len(), daylight_vault::BOX_HEADER + daylight_vault::SEALED_PIECE);
    }
}

#[tokio::test]
async fn number_and_code_say_who_has_it_and_when_it_was_fetched_and_nothing_more() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        set_key(&tx, Some(&superior().public()), NOW).await.unwrap();
        let draft = of_the_superior(&tx).await;
        let (number, code, handed) = handed_over(&tx, &vault, &draft, NOW).await;
        let found = open(&tx, &vault, &number, &code, NOW).await.unwrap();
        assert!(matches!(&found, Found::Handed(one) if *one == handed), "{found:?}");
        let wrong = open(&tx, &vault, &number, &QueryCode::draw([9; 12]), NOW).await.unwrap();
        assert!(matches!(wrong, Found::Nothing), "{wrong:?}");
        let said = say(&tx, &vault, &number, &code, Said::Withdraw, NOW).await.unwrap();
        assert!(matches!(said, Found::Handed(_)), "{said:?}");
        assert!(note_fetched(&tx, 1, NOW + DAY).await.unwrap());
        assert!(!note_fetched(&tx, 1, NOW + 2 * DAY).await.unwrap(), "the first time counts");
        let Found::Handed(fetched) = open(&tx, &vault, &number, &code, NOW).await.unwrap() else { panic!() };
        assert_eq!(fetched.fetched_at, Some(NOW + DAY));
        assert!(fetched.notice().to_string().contains("已密封转交上级（安江市纪委监委）"));
        assert_eq!(packages(&*tx, false).await.unwrap(), []);
        assert_eq!(packages(&*tx, true).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn whoever_has_database_and_keys_finds_nothing_that_opens_a_package() {
    let County { test, vault, .. } = counties().await.remove(0);
    let tx = test.db.write().await.unwrap();
    let superior = superior();
    set_key(&tx, Some(&superior.public()), NOW).await.unwrap();
    let draft = of_the_superior(&tx).await;
    save_draft(&tx, &vault, "token", &draft, NOW).await.unwrap();
    handed_over(&tx, &vault, &draft, NOW).await;
    let package = file_of(&*tx, 1).await;
    // The vault takes no part of it for its own, and nothing sealed by the vault came to lie beside it.
    for part in [&package[..], &package[daylight_vault::BOX_HEADER..]] {
        for place in
            [ops::store::DRAFT.place(1), ops::store::IDENTITY.place(1), ops::store::CASE_KEY.place("1/1/0")]
        {
            assert!(vault.unseal(&place, part).is_err());
        }
    }
    for column in [ops::store::DRAFT, ops::store::IDENTITY, ops::store::CASE_KEY] {
        assert!(ops::store::sealed_after(&*tx, column, 0, 10).await.unwrap().is_empty(), "{column:?}");
    }
    tx.commit().await.unwrap();
    let path = std::path::PathBuf::from(test.url.strip_prefix("sqlite:").unwrap());
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    let key = superior.key.bytes();
    assert!(holds(superior.public().recipient.fingerprint().as_bytes()), "the control");
    let secrets: [&[u8]; 6] = [
        b"13900001234",
        "陈秀英".as_bytes(),
        "堂弟".as_bytes(),
        "低保名单是谁定的".as_bytes(),
        draft.citizen_id.as_bytes(),
        key.as_bytes(),
    ];
    for secret in secrets {
        assert!(!holds(secret), "{}", String::from_utf8_lossy(secret));
    }
}

#[tokio::test]
async fn without_a_key_it_is_refused_and_the_month_alone_is_counted() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let draft = of_the_superior(&tx).await;
        for (token, now) in [("one", NOW), ("two", NOW + HOUR), ("three", NOW + 30 * DAY)] {
            let done = submit(&tx, &vault, &report(&draft), token, now).await.unwrap();
            assert!(
                matches!(&done, Submitted::Elsewhere { channel } if channel.contains("12388")),
                "{done:?}"
            );
        }
        assert_eq!(refusals(&*tx).await.unwrap(), [("2026-12".to_owned(), 1), ("2026-11".to_owned(), 2)]);
        for table in LEFT.into_iter().chain(["superior_packages", "superior_pieces"]) {
            assert_eq!(count(&tx, table).await, 0, "{table}");
        }
        // A key taken away is as if there had been none.
        set_key(&tx, Some(&superior().public()), NOW).await.unwrap();
        assert!(set_key(&tx, None, NOW).await.unwrap().is_some());
        let done = submit(&tx, &vault, &report(&draft), "four", NOW).await.unwrap();
        assert!(matches!(done, Submitted::Elsewhere { .. }), "{done:?}");
    }
}

#[tokio::test]
async fn a_damaged_key_stops_the_submission_and_loses_nothing() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let draft = of_the_superior(&tx).await;
        ops::store::set_setting(&tx, KEY, "{\"daylight\":").await.unwrap();
        assert!(submit(&tx, &vault, &report(&draft), "token", NOW).await.is_err());
        assert_eq!(count(&tx, "superior_refusals").await, 0);
    }
}

#[tokio::test]
async fn evidence_goes_along_piece_by_piece() {
    for County { test, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let superior = superior();
        let bytes: Vec<u8> = (0..300_000_u32).map(|at| (at % 251) as u8).collect();
        let hash = <sha2::Sha256 as sha2::Digest>::digest(&bytes);
        let sha256 = data_encoding::HEXLOWER.encode(&hash);
        let file = File { name: "账本.jpg".into(), media: "image/jpeg".into(), bytes: 300_000, sha256 };
        let contents = Contents { files: vec![file], ..Contents::default() };
        let hashes = Hashes { number_index: vec![1], code_hash: vec![2], submission_hash: vec![3] };
        let mut keeping = Keeping::begin(&tx, &superior.public(), &contents, hashes, NOW).await.unwrap();
        for part in bytes.chunks(100_000) {
            keeping.add(&tx, part).await.unwrap();
        }
        let id = keeping.finish(&tx).await.unwrap();
        // 300,000 bytes and the contents are five pieces, filled up to eight.
        assert_eq!(count(&tx, "superior_pieces").await, 1 + 8);
        let package = file_of(&*tx, id).await;
        // That its bytes are the announced ones, `unpack` checks by their hash.
        unpack(&package[..], &superior.key, |_, _| Ok(std::io::sink())).unwrap();
    }
}

#[tokio::test]
async fn a_draft_with_files_that_nobody_can_read_here_is_not_half_sealed() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        set_key(&tx, Some(&superior().public()), NOW).await.unwrap();
        let draft = of_the_superior(&tx).await;
        save_draft(&tx, &vault, "token", &draft, NOW).await.unwrap();
        let announced = attachments::store::Announced { name: "账本.jpg", size: 5, same: "same" };
        let file = attachments::store::begin(&tx, &vault, "token", &announced, NOW).await.unwrap();
        // What has not arrived as a whole is not evidence yet, and goes with the draft.
        handed_over(&tx, &vault, &draft, NOW).await;
        assert_eq!(count(&tx, "attachments").await, 0, "{}", file.id);
        assert_eq!(file_of(&*tx, 1).await.len(), daylight_vault::BOX_HEADER + daylight_vault::SEALED_PIECE);
    }
}
