//! Rules of the office's desk that an attacker or a hurried colleague would try: who may give a draft up,
//! whose places a move reaches, what a rename leaves behind, what ends and what is kept back.

use crate::{
    office::{TOWN, also, audit, cadre, county, decide, draft, other_town, power, press, republish, submit},
    world::{Browser, NOW, World, worlds},
};
use daylight_app::{
    accounts,
    authz::Role,
    cadres::{Appointment, Cadre},
    powers::{Power, Step},
    revisions::{Content, SubjectKind, edit_href, store as revisions},
    units::{self, Unit},
};

pub async fn unit_id(world: &World, name: &str) -> i64 {
    units::store::by_name(world.app.db.read(), name).await.unwrap().expect(name).id
}

/// Publishes contents at once, as an import does. Returns the ids.
pub async fn publish(world: &World, contents: &[Content]) -> Vec<i64> {
    let tx = world.app.db.write().await.unwrap();
    let mut publishing = revisions::Press::new(&tx, world.app.clock.now());
    let mut ids = Vec::new();
    for content in contents {
        ids.push(publishing.publish_imported(None, content, &[], None, None).await.unwrap());
    }
    publishing.finish().await.unwrap();
    tx.commit().await.unwrap();
    world.app.cache.purge();
    ids
}

pub fn unit(name: &str, parent: Option<&str>) -> Content {
    Content::Unit(Unit {
        name: name.into(),
        category: Some(units::Category::Department),
        parent: parent.map(str::to_owned),
        duties: Some("办事".into()),
        ..Unit::default()
    })
}

pub fn power_of(unit: &str, name: &str) -> Content {
    let step = Step { number: 1, name: "受理".into(), ..Step::default() };
    Content::Power(Box::new(Power {
        unit: unit.into(),
        name: name.into(),
        exerciser: Some("综合股".into()),
        supervisor: Some("派驻组".into()),
        accountable: Some("局长".into()),
        disclosure: Some(daylight_app::powers::Disclosure::Public),
        steps: vec![step],
        ..Power::default()
    }))
}

pub fn cadre_of(unit: &str, name: &str) -> Content {
    let held = Appointment { unit: unit.into(), post: "局长".into(), ..Appointment::default() };
    Content::Cadre(Cadre { name: name.into(), appointments: vec![held], ..Cadre::default() })
}

#[tokio::test]
async fn only_its_author_or_a_reviewer_who_says_why_gives_a_draft_up() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let zhou = world.staff("zhou.wen", Role::Publisher, Some(TOWN)).await;
        let he = world.staff("he.shuyun", Role::Reviewer, Some(TOWN)).await;
        let href = edit_href(SubjectKind::Power, Some(power(&world).await.id), None);
        let id = draft(&lin, &href, &[("name", "临时救助（改）")]).await;
        let discard = format!("/office/drafts/{id}/discard");
        assert!(!zhou.get(&format!("/office/drafts/{id}")).await.body.contains("/discard"));
        let refused = zhou.post(&discard, &[("reason", "我不喜欢它")]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("由lin.zhiyuan编写，只有一直由自己编写的人"), "{}", refused.body);
        let silent = he.post(&discard, &[("reason", "")]).await;
        assert_eq!(silent.status, 422);
        assert!(silent.body.contains("请写明放弃的理由"), "{}", silent.body);
        assert!(revisions::get(world.app.db.read(), id).await.unwrap().is_some());
        let page = he.get(&format!("/office/drafts/{id}")).await;
        let gone = press(&he, &page, &discard, "", &[("reason", "编写人已调走")]).await;
        assert_eq!(gone.status, 303, "{}", gone.body);
        let entries = audit(&world, "revision.discard").await;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].actor, "he.shuyun");
        assert_eq!(entries[0].detail, "临时救助（改）（lin.zhiyuan编写；理由：编写人已调走）");
        let id = draft(&lin, &href, &[("name", "临时救助（再改）")]).await;
        assert_eq!(lin.post(&format!("/office/drafts/{id}/discard"), &[]).await.status, 303);
    }
}

