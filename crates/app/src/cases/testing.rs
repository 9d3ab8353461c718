//! A small county for the tests of what is stored: two organs with four people each, two villages.

use crate::{authz::Role, cases::routing, migrations};
use daylight_db::{
    Tx, exec,
    testing::{TestDb, engines},
    values,
};
use daylight_vault::Vault;

/// 2026-11-22 10:00 in Beijing.
pub(crate) const NOW: crate::clock::Millis = 1_795_312_800_000;

/// 县纪委 and 青石镇纪委 below it.
pub(crate) const XIAN: i64 = 1;
pub(crate) const ZHEN: i64 = 2;

/// The township and its two villages.
pub(crate) const TOWNSHIP: i64 = 2;
pub(crate) const LIUHE: i64 = 3;
pub(crate) const SHITAN: i64 = 4;

/// 柳河村's head.
pub(crate) const LIUHE_HEAD: i64 = 301;

/// An organ's four people, as accounts.
pub(crate) const fn intake(organ: i64) -> i64 {
    organ * 10
}
pub(crate) const fn handler(organ: i64) -> i64 {
    organ * 10 + 1
}
pub(crate) const fn leader(organ: i64) -> i64 {
    organ * 10 + 2
}
pub(crate) const fn second_handler(organ: i64) -> i64 {
    organ * 10 + 3
}

/// The person behind an account.
pub(crate) const fn person(account: i64) -> i64 {
    account + 100
}

pub(crate) struct County {
    pub test: TestDb,
    pub vault: Vault,
    _folder: tempfile::TempDir,
}

/// The county on each engine.
pub(crate) async fn counties() -> Vec<County> {
    let mut counties = Vec::new();
    for test in engines().await {
        migrations::migrate(&test.db).await.unwrap();
        let tx = test.db.write().await.unwrap();
        fill(&tx).await;
        tx.commit().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::create(&folder.path().join("keys"), NOW / 1000).unwrap();
        counties.push(County { test, vault, _folder: folder });
    }
    counties
}

async fn fill(tx: &Tx) {
    let units = [
        (1, "安澜县人民政府", "leading", "/1/", None),
        (TOWNSHIP, "青石镇", "township", "/1/2/", Some(1)),
        (LIUHE, "柳河村", "village", "/1/2/3/", Some(2)),
        (SHITAN, "石滩村", "village", "/1/2/4/", Some(2)),
        (9, "安澜县纪委机关", "department", "/9/", None),
    ];
    for (id, name, category, path, parent) in units {
        let sql = "INSERT INTO units (id, name, category, path, parent_id, flags, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, '[]', 0)";
        exec(&**tx, sql, values![id, name, category, path, parent]).await.unwrap();
        exec(&**tx, "INSERT INTO posts (id, unit_id, title) VALUES ($1, $1, '干部')", values![id])
            .await
            .unwrap();
    }
    organ(tx, (XIAN, "安澜县纪委"), None, "/1/", (9, 1)).await;
    organ(tx, (ZHEN, "青石镇纪委"), Some(XIAN), "/1/2/", (TOWNSHIP, TOWNSHIP)).await;
    cadre(tx, LIUHE_HEAD, LIUHE).await;
    routing::store::set_rank(tx, LIUHE_HEAD, routing::Rank::Village).await.unwrap();
}

/// Sets up an organ with its four people: where it sits, and what it watches.
pub(crate) async fn organ(
    tx: &Tx,
    (id, name): (i64, &str),
    parent: Option<i64>,
    path: &str,
    (unit, watched): (i64, i64),
) {
    let sql = "INSERT INTO organs (id, name, kind, parent_id, path, unit_id, updated_at) \
               VALUES ($1, $2, 'county', $3, $4, $5, 0)";
    exec(&**tx, sql, values![id, name, parent, path, unit]).await.unwrap();
    crate::organs::store::watch(tx, id, watched, true).await.unwrap();
    let roles = [Role::Intake, Role::Handler, Role::Leader, Role::Handler];
    for (account, role) in (intake(id)..).zip(roles) {
        cadre(tx, person(account), unit).await;
        let sql = "INSERT INTO accounts (id, login, name, disabled, created_at) VALUES ($1, $2, $2, $3, 0)";
        exec(&**tx, sql, values![account, format!("account{account}"), false]).await.unwrap();
        routing::store::tie(tx, account, Some(person(account))).await.unwrap();
        crate::accounts::store::grant(tx, account, role, None, Some(id), None, 0).await.unwrap();
    }
}

/// Puts somebody into a unit.
pub(crate) async fn cadre(tx: &Tx, id: i64, unit_id: i64) {
    let sql = "INSERT INTO cadres (id, name, flags, updated_at) VALUES ($1, $2, '[]', 0)";
    exec(&**tx, sql, values![id, format!("干部{id}")]).await.unwrap();
    let sql = "INSERT INTO appointments (cadre_id, post_id) VALUES ($1, $2)";
    exec(&**tx, sql, values![id, unit_id]).await.unwrap();
}

/// Somebody of an organ at their desk.
pub(crate) async fn at_desk(tx: &Tx, account_id: i64) -> crate::authz::Actor {
    let grants = crate::accounts::store::grants_of(&**tx, account_id).await.unwrap();
    crate::authz::Actor { account_id, session_id: 1, name: format!("account{account_id}"), grants }
}

/// What a villager writes about 柳河村.
pub(crate) fn draft() -> crate::reports::Draft {
    crate::reports::Draft {
        kind: Some(crate::reports::Kind::Complaint),
        object: Some(crate::reports::Object::Unit(LIUHE)),
        facts: crate::reports::Facts {
            what: "村主任把自己的堂弟塞进低保名单，公示只贴了两天".into(),
            ..Default::default()
        },
        points: vec!["低保名单是谁定的".into()],
        level: "anonymous".into(),
        ..Default::default()
    }
}

/// Submits a draft, and gives the case it became.
pub(crate) async fn submitted(tx: &Tx, vault: &Vault, draft: &crate::reports::Draft, token: &str) -> i64 {
    let report = draft.check(None).unwrap();
    let done = crate::reports::store::submit(tx, vault, &report, token, NOW).await.unwrap();
    assert!(matches!(done, crate::reports::store::Submitted::Receipt { .. }), "{done:?}");
    case_of(tx, token).await
}

/// The case that was submitted under a token: ids are drawn, so none is the last.
pub(crate) async fn case_of(tx: &Tx, token: &str) -> i64 {
    let sql = "SELECT id FROM reports WHERE submission_hash = $1";
    daylight_db::scalar(&**tx, sql, values![crate::accounts::token_hash(token)]).await.unwrap()
}
