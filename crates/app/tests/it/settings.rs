//! Rules, recusals and ties through the front door.

use crate::{
    county::{HEAD, LIUHE, SECURITY, SYSTEM, XIAN, ZHEN, cadre, counties, handler, intake, leader, report},
    world::{Answer, Browser, World},
};
use daylight_app::{audit, cases::routing, deadlines};

async fn trail(world: &World, action: &str) -> Vec<audit::store::Line> {
    audit::store::list(world.app.db.read(), Some(action), 100, 0).await.unwrap()
}

/// A form as it stands on a page: names and values of its fields.
fn fields(html: &str, action: &str) -> Vec<(String, String)> {
    let (_, form) = html.split_once(&format!("action=\"{action}\"")).expect("the form");
    let form = form.split_once("</form>").expect("its end").0;
    let get = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        Some(rest.split_once('"')?.0.replace("&#34;", "\"").replace("&quot;", "\""))
    };
    let mut found = Vec::new();
    let mut select = None;
    for tag in form.split('<').skip(1) {
        if tag.starts_with("select") {
            select = get(tag, "name");
            found.extend(select.clone().map(|name| (name, String::new())));
        } else if tag.starts_with("option") && tag.contains(" selected") {
            if let (Some(name), Some(last)) = (&select, found.last_mut()) {
                *last = (name.clone(), get(tag, "value").unwrap_or_default());
            }
        } else if tag.starts_with("input") && (!tag.contains("type=\"checkbox\"") || tag.contains(" checked"))
        {
            found.extend(get(tag, "name").map(|name| (name, get(tag, "value").unwrap_or_default())));
        }
    }
    found
}

fn with<'a>(form: &'a [(String, String)], changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = form.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
    kept.chain(changes.iter().copied()).collect()
}

async fn edit(browser: &Browser, path: &str, changes: &[(&str, &str)]) -> Answer {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let form = fields(&page.body, path);
    browser.post(path, &with(&form, changes)).await
}

#[tokio::test]
async fn rules_are_changed_by_the_leader_of_the_top_organ_alone() {
    for world in counties().await {
        let (chief, below) = (world.seated(leader(XIAN)).await, world.seated(leader(ZHEN)).await);
        let admin = world.seated(SYSTEM).await;
        for page in ["/office/deadlines", "/office/deadlines/petition", "/office/routing"] {
            for reader in [&chief, &below, &admin] {
                assert_eq!(reader.get(page).await.status, 200, "{page}");
            }
            assert_eq!(world.seated(handler(XIAN)).await.get(page).await.status, 403);
        }
        for path in ["/office/deadlines/petition/edit", "/office/routing/edit"] {
            assert_eq!(chief.get(path).await.status, 200, "{path}");
            for other in [&below, &admin] {
                assert_eq!(other.get(path).await.status, 403, "{path}");
                assert_eq!(other.post(path, &[("do", "save")]).await.status, 403, "{path}");
            }
        }
        let channel = [("channel", "安江市纪委监委，电话 12388")];
        for other in [&below, &admin] {
            assert_eq!(other.post("/office/routing/superior", &channel).await.status, 403);
        }
        assert_eq!(chief.post("/office/routing/superior", &channel).await.status, 303);
        let page = chief.get("/office/routing").await;
        assert!(page.body.contains("安江市纪委监委，电话 12388"), "{}", page.body);
        let personal = chief.post("/office/routing/superior", &[("channel", "找王书记13949631669")]).await;
        assert!(personal.body.contains("疑似手机号"), "{}", personal.body);
        assert_eq!(trail(&world, "rules.superior").await.len(), 1);
        assert_eq!(chief.get("/office/deadlines/nothing").await.status, 404);
    }
}

