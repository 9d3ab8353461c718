//! What a citizen finds before choosing anything: the first page, the guides, the frame's switches.

use crate::world::{World, handover, worlds};
use daylight_app::{
    revisions::{Content, store::Press},
    units::{Category, Unit},
};
use daylight_db::{exec, scalar, values};

async fn filled() -> Vec<World> {
    let worlds = worlds().await;
    for world in &worlds {
        world.import(&[handover()]).await;
    }
    worlds
}

/// Publishes a unit as an import does.
pub async fn publish_unit(world: &World, unit: Unit) -> i64 {
    let tx = world.app.db.write().await.unwrap();
    let mut press = Press::new(&tx, world.app.clock.now());
    let id = press.publish_imported(None, &Content::Unit(unit), &[], None, None).await.unwrap();
    press.finish().await.unwrap();
    tx.commit().await.unwrap();
    world.app.cache.purge();
    id
}

#[tokio::test]
async fn the_first_page_leads_everywhere_and_says_how_much_there_is() {
    for world in filled().await {
        let page = world.citizen().get("/").await;
        assert_eq!(page.status, 200);
        for path in
            ["/units", "/powers", "/cadres", "/divisions", "/search", "/help", "/statistics", "/feed.xml"]
        {
            assert!(page.body.contains(&format!("href=\"{path}\"")), "{path}");
        }
        for category in Category::ALL {
            assert!(page.body.contains(&format!("/units?category={}", category.code())), "{category:?}");
        }
        // The hand-over: 60 units, 360 powers of which 40 are kept back, 216 people.
        for figure in ["<b>60</b>", "<b>320</b>", "<b>216</b>", "另有 40 项"] {
            assert!(page.body.contains(figure), "{figure}");
        }
        assert!(page.body.contains("青石镇") && page.body.contains("class=\"tile "), "the map");
        assert!(page.body.find("id=\"search-q\"") < page.body.find("监督直通车"), "search comes first");
    }
}

#[tokio::test]
async fn the_way_to_rate_is_open_from_the_first_page_on() {
    let world = filled().await.remove(0);
    let page = world.citizen().get("/").await.body;
    let at = page.find("我要评价").expect("the entrance is named");
    let item = &page[page[..at].rfind("<li>").unwrap()..at + page[at..].find("</li>").unwrap()];
    assert!(item.contains("href=\"/ratings\"") && !item.contains("建设中"), "{item}");
    assert!(world.citizen().get("/ratings").await.body.contains("还没有评价轮次"));
}

#[tokio::test]
async fn an_empty_registry_has_a_first_page_too() {
    for world in worlds().await {
        let page = world.citizen().get("/").await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("还没有公开的内容"));
        assert_eq!(world.citizen().get("/divisions").await.status, 200);
    }
}

#[tokio::test]
async fn what_is_new_is_shown_with_its_date_and_what_is_kept_back_never() {
    for world in filled().await {
        let c = world.app.db.read();
        let sql = "SELECT name FROM powers WHERE disclosed = $1 ORDER BY id DESC LIMIT 1";
        let hidden: String = scalar(c, sql, values![false]).await.unwrap();
        // Kept back as the very last publication: it would head the list.
        let sql = "UPDATE revisions SET published_at = published_at + 1000 WHERE kind = 'power' AND subject_id IN \
                   (SELECT id FROM powers WHERE disclosed = $1)";
        exec(world.app.db.writer(), sql, values![false]).await.unwrap();
        let page = world.citizen().get("/").await.body;
        let feed = world.citizen().get("/feed.xml").await;
        assert_eq!(feed.headers["content-type"], "application/atom+xml; charset=utf-8");
        assert!(page.contains("2026年11月22日 首次公开"), "{page}");
        assert_eq!(feed.body.matches("<entry>").count(), 50);
        let sql = "SELECT COUNT(*) FROM powers WHERE name = $1 AND disclosed = $2";
        let namesakes: i64 = scalar(c, sql, values![hidden.as_str(), true]).await.unwrap();
        let sql = "SELECT id FROM powers WHERE name = $1 AND disclosed = $2";
        let id: i64 = scalar(c, sql, values![hidden.as_str(), false]).await.unwrap();
        for text in [&page, &feed.body] {
            assert!(!text.contains(&format!("/powers/{id}\"")), "{hidden}");
            assert!(namesakes > 0 || !text.contains(&hidden), "{hidden}");
        }
    }
}

#[tokio::test]
async fn a_hostile_name_is_shown_as_it_is_written() {
    for world in worlds().await {
        let unit = Unit {
            name: "<script>alert(1)</script>&\"'".into(),
            category: Some(Category::School),
            ..Unit::default()
        };
        publish_unit(&world, unit).await;
        for path in ["/", "/feed.xml", "/search?q=script", "/search?q=alert(1)"] {
            let page = world.citizen().get(path).await;
            assert_eq!(page.status, 200, "{path}");
            assert!(!page.body.contains("<script>alert"), "{path}");
            assert!(page.body.contains("&lt;") || page.body.contains("&#60;"), "{path}: it is shown");
        }
    }
}