#[tokio::test]
async fn of_two_moves_at_once_one_counts_and_the_other_is_told() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let he = world.staff("he.shuyun", Role::Reviewer, Some(TOWN)).await;
        let href = edit_href(SubjectKind::Power, Some(power(&world).await.id), None);
        for round in 1..=6 {
            let id = draft(&lin, &href, &[("matter", &format!("第{round}次"))]).await;
            let (submit_href, discard) =
                (format!("/office/drafts/{id}/submit"), format!("/office/drafts/{id}/discard"));
            let (sent, gone) = tokio::join!(lin.post(&submit_href, &[]), lin.post(&discard, &[]));
            let done = [sent.status, gone.status].map(|status| status == 303);
            assert_eq!(done.iter().filter(|done| **done).count(), 1, "{done:?}");
            assert_eq!(
                audit(&world, "revision.submit").await.len() + audit(&world, "revision.discard").await.len(),
                { usize::try_from(round).unwrap() * 2 - 1 }
            );
            if gone.status == 303 {
                // A discarded draft is gone; the next round needs its counterpart in the trail.
                let id = draft(&lin, &href, &[("matter", &format!("第{round}次又"))]).await;
                submit(&lin, id).await;
                assert_eq!(decide(&he, id, "publish", "").await.status, 303);
            } else {
                let withdraw = format!("/office/drafts/{id}/withdraw");
                assert_eq!(lin.post(&withdraw, &[]).await.status, 303);
                assert_eq!(lin.post(&discard, &[]).await.status, 303);
            }
        }
    }
}

#[tokio::test]
async fn a_move_that_did_not_happen_is_not_reported_as_one() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let href = edit_href(SubjectKind::Power, Some(power(&world).await.id), None);
        let id = draft(&lin, &href, &[("matter", "行政给付")]).await;
        submit(&lin, id).await;
        for (verb, word) in [("submit", "这份修改现在是“待审核”"), ("discard", "已经提交或公布")]
        {
            let told = lin.post(&format!("/office/drafts/{id}/{verb}"), &[]).await;
            assert_eq!(told.status, 422, "{verb}");
            assert!(told.body.contains(word), "{verb}: {}", told.body);
        }
        assert_eq!(lin.post(&format!("/office/drafts/{id}/withdraw"), &[]).await.status, 303);
        let again = lin.post(&format!("/office/drafts/{id}/withdraw"), &[]).await;
        assert!(again.body.contains("没有撤回"), "{}", again.body);
        assert_eq!(audit(&world, "revision.submit").await.len(), 1);
        assert_eq!(audit(&world, "revision.withdraw").await.len(), 1);
    }
}

