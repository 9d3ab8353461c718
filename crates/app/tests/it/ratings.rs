//! A round of rating from the draft to the close, through the front door.

use crate::world::{Answer, Browser, World, handover, worlds};
use daylight_app::{authz::Role, cadres, imports, ratings};
use daylight_ids::Phone;
use daylight_ratings::{DAY, ballot::SubjectId};

const CITIZEN: &str = "13900000017";

/// A round about everything from tomorrow on, reviewed by another person and opened by the clock. Its number.
async fn open_round(world: &World) -> i64 {
    let (writer, reviewer) = (
        world.staff("lin.zhiyuan", Role::Publisher, None).await,
        world.staff("shen.wei", Role::Reviewer, None).await,
    );
    let form = [
        ("name", "2026年下半年群众评价"),
        ("opens-year", "2026"),
        ("opens-month", "11"),
        ("opens-day", "23"),
        ("closes-year", "2026"),
        ("closes-month", "12"),
        ("closes-day", "22"),
        ("kinds", "cadres"),
        ("kinds", "powers"),
        ("places", ""),
    ];
    let made = writer.post("/office/ratings", &form).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let href = made.location().to_owned();
    let page = writer.get(&href).await;
    assert!(page.body.contains("2026年12月22日") && page.body.contains("草稿"), "{}", page.body);
    assert_eq!(writer.post(&format!("{href}/review"), &[]).await.status, 403);
    assert_eq!(reviewer.post(&format!("{href}/review"), &[]).await.status, 303);
    // What was agreed to is not edited behind the reviewer's back.
    assert_eq!(writer.post(&href, &form).await.status, 422);
    assert_eq!(ratings::turn(&world.app).await.unwrap(), 0, "too early");
    world.app.clock.advance(DAY);
    assert_eq!(ratings::turn(&world.app).await.unwrap(), 1);
    assert_eq!(ratings::turn(&world.app).await.unwrap(), 0);
    href.rsplit('/').next().unwrap().parse().unwrap()
}

/// A citizen's browser with the cookie that an answer gave.
fn seated(world: &World, answer: &Answer) -> Browser {
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("Path=/rate") && cookie.contains("HttpOnly"), "{cookie}");
    world.citizen().with_cookie(cookie.split(';').next().unwrap())
}

/// The code that was sent last.
async fn code(world: &World) -> String {
    daylight_app::worker(&world.app).run_due().await.unwrap();
    let text = std::fs::read_to_string(world.app.config.data.join("outbox/sms.jsonl")).unwrap_or_default();
    let line: serde_json::Value = serde_json::from_str(text.lines().last().expect("a message")).unwrap();
    line["params"]["code"].as_str().unwrap().to_owned()
}

/// Answers to all of up to eight questions.
fn answers(place: &'static str) -> Vec<(&'static str, &'static str)> {
    ["q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8"].map(|name| (name, place)).to_vec()
}

/// Proves a telephone on the page behind the questions; what came of it.
async fn prove(world: &World, href: &str, phone: &str, place: &'static str) -> Answer {
    let asked = world.citizen().post(href, &answers(place)).await;
    assert!(asked.status == 200 && asked.body.contains("验证手机"), "{}", asked.body);
    let browser = seated(world, &asked);
    let mut form = answers(place);
    form.extend([("phone", phone), ("do", "code")]);
    let sent = browser.post(&format!("{href}/phone"), &form).await;
    assert!(sent.body.contains("验证码已发出"), "{}", sent.body);
    let code = code(world).await;
    let mut form = answers(place);
    form.extend([("phone", phone), ("code", &code)]);
    browser.post(&format!("{href}/phone"), &form).await
}

async fn recounted(world: &World, round: i64) -> (i64, i64) {
    let found = ratings::store::ballots::recount(world.app.db.read(), round).await.unwrap();
    (found.ballots, found.wrong)
}