#[tokio::test]
async fn a_deadline_is_tried_previewed_and_kept_as_a_new_version() {
    for world in counties().await {
        let chief = world.seated(leader(XIAN)).await;
        let tried = chief.get("/office/deadlines/petition?on-year=2026&on-month=9&on-day=25&filed=yes").await;
        assert!(
            tried.body.contains("2026年10月10日") && tried.body.contains("2026年9月25日收到，当日不计"),
            "{}",
            tried.body
        );
        let wrong = chief.get("/office/deadlines/petition?on-year=2026&on-month=13&on-day=1").await;
        assert!(wrong.status == 200 && wrong.body.contains("请填写一个日期"), "{}", wrong.body);
        let path = "/office/deadlines/petition/edit";
        let before = report(&world, "before").await;
        let longer = edit(&chief, path, &[("rule-1-term", "90"), ("reason", "忙"), ("do", "save")]).await;
        assert!(longer.status == 422 && longer.body.contains("只能缩短"), "{}", longer.body);
        let shorter = [("rule-1-term", "45"), ("reason", "提高效率")];
        let preview = edit(&chief, path, &[&shorter[..], &[("do", "preview")]].concat()).await;
        assert!(preview.status == 200 && preview.body.contains("改了以后"), "{}", preview.body);
        assert_eq!(deadlines::store::versions(world.app.db.read(), "petition").await.unwrap().len(), 1);
        let silent = edit(&chief, path, &[("rule-1-term", "45"), ("do", "save")]).await;
        assert!(silent.body.contains("请写明为什么修改"), "{}", silent.body);
        let page = chief.get(path).await;
        let form = fields(&page.body, path);
        let save = with(&form, &[&shorter[..], &[("do", "save")]].concat())
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect::<Vec<_>>();
        let save: Vec<_> = save.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(chief.post(path, &save).await.status, 303);
        // The same form again decides on what no longer stands.
        let again = chief.post(path, &save).await;
        assert!(again.status == 422, "{}", again.body);
        let versions = deadlines::store::versions(world.app.db.read(), "petition").await.unwrap();
        assert_eq!(versions.len(), 2);
        assert_eq!(versions[0].profile.rules[1].term, deadlines::Term::Days(45));
        assert_eq!(versions[0].made_by.as_deref(), Some("account12"));
        let shown = chief.get("/office/deadlines/petition").await;
        assert!(shown.body.contains("45日内办理") && shown.body.contains("第2版"), "{}", shown.body);
        let line = trail(&world, "rules.deadlines").await.remove(0);
        assert!(line.detail.contains("提高效率") && line.subject == "deadlines petition", "{line:?}");
        let columns =
            daylight_app::cases::store::columns(world.app.db.read(), before).await.unwrap().unwrap();
        assert_eq!(columns.profile, "county@1", "a case keeps what it was received under");
    }
}

#[tokio::test]
async fn a_routing_table_is_tried_without_storing_and_never_favours_the_accused_line() {
    for world in counties().await {
        let chief = world.seated(leader(XIAN)).await;
        let escaped = "%E6%9F%B3%E6%B2%B3%E6%9D%91";
        let to = |rank: &str| format!("/office/routing?kind=complaint&unit={escaped}&rank={rank}");
        for (rank, word) in [
            ("", "由青石镇纪委办理"),
            ("village", "由青石镇纪委办理"),
            ("head", "由安澜县纪委办理"),
            ("county", "属于上级：不在本平台受理"),
        ] {
            let tried = chief.get(&to(rank)).await;
            assert!(tried.body.contains(word), "{rank}: {}", tried.body);
        }
        let reports = "SELECT COUNT(*) FROM reports";
        assert_eq!(daylight_db::scalar::<i64>(world.app.db.read(), reports, vec![]).await.unwrap(), 0);
        let path = "/office/routing/edit";
        let own = [("last-choose", "own"), ("last-own", "yes"), ("reason", "方便"), ("do", "save")];
        let refused = edit(&chief, path, &own).await;
        assert!(refused.status == 422 && refused.body.contains("不能交本单位办理"), "{}", refused.body);
        let removed = edit(&chief, path, &[("do", "remove-0")]).await;
        assert!(
            removed.status == 200 && !removed.body.contains("县级干部由上级纪委受理"),
            "{}",
            removed.body
        );
        let form = fields(&removed.body, path);
        let kept = chief.post(path, &with(&form, &[("reason", "方便"), ("do", "save")])).await;
        assert!(kept.status == 422 && kept.body.contains("属于上级管辖"), "{}", kept.body);
        // Village cadres to the county: allowed, shown first, then kept.
        let added = edit(&chief, path, &[("do", "add")]).await;
        let form = fields(&added.body, path);
        let rule = [
            ("row-3-name", "村干部由县纪委受理"),
            ("row-3-whom", "village"),
            ("row-3-choose", "top"),
            ("reason", "提级办理"),
        ];
        let preview = chief.post(path, &with(&form, &[&rule[..], &[("do", "preview")]].concat())).await;
        assert!(preview.body.contains("投诉，村（社区）干部，除四大机构以外的单位"), "{}", preview.body);
        let kept = chief.post(path, &with(&form, &[&rule[..], &[("do", "save")]].concat())).await;
        assert_eq!(kept.status, 303, "{}", kept.body);
        assert!(chief.get(&to("village")).await.body.contains("由安澜县纪委办理"));
        let table = routing::store::table(world.app.db.read()).await.unwrap();
        assert_eq!(table.rules.len(), 4);
        let line = trail(&world, "rules.routing").await.remove(0);
        assert!(line.detail.contains("提级办理"), "{line:?}");
    }
}

