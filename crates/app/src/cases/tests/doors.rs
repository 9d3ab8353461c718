//! The doors of staff: who is let in, what follows staff who come and go, what is checked.

use super::{tests::Desk, *};
use crate::cases::{By, Deed, Reply, State, routing, testing::*};
use daylight_db::{exec, values};
use daylight_vault::Vault;

async fn settled(test: &daylight_db::testing::TestDb, vault: &Vault) -> usize {
    let (settled, damaged) = resettle(&test.db, vault, NOW).await.unwrap();
    assert_eq!(damaged, Vec::<i64>::new());
    settled
}

async fn jobs(tx: &Tx, kind: &str) -> i64 {
    let sql = "SELECT COUNT(*) FROM jobs WHERE kind = $1 AND finished_at IS NULL";
    daylight_db::scalar(&**tx, sql, values![kind]).await.unwrap()
}

#[tokio::test]
async fn a_case_of_another_organ_a_closed_one_and_none_at_all_are_refused_in_the_same_words() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        routing::store::recuse(&tx, leader(ZHEN), routing::store::About::Unit(LIUHE), NOW).await.unwrap();
        for account in [leader(ZHEN), leader(XIAN), handler(ZHEN)] {
            let actor = at_desk(&tx, account).await;
            let mut said = Vec::new();
            for case in [id, id + 1] {
                let doing =
                    Doing {
                        deed: Deed::Decline, reason: "不属于".into(), words: Words::default(), seen: 2
                    };
                said.push([
                    format!("{:?}", open(&tx, &vault, &actor, case, NOW).await.map(drop)),
                    format!("{:?}", act(&tx, &vault, &actor, case, doing, NOW).await.map(drop)),
                    format!("{:?}", name(&tx, &vault, &actor, case, &[1].into(), NOW).await.map(drop)),
                    format!("{:?}", alike(&*tx, &vault, &actor, case).await.map(drop)),
                    format!("{:?}", links(&*tx, &vault, &actor, case).await.map(drop)),
                    format!("{:?}", earlier(&*tx, &vault, &actor, case, &Reply::default()).await.map(drop)),
                ]);
            }
            assert_eq!(said[0], ["Err(NotFound)"; 6], "{account}");
            assert_eq!(said[0], said[1], "{account}");
        }
    }
}

#[tokio::test]
async fn somebody_who_knows_of_a_conflict_steps_back_and_one_the_platform_knows_of_is_out_already() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
        desk.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();
        let back = Deed::Recuse { account_id: handler(ZHEN) };
        let after = desk.act(handler(ZHEN), back).await.unwrap();
        assert_eq!((after.case.handler_id, after.case.state), (None, State::Accepted));
        assert!(desk.closed_to(handler(ZHEN)).await);
        desk.act(leader(ZHEN), Deed::Assign { account_id: second_handler(ZHEN) }).await.unwrap();
        let declared = (person(second_handler(ZHEN)), LIUHE_HEAD);
        routing::store::declare_relatives(&tx, declared.0, declared.1, NOW).await.unwrap();
        let who = at_desk(&tx, leader(ZHEN)).await;
        // The last who could handle it is out: it goes up, in the same transaction.
        let after = name(&tx, &vault, &who, id, &[LIUHE_HEAD].into(), NOW).await.unwrap();
        assert_eq!(after.case.organ_id, Some(XIAN));
        assert!(desk.closed_to(second_handler(ZHEN)).await);
        assert_eq!(desk.holders().await, [intake(XIAN), leader(XIAN)]);
    }
}

#[tokio::test]
async fn naming_asks_who_names_and_leaves_a_trail_without_the_name() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let stranger = at_desk(&tx, handler(ZHEN)).await;
        let refused = name(&tx, &vault, &stranger, id, &[LIUHE_HEAD].into(), NOW).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        let who = at_desk(&tx, intake(ZHEN)).await;
        name(&tx, &vault, &who, id, &[LIUHE_HEAD].into(), NOW).await.unwrap();
        let sql =
            "SELECT actor || ' ' || subject || ' ' || detail FROM audit_entries WHERE action = 'case.name'";
        let trail: Vec<String> = vec![daylight_db::scalar(&*tx, sql, values![]).await.unwrap()];
        assert_eq!(trail, [format!("account{} case {id} 1人", intake(ZHEN))]);
    }
}

