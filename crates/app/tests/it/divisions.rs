//! From the county down to the village, and from what was to what is.

use crate::world::{World, handover, worlds};
use daylight_app::divisions::{Division, store};
use daylight_db::scalar;
use std::path::PathBuf;

/// Writes division lists and takes them over.
async fn list(world: &World, text: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("区划.csv"), text).unwrap();
    let report = world.import(&[PathBuf::from(folder.path())]).await;
    assert!(report.applied, "{:?}", report.files);
    world.app.cache.purge();
}

async fn named(world: &World, name: &str) -> Division {
    let sql = "SELECT id FROM divisions WHERE name = $1 ORDER BY id LIMIT 1";
    let id: i64 = scalar(world.app.db.read(), sql, daylight_db::values![name]).await.unwrap();
    store::get(world.app.db.read(), id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_villager_comes_from_the_county_to_the_village_by_tapping() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let county = world.citizen().get("/divisions").await;
        assert!(county.body.contains("<h1>安澜县</h1>"));
        let town = named(&world, "青石镇").await;
        let href = format!("/divisions/{}", town.id);
        assert!(county.body.contains(&format!("href=\"{href}\"")));
        let town_page = world.citizen().get(&href).await;
        assert!(town_page.body.contains("<h1>青石镇</h1>") && town_page.body.contains("返回安澜县"));
        assert!(town_page.body.contains("青石镇人民政府"), "the units that sit here");
        let villages = store::below(world.app.db.read(), Some(town.id)).await.unwrap();
        assert!(!villages.is_empty());
        for village in villages {
            let href = format!("/divisions/{}", village.id);
            assert!(town_page.body.contains(&format!("href=\"{href}\"")), "{}", village.name);
            let page = world.citizen().get(&href).await.body;
            assert!(page.contains(&format!("<h1>{}</h1>", village.name)));
            assert!(page.contains("href=\"/units/"), "{}: its committee", village.name);
        }
    }
}

#[tokio::test]
async fn figures_of_a_division_are_those_of_all_below_it() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let county = world.citizen().get("/divisions").await.body;
        assert!(county.contains("<b>60</b>") && county.contains("<b>320</b>"), "units and public powers");
        let (top, children) = store::top(world.app.db.read()).await.unwrap();
        let with_units = store::with_units(world.app.db.read(), children.clone()).await.unwrap();
        assert_eq!(
            with_units.iter().map(|(division, _)| division.id).collect::<Vec<_>>(),
            children.iter().map(|division| division.id).collect::<Vec<_>>()
        );
        for (division, units) in &with_units {
            let figures = store::figures(world.app.db.read(), &division.path).await.unwrap();
            assert_eq!(*units, figures.units, "{}", division.name);
            assert!(*units > 0);
        }
        let here = store::seats(world.app.db.read(), top.unwrap().id).await.unwrap().len();
        let below: i64 = with_units.iter().map(|(_, units)| units).sum();
        assert_eq!(i64::try_from(here).unwrap() + below, 60);
    }
}

#[tokio::test]
async fn an_inferred_division_says_so_until_an_official_list_names_it() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let town = named(&world, "青石镇").await;
        let href = format!("/divisions/{}", town.id);
        assert!(world.citizen().get(&href).await.body.contains("推定"));
        list(&world, &format!("区划代码,区划名称,级别\n{},青石镇,乡级\n", town.code)).await;
        assert!(!world.citizen().get(&href).await.body.contains("推定"));
    }
}

#[tokio::test]
async fn a_past_division_leads_to_what_took_its_place() {
    for world in worlds().await {
        let text = "code,name,level,valid_from,valid_to,successor\n\
                    999901000000,安澜县,county,,,\n\
                    999901101000,新河镇,township,2026-03-01,,\n\
                    999901102000,旧河乡,township,2001-01-01,2026-03-01,999901101000\n";
        list(&world, text).await;
        let (past, next) = (named(&world, "旧河乡").await, named(&world, "新河镇").await);
        let page = world.citizen().get(&format!("/divisions/{}", past.id)).await.body;
        assert!(page.contains("自2026年3月1日起不再使用") && page.contains("已撤销"), "{page}");
        assert!(page.contains(&format!("<a href=\"/divisions/{}\">新河镇</a>", next.id)), "{page}");
        assert!(!world.citizen().get("/divisions").await.body.contains("旧河乡"), "the map shows what is");
    }
}

#[tokio::test]
async fn several_roots_are_listed_and_a_single_line_leads_to_its_county() {
    for world in worlds().await {
        let one = "code,name,level\n990000000000,丙省,province\n999900000000,丁市,prefecture\n\
                   999901000000,安澜县,county\n999901101000,青石镇,township\n";
        list(&world, one).await;
        assert!(world.citizen().get("/divisions").await.body.contains("<h1>安澜县</h1>"));
        let name = async || world.citizen().get("/help").await.body.contains("安澜县阳光监督");
        assert!(name().await, "the only county names the site");
        list(&world, "code,name,level\n999902000000,临澄县,county\n").await;
        let page = world.citizen().get("/divisions").await.body;
        assert!(
            page.contains("丁市阳光监督") && page.contains("<h1>丁市</h1>"),
            "two counties: what is above them"
        );
        list(&world, "code,name,level\n980000000000,戊省,province\n").await;
        let roots = world.citizen().get("/divisions").await.body;
        assert!(roots.contains("<h1>行政区划</h1>") && roots.contains("丙省") && roots.contains("戊省"));
    }
}

#[tokio::test]
async fn a_division_that_is_not_there_is_not_found() {
    let world = worlds().await.remove(0);
    for path in
        ["/divisions/1", "/divisions/x", "/divisions/-1", "/divisions/99999999999999999999", "/divisions/%00"]
    {
        assert_eq!(world.citizen().get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_list_sent_again_adds_no_past_twice_and_keeps_every_successor() {
    for world in worlds().await {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/divisions/past.csv");
        for time in 1..=2 {
            world.import(std::slice::from_ref(&file)).await;
            let sql = "SELECT COUNT(*) FROM divisions";
            let count: i64 = scalar(world.app.db.read(), sql, daylight_db::values![]).await.unwrap();
            assert_eq!(count, 5, "import {time}");
        }
        world.app.cache.purge();
        let (town, old, commune) =
            (named(&world, "新河镇").await, named(&world, "旧河乡").await, named(&world, "老河公社").await);
        assert_eq!(old.successor_id, Some(town.id));
        assert_eq!(commune.successor_id, Some(old.id), "one past place leads to the next");
        assert_eq!(named(&world, "河湾乡").await.successor_id, None, "of another county nothing is known");
        let page = world.citizen().get(&format!("/divisions/{}", commune.id)).await.body;
        assert!(page.contains(&format!("<a href=\"/divisions/{}\">旧河乡</a>", old.id)), "{page}");
    }
}
