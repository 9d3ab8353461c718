//! Cases and replies held against each other, and keys that move.

use super::{
    tests::{ANSWER, Desk, doing, sound},
    *,
};
use crate::cases::{Conclusion, Deed, Reply, State, testing::*};
use daylight_db::{exec, values};
use daylight_vault::Vault;

async fn submitted_about(tx: &Tx, vault: &Vault, what: &str, token: &str) -> i64 {
    let facts = crate::reports::Facts { what: what.into(), ..Default::default() };
    submitted(tx, vault, &crate::reports::Draft { facts, ..draft() }, token).await
}

#[tokio::test]
async fn duplicates_are_suggested_among_what_the_viewer_may_see_and_linked_on_both() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let road = "村道硬化工程厚度不够，验收却写合格，多付了工程款";
        let id = submitted_about(&tx, &vault, road, "a").await;
        let twin = submitted_about(&tx, &vault, &format!("我们{road}，请查一查"), "b").await;
        let other = submitted_about(&tx, &vault, "低保评议不公开，名单里有村干部的亲戚", "c").await;
        let hidden = submitted_about(&tx, &vault, road, "d").await;
        let who = at_desk(&tx, leader(ZHEN)).await;
        Desk { tx: &tx, vault: &vault, id: hidden }
            .act(leader(ZHEN), Deed::Recuse { account_id: leader(ZHEN) })
            .await
            .ok();
        let viewer = at_desk(&tx, intake(ZHEN)).await;
        let ids = |found: Vec<Alike>| found.into_iter().map(|one| one.line.id).collect::<Vec<_>>();
        let seen = ids(alike(&*tx, &vault, &viewer, id).await.unwrap());
        // The hidden one lost its only leader and went up.
        assert_eq!(seen, [twin]);
        link(&tx, &vault, &viewer, (twin, id), NOW).await.unwrap();
        link(&tx, &vault, &viewer, (id, twin), NOW).await.unwrap();
        for (one, linked) in [(id, twin), (twin, id)] {
            let lines = links(&*tx, &vault, &who, one).await.unwrap();
            assert_eq!(lines.iter().map(|line| line.id).collect::<Vec<_>>(), [linked]);
        }
        assert_eq!(links(&*tx, &vault, &who, other).await.unwrap(), []);
        for (one, two) in [(id, hidden), (hidden, id), (id, id), (id, 999)] {
            let refused = link(&tx, &vault, &viewer, (one, two), NOW).await;
            assert!(matches!(refused, Err(StoreError::NotFound)), "{one} {two} {refused:?}");
        }
        // Whoever may not see one of them does not learn of the link.
        let stay = Desk { tx: &tx, vault: &vault, id: twin };
        stay.act(intake(ZHEN), Deed::Accept).await.unwrap();
        stay.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();
        let handler = at_desk(&tx, handler(ZHEN)).await;
        assert_eq!(links(&*tx, &vault, &handler, twin).await.unwrap(), []);
        // Taken back by whoever sees both, from either side, and by nobody else.
        let hidden_end = unlink(&tx, &vault, &handler, (id, twin), NOW).await;
        assert!(matches!(hidden_end, Err(StoreError::NotFound)), "{hidden_end:?}");
        assert_eq!(links(&*tx, &vault, &who, id).await.unwrap().len(), 1);
        unlink(&tx, &vault, &who, (twin, id), NOW).await.unwrap();
        assert_eq!(links(&*tx, &vault, &who, id).await.unwrap(), []);
        unlink(&tx, &vault, &who, (id, twin), NOW).await.unwrap();
    }
}

