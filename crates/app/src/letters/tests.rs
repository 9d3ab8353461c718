//! Letters as they are stored, and as files.

use super::store::{LetterError, To, Wish};
use super::*;
use crate::{
    cases::{
        Deed, State, routing,
        store::{self as cases, Doing, Words},
        testing::*,
    },
    clock::Millis,
    reports::Object,
};
use daylight_db::{Tx, exec, scalar, values};
use daylight_vault::Vault;
use std::io::Read;
use time::macros::date;

/// A report against the head of 柳河村, who is managed by the county: it goes to 县纪委.
async fn case_at_the_county(tx: &Tx, vault: &Vault, token: &str) -> i64 {
    routing::store::set_rank(tx, LIUHE_HEAD, routing::Rank::Head).await.unwrap();
    let mut draft = draft();
    draft.object = Some(Object::Cadre(LIUHE_HEAD));
    submitted(tx, vault, &draft, token).await
}

async fn sign(tx: &Tx) {
    crate::organs::store::set_sign(tx, XIAN, Some("安纪")).await.unwrap();
}

async fn act(tx: &Tx, vault: &Vault, account: i64, case_id: i64, deed: Deed) {
    let seen = cases::open_own(&**tx, vault, case_id).await.unwrap().seen();
    let doing = Doing { deed, reason: "理由".into(), words: Words::default(), seen };
    cases::act(tx, vault, &at_desk(tx, account).await, case_id, doing, NOW).await.unwrap();
}

fn assignment(to: To, token: &str) -> Wish {
    Wish {
        kind: Kind::Assignment,
        to,
        about: "核查低保评议问题".into(),
        body: vec!["请认真核查。".into()],
        enclosures: Vec::new(),
        due: Some(date!(2026 - 12 - 10)),
        receipt_by: Some(date!(2026 - 11 - 25)),
        token: token.into(),
    }
}

async fn issue(
    tx: &Tx,
    vault: &Vault,
    account: i64,
    case_id: i64,
    wish: &Wish,
    now: Millis,
) -> Result<i64, LetterError> {
    store::issue(tx, vault, &at_desk(tx, account).await, case_id, wish, now).await
}

async fn open(tx: &Tx, vault: &Vault, account: i64, id: i64) -> Result<store::Shown, LetterError> {
    store::open(tx, vault, &at_desk(tx, account).await, id, NOW).await
}

async fn listed(tx: &Tx, vault: &Vault, account: i64) -> Vec<String> {
    let lines = store::list(&**tx, vault, &at_desk(tx, account).await).await.unwrap();
    lines.iter().map(|line| line.number().page()).collect()
}

#[tokio::test]
async fn a_leader_assigns_and_the_lower_organ_receives() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let case_id = case_at_the_county(&tx, &vault, "token").await;
        let wish = assignment(To::Organ(ZHEN), "a");
        let unsigned = issue(&tx, &vault, leader(XIAN), case_id, &wish, NOW).await;
        assert!(matches!(unsigned, Err(LetterError::Sign)), "{unsigned:?}");
        sign(&tx).await;
        let intake_tries = issue(&tx, &vault, intake(XIAN), case_id, &wish, NOW).await;
        assert!(matches!(intake_tries, Err(LetterError::Role)), "{intake_tries:?}");
        let id = issue(&tx, &vault, leader(XIAN), case_id, &wish, NOW).await.unwrap();
        // The same form again is the same letter.
        assert_eq!(issue(&tx, &vault, leader(XIAN), case_id, &wish, NOW + 1).await.unwrap(), id);
        let shown = open(&tx, &vault, leader(XIAN), id).await.unwrap();
        let letter = shown.letter.unwrap();
        assert_eq!(letter.number.page(), "安纪交〔2026〕1号");
        assert_eq!((letter.addressee.as_str(), letter.date), ("青石镇纪委", date!(2026 - 11 - 22)));
        // The lower organ knows that there is a letter; what it says comes with the case.
        let head = open(&tx, &vault, intake(ZHEN), id).await.unwrap();
        assert!(head.letter.is_none() && head.line.to_organ_id == Some(ZHEN));
        let early = store::answer(&tx, &vault, &at_desk(&tx, intake(ZHEN)).await, id, NOW).await;
        assert!(matches!(early, Err(LetterError::Role)), "the organ that asked says so: {early:?}");
        let own = store::receive(&tx, &vault, &at_desk(&tx, intake(XIAN)).await, id, "自己", NOW).await;
        assert!(matches!(own, Err(LetterError::Role)), "nobody signs for another organ: {own:?}");
        let desk = at_desk(&tx, intake(ZHEN)).await;
        store::receive(&tx, &vault, &desk, id, "苏禾", NOW + 5).await.unwrap();
        store::receive(&tx, &vault, &desk, id, "别人", NOW + 9).await.unwrap();
        let shown = open(&tx, &vault, leader(XIAN), id).await.unwrap();
        assert_eq!((shown.receiver.as_deref(), shown.line.received_at), (Some("苏禾"), Some(NOW + 5)));
        let day = |day| shown.line.standing(day);
        assert_eq!(day(date!(2026 - 12 - 10)), Standing::Open);
        assert_eq!(day(date!(2026 - 12 - 11)), Standing::Overdue);
        store::answer(&tx, &vault, &at_desk(&tx, leader(XIAN)).await, id, NOW + 9).await.unwrap();
        let line = open(&tx, &vault, leader(XIAN), id).await.unwrap().line;
        assert_eq!(line.standing(date!(2026 - 12 - 11)), Standing::Answered);
        // After the case went down, the county keeps number and dates, and no text.
        act(&tx, &vault, intake(XIAN), case_id, Deed::Forward { organ_id: ZHEN }).await;
        assert!(open(&tx, &vault, leader(XIAN), id).await.unwrap().letter.is_none());
        assert!(open(&tx, &vault, leader(ZHEN), id).await.unwrap().letter.is_some());
    }
}

