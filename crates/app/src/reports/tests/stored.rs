//! Reports as they are stored, told as stories of one villager.

use super::*;
use crate::cases::testing::*;

async fn count(tx: &Tx, table: &str) -> i64 {
    scalar(&**tx, &format!("SELECT COUNT(*) FROM {table}"), values![]).await.unwrap()
}

async fn receipt(tx: &Tx, vault: &Vault, token: &str, now: Millis) -> (ReceiptNumber, QueryCode) {
    let report = draft().check(None).unwrap();
    match submit(tx, vault, &report, token, now).await.unwrap() {
        Submitted::Receipt { number, code } => (number, code),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_draft_survives_a_closed_page_and_goes_when_submitted_or_expired() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let mut typed = Draft { level: "anonymous".into(), ..Draft::default() };
        save_draft(&tx, &vault, "mine", &typed, NOW).await.unwrap();
        typed.facts.what = "路灯坏了三个月没有人修".into();
        save_draft(&tx, &vault, "mine", &typed, NOW + HOUR).await.unwrap();
        save_draft(&tx, &vault, "yours", &Draft::default(), NOW).await.unwrap();
        let last = NOW + HOUR + DRAFT_LIVES;
        assert_eq!(draft_of(&tx, &vault, "mine", last - 1).await, Some(typed.clone()));
        assert_eq!(draft_of(&tx, &vault, "mine", last).await, None);
        assert_eq!(draft_of(&tx, &vault, "other", NOW).await, None);
        sweep(&tx, NOW + DRAFT_LIVES).await.unwrap();
        assert_eq!(count(&tx, "report_drafts").await, 1, "the other one has expired");
        receipt(&tx, &vault, "mine", NOW).await;
        assert_eq!(count(&tx, "report_drafts").await, 0);
    }
}

async fn draft_of(tx: &Tx, vault: &Vault, token: &str, now: Millis) -> Option<Draft> {
    open_draft(&**tx, vault, token, now).await.unwrap()
}

#[tokio::test]
async fn a_form_sent_twice_is_one_report_with_one_receipt() {
    for County { test, vault, .. } in counties().await {
        // Twice at once, as an impatient finger does.
        let once = || async {
            let tx = test.db.write().await.unwrap();
            let receipt = receipt(&tx, &vault, "token", NOW).await;
            tx.commit().await.unwrap();
            receipt
        };
        let (first, second) = tokio::join!(once(), once());
        assert!(first == second, "the same receipt");
        let tx = test.db.write().await.unwrap();
        for table in ["reports", "cases", "audit_entries WHERE action NOT LIKE 'row.%'"] {
            assert_eq!(count(&tx, table).await, 1, "{table}");
        }
        let other = receipt(&tx, &vault, "other", NOW).await;
        assert!(other.0 != first.0 && other.1 != first.1);
        // Later the telephone may be in other hands.
        let report = draft().check(None).unwrap();
        let late = submit(&tx, &vault, &report, "token", NOW + RECEIPT_LIVES).await.unwrap();
        assert!(matches!(late, Submitted::Before), "{late:?}");
    }
}

/// Every column of numbers in the schema.
fn numbers() -> Vec<(String, String)> {
    let steps = [
        include_str!("../../migrations/0001_foundation.sql"),
        include_str!("../../migrations/0002_reports.sql"),
    ];
    let (mut table, mut columns) = (String::new(), Vec::new());
    for line in steps.iter().flat_map(|step| step.lines()) {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["CREATE", "TABLE", name, ..] | ["ALTER", "TABLE", name, "ADD", ..] => table = name.to_owned(),
            [name, kind, ..] if kind.trim_end_matches(',') == "BIGINT" => {
                columns.push((table.clone(), name.to_owned()));
            }
            _ => {}
        }
    }
    assert!(columns.len() > 150, "the schema is read: {}", columns.len());
    columns
}

#[tokio::test]
async fn nothing_that_a_report_leaves_knows_the_hour_in_which_it_was_handed_in() {
    for County { test, vault, .. } in counties().await {
        let now = NOW + 3 * HOUR + 1_234_567;
        let tx = test.db.write().await.unwrap();
        let slip = receipt(&tx, &vault, "token", now).await;
        let Found::Report(status) = open(&tx, &vault, &slip.0, &slip.1, now).await.unwrap() else {
            panic!("the slip opens the report")
        };
        assert_eq!(status.timeline[0].at, clock::start_of_day(now));
        for (table, column) in numbers() {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} > $1 AND {column} < $2");
            let near: i64 = scalar(&*tx, &sql, values![now - HOUR, now + HOUR]).await.unwrap();
            // How often somebody asked for this number is kept for an hour, under its keyed hash.
            assert!(near == 0 || table == "report_lookups", "{table}.{column} knows the hour");
        }
    }
}

