//! Clues as they are kept, on both engines.

use super::{
    Deed, Disposal, Refusal, Source, State,
    store::{self, ClueError, Content, Doing},
};
use crate::{
    audit,
    cases::{
        Deed as Done,
        routing::store::{About, recuse},
        store as cases,
        testing::*,
    },
};
use daylight_db::{Tx, exec, scalar, values};
use daylight_vault::Vault;
use std::collections::BTreeSet;

const WHY: &str = "反映的情况具体，有可以查证的账目和证人";

fn content() -> Content {
    Content {
        title: "低保评议名单".into(), facts: "名单与公示不一致".into(), ..Content::default()
    }
}

fn about(unit_id: Option<i64>, cadre_id: Option<i64>) -> Content {
    Content { unit_id, cadre_id, ..content() }
}

struct Desk<'a> {
    tx: &'a Tx,
    vault: &'a Vault,
}

impl Desk<'_> {
    /// A case about 柳河村 with 青石镇纪委, given to its handler.
    async fn case(&self) -> i64 {
        let id = submitted(self.tx, self.vault, &draft(), "token").await;
        for (account, deed) in
            [(intake(ZHEN), Done::Accept), (leader(ZHEN), Done::Assign { account_id: handler(ZHEN) })]
        {
            let seen = cases::open_own(&**self.tx, self.vault, id).await.unwrap().seen();
            let words = cases::Words::default();
            let doing = cases::Doing { deed, reason: "情况属实".into(), words, seen };
            cases::act(self.tx, self.vault, &at_desk(self.tx, account).await, id, doing, NOW).await.unwrap();
        }
        id
    }

    /// A second leader for an organ.
    async fn second_leader(&self, organ: i64) -> i64 {
        let id = organ * 10 + 5;
        let unit = if organ == XIAN { 9 } else { TOWNSHIP };
        cadre(self.tx, person(id), unit).await;
        let sql = "INSERT INTO accounts (id, login, name, disabled, created_at) VALUES ($1, $2, $2, $3, 0)";
        exec(&**self.tx, sql, values![id, format!("account{id}"), false]).await.unwrap();
        crate::cases::routing::store::tie(self.tx, id, Some(person(id))).await.unwrap();
        let role = crate::authz::Role::Leader;
        crate::accounts::store::grant(self.tx, id, role, None, Some(organ), None, 0).await.unwrap();
        id
    }

    async fn find(&self, account: i64, case_id: i64, token: &str) -> Result<i64, ClueError> {
        let actor = at_desk(self.tx, account).await;
        store::find(self.tx, self.vault, &actor, case_id, &content(), token, NOW).await
    }

    async fn enter(&self, account: i64, content: &Content, token: &str) -> Result<i64, ClueError> {
        let actor = at_desk(self.tx, account).await;
        store::enter(self.tx, self.vault, &actor, Source::Inspection, content, token, NOW).await
    }

    async fn open(&self, account: i64, id: i64) -> Result<store::Opened, ClueError> {
        store::open(self.tx, self.vault, &at_desk(self.tx, account).await, id, NOW).await
    }

    async fn lists(&self, account: i64) -> Vec<i64> {
        let actor = at_desk(self.tx, account).await;
        let lines = store::list(&**self.tx, self.vault, &actor).await.unwrap();
        lines.into_iter().map(|line| line.id).collect()
    }

    /// With what the last page showed.
    async fn act(&self, account: i64, id: i64, deed: Deed) -> Result<State, ClueError> {
        let seen = scalar::<i64>(&**self.tx, "SELECT events FROM clues WHERE id = $1", values![id]).await;
        let doing = Doing { deed, reason: WHY.into(), seen: u32::try_from(seen.unwrap()).unwrap() };
        let actor = at_desk(self.tx, account).await;
        Ok(store::act(self.tx, self.vault, &actor, id, &doing, NOW + 1).await?.state)
    }

    /// Nothing of it for somebody, whatever they do.
    async fn closed(&self, account: i64, id: i64) {
        assert!(matches!(self.open(account, id).await, Err(ClueError::NotFound)), "{account} opens {id}");
        assert!(!self.lists(account).await.contains(&id), "{account} lists {id}");
        let propose = Deed::Propose { disposal: Disposal::Close };
        for deed in [propose, Deed::Approve, Deed::Return, Deed::Reopen] {
            let done = self.act(account, id, deed).await;
            assert!(matches!(done, Err(ClueError::NotFound)), "{account} {deed:?} {done:?}");
        }
    }

    async fn is_open(&self, account: i64, id: i64) -> bool {
        let (opens, lists) = (self.open(account, id).await.is_ok(), self.lists(account).await.contains(&id));
        assert_eq!(opens, lists, "{account}: what is listed is what opens");
        opens
    }
}

