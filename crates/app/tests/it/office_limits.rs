//! Attempts on what other units answer for: their people's posts, their colleagues' drafts, their place.

use crate::{
    office::{also, audit, decide, draft, press, submit},
    office_rules::{cadre_of, power_of, publish, seen, unit, unit_id},
    world::{Browser, World, worlds},
};
use daylight_app::{
    authz::Role,
    cadres::{Appointment, Cadre},
    revisions::Content,
};

/// Two places, a cadre of the east with a post in the west, and the east's publisher and reviewer.
async fn two_places(world: &World) -> (i64, Browser, Browser) {
    publish(world, &[unit("东片区", None), unit("西片区", None)]).await;
    let held = |unit: &str, post: &str| Appointment {
        unit: unit.into(),
        post: post.into(),
        ..Appointment::default()
    };
    let appointments = vec![held("东片区", "镇长"), held("西片区", "委员")];
    let cadre = Cadre { name: "许文远".into(), appointments, rank: None, withheld: None };
    let id = publish(world, &[Content::Cadre(cadre)]).await[0];
    let lin = world.staff("lin.zhiyuan", Role::Publisher, Some("东片区")).await;
    let he = world.staff("he.shuyun", Role::Reviewer, Some("东片区")).await;
    (id, lin, he)
}

#[tokio::test]
async fn a_post_of_another_unit_stays_as_it_was_published() {
    for world in worlds().await {
        let (id, lin, he) = two_places(&world).await;
        let href = format!("/office/cadres/{id}/edit");
        let page = lin.get(&href).await;
        let without = press(&lin, &page, &href, "remove-post-1", &[]).await;
        for (page, changes) in [
            (&page, &[("post-1-post", "副主任")][..]),
            (&page, &[("post-1-duties", "什么都不管")]),
            (&page, &[("post-1-until", "2026-01")]),
            (&page, &[("post-0-unit", "西片区"), ("post-1-unit", "东片区")]),
            (&without, &[]),
        ] {
            let refused = press(&lin, page, &href, "check", changes).await;
            assert_eq!(refused.status, 422, "{changes:?}: {}", refused.body);
            assert!(refused.body.contains("“西片区”不在您负责的范围内"), "{}", refused.body);
        }
        let ask = format!("/office/cadres/{id}/withhold");
        let refused = press(&lin, &lin.get(&ask).await, &ask, "", &[("ground", "调离本县")]).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert!(refused.body.contains("涉及“西片区”"), "{}", refused.body);
        // Their own post is theirs.
        let own = draft(&lin, &href, &[("post-0-duties", "主持工作")]).await;
        submit(&lin, own).await;
        assert_eq!(decide(&he, own, "publish", "").await.status, 303);
        // Who answers for both places asks; who answers for one does not publish.
        let su = world.staff("su.heping", Role::Publisher, None).await;
        let gu = world.staff("gu.mingde", Role::Reviewer, None).await;
        let asked = draft(&su, &href, &[("post-1-post", "副主任")]).await;
        let refused = lin.post(&format!("/office/drafts/{asked}/submit"), &[]).await;
        assert!(refused.body.contains("涉及“西片区”，不在您负责的范围内"), "{}", refused.body);
        submit(&su, asked).await;
        let refused = publish_unasked(&he, &gu, asked).await;
        assert!(refused.body.contains("没有公布：这份修改还涉及“西片区”"), "{}", refused.body);
        assert_eq!(decide(&gu, asked, "publish", "").await.status, 303);
        let kept = press(&su, &su.get(&ask).await, &ask, "", &[("ground", "调离本县")]).await;
        let kept: i64 =
            kept.location()["/office/drafts/".len()..].trim_end_matches("?done=saved").parse().unwrap();
        submit(&su, kept).await;
        assert_eq!(publish_unasked(&he, &gu, kept).await.status, 409);
        also(&world, "he.shuyun", Role::Reviewer, "西片区").await;
        assert_eq!(decide(&he, kept, "publish", "").await.status, 303);
        // Nor do they show it again.
        let again = press(&lin, &lin.get(&href).await, &href, "check", &[]).await;
        assert!(again.status == 422 && again.body.contains("“西片区”不在您负责的范围内"), "{}", again.body);
    }
}

/// Publishes although the page offers no button, with the mark of what another reviewer sees.
async fn publish_unasked(browser: &Browser, other: &Browser, id: i64) -> crate::world::Answer {
    let mark = seen(&other.get(&format!("/office/reviews/{id}")).await.body);
    browser.post(&format!("/office/reviews/{id}/publish"), &[("seen", &mark)]).await
}

