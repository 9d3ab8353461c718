//! More time asked for and given, who looked at a case, and the calendar of the coming year, through the front door.

use crate::{
    desks::{self, LIUHE, ZHEN, act, browser, handler, intake, leader, report, told},
    office::controls,
    world::{Answer, Browser, World, worlds},
};
use daylight_app::{
    authz::Role,
    cases::Deed,
    reports::{Draft, Kind, QueryCode, ReceiptNumber},
};
use daylight_db::{exec, scalar, values};

const WHAT: &str = "村口的路灯坏了三个月，反映过两次没有人修";
const HANDLER_WHY: &str = "灯杆基础要重新浇筑，材料还在路上";
const TOLD_WHY: &str = "灯杆要等材料，下月二十日前装好";

/// Opens the page of a deed, fills it in and sends it.
async fn deed(who: &Browser, id: i64, part: &str, typed: &[(&str, &str)]) -> Answer {
    let href = format!("/office/cases/{id}/{part}");
    let page = who.get(&href).await;
    assert_eq!(page.status, 200, "{href}: {}", page.body);
    let mut form = controls(&page.body, &href);
    for (name, value) in typed {
        form.retain(|(known, _)| known != name);
        form.push(((*name).to_owned(), (*value).to_owned()));
    }
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    who.post(&href, &form).await
}

async fn page(who: &Browser, path: &str) -> String {
    let page = who.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    page.body
}

