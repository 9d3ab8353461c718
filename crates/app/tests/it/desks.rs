//! Two organs with their people and two villages, for the tests of what becomes of reports.

use crate::world::{Browser, World};
use daylight_app::{
    accounts,
    authz::{Actor, Role},
    cases::{
        Conclusion, Deed, Reply,
        routing::{self, Rank},
        store::{self, Doing, Opened, StoreError, Words},
    },
    organs,
    reports::{
        Draft, Facts, Kind, Object,
        store::{Submitted, submit},
    },
};
use daylight_db::{Tx, exec, scalar, values};
use daylight_ids::Phone;

/// 县纪委 and 青石镇纪委 below it.
pub const XIAN: i64 = 1;
pub const ZHEN: i64 = 2;
pub const TOWNSHIP: i64 = 2;
pub const LIUHE: i64 = 3;
pub const SHITAN: i64 = 4;

/// An organ's people, as accounts.
pub const fn intake(organ: i64) -> i64 {
    organ * 10
}
pub const fn handler(organ: i64) -> i64 {
    organ * 10 + 1
}
pub const fn leader(organ: i64) -> i64 {
    organ * 10 + 2
}

const POINT: &str = "低保名单是谁定的";

/// Puts the county into a world.
pub async fn settle(world: &World) {
    let tx = world.app.db.write().await.unwrap();
    for (id, name, category, path, parent) in [
        (1, "安澜县人民政府", "leading", "/1/", None),
        (TOWNSHIP, "青石镇", "township", "/1/2/", Some(1)),
        (LIUHE, "柳河村", "village", "/1/2/3/", Some(2)),
        (SHITAN, "石滩村", "village", "/1/2/4/", Some(2)),
        (9, "安澜县纪委机关", "department", "/9/", None),
    ] {
        let sql = "INSERT INTO units (id, name, category, path, parent_id, flags, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, '[]', 0)";
        exec(&*tx, sql, values![id, name, category, path, parent]).await.unwrap();
        exec(&*tx, "INSERT INTO posts (id, unit_id, title) VALUES ($1, $1, '干部')", values![id])
            .await
            .unwrap();
    }
    for (id, name, parent, path, unit, watched) in
        [(XIAN, "安澜县纪委", None, "/1/", 9, 1), (ZHEN, "青石镇纪委", Some(XIAN), "/1/2/", 2, 2)]
    {
        let sql = "INSERT INTO organs (id, name, kind, parent_id, path, unit_id, updated_at) \
                   VALUES ($1, $2, 'county', $3, $4, $5, 0)";
        exec(&*tx, sql, values![id, name, parent, path, unit]).await.unwrap();
        organs::store::watch(&tx, id, watched, true).await.unwrap();
        let roles = [Role::Intake, Role::Handler, Role::Leader, Role::Leader];
        for (account, role) in (intake(id)..).zip(roles) {
            cadre(&tx, account + 100, unit).await;
            let sql =
                "INSERT INTO accounts (id, login, name, disabled, created_at) VALUES ($1, $2, $2, $3, 0)";
            exec(&*tx, sql, values![account, format!("account{account}"), false]).await.unwrap();
            routing::store::tie(&tx, account, Some(account + 100)).await.unwrap();
            accounts::store::grant(&tx, account, role, None, Some(id), None, 0).await.unwrap();
        }
    }
    cadre(&tx, 301, LIUHE).await;
    routing::store::set_rank(&tx, 301, Rank::Village).await.unwrap();
    tx.commit().await.unwrap();
}

async fn cadre(tx: &Tx, id: i64, unit_id: i64) {
    let sql = "INSERT INTO cadres (id, name, flags, updated_at) VALUES ($1, $2, '[]', 0)";
    exec(&**tx, sql, values![id, format!("干部{id}")]).await.unwrap();
    let sql = "INSERT INTO appointments (cadre_id, post_id) VALUES ($1, $2)";
    exec(&**tx, sql, values![id, unit_id]).await.unwrap();
}

/// Somebody of an organ, as the program knows them.
pub async fn actor(world: &World, account_id: i64) -> Actor {
    let grants = accounts::store::grants_of(world.app.db.read(), account_id).await.unwrap();
    Actor { account_id, session_id: 1, name: format!("account{account_id}"), grants }
}

/// Somebody of an organ at a browser.
pub async fn browser(world: &World, account_id: i64) -> Browser {
    let tx = world.app.db.write().await.unwrap();
    let now = world.app.clock.now();
    let token = accounts::store::begin_session(&tx, account_id, "test", true, now).await.unwrap();
    tx.commit().await.unwrap();
    world.citizen().with_cookie(&format!("daylight_session={token}"))
}

