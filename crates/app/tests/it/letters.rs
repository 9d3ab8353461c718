//! Letters through the front door: made, printed, taken along, received, answered; and met by nobody else.

use crate::{
    county::{XIAN, ZHEN, act, counties, handler, intake, leader, report},
    world::{Answer, Browser},
};
use daylight_app::{cases::Deed, letters::jobs::remind};
use daylight_db::{scalar, values};

fn token(html: &str) -> String {
    let (_, rest) = html.split_once("name=\"token\" value=\"").expect("the token");
    rest.split_once('"').expect("its end").0.to_owned()
}

async fn assign(browser: &Browser, case_id: i64, organ: &str, press: &str, day: &str) -> Answer {
    let form = browser.get(&format!("/office/cases/{case_id}/letters/new?kind=assignment")).await;
    assert_eq!(form.status, 200, "{}", form.body);
    let token = token(&form.body);
    let fields = [
        ("kind", "assignment"),
        ("about", "核查低保评议问题"),
        ("organ", organ),
        ("body", "请认真核查。\n请严格保密。"),
        ("due-year", "2026"),
        ("due-month", "12"),
        ("due-day", day),
        ("token", &token),
        ("do", press),
    ];
    browser.post(&format!("/office/cases/{case_id}/letters"), &fields).await
}

#[tokio::test]
async fn a_leader_issues_a_letter_and_the_lower_organ_signs_for_it() {
    for world in counties().await {
        let case_id = report(&world, "token").await;
        let chief = world.seated(leader(XIAN)).await;
        let form = chief.get(&format!("/office/cases/{case_id}/letters/new?kind=assignment")).await;
        // Until when, with the sum that made it; to whom, without who is in conflict.
        assert!(
            form.body.contains("交办的期限不能比它晚") && form.body.contains("青石镇纪委"),
            "{}",
            form.body
        );
        let preview = assign(&chief, case_id, "2", "preview", "10").await;
        assert!(preview.status == 200 && preview.body.contains("（签发时编号）"), "{}", preview.body);
        let late = assign(&chief, case_id, "2", "issue", "31").await;
        assert!(late.status == 422 && late.body.contains("不能晚于本件的办理期限"), "{}", late.body);
        let issued = assign(&chief, case_id, "2", "issue", "10").await;
        assert_eq!(
            (issued.status.as_u16(), issued.location()),
            (303, "/office/letters/1"),
            "{}",
            issued.body
        );
        let page = chief.get("/office/letters/1").await;
        for word in
            ["安纪交〔2026〕1号", "关于核查低保评议问题的交办函", "请于2026年12月10日前办结", "回　执"]
        {
            assert!(page.body.contains(word), "{word}: {}", page.body);
        }
        let print = chief.get("/office/letters/1/print").await;
        assert!(print.status == 200 && print.body.contains("<h1 class=\"letter-title\">"), "{}", print.body);
        let file = chief.get("/office/letters/1/file").await;
        assert!(file.headers["content-type"].to_str().unwrap().contains("wordprocessingml"));
        assert!(file.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        assert_eq!(file.headers["cache-control"], "no-store");
        // The lower organ: number and dates, no text, and the receipt.
        let below = world.seated(intake(ZHEN)).await;
        let head = below.get("/office/letters/1").await;
        assert!(head.body.contains("安纪交〔2026〕1号") && !head.body.contains("低保"), "{}", head.body);
        assert_eq!(below.get("/office/letters/1/file").await.status, 404);
        let empty = below.post("/office/letters/1/receive", &[("receiver", " ")]).await;
        assert!(empty.body.contains("请填写收件人"), "{}", empty.body);
        let refused = chief.post("/office/letters/1/receive", &[("receiver", "自己")]).await;
        assert_eq!(refused.status, 403);
        assert_eq!(below.post("/office/letters/1/receive", &[("receiver", "苏禾")]).await.status, 303);
        assert!(chief.get("/office/letters/1").await.body.contains("苏禾"));
        let list = chief.get("/office/letters?only=open").await;
        assert!(list.body.contains("安纪交〔2026〕1号"), "{}", list.body);
        world.app.clock.advance(19 * 24 * 3_600_000);
        let late = world.seated(leader(XIAN)).await;
        assert!(late.get("/office/letters?only=overdue").await.body.contains("安纪交〔2026〕1号"));
        assert_eq!(late.post("/office/letters/1/answer", &[]).await.status, 303);
        assert!(late.get("/office/letters?only=answered").await.body.contains("安纪交〔2026〕1号"));
    }
}

#[tokio::test]
async fn whoever_may_not_see_the_case_gets_the_bytes_of_no_letter() {
    for world in counties().await {
        let case_id = report(&world, "token").await;
        assign(&world.seated(leader(XIAN)).await, case_id, "2", "issue", "10").await;
        for account in [handler(XIAN), handler(ZHEN)] {
            let browser = world.seated(account).await;
            for path in ["", "/print", "/file"] {
                let there = browser.get(&format!("/office/letters/1{path}")).await;
                let nowhere = browser.get(&format!("/office/letters/7{path}")).await;
                assert_eq!(there.status, 404, "{account} {path}");
                // The address is the reader's own; everything else is the same.
                let same =
                    |answer: &Answer, id: char| answer.body.replace(&format!("letters/{id}"), "letters/n");
                assert_eq!(same(&there, '1'), same(&nowhere, '7'), "{account} {path}");
            }
            assert!(!browser.get("/office/letters").await.body.contains("安纪交"), "{account}");
        }
        // A case that is not one's own is none.
        let below = world.seated(leader(ZHEN)).await;
        for id in [case_id, case_id + 1] {
            assert_eq!(below.get(&format!("/office/cases/{id}/letters/new")).await.status, 404);
            let form = [("kind", "notice"), ("token", "x"), ("do", "issue")];
            assert_eq!(below.post(&format!("/office/cases/{id}/letters"), &form).await.status, 404);
        }
    }
}

#[tokio::test]
async fn a_letter_to_the_reporter_names_nobody_and_holds_no_number_of_theirs() {
    for world in counties().await {
        let case_id = report(&world, "token").await;
        let chief = world.seated(leader(XIAN)).await;
        let new = format!("/office/cases/{case_id}/letters/new?kind=notice");
        let early = chief.get(&new).await;
        assert!(
            early.body.contains("请先决定是否受理") && !early.body.contains("name=\"body\""),
            "{}",
            early.body
        );
        act(&world, intake(XIAN), case_id, Deed::Accept).await;
        let form = chief.get(&new).await;
        assert!(form.body.contains("我单位已于2026年11月22日受理"), "{}", form.body);
        let token = token(&form.body);
        let send = |body: &'static str, token: String| {
            let chief = &chief;
            async move {
                let fields = [
                    ("kind", "notice"),
                    ("about", "受理群众反映问题"),
                    ("body", body),
                    ("token", &token),
                    ("do", "issue"),
                ];
                chief.post(&format!("/office/cases/{case_id}/letters"), &fields).await
            }
        };
        let stopped = send("请拨打13949631669联系。", token.clone()).await;
        assert!(stopped.status == 422 && stopped.body.contains("疑似手机号"), "{}", stopped.body);
        let sent = send("您反映的问题已受理。", token.clone()).await;
        assert_eq!(sent.location(), "/office/letters/1", "{}", sent.body);
        // Pressed twice, it is one letter.
        assert_eq!(send("您反映的问题已受理。", token).await.location(), "/office/letters/1");
        let page = chief.get("/office/letters/1").await;
        assert!(page.body.contains("反映人：") && page.body.contains("安纪告〔2026〕1号"), "{}", page.body);
    }
}

