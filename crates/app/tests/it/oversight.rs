//! What is shown of the organs' own work: in fives to everybody, exactly to those who may have the cases.

use crate::{
    desks::*,
    world::{World, worlds},
};
use daylight_app::{
    cases::{Conclusion, Deed, routing, store::Said},
    oversight::{Period, jobs::count},
};
use daylight_db::{scalar, values};

const TOLD: &str = "村主任把自己的堂弟塞进低保名单，公示只贴了两天";

/// Seven about 柳河村, which were answered: five satisfied, one silent so far, one that went up.
async fn county(world: &World) {
    settle(world).await;
    for at in 0..5 {
        ended(world, &told(LIUHE, TOLD, None), &format!("token{at}"), Conclusion::Partly).await;
    }
    let (_, _, id) = report(world, &told(LIUHE, TOLD, None), "token5").await;
    answer(world, ZHEN, id, Conclusion::Not).await;
    let (number, code, id) = report(world, &told(LIUHE, TOLD, None), "token6").await;
    answer(world, ZHEN, id, Conclusion::Not).await;
    say(world, &number, &code, Said::Dissatisfied("没有说清楚".into())).await;
    answer(world, XIAN, id, Conclusion::Partly).await;
}

async fn kept(world: &World, organ: i64, figure: &str) -> i64 {
    let sql = "SELECT COALESCE(SUM(n), 0) FROM oversight_counts WHERE organ_id = $1 AND figure = $2";
    let sql = sql.replace("SUM(n)", "CAST(SUM(n) AS BIGINT)");
    scalar(world.app.db.read(), &sql, values![organ, figure]).await.unwrap()
}

#[tokio::test]
async fn everybody_sees_figures_in_fives_with_what_they_count() {
    for world in worlds().await {
        county(&world).await;
        let early = world.citizen().get("/oversight").await.body;
        assert!(early.contains("正在第一次统计"));
        count(&world.app).await.unwrap();
        for (organ, figure, n) in [
            (0, "received", 7),
            (ZHEN, "received", 7),
            (XIAN, "received", 1),
            (ZHEN, "answered", 7),
            (0, "answered", 8),
            (ZHEN, "satisfied", 5),
            (ZHEN, "dissatisfied", 1),
            (ZHEN, "overturned", 1),
            (XIAN, "overturned", 0),
        ] {
            assert_eq!(kept(&world, organ, figure).await, n, "{organ} {figure}");
        }
        count(&world.app).await.unwrap();
        assert_eq!(kept(&world, 0, "received").await, 7, "counted twice is counted once");
        let page = world.citizen().get("/oversight?period=2026").await.body;
        let plain = page.replace("不到5", "");
        assert!(page.contains("5–9") && page.contains("不到5"), "{page}");
        for exact in [">7<", ">8<", ">1<"] {
            assert!(!plain.contains(exact), "{exact}");
        }
        assert!(page.contains("收到的少，不等于问题少") && page.contains("没有评价的不算解决"));
        let other = world.citizen().get("/oversight?period=2026-Q1").await.body;
        assert!(!other.contains("5–9</b>"), "nothing happened then");
        for file in ["figures.csv", "figures.xlsx"] {
            let answer = world.citizen().get(&format!("/oversight/{file}?period=2026")).await;
            assert_eq!(answer.status, 200, "{file}");
        }
        let csv = world.citizen().get("/oversight/figures.csv?period=2026").await.body;
        assert!(csv.contains("2026年,青石镇纪委,收到,5–9,"), "{csv}");
        assert_eq!(world.citizen().get("/oversight/other.csv").await.status, 404);
    }
}

#[tokio::test]
async fn a_board_counts_exactly_what_its_reader_may_have_and_a_conflict_moves_nothing() {
    for world in worlds().await {
        county(&world).await;
        let read = |who| {
            let world = &world;
            async move { browser(world, who).await.get("/office/boards?period=2026&by=organ").await.body }
        };
        let above = read(leader(XIAN)).await;
        assert!(above.contains("青石镇纪委") && above.contains("安澜县纪委"), "{above}");
        let below = read(leader(ZHEN)).await;
        assert!(below.contains("青石镇纪委") && !below.contains("安澜县纪委</a>"), "{below}");
        assert!(below.contains(">7<"), "{below}");
        let clerk = read(handler(ZHEN)).await;
        assert!(clerk.contains("没有可以统计的事项"), "a handler leads no organ");
        // Whoever is out of everything about 柳河村 counts nothing of it, before and after another case comes.
        let tx = world.app.db.write().await.unwrap();
        routing::store::recuse(&tx, leader(XIAN), routing::store::About::Unit(LIUHE), world.app.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let board = |page: String| page.split("<main").nth(1).unwrap_or_default().to_owned();
        let before = board(read(leader(XIAN)).await);
        assert!(before.contains("没有可以统计的事项"), "{before}");
        report(&world, &told(LIUHE, TOLD, None), "token7").await;
        assert_eq!(board(read(leader(XIAN)).await), before);
        let (_, _, id) = report(&world, &told(SHITAN, TOLD, None), "token8").await;
        act(&world, intake(ZHEN), id, Deed::Accept).await.unwrap();
        assert_ne!(board(read(leader(XIAN)).await), before);
        let chief = browser(&world, leader(ZHEN)).await;
        let unit = chief.get("/office/boards?by=unit").await.body;
        assert!(unit.contains("柳河村") && unit.contains("石滩村"));
        // From a figure to the cases behind it; a board of one unit alone.
        let year = Period::year_of(world.app.clock.now()).code();
        let drill = format!("/office/cases?panel=all&#38;unit={LIUHE}&#38;period={year}");
        assert!(unit.contains(&drill), "{unit}");
        // What the board was narrowed to stays, whatever it is grouped by.
        let kind = chief.get("/office/boards?by=kind&about=%E6%9F%B3%E6%B2%B3").await.body;
        assert!(kind.contains(&format!("&#38;period={year}&#38;about=%E6%9F%B3%E6%B2%B3")), "{kind}");
        let one = chief.get("/office/boards?by=unit&about=%E6%9F%B3%E6%B2%B3").await.body;
        assert!(one.contains("柳河村") && !one.contains("石滩村"), "{one}");
        let list = chief.get(&drill.replace("&#38;", "&")).await.body;
        assert!(list.contains("只看：柳河村") && !list.contains("石滩村</a>"), "{list}");
        let all = chief.get("/office/cases?panel=all").await.body;
        assert!(all.contains("石滩村</a>") && !all.contains("只看："), "{all}");
        let month = chief.get("/office/cases?panel=all&period=2020-01").await.body;
        assert!(month.contains("2020年1月有收到") && !month.contains("村</a>"), "{month}");
        let organ = chief.get(&format!("/office/cases?panel=all&organ={ZHEN}")).await.body;
        assert!(organ.contains("石滩村</a>"), "{organ}");
        let wide = "href=\"/office/cases?panel=all\"";
        assert!(organ.contains(wide) && organ.contains("看全部办理件"), "{organ}");
        let other = chief.get(&format!("/office/cases?panel=all&organ={XIAN}")).await.body;
        assert!(!other.contains("村</a>"), "{other}");
        let file = browser(&world, leader(ZHEN)).await.get("/office/boards/board.xlsx?by=kind").await;
        assert_eq!(file.status, 200);
        assert_eq!(file.headers["cache-control"], "no-store");
    }
}