#[tokio::test]
async fn a_draft_out_of_ones_places_is_like_one_that_does_not_exist() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let stranger = world.staff("gu.mingde", Role::Publisher, Some(&other_town(&world).await)).await;
        also(&world, "gu.mingde", Role::Reviewer, &other_town(&world).await).await;
        let href = edit_href(SubjectKind::Power, Some(power(&world).await.id), None);
        let id = draft(&lin, &href, &[("matter", "行政给付")]).await.to_string();
        let same = |there: &str, nowhere: &str, what: &str| {
            assert_eq!(there.replace(&id, "#"), nowhere.replace("999999", "#"), "{what}");
        };
        for path in [
            "/office/drafts/#",
            "/office/drafts/#/preview",
            "/office/reviews/#",
            "/office/reviews?published=#",
        ] {
            let there = stranger.get(&path.replace('#', &id)).await;
            let nowhere = stranger.get(&path.replace('#', "999999")).await;
            assert_eq!((there.status.as_u16(), nowhere.status.as_u16()), (404, 404), "{path}");
            same(&there.body, &nowhere.body, path);
        }
        for path in [
            "drafts/#/submit",
            "drafts/#/withdraw",
            "drafts/#/discard",
            "reviews/#/publish",
            "reviews/#/return",
        ] {
            let path = format!("/office/{path}");
            let there = stranger.post(&path.replace('#', &id), &[("reason", "看看有没有")]).await;
            let nowhere = stranger.post(&path.replace('#', "999999"), &[("reason", "看看有没有")]).await;
            assert_eq!((there.status.as_u16(), nowhere.status.as_u16()), (404, 404), "{path}");
            same(&there.body, &nowhere.body, &path);
        }
        for path in ["/office/drafts/x", "/office/drafts/0", "/office/powers/-1/edit"] {
            assert_eq!(lin.get(path).await.status, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn a_unit_moves_only_with_the_consent_of_both_places() {
    for world in county().await {
        publish(&world, &[unit("东片区", None), unit("西片区", None), unit("东片水库", Some("东片区"))])
            .await;
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some("东片区")).await;
        let he = world.staff("he.shuyun", Role::Reviewer, Some("东片区")).await;
        let href = format!("/office/units/{}/edit", unit_id(&world, "东片水库").await);
        let page = lin.get(&href).await;
        let refused = press(&lin, &page, &href, "check", &[("parent", "西片区")]).await;
        assert!(refused.body.contains("“西片区”不在您负责的范围内"), "{}", refused.body);
        // With charge of both places while writing; one of the two is taken back before submitting.
        also(&world, "lin.zhiyuan", Role::Publisher, "西片区").await;
        let id = draft(&lin, &href, &[("parent", "西片区")]).await;
        let account =
            accounts::store::by_login(world.app.db.read(), "lin.zhiyuan").await.unwrap().unwrap().id;
        let west = unit_id(&world, "西片区").await;
        let end = "UPDATE grants SET ended_at = $1 WHERE account_id = $2 AND unit_id = $3";
        daylight_db::exec(world.app.db.writer(), end, daylight_db::values![NOW, account, west])
            .await
            .unwrap();
        let refused = lin.post(&format!("/office/drafts/{id}/submit"), &[]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("涉及“西片区”，不在您负责的范围内"), "{}", refused.body);
        also(&world, "lin.zhiyuan", Role::Publisher, "西片区").await;
        submit(&lin, id).await;
        // A reviewer of the old place alone sees it, may send it back, and does not publish it.
        let page = he.get(&format!("/office/reviews/{id}")).await;
        assert!(page.body.contains("还涉及“西片区”") && !page.body.contains("/publish\""), "{}", page.body);
        let su = world.staff("su.heping", Role::Reviewer, None).await;
        let full = su.get(&format!("/office/reviews/{id}")).await;
        let seen = seen(&full.body);
        let refused = he.post(&format!("/office/reviews/{id}/publish"), &[("seen", &seen)]).await;
        assert_eq!(refused.status, 409);
        assert!(refused.body.contains("没有公布：这份修改还涉及“西片区”"), "{}", refused.body);
        also(&world, "he.shuyun", Role::Reviewer, "西片区").await;
        assert_eq!(decide(&he, id, "publish", "").await.status, 303);
        let moved = units::store::by_name(world.app.db.read(), "东片水库").await.unwrap().unwrap();
        assert_eq!(moved.path, format!("/{west}/{}/", moved.id));
    }
}

/// The mark of what a reviewer's page shows.
pub fn seen(body: &str) -> String {
    let at = body.find("name=\"seen\" value=\"").expect("the mark") + 19;
    body[at..].chars().take_while(|c| *c != '"').collect()
}

#[tokio::test]
async fn a_post_in_another_unit_is_published_by_who_answers_for_it_too() {
    for world in county().await {
        publish(&world, &[unit("东片区", None), unit("西片区", None)]).await;
        let cadre = publish(&world, &[cadre_of("东片区", "许文远")]).await[0];
        let lin = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let he = world.staff("he.shuyun", Role::Reviewer, Some("东片区")).await;
        let href = format!("/office/cadres/{cadre}/edit");
        let page = lin.get(&href).await;
        let longer = press(&lin, &page, &href, "add-post", &[]).await;
        let kept =
            press(&lin, &longer, &href, "check", &[("post-1-unit", "西片区"), ("post-1-post", "组长")]).await;
        let id: i64 =
            kept.location()["/office/drafts/".len()..].trim_end_matches("?done=saved").parse().unwrap();
        submit(&lin, id).await;
        let page = he.get(&format!("/office/reviews/{id}")).await;
        assert!(page.body.contains("还涉及“西片区”") && !page.body.contains("/publish\""), "{}", page.body);
        also(&world, "he.shuyun", Role::Reviewer, "西片区").await;
        assert_eq!(decide(&he, id, "publish", "").await.status, 303);
    }
}

/// What a renamed unit takes with it: see the test below.
async fn all_say(browser: &Browser, paths: &[String], word: &str) {
    for path in paths {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        assert!(page.body.contains(word), "{path}: {}", page.body);
    }
}

#[tokio::test]
async fn a_renamed_unit_takes_everything_with_it() {
    const OLD: &str = "安澜县水利局";
    const NEW: &str = "安澜县水务局";
    for world in worlds().await {
        let ids = publish(&world, &[unit(OLD, None), unit("安澜县防汛站", Some(OLD))]).await;
        let (bureau, station) = (ids[0], ids[1]);
        let ids = publish(
            &world,
            &[power_of(OLD, "取水许可"), power_of(OLD, "河道采砂许可"), cadre_of(OLD, "许文远")],
        )
        .await;
        let (power, waiting, cadre) = (ids[0], ids[1], ids[2]);
        let lin = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        // Drafts on their way in every kind, under the old name.
        let power_draft =
            draft(&lin, &format!("/office/powers/{waiting}/edit"), &[("matter", "行政许可")]).await;
        let cadre_draft =
            draft(&lin, &format!("/office/cadres/{cadre}/edit"), &[("post-0-duties", "主持工作")]).await;
        let child_draft =
            draft(&lin, &format!("/office/units/{station}/edit"), &[("address", "河堤路1号")]).await;
        for id in [power_draft, cadre_draft, child_draft] {
            submit(&lin, id).await;
        }
        world.app.clock.advance(3 * 86_400_000);
        // Days later they sign in anew.
        let lin = world.staff("lin.zhiyuan.2", Role::Publisher, None).await;
        let he = world.staff("he.shuyun.2", Role::Reviewer, None).await;
        let rename = draft(&lin, &format!("/office/units/{bureau}/edit"), &[("name", NEW)]).await;
        submit(&lin, rename).await;
        assert_eq!(decide(&he, rename, "publish", "").await.status, 303);
        let citizen = world.citizen();
        let link = format!("/units/{bureau}");
        let now = [
            link.clone(),
            format!("/units/{station}?panel=structure"),
            format!("/powers/{power}"),
            format!("/cadres/{cadre}"),
            "/powers".into(),
            "/cadres".into(),
            "/search?q=%E5%8F%96%E6%B0%B4%E8%AE%B8%E5%8F%AF".into(),
            "/search?q=%E8%AE%B8%E6%96%87%E8%BF%9C".into(),
        ];
        all_say(&citizen, &now, NEW).await;
        for path in &now[1..] {
            let page = citizen.get(path).await;
            assert!(!page.body.contains(OLD), "{path}: {}", page.body);
        }
        for path in [
            format!("/units/{station}?panel=structure"),
            format!("/powers/{power}"),
            format!("/cadres/{cadre}"),
        ] {
            assert!(citizen.get(&path).await.body.contains(&format!("href=\"{link}\"")), "{path} links");
        }
        let below = citizen.get(&format!("{link}?panel=structure")).await;
        assert!(below.body.contains("安澜县防汛站"));
        // Under its old name it is still found, and what stood then links to where it is now.
        let then = "on=2026-11-23";
        let past = citizen.get(&format!("{link}?panel=structure&{then}")).await;
        assert!(past.body.contains(OLD) && past.body.contains("安澜县防汛站"), "{}", past.body);
        assert!(citizen.get(&format!("{link}?panel=cadres&{then}")).await.body.contains("许文远"));
        for path in [
            format!("/units/{station}?panel=structure&{then}"),
            format!("/powers/{power}?{then}"),
            format!("/cadres/{cadre}?{then}"),
        ] {
            let page = citizen.get(&path).await;
            assert!(page.body.contains(OLD), "{path}: {}", page.body);
            assert!(page.body.contains(&format!("href=\"{link}?on=2026-11-23\"")), "{path}: {}", page.body);
        }
        // Today the children and people of the unit are there too when a day is asked for.
        let today = citizen.get(&format!("{link}?panel=structure&on=2026-11-25")).await;
        assert!(today.body.contains("安澜县防汛站"), "{}", today.body);
        assert!(citizen.get(&format!("{link}?panel=cadres&on=2026-11-25")).await.body.contains("许文远"));
        let json = |path: String| {
            let citizen = &citizen;
            async move { serde_json::from_str::<serde_json::Value>(&citizen.get(&path).await.body).unwrap() }
        };
        assert_eq!(
            json(format!("/api/v1/units/{station}")).await["parent"],
            serde_json::json!({ "id": bureau, "name": NEW })
        );
        assert_eq!(
            json(format!("/api/v1/powers/{power}")).await["unit"],
            serde_json::json!({ "id": bureau, "name": NEW })
        );
        assert_eq!(json(format!("/api/v1/cadres/{cadre}")).await["appointments"][0]["unit"]["name"], NEW);
        assert_eq!(
            json(format!("/api/v1/powers/{power}?{then}")).await["unit"],
            serde_json::json!({ "id": bureau, "name": OLD })
        );
        // What waited is published, and says the new name for good.
        for id in [power_draft, cadre_draft, child_draft] {
            let page = he.get(&format!("/office/reviews/{id}")).await;
            assert!(!page.body.contains("<ins>安澜县水"), "the rename is no change of theirs: {}", page.body);
            let done = decide(&he, id, "publish", "").await;
            assert_eq!(done.status, 303, "{}", done.body);
        }
        all_say(&citizen, &now, NEW).await;
        let c = world.app.db.read();
        assert_eq!(
            units::store::get(c, station).await.unwrap().unwrap().path,
            format!("/{bureau}/{station}/")
        );
        assert_eq!(daylight_app::cadres::store::of_unit(c, bureau).await.unwrap().len(), 1);
        // The old name stays the unit's own: given to another, it would lead there.
        let page = lin.get("/office/units/new").await;
        let taken =
            press(&lin, &page, "/office/units/new", "check", &[("name", OLD), ("category", "department")])
                .await;
        assert!(taken.body.contains("有单位用过这个名称"), "{}", taken.body);
    }
}

#[tokio::test]
async fn a_text_that_is_too_long_is_refused_and_kept_in_the_form() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let unit = format!("/office/units/{}/edit", unit_id(&world, TOWN).await);
        let power = edit_href(SubjectKind::Power, Some(power(&world).await.id), None);
        let cadre = format!("/office/cadres/{}/edit", cadre(&world).await);
        for (href, field, most, label) in [
            (&unit, "name", 200, "单位名称"),
            (&unit, "duties", 5_000, "主要职责"),
            (&power, "step-0-duties", 2_000, "第1行环节 职责要求"),
            (&power, "ground", 500, "不公开的理由"),
            (&cadre, "post-0-duties", 2_000, "第1项任职 分管"),
        ] {
            let page = lin.get(href).await;
            assert!(page.body.contains(&format!("maxlength=\"{most}\"")), "{href} {field}");
            let long = "长".repeat(most + 1);
            let refused = press(&lin, &page, href, "save", &[(field, &long)]).await;
            assert_eq!(refused.status, 422, "{href} {field}");
            assert!(refused.body.contains(label), "{label}: {}", refused.body);
            assert!(refused.body.contains(&format!("最多{most}个字，现在有{}个，请精简", most + 1)));
            assert!(refused.body.contains(&long), "what was typed stays");
        }
        let page = lin.get(&power).await;
        let fits = press(&lin, &page, &power, "save", &[("step-0-duties", &"长".repeat(2_000))]).await;
        assert_eq!(fits.status, 303, "{}", fits.body);
        let refused =
            press(&lin, &lin.get(&power).await, &power, "save", &[("step-80-name", "第八十一行")]).await;
        assert!(refused.body.contains("一张表最多80行"), "{}", refused.body);
    }
}

