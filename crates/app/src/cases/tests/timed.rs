//! What time does, told by the days.

use super::*;
use crate::{
    cases::{Deed, Ending, State, testing::*},
    clock::Millis,
    deadlines::Clock,
};
use daylight_db::{testing::TestDb, values};
use daylight_vault::Vault;

const DAY: Millis = 86_400_000;
const HOUR: Millis = DAY / 24;

async fn at(test: &TestDb, vault: &Vault, now: Millis) {
    assert_eq!(tick(&test.db, vault, now).await.unwrap(), Vec::<i64>::new());
}

async fn told(test: &TestDb, vault: &Vault, account: i64) -> usize {
    let tx = test.db.write().await.unwrap();
    notices(&*tx, vault, &at_desk(&tx, account).await).await.unwrap().len()
}

async fn counts(test: &TestDb, vault: &Vault) -> [usize; 5] {
    let mut counts = [0; 5];
    let accounts = [intake(ZHEN), handler(ZHEN), leader(ZHEN), leader(XIAN), intake(XIAN)];
    for (count, account) in counts.iter_mut().zip(accounts) {
        *count = told(test, vault, account).await;
    }
    counts
}

#[tokio::test]
async fn everybody_is_reminded_once_however_often_the_timer_runs_and_wherever_the_clock_jumps() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        tx.commit().await.unwrap();
        // Received on 2026-11-22: accepted or not by 12-07, answered by 12-22.
        at(&test, &vault, NOW).await;
        assert_eq!(counts(&test, &vault).await, [0; 5]);
        // A week before, to the intake while nobody handles it.
        for now in [NOW + 8 * DAY, NOW + 8 * DAY, NOW - 30 * DAY, NOW + 8 * DAY + 1] {
            at(&test, &vault, now).await;
            assert_eq!(counts(&test, &vault).await, [1, 0, 0, 0, 0], "{now}");
        }
        // Two days before and on the last day to the leader and the superior too, whose own second stage it may become.
        at(&test, &vault, NOW + 13 * DAY).await;
        assert_eq!(counts(&test, &vault).await, [2, 0, 1, 1, 0]);
        at(&test, &vault, NOW + 15 * DAY).await;
        assert_eq!(counts(&test, &vault).await, [3, 0, 2, 2, 0]);
        // The server was off for two days: each is told once of the nearest date, the superior too.
        for now in [NOW + 17 * DAY, NOW + 17 * DAY, NOW, NOW + 17 * DAY] {
            at(&test, &vault, now).await;
            assert_eq!(counts(&test, &vault).await, [3, 0, 3, 3, 0], "{now}");
        }
        let tx = test.db.write().await.unwrap();
        let superior = notices(&*tx, &vault, &at_desk(&tx, leader(XIAN)).await).await.unwrap();
        assert!(matches!(superior[0].news, News::Due { clock: Clock::Accept, .. }), "{superior:?}");
        let stored = columns(&*tx, id).await.unwrap().unwrap();
        assert!(stored.overdue_since.is_some(), "overdue is its own mark");
        tx.commit().await.unwrap();
        // The clock had jumped ahead: the mark goes with it.
        at(&test, &vault, NOW + DAY).await;
        let stored = columns(test.db.read(), id).await.unwrap().unwrap();
        assert_eq!(stored.overdue_since, None);
        assert_eq!(verify(test.db.read(), &vault).await.unwrap().1, []);
    }
}

#[tokio::test]
async fn a_timer_that_was_cut_off_does_the_rest_and_nothing_twice() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        for token in ["a", "b", "c"] {
            submitted(&tx, &vault, &draft(), token).await;
        }
        tx.commit().await.unwrap();
        let now = NOW + 8 * DAY;
        let tx = test.db.write().await.unwrap();
        timers::tick_one(&tx, &vault, case_of(&tx, "a").await, now).await.unwrap();
        tx.commit().await.unwrap();
        let cut_off = test.db.write().await.unwrap();
        timers::tick_one(&cut_off, &vault, case_of(&cut_off, "b").await, now).await.unwrap();
        drop(cut_off);
        at(&test, &vault, now).await;
        assert_eq!(counts(&test, &vault).await, [3, 0, 0, 0, 0]);
    }
}