#[tokio::test]
async fn a_number_that_is_taken_is_drawn_again() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let taken = receipts(&vault, "token").next().unwrap().0;
        receipt(&tx, &vault, "first", NOW).await;
        let sql = "UPDATE reports SET number_index = $1";
        exec(&*tx, sql, values![number_index(&vault, &taken)]).await.unwrap();
        let (number, code) = receipt(&tx, &vault, "token", NOW).await;
        assert!(number != taken);
        assert!(matches!(open(&tx, &vault, &number, &code, NOW).await.unwrap(), Found::Report(_)));
        assert!(receipt(&tx, &vault, "token", NOW).await == (number, code));
    }
}

#[tokio::test]
async fn number_and_code_together_open_a_report_and_show_nobody_of_the_staff() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let (number, code) = receipt(&tx, &vault, "token", NOW).await;
        let Found::Report(status) = open(&tx, &vault, &number, &code, NOW).await.unwrap() else { panic!() };
        assert_eq!(status.content.facts, draft().facts);
        assert_eq!(status.content.points, draft().points);
        assert_eq!(status.case.organ_id, Some(ZHEN));
        let deeds: Vec<_> = status.timeline.iter().map(|told| (told.by, told.deed)).collect();
        assert_eq!(deeds, [("反映人", "收到"), ("平台", "转交")]);
        assert!(status.timeline.iter().all(|told| told.reason.is_empty()));
        // More is said with number and code, and with nothing less.
        let more = |points: &[&str]| {
            let points = points.iter().map(|point| (*point).to_owned()).collect();
            Said::More(Words { text: "还有一件".into(), points, answers: Vec::new() })
        };
        let wrong = QueryCode::draw([9; 12]);
        let said = say(&tx, &vault, &number, &wrong, more(&["甲"]), NOW).await.unwrap();
        assert!(matches!(said, Found::Nothing));
        let said = say(&tx, &vault, &number, &code, more(&["公示照片在哪里"]), NOW).await.unwrap();
        let Found::Report(status) = said else { panic!() };
        assert_eq!(status.case.points, 2);
        assert_eq!(status.timeline[2].words.points, ["公示照片在哪里"]);
    }
}

#[tokio::test]
async fn a_wrong_number_and_a_wrong_code_leave_the_same_behind_and_wait_alike() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let (number, code) = receipt(&tx, &vault, "token", NOW).await;
        let (stranger, wrong) = (ReceiptNumber::draw([7; 8]), QueryCode::draw([9; 12]));
        for (at, tried) in [(0, &number), (HOUR, &stranger)] {
            let now = NOW + at;
            for failures in 0..5 {
                let found = open(&tx, &vault, tried, &wrong, now).await.unwrap();
                assert!(matches!(found, Found::Nothing), "{failures} {found:?}");
            }
            let other = if *tried == number { QueryCode::draw([8; 12]) } else { code.clone() };
            for code in [&wrong, &other] {
                let found = open(&tx, &vault, tried, code, now + 59_999).await.unwrap();
                assert!(matches!(found, Found::Wait { until } if until == now + 60_000), "{found:?}");
            }
        }
        assert_eq!(count(&tx, "report_lookups").await, 2);
        // Whoever has the right code is kept out by nobody who tries the number.
        assert!(matches!(open(&tx, &vault, &number, &code, NOW + 59_999).await.unwrap(), Found::Report(_)));
        // Other reports are open meanwhile, and the right code forgives.
        let (other, other_code) = receipt(&tx, &vault, "other", NOW).await;
        assert!(matches!(open(&tx, &vault, &other, &other_code, NOW).await.unwrap(), Found::Report(_)));
        // A code opens its own report only.
        assert!(matches!(open(&tx, &vault, &other, &code, NOW).await.unwrap(), Found::Nothing));
        assert!(matches!(open(&tx, &vault, &number, &code, NOW + 60_000).await.unwrap(), Found::Report(_)));
        assert!(matches!(open(&tx, &vault, &number, &wrong, NOW + 60_000).await.unwrap(), Found::Nothing));
        sweep(&tx, NOW + 3 * HOUR).await.unwrap();
        assert_eq!(count(&tx, "report_lookups").await, 0);
    }
}

