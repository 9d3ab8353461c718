//! The first administrator comes in by the printed link; nobody comes in without both factors.

use crate::world::{Answer, NOW, World, shown_look, shown_secret, worlds};
use daylight_app::{
    accounts::{Totp, hash_password, store},
    audit,
    authz::Role,
};

const PASSWORD: &str = "青石镇门前三棵树 abc";

/// An account with credentials of its own.
async fn enrolled(world: &World, login: &str) -> Totp {
    let _ = world.staff(login, Role::Publisher, None).await;
    let id = store::by_login(world.app.db.read(), login).await.unwrap().unwrap().id;
    let hash = hash_password(PASSWORD).unwrap();
    let sealed = world.app.vault.seal(&store::totp_place(id), &[7; 20]);
    let tx = world.app.db.write().await.unwrap();
    store::set_credentials(&tx, id, &hash, sealed, NOW).await.unwrap();
    tx.commit().await.unwrap();
    Totp::new(&[7; 20], login, "").unwrap()
}

/// The cookies an answer sets, as a browser sends them.
fn set(answer: &Answer) -> Vec<String> {
    let lines = answer.headers.get_all("set-cookie").iter();
    lines.map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned()).collect()
}

/// Both steps, with whatever cookies the browser had. The cookies afterwards.
async fn sign_in(world: &World, login: &str, totp: &Totp, cookies: &str) -> Vec<String> {
    world.app.clock.advance(30_000);
    let browser = world.citizen().with_cookie(cookies);
    let half = browser.post("/office/sign-in", &[("login", login), ("password", PASSWORD)]).await;
    assert!(half.location().starts_with("/office/sign-in/code"), "{}", half.body);
    let browser = world.citizen().with_cookie(&format!("{}; {cookies}", set(&half)[0]));
    let code = totp.code(world.app.clock.now());
    let full = browser.post("/office/sign-in/code", &[("code", code.as_str())]).await;
    assert_eq!(full.location(), "/office", "{}", full.body);
    set(&full)
}

async fn fail(world: &World, login: &str, times: usize) {
    for _ in 0..times {
        let answer =
            world.citizen().post("/office/sign-in", &[("login", login), ("password", "错的密码")]).await;
        assert_eq!(answer.status, 200);
    }
}

async fn count(world: &World, sql: &str) -> i64 {
    daylight_db::scalar(world.app.db.read(), sql, vec![]).await.unwrap()
}

