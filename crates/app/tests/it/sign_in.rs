//! The first administrator comes in by the printed link; nobody comes in without both factors.

use crate::world::{NOW, worlds};
use daylight_app::accounts::{Totp, store};

const PASSWORD: &str = "青石镇门前三棵树 abc";

fn hidden<'a>(html: &'a str, name: &str) -> &'a str {
    let at = html.find(&format!("name=\"{name}\"")).expect("the hidden field");
    let value = html[at..].find("value=\"").expect("its value") + at + 7;
    &html[value..value + html[value..].find('"').expect("its end")]
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
        let secret = hidden(&page.body, "secret").to_owned();
        let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
        let totp = Totp::new(&bytes, "lin.zhiyuan", "").unwrap();
        let code = totp.code(NOW);
        let form = |login: &'static str, again: &'static str| {
            vec![("login", login), ("name", "林知远"), ("password", PASSWORD), ("again", again)]
        };
        let mut wrong = form("lin.zhiyuan", "另一个");
        wrong.extend([("secret", secret.as_str()), ("code", "000000")]);
        let refused = browser.post(&path, &wrong).await;
        assert!(refused.body.contains("两次输入的密码不一样"), "{}", refused.body);
        let mut right = form("lin.zhiyuan", PASSWORD);
        right.extend([("secret", secret.as_str()), ("code", code.as_str())]);
        assert_eq!(browser.post(&path, &right).await.location(), "/office/sign-in");
        assert_eq!(browser.get(&path).await.status, 404, "the link works once");

        // Signing in: password, then a code that was not used before.
        let login = [("login", "lin.zhiyuan"), ("password", PASSWORD)];
        let half = browser.post("/office/sign-in", &login).await;
        assert!(half.location().starts_with("/office/sign-in/code"));
        let cookie = half.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let half = world.citizen().with_cookie(&cookie);
        assert_eq!(half.get("/office").await.location(), "/office/sign-in?back=/office", "half is not in");
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
        let _ = world.staff("lin.zhiyuan", daylight_app::authz::Role::Publisher, None).await;
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
        let _ = world.staff("lin.zhiyuan", daylight_app::authz::Role::Publisher, None).await;
        let account = store::by_login(world.app.db.read(), "lin.zhiyuan").await.unwrap().unwrap();
        let hash = daylight_app::accounts::hash_password(PASSWORD).unwrap();
        let tx = world.app.db.write().await.unwrap();
        store::set_credentials(&tx, account.id, &hash, vec![], NOW).await.unwrap();
        tx.commit().await.unwrap();
        let browser = world.citizen();
        let form = |password: &'static str| [("login", "lin.zhiyuan"), ("password", password)];
        let (wrong, right) = (form("错的密码"), form(PASSWORD));
        let tries: Vec<_> = (0..12).map(|_| browser.post("/office/sign-in", &wrong)).collect();
        for answer in futures_util::future::join_all(tries).await {
            assert_eq!(answer.status, 200);
        }
        let account = store::get(world.app.db.read(), account.id).await.unwrap().unwrap();
        assert_eq!(account.failures, 5, "the sixth found the account waiting");
        assert_eq!(browser.post("/office/sign-in", &right).await.status, 200, "it waits for its owner too");
        world.app.clock.advance(61_000);
        assert_eq!(browser.post("/office/sign-in", &right).await.status, 303);
    }
}
