//! Ties as they are stored.

use super::{Refused, may_ask, may_decide, store};
use crate::cases::{keys::store::holders, routing, testing::*};

#[tokio::test]
async fn an_account_keeps_its_person_until_another_has_confirmed_the_new_one() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let case_id = submitted(&tx, &vault, &draft(), "token").await;
        let account = intake(ZHEN);
        // Somebody asks that the intake clerk passes for the village's head's colleague.
        cadre(&tx, 500, SHITAN).await;
        let wish = store::facts(&*tx, account, Some(500)).await.unwrap();
        assert_eq!(may_ask(leader(XIAN), &wish), Ok(()));
        let id = store::ask(&tx, account, Some(500), leader(XIAN), 1).await.unwrap();
        assert_eq!(store::behind(&*tx, account).await.unwrap().unwrap().id, person(account));
        let again = store::facts(&*tx, account, Some(500)).await.unwrap();
        assert_eq!(may_ask(leader(XIAN), &again), Err(Refused::Open));
        let line = store::get(&*tx, id).await.unwrap().unwrap();
        assert_eq!(may_decide(leader(XIAN), line.asked_by, &again), Err(Refused::Asker));
        assert!(store::decide(&tx, &line, true, leader(ZHEN), 2).await.unwrap());
        assert!(!store::decide(&tx, &line, false, leader(ZHEN), 3).await.unwrap());
        assert_eq!(store::behind(&*tx, account).await.unwrap().unwrap().id, 500);
        // The person is taken now.
        let taken = store::facts(&*tx, handler(ZHEN), Some(500)).await.unwrap();
        assert_eq!(may_ask(leader(XIAN), &taken), Err(Refused::Taken));
        // A tie to the accused's own line closes the case at the next settling.
        cadre(&tx, 501, LIUHE).await;
        let id = store::ask(&tx, account, Some(501), leader(XIAN), 4).await.unwrap();
        let line = store::get(&*tx, id).await.unwrap().unwrap();
        store::decide(&tx, &line, true, leader(ZHEN), 5).await.unwrap();
        tx.commit().await.unwrap();
        crate::cases::store::resettle(&test.db, &vault, NOW).await.unwrap();
        let tx = test.db.write().await.unwrap();
        assert!(!holders(&*tx, case_id).await.unwrap().contains(&account));
    }
}

#[tokio::test]
async fn a_refused_request_changes_nothing_and_the_untied_are_named() {
    for County { test, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let account = handler(ZHEN);
        let id = store::ask(&tx, account, None, 1_i64.max(leader(XIAN)), 1).await.unwrap();
        let line = store::get(&*tx, id).await.unwrap().unwrap();
        assert!(store::untied(&*tx).await.unwrap().is_empty());
        store::decide(&tx, &line, false, leader(ZHEN), 2).await.unwrap();
        assert!(store::behind(&*tx, account).await.unwrap().is_some());
        assert_eq!(store::decided(&*tx, 9).await.unwrap()[0].confirmed, Some(false));
        routing::store::tie(&tx, account, None).await.unwrap();
        assert_eq!(store::untied(&*tx).await.unwrap(), [format!("account{account}")]);
    }
}
