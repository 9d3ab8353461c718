//! What no organ of the county may have, through the front door: a friend of the accused buries nothing.

use crate::{
    desks::{self, LIUHE, TOWNSHIP, XIAN, ZHEN, handler, intake, leader, told},
    office::controls,
    world::{Answer, Browser, NOW, World, worlds},
};
use daylight_app::{
    cases::{Deed, store as cases},
    reports::{QueryCode, ReceiptNumber},
    superior::{self, Contents, PrivateFile},
};
use daylight_db::{exec, scalar, values};
use daylight_vault::RecipientKey;

const WHAT: &str = "村主任把自己的堂弟塞进低保名单，公示只贴了两天";

async fn name(who: &Browser, id: i64, cadre: i64) -> (String, Answer) {
    let href = format!("/office/cases/{id}/name");
    let page = who.get(&format!("{href}?cadre={cadre}")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let form = controls(&page.body, &href);
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    (page.body.clone(), who.post(&href, &form).await)
}

async fn status(world: &World, (number, code): &(ReceiptNumber, QueryCode)) -> String {
    let (number, code) = (number.canonical().to_owned(), code.canonical().to_owned());
    let page = world.citizen().post("/reports/status", &[("number", &number), ("code", &code)]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page.body
}

/// Presses the button that says this, with all that its form carries.
async fn says(world: &World, page: &str, what: &str) -> Answer {
    let mut form = controls(page, "/reports/status");
    form.retain(|(name, _)| ["number", "code", "seen"].contains(&name.as_str()));
    form.dedup();
    form.push(("do".to_owned(), what.to_owned()));
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    world.citizen().post("/reports/status", &form[..]).await
}

async fn packages(world: &World, key: &PrivateFile) -> Vec<Contents> {
    let c = world.app.db.read();
    let mut found = Vec::new();
    for package in superior::store::packages(c, true).await.unwrap() {
        let (mut bytes, mut number) = (Vec::new(), 0);
        while let Some(part) = superior::store::piece(c, package.id, number).await.unwrap() {
            bytes.extend(part);
            number += 1;
        }
        found.push(superior::unpack(&bytes[..], &key.key, |_, _| Ok(std::io::sink())).unwrap());
    }
    // What is no more than told of a naming that waits.
    found.retain(|contents| !contents.why.iter().any(|why| why.contains("只是告知")));
    found
}

async fn keyed(world: &World) -> PrivateFile {
    let superior = PrivateFile { name: "安江市纪委监委".into(), key: RecipientKey::draw() };
    let tx = world.app.db.write().await.unwrap();
    superior::store::set_key(&tx, Some(&superior.public()), NOW).await.unwrap();
    tx.commit().await.unwrap();
    superior
}

async fn settled(world: &World, now: i64) {
    let (_, damaged) = cases::resettle(&world.app.db, &world.app.vault, now).await.unwrap();
    assert_eq!(damaged, Vec::<i64>::new());
}

#[tokio::test]
async fn a_friendly_handler_alone_buries_nothing_and_what_two_say_the_reporter_takes_back() {
    for world in worlds().await {
        desks::settle(&world).await;
        let superior = keyed(&world).await;
        let (number, code, id) = desks::report(&world, &told(LIUHE, WHAT, None), "form").await;
        let receipt = (number, code);
        desks::act(&world, intake(ZHEN), id, Deed::Accept).await.unwrap();
        let ye = desks::browser(&world, intake(ZHEN)).await;
        let cheng = desks::browser(&world, leader(ZHEN)).await;
        let case = format!("/office/cases/{id}");
        let top = leader(XIAN) + 100;
        let (before, done) = name(&ye, id, top).await;
        assert!(before.contains("要等本组织另一个人也登记") && before.contains("反映人会被告知"), "{before}");
        assert_eq!(done.location(), format!("{case}?done=named"));
        // Nothing has moved: both still have it, and both read what is waited for.
        let page = ye.get(&format!("{case}?done=named")).await;
        assert!(page.status == 200 && page.body.contains("等本组织另一个人或者反映人确认"), "{}", page.body);
        let page = cheng.get(&case).await;
        assert!(page.status == 200 && page.body.contains("核对并确认"), "{}", page.body);
        assert!(packages(&world, &superior).await.is_empty());
        let asked = status(&world, &receipt).await;
        assert!(asked.contains("您反映的是这些人吗？") && asked.contains("安澜县纪委机关的干部"), "{asked}");
        assert!(!asked.contains(&format!("干部{top}")), "no name reaches the reporter's page");

        let (before, done) = name(&cheng, id, top).await;
        assert!(before.contains("密封等上级处理"), "{before}");
        assert_eq!(done.location(), "/office/cases?done=name");
        for account in [intake(ZHEN), handler(ZHEN), leader(ZHEN), intake(XIAN), leader(XIAN)] {
            let who = desks::browser(&world, account).await;
            let (here, nowhere) = (who.get(&case).await, who.get("/office/cases/999999").await);
            assert_eq!(here.status, 404, "{account}");
            assert_eq!(here.body.replace(&case, "/office/cases/999999"), nowhere.body, "{account}");
        }
        let [contents] = &packages(&world, &superior).await[..] else { panic!("sealed to the superior") };
        assert_eq!((contents.facts.what.as_str(), contents.points.len()), (WHAT, 1));
        let held = status(&world, &receipt).await;
        assert!(
            held.contains("没有办结")
                && held.contains("本县工作人员都看不到它")
                && held.contains("请隔几天来查一次"),
            "{held}"
        );
        assert!(held.contains("安江市纪委监委") && held.contains("12388") && held.contains(&contents.number));
        assert!(held.contains("最迟哪天"), "its date stands");

        let answer = says(&world, &held, "deny").await;
        assert!(answer.body.contains("那次登记作废"), "{}", answer.body);
        assert!(answer.body.contains("由本级继续办理"), "{}", answer.body);
        assert!(answer.body.contains("接着办理"), "accepted it stays: {}", answer.body);
        let page = ye.get(&case).await;
        assert!(page.status == 200 && page.body.contains("说明反映的不是此人"), "{}", page.body);
        let page = ye.get(&format!("{case}/name?cadre={top}")).await;
        assert!(page.body.contains("再登记不起作用") && !page.body.contains("这次登记作废"), "{}", page.body);
        let late = says(&world, &held, "deny").await;
        assert!(late.body.contains("这件刚刚有了新的进展"), "{}", late.body);
    }
}

/// A case of the top organ, where one clerk and one leader are all who hold its key.
async fn of_the_two(world: &World) -> ((ReceiptNumber, QueryCode), i64) {
    desks::settle(world).await;
    let tx = world.app.db.write().await.unwrap();
    exec(&*tx, "UPDATE grants SET ended_at = 1 WHERE account_id = $1", values![leader(XIAN) + 1])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let (number, code, id) = desks::report(world, &told(TOWNSHIP, WHAT, None), "form").await;
    let c = world.app.db.read();
    let organ: i64 = scalar(c, "SELECT organ_id FROM cases WHERE id = $1", values![id]).await.unwrap();
    assert_eq!(organ, XIAN);
    ((number, code), id)
}

#[tokio::test]
async fn of_two_who_have_it_neither_takes_the_case_away_by_naming_the_other() {
    for (by, whom) in [(intake(XIAN), leader(XIAN)), (leader(XIAN), intake(XIAN))] {
        for world in worlds().await {
            let (receipt, id) = of_the_two(&world).await;
            let superior = keyed(&world).await;
            let case = format!("/office/cases/{id}");
            let (one, other) = (desks::browser(&world, by).await, desks::browser(&world, whom).await);
            let (before, done) = name(&one, id, whom + 100).await;
            assert!(before.contains("您一个人登记不能让您的组织停办"), "{before}");
            assert_eq!(done.location(), format!("{case}?done=named"));
            // Nor by naming whoever else is there, one after another.
            name(&one, id, handler(XIAN) + 100).await;
            let page = one.get(&case).await;
            assert!(page.status == 200 && page.body.contains("或者反映人确认"), "{}", page.body);
            assert_eq!(other.get(&case).await.status, 404, "whoever was named is out meanwhile");
            assert!(packages(&world, &superior).await.is_empty());
            // Nobody answers: after five working days they have it again, and it is gone on with.
            settled(&world, NOW + 6 * 24 * 3_600_000).await;
            let page = other.get(&case).await;
            assert!(page.status == 200 && page.body.contains("登记失效"), "{}", page.body);
            let after = status(&world, &receipt).await;
            assert!(
                after.contains("没有人确认，那次登记已失效") && after.contains("您说“是”，登记仍然马上生效"),
                "{after}"
            );
            desks::act(&world, intake(XIAN), id, Deed::Accept).await.unwrap();
            desks::act(&world, leader(XIAN), id, Deed::Assign { account_id: handler(XIAN) }).await.unwrap();
            // The same voice does not begin it anew.
            let again = one.get(&format!("{case}/name?cadre={}", whom + 100)).await;
            assert!(again.body.contains("已经失效"), "{}", again.body);
        }
    }
}

#[tokio::test]
async fn what_one_member_of_staff_said_of_the_other_the_reporter_confirms() {
    for world in worlds().await {
        let (receipt, id) = of_the_two(&world).await;
        let superior = keyed(&world).await;
        let clerk = desks::browser(&world, intake(XIAN)).await;
        name(&clerk, id, leader(XIAN) + 100).await;
        let asked = status(&world, &receipt).await;
        assert!(asked.contains("是，反映的就是他（她）所在单位的人"), "{asked}");
        let answer = says(&world, &asked, "confirm").await;
        assert!(answer.body.contains("那次登记已经生效"), "{}", answer.body);
        assert!(answer.body.contains("本县工作人员都看不到它"), "{}", answer.body);
        assert!(
            answer.body.contains("您说过是的") && !answer.body.contains("是，反映的就是"),
            "{}",
            answer.body
        );
        assert_eq!(clerk.get(&format!("/office/cases/{id}")).await.status, 404);
        assert_eq!(packages(&world, &superior).await[0].facts.what, WHAT);
        let late = says(&world, &asked, "confirm").await;
        assert!(late.body.contains("这件刚刚有了新的进展"), "{}", late.body);
        let back = says(&world, &answer.body, "deny").await;
        assert!(back.body.contains("由本级继续办理"), "{}", back.body);
        assert_eq!(clerk.get(&format!("/office/cases/{id}")).await.status, 200);
    }
}

#[tokio::test]
async fn an_import_that_seats_the_accused_in_the_top_organ_holds_a_case_up_until_it_is_corrected() {
    for world in worlds().await {
        desks::settle(&world).await;
        let superior = keyed(&world).await;
        let head = 301;
        let draft = daylight_app::reports::Draft {
            object: Some(daylight_app::reports::Object::Cadre(head)),
            ..told(LIUHE, WHAT, None)
        };
        let (number, code, id) = desks::report(&world, &draft, "form").await;
        let case = format!("/office/cases/{id}");
        let c = world.app.db.read();
        let sql = "SELECT organ_id FROM cases WHERE id = $1";
        let organ: i64 = scalar(c, sql, values![id]).await.unwrap();
        let who = desks::browser(&world, intake(organ)).await;
        assert_eq!(who.get(&case).await.status, 200);
        let sql = "SELECT unit_id FROM organs WHERE id = $1";
        let seat: i64 = scalar(c, sql, values![XIAN]).await.unwrap();
        let sql = "SELECT MIN(id) FROM posts WHERE unit_id = $1";
        let post: i64 = scalar(c, sql, values![seat]).await.unwrap();
        let tx = world.app.db.write().await.unwrap();
        let sql = "INSERT INTO appointments (cadre_id, post_id) VALUES ($1, $2) RETURNING id";
        let wrong: i64 = scalar(&*tx, sql, values![head, post]).await.unwrap();
        tx.commit().await.unwrap();
        settled(&world, NOW).await;
        assert_eq!(who.get(&case).await.status, 404);
        let held = status(&world, &(number.clone(), code.clone())).await;
        assert!(held.contains("待上级") || held.contains("等上级处理"), "{held}");
        assert!(!held.contains("您反映的是这些人吗"), "nobody was named by staff");
        assert_eq!(packages(&world, &superior).await[0].facts.what, WHAT);
        let tx = world.app.db.write().await.unwrap();
        exec(&*tx, "UPDATE appointments SET until = '2026-11-22' WHERE id = $1", values![wrong])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        settled(&world, NOW).await;
        assert_eq!(who.get(&case).await.status, 200);
        assert!(status(&world, &(number, code)).await.contains("由本级继续办理"));
    }
}