#[tokio::test]
async fn a_near_copy_of_a_reply_is_held_back_at_the_door_and_shown_to_whom_that_case_is_open() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let first = Desk { tx: &tx, vault: &vault, id: submitted(&tx, &vault, &draft(), "a").await };
        first.answered().await;
        let second = Desk { tx: &tx, vault: &vault, id: submitted(&tx, &vault, &draft(), "b").await };
        second.act(intake(ZHEN), Deed::Accept).await.unwrap();
        second.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();
        second.act(handler(ZHEN), Deed::Conclude { conclusion: Conclusion::Partly }).await.unwrap();
        // The proof is from nowhere: what counts is what is sent.
        let held = second.act(leader(ZHEN), Deed::Reply { sound: sound() }).await;
        let Err(StoreError::Unsound(why)) = held else { panic!("{held:?}") };
        assert!(matches!(&why[..], [Objection::NearCopy { alike: 1000, .. }]), "{why:?}");
        let reply = Reply { answers: vec![ANSWER.into()], rest: String::new() };
        let of = |account: i64| {
            let (tx, vault, id, reply) = (&tx, &vault, second.id, reply.clone());
            async move {
                let found = earlier(&**tx, vault, &at_desk(tx, account).await, id, &reply).await.unwrap();
                found.into_iter().map(|one| (one.case_id, one.text)).collect::<Vec<_>>()
            }
        };
        assert_eq!(of(leader(ZHEN)).await, [(Some(first.id), Some(ANSWER.to_owned()))]);
        // The handler of the other case sees their own; when it is another's, only that there is one.
        first_handler_is(&tx, &first, second_handler(ZHEN)).await;
        assert_eq!(of(handler(ZHEN)).await, [(None, None)]);
        // And in conflict with it, not even that.
        let sql = "INSERT INTO case_recused (case_id, account_id) VALUES ($1, $2)";
        exec(&*tx, sql, values![first.id, handler(ZHEN)]).await.unwrap();
        assert_eq!(of(handler(ZHEN)).await, []);
        // A leader's reason lets it through, and is kept.
        let points = ["低保名单是谁定的".to_owned()];
        let near = earlier(&*tx, &vault, &at_desk(&tx, leader(ZHEN)).await, second.id, &reply).await.unwrap();
        let sound = reply.check(&points, &near, Some("同一件事的第二位反映人")).unwrap();
        let done = second.act(leader(ZHEN), Deed::Reply { sound }).await.unwrap();
        let Deed::Reply { sound } = &done.entries.last().unwrap().event.deed else { panic!() };
        assert_eq!(sound.released(), Some("同一件事的第二位反映人"));
        // No open point passes, whatever the proof.
        let third = Desk { tx: &tx, vault: &vault, id: submitted(&tx, &vault, &draft(), "c").await };
        third.act(intake(ZHEN), Deed::Accept).await.unwrap();
        third.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();
        let concluded =
            third.act(handler(ZHEN), Deed::Conclude { conclusion: Conclusion::Not }).await.unwrap();
        let sound = sound.clone();
        let empty = Doing { words: Words::default(), ..doing(&concluded, Deed::Reply { sound }) };
        let actor = at_desk(&tx, leader(ZHEN)).await;
        let refused = act(&tx, &vault, &actor, third.id, empty, NOW).await;
        assert!(matches!(refused, Err(StoreError::Unsound(_))), "{refused:?}");
    }
}

/// As if the first case had been another's.
async fn first_handler_is(tx: &Tx, desk: &Desk<'_>, account: i64) {
    let sql = "UPDATE cases SET handler_id = $2 WHERE id = $1";
    exec(&**tx, sql, values![desk.id, account]).await.unwrap();
}

#[tokio::test]
async fn cases_open_after_the_vaults_key_has_moved_and_the_old_one_is_gone() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let desk = Desk { tx: &tx, vault: &vault, id: submitted(&tx, &vault, &draft(), "a").await };
        desk.answered().await;
        let id = desk.id;
        tx.commit().await.unwrap();
        vault.rotate(NOW / 1000).unwrap();
        let moved = crate::ops::reseal_all(&test.db, &vault, &|_| {}).await.unwrap();
        // The program's key, those of intake, leader and handler, and the sketch of the reply.
        assert_eq!((moved.moved, moved.unreadable), (5, 0));
        let gone = crate::ops::forget_unused(&test.db, &vault, &Default::default()).await.unwrap();
        assert_eq!(gone.len(), 1);
        let tx = test.db.write().await.unwrap();
        assert_eq!(verify(&*tx, &vault).await.unwrap(), (1, Vec::new()));
        let opened = open(&tx, &vault, &at_desk(&tx, handler(ZHEN)).await, id, NOW).await.unwrap();
        assert_eq!(opened.case.state, State::Answered);
        assert_eq!(points(&*tx, &opened).await.unwrap(), draft().points);
    }
}
