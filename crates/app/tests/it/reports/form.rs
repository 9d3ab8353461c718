//! Writing it down: page by page, with everything that can go wrong on the way.

use super::*;
use crate::world::NOW;
use daylight_app::reports::store::{DRAFT_LIVES, RECEIPT_LIVES};

#[tokio::test]
async fn a_villager_reports_without_javascript_and_gets_number_and_code() {
    for world in counties().await {
        let villager = filled(&world).await;
        let check = villager.get("/reports/new/check").await;
        for words in [WHAT, "去年冬天", "1.2万", "低保名单是谁定的", VILLAGE, "匿名", "投诉"]
        {
            assert!(check.body.contains(words), "{words}");
        }
        assert!(check.body.matches(">修改<").count() >= 8, "each answer can be changed");
        let (_, number, code) = submitted(&world).await;
        assert_eq!((number.len(), code.len()), (15, 14), "{number} {code}");
        assert_eq!(count(&world, "report_drafts").await, 1, "the other villager's");
    }
}

#[tokio::test]
async fn every_page_of_the_flow_is_kept_by_nobody_and_has_the_quick_exit() {
    for world in counties().await {
        let (done, ..) = submitted(&world).await;
        let writing = filled(&world).await;
        let paths = ["kind", "object", "facts", "points", "evidence", "identity", "check"];
        let mut answers = Vec::new();
        for path in paths {
            answers.push((path, writing.get(&format!("/reports/new/{path}")).await));
        }
        answers.push(("new", world.citizen().get("/reports/new").await));
        answers.push(("resume", writing.get("/reports/new").await));
        answers.push(("done", done.get("/reports/new/done").await));
        answers.push(("forgotten", writing.get("/reports/new/forgotten").await));
        answers.push(("status", writing.get("/reports/status").await));
        for (name, answer) in answers {
            assert_eq!(answer.status, 200, "{name}: {}", answer.body);
            assert_eq!(answer.headers["cache-control"], "no-store", "{name}");
            assert_eq!(answer.headers["referrer-policy"], "same-origin", "{name}");
            let exit = "href=\"/divisions\" rel=\"nofollow\" data-exit>快速离开</a>";
            assert!(answer.body.contains(exit), "{name}: {}", answer.body);
            assert!(answer.body.len() < 30_000, "{name}: {} bytes", answer.body.len());
        }
    }
}

#[tokio::test]
async fn the_exit_leads_where_the_county_says() {
    let world = counties().await.remove(0);
    let tx = world.app.db.write().await.unwrap();
    daylight_app::ops::store::set_setting(&tx, "reports.exit", "https://weather.example/").await.unwrap();
    tx.commit().await.unwrap();
    let page = world.citizen().get("/reports/new").await.body;
    assert!(page.contains("href=\"https://weather.example/\" rel=\"nofollow noreferrer\""), "{page}");
}

