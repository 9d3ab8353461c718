//! Whatever somebody types, every page that shows it shows text: forms filled with markup, signs that turn the line
//! round and control characters, followed from the reporter's page to the public's.

use crate::{
    desks,
    office::controls,
    reports::{VILLAGE, counties, id, receipt, with},
    world::{Answer, Browser, World},
};
use daylight_app::outcomes::jobs::release;
use daylight_db::{exec, scalar, values};
use std::io::Read;

const DAY: i64 = 86_400_000;

/// What is typed at one place; `place` tells it from the others.
fn typed(place: &str) -> String {
    format!(
        "{place}村里账目<script>alert(7)</script>\"'><img src=x onerror=alert(7)></textarea><svg onload=alert(7)>\
         {{{{7*7}}}}${{7*7}}&lt;b&gt;\u{202E}过来\u{0}\u{200B}的话没有贴出来"
    )
}

/// What must be seen of it, in either way in which our templates escape.
fn shows(body: &str, place: &str) -> bool {
    body.replace("&#60;", "&lt;").contains(&format!("{place}村里账目&lt;script"))
}

/// A page on which what was typed at these places stands, as text.
#[track_caller]
fn sound(name: &str, page: &Answer, places: &[&str]) {
    shown(name, page, places);
    harmless(name, &page.body);
}

#[track_caller]
fn shown(name: &str, page: &Answer, places: &[&str]) {
    assert_eq!(page.status, 200, "{name}: {}", page.body);
    for place in places {
        assert!(shows(&page.body, place), "{name} does not show {place}: {}", page.body);
    }
    harmless_markup(name, &page.body);
}

/// What was taken: nothing in it is markup, and nothing turns the line round or hides.
#[track_caller]
fn harmless(name: &str, body: &str) {
    harmless_markup(name, body);
    for bad in ["\u{202E}", "\u{0}", "\u{200B}"] {
        assert!(!body.contains(bad), "{name} holds {bad:?}: {body}");
    }
}

/// What is only said back to whoever typed it.
#[track_caller]
fn harmless_markup(name: &str, body: &str) {
    for bad in ["<script>alert", "<img src=x", "<svg onload", "{49}", "$49"] {
        assert!(!body.contains(bad), "{name} holds {bad:?}: {body}");
    }
}

#[test]
#[should_panic(expected = "holds \"<script>alert\"")]
fn the_check_sees_what_it_looks_for() {
    harmless("control", &typed("甲"));
}

async fn done(who: &Browser, case: i64, part: &str, fields: &[(&str, &str)]) -> Answer {
    let href = format!("/office/cases/{case}/{part}");
    let page = who.get(&href).await;
    let mut form = controls(&page.body, &href);
    for (name, value) in fields {
        form.retain(|(known, _)| known != name);
        form.push(((*name).to_owned(), (*value).to_owned()));
    }
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = who.post(&href, &form).await;
    assert_eq!(answer.status, 303, "{part}: {}", answer.body);
    answer
}

/// A villager's report with hostile words in every field; the page that checks the answers; number and code.
async fn reported(world: &World) -> (Answer, String, String) {
    let begun = world.citizen().post("/reports/new", &[("kind", "complaint")]).await;
    let villager = with(world, &begun);
    let unit = format!("unit-{}", id(world, "units", VILLAGE).await);
    let [what, when, place, point] = ["甲", "乙", "丙", "戊"].map(typed);
    for (page, form) in [
        ("object", vec![("object", unit.as_str())]),
        ("facts", vec![("what", &*what), ("when", &when), ("place", &place)]),
        ("points", vec![("point-1", &*point)]),
        ("evidence", vec![]),
        ("identity", vec![("level", "anonymous")]),
    ] {
        let answer = villager.post(&format!("/reports/new/{page}"), &form).await;
        assert_eq!(answer.status, 303, "{page}: {}", answer.body);
    }
    let check = villager.get("/reports/new/check").await;
    assert_eq!(villager.post("/reports/new/check", &[]).await.status, 303);
    let (number, code) = receipt(&villager.get("/reports/new/done").await.body);
    (check, number, code)
}