#[tokio::test]
async fn every_state_of_a_long_history_can_be_reached() {
    for world in worlds().await {
        let id = publish(&world, &[unit("安澜县水利局", None)]).await[0];
        let tx = world.app.db.write().await.unwrap();
        let mut publishing = revisions::Press::new(&tx, NOW);
        for number in 2..=231 {
            let Content::Unit(mut content) = unit("安澜县水利局", None) else { panic!("a unit") };
            content.duties = Some(format!("第{number}稿"));
            let content = Content::Unit(content);
            publishing.publish_imported(Some(id), &content, &[], None, None).await.unwrap();
        }
        publishing.finish().await.unwrap();
        tx.commit().await.unwrap();
        let first = world.citizen().get(&format!("/units/{id}/history")).await.body;
        assert!(first.contains("共公布过231次") && first.contains("第231次公布"), "{first}");
        let last = world.citizen().get(&format!("/units/{id}/history?page=8")).await.body;
        assert!(last.contains("第1次公布") && last.contains("首次在本平台公布"), "{last}");
        let before = world.citizen().get(&format!("/units/{id}/history?page=7")).await.body;
        assert!(!before.contains("首次在本平台公布") && before.contains("第22次公布"), "{before}");
    }
}

#[tokio::test]
async fn an_ended_unit_says_so_and_leads_to_what_took_its_place() {
    for world in worlds().await {
        let ids = publish(&world, &[unit("安澜县水利局", None), unit("安澜县水务局", None)]).await;
        let (old, new) = (ids[0], ids[1]);
        let station = publish(&world, &[unit("安澜县防汛站", Some("安澜县水利局"))]).await[0];
        let power = publish(&world, &[power_of("安澜县水利局", "取水许可")]).await[0];
        let lin = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let he = world.staff("he.shuyun", Role::Reviewer, None).await;
        let href = format!("/office/units/{old}/edit");
        let page = lin.get(&href).await;
        let wrong = [
            (["2026-11-20", "没有这个局"], "没有叫“没有这个局”的单位"),
            (["2026-11-20", "安澜县水利局"], "接续的单位不能是本单位"),
            (["2026-11-23", "安澜县水务局"], "这一天还没有到"),
            (["2026-11", "安澜县水务局"], "这样的日期"),
            (["", "安澜县水务局"], "也要填写撤销日期"),
            (["2026-11-20", "安澜县水务局"], "还有1个下级单位"),
        ];
        for ([ended_on, successor], word) in wrong {
            let changes = [("ended_on", ended_on), ("successor", successor)];
            let refused = press(&lin, &page, &href, "check", &changes).await;
            assert!(refused.status == 422 && refused.body.contains(word), "{word}: {}", refused.body);
        }
        let moved =
            draft(&lin, &format!("/office/units/{station}/edit"), &[("parent", "安澜县水务局")]).await;
        submit(&lin, moved).await;
        assert_eq!(decide(&he, moved, "publish", "").await.status, 303);
        let id = draft(&lin, &href, &[("ended_on", "2026年11月20日"), ("successor", "安澜县水务局")]).await;
        submit(&lin, id).await;
        let review = he.get(&format!("/office/reviews/{id}")).await;
        assert!(review.body.contains("撤销日期") && review.body.contains("接续的单位"), "{}", review.body);
        assert_eq!(decide(&he, id, "publish", "").await.status, 303);
        let citizen = world.citizen();
        let link = format!("href=\"/units/{new}\"");
        for (path, word) in [
            (format!("/units/{old}"), "这个单位已于2026年11月20日撤销，由"),
            (format!("/powers/{power}"), "这项权力所属的单位已于2026年11月20日撤销，由"),
        ] {
            let page = citizen.get(&path).await.body;
            assert!(page.contains(word) && page.contains(&link), "{path}: {page}");
            let before = citizen.get(&format!("{path}?on=2026-11-19")).await;
            assert!(!before.body.contains("撤销，由"), "not yet on the day before");
        }
        assert!(citizen.get("/powers").await.body.contains("已撤销"), "its powers are marked");
        let units = citizen.get("/units").await.body;
        assert!(!units.contains("安澜县水利局") && units.contains("安澜县水务局"), "{units}");
        let found = citizen.get("/search?q=%E6%B0%B4%E5%88%A9%E5%B1%80").await.body;
        assert!(found.contains("已撤销") && found.contains("安澜县<mark>水利局"), "{found}");
        let json: serde_json::Value =
            serde_json::from_str(&citizen.get(&format!("/api/v1/units/{old}")).await.body).unwrap();
        assert_eq!((&json["ended_on"], &json["successor_id"]), (&"2026-11-20".into(), &new.into()));
        // Nothing new is begun in it, and it may be put right.
        assert_eq!(lin.get(&format!("/office/powers/new?unit={old}")).await.status, 422);
        assert!(lin.get("/office/contents?kind=unit").await.body.contains("安澜县水利局"));
        let back = draft(&lin, &href, &[("ended_on", ""), ("successor", "")]).await;
        submit(&lin, back).await;
        assert_eq!(decide(&he, back, "publish", "").await.status, 303);
        assert!(citizen.get("/units").await.body.contains("安澜县水利局"));
    }
}