#[tokio::test]
async fn one_declares_for_oneself_and_never_ends_it() {
    for world in counties().await {
        let clerk = world.seated(handler(ZHEN)).await;
        let me = handler(ZHEN).to_string();
        let unknown = [("account", me.as_str()), ("what", "cadre"), ("person", "高远"), ("unit", "石滩村")];
        let wrong = clerk.post("/office/recusals", &unknown).await;
        assert!(wrong.body.contains("干部名册里没有这个人"), "{}", wrong.body);
        let right = [("account", me.as_str()), ("what", "cadre"), ("person", "高远"), ("unit", "柳河村")];
        assert_eq!(clerk.post("/office/recusals", &right).await.status, 303);
        assert!(clerk.get("/office/recusals").await.body.contains("涉及高远的反映"));
        let end = [("account", me.as_str())];
        assert_eq!(clerk.post("/office/recusals/1/end", &end).await.status, 403);
        // Not for colleagues, and a neighbour's book is not there.
        let other = intake(ZHEN).to_string();
        let foreign = [("account", other.as_str()), ("what", "unit"), ("unit", "柳河村")];
        assert_eq!(clerk.post("/office/recusals", &foreign).await.status, 404);
        let colleague = world.seated(intake(ZHEN)).await;
        assert!(!colleague.get("/office/recusals").await.body.contains("高远"));
        assert_eq!(colleague.post("/office/recusals/1/end", &end).await.status, 404);
        // Their leader does both.
        let chief = world.seated(leader(ZHEN)).await;
        assert_eq!(chief.post("/office/recusals", &foreign).await.status, 303);
        assert_eq!(chief.post("/office/recusals/1/end", &end).await.status, 303);
        let held = routing::store::recusals(world.app.db.read()).await.unwrap();
        assert_eq!(held, [(intake(ZHEN), routing::store::About::Unit(LIUHE))]);
        assert_eq!(trail(&world, "recusal.").await.len(), 3);
    }
}

#[tokio::test]
async fn a_declared_relative_loses_the_case_and_is_known_to_few() {
    for world in counties().await {
        let case_id = report(&world, "token").await;
        let clerk = world.seated(intake(XIAN)).await;
        let me = intake(XIAN).to_string();
        let form = [("member", me.as_str()), ("relative", "高远"), ("relative_unit", "柳河村")];
        assert_eq!(clerk.post("/office/recusals/relatives", &form).await.status, 303);
        daylight_app::cases::store::resettle(&world.app.db, &world.app.vault, world.app.clock.now())
            .await
            .unwrap();
        let holders = daylight_app::cases::keys::store::holders(world.app.db.read(), case_id).await.unwrap();
        assert!(!holders.contains(&intake(XIAN)), "the job took the key");
        assert!(clerk.get("/office/recusals").await.body.contains("高远"));
        for other in [leader(ZHEN), handler(XIAN)] {
            assert!(
                !world.seated(other).await.get("/office/recusals").await.body.contains("高远"),
                "{other}"
            );
        }
        let cadre = (intake(XIAN) + 100).to_string();
        let head = HEAD.to_string();
        let end = [("one", cadre.as_str()), ("other", head.as_str())];
        assert_eq!(clerk.post("/office/recusals/relatives/end", &end).await.status, 403);
        assert_eq!(
            world.seated(leader(ZHEN)).await.post("/office/recusals/relatives/end", &end).await.status,
            404
        );
        let chief = world.seated(leader(XIAN)).await;
        assert_eq!(chief.post("/office/recusals/relatives/end", &end).await.status, 303);
        let oneself = [("member", me.as_str()), ("relative", "干部10"), ("relative_unit", "安澜县纪委机关")];
        let refused = clerk.post("/office/recusals/relatives", &oneself).await;
        assert!(refused.body.contains("不能把本人申报为自己的亲属"), "{}", refused.body);
    }
}