#[tokio::test]
async fn the_superior_is_told_what_was_opened_before_somebody_was_named_and_nobody_else_is() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
        desk.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();
        desk.open(handler(ZHEN)).await.unwrap();
        routing::store::declare_relatives(&tx, person(handler(ZHEN)), LIUHE_HEAD, NOW).await.unwrap();
        let who = at_desk(&tx, leader(ZHEN)).await;
        name(&tx, &vault, &who, id, &[LIUHE_HEAD].into(), NOW + 1).await.unwrap();
        let told = |account: i64| {
            let (tx, vault) = (&tx, &vault);
            async move { notices(&**tx, vault, &at_desk(tx, account).await).await.unwrap() }
        };
        let superior = told(leader(XIAN)).await;
        let expected = News::ClosedTo { account_id: handler(ZHEN), through: 4, opened_at: NOW };
        assert_eq!(superior.iter().map(|one| (one.case_id, one.news)).collect::<Vec<_>>(), [(id, expected)]);
        for account in [intake(ZHEN), handler(ZHEN), leader(ZHEN), intake(XIAN), handler(XIAN)] {
            assert_eq!(told(account).await, [], "{account}");
        }
        read_notice(&tx, &at_desk(&tx, intake(XIAN)).await, superior[0].id, NOW).await.unwrap();
        assert_eq!(told(leader(XIAN)).await[0].read_at, None, "another's notice is not theirs to read");
        read_notice(&tx, &at_desk(&tx, leader(XIAN)).await, superior[0].id, NOW).await.unwrap();
        assert_eq!(told(leader(XIAN)).await[0].read_at, Some(NOW));
        // A superior who turns out to be in conflict is told nothing either.
        routing::store::declare_relatives(&tx, person(leader(XIAN)), LIUHE_HEAD, NOW).await.unwrap();
        assert_eq!(told(leader(XIAN)).await, []);
    }
}

#[tokio::test]
async fn whatever_changes_who_serves_or_who_is_related_settles_every_case_and_twice_is_once() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(settled(&test, &vault).await, 0, "nothing has changed");
        // A new account gets the key of what is there.
        let tx = test.db.write().await.unwrap();
        cadre(&tx, 777, 9).await;
        let sql =
            "INSERT INTO accounts (id, login, name, disabled, created_at) VALUES (77, 'new', 'new', $1, 0)";
        exec(&*tx, sql, values![false]).await.unwrap();
        routing::store::tie(&tx, 77, Some(777)).await.unwrap();
        daylight_queue::absorb(&tx, "case.settle").await.unwrap();
        crate::accounts::store::grant(&tx, 77, crate::authz::Role::Leader, None, Some(ZHEN), None, 0)
            .await
            .unwrap();
        assert_eq!(jobs(&tx, "case.settle").await, 1);
        tx.commit().await.unwrap();
        assert_eq!((settled(&test, &vault).await, settled(&test, &vault).await), (1, 0));
        let tx = test.db.write().await.unwrap();
        let desk = Desk { tx: &tx, vault: &vault, id };
        assert_eq!(desk.holders().await, [intake(ZHEN), leader(ZHEN), 77]);
        // A recusal takes it away again, and with it whatever comes after.
        daylight_queue::absorb(&tx, "case.settle").await.unwrap();
        routing::store::recuse(&tx, 77, routing::store::About::Unit(LIUHE), NOW).await.unwrap();
        assert_eq!(jobs(&tx, "case.settle").await, 1);
        assert!(desk.closed_to(77).await, "asked at every opening, before the job has run");
        tx.commit().await.unwrap();
        assert_eq!((settled(&test, &vault).await, settled(&test, &vault).await), (1, 0));
        let tx = test.db.write().await.unwrap();
        let desk = Desk { tx: &tx, vault: &vault, id };
        assert_eq!(desk.holders().await, [intake(ZHEN), leader(ZHEN)]);
        // The last who could handle it leave: up it goes.
        let sql = "SELECT id FROM grants WHERE account_id = $1";
        for account in [handler(ZHEN), second_handler(ZHEN)] {
            let grant: i64 = daylight_db::scalar(&*tx, sql, values![account]).await.unwrap();
            crate::accounts::store::end_grant(&tx, grant, NOW).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!((settled(&test, &vault).await, settled(&test, &vault).await), (1, 0));
        let tx = test.db.write().await.unwrap();
        assert_eq!(open_own(&*tx, &vault, id).await.unwrap().case.organ_id, Some(XIAN));
        // A new post in the accused's line counts from the next look on.
        let sql = "INSERT INTO appointments (cadre_id, post_id) VALUES ($1, $2)";
        exec(&*tx, sql, values![person(leader(XIAN)), LIUHE]).await.unwrap();
        assert!(Desk { tx: &tx, vault: &vault, id }.closed_to(leader(XIAN)).await);
    }
}

#[tokio::test]
async fn the_units_own_group_keeps_what_a_rule_gave_it_until_somebody_with_a_rank_is_named() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        routing::store::set_table(&tx, &routing::Table::seed_with_own_unit(), None, 1).await.unwrap();
        let about = crate::reports::Draft { object: Some(crate::reports::Object::Unit(TOWNSHIP)), ..draft() };
        let id = submitted(&tx, &vault, &about, "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        assert_eq!(desk.holders().await, [intake(ZHEN), leader(ZHEN)]);
        desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
        assert!(!desk.closed_to(leader(ZHEN)).await);
        let who = at_desk(&tx, leader(ZHEN)).await;
        name(&tx, &vault, &who, id, &[LIUHE_HEAD].into(), NOW).await.unwrap();
        assert_eq!(desk.holders().await, [intake(XIAN), leader(XIAN)]);
    }
}