#[tokio::test]
async fn who_takes_a_draft_over_does_not_discard_it_as_their_own() {
    for world in worlds().await {
        let (cadre, lin, he) = two_places(&world).await;
        let zhou = world.staff("zhou.wen", Role::Publisher, Some("东片区")).await;
        let href = format!("/office/cadres/{cadre}/edit");
        let id = draft(&lin, &href, &[("post-0-duties", "主持工作")]).await;
        assert_eq!(draft(&zhou, &href, &[("post-0-duties", "无")]).await, id);
        let discard = format!("/office/drafts/{id}/discard");
        for browser in [&zhou, &lin] {
            assert!(!browser.get(&format!("/office/drafts/{id}")).await.body.contains("/discard"));
            let refused = browser.post(&discard, &[("reason", "不想改了")]).await;
            assert!(refused.status == 422 && refused.body.contains("lin.zhiyuan"), "{}", refused.body);
        }
        let silent = he.post(&discard, &[]).await;
        assert!(silent.body.contains("请写明放弃的理由"), "{}", silent.body);
        assert_eq!(he.post(&discard, &[("reason", "两人都已调走")]).await.status, 303);
        let detail = &audit(&world, "revision.discard").await[0].detail;
        assert_eq!(detail, "许文远（lin.zhiyuan开始、zhou.wen接手编写；理由：两人都已调走）");
    }
}

#[tokio::test]
async fn units_end_in_an_order_that_leaves_nobody_behind() {
    for world in worlds().await {
        let ids =
            publish(&world, &[unit("甲局", None), unit("乙局", None), unit("丙站", Some("乙局"))]).await;
        let lin = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let he = world.staff("he.shuyun", Role::Reviewer, None).await;
        let href = |at: usize| format!("/office/units/{}/edit", ids[at]);
        let ended = |next: &'static str| [("ended_on", "2026-11-20"), ("successor", next)];
        // Each right when it was written; together a circle of successors.
        let first = draft(&lin, &href(0), &ended("乙局")).await;
        let page = lin.get(&href(2)).await;
        let moved = press(&lin, &page, &href(2), "check", &[("parent", "甲局")]).await;
        let moved: i64 =
            moved.location()["/office/drafts/".len()..].trim_end_matches("?done=saved").parse().unwrap();
        submit(&lin, moved).await;
        submit(&lin, first).await;
        assert_eq!(decide(&he, first, "publish", "").await.status, 303);
        let refused = decide(&he, moved, "publish", "").await;
        assert!(refused.body.contains("上级单位“甲局”已经撤销"), "{}", refused.body);
        assert_eq!(decide(&he, moved, "return", "甲局已撤销").await.status, 303);
        let page = lin.get(&href(2)).await;
        let refused = press(&lin, &page, &href(2), "check", &[("parent", "甲局")]).await;
        assert!(refused.body.contains("上级单位“甲局”已经撤销"), "{}", refused.body);
        let settled = draft(&lin, &href(2), &[("parent", "")]).await;
        submit(&lin, settled).await;
        assert_eq!(decide(&he, settled, "publish", "").await.status, 303);
        let page = lin.get(&href(1)).await;
        let refused = press(&lin, &page, &href(1), "check", &ended("甲局")).await;
        assert!(refused.body.contains("互相接续"), "{}", refused.body);
        // Its children came after the draft that ends it.
        let last = draft(&lin, &href(1), &[("ended_on", "2026-11-20")]).await;
        submit(&lin, last).await;
        publish(&world, &[unit("丁站", Some("乙局"))]).await;
        let refused = decide(&he, last, "publish", "").await;
        assert!(refused.status == 409 && refused.body.contains("还有1个下级单位"), "{}", refused.body);
    }
}

#[tokio::test]
async fn two_units_do_not_succeed_one_another() {
    for world in worlds().await {
        let ids = publish(&world, &[unit("甲局", None), unit("乙局", None)]).await;
        let lin = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let he = world.staff("he.shuyun", Role::Reviewer, None).await;
        let mut drafts = Vec::new();
        for (id, next) in [(ids[0], "乙局"), (ids[1], "甲局")] {
            let href = format!("/office/units/{id}/edit");
            let id = draft(&lin, &href, &[("ended_on", "2026-11-20"), ("successor", next)]).await;
            submit(&lin, id).await;
            drafts.push(id);
        }
        assert_eq!(decide(&he, drafts[0], "publish", "").await.status, 303);
        let refused = decide(&he, drafts[1], "publish", "").await;
        assert!(refused.status == 409 && refused.body.contains("互相接续"), "{}", refused.body);
    }
}

#[tokio::test]
async fn a_unit_is_succeeded_only_with_the_consent_of_both_places() {
    for world in worlds().await {
        let (_, lin, he) = two_places(&world).await;
        let station = publish(&world, &[unit("东片水库", Some("东片区"))]).await[0];
        let href = format!("/office/units/{station}/edit");
        let ended = [("ended_on", "2026-11-20"), ("successor", "西片区")];
        let page = lin.get(&href).await;
        let refused = press(&lin, &page, &href, "check", &ended).await;
        assert!(refused.body.contains("“西片区”不在您负责的范围内"), "{}", refused.body);
        let su = world.staff("su.heping", Role::Publisher, None).await;
        let gu = world.staff("gu.mingde", Role::Reviewer, None).await;
        let id = draft(&su, &href, &ended).await;
        let refused = lin.post(&format!("/office/drafts/{id}/submit"), &[]).await;
        assert!(refused.body.contains("涉及“西片区”，不在您负责的范围内"), "{}", refused.body);
        submit(&su, id).await;
        let refused = publish_unasked(&he, &gu, id).await;
        assert!(refused.body.contains("没有公布：这份修改还涉及“西片区”"), "{}", refused.body);
        assert_eq!(decide(&gu, id, "publish", "").await.status, 303);
    }
}

