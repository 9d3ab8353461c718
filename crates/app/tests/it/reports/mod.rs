//! The citizen's side of a report, through the front door, without JavaScript: told as stories of villagers.

mod form;
mod status;

use crate::world::{Answer, Browser, World, worlds};
use axum::http::header;
use daylight_app::{
    accounts,
    authz::Role,
    cadres::{Appointment, Cadre},
    cases::routing,
    organs,
    powers::{Disclosure, Power, Step},
    revisions::{Content, store::Press},
    units::{Category, Unit},
};
use daylight_db::{Tx, scalar, values};

pub const VILLAGE: &str = "柳河村民委员会";
pub const WHAT: &str = "村主任把自己的堂弟塞进低保名单，公示只贴了两天";

/// A county whose discipline organ has the three people that a case takes.
pub async fn counties() -> Vec<World> {
    let worlds = worlds().await;
    for world in &worlds {
        let tx = world.app.db.write().await.unwrap();
        fill(&tx, world.app.clock.now()).await;
        tx.commit().await.unwrap();
        world.app.cache.purge();
    }
    worlds
}

async fn fill(tx: &Tx, now: i64) {
    let mut press = Press::new(tx, now);
    let unit = |name: &str, category, parent: Option<&str>| {
        let parent = parent.map(str::to_owned);
        Content::Unit(Unit { name: name.into(), category: Some(category), parent, ..Unit::default() })
    };
    let mut units = Vec::new();
    for content in [
        unit("青石镇人民政府", Category::Township, None),
        unit(VILLAGE, Category::Village, Some("青石镇人民政府")),
        unit("安澜县纪委监委", Category::Department, None),
    ] {
        units.push(press.publish_imported(None, &content, &[], None, None).await.unwrap());
    }
    let step = |number, name: &str| Step { number, name: name.into(), ..Step::default() };
    let power = Power {
        unit: VILLAGE.into(),
        name: "低保初审".into(),
        disclosure: Some(Disclosure::Public),
        steps: vec![step(1, "申请"), step(2, "民主评议")],
        ..Power::default()
    };
    press.publish_imported(None, &Content::Power(Box::new(power)), &[], None, None).await.unwrap();
    let cadre = |name: &str, unit: &str, post: &str| {
        let held = Appointment { unit: unit.into(), post: post.into(), ..Appointment::default() };
        Content::Cadre(Cadre { name: name.into(), appointments: vec![held], ..Cadre::default() })
    };
    press.publish_imported(None, &cadre("王大有", VILLAGE, "主任"), &[], None, None).await.unwrap();
    let mut staff = Vec::new();
    for name in ["叶静书", "戴文博", "程光明"] {
        let content = cadre(name, "安澜县纪委监委", "干部");
        staff.push(press.publish_imported(None, &content, &[], None, None).await.unwrap());
    }
    press.finish().await.unwrap();
    let content = organs::store::Content {
        name: "安澜县纪委",
        kind: organs::Kind::County,
        parent: None,
        unit_id: Some(units[2]),
        phone: Some("0999-5550001"),
    };
    let organ = organs::store::write(tx, None, &content, now).await.unwrap();
    organs::store::watch(tx, organ, units[0], true).await.unwrap();
    for (role, cadre) in [Role::Intake, Role::Handler, Role::Leader].into_iter().zip(staff) {
        let id = accounts::store::create(tx, role.code(), role.code(), now).await.unwrap();
        accounts::store::grant(tx, id, role, None, Some(organ), None, now).await.unwrap();
        routing::store::tie(tx, id, Some(cadre)).await.unwrap();
    }
}

/// The id of a thing with a name.
pub async fn id(world: &World, table: &str, name: &str) -> i64 {
    let sql = format!("SELECT id FROM {table} WHERE name = $1");
    scalar(world.app.db.read(), &sql, values![name]).await.unwrap()
}

/// How many there are.
pub async fn count(world: &World, table: &str) -> i64 {
    scalar(world.app.db.read(), &format!("SELECT COUNT(*) FROM {table}"), values![]).await.unwrap()
}

/// A browser with the cookie that an answer set.
pub fn with(world: &World, answer: &Answer) -> Browser {
    world.citizen().with_cookie(&cookie(answer))
}

/// The cookie that an answer set: name and value.
pub fn cookie(answer: &Answer) -> String {
    let line = answer.headers.get(header::SET_COOKIE).expect("a cookie").to_str().unwrap();
    line.split(';').next().unwrap().to_owned()
}

/// A villager who has filled in everything, before the answers are checked.
pub async fn filled(world: &World) -> Browser {
    let begun = world.citizen().post("/reports/new", &[("kind", "complaint")]).await;
    assert_eq!((begun.status.as_u16(), begun.location()), (303, "/reports/new/object"), "{}", begun.body);
    let villager = with(world, &begun);
    let unit = format!("unit-{}", id(world, "units", VILLAGE).await);
    for (page, form, next) in [
        ("object", vec![("object", unit.as_str())], "facts"),
        ("facts", vec![("what", WHAT), ("when", "去年冬天"), ("amount", "1.2万")], "points"),
        ("points", vec![("point-1", "低保名单是谁定的"), ("point-2", "为什么只公示两天")], "evidence"),
        ("evidence", vec![], "identity"),
        ("identity", vec![("level", "anonymous")], "check"),
    ] {
        let answer = villager.post(&format!("/reports/new/{page}"), &form).await;
        assert_eq!(answer.status, 303, "{page}: {}", answer.body);
        assert_eq!(answer.location(), format!("/reports/new/{next}"));
    }
    villager
}

/// Number and query code from the page that shows them.
pub fn receipt(page: &str) -> (String, String) {
    let mut kept = page.split("<strong translate=\"no\">").skip(1);
    let mut next = || kept.next().and_then(|rest| rest.split('<').next()).expect("it is shown").to_owned();
    (next(), next())
}

/// A submitted report.
pub async fn submitted(world: &World) -> (Browser, String, String) {
    let villager = filled(world).await;
    let sent = villager.post("/reports/new/check", &[]).await;
    assert_eq!((sent.status.as_u16(), sent.location()), (303, "/reports/new/done"), "{}", sent.body);
    let done = villager.get("/reports/new/done").await;
    assert_eq!(done.status, 200);
    let (number, code) = receipt(&done.body);
    (villager, number, code)
}