#[tokio::test]
async fn what_nobody_here_may_have_is_shown_the_channel_and_not_kept() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        routing::store::set_rank(&tx, LIUHE_HEAD, routing::Rank::County).await.unwrap();
        let draft = Draft { object: Some(Object::Cadre(LIUHE_HEAD)), ..draft() };
        save_draft(&tx, &vault, "token", &draft, NOW).await.unwrap();
        let done = submit(&tx, &vault, &draft.check(None).unwrap(), "token", NOW).await.unwrap();
        assert!(matches!(&done, Submitted::Elsewhere { channel } if channel.contains("12388")), "{done:?}");
        for table in [
            "report_drafts",
            "reports",
            "report_identities",
            "cases",
            "case_events",
            "audit_entries WHERE action NOT LIKE 'row.%'",
        ] {
            assert_eq!(count(&tx, table).await, 0, "{table}");
        }
    }
}

#[tokio::test]
async fn nothing_that_was_written_and_nobody_who_wrote_it_stands_in_the_clear() {
    let County { test, vault, .. } = counties().await.remove(0);
    let tx = test.db.write().await.unwrap();
    let phone = Phone::parse("13900001234").unwrap();
    let mut draft = Draft { level: "real_name".into(), phone: "13900001234".into(), ..draft() };
    (draft.name, draft.citizen_id) = ("陈秀英".into(), "999901199001011230".into());
    let digits: [u8; 17] = std::array::from_fn(|at| draft.citizen_id.as_bytes()[at]);
    draft.citizen_id = format!("{}{}", &draft.citizen_id[..17], daylight_ids::CitizenId::check_char(&digits));
    save_draft(&tx, &vault, "draft", &draft, NOW).await.unwrap();
    let report = draft.check(Some(&phone)).unwrap();
    let Submitted::Receipt { number, code } = submit(&tx, &vault, &report, "token", NOW).await.unwrap()
    else {
        panic!()
    };
    let words = Words { text: "会计也在场".into(), ..Words::default() };
    say(&tx, &vault, &number, &code, Said::More(words), NOW).await.unwrap();
    tx.commit().await.unwrap();
    let path = std::path::PathBuf::from(test.url.strip_prefix("sqlite:").unwrap());
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    // The control: what is meant to be in the clear is found.
    assert!(holds("柳河村") && holds("real_name"));
    let secret = [
        "堂弟",
        "低保名单是谁定的",
        "会计也在场",
        "陈秀英",
        "13900001234",
        &draft.citizen_id,
        "form-7Qx",
        number.canonical(),
        code.canonical(),
        &number.grouped(),
        &code.grouped(),
    ];
    for text in secret {
        assert!(!holds(text), "{text}");
    }
}

#[tokio::test]
async fn a_reporter_who_gave_a_telephone_is_told_that_there_is_news_and_nothing_else() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let anonymous = submitted(&tx, &vault, &draft(), "anonymous").await;
        tell(&tx, &vault, anonymous, NOW).await.unwrap();
        assert!(sms::store::unsent(&*tx, &vault).await.is_empty());
        let phone = Phone::parse("13949631669").unwrap();
        let typed = Draft { level: "phone".into(), phone: "13949631669".into(), ..draft() };
        let report = typed.check(Some(&phone)).unwrap();
        submit(&tx, &vault, &report, "known", NOW).await.unwrap();
        tell(&tx, &vault, case_of(&tx, "known").await, NOW).await.unwrap();
        let unsent = sms::store::unsent(&*tx, &vault).await;
        assert_eq!(unsent, [("13949631669".into(), "news".into(), serde_json::json!({}))]);
    }
}