#[tokio::test]
async fn a_basis_that_is_no_longer_in_force_warns_on_every_power_that_cites_it() {
    for world in worlds().await {
        publish(&world, &[unit("安澜县水利局", None)]).await;
        let ids = publish(
            &world,
            &[power_of("安澜县水利局", "取水许可"), power_of("安澜县水利局", "河道采砂许可")],
        )
        .await;
        let lin = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let he = world.staff("he.shuyun", Role::Reviewer, None).await;
        let plain = [("basis-0-title", "水法实施办法"), ("basis-0-article", "第三条")];
        let dated = [
            ("basis-0-title", "《水法实施办法》第九条"),
            ("basis-0-in_force_from", "2004年7月1日"),
            ("basis-0-in_force_to", "2025-12-31"),
            ("basis-0-replaced_by", "《节约用水条例》"),
        ];
        let href = |id: i64| format!("/office/powers/{id}/edit");
        let page = lin.get(&href(ids[1])).await;
        let nonsense = [("basis-0-in_force_to", "去年"), ("basis-0-replaced_by", "")];
        let refused = press(&lin, &page, &href(ids[1]), "save", &nonsense).await;
        assert!(refused.body.contains("第1条依据：请填写法律法规或文件的名称"), "{}", refused.body);
        let longer = press(&lin, &page, &href(ids[1]), "add-basis", &dated).await;
        let two = press(&lin, &longer, &href(ids[1]), "remove-basis-1", &[]).await;
        let refused =
            press(&lin, &two, &href(ids[1]), "save", &[("basis-0-in_force_to", "1999-01-01")]).await;
        assert!(refused.body.contains("失效日期早于施行日期"), "{}", refused.body);
        for (id, changes) in [(ids[0], &plain[..]), (ids[1], &dated[..])] {
            let id = draft(&lin, &href(id), changes).await;
            submit(&lin, id).await;
            assert_eq!(decide(&he, id, "publish", "").await.status, 303);
        }
        for (id, article) in [(ids[0], "第三条"), (ids[1], "第九条")] {
            let page = world.citizen().get(&format!("/powers/{id}")).await.body;
            assert!(
                page.contains("它已于2025年12月31日失效，由《节约用水条例》代替") && page.contains(article),
                "{page}"
            );
            assert!(page.contains("2004年7月1日起施行"), "{page}");
        }
        assert!(world.citizen().get("/bases").await.body.contains("2025年12月31日失效"));
        // One unit's people may not say for all the others that a law has ended.
        let luo = world.staff("luo.chunmei", Role::Publisher, Some("安澜县水利局")).await;
        let ended = [("basis-0-title", "《水法实施办法》第三条"), ("basis-0-in_force_to", "2020-01-01")];
        let id = draft(&luo, &href(ids[0]), &ended).await;
        let refused = luo.post(&format!("/office/drafts/{id}/submit"), &[]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("所有引用《水法实施办法》的单位"), "{}", refused.body);
        // A list that cites it says nothing of its days.
        let folder = tempfile::tempdir().unwrap();
        let list = "单位名称,权力名称,行权依据\n安澜县水利局,河道采砂许可,《水法实施办法》第十条\n";
        std::fs::write(folder.path().join("p.csv"), list).unwrap();
        assert_eq!(world.import(&[folder.path().to_owned()]).await.updated, 1);
        let page = world.citizen().get(&format!("/api/v1/powers/{}", ids[1])).await.body;
        assert!(page.contains("第十条") && page.contains("2025-12-31"), "{page}");
        let page = lin.get(&href(ids[1])).await;
        assert!(page.body.contains("2025-12-31"), "the office's own days stay: {}", page.body);
    }
}