fn refused<T: std::fmt::Debug>(done: Result<T, ClueError>) -> Refusal {
    match done {
        Err(ClueError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

const VERIFY: Deed = Deed::Propose { disposal: Disposal::Verify };
const HOLD: Deed = Deed::Propose { disposal: Disposal::Hold };

#[tokio::test]
async fn a_clue_of_a_case_is_proposed_by_one_and_approved_by_another() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let desk = Desk { tx: &tx, vault: &vault };
        let second = desk.second_leader(ZHEN).await;
        let case_id = desk.case().await;
        // Only the leader of the organ that has it says that there is one.
        assert_eq!(refused(desk.find(handler(ZHEN), case_id, "a").await), Refusal::Role);
        assert_eq!(refused(desk.find(intake(ZHEN), case_id, "a").await), Refusal::Role);
        assert!(matches!(desk.find(leader(XIAN), case_id, "a").await, Err(ClueError::NotFound)));
        let id = desk.find(leader(ZHEN), case_id, "a").await.unwrap();
        assert_eq!(desk.find(leader(ZHEN), case_id, "a").await.unwrap(), id, "the same form is one clue");
        assert_eq!(desk.open(handler(ZHEN), id).await.unwrap().content, content());
        // Intake sees it and proposes nothing.
        assert_eq!(refused(desk.act(intake(ZHEN), id, VERIFY).await), Refusal::Role);
        assert_eq!(refused(desk.act(handler(ZHEN), id, Deed::Approve).await), Refusal::Role);
        desk.act(leader(ZHEN), id, VERIFY).await.unwrap();
        for deed in [Deed::Approve, Deed::Return] {
            assert_eq!(refused(desk.act(leader(ZHEN), id, deed).await), Refusal::OwnWork, "{deed:?}");
        }
        desk.act(second, id, Deed::Return).await.unwrap();
        desk.act(handler(ZHEN), id, HOLD).await.unwrap();
        assert_eq!(refused(desk.act(handler(ZHEN), id, HOLD).await), Refusal::Moment);
        let held = desk.act(leader(ZHEN), id, Deed::Approve).await.unwrap();
        assert_eq!(held, State::Disposed(Disposal::Hold));
        assert_eq!(desk.act(leader(ZHEN), id, Deed::Reopen).await.unwrap(), State::Open);
        desk.act(handler(ZHEN), id, VERIFY).await.unwrap();
        desk.act(leader(ZHEN), id, Deed::Approve).await.unwrap();
        assert_eq!(refused(desk.act(leader(ZHEN), id, Deed::Reopen).await), Refusal::NotHeld);
        let history = desk.open(leader(ZHEN), id).await.unwrap().entries;
        assert_eq!(history.len(), 8);
        assert!(history.iter().skip(1).all(|entry| entry.reason == WHY));
        let trail = audit::store::list(&*tx, Some("clue."), 20, 0).await.unwrap();
        assert_eq!(trail.len(), 8);
        assert!(trail.iter().all(|line| line.subject == format!("clue {id}") && line.detail.is_empty()));
    }
}

#[tokio::test]
async fn a_reason_is_written_and_nobody_decides_on_what_no_longer_stands() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let desk = Desk { tx: &tx, vault: &vault };
        let case_id = desk.case().await;
        let id = desk.find(leader(ZHEN), case_id, "a").await.unwrap();
        let actor = at_desk(&tx, handler(ZHEN)).await;
        for (reason, seen, refusal) in
            [("太短", 1, Refusal::Reason), (&*"长".repeat(501), 1, Refusal::Reason), (WHY, 0, Refusal::Moved)]
        {
            let doing = Doing { deed: VERIFY, reason: reason.into(), seen };
            let done = store::act(&tx, &vault, &actor, id, &doing, NOW).await;
            assert_eq!(refused(done), refusal);
        }
        assert_eq!(desk.open(leader(ZHEN), id).await.unwrap().entries.len(), 1);
    }
}

#[tokio::test]
async fn whoever_may_not_see_the_case_sees_no_clue() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let desk = Desk { tx: &tx, vault: &vault };
        let case_id = desk.case().await;
        let id = desk.find(leader(ZHEN), case_id, "a").await.unwrap();
        for account in [intake(XIAN), handler(XIAN), leader(XIAN), second_handler(ZHEN)] {
            desk.closed(account, id).await;
        }
        assert!(desk.is_open(intake(ZHEN), id).await && desk.is_open(handler(ZHEN), id).await);
        // A recusal that stands from now on closes it at once, before keys are settled.
        recuse(&tx, handler(ZHEN), About::Unit(LIUHE), NOW).await.unwrap();
        desk.closed(handler(ZHEN), id).await;
        assert!(desk.is_open(leader(ZHEN), id).await);
        // Named in the case: the organ's own leader is out.
        let now = NOW + 5;
        let (desk_of_intake, named) =
            (at_desk(&tx, intake(ZHEN)).await, BTreeSet::from([person(leader(ZHEN))]));
        cases::name(&tx, &vault, &desk_of_intake, case_id, &named, now).await.unwrap();
        for account in [intake(ZHEN), leader(ZHEN), handler(ZHEN)] {
            desk.closed(account, id).await;
        }
        assert!(desk.is_open(leader(XIAN), id).await, "it went up with its case");
    }
}

