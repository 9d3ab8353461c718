//! What is shown of the organs' own work: in fives to everybody, exactly to those who may have the cases.

use crate::{
    desks::*,
    world::{World, worlds},
};
use daylight_app::{
    cases::{Conclusion, Deed, routing, store::Said},
    oversight::{Period, jobs::count},
    reports::{Draft, Object},
};
use daylight_db::{exec, scalar, values};

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
            (0, "unpublished", 5),
            (ZHEN, "unpublished", 5),
            (XIAN, "unpublished", 0),
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

/// What a row of a table holds, by the text of its first cell.
fn row<'a>(page: &'a str, name: &str) -> &'a str {
    let at = page.find(&format!(">{name}</a>")).unwrap_or_else(|| panic!("no row {name}: {page}"));
    page[at..].split("</tr>").next().unwrap_or_default()
}

/// The township and a village of it as divisions, a power of the village, and what was published of a case.
async fn registry(world: &World, case_id: i64) {
    let tx = world.app.db.write().await.unwrap();
    for (id, code, name, level, parent, path) in [
        (71, "990102000000", "青石镇", "township", None, "/71/"),
        (72, "990102003000", "柳河村", "village", Some(71), "/71/72/"),
    ] {
        let sql = "INSERT INTO divisions (id, code, name, level, parent_id, path, inferred, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, 0)";
        exec(&*tx, sql, values![id, code, name, level, parent, path, false]).await.unwrap();
    }
    exec(&*tx, "UPDATE units SET division_id = 71 WHERE id = $1", values![TOWNSHIP]).await.unwrap();
    let sql = "INSERT INTO powers (id, unit_id, name, disclosed, step_count, risk_count, flags, updated_at) \
               VALUES (5, $1, '低保初审', $2, 2, 0, '[]', 0)";
    exec(&*tx, sql, values![LIUHE, true]).await.unwrap();
    exec(&*tx, "INSERT INTO bases (id, title) VALUES (11, '社会救助暂行办法')", values![]).await.unwrap();
    let sql = "INSERT INTO outcomes (id, case_id, kind, grain, place, unit_id, conclusion, measures, recovered, returned, \
               summary, second_stage, published_at, ends_at) VALUES (1000000007, $1, 'complaint', 'unit', '柳河村', $2, \
               'partly', '[]', 0, 0, '已责令改正', $3, 0, 9000000000000)";
    exec(&*tx, sql, values![case_id, LIUHE, false]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn whatever_a_report_is_about_counts_with_its_unit_and_its_township() {
    for world in worlds().await {
        settle(&world).await;
        let (_, _, first) = report(&world, &told(LIUHE, TOLD, None), "unit").await;
        registry(&world, first).await;
        for (token, object) in [
            ("power", Object::Power(5)),
            ("step", Object::Step(5, 1)),
            ("cadre", Object::Cadre(301)),
            ("place", Object::Place(72)),
            ("publication", Object::Publication(1_000_000_007)),
            ("basis", Object::Basis(11)),
            ("unknown", Object::Unknown),
        ] {
            let draft = Draft { object: Some(object), ..told(LIUHE, TOLD, None) };
            report(&world, &draft, token).await;
        }
        // Who answered has nothing to do with what is said about the answer.
        let held: i64 = scalar(
            world.app.db.read(),
            "SELECT c.organ_id FROM cases c JOIN reports r ON r.id = c.id WHERE r.object_kind = 'publication'",
            values![],
        )
        .await
        .unwrap();
        assert_eq!(held, XIAN);
        let chief = browser(&world, leader(XIAN)).await;
        let place = chief.get("/office/boards?by=place").await.body;
        assert!(row(&place, "青石镇").contains(">6<"), "{place}");
        assert!(row(&place, "没有写明").contains(">2<"), "{place}");
        let unit = chief.get("/office/boards?by=unit").await.body;
        assert!(row(&unit, "柳河村").contains(">5<") && row(&unit, "没有写明").contains(">3<"), "{unit}");
        // Each row leads to as many cases as it counts, as far as this reader has them.
        let all: i64 = 8;
        let listed = |page: &str| page.matches("办理件第").count() as i64;
        let (mut named, mut none) = (0, 0);
        for account in [leader(XIAN), leader(ZHEN)] {
            let who = browser(&world, account).await;
            named += listed(&who.get(&format!("/office/cases?panel=all&place={TOWNSHIP}")).await.body);
            none += listed(&who.get("/office/cases?panel=all&place=none").await.body);
            let strange = who.get("/office/cases?panel=all&place=d999&unit=x").await;
            assert_eq!((strange.status.as_u16(), listed(&strange.body)), (200, 0));
        }
        assert_eq!((named, none), (6, all - 6));
        // By name, a village that was only named as a place is found as well.
        let about = chief.get("/office/boards?by=place&about=%E6%9F%B3%E6%B2%B3").await.body;
        assert!(row(&about, "青石镇").contains(">6<") && !about.contains("没有写明"), "{about}");
    }
}

#[tokio::test]
async fn money_is_told_exactly_to_staff_and_to_everybody_only_of_five_cases_together() {
    for world in worlds().await {
        settle(&world).await;
        let mut ids = Vec::new();
        for at in 0..5 {
            ids.push(
                ended(&world, &told(LIUHE, TOLD, None), &format!("token{at}"), Conclusion::Partly).await,
            );
        }
        let pay = |id| act(&world, handler(ZHEN), id, Deed::Money { recovered: 123_450, returned: 100 });
        for id in &ids[..4] {
            pay(*id).await.unwrap();
        }
        count(&world.app).await.unwrap();
        let board = browser(&world, leader(ZHEN)).await.get("/office/boards?by=kind").await.body;
        assert!(board.contains("4,938.00元") && board.contains("4.00元"), "{board}");
        let money = |page: &str| {
            page.split("id=\"money\"").nth(1).unwrap().split("</section>").next().unwrap().to_owned()
        };
        let early = world.citizen().get("/oversight").await.body;
        assert!(money(&early).contains("不满5件") && !money(&early).contains('元'), "{early}");
        pay(ids[4]).await.unwrap();
        count(&world.app).await.unwrap();
        let page = world.citizen().get("/oversight").await.body;
        assert_eq!(money(&page).matches("6,172.50元").count(), 2, "county and organ: {}", money(&page));
        assert!(money(&page).contains("不满5件"), "the other organ");
        let csv = world.citizen().get("/oversight/figures.csv?period=2026").await.body;
        assert!(csv.contains("2026年,青石镇纪委,追缴（元）,6172.50,"), "{csv}");
        assert!(csv.contains("2026年,安澜县纪委,追缴（元）,不满5件,"), "{csv}");
        let other = world.citizen().get("/oversight?period=2025").await.body;
        assert!(!other.contains("6,172"), "it was this year");
        let file = browser(&world, leader(ZHEN)).await.get("/office/boards/board.xlsx").await;
        assert_eq!(file.status, 200);
    }
}

#[tokio::test]
async fn the_organs_own_figures_are_one_tap_away_from_where_people_look() {
    for world in worlds().await {
        settle(&world).await;
        for path in ["/", "/statistics", "/organs", "/outcomes", "/help"] {
            let page = world.citizen().get(path).await.body;
            let main = page.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
            assert!(path == "/help" || main.contains("href=\"/oversight\""), "{path}");
            let foot = page.split("<footer").last().unwrap();
            assert!(foot.contains("href=\"/oversight\""), "{path}");
        }
        let (number, code, _) = report(&world, &told(LIUHE, TOLD, None), "token").await;
        let (number, code) = (number.grouped(), code.grouped());
        let status =
            world.citizen().post("/reports/status", &[("number", &number), ("code", &code)]).await.body;
        assert!(status.contains("这些机关办得怎么样") && status.contains("href=\"/oversight\""), "{status}");
    }
}