#[tokio::test]
async fn whatever_page_somebody_comes_from_is_filled_in() {
    for world in counties().await {
        let unit = id(&world, "units", VILLAGE).await;
        let power = id(&world, "powers", "低保初审").await;
        let cadre = id(&world, "cadres", "王大有").await;
        for (page, link, name) in [
            (format!("/units/{unit}?panel=reports"), format!("/reports/new?unit={unit}"), VILLAGE),
            (format!("/powers/{power}"), format!("/reports/new?power={power}"), "低保初审"),
            (format!("/powers/{power}"), format!("/reports/new?power={power}&step=2"), "民主评议"),
            (format!("/cadres/{cadre}"), format!("/reports/new?cadre={cadre}"), "王大有"),
        ] {
            let from = world.citizen().get(&page).await.body;
            let href = format!("href=\"{}\"", link.replace('&', "&amp;"));
            assert!(
                from.contains(&href) || from.contains(&href.replace("&amp;", "&#38;")),
                "{page} lacks {href}"
            );
            let start = world.citizen().get(&link).await;
            assert!(start.body.contains(name), "{link}: {}", start.body);
            assert!(!start.headers.contains_key("set-cookie"), "looking keeps nothing");
            let about = hidden(&start.body, "about");
            let begun = world.citizen().post("/reports/new", &[("kind", "request"), ("about", &about)]).await;
            assert_eq!(begun.location(), "/reports/new/facts", "the object is not asked again");
            let check = with(&world, &begun).get("/reports/new/check").await;
            assert!(check.body.contains(name), "{}", check.body);
        }
        let home = world.citizen().get("/").await.body;
        assert!(home.contains("href=\"/reports/new\"") && home.contains("href=\"/reports/status\""));
    }
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).expect(name);
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_not_public_or_does_not_exist_is_as_if_not_named() {
    for world in counties().await {
        let plain = world.citizen().get("/reports/new").await.body;
        for strange in ["?unit=99999", "?power=1&step=77", "?unit=-1", "?unit=%27", "?cadre=x", "?place=9"] {
            let page = world.citizen().get(&format!("/reports/new{strange}")).await.body;
            let path = format!("/reports/new{strange}");
            assert_eq!(page.replace(&path.replace('&', "&#38;"), "/reports/new"), plain, "{strange}");
        }
    }
}

#[tokio::test]
async fn one_tap_where_something_is_missing_writes_half_the_report() {
    for world in counties().await {
        let power = id(&world, "powers", "低保初审").await;
        let page = world.citizen().get(&format!("/powers/{power}")).await.body;
        assert!(page.contains(">请他们公开</a>") && page.contains("missing=1"), "{page}");
        let start = world.citizen().get(&format!("/reports/new?power={power}&missing=1")).await.body;
        assert!(start.contains("value=\"complaint\" checked"), "{start}");
        let about = hidden(&start, "about");
        let form = [("kind", "complaint"), ("about", about.as_str()), ("missing", "1")];
        let begun = world.citizen().post("/reports/new", &form).await;
        let facts = with(&world, &begun).get("/reports/new/facts").await.body;
        assert!(facts.contains("“低保初审”应当公开的内容没有公开"), "{facts}");
    }
}

#[tokio::test]
async fn the_picker_finds_what_is_public_and_not_knowing_is_an_answer() {
    for world in counties().await {
        let begun = world.citizen().post("/reports/new", &[("kind", "accusation")]).await;
        let villager = with(&world, &begun);
        let found = villager.post("/reports/new/object", &[("q", "柳河"), ("do", "search")]).await;
        let unit = format!("value=\"unit-{}\"", id(&world, "units", VILLAGE).await);
        assert!(found.status == 200 && found.body.contains(&unit), "{}", found.body);
        let none = villager.post("/reports/new/object", &[("q", "没有这样的单位")]).await;
        assert!(none.body.contains("没有找到“没有这样的单位”"), "{}", none.body);
        let empty = villager.post("/reports/new/object", &[("q", " ")]).await;
        assert!(empty.status == 422 && empty.body.contains("我不知道是谁"), "{}", empty.body);
        // What is chosen must exist: a forged choice is a question again.
        let forged = villager.post("/reports/new/object", &[("object", "unit-99999")]).await;
        assert_eq!(forged.status, 422);
        let unknown = villager.post("/reports/new/object", &[("object", "unknown")]).await;
        assert_eq!(unknown.location(), "/reports/new/facts");
        assert!(villager.get("/reports/new/check").await.body.contains("不知道是谁"));
    }
}

