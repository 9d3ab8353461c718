//! Lists of units, powers, bases, cadres.

use super::{between, open, unit_path};
use crate::world::{handover, worlds};

#[tokio::test]
async fn units_are_listed_by_category_and_page_by_page() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let citizen = world.citizen();
        let first = open(&citizen, "/units").await;
        assert!(first.body.contains("共 60 个单位") && first.body.contains("rel=\"next\""));
        assert_eq!(between(&first.body, "<tbody", "</tbody>").matches("<tr").count(), 30);
        let chips = between(&first.body, "class=\"chips\"", "</nav>");
        assert_eq!(chips.matches("<a ").count(), 9, "all and eight categories");
        let second = open(&citizen, "/units?page=2").await;
        assert!(!second.body.contains("安澜县委办公室") && second.body.contains("rel=\"prev\""));
        let villages = open(&citizen, "/units?category=village").await;
        let rows = between(&villages.body, "<tbody", "</tbody>");
        assert!(rows.contains("村民委员会") && !rows.contains("安澜县教育局"));
        for odd in ["/units?page=0", "/units?page=x&page=y", "/units?category=none", "/units?%ff=%fe"] {
            open(&citizen, odd).await;
        }
        for gone in ["/units?division=99999", "/units?parent=99999"] {
            assert_eq!(citizen.get(gone).await.status, 404, "{gone}");
        }
    }
}

#[tokio::test]
async fn a_division_lists_its_own_units_with_their_counts() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let sql = "SELECT id FROM divisions WHERE name = $1";
        let id: i64 =
            daylight_db::scalar(world.app.db.read(), sql, daylight_db::values!["青石镇"]).await.unwrap();
        let page = open(&world.citizen(), &format!("/units?division={id}")).await;
        assert!(page.body.contains("<h1>青石镇的单位</h1>"));
        let rows = between(&page.body, "<tbody", "</tbody>");
        assert!(rows.contains("青石镇人民政府") && rows.contains("青石镇前进村村民委员会"));
        assert!(!rows.contains("柳溪镇"));
        assert!(
            page.body.contains(&format!("href=\"/units?division={id}&#38;category=village\"")),
            "{}",
            page.body
        );
    }
}

#[tokio::test]
async fn what_is_no_id_is_a_page_that_does_not_exist() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let citizen = world.citizen();
        for id in ["0", "-1", "+1", "01", "x", "99999", "99999999999999999999", "1%20"] {
            for kind in ["units", "powers", "cadres", "bases"] {
                let answer = citizen.get(&format!("/{kind}/{id}")).await;
                assert_eq!(answer.status, 404, "/{kind}/{id}");
                assert!(answer.body.contains("没有找到这一页"));
            }
        }
    }
}

#[tokio::test]
async fn powers_are_listed_by_kind_stage_and_unit_without_the_withheld() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let citizen = world.citizen();
        let all = open(&citizen, "/powers").await;
        assert!(
            all.body.contains("共 320 项权力") && all.body.contains("另有40项按规定不公开"),
            "{}",
            all.body
        );
        let decisions = open(&citizen, "/powers?kind=external&stage=decision").await;
        let rows = between(&decisions.body, "<tbody", "</tbody>");
        assert!(rows.contains("外部职责 · 决定") && !rows.contains("初审") && !rows.contains("内部管理"));
        let unit = unit_path(&world, "安澜县民政局").await.replace("/units/", "");
        let own = open(&citizen, &format!("/powers?unit={unit}")).await;
        assert!(own.body.contains("共 5 项权力") && own.body.contains("另有1项按规定不公开"));
        assert!(!own.body.contains("集体资产资源发包"));
        let none = open(&citizen, &format!("/powers?unit={unit}&kind=middle_post")).await;
        assert!(none.body.contains("没有这样的权力事项"), "an empty list says so");
    }
}

#[tokio::test]
async fn bases_lead_to_the_powers_that_rest_on_them() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let citizen = world.citizen();
        let list = open(&citizen, "/bases").await;
        assert!(list.body.contains("《社会救助暂行办法》"));
        let href =
            between(&list.body, "href=\"/bases/", ">").trim_start_matches("href=\"").trim_end_matches('"');
        let page = open(&citizen, href).await;
        assert!(page.body.contains("依据它的权力事项") && page.body.contains("href=\"/powers/"));
        // Whoever has something to say about it begins with it filled in, as a suggestion.
        let id = href.trim_start_matches("/bases/");
        assert!(
            page.body.contains(&format!("href=\"/reports/new?basis={id}&#38;kind=suggestion\"")),
            "{}",
            page.body
        );
        let start = open(&citizen, &format!("/reports/new?basis={id}&kind=suggestion")).await.body;
        assert!(start.contains(&format!("value=\"basis-{id}\"")) && start.contains("反映对象"), "{start}");
        let chosen = start.split("value=\"suggestion\"").nth(1).unwrap_or_default();
        assert!(
            chosen.starts_with(" checked") || chosen.split('>').next().unwrap().contains("checked"),
            "{start}"
        );
        let other = open(&citizen, "/reports/new?basis=999999").await.body;
        assert!(!other.contains("反映对象"), "{other}");
    }
}

#[tokio::test]
async fn cadres_in_office_are_listed() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let page = open(&world.citizen(), "/cadres").await;
        assert!(page.body.contains("孙波") && page.body.contains("负责主任岗位工作"));
        assert!(page.body.contains("action=\"/search\"") && page.body.contains("rel=\"next\""));
    }
}