#[tokio::test]
async fn a_cadre_or_a_power_is_kept_back_for_a_ground_and_by_a_second_person() {
    for world in worlds().await {
        publish(&world, &[unit("安澜县水利局", None)]).await;
        let ids =
            publish(&world, &[cadre_of("安澜县水利局", "许文远"), power_of("安澜县水利局", "取水许可")])
                .await;
        let lin = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let he = world.staff("he.shuyun", Role::Reviewer, None).await;
        let citizen = world.citizen();
        let unit = format!("/units/{}", unit_id(&world, "安澜县水利局").await);
        for (noun, id, name, more) in [
            ("cadres", ids[0], "许文远", vec![]),
            ("powers", ids[1], "取水许可", vec![("approver", "县长"), ("review_on", "2027-06-30")]),
        ] {
            let (edit, ask) = (format!("/office/{noun}/{id}/edit"), format!("/office/{noun}/{id}/withhold"));
            assert!(lin.get(&edit).await.body.contains(&format!("href=\"{ask}\"")), "{noun}");
            let page = lin.get(&ask).await;
            let silent = press(&lin, &page, &ask, "", &more).await;
            assert!(silent.status == 422 && silent.body.contains("请写明撤下的理由"), "{}", silent.body);
            let mut fields = vec![("ground", "已经不归本县管理")];
            fields.extend(more);
            let asked = press(&lin, &page, &ask, "", &fields).await;
            assert_eq!(asked.status, 303, "{}", asked.body);
            let draft: i64 =
                asked.location()["/office/drafts/".len()..].trim_end_matches("?done=saved").parse().unwrap();
            let public = format!("/{noun}/{id}");
            assert_eq!(citizen.get(&public).await.status, 200, "asking changes nothing");
            submit(&lin, draft).await;
            let review = he.get(&format!("/office/reviews/{draft}")).await;
            assert!(review.body.contains("已经不归本县管理"), "{}", review.body);
            let done = decide(&he, draft, "publish", "").await;
            assert!(he.get(done.location()).await.body.contains("已撤下，公众看不到了"));
            let nowhere = citizen.get(&format!("/{noun}/999999")).await;
            for path in [public.clone(), format!("{public}?on=2026-11-22"), format!("{public}/history")] {
                assert_eq!(citizen.get(&path).await.status, 404, "{path}");
            }
            assert_eq!(nowhere.status, 404);
            for path in [format!("/api/v1/{noun}/{id}"), format!("/api/v1/{noun}/{id}?on=2026-11-22")] {
                assert_eq!(citizen.get(&path).await.status, 404, "{path}");
            }
            for path in [
                format!("/{noun}"),
                format!("{unit}?panel={noun}"),
                format!("{unit}?panel={noun}&on=2026-11-22"),
                format!("{unit}/feed.xml"),
                "/feed.xml".into(),
                "/sitemap.xml".into(),
                format!("/api/v1/{noun}"),
                format!("/search?q={}", if noun == "cadres" { "xwy" } else { "qsxk" }),
            ] {
                let page = citizen.get(&path).await;
                assert!(!page.body.contains(name), "{path}: {}", page.body);
            }
        }
        // Whoever edits the entry asks to show it again, and is told so.
        let edit = format!("/office/cadres/{}/edit", ids[0]);
        assert!(lin.get(&edit).await.body.contains("会重新公开"));
        world.app.clock.advance(60_000);
        let back = draft(&lin, &edit, &[]).await;
        submit(&lin, back).await;
        assert_eq!(decide(&he, back, "publish", "").await.status, 303);
        assert_eq!(citizen.get(&format!("/cadres/{}", ids[0])).await.status, 200);
        let record = citizen.get(&format!("/cadres/{}/history", ids[0])).await.body;
        assert!(record.contains("共公布过2次") && !record.contains("已经不归本县管理"), "{record}");
    }
}