#[tokio::test]
async fn a_citizen_rates_twice_and_has_one_voice_until_the_key_is_gone() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let citizen = world.citizen();
        assert!(citizen.get("/cadres/1").await.body.contains("现在没有正在进行的评价"));
        let round = open_round(&world).await;
        let page = citizen.get("/cadres/1").await;
        assert!(page.body.contains("href=\"/rate/cadre-1\""), "{}", page.body);
        assert!(citizen.get("/powers/1").await.body.contains("href=\"/rate/power-1\""));
        let form = citizen.get("/rate/cadre-1").await;
        assert_eq!(form.headers["cache-control"], "no-store");
        assert!(form.body.matches("<fieldset").count() <= 8 && form.body.contains("不了解"), "{}", form.body);
        // Nothing chosen: each question is named, and nobody is asked for a telephone.
        let missing = citizen.post("/rate/cadre-1", &[]).await;
        assert!(missing.status == 422 && missing.body.contains("第1题还没有选"), "{}", missing.body);
        let unknown = citizen.post("/rate/cadre-1", &answers("5")).await;
        assert!(unknown.status == 422 && unknown.body.contains("都选了“不了解”"), "{}", unknown.body);

        let done = prove(&world, "/rate/cadre-1", CITIZEN, "4").await;
        assert!(done.body.contains("评价已提交") && !done.body.contains("反映这件事"), "{}", done.body);
        assert_eq!(recounted(&world, round).await, (1, 0));
        // The sitting needs no second code, and a worst answer offers a report that carries nothing.
        let browser = seated(&world, &done);
        let worst = browser.post("/rate/cadre-1", &answers("0")).await;
        assert!(worst.body.contains("评价已提交"), "{}", worst.body);
        assert!(worst.body.contains("href=\"/reports/new?cadre=1\""), "{}", worst.body);
        assert_eq!(recounted(&world, round).await, (1, 0));
        let verified = async || {
            let (db, vault) = (&world.app.db, &world.app.vault);
            let checks = daylight_app::ops::verify(db, vault, world.app.clock.now()).await.unwrap();
            checks.into_iter().find(|check| check.code == "ballots").unwrap()
        };
        let check = verified().await;
        assert_eq!((check.state, check.examined), (daylight_app::ops::State::Ok, 1), "{check:?}");
        // The form starts empty again.
        assert!(!browser.get("/rate/cadre-1").await.body.contains(" checked"));
        assert_eq!(browser.post("/rate/power-1", &answers("3")).await.status, 200);
        assert_eq!(recounted(&world, round).await, (2, 0));
        // Half an hour later the telephone counts no more.
        world.app.clock.advance(30 * 60_000);
        assert!(browser.post("/rate/cadre-1", &answers("4")).await.body.contains("获取验证码"));

        let sql = "UPDATE rating_ballots SET barred = $1 WHERE subject = 2";
        for (barred, state) in
            [(true, daylight_app::ops::State::Fault), (false, daylight_app::ops::State::Ok)]
        {
            daylight_db::exec(world.app.db.writer(), sql, daylight_db::values![barred]).await.unwrap();
            assert_eq!(verified().await.state, state);
        }
        world.app.clock.advance(30 * DAY);
        assert!(citizen.get("/rate/cadre-1").await.body.contains("现在不能评价"));
        assert_eq!(ratings::turn(&world.app).await.unwrap(), 1);
        assert!(ratings::keys::rounds(&world.app.vault).unwrap().is_empty());
        let auditor = world.staff("gu.ming", Role::AuditAdmin, None).await;
        assert!(auditor.get("/office/audit").await.body.contains("评价截止，密钥已销毁"));
        // A key that somebody puts back: the doctor warns, and the clock's job destroys it.
        ratings::keys::draw(&world.app.vault, round).unwrap();
        let now = world.app.clock.now();
        let found = daylight_app::ops::doctor(&world.app.db, &world.app.vault, now).await.unwrap();
        let check = found.iter().find(|check| check.code == "round_keys").unwrap();
        assert_eq!(check.state, daylight_app::ops::State::Warning, "{check:?}");
        ratings::turn(&world.app).await.unwrap();
        assert!(ratings::keys::rounds(&world.app.vault).unwrap().is_empty());
        let reviewer = world.staff("he.ping", Role::Reviewer, None).await;
        let shown = reviewer.get(&format!("/office/ratings/{round}")).await;
        assert!(shown.body.contains("已截止") && shown.body.contains("销毁"), "{}", shown.body);
    }
}

#[tokio::test]
async fn nobody_rates_themselves_and_learns_it_only_behind_their_own_telephone() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let phone = Phone::parse("13900000099").unwrap();
        let tx = world.app.db.write().await.unwrap();
        let sealed =
            world.app.vault.seal(&daylight_app::ops::store::PHONE.place(1), phone.canonical().as_bytes());
        let index = world.app.vault.blind(imports::store::PHONE, phone.canonical());
        cadres::store::seal(&tx, 1, None, Some((sealed, index))).await.unwrap();
        tx.commit().await.unwrap();
        let round = open_round(&world).await;
        let refused = prove(&world, "/rate/cadre-1", "13900000099", "4").await;
        assert!(refused.status == 422 && refused.body.contains("不能评价自己"), "{}", refused.body);
        assert_eq!(recounted(&world, round).await, (0, 0));
    }
}