async fn status(world: &World, (number, code): (&ReceiptNumber, &QueryCode)) -> String {
    let (number, code) = (number.canonical().to_owned(), code.canonical().to_owned());
    let page = world.citizen().post("/reports/status", &[("number", &number), ("code", &code)]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page.body
}

/// A request about 柳河村, on the desk of a handler.
async fn requested(world: &World) -> (ReceiptNumber, QueryCode, i64) {
    desks::settle(world).await;
    let draft = Draft { kind: Some(Kind::Request), ..told(LIUHE, WHAT, None) };
    let (number, code, id) = report(world, &draft, "token").await;
    act(world, intake(ZHEN), id, Deed::Accept).await.unwrap();
    act(world, leader(ZHEN), id, Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();
    (number, code, id)
}

#[tokio::test]
async fn a_handler_asks_for_time_a_leader_gives_it_and_the_reporter_reads_why() {
    for world in worlds().await {
        let (number, code, id) = requested(&world).await;
        let (hand, lead) = (browser(&world, handler(ZHEN)).await, browser(&world, leader(ZHEN)).await);
        let case = format!("/office/cases/{id}");
        // A leader has nothing to grant before anybody asks.
        assert!(!page(&lead, &case).await.contains("批准延长期限"));
        let too_long = deed(&hand, id, "ask-time", &[("count", "31"), ("reason", HANDLER_WHY)]).await;
        assert!(too_long.status == 200 && too_long.body.contains("最多可延长30日"), "{}", too_long.body);
        let asked = deed(&hand, id, "ask-time", &[("count", "20"), ("reason", HANDLER_WHY)]).await;
        assert_eq!(asked.location(), format!("{case}?done=ask-time"), "{}", asked.body);
        assert!(page(&hand, &case).await.contains("期限延长20日，等审批领导决定"));
        let before = status(&world, (&number, &code)).await;
        assert!(!before.contains("延长") && !before.contains(HANDLER_WHY), "{before}");
        assert!(page(&lead, "/office/notices").await.contains("承办人申请延长期限，请您审批"));
        // What the handler wrote stands in the field; the leader writes it for the reporter.
        assert!(page(&lead, &format!("{case}/extend")).await.contains(HANDLER_WHY));
        let longer = deed(&lead, id, "extend", &[("count", "25"), ("reason", TOLD_WHY)]).await;
        assert!(longer.body.contains("承办人申请的是20日，不能批准更长的时间"), "{}", longer.body);
        let given = deed(&lead, id, "extend", &[("reason", TOLD_WHY)]).await;
        assert_eq!(given.location(), format!("{case}?done=extend"), "{}", given.body);
        assert!(page(&hand, "/office/notices").await.contains("您申请的延长期限已批准"));
        let after = status(&world, (&number, &code)).await;
        assert!(after.contains("经批准，办理时间延长20日") && after.contains(TOLD_WHY), "{after}");
        assert!(!after.contains(HANDLER_WHY));
        assert!(!page(&hand, &case).await.contains("申请延长期限</a>"), "once");
    }
}

#[tokio::test]
async fn a_refusal_of_time_is_the_handlers_to_read_and_moves_nothing() {
    for world in worlds().await {
        let (number, code, id) = requested(&world).await;
        let (hand, lead) = (browser(&world, handler(ZHEN)).await, browser(&world, leader(ZHEN)).await);
        let before = status(&world, (&number, &code)).await;
        deed(&hand, id, "ask-time", &[("count", "20"), ("reason", HANDLER_WHY)]).await;
        let refused = deed(&lead, id, "refuse-time", &[("reason", "先把能修的两盏修好")]).await;
        assert_eq!(refused.location(), format!("/office/cases/{id}?done=refuse-time"), "{}", refused.body);
        let shown = page(&hand, &format!("/office/cases/{id}")).await;
        assert!(shown.contains("不同意延长期限") && shown.contains("先把能修的两盏修好"), "{shown}");
        assert!(page(&hand, "/office/notices").await.contains("没有同意"));
        let after = status(&world, (&number, &code)).await;
        assert!(
            !after.contains("延长") && before.contains("2027年1月21日") && after.contains("2027年1月21日")
        );
        // Neither of the two is offered to others, nor reached by their address.
        for (who, part) in [(&lead, "ask-time"), (&hand, "extend"), (&hand, "refuse-time")] {
            let answer =
                who.post(&format!("/office/cases/{id}/{part}"), &[("reason", "x"), ("seen", "1")]).await;
            assert!([403, 404, 409].contains(&answer.status.as_u16()), "{part} {}", answer.status);
        }
    }
}

#[tokio::test]
async fn who_looked_at_a_case_is_for_its_leader_and_the_audit_to_see() {
    for world in worlds().await {
        let (_, _, id) = requested(&world).await;
        let case = format!("/office/cases/{id}");
        let hand = browser(&world, handler(ZHEN)).await;
        page(&hand, &format!("{case}/print")).await;
        let shown = page(&hand, &case).await;
        assert!(!shown.contains("谁打开过") && shown.contains("都记入审计日志"), "{shown}");
        let lead = page(&browser(&world, leader(ZHEN)).await, &case).await;
        let looks = &lead[lead.find("谁打开过").expect("the list")..];
        assert!(looks.contains("打印整卷") && looks.contains("account21"), "{looks}");
        let audit = world.staff("audit", Role::AuditAdmin, None).await;
        let trail = page(&audit, "/office/audit?action=case.").await;
        assert!(trail.contains("打开办理件") && trail.contains("打印整卷"), "{trail}");
        // What cannot be noted is not shown.
        let tx = world.app.db.write().await.unwrap();
        let sql = "CREATE UNIQUE INDEX full_trail ON audit_entries (action) WHERE action = 'case.print'";
        exec(&*tx, sql, values![]).await.unwrap();
        tx.commit().await.unwrap();
        let refused = browser(&world, leader(ZHEN)).await.get(&format!("{case}/print")).await;
        assert!(refused.status == 500 && !refused.body.contains(WHAT), "{}", refused.status);
    }
}

#[tokio::test]
async fn before_the_year_ends_those_who_can_help_it_are_told_to_load_the_next_calendar() {
    for world in worlds().await {
        let (_, _, id) = requested(&world).await;
        // 22 November 2026, and 2027 is not loaded.
        let missing = "2027年的工作日历还没有载入";
        let admin = world.staff("admin", Role::SystemAdmin, None).await;
        let lead = browser(&world, leader(ZHEN)).await;
        let start = page(&admin, "/office").await;
        assert!(start.contains(missing) && start.contains("href=\"/office/calendar\""), "{start}");
        assert!(page(&lead, "/office").await.contains(missing));
        assert!(!page(&browser(&world, handler(ZHEN)).await, "/office").await.contains(missing));
        let asleep = "SELECT COUNT(*) FROM cases WHERE next_at > $1";
        let now = world.app.clock.now();
        let c = world.app.db.read();
        assert_eq!(scalar::<i64>(c, asleep, values![now]).await.unwrap(), 1, "{id}");
        let text = "# 来源：试验用的通知\n2027-01-01,holiday,元旦\n";
        assert_eq!(admin.post("/office/calendar", &[("text", text)]).await.status, 303);
        // Every date is reckoned anew.
        assert_eq!(scalar::<i64>(c, asleep, values![now]).await.unwrap(), 0);
        let jobs = "SELECT COUNT(*) FROM jobs WHERE kind = 'case.tick'";
        assert_eq!(scalar::<i64>(c, jobs, values![]).await.unwrap(), 1);
        for who in [&admin, &lead] {
            assert!(!page(who, "/office").await.contains(missing));
        }
    }
}
