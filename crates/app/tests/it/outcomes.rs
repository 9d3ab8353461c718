//! Outcomes, told as stories: written by one, approved by another, out with others, and nobody given away.

use crate::{
    desks::*,
    world::{World, worlds},
};
use daylight_app::{
    cases::{Conclusion, Deed},
    outcomes::jobs::{release, remind},
};
use daylight_db::{exec, scalar, values};

const DAY: i64 = 86_400_000;
const TOLD: &str = "村主任把自己的堂弟塞进低保名单，那天开会我也在，公示栏只贴了两天就撕了";
const SUMMARY: &str = "经查评议记录完整，公示时间不足规定天数，已责令改正并重新公示。";

/// Five cases of a kind that have ended, so that one is one of a crowd.
async fn county(world: &World) -> Vec<i64> {
    settle(world).await;
    let mut ids = Vec::new();
    for at in 0..5 {
        let unit = if at % 2 == 0 { LIUHE } else { SHITAN };
        let name = (at == 0).then_some("陈秀英");
        ids.push(ended(world, &told(unit, TOLD, name), &format!("token{at}"), Conclusion::Partly).await);
    }
    ids
}

fn form<'a>(summary: &'a str, todo: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("grain", "township"), ("summary", summary), ("weighed", "yes"), ("todo", todo)]
}

async fn propose(world: &World, id: i64, summary: &str) {
    let desk = browser(world, handler(ZHEN)).await;
    let sent = desk.post(&format!("/office/outcomes/{id}"), &form(summary, "propose")).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
}