#[tokio::test]
async fn a_letter_to_the_reporter_is_on_the_page_that_number_and_code_open() {
    use crate::desks;
    for world in crate::world::worlds().await {
        desks::settle(&world).await;
        let tx = world.app.db.write().await.unwrap();
        daylight_db::exec(&*tx, "UPDATE organs SET sign = '青纪' WHERE id = 2", daylight_db::values![])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let told = desks::told(desks::LIUHE, "村里的低保名单贴了两天就撕了，没有人看清", None);
        let (number, code, id) = desks::report(&world, &told, "a-token").await;
        let (other_number, other_code, _) = desks::report(&world, &told, "another-token").await;
        desks::act(&world, desks::intake(desks::ZHEN), id, Deed::Accept).await.unwrap();
        let chief = desks::browser(&world, desks::leader(desks::ZHEN)).await;
        let new = format!("/office/cases/{id}/letters/new");
        let account_id = desks::handler(desks::ZHEN);
        desks::act(&world, desks::leader(desks::ZHEN), id, Deed::Assign { account_id }).await.unwrap();
        let paper = token(&chief.get(&format!("{new}?kind=notice")).await.body);
        let fields = [
            ("kind", "notice"),
            ("about", "受理您所反映低保名单问题"),
            ("body", "您反映的问题已经受理。"),
            ("token", &paper),
            ("do", "issue"),
        ];
        let issued = chief.post(&format!("/office/cases/{id}/letters"), &fields).await;
        assert_eq!(issued.location(), "/office/letters/1", "{}", issued.body);
        let me = world.citizen();
        let mine = [("number", number.canonical()), ("code", code.canonical())];
        let page = me.post("/reports/status", &mine).await.body;
        assert!(page.contains("给您的公文") && page.contains("青纪告〔2026〕1号"), "{page}");
        let text = chief.get("/office/letters/1").await.body;
        assert!(text.contains("还没有收到"), "shown in the list is not opened: {text}");

        // Nobody else's number and code, no letter that is not there.
        let theirs = [("number", other_number.canonical()), ("code", other_code.canonical())];
        assert!(!me.post("/reports/status", &theirs).await.body.contains("给您的公文"));
        for [number, code] in [theirs, [mine[0], theirs[1]]] {
            let answer = me.post("/reports/status", &[number, code, ("do", "letter"), ("letter", "1")]).await;
            assert!(answer.status != 200 && !answer.body.contains("已经受理。"), "{}", answer.body);
        }
        let nine = [mine[0], mine[1], ("do", "letter"), ("letter", "9")];
        assert_eq!(me.post("/reports/status", &nine).await.status, 404);

        let ask = [mine[0], mine[1], ("do", "letter"), ("letter", "1")];
        let alone = me.post("/reports/status", &ask).await;
        assert!(alone.status == 200 && alone.body.contains("您反映的问题已经受理。"), "{}", alone.body);
        assert_eq!(alone.headers["cache-control"], "no-store");
        let ask = [mine[0], mine[1], ("do", "letter-file"), ("letter", "1")];
        let file = me.post("/reports/status", &ask).await;
        assert!(file.headers["content-type"].to_str().unwrap().contains("wordprocessingml"));
        // The organ learns the day, and neither the minute nor more.
        let text = chief.get("/office/letters/1").await.body;
        assert!(text.contains("反映人（在网上查看），2026年11月"), "{text}");
        let receipt = text.split("反映人（在网上查看），").nth(1).unwrap().split('<').next().unwrap();
        assert!(receipt.trim().ends_with('日') && !receipt.contains(':'), "{receipt}");
        let trail = "SELECT COUNT(*) FROM audit_entries WHERE action = 'letter.receive'";
        let noted: i64 = scalar(world.app.db.read(), trail, values![]).await.unwrap();
        assert_eq!(noted, 0, "the trail's order would say when");
        let (_, faults) =
            daylight_app::cases::store::verify(world.app.db.read(), &world.app.vault).await.unwrap();
        assert!(faults.is_empty(), "{faults:?}");
    }
}