#[tokio::test]
async fn each_fault_is_said_at_its_field_and_what_was_typed_stays() {
    for world in counties().await {
        let none = world.citizen().post("/reports/new", &[("kind", "revenge")]).await;
        assert!(none.status == 422 && none.body.contains("href=\"#f-kind\""), "{}", none.body);
        let villager = filled(&world).await;
        let long = "长".repeat(201);
        let longest = "长".repeat(5001);
        for (page, form, field, kept) in [
            ("facts", vec![("what", "太短"), ("when", "昨天")], "what", "昨天"),
            ("facts", vec![("what", longest.as_str())], "what", longest.as_str()),
            ("facts", vec![("what", WHAT), ("amount", "一点点")], "amount", "一点点"),
            ("facts", vec![("what", WHAT), ("who", long.as_str())], "who", long.as_str()),
            ("points", vec![("point-1", "甲"), ("point-2", long.as_str())], "point-1", long.as_str()),
            ("identity", vec![], "level", "anonymous"),
            (
                "identity",
                vec![("level", "anonymous"), ("helps", "yes"), ("helper_name", "周")],
                "helper_name",
                "周",
            ),
            (
                "identity",
                vec![
                    ("level", "anonymous"),
                    ("helps", "yes"),
                    ("helper_name", "周小燕"),
                    ("helper_phone", "13900001234"),
                ],
                "consent",
                "周小燕",
            ),
            ("identity", vec![("level", "phone"), ("phone", "问我儿子")], "phone", "问我儿子"),
            ("identity", vec![("level", "phone"), ("phone", "13900001234")], "code", "13900001234"),
        ] {
            let answer = villager.post(&format!("/reports/new/{page}"), &form).await;
            assert_eq!(answer.status, 422, "{page} {form:?}");
            assert!(answer.body.contains(&format!("href=\"#f-{field}\"")), "{page} {field}: {}", answer.body);
            assert!(answer.body.contains(kept), "{page} {field}: what was typed stays");
            // Also after the page was closed.
            if page != "identity" {
                let again = villager.get(&format!("/reports/new/{page}")).await;
                assert!(again.body.contains(kept), "{page} {field}");
            }
        }
        // What is not complete is not submitted, and the page says where it lacks.
        let refused = villager.post("/reports/new/check", &[]).await;
        assert!(refused.body.contains("href=\"/reports/new/identity?to=check\""), "{}", refused.body);
        assert_eq!(count(&world, "reports").await, 0);
    }
}

#[tokio::test]
async fn more_boxes_for_points_come_without_javascript() {
    let world = counties().await.remove(0);
    let villager = filled(&world).await;
    let three = [("point-1", "甲"), ("point-2", "乙"), ("point-3", "丙"), ("do", "more")];
    let more = villager.post("/reports/new/points", &three).await;
    assert!(more.status == 200 && more.body.contains("id=\"f-point-4\""), "{}", more.body);
    assert!(more.body.contains("value=\"丙\"") && !more.body.contains("id=\"f-point-5\""));
    let many: Vec<_> = (1..=10).map(|n| (format!("point-{n}"), format!("第{n}问"))).collect();
    let mut many: Vec<_> = many.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    many.push(("do", "more"));
    let full = villager.post("/reports/new/points", &many).await;
    assert!(full.body.contains("id=\"f-point-10\"") && !full.body.contains("再加一个问题"));
}