#[tokio::test]
async fn nobody_is_hurried_while_the_reporter_is_asked_and_a_superior_in_conflict_hears_nothing() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let do_it = async |account: i64, deed: Deed, now: Millis| {
            let seen = open_own(&*tx, &vault, id).await.unwrap().seen();
            let words = Words::default();
            let doing = Doing { deed, reason: "需要".into(), words, seen };
            act(&tx, &vault, &at_desk(&tx, account).await, id, doing, now).await.unwrap();
        };
        do_it(intake(ZHEN), Deed::Accept, NOW).await;
        do_it(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }, NOW).await;
        do_it(handler(ZHEN), Deed::Ask, NOW + 20 * DAY).await;
        crate::cases::routing::store::declare_relatives(&tx, person(leader(XIAN)), LIUHE_HEAD, NOW)
            .await
            .unwrap();
        name(&tx, &vault, &at_desk(&tx, leader(ZHEN)).await, id, &[LIUHE_HEAD].into(), NOW).await.unwrap();
        tx.commit().await.unwrap();
        for day in 21..30 {
            at(&test, &vault, NOW + day * DAY).await;
        }
        assert_eq!(counts(&test, &vault).await, [0; 5]);
        // Fifteen days are the most that a question stops the clock.
        for day in 30..60 {
            at(&test, &vault, NOW + day * DAY).await;
        }
        let counted = counts(&test, &vault).await;
        assert_eq!(counted, [0, 3, 3, 0, 0], "{counted:?}");
    }
}

#[tokio::test]
async fn silence_lets_an_answer_lapse_once_and_is_not_called_solved() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        let seen = open_own(&*tx, &vault, id).await.unwrap().seen();
        let doing = Doing { deed: Deed::Decline, reason: "重复".into(), words: Words::default(), seen };
        act(&tx, &vault, &at_desk(&tx, leader(ZHEN)).await, id, doing, NOW).await.unwrap();
        let lapses = columns(&*tx, id).await.unwrap().unwrap().lapses_at.unwrap();
        tx.commit().await.unwrap();
        for (now, state) in [
            (lapses, State::Answered),
            (lapses + 1, State::Closed(Ending::Lapsed)),
            (lapses + 1, State::Closed(Ending::Lapsed)),
            (NOW, State::Closed(Ending::Lapsed)),
            (lapses + 400 * DAY, State::Closed(Ending::Lapsed)),
        ] {
            at(&test, &vault, now).await;
            let opened = open_own(test.db.read(), &vault, id).await.unwrap();
            assert_eq!((opened.case.state, opened.case.solved()), (state, None), "{now}");
        }
        let sql = "SELECT COUNT(*) FROM case_events WHERE deed LIKE '%lapse%'";
        assert_eq!(daylight_db::scalar::<i64>(test.db.read(), sql, values![]).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_reporter_with_a_telephone_is_told_once_for_each_deed_that_is_told_and_in_its_transaction() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let phone = daylight_ids::Phone::parse("13949631669").unwrap();
        let typed = crate::reports::Draft { level: "phone".into(), phone: "13949631669".into(), ..draft() };
        let report = typed.check(Some(&phone)).unwrap();
        crate::reports::store::submit(&tx, &vault, &report, "known", NOW).await.unwrap();
        let id = case_of(&tx, "known").await;
        tx.commit().await.unwrap();
        let unsent = || async { crate::sms::store::waiting(test.db.read()).await.unwrap() };
        assert_eq!(unsent().await, 0, "whoever has just the receipt in hand needs no message");
        let act_at = async |account: i64, deed: Deed, now: Millis, commits: bool| {
            let tx = test.db.write().await.unwrap();
            let seen = open_own(&*tx, &vault, id).await.unwrap().seen();
            let doing = Doing { deed, reason: "需要".into(), words: Words::default(), seen };
            act(&tx, &vault, &at_desk(&tx, account).await, id, doing, now).await.unwrap();
            if commits {
                tx.commit().await.unwrap();
            }
        };
        act_at(intake(ZHEN), Deed::Accept, NOW, false).await;
        assert_eq!(unsent().await, 0, "what did not happen is not told");
        act_at(intake(ZHEN), Deed::Accept, NOW, true).await;
        assert_eq!(unsent().await, 1);
        act_at(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }, NOW, true).await;
        act_at(handler(ZHEN), Deed::Note, NOW, true).await;
        assert_eq!(unsent().await, 1, "the organ's work inside stays inside");
        act_at(handler(ZHEN), Deed::Ask, NOW + 3 * HOUR, true).await;
        let tx = test.db.write().await.unwrap();
        say(&tx, &vault, id, Said::More(Words::default()), NOW + 6 * HOUR).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(unsent().await, 2, "their own words are no news to them");
    }
}