#[tokio::test]
async fn a_form_sent_eight_times_at_once_begins_one_draft() {
    for world in worlds().await {
        let (_, lin, _) = two_places(&world).await;
        let href = format!("/office/powers/new?unit={}", unit_id(&world, "东片区").await);
        let fields = [("seen", "-"), ("name", "取水许可"), ("do", "check")];
        let send = || lin.post(&href, &fields);
        let sent = tokio::join!(send(), send(), send(), send(), send(), send(), send(), send());
        let (one, others) = (sent.0, [sent.1, sent.2, sent.3, sent.4, sent.5, sent.6, sent.7]);
        assert_eq!(one.status, 303, "{}", one.body);
        assert!(others.iter().all(|other| other.location() == one.location()));
        assert_eq!(audit(&world, "revision.save").await.len(), 1);
        // Another text under the same name is neither lost nor a second draft.
        let other = [("seen", "-"), ("name", "取水许可"), ("matter", "行政许可"), ("do", "check")];
        let told = lin.post(&href, &other).await;
        assert!(
            told.body.contains("同名的草稿") && told.body.contains("value=\"行政许可\""),
            "{}",
            told.body
        );
        assert_eq!(audit(&world, "revision.save").await.len(), 1);
        // A colleague's of the same name is another's.
        let zhou = world.staff("zhou.wen", Role::Publisher, Some("东片区")).await;
        assert_ne!(zhou.post(&href, &fields).await.location(), one.location());
    }
}

#[tokio::test]
async fn a_step_number_beyond_all_measure_is_an_error_of_its_field() {
    for world in worlds().await {
        publish(&world, &[unit("东片区", None)]).await;
        let id = publish(&world, &[power_of("东片区", "取水许可")]).await[0];
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some("东片区")).await;
        let href = format!("/office/powers/{id}/edit");
        let page = lin.get(&href).await;
        let most = u32::MAX.to_string();
        let rows = [("step-18446744073709551615-name", "受理")];
        let number = [("step-0-number", most.as_str())];
        let next = [("step-0-next", most.as_str()), ("risk-0-step", &most), ("risk-0-name", "拖延")];
        for button in ["add-step", "insert-step-0", "remove-step-0"] {
            for changes in [&rows[..], &number, &next] {
                let shown = press(&lin, &page, &href, button, changes).await;
                assert_eq!(shown.status, 200, "{button} {changes:?}: {}", shown.body);
            }
        }
        let refused = press(&lin, &page, &href, "save", &number).await;
        assert!(refused.status == 422 && refused.body.contains("请填写环节序号"), "{}", refused.body);
    }
}

#[tokio::test]
async fn saving_what_is_saved_already_writes_nothing() {
    for world in worlds().await {
        let (cadre, lin, _) = two_places(&world).await;
        let zhou = world.staff("zhou.wen", Role::Publisher, Some("东片区")).await;
        let href = format!("/office/cadres/{cadre}/edit");
        for _ in 0..3 {
            draft(&lin, &href, &[("post-0-duties", "主持工作")]).await;
        }
        assert_eq!(audit(&world, "revision.save").await.len(), 1);
        // To take over is a move of its own.
        for _ in 0..2 {
            draft(&zhou, &href, &[]).await;
        }
        assert_eq!(audit(&world, "revision.take_over").await.len(), 1);
        assert_eq!(audit(&world, "revision.save").await.len(), 1);
    }
}

#[tokio::test]
async fn a_post_is_entered_once() {
    for world in worlds().await {
        publish(&world, &[unit("东片区", None)]).await;
        let id = publish(&world, &[cadre_of("东片区", "许文远")]).await[0];
        let lin = world.staff("lin.zhiyuan", Role::Publisher, Some("东片区")).await;
        let href = format!("/office/cadres/{id}/edit");
        let page = press(&lin, &lin.get(&href).await, &href, "add-post", &[]).await;
        let twice = [("post-1-unit", "东片区"), ("post-1-post", "局长")];
        let refused = press(&lin, &page, &href, "check", &twice).await;
        assert!(refused.status == 422 && refused.body.contains("与第1项任职重复"), "{}", refused.body);
        // Held before, and again: two terms.
        let terms = [("post-0-since", "2024-01"), ("post-1-since", "2010-01"), ("post-1-until", "2012-01")];
        let kept = press(&lin, &page, &href, "check", &[&twice[..], &terms].concat()).await;
        assert_eq!(kept.status, 303, "{}", kept.body);
    }
}