async fn approve(world: &World, id: i64) {
    let desk = browser(world, leader(ZHEN)).await;
    let done = desk.post(&format!("/office/outcomes/{id}/decide"), &[("todo", "approve")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
}

async fn public(world: &World) -> String {
    world.citizen().get("/outcomes").await.body
}

async fn one(world: &World, sql: &str) -> i64 {
    scalar(world.app.db.read(), sql, values![]).await.unwrap()
}

#[tokio::test]
async fn an_outcome_goes_from_the_desk_to_the_public_and_tells_of_nobody() {
    for world in worlds().await {
        let ids = county(&world).await;
        for id in &ids {
            propose(&world, *id, SUMMARY).await;
            approve(&world, *id).await;
        }
        assert_eq!(release(&world.app).await.unwrap(), 0, "nothing comes out before its rest");
        assert!(!public(&world).await.contains(SUMMARY));
        world.app.clock.advance(11 * DAY);
        assert_eq!(release(&world.app).await.unwrap(), 5, "all together");
        assert_eq!(release(&world.app).await.unwrap(), 0, "once");
        let list = public(&world).await;
        assert_eq!(list.matches(SUMMARY).count(), 5, "{list}");
        assert!(list.contains("青石镇：投诉，部分属实"));
        let id = one(&world, "SELECT MIN(id) FROM outcomes").await;
        let page = world.citizen().get(&format!("/outcomes/{id}")).await.body;
        for trace in ["陈秀英", "13949631669", "22日", "堂弟", "柳河村", "石滩村", "办理件"] {
            assert!(!list.contains(trace) && !page.contains(trace), "{trace}");
        }
        assert!(page.contains("href=\"/units/2\""), "it stands with the township");
        assert_eq!(one(&world, "SELECT COUNT(DISTINCT published_at) FROM outcomes").await, 1);
        assert!(one(&world, "SELECT MIN(id) FROM outcomes").await >= 1_000_000_000, "drawn, not counted");
        let feed = world.citizen().get("/outcomes/feed.xml").await.body;
        assert_eq!(feed.matches("<entry>").count(), 5);
        let found = world.citizen().get("/search?q=%E5%85%AC%E7%A4%BA%E6%97%B6%E9%97%B4").await.body;
        assert!(found.contains(&format!("/outcomes/{id}")), "{found}");
        let filtered = world.citizen().get("/outcomes?conclusion=not").await.body;
        assert!(!filtered.contains(SUMMARY));
        let other = world.citizen().get("/outcomes?place=%E4%BA%91%E5%B2%AD").await.body;
        assert!(!other.contains(SUMMARY));
    }
}

#[tokio::test]
async fn a_card_that_cannot_be_read_keeps_no_other_back() {
    for world in worlds().await {
        let ids = county(&world).await;
        for id in &ids {
            propose(&world, *id, SUMMARY).await;
            approve(&world, *id).await;
        }
        let tx = world.app.db.write().await.unwrap();
        let sql = "UPDATE outcome_cards SET content_locked = $2 WHERE case_id = $1";
        exec(&*tx, sql, values![ids[1], vec![1_u8; 40]]).await.unwrap();
        exec(&*tx, "DELETE FROM case_events WHERE case_id = $1", values![ids[2]]).await.unwrap();
        tx.commit().await.unwrap();
        world.app.clock.advance(11 * DAY);
        assert_eq!(release(&world.app).await.unwrap(), 3, "the others");
    }
}

#[tokio::test]
async fn what_waits_is_in_no_table_in_the_clear() {
    for world in worlds().await {
        let ids = county(&world).await;
        propose(&world, ids[1], SUMMARY).await;
        let locked = "SELECT content_locked FROM outcome_cards";
        let bytes: Vec<u8> = scalar(world.app.db.read(), locked, values![]).await.unwrap();
        assert!(!bytes.windows(9).any(|window| window == &SUMMARY.as_bytes()[..9]));
        assert_eq!(one(&world, "SELECT COUNT(*) FROM outcomes").await, 0);
    }
}

#[tokio::test]
async fn nobody_approves_their_own_card_and_a_stranger_finds_nothing() {
    for world in worlds().await {
        let ids = county(&world).await;
        let path = format!("/office/outcomes/{}", ids[0]);
        propose(&world, ids[0], SUMMARY).await;
        let own = browser(&world, handler(ZHEN)).await;
        let refused = own.post(&format!("{path}/decide"), &[("todo", "approve")]).await;
        assert!(refused.status == 422 || refused.status == 400, "{}", refused.status);
        assert!(refused.body.contains("不能自己审核"));
        // Intake is another person, but neither of the two leads.
        let intake = browser(&world, intake(ZHEN)).await;
        let refused = intake.post(&format!("{path}/decide"), &[("todo", "approve")]).await;
        assert!(refused.body.contains("须有一位领导"), "{}", refused.body);
        // Who may not see the case gets what a number gets that does not exist.
        let far = browser(&world, leader(XIAN)).await;
        let (there, nowhere) = (far.get(&path).await, far.get("/office/outcomes/999999").await);
        assert_eq!(
            (there.status, there.body.replace(&path, "")),
            (nowhere.status, nowhere.body.replace("/office/outcomes/999999", ""))
        );
        assert_eq!(there.status, 404);
        assert!(!far.get("/office/outcomes").await.body.contains(&path));
    }
}

#[tokio::test]
async fn numbers_stop_a_card_and_a_repeated_phrase_is_marked_and_must_be_weighed() {
    for world in worlds().await {
        let ids = county(&world).await;
        let path = format!("/office/outcomes/{}", ids[0]);
        let desk = browser(&world, handler(ZHEN)).await;
        let number = format!("{SUMMARY}已电话13949631669告知。");
        for todo in ["preview", "propose"] {
            let page = desk.post(&path, &form(&number, todo)).await;
            assert!(page.status == 200 && page.body.contains("疑似手机号"), "{}", page.body);
        }
        let repeated = "村主任把自己的堂弟塞进低保名单，查无此事，公示栏只贴了两天。";
        let mut fields = form(repeated, "propose");
        fields.retain(|(name, _)| *name != "weighed");
        let page = desk.post(&path, &fields).await;
        assert!(page.body.contains("<mark>"), "{}", page.body);
        assert!(page.body.contains("勾选确认"), "{}", page.body);
        assert_eq!(one(&world, "SELECT COUNT(*) FROM outcome_cards").await, 0);
        propose(&world, ids[0], repeated).await;
    }
}

#[tokio::test]
async fn the_reporters_name_comes_back_from_the_release_without_a_word_why() {
    for world in worlds().await {
        let ids = county(&world).await;
        let named = "陈秀英反映的情况，经查公示时间不足规定天数，已责令改正。";
        let path = format!("/office/outcomes/{}", ids[0]);
        let desk = browser(&world, handler(ZHEN)).await;
        let preview = desk.post(&path, &form(named, "preview")).await.body;
        assert!(!preview.contains("反映人或代填人的姓名"), "{preview}");
        for (id, summary) in ids.iter().zip([named, SUMMARY, SUMMARY, SUMMARY, SUMMARY]) {
            propose(&world, *id, summary).await;
            approve(&world, *id).await;
        }
        world.app.clock.advance(11 * DAY);
        assert_eq!(release(&world.app).await.unwrap(), 4);
        let list = public(&world).await;
        assert!(!list.contains("陈秀英") && list.contains(SUMMARY));
        let page = browser(&world, handler(ZHEN)).await.get(&path).await.body;
        assert!(page.contains("已退回"), "{page}");
        // A second time, and it is over.
        propose(&world, ids[0], named).await;
        approve(&world, ids[0]).await;
        world.app.clock.advance(31 * DAY);
        release(&world.app).await.unwrap();
        let again = browser(&world, handler(ZHEN)).await.post(&path, &form(SUMMARY, "propose")).await;
        assert!(again.body.contains("两次"), "{}", again.body);
    }
}

#[tokio::test]
async fn a_card_is_taken_back_ends_and_falls_with_its_case_and_the_page_goes_at_once() {
    for world in worlds().await {
        let ids = county(&world).await;
        for id in &ids {
            propose(&world, *id, SUMMARY).await;
            approve(&world, *id).await;
        }
        world.app.clock.advance(11 * DAY);
        release(&world.app).await.unwrap();
        assert_eq!(public(&world).await.matches(SUMMARY).count(), 5);
        let address = |id: i64| format!("SELECT MAX(id) FROM outcomes WHERE case_id = {id}");
        let first = one(&world, &address(ids[0])).await;
        let path = format!("/office/outcomes/{}", ids[0]);
        let desk = browser(&world, leader(ZHEN)).await;
        let empty = desk.post(&format!("{path}/retract"), &[("reason", " ")]).await;
        assert!(empty.body.contains("请写明为什么撤下"));
        let done = desk.post(&format!("{path}/retract"), &[("reason", "结论有误")]).await;
        assert_eq!(done.status, 303, "{}", done.body);
        assert_eq!(public(&world).await.matches(SUMMARY).count(), 4, "the kept page went with it");
        let gone = world.citizen().get(&format!("/outcomes/{first}")).await.body;
        assert!(gone.contains("已经撤下") && !gone.contains(SUMMARY), "{gone}");
        assert_eq!(one(&world, "SELECT COUNT(*) FROM outcomes WHERE summary = ''").await, 1);
        let found = world.citizen().get("/search?q=%E5%85%AC%E7%A4%BA%E6%97%B6%E9%97%B4").await.body;
        assert!(!found.contains(&format!("/outcomes/{first}")));
        // A case that is opened again says nothing any more, even before the job comes.
        act(&world, leader(ZHEN), ids[1], Deed::Reopen).await.unwrap();
        world.app.cache.purge();
        assert_eq!(public(&world).await.matches(SUMMARY).count(), 3);
        // The rest ends.
        let last = one(&world, &address(ids[4])).await;
        world.app.clock.advance(731 * DAY);
        assert_eq!(release(&world.app).await.unwrap(), 4, "three end, one is taken down");
        assert!(!public(&world).await.contains(SUMMARY));
        let over = world.citizen().get(&format!("/outcomes/{last}")).await.body;
        assert!(over.contains("公布期已满"), "{over}");
        assert_eq!(one(&world, "SELECT COUNT(*) FROM outcomes WHERE summary <> ''").await, 0);
    }
}

#[tokio::test]
async fn what_is_private_stays_unpublished_on_a_ground_that_is_counted() {
    for world in worlds().await {
        let ids = county(&world).await;
        let desk = browser(&world, handler(ZHEN)).await;
        let path = format!("/office/outcomes/{}", ids[0]);
        let sent = desk.post(&path, &[("ground", "private"), ("todo", "propose")]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        assert!(!public(&world).await.contains("不公布"));
        approve(&world, ids[0]).await;
        assert!(public(&world).await.contains("涉及个人隐私的不到5件"));
        // The crowd is put aside: nothing of it ever comes out.
        exec(world.app.db.writer(), "DELETE FROM outcome_cards WHERE case_id <> $1", values![ids[0]])
            .await
            .unwrap();
        world.app.clock.advance(60 * DAY);
        assert_eq!(release(&world.app).await.unwrap(), 0);
    }
}

async fn told_of(world: &World, task: &str) -> Vec<i64> {
    #[derive(daylight_db::FromQueryResult)]
    struct Row {
        account_id: i64,
    }
    let sql = "SELECT account_id FROM case_notices WHERE task = $1 ORDER BY account_id, case_id";
    let rows: Vec<Row> = daylight_db::all(world.app.db.read(), sql, values![task]).await.unwrap();
    rows.into_iter().map(|row| row.account_id).collect()
}

#[tokio::test]
async fn an_outcome_that_nobody_writes_or_approves_is_somebodys_task_and_told_once() {
    for world in worlds().await {
        let ids = county(&world).await;
        // What was declined has no outcome to tell of.
        let (number, code, declined) = report(&world, &told(LIUHE, TOLD, None), "declined").await;
        act(&world, leader(ZHEN), declined, Deed::Decline).await.unwrap();
        say(&world, &number, &code, daylight_app::cases::store::Said::Satisfied).await;
        // Somebody who stays out of everything about 石滩村: two of the five.
        let other = leader(ZHEN) + 1;
        let tx = world.app.db.write().await.unwrap();
        let about = daylight_app::cases::routing::store::About::Unit(SHITAN);
        daylight_app::cases::routing::store::recuse(&tx, other, about, world.app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        remind(&world.app).await.unwrap();
        assert!(told_of(&world, "write").await.is_empty(), "there is time yet");
        let desk = browser(&world, handler(ZHEN)).await;
        let start = desk.get("/office").await.body;
        assert!(start.contains("待写的公布内容") && start.contains("turn=write"), "{start}");
        let list = desk.get("/office/outcomes?turn=write").await.body;
        assert_eq!(list.matches("写公布内容<").count(), 5, "{list}");
        assert!(!list.contains(&format!("办理件第{declined}号")), "{list}");
        world.app.clock.advance(4 * DAY);
        for _ in 0..2 {
            remind(&world.app).await.unwrap();
            let mut expected = vec![handler(ZHEN); 5];
            expected.extend([leader(ZHEN); 5]);
            expected.extend([other; 3]);
            assert_eq!(told_of(&world, "write").await, expected);
        }
        let desk = browser(&world, handler(ZHEN)).await;
        let notices = desk.get("/office/notices").await.body;
        assert!(notices.contains("公布内容还没有写"), "{notices}");
        assert!(notices.contains(&format!("href=\"/office/outcomes/{}\"", ids[0])), "{notices}");
        propose(&world, ids[0], SUMMARY).await;
        let start = browser(&world, leader(ZHEN)).await.get("/office").await.body;
        assert!(start.contains("待审的公布内容"), "{start}");
        let own = desk.get("/office").await.body;
        assert!(!own.contains("待审的公布内容"), "nobody approves their own: {own}");
        let mine = desk.get("/office/outcomes?turn=others").await.body;
        assert!(mine.contains("由另一人审核"), "{mine}");
        world.app.clock.advance(3 * DAY);
        for _ in 0..2 {
            remind(&world.app).await.unwrap();
            assert_eq!(told_of(&world, "approve").await, [leader(ZHEN), other], "one of the two must lead");
        }
        // Nobody of another organ hears of any of it.
        assert!(!browser(&world, leader(XIAN)).await.get("/office").await.body.contains("公布内容"));
        let desk = browser(&world, handler(ZHEN)).await;
        let strange = desk.get("/office/outcomes?turn=x&kind=y&page=99").await;
        assert_eq!(strange.status, 200);
        let none = desk.get("/office/outcomes?kind=request").await.body;
        assert!(none.contains("没有符合这些条件的事项"), "{none}");
    }
}

#[tokio::test]
async fn a_published_card_is_printed_carried_along_and_answered_back() {
    for world in worlds().await {
        let ids = county(&world).await;
        for id in &ids {
            propose(&world, *id, SUMMARY).await;
            approve(&world, *id).await;
        }
        world.app.clock.advance(11 * DAY);
        release(&world.app).await.unwrap();
        let id = one(&world, "SELECT MIN(id) FROM outcomes").await;
        let page = world.citizen().get(&format!("/outcomes/{id}")).await.body;
        assert!(page.contains("data-print") && page.contains("class=\"qr\""), "{page}");
        let link = format!("/reports/new?publication={id}");
        assert!(page.contains(&format!("href=\"{link}\"")), "{page}");
        let start = world.citizen().get(&link).await.body;
        assert!(start.contains("监督结果“青石镇：投诉，部分属实”"), "{start}");
        assert!(start.contains(&format!("value=\"publication-{id}\"")), "{start}");
        // What has gone is nothing to report about any more.
        let case: i64 = one(&world, &format!("SELECT case_id FROM outcomes WHERE id = {id}")).await;
        let path = format!("/office/outcomes/{case}/retract");
        browser(&world, leader(ZHEN)).await.post(&path, &[("reason", "结论有误")]).await;
        let start = world.citizen().get(&link).await.body;
        assert!(!start.contains("监督结果“"), "{start}");
        assert!(!world.citizen().get(&format!("/outcomes/{id}")).await.body.contains("data-print"));
    }
}