#[tokio::test]
async fn the_guides_can_be_read_in_both_modes() {
    let world = filled().await.remove(0);
    for path in ["/help", "/about", "/accessibility", "/data", "/api", "/statistics", "/search", "/divisions"]
    {
        let page = world.citizen().get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains("data-elder"), "{path}");
        let page = world.citizen().elder().get(path).await;
        assert!(page.body.contains("data-elder"), "{path}");
    }
    let data = world.citizen().get("/data").await.body;
    for name in ["units", "powers", "steps", "bases", "cadres", "divisions"] {
        for file in [format!("/data/{name}.csv"), format!("/data/{name}.json")] {
            assert!(data.contains(&file), "{file}");
            assert_eq!(world.citizen().get(&file).await.status, 200, "{file}");
        }
    }
    let api = world.citizen().get("/api").await.body;
    for path in ["/api/v1/openapi.json", "/api/v1/statistics"] {
        assert!(api.contains(path), "{path}");
        assert_eq!(world.citizen().get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_elder_mode_stays_on_until_it_is_switched_off() {
    let world = worlds().await.remove(0);
    let on = world.citizen().post("/elder", &[("on", "1"), ("back", "/search?q=%E4%BD%8E%E4%BF%9D")]).await;
    assert_eq!((on.status.as_u16(), on.location()), (303, "/search?q=%E4%BD%8E%E4%BF%9D"));
    assert_eq!(on.headers["set-cookie"], "elder=1; Path=/; Max-Age=31536000; SameSite=Lax");
    assert_eq!(on.headers["cache-control"], "no-store");
    let cookie = on.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let elder = world.citizen().with_cookie(&cookie);
    for path in ["/", "/help", "/nowhere"] {
        let page = elder.get(path).await.body;
        assert!(page.contains("data-elder") && page.contains("返回标准版"), "{path}");
    }
    let off = elder.post("/elder", &[("on", "0"), ("back", "/")]).await;
    assert!(off.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert!(!world.citizen().get("/").await.body.contains("data-elder"), "nobody else is switched");
}

#[tokio::test]
async fn the_elder_switch_leads_to_no_other_site() {
    let world = worlds().await.remove(0);
    for back in
        ["http://evil.cn", "//evil.cn", "/\\evil.cn", "/\t/evil.cn", "javascript:alert(1)", "", "/\r\nx: y"]
    {
        let answer = world.citizen().post("/elder", &[("on", "1"), ("back", back)]).await;
        assert_eq!(answer.location(), "/", "{back:?}");
    }
    assert_eq!(world.citizen().post("/elder", &[]).await.location(), "/");
}

#[tokio::test]
async fn assets_with_a_hash_are_kept_for_a_year_and_others_are_not() {
    let world = worlds().await.remove(0);
    for href in
        [daylight_ui::assets::css_href(), daylight_ui::assets::js_href(), daylight_ui::assets::icon_href()]
    {
        let answer = world.citizen().get(href).await;
        assert_eq!(answer.status, 200, "{href}");
        assert_eq!(answer.headers["cache-control"], "public, max-age=31536000, immutable", "{href}");
        assert!(answer.headers.contains_key("etag"), "{href}");
    }
    let plain = world.citizen().get("/assets/app.css").await;
    assert_eq!(plain.headers["cache-control"], "public, max-age=3600");
    assert_eq!(world.citizen().get("/assets/nothing.css").await.status, 404);
    assert_eq!(world.citizen().get("/assets/..%2Fsecret").await.status, 404);
    let icon = world.citizen().get("/favicon.ico").await;
    assert_eq!(icon.headers["content-type"], "image/svg+xml");
}

#[tokio::test]
async fn the_site_map_holds_every_public_page_once_and_nothing_that_is_kept_back() {
    for world in filled().await {
        let robots = world.citizen().get("/robots.txt").await.body;
        assert!(
            robots.contains("Sitemap: http://127.0.0.1/sitemap.xml") && robots.contains("Disallow: /office")
        );
        let map = world.citizen().get("/sitemap.xml").await.body;
        let count = |part: &str| map.matches(&format!("<loc>http://127.0.0.1/{part}/")).count();
        let divisions: i64 =
            scalar(world.app.db.read(), "SELECT COUNT(*) FROM divisions", values![]).await.unwrap();
        let found = (count("units"), count("powers"), count("cadres"), count("divisions"));
        assert_eq!(found, (60, 320, 216, usize::try_from(divisions).unwrap()));
        assert!(!map.contains("/office"));
        let part = world.citizen().get("/sitemap/1.xml").await;
        assert_eq!(part.body, map, "one part is the whole");
        for nowhere in [
            "/sitemap/2.xml",
            "/sitemap/0.xml",
            "/sitemap/-1.xml",
            "/sitemap/x",
            "/sitemap/99999999999999.xml",
        ] {
            assert_eq!(world.citizen().get(nowhere).await.status, 404, "{nowhere}");
        }
    }
}

/// Every link on the frame's pages leads somewhere: no dead ends for a citizen.
#[tokio::test]
async fn no_link_of_the_frame_is_dead() {
    let world = filled().await.remove(0);
    let citizen = world.citizen();
    let mut links = std::collections::BTreeSet::new();
    for path in
        ["/", "/help", "/about", "/accessibility", "/data", "/api", "/statistics", "/search", "/divisions"]
    {
        let page = citizen.get(path).await.body;
        let hrefs = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let local = hrefs.filter(|href| href.starts_with('/'));
        links.extend(
            local.map(|href| href.split('#').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")),
        );
    }
    assert!(links.len() > 60, "{}", links.len());
    for link in links {
        // A file of another kind than HTML is no page; it must be there all the same.
        assert_eq!(citizen.get(&link).await.status, 200, "{link}");
    }
}

/// On a phone a cell is a grid of label and value: a second part would fall under the label.
#[tokio::test]
async fn each_cell_of_the_downloads_is_one_box() {
    let world = worlds().await.remove(0);
    let page = world.citizen().get("/data").await.body;
    let cells: Vec<_> = page.split("data-label=\"内容\">").skip(1).collect();
    assert!(!cells.is_empty(), "{page}");
    for cell in cells {
        assert!(cell.starts_with("<div>"), "{cell}");
    }
}