#[tokio::test]
async fn nobody_keeps_cases_about_themselves_from_others_by_calling_them_relatives() {
    for world in counties().await {
        let me = handler(ZHEN).to_string();
        let clerk = world.seated(handler(ZHEN)).await;
        let form = [("member", me.as_str()), ("relative", "干部10"), ("relative_unit", "安澜县纪委机关")];
        assert_eq!(clerk.post("/office/recusals/relatives", &form).await.status, 303);
        // The declarant is out of what concerns the other, at once.
        let (mine, theirs) = (handler(ZHEN) + 100, intake(XIAN) + 100);
        let c = world.app.db.read();
        let held = routing::store::recusals(c).await.unwrap();
        assert_eq!(held, [(handler(ZHEN), routing::store::About::Cadre(theirs))]);
        // The other is not out of what concerns the declarant, until somebody says so who may.
        assert!(routing::store::world(c).await.unwrap().relatives.is_empty());
        let colleague = intake(XIAN).to_string();
        let back = [("member", colleague.as_str()), ("relative", "干部21"), ("relative_unit", "青石镇")];
        let chief = world.seated(leader(XIAN)).await;
        assert_eq!(chief.post("/office/recusals/relatives", &back).await.status, 303);
        let world = routing::store::world(c).await.unwrap();
        assert!(world.relatives.contains(&(theirs, mine)) || world.relatives.contains(&(mine, theirs)));
    }
}

#[tokio::test]
async fn two_administrators_tie_an_account_and_none_of_them_is_its_owner() {
    for world in counties().await {
        let tx = world.app.db.write().await.unwrap();
        cadre(&tx, 400, "沈微", 9).await;
        routing::store::tie(&tx, handler(XIAN), None).await.unwrap();
        tx.commit().await.unwrap();
        let (system, security) = (world.seated(SYSTEM).await, world.seated(SECURITY).await);
        let page = format!("/office/accounts/{}", handler(XIAN));
        let shown = system.get(&page).await;
        assert!(shown.body.contains("还没有对应") && shown.body.contains("收不到任何反映"), "{}", shown.body);
        // Who is not known is told so as well.
        let own = world.seated(handler(XIAN)).await.get("/office/recusals").await;
        assert!(own.body.contains("还没有对应到干部名册里的本人"), "{}", own.body);
        assert!(security.get("/office/ties").await.body.contains("没有对应到本人"));
        let tie = format!("{page}/tie");
        let who = [("person", "沈微"), ("unit", "安澜县纪委机关"), ("do", "tie")];
        assert_eq!(system.post(&tie, &who).await.status, 303);
        let twice = system.post(&tie, &who).await;
        assert!(twice.status == 422 && twice.body.contains("等待确认"), "{}", twice.body);
        let behind =
            || async { daylight_app::ties::store::behind(world.app.db.read(), handler(XIAN)).await.unwrap() };
        assert_eq!(behind().await, None, "not before it is confirmed");
        // Neither the one who asked nor the owner's colleagues decide.
        assert_eq!(system.post("/office/ties/1", &[("do", "confirm")]).await.status, 403);
        assert_eq!(
            world.seated(leader(XIAN)).await.post("/office/ties/1", &[("do", "confirm")]).await.status,
            403
        );
        assert!(security.get("/office/ties").await.body.contains("安澜县纪委机关 干部"));
        assert_eq!(security.post("/office/ties/1", &[("do", "confirm")]).await.status, 303);
        assert_eq!(behind().await.unwrap().id, 400);
        // Newest first.
        let words: Vec<_> = trail(&world, "tie.").await.into_iter().map(|line| line.action).collect();
        assert_eq!(words[..2], ["tie.confirm", "tie.ask"]);
        // Untying goes the same way.
        assert_eq!(system.post(&tie, &[("do", "untie")]).await.status, 303);
        assert_eq!(security.post("/office/ties/2", &[("do", "refuse")]).await.status, 303);
        assert!(behind().await.is_some());
    }
}
