//! Who reported, from the request to the look, as two organs and a reporter see it in their browsers.

use crate::{
    desks::{LIUHE, XIAN, ZHEN, act, browser, handler, intake, leader, report, settle, told},
    world::worlds,
};
use daylight_app::cases::Deed;

const REASON: &str = "需要当面核对签名，平台上说不清";

#[tokio::test]
async fn an_identity_is_asked_for_approved_shown_and_told() {
    for world in worlds().await {
        settle(&world).await;
        let draft = told(LIUHE, "村主任把自己的堂弟塞进低保名单，公示只贴了两天", Some("陈秀英"));
        let (number, code, id) = report(&world, &draft, "token").await;
        act(&world, intake(ZHEN), id, Deed::Accept).await.unwrap();
        act(&world, leader(ZHEN), id, Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();
        let page = format!("/office/cases/{id}/identity");
        let (asker, second) = (browser(&world, handler(ZHEN)).await, browser(&world, leader(XIAN)).await);
        let shown = asker.get(&page).await;
        assert!(shown.status == 200 && shown.body.contains("不需要知道是谁也能问"), "{}", shown.body);
        // Whoever may not ask finds nothing, as for a case that is not there.
        let nobody = browser(&world, handler(XIAN)).await;
        let (closed, missing) = (nobody.get(&page).await, nobody.get("/office/cases/999/identity").await);
        let missing = missing.body.replace("/999/", &format!("/{id}/"));
        assert_eq!((closed.status.as_u16(), closed.body == missing), (404, true));
        let short = asker.post(&page, &[("reason", "查一下")]).await;
        assert!(short.status == 422 && short.body.contains("至少10个字"), "{}", short.body);
        let phone = asker.post(&page, &[("reason", "需要打13949631669核对签名")]).await;
        assert_eq!(phone.status, 422);
        assert_eq!(asker.post(&page, &[("reason", REASON)]).await.status, 303);
        let look = format!("{page}/look");
        assert_eq!(asker.post(&look, &[]).await.status, 422, "nobody has approved");
        let listed = second.get("/office/openings").await;
        assert!(listed.body.contains(REASON) && !listed.body.contains("低保"), "{}", listed.body);
        assert!(second.get("/office/openings/1").await.body.contains("同意查看"));
        // The asker's own leader neither finds nor decides it.
        let own = browser(&world, leader(ZHEN)).await;
        assert_eq!(own.post("/office/openings/1", &[("decision", "approve")]).await.status, 404);
        assert_eq!(second.post("/office/openings/1", &[("decision", "approve")]).await.status, 303);
        let seen = asker.post(&look, &[]).await;
        assert!(seen.body.contains("陈秀英") && seen.body.contains("13949631669"), "{}", seen.body);
        assert!(!seen.body.contains("999901199003078238"), "the citizen id is not shown");
        assert_eq!(seen.headers["cache-control"], "no-store");
        let keys = [("number", number.canonical()), ("code", code.canonical())];
        let status = world.citizen().post("/reports/status", &keys).await;
        for word in ["谁看过您的身份", "青石镇纪委", "安澜县纪委", REASON] {
            assert!(status.body.contains(word), "{word}: {}", status.body);
        }
        world.app.clock.advance(49 * 3_600_000);
        let tx = world.app.db.write().await.unwrap();
        let counts = daylight_app::openings::store::counts(&*tx).await.unwrap();
        assert_eq!((counts.len(), counts[0].looks, counts[0].cases), (1, 1, 1));
    }
}
