//! A reporter who writes a clerk's name down instead of choosing it, through the front door.

use crate::{
    desks::{self, LIUHE, XIAN, ZHEN, handler, intake, leader, told},
    office::controls,
    world::{Answer, Browser, World, worlds},
};
use daylight_app::{
    cases::Deed,
    reports::{Draft, Facts},
};
use daylight_db::{scalar, values};

const WHAT: &str = "村主任把自己的堂弟塞进低保名单，公示只贴了两天";

fn naming(account: i64) -> Draft {
    let who = format!("青石镇的干 部{}", account + 100);
    let plain = told(LIUHE, WHAT, None);
    Draft { facts: Facts { who, ..plain.facts.clone() }, ..plain }
}

/// Whoever is out gets what they would get if there were no such case, on every page that lists or shows it.
async fn is_nowhere(who: &Browser, id: i64) {
    let case = format!("/office/cases/{id}");
    for page in ["", "/print", "/evidence", "/name", "/clear", "/assign", "/duplicates"] {
        let here = who.get(&format!("{case}{page}")).await;
        let nowhere = who.get(&format!("/office/cases/999999{page}")).await;
        assert_eq!(here.status, nowhere.status, "{page}");
        assert_eq!(here.body.replace(&case, "/office/cases/999999"), nowhere.body, "{page}");
    }
    for list in ["/office/cases", "/office/notices", "/office"] {
        let page = who.get(list).await;
        assert!(!page.body.contains(&case) && !page.body.contains(&format!("第{id}号")), "{list}");
    }
}

async fn copies(world: &World, id: i64, account: i64) -> i64 {
    let sql = "SELECT COUNT(*) FROM case_keys WHERE case_id = $1 AND account_id = $2";
    scalar(world.app.db.read(), sql, values![id, account]).await.unwrap()
}

async fn clears(who: &Browser, id: i64, cadre: i64) -> (String, Answer) {
    let href = format!("/office/cases/{id}/clear");
    let page = who.get(&format!("{href}?cadre={cadre}")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let form = controls(&page.body, &href);
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    (page.body.clone(), who.post(&href, &form).await)
}

#[tokio::test]
async fn the_clerk_whose_name_was_written_down_finds_nothing_until_two_others_have_looked() {
    for world in worlds().await {
        desks::settle(&world).await;
        let clerk = handler(ZHEN);
        let (_, _, id) = desks::report(&world, &naming(clerk), "form").await;
        let case = format!("/office/cases/{id}");
        let named = desks::browser(&world, clerk).await;
        is_nowhere(&named, id).await;
        assert_eq!(copies(&world, id, clerk).await, 0, "no key was wrapped to them");
        // The township has one handler, so the case is with the county: its own people see it, and nobody below.
        let organ: i64 = scalar(world.app.db.read(), "SELECT organ_id FROM cases WHERE id = $1", values![id])
            .await
            .unwrap();
        assert_eq!(organ, XIAN);
        let top = desks::browser(&world, intake(XIAN)).await;
        let page = top.get(&case).await;
        assert!(page.status == 200 && page.body.contains("反映的内容里写到同样的姓名"), "{}", page.body);
        for account in [intake(ZHEN), leader(ZHEN)] {
            is_nowhere(&desks::browser(&world, account).await, id).await;
        }

        // Of a clerk of the county: the leader sees it, and what is to be looked into.
        let (_, _, id) = desks::report(&world, &naming(leader(XIAN)), "second").await;
        let case = format!("/office/cases/{id}");
        desks::act(&world, intake(ZHEN), id, Deed::Accept).await.unwrap();
        let (one, other) =
            (desks::browser(&world, intake(ZHEN)).await, desks::browser(&world, leader(ZHEN)).await);
        let page = one.get(&case).await;
        assert!(page.body.contains("反映的内容里有干部112（安澜县纪委机关干部）的姓名"), "{}", page.body);
        let (before, done) = clears(&one, id, leader(XIAN) + 100).await;
        assert!(before.contains("您一个人说明还不生效"), "{before}");
        assert_eq!(done.location(), format!("{case}?done=clear"));
        let page = one.get(&format!("{case}?done=clear")).await;
        assert!(page.body.contains("您已经说明是同名的另一个人"), "{}", page.body);
        let (before, done) = clears(&other, id, leader(XIAN) + 100).await;
        assert!(before.contains("马上生效"), "{before}");
        assert_eq!(done.location(), format!("{case}?done=cleared"));
        let page = other.get(&format!("{case}?done=cleared")).await;
        assert!(page.body.contains("已有两个人说明") && !page.body.contains("的姓名。此人"), "{}", page.body);
    }
}

#[tokio::test]
async fn the_reporter_reads_of_whom_they_are_asked_and_says_it_with_a_button() {
    for world in worlds().await {
        desks::settle(&world).await;
        for (what, says, organ) in
            [("another", "您写的是同名的另一个人", ZHEN), ("same", "您写的就是这个人", XIAN)]
        {
            let (number, code, id) = desks::report(&world, &naming(leader(ZHEN)), what).await;
            let ticket = [("number", number.canonical()), ("code", code.canonical())];
            let page = world.citizen().post("/reports/status", &ticket).await;
            assert!(page.body.contains("您写的是这个人吗？"), "{}", page.body);
            assert!(page.body.contains("干部122（青石镇干部）"), "{}", page.body);
            let mut form = controls(&page.body, "/reports/status");
            form.retain(|(name, _)| ["number", "code", "seen", "whom"].contains(&name.as_str()));
            form.sort();
            form.dedup();
            form.push(("do".into(), what.into()));
            let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let answer = world.citizen().post("/reports/status", &form).await;
            assert!(answer.body.contains(says), "{}", answer.body);
            assert!(!answer.body.contains("您写的是这个人吗？"), "{}", answer.body);
            let sql = "SELECT organ_id FROM cases WHERE id = $1";
            assert_eq!(scalar::<i64>(world.app.db.read(), sql, values![id]).await.unwrap(), organ);
            let seen = desks::browser(&world, leader(ZHEN)).await.get(&format!("/office/cases/{id}")).await;
            assert_eq!(seen.status.as_u16(), if organ == ZHEN { 200 } else { 404 });
            let again = world.citizen().post("/reports/status", &form).await;
            assert!(again.body.contains("这件刚刚有了新的进展"), "{}", again.body);
        }
    }
}
