//! A reporter who names somebody in their own words, told as stories: those named have no key at any moment, and have
//! the case only when two others, or the reporter, say that another person is meant.

use super::{
    tests::{Desk, doing},
    *,
};
use crate::{
    cases::{Deed, State, keys, routing, testing::*},
    reports::{Draft, Facts},
};
use daylight_db::{exec, scalar, values};
use daylight_vault::Vault;

fn called(account: i64) -> String {
    format!("干部{}", person(account))
}

/// A report about 柳河村 that says more than what happened.
fn about(what: impl Fn(&mut Draft)) -> Draft {
    let mut told = draft();
    what(&mut told);
    told
}

fn who(text: &str) -> Draft {
    about(|told| told.facts.who = text.into())
}

async fn of(tx: &Tx, vault: &Vault, id: i64) -> Opened {
    open_own(&**tx, vault, id).await.unwrap()
}

async fn matter(tx: &Tx, vault: &Vault, id: i64) -> routing::Matter {
    routes(&**tx, &of(tx, vault, id).await).await.unwrap().pop().unwrap().matter
}

/// Every copy of a key that an account was ever given.
async fn copies(tx: &Tx, id: i64, account: i64) -> i64 {
    let sql = "SELECT COUNT(*) FROM case_keys WHERE case_id = $1 AND account_id = $2";
    scalar(&**tx, sql, values![id, account]).await.unwrap()
}

async fn clears(tx: &Tx, vault: &Vault, account: i64, id: i64, whom: i64) -> Result<Opened, StoreError> {
    let seen = of(tx, vault, id).await.seen();
    clear(tx, vault, &at_desk(tx, account).await, id, (whom, seen), NOW).await
}

async fn said(tx: &Tx, vault: &Vault, id: i64, said: Said) -> Result<Opened, StoreError> {
    say(tx, vault, id, said, NOW).await
}

fn more(text: &str) -> Said {
    Said::More(Words { text: text.into(), ..Words::default() })
}

#[tokio::test]
async fn whoever_is_written_of_never_has_a_key_of_the_case_wherever_the_name_stands() {
    let name = called(leader(ZHEN));
    let spaced: String = name.chars().flat_map(|c| [c, '　']).collect();
    let at = |place: fn(&mut Facts, String)| {
        let mut told = draft();
        place(&mut told.facts, format!("听说是{spaced}收的钱"));
        told
    };
    let mut asked = draft();
    asked.points.push(format!("{name}为什么不回避"));
    for told in [
        at(|facts, text| facts.who = text),
        at(|facts, text| facts.what = format!("{}。{text}", facts.what)),
        at(|facts, text| facts.when = text),
        at(|facts, text| facts.place = text),
        asked,
    ] {
        for County { test, vault, .. } in counties().await {
            let tx = test.db.write().await.unwrap();
            // Another leader, so that the organ can handle it.
            let (who, lead) = (second_handler(ZHEN), crate::authz::Role::Leader);
            crate::accounts::store::grant(&tx, who, lead, None, Some(ZHEN), None, 0).await.unwrap();
            let id = submitted(&tx, &vault, &told, "token").await;
            let desk = Desk { tx: &tx, vault: &vault, id };
            assert_eq!(of(&tx, &vault, id).await.case.organ_id, Some(ZHEN));
            assert_eq!(desk.holders().await, [intake(ZHEN), second_handler(ZHEN)]);
            assert!(desk.closed_to(leader(ZHEN)).await && !desk.closed_to(intake(ZHEN)).await);
            assert_eq!(copies(&tx, id, leader(ZHEN)).await, 0, "no key was ever wrapped to them");
            // They can be given it by nobody.
            desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
            let given = desk.act(second_handler(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await;
            assert!(given.is_ok(), "{given:?}");
            assert_eq!(verify(&*tx, &vault).await.unwrap().1, []);
        }
    }
}

#[tokio::test]
async fn their_relatives_are_out_with_them_and_a_relative_who_is_written_of_takes_them_out() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        cadre(&tx, 401, SHITAN).await;
        routing::store::declare_relatives(&tx, 401, person(handler(ZHEN)), NOW).await.unwrap();
        let id = submitted(&tx, &vault, &who("干部401"), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
        let refused = desk.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await;
        assert!(matches!(refused, Err(StoreError::Refused(Refused::Recused))), "{refused:?}");
        desk.act(leader(ZHEN), Deed::Assign { account_id: second_handler(ZHEN) }).await.unwrap();
        // A relation that is declared later is asked at the next look, before anything is settled.
        assert!(!desk.closed_to(intake(ZHEN)).await);
        routing::store::declare_relatives(&tx, 401, person(intake(ZHEN)), NOW).await.unwrap();
        assert!(desk.closed_to(intake(ZHEN)).await);
        // Nobody who has nothing to do with the case is asked about: a villager of that name is the reporter's affair.
        let other = submitted(&tx, &vault, &who("干部301"), "other").await;
        assert!(namesakes(&*tx, &of(&tx, &vault, other).await).await.unwrap().is_empty());
        assert_eq!(
            namesakes(&*tx, &of(&tx, &vault, id).await).await.unwrap()[0].who,
            "干部401（石滩村干部）"
        );
    }
}

#[tokio::test]
async fn who_is_missing_for_a_name_is_found_above_and_at_the_top_the_case_waits() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &who(&called(intake(ZHEN))), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        assert_eq!(of(&tx, &vault, id).await.case.organ_id, Some(XIAN));
        assert_eq!(desk.holders().await, [intake(XIAN), leader(XIAN)]);
        for account in [intake(ZHEN), leader(ZHEN)] {
            assert_eq!(copies(&tx, id, account).await, 0);
        }
        // A name alone takes nothing out of the county: not refused, not sealed, and whoever is clear sees it.
        let both = format!("{}和{}", called(intake(ZHEN)), called(intake(XIAN)));
        let id = submitted(&tx, &vault, &who(&both), "both").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        let opened = of(&tx, &vault, id).await;
        assert_eq!((opened.case.state, opened.case.organ_id), (State::Routed, Some(ZHEN)));
        assert!(waits(&*tx, &opened).await.unwrap());
        assert_eq!(desk.holders().await, [leader(ZHEN)]);
    }
}