#[tokio::test]
async fn a_letter_past_its_dates_is_on_the_start_page_and_told_once_to_both_organs() {
    for world in counties().await {
        let case_id = report(&world, "token").await;
        let chief = world.seated(leader(XIAN)).await;
        assert_eq!(assign(&chief, case_id, "2", "issue", "10").await.status, 303);
        remind(&world.app).await.unwrap();
        let told = |task: &'static str| {
            let world = &world;
            async move {
                let sql = "SELECT COUNT(*) FROM case_notices WHERE task = $1 AND letter_id = 1";
                scalar::<i64>(world.app.db.read(), sql, values![task]).await.unwrap()
            }
        };
        assert_eq!((told("receipt").await, told("answer").await), (0, 0), "there is time yet");
        world.app.clock.advance(19 * 24 * 3_600_000);
        for _ in 0..2 {
            remind(&world.app).await.unwrap();
            // The intake and the leader of each of the two.
            assert_eq!((told("receipt").await, told("answer").await), (4, 4));
        }
        for account in [leader(XIAN), intake(XIAN), leader(ZHEN), intake(ZHEN)] {
            let who = world.seated(account).await;
            let start = who.get("/office").await.body;
            assert!(
                start.contains("回执超期的函件") && start.contains("办结超期的函件"),
                "{account}: {start}"
            );
            let late = who.get("/office/letters?only=receipt").await.body;
            assert!(late.contains("安纪交〔2026〕1号"), "{late}");
            let notices = who.get("/office/notices").await.body;
            assert!(
                notices.contains("函件的回执应在") && notices.contains("href=\"/office/letters/1\""),
                "{notices}"
            );
        }
        let stranger = world.seated(handler(ZHEN)).await;
        assert!(!stranger.get("/office").await.body.contains("超期的函件"));
        world.seated(intake(ZHEN)).await.post("/office/letters/1/receive", &[("receiver", "苏禾")]).await;
        let start = world.seated(leader(ZHEN)).await.get("/office").await.body;
        assert!(!start.contains("回执超期的函件") && start.contains("办结超期的函件"), "{start}");
    }
}