#[tokio::test]
async fn a_clue_without_a_case_is_with_the_organ_that_may_have_it() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let desk = Desk { tx: &tx, vault: &vault };
        let village = about(Some(LIUHE), None);
        let id = desk.enter(second_handler(ZHEN), &village, "a").await.unwrap();
        assert!(desk.is_open(second_handler(ZHEN), id).await && desk.is_open(leader(ZHEN), id).await);
        for account in [handler(ZHEN), leader(XIAN), handler(XIAN), intake(XIAN)] {
            desk.closed(account, id).await;
        }
        desk.act(second_handler(ZHEN), id, VERIFY).await.unwrap();
        desk.act(leader(ZHEN), id, Deed::Approve).await.unwrap();
        // The township itself: its own organ must not have it, and whoever sits there enters nothing.
        let town = about(Some(TOWNSHIP), None);
        assert_eq!(refused(desk.enter(handler(ZHEN), &town, "b").await), Refusal::Conflict);
        // Nobody named: nobody could be found to be in conflict.
        assert_eq!(refused(desk.enter(handler(ZHEN), &about(None, None), "c").await), Refusal::Beyond);
        // Of the county's own body no organ here may have it.
        let county = desk.enter(handler(ZHEN), &about(Some(9), None), "d").await;
        assert!(matches!(county, Err(ClueError::Refused(_))), "{county:?}");
        // Who comes to be in conflict loses it, and with the leader accused it goes up.
        let head = desk.enter(handler(ZHEN), &about(None, Some(LIUHE_HEAD)), "e").await.unwrap();
        recuse(&tx, leader(ZHEN), About::Cadre(LIUHE_HEAD), NOW).await.unwrap();
        desk.closed(leader(ZHEN), head).await;
        assert!(desk.is_open(leader(XIAN), head).await, "no leader is left below");
        desk.closed(handler(ZHEN), head).await;
    }
}

#[tokio::test]
async fn nothing_of_a_clue_stands_in_the_clear_and_a_row_given_to_another_opens_for_nobody() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let desk = Desk { tx: &tx, vault: &vault };
        let case_id = desk.case().await;
        let of_case = desk.find(leader(ZHEN), case_id, "a").await.unwrap();
        let own = desk.enter(handler(ZHEN), &about(Some(LIUHE), None), "b").await.unwrap();
        desk.act(handler(ZHEN), own, VERIFY).await.unwrap();
        for id in [of_case, own] {
            let sql = "SELECT content_locked FROM clues WHERE id = $1";
            let locked: Vec<u8> = scalar(&*tx, sql, values![id]).await.unwrap();
            for word in ["低保评议名单", "unit_id"] {
                assert!(!locked.windows(word.len()).any(|part| part == word.as_bytes()));
            }
        }
        let sql = "SELECT reason_locked FROM clue_events WHERE clue_id = $1 AND number = 2";
        let locked: Vec<u8> = scalar(&*tx, sql, values![own]).await.unwrap();
        assert!(!locked.windows(6).any(|part| part == &WHY.as_bytes()[..6]));
        // Moved to another organ, by whoever has the database.
        exec(&*tx, "UPDATE clues SET organ_id = $1 WHERE id = $2", values![XIAN, own]).await.unwrap();
        desk.closed(leader(XIAN), own).await;
        desk.closed(leader(ZHEN), own).await;
        // Its case taken away.
        exec(&*tx, "UPDATE clues SET case_id = NULL WHERE id = $1", values![of_case]).await.unwrap();
        desk.closed(leader(ZHEN), of_case).await;
    }
}

#[tokio::test]
async fn disposals_are_counted_by_year_and_a_count_run_twice_is_the_same() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let desk = Desk { tx: &tx, vault: &vault };
        for number in 0..3 {
            let token = format!("t{number}");
            let id = desk.enter(handler(ZHEN), &about(Some(LIUHE), None), &token).await.unwrap();
            desk.act(handler(ZHEN), id, if number == 0 { HOLD } else { VERIFY }).await.unwrap();
            if number < 2 {
                desk.act(leader(ZHEN), id, Deed::Approve).await.unwrap();
            }
        }
        for _ in 0..2 {
            store::count(&tx).await.unwrap();
            let counts = store::counts(&*tx).await.unwrap();
            let year = &counts[&2026];
            assert_eq!((counts.len(), year[&Disposal::Hold], year[&Disposal::Verify]), (1, 1, 1));
            assert_eq!(year.len(), 2, "what only was proposed is not counted");
        }
    }
}
