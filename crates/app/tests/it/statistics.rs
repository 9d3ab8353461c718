//! Public figures: each right, each with its definition.

use crate::world::{handover, worlds};
use daylight_app::statistics::{DEFINITIONS, store};
use daylight_db::{exec, values};
use daylight_ui::zh;

#[tokio::test]
async fn figures_are_those_of_the_hand_over() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let figures = store::figures(world.app.db.read()).await.unwrap();
        assert_eq!((figures.units, figures.cadres), (60, 216));
        assert_eq!((figures.powers, figures.powers_public, figures.powers_withheld), (360, 320, 40));
        assert_eq!((figures.procedures, figures.steps), (360, 2_340));
        assert!(figures.divisions > 0 && figures.posts > 0 && figures.bases > 0 && figures.risks > 0);
        let page = world.citizen().get("/statistics").await.body;
        for (line, value) in figures.lines() {
            assert!(page.contains(&format!("id=\"{}\"", line.field)), "{}", line.field);
            assert!(page.contains(line.text), "{}", line.field);
            assert!(page.contains(&format!("{} {}", zh::number(value), line.unit)), "{}", line.field);
        }
        assert_eq!(figures.lines().count(), DEFINITIONS.len());
    }
}

#[tokio::test]
async fn who_left_office_and_what_has_ended_are_not_counted() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let before = store::figures(world.app.db.read()).await.unwrap();
        let writer = world.app.db.writer();
        let sql = "UPDATE appointments SET until = '2026-10' WHERE id = (SELECT MIN(id) FROM appointments)";
        exec(writer, sql, values![]).await.unwrap();
        let sql = "UPDATE units SET ended_on = '2026-10-01' WHERE id = (SELECT MIN(id) FROM units)";
        exec(writer, sql, values![]).await.unwrap();
        let after = store::figures(world.app.db.read()).await.unwrap();
        assert_eq!((after.cadres, after.units), (before.cadres - 1, before.units - 1));
        assert_eq!(after.posts, before.posts, "a vacant post is still a post");
    }
}

#[tokio::test]
async fn nothing_to_count_is_nought_and_not_an_error() {
    for world in worlds().await {
        assert_eq!(store::figures(world.app.db.read()).await.unwrap(), Default::default());
        assert_eq!(world.citizen().get("/statistics").await.status, 200);
    }
}

#[tokio::test]
async fn the_bars_of_public_powers_add_up() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let c = world.app.db.read();
        for counts in [
            store::powers_by_kind(c).await.unwrap(),
            store::powers_by_stage(c).await.unwrap(),
            store::powers_by_category(c).await.unwrap(),
        ] {
            assert_eq!(counts.iter().map(|count| count.n).sum::<i64>(), 320, "{counts:?}");
        }
    }
}