#[tokio::test]
async fn whoever_must_not_see_the_case_meets_no_letter() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        sign(&tx).await;
        let case_id = case_at_the_county(&tx, &vault, "token").await;
        let id =
            issue(&tx, &vault, leader(XIAN), case_id, &assignment(To::Organ(ZHEN), "a"), NOW).await.unwrap();
        let number = ["安纪交〔2026〕1号".to_owned()];
        for account in [intake(XIAN), leader(XIAN), intake(ZHEN), leader(ZHEN)] {
            assert_eq!(listed(&tx, &vault, account).await, number, "{account}");
        }
        // Handlers to whom the case was not given; then somebody at the desk who turns out to be a relative.
        let near = person(intake(ZHEN));
        routing::store::declare_relatives(&tx, near, LIUHE_HEAD, NOW).await.unwrap();
        for account in [handler(XIAN), handler(ZHEN), second_handler(ZHEN), intake(ZHEN)] {
            assert!(listed(&tx, &vault, account).await.is_empty(), "{account}");
            let refused = open(&tx, &vault, account, id).await;
            assert!(matches!(refused, Err(LetterError::NotFound)), "{account}: {refused:?}");
            let none = open(&tx, &vault, account, id + 1).await;
            assert!(matches!(none, Err(LetterError::NotFound)), "{none:?}");
        }
        // In conflict, one cannot issue either; nor in a case of another organ.
        for account in [leader(ZHEN), intake(ZHEN)] {
            let refused = issue(&tx, &vault, account, case_id, &assignment(To::Organ(ZHEN), "b"), NOW).await;
            assert!(matches!(refused, Err(LetterError::NotFound)), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn the_accused_and_their_line_are_no_addressees() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        sign(&tx).await;
        let case_id = case_at_the_county(&tx, &vault, "token").await;
        for to in [To::Unit(LIUHE), To::Organ(XIAN), To::Organ(99), To::Unit(99), To::Reporter] {
            let refused = issue(&tx, &vault, leader(XIAN), case_id, &assignment(to.clone(), "x"), NOW).await;
            assert!(matches!(refused, Err(LetterError::Addressee)), "{to:?}: {refused:?}");
        }
        issue(&tx, &vault, leader(XIAN), case_id, &assignment(To::Unit(SHITAN), "y"), NOW).await.unwrap();
        // A leader of the township's organ is named later: the organ is out.
        let named = [person(leader(ZHEN))].into();
        let naming = at_desk(&tx, leader(XIAN)).await;
        cases::name(&tx, &vault, &naming, case_id, &named, NOW).await.unwrap();
        let wish = assignment(To::Organ(ZHEN), "z");
        let refused = issue(&tx, &vault, leader(XIAN), case_id, &wish, NOW).await;
        assert!(matches!(refused, Err(LetterError::Addressee)), "{refused:?}");
    }
}

