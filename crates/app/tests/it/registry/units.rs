//! The page of a unit: one address, five panels.

use super::{UNITS, between, import_lists, in_order, open, unit_path};
use crate::world::{handover, worlds};

const OFFICE: &str = "安澜县民政局";
const VILLAGE: &str = "青石镇前进村村民委员会";

#[tokio::test]
async fn a_unit_has_five_panels_under_one_address() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let path = unit_path(&world, OFFICE).await;
        let citizen = world.citizen();
        let panels = [
            ("", "主要职责", "该找谁"),
            ("?panel=structure", "权力构架", "谁来监督（监督主体）"),
            ("?panel=powers", "权力监督", "临时救助审批"),
            ("?panel=cadres", "干部监督", "任现职时间"),
            ("?panel=reports", "网络举报", "tel:12388"),
        ];
        for (query, tab, content) in panels {
            let page = open(&citizen, &format!("{path}{query}")).await;
            assert!(page.body.contains(content), "{tab}: {}", page.body);
            let tabs = between(&page.body, "class=\"tabs\"", "</nav>");
            assert_eq!(tabs.matches("<a ").count(), 5, "all panels are links on every panel");
            let current = between(tabs, "aria-current=\"page\"", "</a>");
            assert!(current.contains(tab), "{tab} is the current one: {current}");
            let canonical = format!("rel=\"canonical\" href=\"http://127.0.0.1{path}\"");
            assert!(page.body.contains(&canonical), "one address for search engines");
        }
        let elder = world.citizen().elder();
        open(&elder, &format!("{path}?panel=structure")).await;
        let odd = open(&citizen, &format!("{path}?panel=nothing")).await;
        assert!(odd.body.contains("该找谁"), "an unknown panel is the first");
    }
}

#[tokio::test]
async fn a_unit_says_whom_to_ask_and_what_is_missing() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let path = unit_path(&world, OFFICE).await;
        let page = open(&world.citizen(), &path).await;
        assert!(page.body.contains("href=\"tel:08993678298\""), "the unit's own telephone, to be called");
        let missing = between(&page.body, "class=\"missing\"", "</p>");
        assert!(missing.contains("办公地址、办公时间"), "{missing}");
        assert!(!missing.contains("联系电话"), "what is there is not missing: {missing}");
        in_order(
            &page.body,
            &["信息更新于2026年11月22日", "主要职责", "该找谁", "谁管什么", "应公开，未见公开"],
        );
        let filled = "县级部门,安澜县民政局,,,999901000000,管救助,0899-3678298,人民路18号,工作日全天\n";
        import_lists(&world, &[("units.csv", &format!("{UNITS}{filled}"))]).await;
        let page = open(&world.citizen(), &path).await;
        assert!(!page.body.contains("class=\"missing\""), "nothing is missing any more: {}", page.body);
        assert!(page.body.contains("人民路18号") && page.body.contains("工作日全天"));
    }
}

#[tokio::test]
async fn a_unit_leads_to_the_units_above_and_below_it() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let citizen = world.citizen();
        let (above, below) = (unit_path(&world, "青石镇人民政府").await, unit_path(&world, VILLAGE).await);
        let page = open(&citizen, &format!("{below}?panel=structure")).await;
        assert!(page.body.contains(&format!("href=\"{above}\"")), "{}", page.body);
        assert!(page.body.contains("镇纪委") && page.body.contains("村务监督委员会"), "each body by itself");
        let crumbs = between(&page.body, "class=\"crumbs\"", "</nav>");
        in_order(crumbs, &["首页", "单位", "青石镇", "前进村", "青石镇人民政府", VILLAGE]);
        let page = open(&citizen, &format!("{above}?panel=structure")).await;
        assert!(page.body.contains(&format!("href=\"{below}\"")), "{}", page.body);
        let list = open(&citizen, &format!("/units?parent={}", above.trim_start_matches("/units/"))).await;
        assert!(list.body.contains(VILLAGE) && !list.body.contains(OFFICE));
    }
}

#[tokio::test]
async fn powers_are_grouped_by_kind_and_withheld_ones_are_counted() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let path = unit_path(&world, OFFICE).await;
        let page = open(&world.citizen(), &format!("{path}?panel=powers")).await;
        in_order(
            &page.body,
            &["外部职责（2项）", "内部管理（1项）", "班子成员岗位（2项）", "另有1项按规定不公开"],
        );
        assert!(!page.body.contains("集体资产资源发包"), "the withheld one is not named");
        assert!(page.body.contains("风险低") && page.body.contains("<svg"), "a level is a word and a shape");
    }
}

#[tokio::test]
async fn codes_and_sheets_carry_the_lasting_address() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let path = unit_path(&world, OFFICE).await;
        let code = open(&world.citizen(), &format!("{path}/qr.svg")).await;
        assert_eq!(code.headers["content-type"], "image/svg+xml");
        assert_eq!(
            code.headers["cache-control"], "public, no-cache",
            "it bears a name that may be withdrawn"
        );
        let same = daylight_ui::Qr::file(OFFICE, &format!("http://127.0.0.1{path}")).unwrap();
        assert_eq!(code.body, same);
        let sheet = open(&world.citizen(), &format!("{path}/sheet")).await;
        in_order(
            &sheet.body,
            &["class=\"sheet\"", OFFICE, "二维码", "扫一扫", "<li>", "<li>", "<li>", "12388"],
        );
        assert!(sheet.body.contains(&format!("http://127.0.0.1{path}<")), "the address can be typed too");
        // The second code leads to a report about this unit.
        let id = path.trim_start_matches("/units/");
        assert!(sheet.body.contains(&format!("http://127.0.0.1/reports/new?unit={id}<")), "{}", sheet.body);
        assert_eq!(sheet.body.matches("class=\"qr\"").count(), 2);
    }
}

#[tokio::test]
async fn a_feed_tells_what_a_unit_published_and_nothing_withheld() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let path = unit_path(&world, OFFICE).await;
        let feed = open(&world.citizen(), &format!("{path}/feed.xml")).await;
        assert_eq!(feed.headers["content-type"], "application/atom+xml; charset=utf-8");
        assert_eq!(feed.body.matches("<entry>").count(), 1 + 5 + 5, "the unit, five powers, five cadres");
        assert!(feed.body.contains("公布权力事项：临时救助审批"));
        assert!(!feed.body.contains("集体资产资源发包"), "{}", feed.body);
        assert!(feed.body.contains("<updated>2026-11-22T10:00:00+08:00</updated>"));
        let page = open(&world.citizen(), &path).await;
        assert!(
            page.body.contains(&format!(
                "type=\"application/atom+xml\" title=\"{OFFICE}\" href=\"{path}/feed.xml\""
            ))
        );
    }
}