#[tokio::test]
async fn a_friend_alone_lets_nobody_back_two_people_do_and_new_words_take_them_out_again() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let name = called(handler(ZHEN));
        let id = submitted(&tx, &vault, &who(&name), "token").await;
        let (desk, whom) = (Desk { tx: &tx, vault: &vault, id }, person(handler(ZHEN)));
        desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
        let give = || desk.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) });
        assert!(clears(&tx, &vault, handler(ZHEN), id, whom).await.is_err(), "not they themselves");
        clears(&tx, &vault, intake(ZHEN), id, whom).await.unwrap();
        clears(&tx, &vault, intake(ZHEN), id, whom).await.unwrap();
        assert!(give().await.is_err(), "one person has one voice");
        // Two accounts of one person are one person.
        exec(
            &*tx,
            "UPDATE accounts SET cadre_id = $2 WHERE id = $1",
            values![leader(ZHEN), person(intake(ZHEN))],
        )
        .await
        .unwrap();
        let still = clears(&tx, &vault, leader(ZHEN), id, whom).await.unwrap();
        assert_eq!(still.entries.last().unwrap().event.deed, Deed::Clear { lifts: false });
        exec(
            &*tx,
            "UPDATE accounts SET cadre_id = $2 WHERE id = $1",
            values![leader(ZHEN), person(leader(ZHEN))],
        )
        .await
        .unwrap();
        let lifted = clears(&tx, &vault, leader(ZHEN), id, whom).await.unwrap();
        assert_eq!(lifted.entries.last().unwrap().event.deed, Deed::Clear { lifts: true });
        give().await.unwrap();
        assert!(!desk.closed_to(handler(ZHEN)).await);
        desk.open(handler(ZHEN)).await.unwrap();
        // The same words are not asked about again, new ones are; and what they say is locked under a key that was
        // never theirs.
        desk.act(leader(ZHEN), Deed::Assign { account_id: second_handler(ZHEN) }).await.unwrap();
        give().await.unwrap();
        let before = keys::store::keys(&*tx, &vault, id, Some(handler(ZHEN))).await.unwrap();
        said(&tx, &vault, id, more(&format!("{name}又来找我"))).await.unwrap();
        assert!(desk.closed_to(handler(ZHEN)).await);
        let old = events::open_with(&*tx, id, before).await;
        assert!(old.is_err(), "what names them opens with no key they had: {old:?}");
        let notices = "SELECT COUNT(*) FROM case_notices WHERE case_id = $1 AND about_id = $2";
        let told: i64 = scalar(&*tx, notices, values![id, handler(ZHEN)]).await.unwrap();
        assert_eq!(told, 1, "the superior is told what they had opened");
        assert!(desk.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await.is_err());
        assert_eq!(verify(&*tx, &vault).await.unwrap().1, []);
    }
}