/// Intake, handler and leader.
async fn desks(world: &World) -> [Browser; 3] {
    let mut desks = Vec::new();
    for login in ["intake", "handler", "leader"] {
        let sql = "SELECT id FROM accounts WHERE login = $1";
        let account: i64 = scalar(world.app.db.read(), sql, values![login]).await.unwrap();
        desks.push(desks::browser(world, account).await);
    }
    desks.try_into().ok().unwrap()
}

#[tokio::test]
async fn hostile_words_stay_words_from_the_report_to_the_public_page() {
    const TOLD: [&str; 4] = ["甲", "乙", "丙", "戊"];
    for world in counties().await {
        let (check, number, code) = reported(&world).await;
        // Said back as it was typed; from then on it is tidied.
        shown("the answers", &check, &TOLD);
        let [ye, dai, cheng] = desks(&world).await;
        let case: i64 = scalar(world.app.db.read(), "SELECT MAX(id) FROM cases", values![]).await.unwrap();
        let path = format!("/office/cases/{case}");
        sound("intake's page", &ye.get(&path).await, &TOLD);
        done(&ye, case, "accept", &[]).await;
        let sql = "SELECT id FROM accounts WHERE login = 'handler'";
        let handler: i64 = scalar(world.app.db.read(), sql, values![]).await.unwrap();
        done(&cheng, case, "assign", &[("handler", &handler.to_string())]).await;
        done(&dai, case, "ask", &[("text", &typed("己"))]).await;
        let asked = world.citizen().post("/reports/status", &[("number", &number), ("code", &code)]).await;
        sound("the reporter's page", &asked, &["己"]);
        done(&dai, case, "resume", &[("reason", &typed("庚"))]).await;
        done(&dai, case, "note", &[("text", &typed("辛"))]).await;
        done(&dai, case, "conclude", &[("conclusion", "partly"), ("text", &typed("壬"))]).await;
        // The gate would take the same words for the question repeated.
        let answer = "癸村里账目<script>alert(7)</script>已于三月五日张贴，票据由监督委员会逐张核对签字，\
                      缺少的两张已责令补齐\u{202E}，照片存在村务公开相册第十二页。";
        done(&cheng, case, "reply", &[("answer-1", answer)]).await;
        let inside = ["甲", "戊", "己", "庚", "辛", "壬", "癸"];
        sound("the handler's page", &dai.get(&path).await, &inside);
        sound("the printed case", &cheng.get(&format!("{path}/print")).await, &inside);
        let status = world.citizen().post("/reports/status", &[("number", &number), ("code", &code)]).await;
        sound("the reply", &status, &["己", "癸"]);

        let seen = controls(&status.body, "/reports/status").into_iter().find(|(name, _)| name == "seen");
        let seen = seen.expect("a form").1;
        let says = [("number", &*number), ("code", &*code), ("seen", &*seen), ("do", "satisfied")];
        assert_eq!(world.citizen().post("/reports/status", &says).await.status, 200);

        // A letter: page, print, and the document itself.
        let tx = world.app.db.write().await.unwrap();
        exec(&*tx, "UPDATE organs SET sign = '安纪'", values![]).await.unwrap();
        tx.commit().await.unwrap();
        let form = cheng.get(&format!("{path}/letters/new?kind=notice")).await;
        let mut fields = controls(&form.body, &format!("{path}/letters"));
        let (about, body) = ("子村里账目<script>alert(7)</script>\u{202E}".to_owned(), typed("丑"));
        fields.retain(|(name, _)| !["about", "body", "do"].contains(&name.as_str()));
        let own = [("about", about.as_str()), ("body", &body), ("do", "issue")];
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(own).collect();
        let issued = cheng.post(&format!("{path}/letters"), &fields).await;
        assert_eq!(issued.status, 303, "{}", issued.body);
        for page in ["", "/print"] {
            sound("a letter", &cheng.get(&format!("{}{page}", issued.location())).await, &["子", "丑"]);
        }
        let file = cheng.get_bytes(&format!("{}/file", issued.location())).await;
        let mut document = String::new();
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file)).unwrap();
        archive.by_name("word/document.xml").unwrap().read_to_string(&mut document).unwrap();
        assert!(document.contains("子村里账目&lt;script"), "{document}");
        harmless("the document", &document);

        // The outcome: at the desk, for the public, in the feed.
        let summary = typed("寅");
        let path = format!("/office/outcomes/{case}");
        let form = [("grain", "township"), ("summary", &*summary), ("weighed", "yes")];
        let preview = dai.post(&path, &[&form[..], &[("todo", "preview")]].concat()).await;
        shown("the card at the desk", &preview, &["寅"]);
        assert_eq!(dai.post(&path, &[&form[..], &[("todo", "propose")]].concat()).await.status, 303);
        let approved = cheng.post(&format!("{path}/decide"), &[("todo", "approve")]).await;
        assert_eq!(approved.status, 303, "{}", approved.body);
        world.app.clock.advance(90 * DAY);
        assert_eq!(release(&world.app).await.unwrap(), 1);
        let public: i64 = scalar(world.app.db.read(), "SELECT id FROM outcomes", values![]).await.unwrap();
        for page in ["/outcomes".to_owned(), format!("/outcomes/{public}")] {
            sound("the public page", &world.citizen().get(&page).await, &["寅"]);
        }
        let feed = world.citizen().get("/outcomes/feed.xml").await;
        assert!(feed.body.contains("寅村里账目"), "{}", feed.body);
        harmless("the feed", &feed.body.replace("&lt;", "<").replace("&amp;", "&").replace("<script>", ""));
    }
}

