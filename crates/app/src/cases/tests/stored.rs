//! Cases as they are stored, told as stories of two organs.

use super::*;
use crate::{
    cases::{Conclusion, Deed, Ending, Reply, Sound, State, keys, routing, testing::*},
    deadlines::Stage,
};
use daylight_db::{exec, values};
use daylight_vault::Vault;

pub(super) const ANSWER: &str = "2026年3月2日村民代表会议评议，21人到会，记录已核对。";

pub(super) fn doing(opened: &Opened, deed: Deed) -> Doing {
    let mut words = Words { text: "查看了账目".into(), ..Words::default() };
    if matches!(deed, Deed::Reply { .. }) {
        words = Words { answers: vec![ANSWER.into()], ..Words::default() };
    }
    Doing { deed, reason: "情况属实".into(), words, seen: opened.seen() }
}

pub(super) fn sound() -> Sound {
    let reply = Reply { answers: vec![ANSWER.into()], rest: String::new() };
    reply.check(&["低保名单是谁定的".into()], &[], None).unwrap()
}

pub(super) struct Desk<'a> {
    pub tx: &'a Tx,
    pub vault: &'a Vault,
    pub id: i64,
}

impl Desk<'_> {
    pub async fn act(&self, account: i64, deed: Deed) -> Result<Opened, StoreError> {
        let seen = open_own(&**self.tx, self.vault, self.id).await?;
        let actor = at_desk(self.tx, account).await;
        act(self.tx, self.vault, &actor, self.id, doing(&seen, deed), NOW).await
    }

    pub async fn open(&self, account: i64) -> Result<Opened, StoreError> {
        open(self.tx, self.vault, &at_desk(self.tx, account).await, self.id, NOW).await
    }

    pub async fn closed_to(&self, account: i64) -> bool {
        let listed = list(&**self.tx, self.vault, &at_desk(self.tx, account).await).await.unwrap();
        let listed = listed.iter().any(|line| line.id == self.id);
        let opened = self.open(account).await;
        assert_eq!(opened.is_ok(), listed, "what is listed opens: {account} {opened:?}");
        !listed
    }

    pub async fn holders(&self) -> Vec<i64> {
        keys::store::holders(&**self.tx, self.id).await.unwrap().into_iter().collect()
    }

    pub async fn answered(&self) {
        let organ = open_own(&**self.tx, self.vault, self.id).await.unwrap().case.organ_id.unwrap();
        if open_own(&**self.tx, self.vault, self.id).await.unwrap().case.state == State::Routed {
            self.act(intake(organ), Deed::Accept).await.unwrap();
        }
        self.act(leader(organ), Deed::Assign { account_id: handler(organ) }).await.unwrap();
        let found = Deed::Conclude { conclusion: Conclusion::Partly };
        self.act(handler(organ), found).await.unwrap();
        self.act(leader(organ), Deed::Reply { sound: sound() }).await.unwrap();
    }
}

#[tokio::test]
async fn a_case_goes_from_desk_to_desk_and_up_and_its_columns_follow() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        assert_eq!(desk.holders().await, [intake(ZHEN), leader(ZHEN)]);
        assert!(desk.closed_to(handler(ZHEN)).await && desk.closed_to(leader(XIAN)).await);
        desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
        let early = desk.act(handler(ZHEN), Deed::Note).await;
        assert!(matches!(early, Err(StoreError::NotFound)), "{early:?}");
        desk.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();
        assert!(!desk.closed_to(handler(ZHEN)).await && desk.closed_to(second_handler(ZHEN)).await);
        // Another handler takes over: the first one's key is gone, and a new one locks what comes.
        desk.act(leader(ZHEN), Deed::Assign { account_id: second_handler(ZHEN) }).await.unwrap();
        assert!(desk.closed_to(handler(ZHEN)).await);
        desk.answered().await;
        let missing = Said::Dissatisfied("没有说清楚谁定的".into());
        let up = say(&tx, &vault, id, missing, NOW).await.unwrap();
        assert_eq!((up.case.stage, up.case.organ_id), (Stage::Second, Some(XIAN)));
        assert_eq!(desk.holders().await, [intake(XIAN), leader(XIAN)]);
        for account in [intake(ZHEN), handler(ZHEN), leader(ZHEN)] {
            assert!(desk.closed_to(account).await, "{account}");
        }
        desk.answered().await;
        let end = say(&tx, &vault, id, Said::Dissatisfied("仍不满意".into()), NOW).await.unwrap();
        assert_eq!(end.case.state, State::Closed(Ending::Dissatisfied));
        // Everything that was kept reads back as it was.
        let again = open_own(&*tx, &vault, id).await.unwrap();
        assert_eq!((&again.case, &again.entries), (&end.case, &end.entries));
        let expected = Columns::of(&*tx, &again.case, NOW).await.unwrap();
        assert_eq!(columns(&*tx, id).await.unwrap(), Some(expected));
        assert_eq!(columns(&*tx, id).await.unwrap().unwrap().state, "dissatisfied");
    }
}