#[tokio::test]
async fn a_wrong_code_counts_nothing_and_a_cookie_of_somebody_elses_making_is_none() {
    let world = worlds().await.remove(0);
    world.import(&[handover()]).await;
    let round = open_round(&world).await;
    let asked = world.citizen().post("/rate/cadre-1", &answers("4")).await;
    let browser = seated(&world, &asked);
    let mut form = answers("4");
    form.extend([("phone", CITIZEN), ("do", "code")]);
    browser.post("/rate/cadre-1/phone", &form).await;
    let code = code(&world).await;
    let other = if code == "000000" { "000001" } else { "000000" };
    for (typed, words) in [(other, "验证码不对"), ("12", "6位数字")] {
        let mut form = answers("4");
        form.extend([("phone", CITIZEN), ("code", typed)]);
        let wrong = browser.post("/rate/cadre-1/phone", &form).await;
        assert!(wrong.status == 422 && wrong.body.contains(words), "{}", wrong.body);
    }
    // The right code in another browser is none.
    let mut form = answers("4");
    form.extend([("phone", CITIZEN), ("code", &code)]);
    let elsewhere = world.citizen().post("/rate/cadre-1/phone", &form).await;
    assert!(elsewhere.body.contains("验证码已经失效"), "{}", elsewhere.body);
    let forged = world.citizen().with_cookie("daylight_rate=eyJwaG9uZSI6IisifQ");
    assert!(forged.post("/rate/cadre-1", &answers("4")).await.body.contains("获取验证码"));
    assert_eq!(recounted(&world, round).await, (0, 0));
    let left = browser.post("/rate/leave", &[]).await;
    assert!(left.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
}

#[tokio::test]
async fn a_server_without_the_key_takes_no_ballot() {
    let world = worlds().await.remove(0);
    world.import(&[handover()]).await;
    let round = open_round(&world).await;
    let done = prove(&world, "/rate/cadre-1", CITIZEN, "4").await;
    ratings::keys::destroy(&world.app.vault, round).unwrap();
    let answer = seated(&world, &done).post("/rate/cadre-1", &answers("4")).await;
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert_eq!(recounted(&world, round).await, (1, 0));
}

#[tokio::test]
async fn questions_are_edited_by_one_and_agreed_to_by_another() {
    for world in worlds().await {
        let writer = world.staff("lin.zhiyuan", Role::Publisher, None).await;
        let reviewer = world.staff("shen.wei", Role::Reviewer, None).await;
        let first = daylight_ratings::indicators::Library::first();
        let one = &first.indicators[0];
        let href = format!("/office/indicators/{}", one.code);
        assert!(writer.get("/office/indicators").await.body.contains(&format!("href=\"{href}\"")));
        let opinion = writer.post(&href, &[("text", "他好"), ("scale", &one.scale)]).await;
        assert!(opinion.body.contains("应当以问号"), "{}", opinion.body);
        let changed = "他到村里来的时候，吃饭按规定付钱吗？";
        let saved = writer.post(&href, &[("text", changed), ("scale", &one.scale), ("report", "yes")]).await;
        assert_eq!(saved.status, 303, "{}", saved.body);
        assert_eq!(reviewer.post("/office/indicators/approve", &[]).await.status, 422, "not submitted yet");
        assert_eq!(writer.post("/office/indicators/submit", &[]).await.status, 303);
        let waiting = reviewer.get("/office/indicators").await;
        assert!(waiting.body.contains("等待审核") && waiting.body.contains(changed), "{}", waiting.body);
        assert_eq!(reviewer.post("/office/indicators/approve", &[]).await.status, 303);
        let now = ratings::store::editions::in_force(world.app.db.read()).await.unwrap();
        assert_eq!((now.edition, now.indicators[0].version), (first.edition + 1, one.version + 1));
        // The edition before is still there for the rounds that began with it.
        let kept = ratings::store::editions::library(world.app.db.read(), first.edition).await.unwrap();
        assert_eq!(kept, Some(first));
    }
}

#[tokio::test]
async fn two_rounds_never_ask_about_one_subject_at_one_time() {
    let world = worlds().await.remove(0);
    world.import(&[handover()]).await;
    open_round(&world).await;
    let writer = world.staff("second.writer", Role::Publisher, None).await;
    let reviewer = world.staff("second.reviewer", Role::Reviewer, None).await;
    let form = [
        ("name", "又一轮"),
        ("opens-year", "2026"),
        ("opens-month", "12"),
        ("opens-day", "1"),
        ("closes-year", "2027"),
        ("closes-month", "1"),
        ("closes-day", "1"),
        ("kinds", "cadres"),
    ];
    let href = writer.post("/office/ratings", &form).await.location().to_owned();
    let refused = reviewer.post(&format!("{href}/review"), &[]).await;
    assert!(refused.status == 422 && refused.body.contains("也评价其中的对象"), "{}", refused.body);
    let now = world.app.clock.now();
    let asked = ratings::store::rounds::asked(world.app.db.read(), SubjectId::Cadre(1), now).await.unwrap();
    assert_eq!(asked.unwrap().name, "2026年下半年群众评价");
}
