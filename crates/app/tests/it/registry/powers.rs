//! The page of a power: steps first, then the drawing, the five parts, the bases.

use super::{POWERS, STEPS, between, import_lists, in_order, open, power_path, unit_path, withhold};
use crate::world::{handover, worlds};
use daylight_db::{exec, scalar, values};

const OFFICE: &str = "安澜县委办公室";

#[tokio::test]
async fn the_steps_come_first_in_order_and_say_where_they_lead() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let path = power_path(&world, OFFICE, "人员聘用").await;
        let page = open(&world.citizen(), &path).await;
        in_order(
            &page.body,
            &[
                "<h1>人员聘用</h1>",
                "怎么办：办理流程",
                "id=\"step-1\"",
                "申请受理",
                "时限：7个自然日",
                "进入第2步“入户核查”",
                "id=\"step-4\"",
                "不同意，退回第2步“入户核查”",
                "id=\"step-5\"",
                "办结",
                "流程图",
                "<svg",
                "凭什么：行权依据",
                "五个明确",
            ],
        );
        let lead = between(&page.body, "共 5 个环节", "</p>");
        assert!(lead.contains("12388"), "the way to complain, the same at every step, is said once: {lead}");
        assert_eq!(page.body.matches("投诉举报：").count(), 1, "{}", page.body);
        assert!(page.body.contains("时限：待补充"), "a missing limit is said");
        assert!(page.body.contains("href=\"#step-4\""), "the drawing leads to the steps");
        let unit = unit_path(&world, OFFICE).await;
        assert!(
            page.body.contains(&format!("href=\"{unit}\"")) && page.body.contains(&format!("/api/v1{path}"))
        );
        open(&world.citizen().elder(), &path).await;
    }
}

#[tokio::test]
async fn each_of_the_five_parts_is_filled_or_said_to_be_missing() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let bare = format!("{POWERS}{OFFICE},印章管理,,,,,,,,,,,\n");
        import_lists(&world, &[("powers.csv", &bare)]).await;
        let path = power_path(&world, OFFICE, "印章管理").await;
        let page = open(&world.citizen(), &path).await;
        let parts = between(&page.body, "五个明确", "</section>");
        assert!(parts.starts_with("五个明确（已明确1个）"), "{parts}");
        assert_eq!(parts.matches("待补充").count(), 5, "{parts}");
        let missing = between(&page.body, "class=\"missing\"", "</p>");
        assert!(missing.contains("行权和监督主体、行权流程、公开方式、追责主体、行权依据"), "{missing}");
        assert!(page.body.contains("单位还没有填写办理流程"));
        let full = power_path(&world, OFFICE, "财务支出审批").await;
        let page = open(&world.citizen(), &full).await;
        assert!(between(&page.body, "五个明确", "</section>").starts_with("五个明确</h2>"));
    }
}

#[tokio::test]
async fn different_ways_to_complain_are_said_at_each_step() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let steps = format!(
            "{STEPS}{OFFICE},人员聘用,1,报名,人事股,3个工作日,收材料,,2,找镇纪委\n\
             {OFFICE},人员聘用,2,考试,人事股,1个工作日,闭卷,全程录像,,打12388\n"
        );
        import_lists(&world, &[("procedures.csv", &steps)]).await;
        let path = power_path(&world, OFFICE, "人员聘用").await;
        let page = open(&world.citizen(), &path).await;
        in_order(
            &page.body,
            &["报名", "投诉举报：</b>找镇纪委", "考试", "监督制约：</b>全程录像", "投诉举报：</b>打12388"],
        );
    }
}