#[tokio::test]
async fn staff_whose_telephone_is_in_the_register_are_reminded_by_message_too() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        submitted(&tx, &vault, &draft(), "token").await;
        let row = person(intake(ZHEN));
        let sealed = vault.seal(&crate::ops::store::PHONE.place(row), b"13949631669");
        crate::cadres::store::seal(&tx, row, None, Some((sealed, [0; 32]))).await.unwrap();
        tx.commit().await.unwrap();
        for _ in 0..2 {
            at(&test, &vault, NOW + 8 * DAY).await;
        }
        let unsent = crate::sms::store::unsent(test.db.read(), &vault).await;
        assert_eq!(unsent, [("13949631669".into(), "staff".into(), serde_json::json!({}))]);
    }
}

/// A case about the township itself, which only 县纪委 may have, answered there and not to the reporter's satisfaction.
async fn beyond(test: &TestDb, vault: &Vault) -> i64 {
    let tx = test.db.write().await.unwrap();
    let about = crate::reports::Object::Unit(TOWNSHIP);
    let id = submitted(&tx, vault, &crate::reports::Draft { object: Some(about), ..draft() }, "token").await;
    tests::Desk { tx: &tx, vault, id }.answered().await;
    say(&tx, vault, id, Said::Dissatisfied("没有说清楚".into()), NOW).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn what_waits_for_the_superior_hurries_the_superior_and_those_here_who_are_clear() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let superior = crate::superior::PrivateFile {
            name: "安江市纪委监委".into(),
            key: daylight_vault::RecipientKey::draw(),
        };
        crate::superior::store::set_key(&tx, Some(&superior.public()), NOW).await.unwrap();
        let clear = second_handler(XIAN);
        crate::accounts::store::grant(&tx, clear, crate::authz::Role::Leader, None, Some(XIAN), None, 0)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let id = beyond(&test, &vault).await;
        let why = async || {
            let c = test.db.read();
            let package = crate::superior::store::packages(c, true).await.unwrap().remove(0);
            let (mut bytes, mut number) = (Vec::new(), 0);
            while let Some(part) = crate::superior::store::piece(c, package.id, number).await.unwrap() {
                bytes.extend(part);
                number += 1;
            }
            let opened = crate::superior::unpack(&bytes[..], &superior.key, |_, _| Ok(std::io::sink()));
            opened.unwrap().why.remove(0)
        };
        let first = why().await;
        assert!(!first.contains("期限"), "{first}");
        // Due on 2026-12-22. Whoever answered is out of it, and so is nobody else of the topmost organ.
        at(&test, &vault, NOW + 29 * DAY).await;
        let before = why().await;
        assert!(before.contains("“办理”期限2026年12月22日将到"), "{before}");
        assert_eq!((told(&test, &vault, clear).await, told(&test, &vault, leader(XIAN)).await), (1, 0));
        for _ in 0..2 {
            at(&test, &vault, NOW + 31 * DAY).await;
        }
        let after = why().await;
        assert!(after.contains("“办理”期限2026年12月22日已过"), "{after}");
        assert_eq!(told(&test, &vault, clear).await, 2);
        assert_eq!(verify(test.db.read(), &vault).await.unwrap().1, []);
        // Once the organ itself is in conflict, nobody here hears of the case any more.
        let tx = test.db.write().await.unwrap();
        let sql = "INSERT INTO appointments (cadre_id, post_id) VALUES ($1, $2)";
        daylight_db::exec(&*tx, sql, values![person(clear), TOWNSHIP]).await.unwrap();
        daylight_db::exec(&*tx, "DELETE FROM case_reminders", values![]).await.unwrap();
        daylight_db::exec(&*tx, "DELETE FROM case_notices", values![]).await.unwrap();
        tx.commit().await.unwrap();
        at(&test, &vault, NOW + 32 * DAY).await;
        let sql = "SELECT COUNT(*) FROM case_notices WHERE case_id = $1";
        assert_eq!(daylight_db::scalar::<i64>(test.db.read(), sql, values![id]).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn in_the_second_stage_at_the_top_its_own_leaders_hear_what_a_superior_would() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let id = submitted(&tx, &vault, &draft(), "token").await;
        tests::Desk { tx: &tx, vault: &vault, id }.answered().await;
        say(&tx, &vault, id, Said::Dissatisfied("没有说清楚".into()), NOW).await.unwrap();
        tx.commit().await.unwrap();
        at(&test, &vault, NOW + 28 * DAY + HOUR).await;
        // Of one date once, as leader and in the superior's stead.
        assert_eq!(counts(&test, &vault).await, [0, 0, 0, 1, 1]);
        at(&test, &vault, NOW + 31 * DAY + HOUR).await;
        assert_eq!(counts(&test, &vault).await, [0, 0, 0, 2, 2]);
    }
}