#[tokio::test]
async fn a_flood_of_drafts_shortens_the_life_of_idle_ones_and_takes_nothing_from_who_is_writing() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        for (token, at) in [("old", 0), ("older", -1), ("new", HOUR), ("newer", 2 * HOUR)] {
            save_draft(&tx, &vault, token, &draft(), NOW + at).await.unwrap();
        }
        let kept = async |token| open_draft(&*tx, &vault, token, NOW).await.unwrap().is_some();
        let now = NOW + 2 * HOUR;
        forget_idle(&tx, 4, now).await.unwrap();
        assert!(kept("older").await);
        forget_idle(&tx, 3, now).await.unwrap();
        assert!(!kept("older").await && kept("old").await);
        forget_idle(&tx, 0, now - 1).await.unwrap();
        assert!(!kept("old").await && kept("new").await && kept("newer").await, "not those of the hour");
        // Nothing in it goes before what is older and has something in it; whose film still uploads does not go.
        save_draft(&tx, &vault, "empty", &Draft::default(), NOW + 3 * HOUR).await.unwrap();
        let film = "INSERT INTO attachments (token_hash, file, state, size, arrived, segments, touched_at) \
                    VALUES ($1, 'film', 'arriving', 9, 5, 1, $2)";
        let now = NOW + 9 * HOUR;
        exec(&*tx, film, values![token_hash("new"), now - HOUR + 1]).await.unwrap();
        forget_idle(&tx, 2, now).await.unwrap();
        assert!(!kept("empty").await && kept("newer").await);
        forget_idle(&tx, 0, now).await.unwrap();
        assert!(!kept("newer").await && kept("new").await, "it uploads");
    }
}

#[tokio::test]
async fn what_is_changed_in_a_report_or_its_files_past_the_program_is_found() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let one = submitted(&tx, &vault, &draft(), "one").await;
        let two = submitted(&tx, &vault, &draft(), "two").await;
        tx.commit().await.unwrap();
        let faults = async |c: &Tx| cases::verify(&**c, &vault).await.unwrap().1;
        let tx = test.db.write().await.unwrap();
        assert!(faults(&tx).await.is_empty());
        drop(tx);
        let file = "INSERT INTO attachments (report_id, file, state, size, arrived, segments, about_locked, key_locked, \
                    touched_at) SELECT id, 'f', 'kept', 0, 0, 1, bound, bound, 0 FROM reports WHERE id = $1";
        for harm in [
            // Either reporter would be shown the other's.
            "UPDATE reports SET number_index = code_hash, code_hash = number_index WHERE id = $1",
            "UPDATE reports SET object_kind = 'unknown', object_id = NULL WHERE id = $1",
            "UPDATE reports SET level = 'real_name' WHERE id = $1",
            "UPDATE reports SET origin = 'hotline' WHERE id = $1",
            "UPDATE reports SET created_at = created_at + 1 WHERE id = $1",
            "UPDATE reports SET bound = NULL WHERE id = $1",
            file,
        ] {
            let tx = test.db.write().await.unwrap();
            assert_eq!(exec(&*tx, harm, values![one]).await.unwrap(), 1);
            let found = faults(&tx).await;
            assert_eq!(found.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [one], "{harm}");
        }
        // Swapped between two.
        let tx = test.db.write().await.unwrap();
        for (set, id) in [("number_index = x'00'", one), ("number_index = x'01'", two)] {
            let set = if test.db.engine() == daylight_db::Engine::Postgres {
                set.replace("x'", "'\\x")
            } else {
                set.into()
            };
            exec(&*tx, &format!("UPDATE reports SET {set} WHERE id = {id}"), values![]).await.unwrap();
        }
        assert_eq!(faults(&tx).await.len(), 2);
        assert_ne!(one, two);
    }
}

#[tokio::test]
async fn a_moved_date_and_a_timer_that_was_put_to_sleep_are_found() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "one").await;
        let found = async || cases::verify_dates(&*tx, &vault, NOW + HOUR).await.unwrap();
        assert_eq!(found().await, cases::Dates::default());
        let due: i64 = scalar(&*tx, "SELECT due_at FROM cases", values![]).await.unwrap();
        for (harm, moved, asleep) in [
            ("UPDATE cases SET due_at = due_at + 86400000", vec![id], vec![]),
            ("UPDATE cases SET due_at = NULL", vec![id], vec![]),
            ("UPDATE cases SET next_at = NULL", vec![id], vec![id]),
            ("UPDATE cases SET next_at = 9999999999999", vec![id], vec![id]),
        ] {
            exec(&*tx, harm, values![]).await.unwrap();
            assert_eq!(found().await, cases::Dates { moved, asleep }, "{harm}");
        }
        exec(&*tx, "UPDATE cases SET due_at = $1, next_at = $2", values![due, NOW]).await.unwrap();
        assert_eq!(found().await, cases::Dates::default());
    }
}