async fn sweep(world: &World) {
    let tx = world.app.db.write().await.unwrap();
    store::sweep(&tx, world.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_printed_link_makes_the_first_administrator_once() {
    for world in worlds().await {
        let tx = world.app.db.write().await.unwrap();
        let token = store::invite(&tx, None, "first", NOW + 1_000).await.unwrap();
        tx.commit().await.unwrap();
        let browser = world.citizen();
        let path = format!("/office/invitation/{token}");
        let page = browser.get(&path).await;
        let totp = Totp::new(&shown_secret(&page.body), "lin.zhiyuan", "").unwrap();
        // The secret is the server's: another at every look, in no field, and not the client's to choose.
        assert_ne!(shown_secret(&browser.get(&path).await.body), shown_secret(&page.body));
        let look = shown_look(&page.body);
        assert!(!page.body.contains("name=\"secret\""), "{}", page.body);
        let chosen = Totp::new(&[1; 20], "lin.zhiyuan", "").unwrap().code(NOW);
        let code = totp.code(NOW);
        let form = |login: &'static str, again: &'static str| {
            vec![
                ("login", login),
                ("name", "林知远"),
                ("password", PASSWORD),
                ("again", again),
                ("look", &look),
            ]
        };
        let mut wrong = form("lin.zhiyuan", "另一个");
        wrong.push(("code", "000000"));
        let refused = browser.post(&path, &wrong).await;
        assert!(refused.body.contains("两次输入的密码不一样"), "{}", refused.body);
        let mut own = form("lin.zhiyuan", PASSWORD);
        own.extend([("secret", "AEAQCAIBAEAQCAIBAEAQCAIBAEAQCAIB"), ("code", chosen.as_str())]);
        assert!(browser.post(&path, &own).await.body.contains("数字不对"));
        let mut right = form("lin.zhiyuan", PASSWORD);
        right.push(("code", code.as_str()));
        assert_eq!(browser.post(&path, &right).await.location(), "/office/sign-in");
        assert_eq!(browser.get(&path).await.status, 404, "the link works once");

        // Signing in: password, then a code that was not used before.
        let login = [("login", "lin.zhiyuan"), ("password", PASSWORD)];
        let half = browser.post("/office/sign-in", &login).await;
        assert!(half.location().starts_with("/office/sign-in/code"));
        let cookie = half.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let half = world.citizen().with_cookie(&cookie);
        assert_eq!(half.get("/office").await.location(), "/office/sign-in?back=/office", "half is not in");
        let reused = half.post("/office/sign-in/code", &[("code", code.as_str())]).await;
        assert_eq!(reused.status, 200, "the code that set the account up signs nobody in");
        world.app.clock.advance(30_000);
        let code = totp.code(NOW + 30_000);
        let full = half.post("/office/sign-in/code", &[("code", code.as_str())]).await;
        assert_eq!(full.location(), "/office");
        let cookie = full.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let full = world.citizen().with_cookie(&cookie);
        assert_ne!(full.get("/office").await.status, 303);
        assert_eq!(half.get("/office").await.status, 303, "the half session is worth nothing any more");
        // The same code again, in another session.
        let second = browser.post("/office/sign-in", &login).await;
        let cookie = second.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let second = world.citizen().with_cookie(&cookie);
        let answer = second.post("/office/sign-in/code", &[("code", code.as_str())]).await;
        assert_eq!(answer.status, 200, "a code works once");
        // Idle for half an hour: out.
        world.app.clock.advance(store::IDLE + 1);
        assert_eq!(full.get("/office").await.status, 303);
    }
}

#[tokio::test]
async fn unknown_logins_and_wrong_passwords_are_answered_alike() {
    for world in worlds().await {
        let _ = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let browser = world.citizen();
        let unknown = browser.post("/office/sign-in", &[("login", "nobody"), ("password", "x")]).await;
        let wrong = browser.post("/office/sign-in", &[("login", "lin.zhiyuan"), ("password", "x")]).await;
        assert_eq!(unknown.status, wrong.status);
        assert_eq!(unknown.body.replace("nobody", ""), wrong.body.replace("lin.zhiyuan", ""));
    }
}

#[tokio::test]
async fn tries_sent_at_once_are_counted_one_by_one() {
    for world in worlds().await {
        enrolled(&world, "lin.zhiyuan").await;
        let browser = world.citizen();
        let form = |password: &'static str| [("login", "lin.zhiyuan"), ("password", password)];
        let (wrong, right) = (form("错的密码"), form(PASSWORD));
        let tries: Vec<_> = (0..12).map(|_| browser.post("/office/sign-in", &wrong)).collect();
        for answer in futures_util::future::join_all(tries).await {
            assert_eq!(answer.status, 200);
        }
        let failures = count(&world, "SELECT failures FROM sign_in_attempts").await;
        assert_eq!(failures, 5, "the sixth found the login waiting");
        assert_eq!(browser.post("/office/sign-in", &right).await.status, 200, "a new device waits too");
        world.app.clock.advance(61_000);
        assert_eq!(browser.post("/office/sign-in", &right).await.status, 303);
    }
}

#[tokio::test]
async fn strangers_cannot_keep_the_owner_out_of_a_known_device() {
    for world in worlds().await {
        let totp = enrolled(&world, "lin.zhiyuan").await;
        let known = sign_in(&world, "lin.zhiyuan", &totp, "").await[1].clone();
        fail(&world, "lin.zhiyuan", 6).await;
        let login = [("login", "lin.zhiyuan"), ("password", PASSWORD)];
        assert_eq!(world.citizen().post("/office/sign-in", &login).await.status, 200, "strangers wait");
        let again = sign_in(&world, "lin.zhiyuan", &totp, &known).await[1].clone();
        assert_eq!(world.citizen().post("/office/sign-in", &login).await.status, 200, "strangers still wait");
        sign_in(&world, "lin.zhiyuan", &totp, &again).await;
        // One account's device is nothing to another, and a made-up one is nothing at all.
        let other = enrolled(&world, "su.he").await;
        fail(&world, "su.he", 6).await;
        let su = [("login", "su.he"), ("password", PASSWORD)];
        for cookie in [known.as_str(), "daylight_device=AAAA"] {
            let answer = world.citizen().with_cookie(cookie).post("/office/sign-in", &su).await;
            assert_eq!(answer.status, 200, "{cookie}");
        }
        // On a known device guesses are bounded as well.
        world.app.clock.advance(3_600_000);
        let own = sign_in(&world, "su.he", &other, "").await[1].clone();
        let browser = world.citizen().with_cookie(&own);
        for _ in 0..6 {
            browser.post("/office/sign-in", &[("login", "su.he"), ("password", "错的密码")]).await;
        }
        assert_eq!(browser.post("/office/sign-in", &su).await.status, 200, "the thief of a device waits");
        assert_eq!(world.citizen().post("/office/sign-in", &su).await.status, 303, "others do not");
    }
}

#[tokio::test]
async fn a_login_that_does_not_exist_costs_the_same_writes() {
    for world in worlds().await {
        enrolled(&world, "lin.zhiyuan").await;
        for login in ["lin.zhiyuan", "nobody", " Nobody "] {
            fail(&world, login, 3).await;
        }
        let rows = "SELECT COUNT(*) FROM sign_in_attempts WHERE refused = ";
        assert_eq!(count(&world, &format!("{rows} 3")).await, 1);
        assert_eq!(count(&world, &format!("{rows} 6")).await, 1, "however it is typed");
        let waiting = "SELECT COUNT(*) FROM sign_in_attempts WHERE locked_until IS NOT NULL";
        assert_eq!(count(&world, waiting).await, 1, "it waits like one that exists");
    }
}

#[tokio::test]
async fn failures_and_sign_outs_are_in_the_trail_once_and_without_names() {
    for world in worlds().await {
        let totp = enrolled(&world, "lin.zhiyuan").await;
        let id = store::by_login(world.app.db.read(), "lin.zhiyuan").await.unwrap().unwrap().id;
        fail(&world, "lin.zhiyuan", 7).await;
        for number in 0..4 {
            fail(&world, &format!("310101199001010{number}"), 1).await;
        }
        sweep(&world).await;
        sweep(&world).await;
        let trail = || audit::store::list(world.app.db.read(), Some("session."), 100, 0);
        let lines: Vec<_> =
            trail().await.unwrap().into_iter().map(|line| (line.subject, line.detail)).collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines.contains(&(format!("account {id}"), "失败7次，1次因连续失败要求等待".to_owned())),
            "{lines:?}"
        );
        assert!(lines.contains(&("unknown login".to_owned(), "失败4次".to_owned())), "{lines:?}");
        // Who gets in after a slip is no failure; who leaves is noted.
        world.app.clock.advance(3_600_000);
        let session = sign_in(&world, "lin.zhiyuan", &totp, "").await[0].clone();
        world.citizen().with_cookie(&session).post("/office/sign-out", &[]).await;
        sweep(&world).await;
        let actions: Vec<_> = trail().await.unwrap().into_iter().map(|line| line.action).collect();
        assert_eq!(actions[..2], ["session.sign_out", "session.begin"], "{actions:?}");
        assert_eq!(actions.len(), 4);
        // What is long past is forgotten.
        world.app.clock.advance(3_600_001);
        sweep(&world).await;
        assert_eq!(count(&world, "SELECT COUNT(*) FROM sign_in_attempts").await, 0);
    }
}

#[tokio::test]
async fn a_disk_that_takes_no_writes_signs_nobody_out() {
    for world in worlds().await {
        let first = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        world.app.clock.advance(1);
        let second = world.staff("su.he", Role::Publisher, None).await;
        // No two sessions may be seen at the same instant: the second one's note fails.
        let tx = world.app.db.write().await.unwrap();
        daylight_db::exec(&*tx, "CREATE UNIQUE INDEX full_disk ON sessions (seen_at)", vec![]).await.unwrap();
        tx.commit().await.unwrap();
        world.app.clock.advance(61_000);
        assert_eq!(first.get("/office").await.status, 200);
        assert_eq!(second.get("/office").await.status, 200, "only when it was seen is lost");
    }
}

#[tokio::test]
async fn a_session_that_was_written_or_turned_past_the_program_lets_nobody_in() {
    for world in worlds().await {
        let mine = world.staff("mine", Role::Publisher, None).await;
        let _ = world.staff("yours", Role::SecurityAdmin, None).await;
        assert_eq!(mine.get("/office").await.status, 200);
        for harm in [
            // One's own session becomes somebody else's.
            "UPDATE sessions SET account_id = (SELECT id FROM accounts WHERE login = 'yours') \
             WHERE account_id = (SELECT id FROM accounts WHERE login = 'mine')",
            // Back to oneself, but younger than it is.
            "UPDATE sessions SET account_id = (SELECT id FROM accounts WHERE login = 'mine'), \
             created_at = created_at + 1 WHERE id = (SELECT MIN(id) FROM sessions)",
        ] {
            let tx = world.app.db.write().await.unwrap();
            daylight_db::exec(&*tx, harm, vec![]).await.unwrap();
            tx.commit().await.unwrap();
            let answer = mine.get("/office").await;
            assert_ne!(answer.status, 200, "{harm}");
        }
    }
}