#[tokio::test]
async fn more_time_is_asked_for_by_the_handler_and_given_by_a_leader_once() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let request = crate::reports::Draft { kind: Some(crate::reports::Kind::Request), ..draft() };
        let id = submitted(&tx, &vault, &request, "token").await;
        let desk = tests::Desk { tx: &tx, vault: &vault, id };
        desk.act(intake(ZHEN), Deed::Accept).await.unwrap();
        desk.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await.unwrap();
        let clock = Clock::Handle;
        let days = crate::deadlines::Term::Days;
        let due = async || columns(&*tx, id).await.unwrap().unwrap().due_at.unwrap();
        let before = due().await;
        let grant = |by| Deed::Extend { clock, by: days(by) };
        let ask = |by| Deed::AskTime { clock, by: days(by) };
        let unasked = desk.act(leader(ZHEN), grant(10)).await;
        assert!(matches!(unasked, Err(StoreError::Refused(Refused::Unasked))), "{unasked:?}");
        assert!(matches!(desk.act(handler(ZHEN), ask(31)).await, Err(StoreError::NoExtension(_))));
        desk.act(handler(ZHEN), ask(20)).await.unwrap();
        assert_eq!(due().await, before, "asking moves nothing");
        let longer = desk.act(leader(ZHEN), grant(21)).await;
        assert!(matches!(longer, Err(StoreError::Refused(_))), "{longer:?}");
        desk.act(leader(ZHEN), Deed::RefuseTime).await.unwrap();
        assert_eq!(due().await, before);
        desk.act(handler(ZHEN), ask(20)).await.unwrap();
        // Another handler did not ask for it.
        desk.act(leader(ZHEN), Deed::Assign { account_id: second_handler(ZHEN) }).await.unwrap();
        assert!(desk.act(leader(ZHEN), grant(20)).await.is_err());
        desk.act(second_handler(ZHEN), ask(15)).await.unwrap();
        desk.act(leader(ZHEN), grant(10)).await.unwrap();
        assert_eq!(due().await, before + 10 * DAY);
        assert!(desk.act(second_handler(ZHEN), ask(5)).await.is_err(), "once");
        let news = async |account: i64| {
            let found = notices(&*tx, &vault, &at_desk(&tx, account).await).await.unwrap();
            found.into_iter().rev().map(|one| one.news).collect::<Vec<_>>()
        };
        use News::Time as Told;
        assert_eq!(news(leader(ZHEN)).await, [Told(Time::Asked), Told(Time::Asked), Told(Time::Asked)]);
        assert_eq!(news(handler(ZHEN)).await, [Told(Time::Refused)]);
        assert_eq!(news(second_handler(ZHEN)).await, [Told(Time::Granted)]);
        let told: Vec<_> = open_own(&*tx, &vault, id).await.unwrap().entries;
        let told: Vec<_> = told.iter().filter(|entry| entry.event.deed.is_told()).collect();
        assert!(matches!(told.last().unwrap().event.deed, Deed::Extend { .. }));
        assert!(
            !told.iter().any(|entry| matches!(entry.event.deed, Deed::AskTime { .. } | Deed::RefuseTime))
        );
        tx.commit().await.unwrap();
        assert_eq!(verify(test.db.read(), &vault).await.unwrap().1, []);
    }
}
