//! A small county with organs at work: 县纪委 and 青石镇纪委 with four people each, two villages, three administrators.

use crate::world::{NOW, World, worlds};
use daylight_app::{
    accounts,
    authz::Role,
    cases::{
        Deed,
        routing::store as routing,
        store::{self as cases, Doing, Words},
    },
    organs,
    reports::{self, Draft, Facts, Kind, Object},
};
use daylight_db::{Tx, exec, values};

pub const XIAN: i64 = 1;
pub const ZHEN: i64 = 2;
pub const TOWNSHIP: i64 = 2;
pub const LIUHE: i64 = 3;
/// 柳河村's head, who is managed by the county.
pub const HEAD: i64 = 301;
pub const SYSTEM: i64 = 91;
pub const SECURITY: i64 = 92;

pub fn intake(organ: i64) -> i64 {
    organ * 10
}
pub fn handler(organ: i64) -> i64 {
    organ * 10 + 1
}
pub fn leader(organ: i64) -> i64 {
    organ * 10 + 2
}

/// The county on each engine.
pub async fn counties() -> Vec<World> {
    let worlds = worlds().await;
    for world in &worlds {
        let tx = world.app.db.write().await.unwrap();
        fill(&tx).await;
        tx.commit().await.unwrap();
    }
    worlds
}

async fn fill(tx: &Tx) {
    let units = [
        (1, "安澜县人民政府", "leading", "/1/", None),
        (TOWNSHIP, "青石镇", "township", "/1/2/", Some(1)),
        (LIUHE, "柳河村", "village", "/1/2/3/", Some(2)),
        (4, "石滩村", "village", "/1/2/4/", Some(2)),
        (9, "安澜县纪委机关", "department", "/9/", None),
    ];
    for (id, name, category, path, parent) in units {
        let sql = "INSERT INTO units (id, name, category, path, parent_id, flags, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, '[]', 0)";
        exec(&**tx, sql, values![id, name, category, path, parent]).await.unwrap();
        let sql = "INSERT INTO posts (id, unit_id, title) VALUES ($1, $1, '干部')";
        exec(&**tx, sql, values![id]).await.unwrap();
    }
    for (id, name, parent, path, unit, watched) in
        [(XIAN, "安澜县纪委", None, "/1/", 9, 1), (ZHEN, "青石镇纪委", Some(XIAN), "/1/2/", 2, 2)]
    {
        let sql = "INSERT INTO organs (id, name, kind, parent_id, path, unit_id, updated_at) \
                   VALUES ($1, $2, 'county', $3, $4, $5, 0)";
        exec(&**tx, sql, values![id, name, parent, path, unit]).await.unwrap();
        organs::store::watch(tx, id, watched, true).await.unwrap();
        let roles = [Role::Intake, Role::Handler, Role::Leader, Role::Handler];
        for (account, role) in (intake(id)..).zip(roles) {
            cadre(tx, account + 100, &format!("干部{account}"), unit).await;
            make_account(tx, account, role, Some(id)).await;
            routing::tie(tx, account, Some(account + 100)).await.unwrap();
        }
    }
    make_account(tx, SYSTEM, Role::SystemAdmin, None).await;
    make_account(tx, SECURITY, Role::SecurityAdmin, None).await;
    cadre(tx, HEAD, "高远", LIUHE).await;
    routing::set_rank(tx, HEAD, daylight_app::cases::routing::Rank::Head).await.unwrap();
    organs::store::set_sign(tx, XIAN, Some("安纪")).await.unwrap();
}

async fn make_account(tx: &Tx, id: i64, role: Role, organ: Option<i64>) {
    let sql = "INSERT INTO accounts (id, login, name, disabled, created_at) VALUES ($1, $2, $2, $3, 0)";
    exec(&**tx, sql, values![id, format!("account{id}"), false]).await.unwrap();
    accounts::store::grant(tx, id, role, None, organ, None, 0).await.unwrap();
}

pub async fn cadre(tx: &Tx, id: i64, name: &str, unit_id: i64) {
    let sql = "INSERT INTO cadres (id, name, flags, updated_at) VALUES ($1, $2, '[]', 0)";
    exec(&**tx, sql, values![id, name]).await.unwrap();
    let sql = "INSERT INTO appointments (cadre_id, post_id) VALUES ($1, $2)";
    exec(&**tx, sql, values![id, unit_id]).await.unwrap();
}

/// A report against 柳河村's head: it goes to 县纪委.
pub async fn report(world: &World, token: &str) -> i64 {
    let draft = Draft {
        kind: Some(Kind::Complaint),
        object: Some(Object::Cadre(HEAD)),
        facts: Facts {
            what: "村主任把自己的堂弟塞进低保名单，公示只贴了两天".into(), ..Facts::default()
        },
        points: vec!["低保名单是谁定的".into()],
        level: "anonymous".into(),
        ..Draft::default()
    };
    let tx = world.app.db.write().await.unwrap();
    let report = draft.check(None).unwrap();
    let done = reports::store::submit(&tx, &world.app.vault, &report, token, NOW).await.unwrap();
    assert!(matches!(done, reports::store::Submitted::Receipt { .. }), "{done:?}");
    let id = crate::desks::case_of(&*tx, token).await;
    tx.commit().await.unwrap();
    id
}

/// Something done to a case at somebody's desk.
pub async fn act(world: &World, account_id: i64, case_id: i64, deed: Deed) {
    let tx = world.app.db.write().await.unwrap();
    let grants = accounts::store::grants_of(&*tx, account_id).await.unwrap();
    let actor = daylight_app::authz::Actor { account_id, session_id: 1, name: "某人".into(), grants };
    let opened = cases::open(&tx, &world.app.vault, &actor, case_id, NOW).await.unwrap();
    let doing = Doing { deed, reason: "理由".into(), words: Words::default(), seen: opened.seen() };
    cases::act(&tx, &world.app.vault, &actor, case_id, doing, NOW).await.unwrap();
    tx.commit().await.unwrap();
}