/// What somebody says about a unit; with a name, as themselves.
pub fn told(unit: i64, what: &str, name: Option<&str>) -> Draft {
    let phone = name.map(|_| "13949631669".to_owned()).unwrap_or_default();
    Draft {
        kind: Some(Kind::Complaint),
        object: Some(Object::Unit(unit)),
        facts: Facts { what: what.into(), ..Facts::default() },
        points: vec![POINT.into()],
        level: if name.is_some() { "real_name" } else { "anonymous" }.into(),
        phone,
        name: name.unwrap_or_default().into(),
        citizen_id: if name.is_some() { "999901199003078238".into() } else { String::new() },
        ..Draft::default()
    }
}

/// Submits what somebody says, and gives number, code and case.
pub async fn report(
    world: &World,
    draft: &Draft,
    token: &str,
) -> (daylight_app::reports::ReceiptNumber, daylight_app::reports::QueryCode, i64) {
    let phone = Phone::parse(&draft.phone).ok();
    let report = draft.check(phone.as_ref()).unwrap_or_else(|faults| panic!("{faults:?}"));
    let tx = world.app.db.write().await.unwrap();
    let now = world.app.clock.now();
    let done = submit(&tx, &world.app.vault, &report, token, now).await.unwrap();
    let Submitted::Receipt { number, code } = done else { panic!("{done:?}") };
    let id = case_of(&*tx, token).await;
    tx.commit().await.unwrap();
    (number, code, id)
}

/// The case that was submitted under a token: ids are drawn, so none is the last.
pub async fn case_of(c: &impl daylight_db::ConnectionTrait, token: &str) -> i64 {
    let sql = "SELECT id FROM reports WHERE submission_hash = $1";
    scalar(c, sql, values![accounts::token_hash(token)]).await.unwrap()
}

/// Does something to a case.
pub async fn act(world: &World, account: i64, id: i64, deed: Deed) -> Result<Opened, StoreError> {
    let tx = world.app.db.write().await.unwrap();
    let (vault, now) = (&world.app.vault, world.app.clock.now());
    let who = actor(world, account).await;
    let seen = store::open(&tx, vault, &who, id, now).await?.seen();
    let words = match deed {
        Deed::Reply { .. } => Words { answers: vec![answer_to(id)], ..Words::default() },
        _ => Words::default(),
    };
    let doing = Doing { deed, reason: "情况属实".into(), words, seen };
    let done = store::act(&tx, vault, &who, id, doing, now).await?;
    tx.commit().await.unwrap();
    Ok(done)
}

/// An answer unlike any other, as the gate wants it.
fn answer_to(id: i64) -> String {
    let number = |n: i64| (id * 7919 + n * n * 31) * (n + 17) % 3000;
    let sign = |n: i64| char::from_u32(0x6000 + u32::try_from(number(n)).unwrap()).unwrap();
    (0..40).map(sign).collect()
}

/// Takes a case of an organ from its desk to the answer.
pub async fn answer(world: &World, organ: i64, id: i64, conclusion: Conclusion) {
    let answers = vec![answer_to(id)];
    let sound = Reply { answers, rest: String::new() }.check(&[POINT.into()], &[], None).unwrap();
    let second = act(world, intake(organ), id, Deed::Accept).await;
    assert!(second.is_ok() || organ == XIAN, "{second:?}");
    act(world, leader(organ), id, Deed::Assign { account_id: handler(organ) }).await.unwrap();
    act(world, handler(organ), id, Deed::Conclude { conclusion }).await.unwrap();
    act(world, leader(organ), id, Deed::Reply { sound }).await.unwrap();
}

/// A report of somebody about a unit that was answered and found satisfactory.
pub async fn ended(world: &World, draft: &Draft, token: &str, conclusion: Conclusion) -> i64 {
    let (number, code, id) = report(world, draft, token).await;
    answer(world, ZHEN, id, conclusion).await;
    say(world, &number, &code, store::Said::Satisfied).await;
    id
}

/// Says something as the reporter.
pub async fn say(
    world: &World,
    number: &daylight_app::reports::ReceiptNumber,
    code: &daylight_app::reports::QueryCode,
    said: store::Said,
) {
    let tx = world.app.db.write().await.unwrap();
    let now = world.app.clock.now();
    let done =
        daylight_app::reports::store::say(&tx, &world.app.vault, number, code, said, now).await.unwrap();
    assert!(matches!(done, daylight_app::reports::store::Found::Report(_)));
    tx.commit().await.unwrap();
}