#[tokio::test]
async fn the_reporter_says_whether_they_wrote_of_them() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let names = format!("{}、{}", called(handler(ZHEN)), called(second_handler(ZHEN)));
        let id = submitted(&tx, &vault, &who(&names), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        // Both handlers are out, so it is with the county, where they are nobody's colleagues: nothing depends on them.
        assert_eq!(of(&tx, &vault, id).await.case.organ_id, Some(XIAN));
        assert!(namesakes(&*tx, &of(&tx, &vault, id).await).await.unwrap().is_empty());

        let id = submitted(&tx, &vault, &who(&called(second_handler(ZHEN))), "second").await;
        let desk = Desk { id, ..desk };
        let (whom, stranger) = (person(second_handler(ZHEN)), person(handler(ZHEN)));
        let opened = of(&tx, &vault, id).await;
        assert_eq!(namesakes(&*tx, &opened).await.unwrap()[0].id, whom);
        let seen = opened.seen();
        for wrong in [
            Said::Another { cadre_id: stranger, seen },
            Said::Same { cadre_id: stranger, seen },
            Said::Another { cadre_id: whom, seen: seen - 1 },
        ] {
            let refused = said(&tx, &vault, id, wrong).await;
            assert!(matches!(refused, Err(StoreError::Moved)), "{refused:?}");
        }
        said(&tx, &vault, id, Said::Another { cadre_id: whom, seen }).await.unwrap();
        assert!(matter(&tx, &vault, id).await.mentioned.is_empty());
        // What the reporter said of them stays said, whatever they write.
        said(&tx, &vault, id, more(&called(second_handler(ZHEN)))).await.unwrap();
        assert!(matter(&tx, &vault, id).await.mentioned.is_empty());
        assert_eq!(of(&tx, &vault, id).await.case.organ_id, Some(ZHEN));

        let id = submitted(&tx, &vault, &who(&called(second_handler(ZHEN))), "third").await;
        let desk = Desk { id, ..desk };
        let seen = of(&tx, &vault, id).await.seen();
        let gone = said(&tx, &vault, id, Said::Same { cadre_id: whom, seen }).await.unwrap();
        assert_eq!(
            (gone.case.organ_id, desk.holders().await),
            (Some(XIAN), vec![intake(XIAN), leader(XIAN)])
        );
        assert!(matter(&tx, &vault, id).await.named.contains(&whom));
    }
}

#[tokio::test]
async fn with_the_reporters_words_one_member_takes_the_top_organ_out() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &who(&called(leader(XIAN))), "token").await;
        let actor = at_desk(&tx, intake(ZHEN)).await;
        let held = name(&tx, &vault, &actor, id, &[person(leader(XIAN))].into(), NOW).await.unwrap();
        assert_eq!(held.case.state, State::Held);
    }
}

#[tokio::test]
async fn dissatisfied_words_and_whoever_comes_later_are_held_against_the_names_too() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let desk = Desk { tx: &tx, vault: &vault, id };
        desk.answered().await;
        let missing = format!("{}是他的同学，没有去查", called(leader(XIAN)));
        said(&tx, &vault, id, Said::Dissatisfied(missing)).await.unwrap();
        assert_eq!(copies(&tx, id, leader(XIAN)).await, 0);
        assert!(desk.closed_to(leader(XIAN)).await);
        // Somebody who was not in the register when it was written.
        let later = submitted(&tx, &vault, &who("新来的干部777"), "later").await;
        let desk = Desk { id: later, ..desk };
        cadre(&tx, 777, TOWNSHIP).await;
        let sql =
            "INSERT INTO accounts (id, login, name, disabled, created_at) VALUES (77, 'a77', 'a77', $1, 0)";
        exec(&*tx, sql, values![false]).await.unwrap();
        routing::store::tie(&tx, 77, Some(777)).await.unwrap();
        crate::accounts::store::grant(&tx, 77, crate::authz::Role::Intake, None, Some(ZHEN), None, 0)
            .await
            .unwrap();
        let opened = of(&tx, &vault, later).await;
        let clerk = at_desk(&tx, intake(ZHEN)).await;
        act(&tx, &vault, &clerk, later, doing(&opened, Deed::Accept), NOW).await.unwrap();
        assert_eq!(copies(&tx, later, 77).await, 0);
        assert!(desk.closed_to(77).await);
        tx.commit().await.unwrap();
        let (_, damaged) = resettle(&test.db, &vault, NOW).await.unwrap();
        assert_eq!(damaged, Vec::<i64>::new());
        let tx = test.db.write().await.unwrap();
        assert_eq!(copies(&tx, later, 77).await, 0);
    }
}