#[tokio::test]
async fn a_basis_that_is_no_longer_in_force_is_marked_everywhere() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let tx = world.app.db.write().await.unwrap();
        let sql = "UPDATE bases SET in_force_from = $1, in_force_to = $2, replaced_by = $3 WHERE title = $4";
        let bound = values!["2014-05-01", "2026-06-30", "社会救助法", "社会救助暂行办法"];
        assert_eq!(exec(&*tx, sql, bound).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let path = power_path(&world, OFFICE, "宅基地申请初审").await;
        let citizen = world.citizen();
        let page = open(&citizen, &path).await;
        let bases = between(&page.body, "凭什么：行权依据", "</section>");
        assert!(bases.contains("《社会救助暂行办法》") && bases.contains("第十一条"), "{bases}");
        assert!(bases.contains("2014年5月1日起施行"));
        assert!(bases.contains("它已于2026年6月30日失效，由《社会救助法》代替。"), "{bases}");
        assert!(open(&citizen, "/bases").await.body.contains("它已于2026年6月30日失效"));
        let links: Vec<_> =
            bases.split("<a href=\"").filter(|link| link.contains("社会救助暂行办法")).collect();
        let href = links[0].split('"').next().unwrap();
        assert!(open(&citizen, href).await.body.contains("由《社会救助法》代替"));
    }
}

#[tokio::test]
async fn a_withheld_power_answers_like_one_that_does_not_exist() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let sql = "SELECT MAX(id) FROM powers WHERE disclosed = $1";
        let id: i64 = scalar(world.app.db.read(), sql, values![false]).await.unwrap();
        assert!((100..999).contains(&id), "as long as the missing one: the address is part of the page");
        let (withheld, missing) = (format!("/powers/{id}"), "/powers/999");
        let citizen = world.citizen();
        for rest in ["", "?on=2026-11-22", "?on=2020-01-01", "?on=x", "/history", "/sheet", "/qr.svg"] {
            let (kept, gone) = (
                citizen.get(&format!("{withheld}{rest}")).await,
                citizen.get(&format!("{missing}{rest}")).await,
            );
            assert_eq!(gone.status, 404, "{rest}");
            assert_eq!(kept.status, gone.status, "{rest}");
            assert_eq!(kept.headers, gone.headers, "{rest}");
            assert_eq!(kept.body.replace(&withheld, missing), gone.body, "{rest}");
        }
    }
}

#[tokio::test]
async fn a_power_withheld_later_is_gone_from_the_past_too() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let citizen = world.citizen();
        let (unit, power) =
            (unit_path(&world, "安澜县民政局").await, power_path(&world, "安澜县民政局", "人员聘用").await);
        open(&citizen, &power).await;
        world.app.clock.advance(10 * super::DAY);
        withhold(&world, &power).await;
        for rest in ["", "?on=2026-11-22", "/history", "/sheet", "/qr.svg"] {
            assert_eq!(citizen.get(&format!("{power}{rest}")).await.status, 404, "{rest}");
        }
        for page in ["?panel=powers", "?panel=powers&on=2026-11-22", "/feed.xml"] {
            let page = open(&citizen, &format!("{unit}{page}")).await;
            assert!(!page.body.contains("人员聘用"), "{}", page.body);
        }
        let past = open(&citizen, &format!("{unit}?panel=powers&on=2026-11-22")).await;
        assert!(past.body.contains("另有2项按规定不公开"));
    }
}

#[tokio::test]
async fn a_power_opened_later_has_no_public_past_before() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let citizen = world.citizen();
        let power = power_path(&world, "安澜县民政局", "集体资产资源发包").await;
        world.app.clock.advance(10 * super::DAY);
        let opened = format!("{POWERS}安澜县民政局,集体资产资源发包,内部管理,决策,集体经济,,,,,,,,是\n");
        import_lists(&world, &[("powers.csv", &opened)]).await;
        open(&citizen, &power).await;
        let before = citizen.get(&format!("{power}?on=2026-11-25")).await;
        assert_eq!(before.status, 404);
        assert!(before.body.contains("当时还没有公布"), "{}", before.body);
        let history = open(&citizen, &format!("{power}/history")).await;
        assert!(
            history.body.contains("共公布过1次") && !history.body.contains("不公开（"),
            "{}",
            history.body
        );
    }
}
