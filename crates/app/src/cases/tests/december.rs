//! What is received in December: working days lead into a year whose calendar is not loaded yet.

use super::{
    tests::{doing, sound},
    *,
};
use crate::{
    cases::{By, Conclusion, Deed, Event, jobs, lamp, testing::*},
    clock::{Millis, end_of_day},
    deadlines::Profile,
    oversight::{Clear, Clocks, Figure, happened},
    reports::{Draft, Kind},
};
use daylight_db::testing::TestDb;
use daylight_ui::Lamp;
use daylight_vault::Vault;
use time::macros::date;

const DAY: Millis = 86_400_000;
/// Saturday 12 December 2026, ten in the morning.
const BEGUN: Millis = NOW + 20 * DAY;

async fn accused(test: &TestDb, vault: &Vault) -> i64 {
    let tx = test.db.write().await.unwrap();
    let report = Draft { kind: Some(Kind::Accusation), ..draft() }.check(None).unwrap();
    crate::reports::store::submit(&tx, vault, &report, "token", BEGUN).await.unwrap();
    let id = case_of(&tx, "token").await;
    tx.commit().await.unwrap();
    id
}

async fn done(test: &TestDb, vault: &Vault, id: i64, account: i64, deed: Deed, now: Millis) {
    let tx = test.db.write().await.unwrap();
    let seen = open_own(&*tx, vault, id).await.unwrap();
    act(&tx, vault, &at_desk(&tx, account).await, id, doing(&seen, deed), now).await.unwrap();
    tx.commit().await.unwrap();
}

async fn due(test: &TestDb, id: i64) -> (Option<Millis>, Option<Millis>) {
    let columns = columns(test.db.read(), id).await.unwrap().unwrap();
    (columns.due_at, columns.overdue_since)
}

async fn at(test: &TestDb, vault: &Vault, now: Millis) {
    assert_eq!(tick(&test.db, vault, now).await.unwrap(), Vec::<i64>::new());
}

async fn told(test: &TestDb, vault: &Vault, account: i64) -> usize {
    let tx = test.db.write().await.unwrap();
    notices(&*tx, vault, &at_desk(&tx, account).await).await.unwrap().len()
}

/// 2027 as far as it matters here.
async fn load(test: &TestDb, now: Millis) {
    let tx = test.db.write().await.unwrap();
    let year = crate::calendar::parse("# 来源：试验用的通知\n2027-01-01,holiday,元旦\n").unwrap();
    crate::calendar::store::load(&tx, &year, now).await.unwrap();
    jobs::enqueue_dates(&tx, now).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_accusation_of_december_has_dates_lamps_and_reminders_like_any_other() {
    for County { test, vault, .. } in counties().await {
        let id = accused(&test, &vault).await;
        // To be accepted or passed on within five working days, whatever the other clocks lead to.
        assert_eq!(due(&test, id).await.0, Some(end_of_day(date!(2026 - 12 - 18))));
        at(&test, &vault, BEGUN + 4 * DAY).await;
        assert_eq!(told(&test, &vault, intake(ZHEN)).await, 1);
        done(&test, &vault, id, intake(ZHEN), Deed::Accept, BEGUN + 4 * DAY).await;
        // A month is a month with and without a calendar.
        assert_eq!(due(&test, id).await.0, Some(end_of_day(date!(2027 - 01 - 16))));
        let assign = Deed::Assign { account_id: handler(ZHEN) };
        done(&test, &vault, id, leader(ZHEN), assign, BEGUN + 4 * DAY).await;
        let found = Deed::Conclude { conclusion: Conclusion::Partly };
        done(&test, &vault, id, handler(ZHEN), found, BEGUN + 8 * DAY).await;
        // Fifteen working days from Sunday the 20th; New Year's Day counts until somebody says that it does not.
        let provisional = end_of_day(date!(2027 - 01 - 08));
        assert_eq!(due(&test, id).await, (Some(provisional), None));
        at(&test, &vault, provisional).await;
        assert!(told(&test, &vault, leader(ZHEN)).await > 0 && told(&test, &vault, leader(XIAN)).await > 0);
        at(&test, &vault, provisional + DAY).await;
        assert_eq!(due(&test, id).await.1, Some(provisional), "late is marked, calendar or not");
        let opened = open_own(test.db.read(), &vault, id).await.unwrap();
        assert_eq!(lamp(&opened.case), Lamp::Yellow);
        assert_eq!(verify_dates(test.db.read(), &vault, provisional + DAY).await.unwrap(), Dates::default());
        // The year is loaded: the dates are reckoned anew at once, not when the timer would have come by.
        load(&test, provisional + DAY).await;
        at(&test, &vault, provisional + DAY).await;
        assert_eq!(due(&test, id).await, (Some(end_of_day(date!(2027 - 01 - 11))), None));
        assert_eq!(verify_dates(test.db.read(), &vault, provisional + DAY).await.unwrap(), Dates::default());
    }
}

#[tokio::test]
async fn an_answer_of_january_to_a_report_of_december_counts_as_in_time() {
    for County { test, vault, .. } in counties().await {
        let id = accused(&test, &vault).await;
        done(&test, &vault, id, intake(ZHEN), Deed::Accept, BEGUN + 2 * DAY).await;
        let assign = Deed::Assign { account_id: handler(ZHEN) };
        done(&test, &vault, id, leader(ZHEN), assign, BEGUN + 2 * DAY).await;
        let found = Deed::Conclude { conclusion: Conclusion::Partly };
        done(&test, &vault, id, handler(ZHEN), found, BEGUN + 16 * DAY).await;
        done(&test, &vault, id, leader(ZHEN), Deed::Reply { sound: sound() }, BEGUN + 24 * DAY).await;
        let events = open_own(test.db.read(), &vault, id).await.unwrap().entries;
        let clear = |event: &Event| Clear {
            number: event.number,
            at: event.at,
            by: event.by,
            deed: event.deed.clone(),
        };
        let events: Vec<_> = events.iter().map(|entry| clear(&entry.event)).collect();
        assert!(matches!(events[0].by, By::Reporter));
        let profile = Profile::of(&Profile::seeds(), Kind::Accusation).unwrap().clone();
        let calendar = crate::calendar::store::calendar(test.db.read()).await.unwrap();
        let clocks = Clocks { profile: &profile, calendar: &calendar };
        let counted = happened(&events, clocks);
        assert!(counted.iter().any(|one| one.figure == Figure::InTime), "{counted:?}");
    }
}
