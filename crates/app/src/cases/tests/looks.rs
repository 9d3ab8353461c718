//! Who looked at what stands in the trail, before it is shown.

use super::*;
use crate::{
    audit::store::{Verdict, verify as verify_trail},
    cases::testing::*,
    clock::Millis,
};
use daylight_db::{exec, testing::TestDb, values};
use daylight_vault::Vault;

const DAY: Millis = 86_400_000;

async fn look(test: &TestDb, vault: &Vault, account: i64, look: Look, now: Millis) -> Result<(), StoreError> {
    let tx = test.db.write().await.unwrap();
    let (actor, id) = (at_desk(&tx, account).await, case_of(&tx, "token").await);
    open_for(&tx, vault, &actor, id, look, now).await?;
    tx.commit().await.unwrap();
    Ok(())
}

async fn noted(test: &TestDb) -> Vec<(String, Option<i64>, String)> {
    let tx = test.db.write().await.unwrap();
    let id = case_of(&tx, "token").await;
    let found = looks(&*tx, id, 100).await.unwrap();
    found.into_iter().rev().map(|line| (line.action, line.account_id, line.detail)).collect()
}

async fn changed(test: &TestDb, sql: &str) {
    let tx = test.db.write().await.unwrap();
    exec(&*tx, sql, values![]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn each_look_at_a_case_a_print_and_an_original_is_an_entry_once_a_day() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        submitted(&tx, &vault, &draft(), "token").await;
        tx.commit().await.unwrap();
        let (one, other) = (intake(ZHEN), leader(ZHEN));
        for (account, what, now) in [
            (one, Look::File, NOW),
            (one, Look::File, NOW + 1),
            (one, Look::Print, NOW + 2),
            (one, Look::Original(7), NOW + 3),
            (one, Look::Original(8), NOW + 3),
            (one, Look::Copy(8), NOW + 3),
            (one, Look::Original(7), NOW + 4),
            (other, Look::File, NOW + 5),
            // Another day in Beijing, also for those who looked yesterday.
            (one, Look::File, NOW + DAY),
            (one, Look::File, NOW + DAY + 1),
        ] {
            look(&test, &vault, account, what, now).await.unwrap();
        }
        let line =
            |action: &str, account, detail: &str| (action.to_owned(), Some(account), detail.to_owned());
        assert_eq!(
            noted(&test).await,
            [
                line("case.open", one, ""),
                line("case.print", one, ""),
                line("case.original", one, "材料7"),
                line("case.original", one, "材料8"),
                line("case.copy", one, "材料8"),
                line("case.open", other, ""),
                line("case.open", one, ""),
            ]
        );
        // To whom it is closed nothing was shown, and nothing is noted.
        assert!(matches!(
            look(&test, &vault, leader(XIAN), Look::File, NOW).await,
            Err(StoreError::NotFound)
        ));
        assert_eq!(noted(&test).await.len(), 7);
        assert!(matches!(verify_trail(test.db.read()).await.unwrap(), Verdict::Whole(_)));
        assert_eq!(verify(test.db.read(), &vault).await.unwrap().1, []);
    }
}

#[tokio::test]
async fn what_cannot_be_noted_is_not_shown() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        submitted(&tx, &vault, &draft(), "token").await;
        tx.commit().await.unwrap();
        look(&test, &vault, intake(ZHEN), Look::File, NOW).await.unwrap();
        // The trail takes no second entry of the kind.
        changed(&test, "CREATE UNIQUE INDEX full_trail ON audit_entries (action) WHERE action = 'case.open'")
            .await;
        let refused = look(&test, &vault, leader(ZHEN), Look::File, NOW).await;
        assert!(matches!(refused, Err(StoreError::Db(_))), "{refused:?}");
        changed(&test, "DROP INDEX full_trail").await;
        look(&test, &vault, leader(ZHEN), Look::File, NOW).await.unwrap();
    }
}

#[tokio::test]
async fn verify_finds_a_look_that_was_erased_on_either_side() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        tx.commit().await.unwrap();
        look(&test, &vault, intake(ZHEN), Look::File, NOW).await.unwrap();
        look(&test, &vault, leader(ZHEN), Look::File, NOW).await.unwrap();
        let faults = async || verify(test.db.read(), &vault).await.unwrap().1;
        assert_eq!(faults().await, []);
        for (sql, back) in [
            ("UPDATE case_keys SET opened_at = NULL", "UPDATE case_keys SET opened_at = 1795312800000"),
            ("UPDATE case_keys SET opened_at = 0", "UPDATE case_keys SET opened_at = 1795312800000"),
            ("UPDATE audit_entries SET at = 0 WHERE action = 'case.open'", ""),
        ] {
            changed(
                &test,
                &format!("{sql} {}", if sql.contains("case_keys") { "WHERE account_id = 20" } else { "" }),
            )
            .await;
            assert!(faults().await.contains(&(id, Fault::Looks)), "{sql}");
            if !back.is_empty() {
                changed(&test, &format!("{back} WHERE account_id = 20")).await;
                assert_eq!(faults().await, []);
            }
        }
        assert!(matches!(verify_trail(test.db.read()).await.unwrap(), Verdict::BrokenAt(_)));
    }
}