#[tokio::test]
async fn a_draft_is_taken_up_in_a_new_window_until_it_expires_or_is_deleted() {
    for world in counties().await {
        let begun = world.citizen().post("/reports/new", &[("kind", "complaint")]).await;
        let cookie = cookie(&begun);
        let line = begun.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(line.contains("; Path=/reports;") && line.contains("HttpOnly; SameSite=Lax"), "{line}");
        assert!(line.contains(&format!("Max-Age={}", DRAFT_LIVES / 1000)));
        let fresh = || world.citizen().with_cookie(&cookie);
        fresh().post("/reports/new/facts", &[("what", WHAT)]).await;
        world.app.clock.advance(DRAFT_LIVES - 1000);
        let page = fresh().get("/reports/new").await.body;
        assert!(page.contains("接着写") && page.contains("保存到2026年11月29日"), "{page}");
        assert!(page.contains("href=\"/reports/new/object\""), "where it was left: {page}");
        assert!(fresh().get("/reports/new/facts").await.body.contains(WHAT));
        // Another browser sees nothing of it.
        let other =
            world.citizen().with_cookie("daylight_report=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        assert!(!other.get("/reports/new/facts").await.body.contains(WHAT));
        world.app.clock.advance(2000);
        let gone = fresh().get("/reports/new/facts").await.body;
        assert!(gone.contains("没有找到没写完的内容") && !gone.contains(WHAT), "{gone}");
        let begun = world.citizen().post("/reports/new", &[("kind", "complaint")]).await;
        let villager = with(&world, &begun);
        let forgot = villager.post("/reports/new/forget", &[]).await;
        assert_eq!(forgot.location(), "/reports/new/forgotten");
        assert!(
            forgot.headers[header::SET_COOKIE]
                .to_str()
                .unwrap()
                .contains("daylight_report=; Path=/reports; Max-Age=0")
        );
        assert_eq!(count(&world, "report_drafts").await, 1, "the expired one waits for the sweep");
    }
}

#[tokio::test]
async fn a_link_from_another_page_never_throws_a_draft_away() {
    let world = counties().await.remove(0);
    let villager = filled(&world).await;
    let cadre = id(&world, "cadres", "王大有").await;
    let page = villager.get(&format!("/reports/new?cadre={cadre}")).await.body;
    assert!(page.contains("接着写") && page.contains("王大有"), "{page}");
    assert!(villager.get("/reports/new/facts").await.body.contains(WHAT));
    // Starting anew keeps the object of the link.
    let code = format!("cadre-{cadre}");
    let anew = villager.post("/reports/new/forget", &[("then", &code)]).await;
    assert_eq!(anew.location(), format!("/reports/new?cadre={cadre}"));
}

#[tokio::test]
async fn pressed_twice_or_sent_again_after_a_broken_line_is_one_report_with_one_receipt() {
    for world in counties().await {
        let villager = filled(&world).await;
        let send = || villager.post("/reports/new/check", &[]);
        let (one, two) = tokio::join!(send(), send());
        for sent in [one, two, send().await] {
            assert_eq!((sent.status.as_u16(), sent.location()), (303, "/reports/new/done"), "{}", sent.body);
        }
        let first = villager.get("/reports/new/done").await;
        let again = villager.get("/reports/new/done").await;
        assert_eq!(receipt(&first.body), receipt(&again.body));
        assert_eq!((count(&world, "reports").await, count(&world, "cases").await), (1, 1));
        // Going back to the form leads to the receipt, and not into a second report.
        assert_eq!(villager.get("/reports/new/check").await.location(), "/reports/new/done");
        // The cookie has an hour left now; the receipt is shown on that day and the next.
        assert!(first.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=3600"));
        world.app.clock.advance(RECEIPT_LIVES);
        let late = villager.get("/reports/new/done").await;
        let (number, code) = receipt(&first.body);
        assert!(!late.body.contains(&number) && !late.body.contains(&code), "{}", late.body);
        assert!(late.body.contains("编号和查询码只在提交当天和第二天显示"));
        assert_eq!(world.app.clock.now(), NOW + RECEIPT_LIVES);
    }
}

#[tokio::test]
async fn whoever_shares_the_computer_clears_it_and_a_second_report_is_another() {
    for world in counties().await {
        let (villager, number, _) = submitted(&world).await;
        // The same browser reports another matter: a token of its own.
        let begun = villager.post("/reports/new", &[("kind", "suggestion")]).await;
        let second = with(&world, &begun);
        assert!(!second.get("/reports/new/done").await.body.contains(&number));
        let cleared = villager.post("/reports/new/forget", &[]).await;
        assert!(cleared.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
        let page = world.citizen().get("/reports/new/done").await;
        assert!(!page.body.contains(&number), "{}", page.body);
        assert_eq!(count(&world, "reports").await, 1, "what was submitted stays");
    }
}

#[tokio::test]
async fn what_belongs_to_the_superior_is_shown_the_channel_and_kept_nowhere() {
    for world in counties().await {
        let villager = filled(&world).await;
        // About the organ's own unit: nobody here may have it.
        let own = format!("unit-{}", id(&world, "units", "安澜县纪委监委").await);
        villager.post("/reports/new/object", &[("object", &own)]).await;
        let answer = villager.post("/reports/new/check", &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        for words in ["上级纪检监察机关", "12388", "没有保存", WHAT, "data-print"] {
            assert!(answer.body.contains(words), "{words}: {}", answer.body);
        }
        assert_eq!(answer.headers["cache-control"], "no-store");
        for table in ["report_drafts", "reports", "cases", "case_events"] {
            assert_eq!(count(&world, table).await, 0, "{table}");
        }
        let after = villager.get("/reports/new/check").await;
        assert!(!after.body.contains(WHAT), "{}", after.body);
    }
}

#[tokio::test]
async fn a_draft_that_nobody_came_back_for_is_deleted() {
    for world in counties().await {
        filled(&world).await;
        world.app.clock.advance(DRAFT_LIVES + 1);
        assert_eq!(count(&world, "report_drafts").await, 1);
        daylight_app::worker(&world.app).run_due().await.unwrap();
        assert_eq!(count(&world, "report_drafts").await, 0);
    }
}

#[tokio::test]
async fn a_telephone_is_proved_by_its_code_and_no_form_can_claim_it() {
    for world in counties().await {
        let villager = filled(&world).await;
        let phone = [("level", "phone"), ("phone", "139 4963 1669")];
        let claimed =
            villager.post("/reports/new/identity", &[phone[0], phone[1], ("proved", "13949631669")]).await;
        assert_eq!(claimed.status, 422);
        let sent = villager.post("/reports/new/identity", &[phone[0], phone[1], ("do", "code")]).await;
        assert!(sent.status == 200 && sent.body.contains("验证码已发出"), "{}", sent.body);
        let soon = villager.post("/reports/new/identity", &[phone[0], phone[1], ("do", "code")]).await;
        assert!(soon.status == 422 && soon.body.contains("太频繁"), "{}", soon.body);
        daylight_app::worker(&world.app).run_due().await.unwrap();
        let outbox = std::fs::read_to_string(world.app.config.data.join("outbox/sms.jsonl")).unwrap();
        let (_, rest) = outbox.split_once("\"code\":\"").unwrap();
        let code = &rest[..6];
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let refused = villager.post("/reports/new/identity", &[phone[0], phone[1], ("code", wrong)]).await;
        assert!(refused.status == 422 && refused.body.contains("还可以试4次"), "{}", refused.body);
        let right = villager.post("/reports/new/identity", &[phone[0], phone[1], ("code", code)]).await;
        assert_eq!(right.location(), "/reports/new/check", "{}", right.body);
        let done = villager.post("/reports/new/check", &[]).await;
        assert_eq!(done.location(), "/reports/new/done", "{}", done.body);
        let level: String =
            scalar(world.app.db.read(), "SELECT level FROM reports", values![]).await.unwrap();
        assert_eq!(level, "phone");
    }
}

#[tokio::test]
async fn a_flood_of_text_is_refused_and_fills_no_disk() {
    let world = counties().await.remove(0);
    let villager = filled(&world).await;
    let flood = "长".repeat(100_000);
    let answer = villager.post("/reports/new/facts", &[("what", &flood)]).await;
    assert_eq!(answer.status, 422);
    assert!(villager.get("/reports/new/facts").await.body.contains(WHAT), "what was kept before stays");
}

#[tokio::test]
async fn elder_mode_has_the_same_pages() {
    let world = counties().await.remove(0);
    let page = world.citizen().elder().get("/reports/new").await.body;
    assert!(page.contains("data-elder") && page.contains("快速离开"));
}
