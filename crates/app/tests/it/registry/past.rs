//! The page as it stood on a day, and the record of what was published (N22).

use super::{
    CADRES, DAY, POWERS, UNITS, between, cadre_path, import_lists, in_order, open, power_path, unit_path,
};
use crate::world::{World, handover, worlds};

const OFFICE: &str = "安澜县民政局";

/// A first hand-over on 2026-11-22, a second one on 2026-12-02, and today is 2026-12-12.
async fn two_handovers(world: &World) {
    world.import(&[handover()]).await;
    world.app.clock.advance(10 * DAY);
    let unit = "县级部门,安澜县民政局,,,999901000000,管救助和婚姻登记,0899-3678298,人民路18号,工作日全天\n";
    let power = "安澜县民政局,临时救助审批,外部职责,决定,行政给付,《社会救助法》第三条,社会救助股,县纪委监委派驻纪检监察组,局长,优亲厚友,低,公示名单,是\n";
    let cadre = "孙波,男,999901196911183259,群众,安澜县委办公室,主任,2023年9月,负责全面工作,13949631669\n";
    let lists = [
        ("units.csv", format!("{UNITS}{unit}")),
        ("powers.csv", format!("{POWERS}{power}")),
        ("cadres.csv", format!("{CADRES}{cadre}")),
    ];
    import_lists(world, &lists.each_ref().map(|(name, text)| (*name, text.as_str()))).await;
    world.app.clock.advance(10 * DAY);
}

#[tokio::test]
async fn a_page_shows_what_was_public_at_the_end_of_a_day() {
    for world in worlds().await {
        two_handovers(&world).await;
        let citizen = world.citizen();
        let pages = [
            (unit_path(&world, OFFICE).await, "办理群众申请事项", "管救助和婚姻登记"),
            (power_path(&world, OFFICE, "临时救助审批").await, "承办岗位", "《社会救助法》"),
            (cadre_path(&world, "孙波").await, "负责主任岗位工作", "负责全面工作"),
        ];
        for (path, old, new) in pages {
            for day in ["2026-11-22", "2026-12-01", "2026年12月1日", "20261201"] {
                let day = daylight_app_escape(day);
                let then = open(&citizen, &format!("{path}?on={day}")).await;
                assert!(
                    then.body.contains(old) && !then.body.contains(new),
                    "{path} on {day}: {}",
                    then.body
                );
                assert!(then.body.contains("当天结束时公布的内容") && then.body.contains("看现在的内容"));
            }
            for day in ["2026-12-02", "2026-12-12"] {
                let then = open(&citizen, &format!("{path}?on={day}")).await;
                assert!(then.body.contains(new) && then.body.contains("当天结束时"), "{path} on {day}");
            }
            let now = open(&citizen, &path).await;
            assert!(now.body.contains(new) && !now.body.contains("当天结束时"), "now needs no banner");
            let early = citizen.get(&format!("{path}?on=2026-11-21")).await;
            assert_eq!(early.status, 404);
            in_order(
                &early.body,
                &["<h1>当时还没有公布</h1>", "2026年11月21日", "name=\"on\"", "看现在的内容"],
            );
        }
    }
}

fn daylight_app_escape(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[tokio::test]
async fn the_past_of_a_unit_reaches_into_every_panel() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        world.app.clock.advance(10 * DAY);
        // A power, a cadre and a unit below that did not exist before.
        let lists = [
            ("units.csv", format!("{UNITS}县级部门,安澜县救助站,,{OFFICE},999901000000,管流浪救助,,,\n")),
            ("powers.csv", format!("{POWERS}{OFFICE},殡葬管理,外部职责,管理,,,,,,,,,是\n")),
            ("cadres.csv", format!("{CADRES}新来人,女,,群众,{OFFICE},四级调研员,2026年12月,管殡葬,\n")),
        ];
        import_lists(&world, &lists.each_ref().map(|(name, text)| (*name, text.as_str()))).await;
        let (citizen, unit) = (world.citizen(), unit_path(&world, OFFICE).await);
        for (panel, word) in [
            ("powers", "殡葬管理"),
            ("cadres", "新来人"),
            ("structure", "安澜县救助站"),
            ("duties", "新来人"),
        ] {
            let now = open(&citizen, &format!("{unit}?panel={panel}")).await;
            assert!(now.body.contains(word), "{panel}: {}", now.body);
            let then = open(&citizen, &format!("{unit}?panel={panel}&on=2026-11-22")).await;
            assert!(!then.body.contains(word), "{panel}: {}", then.body);
            let same = open(&citizen, &format!("{unit}?panel={panel}&on=2026-12-02")).await;
            assert!(same.body.contains(word), "{panel}: {}", same.body);
        }
        let then = open(&citizen, &format!("{unit}?panel=powers&on=2026-11-22")).await;
        let tabs = between(&then.body, "class=\"tabs\"", "</nav>");
        assert_eq!(tabs.matches("on=2026-11-22").count(), 5, "the panels stay in the past: {tabs}");
        assert!(between(&then.body, "<tbody", "</tbody>").contains("?on=2026-11-22"), "and so do the powers");
    }
}

#[tokio::test]
async fn a_date_that_makes_no_sense_is_explained_and_kept() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let citizen = world.citizen();
        let pages = [
            unit_path(&world, OFFICE).await,
            power_path(&world, OFFICE, "临时救助审批").await,
            cadre_path(&world, "孙波").await,
        ];
        for path in pages {
            for (day, help) in
                [("2026-13-45", "例如 2026-03-15"), ("2026-11", "年、月、日"), ("2030-01-01", "还没有到")]
            {
                let answer = citizen.get(&format!("{path}?on={day}")).await;
                assert_eq!(answer.status, 422, "{path}?on={day}");
                assert!(answer.body.contains(help), "{}", answer.body);
                assert!(answer.body.contains(&format!("value=\"{day}\"")), "what was typed stays");
                assert!(answer.body.contains("href=\"#f-on\""), "the summary leads to the field");
            }
            let hostile = citizen.get(&format!("{path}?on=%22%3E%3Cscript%3Ealert(1)")).await;
            assert_eq!(hostile.status, 422);
            assert!(!hostile.body.contains("<script>alert"));
        }
    }
}

#[tokio::test]
async fn the_record_shows_each_publication_and_what_it_changed() {
    for world in worlds().await {
        two_handovers(&world).await;
        let citizen = world.citizen();
        let unit = unit_path(&world, OFFICE).await;
        let record = open(&citizen, &format!("{unit}/history")).await;
        in_order(
            &record.body,
            &[
                "共公布过2次",
                "2026年12月2日 10:00",
                "第2次公布 · 由单位名册导入",
                "主要职责",
                "<del>",
                "<ins>",
                "办公地址",
                "人民路18号",
                "?on=2026-12-02",
                "2026年11月22日 10:00",
                "首次在本平台公布",
            ],
        );
        assert!(!record.body.contains("单位类别<span"), "what did not change is not listed");
        let power = power_path(&world, OFFICE, "临时救助审批").await;
        let record = open(&citizen, &format!("{power}/history")).await;
        in_order(
            &record.body,
            &["行权依据<span", "<ins>", "行权主体<span", "廉政风险与防控<span", "优亲厚友"],
        );
        let cadre = cadre_path(&world, "孙波").await;
        let record = open(&citizen, &format!("{cadre}/history")).await;
        assert!(record.body.contains("任职与分工") && record.body.contains("全面"));
    }
}