#[tokio::test]
async fn of_two_who_decide_on_the_same_state_one_is_told_that_it_moved() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let seen = open_own(&*tx, &vault, id).await.unwrap();
        let actor = at_desk(&tx, intake(ZHEN)).await;
        tx.commit().await.unwrap();
        let once = || async {
            let tx = test.db.write().await.unwrap();
            let done = act(&tx, &vault, &actor, id, doing(&seen, Deed::Accept), NOW).await;
            if done.is_ok() {
                tx.commit().await.unwrap();
            }
            done
        };
        let (first, second) = tokio::join!(once(), once());
        let told = [&first, &second].map(|done| match done {
            Ok(_) => "done",
            Err(StoreError::Moved) => "moved",
            Err(other) => panic!("{other:?}"),
        });
        assert!(told == ["done", "moved"] || told == ["moved", "done"], "{told:?}");
    }
}

#[tokio::test]
async fn naming_somebody_later_closes_the_case_to_their_relative_and_keeps_what_was_opened() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
        desk.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();
        desk.open(handler(ZHEN)).await.unwrap();
        let kept = keys::store::keys(&*tx, &vault, id, Some(handler(ZHEN))).await.unwrap();
        routing::store::declare_relatives(&tx, person(handler(ZHEN)), LIUHE_HEAD, NOW).await.unwrap();
        assert!(!desk.closed_to(handler(ZHEN)).await, "nobody is named yet");

        let who = at_desk(&tx, intake(ZHEN)).await;
        let named = name(&tx, &vault, &who, id, &[LIUHE_HEAD].into(), NOW + 1).await.unwrap();
        assert!(desk.closed_to(handler(ZHEN)).await);
        assert_eq!(named.case.handler_id, None);
        assert_eq!(desk.holders().await, [intake(ZHEN), leader(ZHEN)]);
        let opened = keys::store::opened(&*tx, id).await.unwrap();
        let expected =
            keys::store::Opened { account_id: handler(ZHEN), through: 4, at: NOW, revoked_at: NOW + 1 };
        assert_eq!(opened, [expected]);
        // What they copied opens what they had seen, and nothing that comes after.
        let refused = desk.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await;
        assert!(matches!(refused, Err(StoreError::Refused(Refused::Recused))), "{refused:?}");
        desk.act(leader(ZHEN), Deed::Assign { account_id: second_handler(ZHEN) }).await.unwrap();
        let after = events::open_with(&*tx, id, kept).await;
        assert!(matches!(after, Err(StoreError::Vault(VaultError::UnknownKey(2)))), "{after:?}");
        // Those who stay read all of it.
        assert_eq!(desk.open(second_handler(ZHEN)).await.unwrap().entries.len(), 7);
    }
}

#[tokio::test]
async fn naming_somebody_of_the_organ_moves_the_case_up_at_once() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        desk.open(intake(ZHEN)).await.unwrap();
        let who = at_desk(&tx, intake(ZHEN)).await;
        name(&tx, &vault, &who, id, &[person(second_handler(ZHEN))].into(), NOW).await.unwrap();
        assert_eq!(desk.holders().await, [intake(XIAN), leader(XIAN)]);
        assert_eq!(keys::store::opened(&*tx, id).await.unwrap()[0].account_id, intake(ZHEN));
    }
}

#[tokio::test]
async fn a_case_waits_where_people_are_lacking_and_is_ended_by_nobody_s_absence() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let about = crate::reports::Draft { object: Some(crate::reports::Object::Unit(TOWNSHIP)), ..draft() };
        let id = submitted(&tx, &vault, &about, "token").await;
        tx.commit().await.unwrap();
        for (disabled, settled) in [(true, 0), (false, 0)] {
            let tx = test.db.write().await.unwrap();
            for account in [handler(XIAN), second_handler(XIAN)] {
                let sql = "UPDATE accounts SET disabled = $2 WHERE id = $1";
                exec(&*tx, sql, values![account, disabled]).await.unwrap();
            }
            tx.commit().await.unwrap();
            assert_eq!(resettle(&test.db, &vault, NOW).await.unwrap().0, settled);
            let waiting = open_own(test.db.read(), &vault, id).await.unwrap();
            assert_eq!((waiting.case.state, waiting.case.organ_id), (State::Routed, Some(XIAN)));
        }
        let tx = test.db.write().await.unwrap();
        let desk = Desk { tx: &tx, vault: &vault, id };
        assert_eq!(desk.holders().await, [intake(XIAN), leader(XIAN)]);
        desk.act(intake(XIAN), Deed::Accept).await.unwrap();
        desk.act(leader(XIAN), Deed::Assign { account_id: handler(XIAN) }).await.unwrap();
    }
}

#[tokio::test]
async fn a_case_is_not_passed_to_an_organ_in_conflict() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let about = crate::reports::Draft { object: Some(crate::reports::Object::Unit(TOWNSHIP)), ..draft() };
        let id = submitted(&tx, &vault, &about, "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        assert_eq!(desk.holders().await, [intake(XIAN), leader(XIAN)]);
        let refused = desk.act(intake(XIAN), Deed::Forward { organ_id: ZHEN }).await;
        assert!(matches!(refused, Err(StoreError::Refused(Refused::OrganOut))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_key_given_to_another_account_in_the_database_opens_nothing() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let steal = "UPDATE case_keys SET account_id = $2 WHERE account_id = $1";
        exec(&*tx, steal, values![intake(ZHEN), second_handler(ZHEN)]).await.unwrap();
        let keys = keys::store::keys(&*tx, &vault, id, Some(second_handler(ZHEN))).await;
        assert!(matches!(keys, Err(StoreError::Vault(VaultError::NotAuthentic))), "{keys:?}");
    }
}
