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
        send(&world, Template::News).await;
        send(&world, Template::Code { code: "012345".into() }).await;
        run(&world.app).await;
        run(&world.app).await;
        let lines = outbox(&world);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert_eq!((&lines[0]["to"], &lines[0]["template"]), (&NUMBER.into(), &"news".into()));
        assert_eq!(lines[0]["time"], "2026-11-22T10:00:00+08:00");
        assert_eq!(lines[1]["params"]["code"], "012345");
        assert_eq!(sms::waiting(world.app.db.read()).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn without_a_gateway_messages_wait_and_codes_that_waited_too_long_never_leave() {
    for world in worlds().await {
        let none = with(&world, Channel::None);
        send(&world, Template::News).await;
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
        assert_eq!(lines[0]["template"], "news");
        assert_eq!(sms::waiting(none.db.read()).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_gateway_that_fails_is_tried_again_and_no_error_names_the_number() {
    for world in worlds().await {
        let broken = with(&world, Channel::Command(vec!["false".into()]));
        send(&world, Template::News).await;
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
