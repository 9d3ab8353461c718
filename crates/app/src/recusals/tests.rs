//! The book as it is stored, and what it does to cases.

use super::store;
use crate::cases::{
    Deed,
    keys::store::holders,
    routing::store::About,
    store::{self as cases, Doing, Words},
    testing::*,
};

async fn act(tx: &daylight_db::Tx, vault: &daylight_vault::Vault, account: i64, case_id: i64, deed: Deed) {
    let seen = cases::open_own(&**tx, vault, case_id).await.unwrap().seen();
    let doing = Doing { deed, reason: "理由".into(), words: Words::default(), seen };
    cases::act(tx, vault, &at_desk(tx, account).await, case_id, doing, NOW).await.unwrap();
}

#[tokio::test]
async fn a_declared_recusal_closes_the_case_when_it_is_settled() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let case_id = submitted(&tx, &vault, &draft(), "token").await;
        act(&tx, &vault, intake(ZHEN), case_id, Deed::Accept).await;
        act(&tx, &vault, leader(ZHEN), case_id, Deed::Assign { account_id: handler(ZHEN) }).await;
        assert!(holders(&*tx, case_id).await.unwrap().contains(&handler(ZHEN)));
        let by = leader(ZHEN);
        assert!(store::declare(&tx, handler(ZHEN), About::Unit(LIUHE), by, NOW).await.unwrap());
        assert!(!store::declare(&tx, handler(ZHEN), About::Unit(LIUHE), by, NOW).await.unwrap());
        tx.commit().await.unwrap();
        cases::resettle(&test.db, &vault, NOW).await.unwrap();
        let tx = test.db.write().await.unwrap();
        assert!(!holders(&*tx, case_id).await.unwrap().contains(&handler(ZHEN)));
        let case = cases::open_own(&*tx, &vault, case_id).await.unwrap().case;
        assert_eq!(case.handler_id, None);
        // The only one who accepts is out as well: the case goes up at once.
        store::declare(&tx, intake(ZHEN), About::Unit(LIUHE), by, NOW).await.unwrap();
        tx.commit().await.unwrap();
        cases::resettle(&test.db, &vault, NOW).await.unwrap();
        let tx = test.db.write().await.unwrap();
        let case = cases::open_own(&*tx, &vault, case_id).await.unwrap().case;
        assert_eq!(case.organ_id, Some(XIAN));
    }
}

#[tokio::test]
async fn what_was_ended_is_kept_and_may_be_declared_again() {
    for County { test, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        store::declare(&tx, handler(ZHEN), About::Cadre(LIUHE_HEAD), handler(ZHEN), 5).await.unwrap();
        let line = store::list(&*tx).await.unwrap().remove(0);
        assert_eq!(
            (line.account_id, line.cadre.as_deref(), line.unit),
            (handler(ZHEN), Some("干部301"), None)
        );
        assert!(store::end(&tx, line.id, leader(ZHEN), 9).await.unwrap());
        assert!(!store::end(&tx, line.id, leader(ZHEN), 10).await.unwrap());
        assert!(store::list(&*tx).await.unwrap().is_empty());
        assert!(
            store::declare(&tx, handler(ZHEN), About::Cadre(LIUHE_HEAD), handler(ZHEN), 11).await.unwrap()
        );
        let near = person(handler(ZHEN));
        assert!(store::relate(&tx, LIUHE_HEAD, near, leader(ZHEN), 5).await.unwrap());
        assert!(!store::relate(&tx, near, LIUHE_HEAD, leader(ZHEN), 6).await.unwrap());
        assert_eq!(store::pairs(&*tx).await.unwrap().len(), 1);
        assert!(store::unrelate(&tx, near, LIUHE_HEAD, leader(ZHEN), 7).await.unwrap());
        let world = crate::cases::routing::store::world(&*tx).await.unwrap();
        assert!(store::pairs(&*tx).await.unwrap().is_empty() && world.relatives.is_empty());
        assert!(store::relate(&tx, near, LIUHE_HEAD, leader(ZHEN), 8).await.unwrap());
        let world = crate::cases::routing::store::world(&*tx).await.unwrap();
        assert_eq!(world.relatives.len(), 1);
    }
}