#[tokio::test]
async fn a_damaged_case_is_named_by_verify_and_hides_no_other() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let (good, other) =
            (submitted(&tx, &vault, &draft(), "a").await, submitted(&tx, &vault, &draft(), "b").await);
        let actor = at_desk(&tx, leader(ZHEN)).await;
        let faults = async || verify(&*tx, &vault).await.unwrap().1;
        assert_eq!(faults().await, []);
        let listed = || async {
            let lines = list(&*tx, &vault, &actor).await.unwrap();
            lines.into_iter().map(|line| line.id).collect::<std::collections::BTreeSet<_>>()
        };
        let harm = |sql: &'static str| {
            let tx = &tx;
            async move { exec(&**tx, sql, values![id]).await.unwrap() }
        };
        // Each is put back by the next line.
        for (harmed, mended, fault) in [
            (
                "UPDATE cases SET handler_id = 21 WHERE id = $1",
                "UPDATE cases SET handler_id = NULL WHERE id = $1",
                Fault::Columns,
            ),
            (
                "UPDATE cases SET state = 'lapsed' WHERE id = $1",
                "UPDATE cases SET state = 'routed' WHERE id = $1",
                Fault::Columns,
            ),
            (
                "INSERT INTO case_recused (case_id, account_id) VALUES ($1, 23)",
                "DELETE FROM case_recused WHERE case_id = $1",
                Fault::Columns,
            ),
            (
                "UPDATE case_events SET at = at + 1 WHERE case_id = $1 AND number = 2",
                "UPDATE case_events SET at = at - 1 WHERE case_id = $1 AND number = 2",
                Fault::Unreadable,
            ),
            (
                "UPDATE case_events SET deed = deed || ' ' WHERE case_id = $1 AND number = 2",
                "UPDATE case_events SET deed = TRIM(deed) WHERE case_id = $1 AND number = 2",
                Fault::Unreadable,
            ),
            (
                "UPDATE case_keys SET account_id = 21 WHERE case_id = $1 AND account_id = 20",
                "UPDATE case_keys SET account_id = 20 WHERE case_id = $1 AND account_id = 21",
                Fault::Keys,
            ),
            (
                "UPDATE case_keys SET revoked_at = 1 WHERE case_id = $1 AND account_id = 20",
                "UPDATE case_keys SET revoked_at = NULL WHERE case_id = $1",
                Fault::Holders,
            ),
        ] {
            assert_eq!(harm(harmed).await, 1, "{harmed}");
            assert_eq!(faults().await, [(id, fault)], "{harmed}");
            assert!(listed().await.is_superset(&[good, other].into()), "{harmed}");
            assert!(harm(mended).await > 0, "{mended}");
            assert_eq!(faults().await, [], "{mended}");
        }
        harm("UPDATE case_routes SET chain_locked = (SELECT words_locked FROM case_events WHERE case_id = $1 AND number = 1) WHERE case_id = $1").await;
        assert_eq!(listed().await, [good, other].into());
        let closed = open(&tx, &vault, &actor, id, NOW).await;
        assert!(matches!(closed, Err(StoreError::NotFound)), "nobody knows who is in conflict: {closed:?}");
        tx.commit().await.unwrap();
        assert_eq!(resettle(&test.db, &vault, NOW).await.unwrap().1, [id]);
        // The other cases go on.
        assert_eq!(tick(&test.db, &vault, NOW + 400 * 86_400_000).await.unwrap(), [id]);
        assert!(columns(test.db.read(), good).await.unwrap().unwrap().overdue_since.is_some());
    }
}

#[tokio::test]
async fn what_a_profile_does_not_allow_is_not_added() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
        desk.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();
        let more =
            Deed::AskTime { clock: crate::deadlines::Clock::Handle, by: crate::deadlines::Term::Days(30) };
        let refused = desk.act(handler(ZHEN), more).await;
        assert!(matches!(refused, Err(StoreError::NoExtension(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn somebody_with_two_roles_acts_in_the_one_that_may() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        let grant = crate::accounts::store::grant;
        grant(&tx, intake(ZHEN), crate::authz::Role::Handler, None, Some(ZHEN), None, 0).await.unwrap();
        grant(&tx, handler(ZHEN), crate::authz::Role::Intake, None, Some(ZHEN), None, 0).await.unwrap();
        // A handler to whom it is not given may not see it; as intake they may, and step back as such.
        desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
        let refused = desk.act(intake(ZHEN), Deed::Note).await;
        assert!(matches!(refused, Err(StoreError::Denied(_))), "{refused:?}");
        let back = Deed::Recuse { account_id: intake(ZHEN) };
        let after = desk.act(intake(ZHEN), back).await.unwrap();
        let By::Staff { role, .. } = after.entries.last().unwrap().event.by else { panic!() };
        assert_eq!(role, crate::authz::Role::Intake);
    }
}