#[tokio::test]
async fn letters_to_the_reporter_come_in_their_time_and_name_nobody() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        sign(&tx).await;
        let case_id = case_at_the_county(&tx, &vault, "token").await;
        let letter = |kind| Wish { kind, due: None, receipt_by: None, ..assignment(To::Reporter, "r") };
        for kind in [Kind::Notice, Kind::Reply] {
            let early = issue(&tx, &vault, leader(XIAN), case_id, &letter(kind), NOW).await;
            assert!(matches!(early, Err(LetterError::Moment(_))), "{early:?}");
        }
        act(&tx, &vault, intake(XIAN), case_id, Deed::Accept).await;
        let id = issue(&tx, &vault, leader(XIAN), case_id, &letter(Kind::Notice), NOW).await.unwrap();
        let shown = open(&tx, &vault, leader(XIAN), id).await.unwrap();
        assert_eq!(shown.letter.unwrap().addressee, "反映人");
        assert_eq!(shown.line.standing(date!(2099 - 01 - 01)), Standing::Sent);
        assert_eq!(cases::open_own(&*tx, &vault, case_id).await.unwrap().case.state, State::Accepted);
        let reply = Wish { token: "another form".into(), ..letter(Kind::Reply) };
        let early = issue(&tx, &vault, leader(XIAN), case_id, &reply, NOW).await;
        assert!(matches!(early, Err(LetterError::Moment(_))), "{early:?}");
    }
}

#[tokio::test]
async fn numbers_leave_no_gap_and_none_comes_twice_however_many_write_at_once() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        sign(&tx).await;
        let case_id = case_at_the_county(&tx, &vault, "token").await;
        let actor = at_desk(&tx, leader(XIAN)).await;
        tx.commit().await.unwrap();
        let (test, vault, actor) = (&test, &vault, &actor);
        let one = |at: usize| async move {
            let tx = test.db.write().await.unwrap();
            let wish = assignment(To::Organ(ZHEN), &format!("form {at}"));
            let id = store::issue(&tx, vault, actor, case_id, &wish, NOW).await.unwrap();
            // Every third is given up after its number was drawn.
            if at.is_multiple_of(3) {
                drop(tx);
                return None;
            }
            tx.commit().await.unwrap();
            Some(id)
        };
        let made = futures_util::future::join_all((0..12).map(one)).await;
        assert_eq!(made.iter().flatten().count(), 8);
        let c = test.db.read();
        let count = "SELECT COUNT(DISTINCT serial) FROM letters";
        assert_eq!(scalar::<i64>(c, count, values![]).await.unwrap(), 8);
        assert_eq!(scalar::<i64>(c, "SELECT MAX(serial) FROM letters", values![]).await.unwrap(), 8);
        // Another kind, and another year, count from 1.
        let tx = test.db.write().await.unwrap();
        act(&tx, vault, intake(XIAN), case_id, Deed::Accept).await;
        let notice = Wish { kind: Kind::Notice, due: None, ..assignment(To::Reporter, "n") };
        let id = issue(&tx, vault, leader(XIAN), case_id, &notice, NOW).await.unwrap();
        assert_eq!(
            open(&tx, vault, leader(XIAN), id).await.unwrap().line.number().page(),
            "安纪告〔2026〕1号"
        );
        let later = NOW + 50 * 24 * 3_600_000;
        let wish = Wish { due: Some(date!(2027 - 02 - 01)), ..assignment(To::Organ(ZHEN), "next year") };
        let id = issue(&tx, vault, leader(XIAN), case_id, &wish, later).await.unwrap();
        assert_eq!(
            open(&tx, vault, leader(XIAN), id).await.unwrap().line.number().page(),
            "安纪交〔2027〕1号"
        );
    }
}

#[tokio::test]
async fn what_a_letter_says_stands_nowhere_in_the_clear_and_opens_nowhere_else() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        sign(&tx).await;
        let case_id = case_at_the_county(&tx, &vault, "token").await;
        let one =
            issue(&tx, &vault, leader(XIAN), case_id, &assignment(To::Organ(ZHEN), "a"), NOW).await.unwrap();
        let two =
            issue(&tx, &vault, leader(XIAN), case_id, &assignment(To::Organ(ZHEN), "b"), NOW).await.unwrap();
        let sql = "SELECT content_locked FROM letters WHERE id = $1";
        let locked: Vec<u8> = scalar(&*tx, sql, values![one]).await.unwrap();
        let said = "请认真核查".as_bytes();
        assert!(!locked.windows(said.len()).any(|part| part == said));
        let swap = "UPDATE letters SET content_locked = $2 WHERE id = $1";
        exec(&*tx, swap, values![two, locked]).await.unwrap();
        let moved = open(&tx, &vault, leader(XIAN), two).await;
        assert!(matches!(moved, Err(LetterError::Case(_))), "{moved:?}");
    }
}

