//! The clue ledger through the front door: found, proposed, approved by another, taken up again; met by nobody else.

use crate::{
    county::{HEAD, XIAN, ZHEN, act, counties, handler, intake, leader, report},
    world::{Answer, Browser, World},
};
use daylight_app::{
    cases::{Deed, routing::store as routing},
    oversight::jobs::count,
};
use daylight_db::{exec, values};

const WHY: &str = "反映的情况具体，有可以查证的账目和证人";
const TITLE: &str = "低保评议名单与公示不一致";

fn token(html: &str) -> String {
    let (_, rest) = html.split_once("name=\"token\" value=\"").expect("the token");
    rest.split_once('"').expect("its end").0.to_owned()
}

fn seen(html: &str) -> String {
    let (_, rest) = html.split_once("name=\"seen\" value=\"").expect("the last event");
    rest.split_once('"').expect("its end").0.to_owned()
}

/// A case of 县纪委 about 柳河村's head, given to its handler.
async fn case(world: &World) -> i64 {
    let id = report(world, "token").await;
    act(world, intake(XIAN), id, Deed::Accept).await;
    act(world, leader(XIAN), id, Deed::Assign { account_id: handler(XIAN) }).await;
    id
}

async fn find(browser: &Browser, case_id: i64) -> Answer {
    let form = browser.get(&format!("/office/cases/{case_id}/clue")).await;
    assert_eq!(form.status, 200, "{}", form.body);
    let token = token(&form.body);
    let fields = [("title", TITLE), ("facts", "名单与公示的不一样"), ("token", token.as_str())];
    browser.post(&format!("/office/cases/{case_id}/clue"), &fields).await
}

async fn propose(browser: &Browser, disposal: &str, reason: &str) -> Answer {
    let page = browser.get("/office/clues/1").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let fields = [("disposal", disposal), ("reason", reason), ("seen", &*seen(&page.body))];
    browser.post("/office/clues/1/propose", &fields).await
}

async fn decide(browser: &Browser, decision: &str, seen: &str) -> Answer {
    let fields = [("decision", decision), ("reason", WHY), ("seen", seen)];
    browser.post("/office/clues/1/decide", &fields).await
}