#[tokio::test]
async fn a_form_that_no_page_sends_is_answered_and_never_breaks() {
    for world in counties().await {
        let begun = world.citizen().post("/reports/new", &[("kind", "complaint")]).await;
        let villager = with(&world, &begun);
        let long = "长".repeat(200_000);
        for (page, form) in [
            ("object", vec![("object", "unit-\u{0}1")]),
            ("object", vec![("object", "unit-99999999999999999999")]),
            ("object", vec![("q", "%\u{0}_\\")]),
            ("facts", vec![("what", &*long)]),
            ("facts", vec![("what", "甲<script>alert(7)"), ("what", "乙")]),
            ("facts", vec![("what[]", "甲"), ("__proto__", "乙")]),
            ("points", vec![("point-99999999999999999999", "甲"), ("point--1", "乙")]),
            ("identity", vec![("level", "administrator")]),
            ("identity", vec![("level", "anonymous"), ("level", "real_name")]),
            ("check", vec![("draft", "\u{0}")]),
        ] {
            let answer = villager.post(&format!("/reports/new/{page}"), &form).await;
            let status = answer.status.as_u16();
            assert!(status < 500, "{page}: {status} {}", answer.body);
            harmless_markup(page, &answer.body);
        }
        for (number, code) in [("\u{0}", "\u{202E}"), ("９９９９", "' OR 1=1 --"), ("", &*long)] {
            let answer = world.citizen().post("/reports/status", &[("number", number), ("code", code)]).await;
            assert!(answer.status.as_u16() < 500, "{} {}", answer.status, answer.body);
        }
        // The control: the same villager goes on where honest words are sent.
        let unit = format!("unit-{}", id(&world, "units", VILLAGE).await);
        let chosen = villager.post("/reports/new/object", &[("object", &unit)]).await;
        assert_eq!((chosen.status.as_u16(), chosen.location()), (303, "/reports/new/facts"));
    }
}
