//! Messages on their way through the queue.

use crate::world::{World, worlds};
use daylight_app::{
    sms::{self, Channel, Template},
    web::{App, Parts},
};
use daylight_ids::Phone;

const NUMBER: &str = "13949631669";

async fn send(world: &World, template: Template) {
    let tx = world.app.db.write().await.unwrap();
    let phone = Phone::parse(NUMBER).unwrap();
    sms::send(&tx, &world.app.vault, &phone, template, world.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// The same installation with another way out.
fn with(world: &World, sms: Channel) -> App {
    let app = &world.app;
    let config = daylight_app::web::Config { sms, ..app.config.clone() };
    let (db, vault, clock) = (app.db.clone(), app.vault.clone(), app.clock.clone());
    App::new(Parts { db, vault, clock, cache: app.cache.clone(), config })
}

async fn run(app: &App) {
    daylight_app::worker(app).run_due().await.unwrap();
}

fn outbox(world: &World) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(world.app.config.data.join("outbox/sms.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_message_leaves_once_and_nothing_of_it_stays() {
    for world in worlds().await {
        send(&world, Template::Staff).await;
        send(&world, Template::Code { code: "012345".into() }).await;
        run(&world.app).await;
        run(&world.app).await;
        let lines = outbox(&world);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert_eq!((&lines[0]["to"], &lines[0]["template"]), (&NUMBER.into(), &"staff".into()));
        assert_eq!(lines[0]["time"], "2026-11-22T10:00:00+08:00");
        assert_eq!(lines[1]["params"]["code"], "012345");
        assert_eq!(sms::waiting(world.app.db.read()).await.unwrap(), 0);
    }
}

const HOUR: i64 = 3_600_000;

/// What tells when the message was written, in whatever table.
async fn traces(world: &World, deed: i64) -> i64 {
    let sql = "SELECT (SELECT COUNT(*) FROM sms_messages WHERE due_at = $1) \
               + (SELECT COUNT(*) FROM jobs WHERE kind LIKE 'sms%' AND (created_at = $1 OR run_at = $1))";
    daylight_db::scalar(world.app.db.read(), sql, daylight_db::values![deed]).await.unwrap()
}

#[tokio::test]
async fn news_leaves_at_fixed_hours_once_to_each_number_and_nothing_tells_when_the_deed_was() {
    for world in worlds().await {
        // 10:07, and of another case 10:20.
        world.app.clock.advance(7 * 60_000);
        let deed = world.app.clock.now();
        send(&world, Template::News).await;
        world.app.clock.advance(13 * 60_000);
        send(&world, Template::News).await;
        assert_eq!(traces(&world, deed).await, 0);
        world.app.clock.advance(HOUR);
        run(&world.app).await;
        assert!(outbox(&world).is_empty(), "11:20 is no hour for news");
        let check = daylight_app::ops::doctor(&world.app.db, &world.app.vault, world.app.clock.now()).await;
        assert!(check.unwrap().iter().any(|check| check.code == "sms" && check.detail.contains("没有")));
        world.app.clock.advance(40 * 60_000 + 5_000);
        run(&world.app).await;
        let lines = outbox(&world);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(
            (&lines[0]["template"], &lines[0]["time"]),
            (&"news".into(), &"2026-11-22T12:00:05+08:00".into())
        );
        assert_eq!(sms::waiting(world.app.db.read()).await.unwrap(), 0);
        // A deed of 12:00:05 is told at 15:00, also to the same number.
        send(&world, Template::News).await;
        run(&world.app).await;
        assert_eq!(outbox(&world).len(), 1);
        world.app.clock.advance(3 * HOUR);
        run(&world.app).await;
        assert_eq!(outbox(&world).len(), 2);
        assert_eq!(traces(&world, deed).await, 0);
    }
}

#[tokio::test]
async fn the_order_in_which_news_leaves_is_not_that_of_the_deeds() {
    for world in worlds().await {
        let numbers: Vec<_> = (0..24).map(|at| format!("139000000{at:02}")).collect();
        for number in &numbers {
            let tx = world.app.db.write().await.unwrap();
            let phone = Phone::parse(number).unwrap();
            let now = world.app.clock.now();
            sms::send(&tx, &world.app.vault, &phone, Template::News, now).await.unwrap();
            tx.commit().await.unwrap();
        }
        world.app.clock.advance(2 * HOUR);
        run(&world.app).await;
        let mut left: Vec<_> =
            outbox(&world).iter().map(|line| line["to"].as_str().unwrap().to_owned()).collect();
        assert_ne!(left, numbers, "one order of 10^23");
        left.sort_unstable();
        assert_eq!(left, numbers);
    }
}

#[tokio::test]
async fn news_that_was_held_up_rings_nobody_at_night() {
    for world in worlds().await {
        let broken = with(&world, Channel::Command(vec!["false".into()]));
        send(&world, Template::News).await;
        world.app.clock.advance(2 * HOUR);
        run(&broken).await;
        // 23:00: the gateway works again.
        world.app.clock.advance(11 * HOUR);
        run(&world.app).await;
        assert!(outbox(&world).is_empty());
        assert_eq!(sms::waiting(world.app.db.read()).await.unwrap(), 1);
        let check = daylight_app::ops::doctor(&world.app.db, &world.app.vault, world.app.clock.now()).await;
        let late = check.unwrap().into_iter().find(|check| check.code == "sms").unwrap();
        assert!(late.detail.contains('1') && !late.remedy.is_empty(), "{late:?}");
        world.app.clock.advance(10 * HOUR);
        run(&world.app).await;
        assert_eq!(outbox(&world).len(), 1);
    }
}

#[tokio::test]
async fn numbers_that_are_refused_hold_up_nobody_and_are_given_up_after_three_days() {
    for world in worlds().await {
        let app = &world.app;
        let taken = app.config.data.join("taken");
        let script = format!("grep -v 139000000 >> '{}'", taken.display());
        let picky = with(&world, Channel::Command(vec!["sh".into(), "-c".into(), script]));
        for at in 0..24 {
            let tx = app.db.write().await.unwrap();
            let number = format!("13{}000000{at:02}", if at < 20 { 9 } else { 8 });
            let phone = Phone::parse(&number).unwrap();
            sms::send(&tx, &app.vault, &phone, Template::News, app.clock.now()).await.unwrap();
            tx.commit().await.unwrap();
        }
        app.clock.advance(2 * HOUR);
        run(&picky).await;
        let lines = std::fs::read_to_string(&taken).unwrap();
        assert_eq!(lines.lines().count(), 4, "every live number in one go");
        assert_eq!(sms::waiting(app.db.read()).await.unwrap(), 20);
        app.clock.advance(72 * HOUR);
        run(&picky).await;
        assert_eq!(sms::waiting(app.db.read()).await.unwrap(), 0, "given up");
    }
}

#[tokio::test]
async fn news_that_cannot_be_read_stops_nobody_and_goes_in_its_time() {
    for world in worlds().await {
        let app = &world.app;
        send(&world, Template::News).await;
        let tx = app.db.write().await.unwrap();
        let sql = "INSERT INTO sms_messages (due_at, news_key, content_sealed) VALUES ($1, $2, $2)";
        let bound = daylight_db::values![app.clock.now(), vec![1_u8]];
        daylight_db::exec(&*tx, sql, bound).await.unwrap();
        tx.commit().await.unwrap();
        app.clock.advance(2 * HOUR);
        run(app).await;
        assert_eq!((outbox(&world).len(), sms::waiting(app.db.read()).await.unwrap()), (1, 1));
        app.clock.advance(72 * HOUR);
        run(app).await;
        assert_eq!(sms::waiting(app.db.read()).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn without_a_gateway_messages_wait_and_codes_that_waited_too_long_never_leave() {
    for world in worlds().await {
        let none = with(&world, Channel::None);
        send(&world, Template::Staff).await;
        send(&world, Template::Code { code: "012345".into() }).await;
        run(&none).await;
        assert_eq!(sms::waiting(none.db.read()).await.unwrap(), 2);
        let found = daylight_app::ops::doctor(&none.db, &none.vault, none.clock.now()).await.unwrap();
        let check = found.iter().find(|check| check.code == "sms").unwrap();
        assert!(check.detail.contains('2') && check.remedy.contains("[sms]"), "{check:?}");
        world.app.clock.advance(5 * 60_000);
        run(&world.app).await;
        let lines = outbox(&world);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(lines[0]["template"], "staff");
        assert_eq!(sms::waiting(none.db.read()).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_gateway_that_fails_is_tried_again_and_no_error_names_the_number() {
    for world in worlds().await {
        let broken = with(&world, Channel::Command(vec!["false".into()]));
        send(&world, Template::Staff).await;
        for _ in 0..40 {
            run(&broken).await;
            world.app.clock.advance(24 * 3_600_000);
        }
        let failed = daylight_queue::failed(broken.db.read()).await.unwrap();
        let job = failed.iter().find(|job| job.kind == "sms.send").expect("it waits for the operator");
        assert!(job.attempts > 1);
        let told = format!("{job:?}");
        assert!(told.contains("退出码1") && !told.contains(&NUMBER[3..]), "{told}");
        // The operator mends the gateway and revives the job: the message was kept.
        let tx = broken.db.write().await.unwrap();
        assert!(daylight_queue::revive(&tx, job.id, broken.clock.now()).await.unwrap());
        tx.commit().await.unwrap();
        run(&world.app).await;
        assert_eq!(outbox(&world).len(), 1);
    }
}