#[tokio::test]
async fn a_clue_is_found_proposed_approved_by_another_and_taken_up_again() {
    for world in counties().await {
        let case_id = case(&world).await;
        let (chief, clerk) = (world.seated(leader(XIAN)).await, world.seated(handler(XIAN)).await);
        let href = format!("/office/cases/{case_id}/clue");
        assert!(chief.get(&format!("/office/cases/{case_id}")).await.body.contains(&href));
        assert!(!clerk.get(&format!("/office/cases/{case_id}")).await.body.contains(&href));
        let empty = chief.post(&href, &[("token", "x")]).await;
        assert!(empty.status == 422 && empty.body.contains("请写需要核查的情况"), "{}", empty.body);
        assert!(chief.get("/office/clues").await.body.contains("还没有问题线索"));
        let found = find(&chief, case_id).await;
        assert_eq!((found.status.as_u16(), found.location()), (303, "/office/clues/1?done=find"));
        let page = clerk.get("/office/clues/1").await.body;
        for word in [TITLE, "不说明任何人有问题", "待处置", "谈话函询", "初步核实", "暂存待查", "予以了结"]
        {
            assert!(page.contains(word), "{word}: {page}");
        }
        let fifth = propose(&clerk, "transfer", WHY).await;
        assert!(fifth.status == 422 && fifth.body.contains("请选择处置方式"), "{}", fifth.body);
        let short = propose(&clerk, "hold", "太短").await;
        assert!(short.status == 422 && short.body.contains("至少10个字"), "{}", short.body);
        assert_eq!(propose(&clerk, "hold", WHY).await.status, 303);
        assert_eq!(decide(&clerk, "approve", "2").await.status, 403, "no leader");
        // On a page that is no longer what stands nothing is decided.
        let stale = decide(&chief, "approve", "1").await;
        assert!(stale.body.contains("刚刚有了新的进展"), "{}", stale.body);
        assert!(chief.get("/office/clues?state=proposed").await.body.contains("线索第1号"));
        assert_eq!(decide(&chief, "approve", "2").await.location(), "/office/clues/1?done=approve");
        let list = chief.get("/office/clues?state=disposed&disposal=hold").await.body;
        assert!(list.contains("线索第1号") && !list.contains(TITLE), "{list}");
        assert!(chief.get("/office/clues?disposal=close").await.body.contains("没有这样的线索"));
        let again = [("reason", WHY), ("seen", "3")];
        assert_eq!(
            chief.post("/office/clues/1/reopen", &again).await.location(),
            "/office/clues/1?done=reopen"
        );
        assert!(chief.get("/office/clues?late=yes").await.body.contains("没有这样的线索"));
        world.app.clock.advance(32 * 24 * 3_600_000);
        let late = world.seated(leader(XIAN)).await;
        let list = late.get("/office/clues?late=yes").await.body;
        assert!(list.contains("线索第1号") && list.contains("超期"), "{list}");
        let desk = late.get("/office").await.body;
        assert!(desk.contains("超期的问题线索"), "it stands on the start page until it is done: {desk}");
        let file = late.get("/office/clues/clues.xlsx?late=yes").await;
        assert!(file.headers["content-type"].to_str().unwrap().contains("spreadsheetml"));
        assert_eq!(file.headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn a_leader_does_not_approve_what_they_proposed() {
    for world in counties().await {
        let case_id = case(&world).await;
        let chief = world.seated(leader(XIAN)).await;
        find(&chief, case_id).await;
        assert_eq!(propose(&chief, "close", WHY).await.status, 303);
        let page = chief.get("/office/clues/1").await.body;
        assert!(page.contains("不能自己审批") && !page.contains("/office/clues/1/decide"), "{page}");
        for decision in ["approve", "return"] {
            let own = decide(&chief, decision, "2").await;
            assert!(own.body.contains("自己提出的处置意见不能自己审批"), "{}", own.body);
        }
        assert!(chief.get("/office/clues?state=proposed").await.body.contains("线索第1号"));
    }
}

#[tokio::test]
async fn whoever_may_not_see_the_case_gets_the_bytes_of_no_clue() {
    for world in counties().await {
        let case_id = case(&world).await;
        find(&world.seated(leader(XIAN)).await, case_id).await;
        // A foreign organ, a handler it was not given to, and the handler it was given to once they are related.
        let tx = world.app.db.write().await.unwrap();
        routing::declare_relatives(&tx, handler(XIAN) + 100, HEAD, 0).await.unwrap();
        tx.commit().await.unwrap();
        for account in [leader(ZHEN), intake(ZHEN), XIAN * 10 + 3, handler(XIAN)] {
            let browser = world.seated(account).await;
            let same = |answer: &Answer, id: char| answer.body.replace(&format!("clues/{id}"), "clues/n");
            let (there, nowhere) =
                (browser.get("/office/clues/1").await, browser.get("/office/clues/7").await);
            assert_eq!(there.status, 404, "{account}");
            assert_eq!(same(&there, '1'), same(&nowhere, '7'), "{account}");
            for (deed, role) in [("propose", true), ("decide", false), ("reopen", false)] {
                for fields in [
                    &[][..],
                    &[("disposal", "close"), ("decision", "approve"), ("reason", WHY), ("seen", "1")],
                ] {
                    let there = browser.post(&format!("/office/clues/1/{deed}"), fields).await;
                    let nowhere = browser.post(&format!("/office/clues/7/{deed}"), fields).await;
                    let status = if role || account == leader(ZHEN) { 404 } else { 403 };
                    assert_eq!(there.status, status, "{account} {deed}");
                    assert_eq!(same(&there, '1'), same(&nowhere, '7'), "{account} {deed}");
                }
            }
            let list = browser.get("/office/clues").await.body;
            assert!(list.contains("还没有问题线索"), "{account}: {list}");
        }
        let foreign = world.seated(leader(ZHEN)).await;
        for fields in [&[][..], &[("title", TITLE), ("facts", "x"), ("token", "x")]] {
            let there = foreign.post(&format!("/office/cases/{case_id}/clue"), fields).await;
            let nowhere = foreign.post("/office/cases/7/clue", fields).await;
            assert_eq!((there.status.as_u16(), nowhere.status.as_u16()), (404, 404));
            let same = |answer: &Answer, id: i64| answer.body.replace(&format!("cases/{id}"), "cases/n");
            assert_eq!(same(&there, case_id), same(&nowhere, 7));
        }
    }
}

#[tokio::test]
async fn staff_enter_what_an_inspection_found_and_name_whom_it_concerns() {
    for world in counties().await {
        let clerk = world.seated(handler(ZHEN)).await;
        let form = clerk.get("/office/clues/new").await;
        let token = token(&form.body);
        let enter = async |unit: &str, person: &str| {
            let fields = [
                ("source", "inspection"),
                ("unit", unit),
                ("person", person),
                ("title", TITLE),
                ("facts", "名单与公示的不一样"),
                ("token", token.as_str()),
            ];
            clerk.post("/office/clues/new", &fields).await
        };
        let nobody = enter("", "").await;
        assert!(nobody.status == 422 && nobody.body.contains("不写明就无法核对"), "{}", nobody.body);
        assert_eq!(enter("没有这个村", "").await.status, 422);
        let own = enter("青石镇", "").await;
        assert!(own.status == 422 && own.body.contains("须回避"), "{}", own.body);
        let entered = enter("柳河村", "高远").await;
        assert_eq!(entered.location(), "/office/clues/1?done=find", "{}", entered.body);
        assert_eq!(enter("柳河村", "高远").await.location(), "/office/clues/1?done=find", "sent twice");
        let page = clerk.get("/office/clues/1").await.body;
        assert!(page.contains("高远") && page.contains("监督检查"), "{page}");
        for account in [intake(ZHEN), leader(ZHEN)] {
            assert_eq!(world.seated(account).await.get("/office/clues/1").await.status, 200, "{account}");
        }
        for account in [leader(XIAN), handler(XIAN), ZHEN * 10 + 3] {
            assert_eq!(world.seated(account).await.get("/office/clues/1").await.status, 404, "{account}");
        }
    }
}

#[tokio::test]
async fn everybody_sees_counts_of_clues_in_fives_and_how_often_identities_were_opened() {
    for world in counties().await {
        let case_id = case(&world).await;
        find(&world.seated(leader(XIAN)).await, case_id).await;
        propose(&world.seated(handler(XIAN)).await, "close", WHY).await;
        decide(&world.seated(leader(XIAN)).await, "approve", "2").await;
        count(&world.app).await.unwrap();
        let page = world.citizen().get("/oversight").await.body;
        for word in ["问题线索处置", "予以了结", "不到5", "打开举报人身份", "本月没有打开过任何反映人的身份"]
        {
            assert!(page.contains(word), "{word}: {page}");
        }
        assert!(!page.contains(TITLE) && !page.contains(">1<"), "{page}");
        let tx = world.app.db.write().await.unwrap();
        let now = world.app.clock.now();
        let sql = "INSERT INTO identity_openings (id, case_id, account_id, organ_id, asked_at) \
                   VALUES (1, $1, $2, $3, $4)";
        exec(&*tx, sql, values![case_id, handler(XIAN), XIAN, now]).await.unwrap();
        let sql = "INSERT INTO identity_looks (opening_id, at) VALUES (1, $1)";
        exec(&*tx, sql, values![now]).await.unwrap();
        tx.commit().await.unwrap();
        count(&world.app).await.unwrap();
        let page = world.citizen().get("/oversight").await.body;
        assert!(page.contains("本月打开举报人身份1次，涉及1件，由1个单位。"), "{page}");
    }
}