fn letter() -> Letter {
    Letter {
        organ: "中共安澜县纪律检查委员会".into(),
        number: Number { sign: "安纪".into(), kind: Kind::Assignment, year: 2026, serial: 3 },
        about: "核查“A & B <公司>”低保评议问题".into(),
        addressee: "青石镇纪委".into(),
        body: vec!["第一段。".into(), "第二段\u{0}\u{b}有看不见的字符。".into()],
        enclosures: vec!["问题摘要".into(), "名单".into()],
        date: date!(2026 - 03 - 02),
        due: Some(date!(2026 - 04 - 02)),
        receipt: Some(Receipt { by: date!(2026 - 03 - 05) }),
    }
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// Whether every tag is closed in order, and nothing stands between that XML may not hold.
fn is_well_formed(xml: &str) -> bool {
    let mut open = Vec::new();
    let Some(mut rest) = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n")
    else {
        return false;
    };
    while let Some(start) = rest.find('<') {
        let text = &rest[..start];
        if text.contains('>') || text.chars().any(|c| c.is_control()) {
            return false;
        }
        let Some(end) = rest[start..].find('>') else { return false };
        let tag = &rest[start + 1..start + end];
        rest = &rest[start + end + 1..];
        if tag.matches('"').count() % 2 != 0 {
            return false;
        }
        let name = tag.trim_matches('/').split(' ').next().unwrap_or_default();
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    open.is_empty()
}

#[test]
fn the_file_has_the_parts_of_a_document_and_the_measures_of_the_standard() {
    let bytes = docx(&letter()).unwrap();
    assert_eq!(bytes, docx(&letter()).unwrap(), "the same letter, the same file");
    let names = [
        "[Content_Types].xml",
        "_rels/.rels",
        "word/_rels/document.xml.rels",
        "word/document.xml",
        "word/styles.xml",
        "word/settings.xml",
        "word/fontTable.xml",
        "word/footer1.xml",
        "word/footer2.xml",
    ];
    for name in names {
        assert!(is_well_formed(&part(&bytes, name)), "{name}: {}", part(&bytes, name));
    }
    // Every part that is named exists, under a type.
    let (types, rels) = (part(&bytes, "[Content_Types].xml"), part(&bytes, "word/_rels/document.xml.rels"));
    for name in &names[3..] {
        assert!(types.contains(&format!("/{name}\"")), "{name}");
    }
    for name in ["styles", "settings", "fontTable", "footer1", "footer2"] {
        assert!(rels.contains(&format!("Target=\"{name}.xml\"")), "{name}");
    }
    let document = part(&bytes, "word/document.xml");
    assert!(document.contains("关于核查“A &amp; B &lt;公司&gt;”低保评议问题的交办函"), "{document}");
    assert!(document.contains("第二段有看不见的字符。"), "{document}");
    // A4; margins 37 and 28 mm in twentieths of a point; 22 lines.
    for measure in ["w:w=\"11906\" w:h=\"16838\"", "w:top=\"2098\"", "w:left=\"1588\"", "w:linePitch=\"579\""]
    {
        assert!(document.contains(measure), "{measure}");
    }
    let (top, bottom) = (2098.0, 1984.0);
    assert!(((16838.0 - top - bottom) / 579.0_f64).floor() as u32 == 22, "22 lines");
    assert!(part(&bytes, "word/footer1.xml").contains(" PAGE "));
}

#[test]
fn the_file_says_what_the_page_says_in_the_same_order() {
    let document = part(&docx(&letter()).unwrap(), "word/document.xml");
    let mut at = 0;
    for line in letter().lines() {
        let text = line.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        let found = document[at..].find(&text).unwrap_or_else(|| panic!("{text} after {at} in {document}"));
        at += found;
    }
}

/// Writes the sample where `DAYLIGHT_LETTER` says, to be looked at in a word processor.
#[test]
fn a_sample_can_be_looked_at() {
    if let Ok(path) = std::env::var("DAYLIGHT_LETTER") {
        std::fs::write(path, docx(&letter()).unwrap()).unwrap();
    }
}