#[tokio::test]
async fn a_stale_draft_shows_the_difference_and_stands_on_the_newest_once_saved() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let power = power(&world).await;
        let href = edit_href(SubjectKind::Power, Some(power.id), None);
        let id = draft(&lin, &href, &[("matter", "行政给付")]).await;
        let opened = lin.get(&href).await;
        republish(&world, power.id, |power| power.supervisor = Some("县纪委监委第三派驻组".into())).await;
        let told = press(&lin, &opened, &href, "save", &[]).await;
        assert!(
            told.body.contains("有了新的公布") && told.body.contains("按一次“保存草稿”"),
            "{}",
            told.body
        );
        assert!(told.body.contains("<figcaption>监督主体"), "{}", told.body);
        assert_eq!(press(&lin, &told, &href, "save", &[]).await.status, 303);
        assert!(!lin.get(&href).await.body.contains("公布的内容又变过"), "the warning is settled");
        assert!(!lin.get(&format!("/office/drafts/{id}")).await.body.contains("又变过"));
    }
}

#[tokio::test]
async fn a_reviewer_of_a_cadre_is_led_to_what_is_sealed() {
    for world in county().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some(TOWN)).await;
        let he = world.staff("he.shuyun", Role::Reviewer, Some(TOWN)).await;
        let cadre = cadre(&world).await;
        let id = draft(&lin, &format!("/office/cadres/{cadre}/edit"), &[("post-0-duties", "分管民政")]).await;
        submit(&lin, id).await;
        let page = he.get(&format!("/office/reviews/{id}")).await;
        let sealed = format!("/office/cadres/{cadre}/sealed");
        assert!(page.body.contains(&format!("href=\"{sealed}\"")) && page.body.contains("没有改动它们"));
        assert_eq!(he.post(&sealed, &[("reason", "核对任职名册")]).await.status, 200);
        assert_eq!(audit(&world, "sealed.open").await[0].actor, "he.shuyun");
        let record = world.citizen().get(&format!("/cadres/{cadre}/history")).await.body;
        assert!(record.contains("由干部名册导入"), "{record}");
    }
}

#[tokio::test]
async fn an_import_is_called_the_same_on_the_start_page_and_in_its_list() {
    use daylight_app::imports::store as imports;
    for world in worlds().await {
        let lin = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let tx = world.app.db.write().await.unwrap();
        let id = imports::begin(&tx, None, "folder", &[], NOW).await.unwrap();
        assert!(imports::discard(&tx, id, NOW).await.unwrap());
        tx.commit().await.unwrap();
        for path in ["/office", "/office/imports"] {
            let page = lin.get(path).await.body;
            assert!(page.contains(imports::State::Discarded.page()), "{path}: {page}");
        }
    }
}
