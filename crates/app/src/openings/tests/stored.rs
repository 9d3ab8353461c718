//! Openings, told as stories of a handler, a leader of another organ and a villager.

use super::*;
use crate::{
    cases::{Deed, store::Doing, testing::*},
    reports::{
        Draft, QueryCode, ReceiptNumber,
        store::{Found, Submitted},
    },
};
use daylight_ids::Phone;

const HOUR: Millis = 3_600_000;
const REASON: &str = "需要当面核对签名，平台上说不清";

struct Story<'a> {
    tx: &'a Tx,
    vault: &'a Vault,
    case_id: i64,
    receipt: (ReceiptNumber, QueryCode),
}

impl<'a> Story<'a> {
    /// Somebody whose telephone is known reports; a handler has it.
    async fn begin(tx: &'a Tx, vault: &'a Vault, draft: &Draft) -> Story<'a> {
        let phone = Phone::parse("13900001234").unwrap();
        let report = draft.check(Some(&phone)).unwrap();
        let Submitted::Receipt { number, code } =
            reports::submit(tx, vault, &report, "token", NOW).await.unwrap()
        else {
            panic!()
        };
        let case_id = case_of(tx, "token").await;
        let story = Story { tx, vault, case_id, receipt: (number, code) };
        story.act(intake(ZHEN), Deed::Accept).await;
        story.act(leader(ZHEN), Deed::Assign { account_id: handler(ZHEN) }).await;
        story
    }

    async fn act(&self, account: i64, deed: Deed) {
        let seen = cases::open_own(&**self.tx, self.vault, self.case_id).await.unwrap().seen();
        let doing = Doing { deed, reason: "情况属实".into(), words: Default::default(), seen };
        let actor = at_desk(self.tx, account).await;
        cases::act(self.tx, self.vault, &actor, self.case_id, doing, NOW).await.unwrap();
    }

    async fn ask(&self, account: i64, now: Millis) -> Result<i64, OpeningError> {
        ask(self.tx, self.vault, &at_desk(self.tx, account).await, self.case_id, REASON, now).await
    }

    async fn decide(&self, id: i64, decision: Decision, now: Millis) -> Result<(), OpeningError> {
        decide(self.tx, self.vault, &at_desk(self.tx, leader(XIAN)).await, id, decision, now).await
    }

    async fn look(&self, account: i64, now: Millis) -> Result<Looked, OpeningError> {
        look(self.tx, self.vault, &at_desk(self.tx, account).await, self.case_id, now).await
    }

    async fn told(&self) -> Vec<Told> {
        let (number, code) = &self.receipt;
        let found = reports::open(self.tx, self.vault, number, code, NOW).await.unwrap();
        let Found::Report(status) = found else { panic!("{found:?}") };
        status.openings
    }

    async fn actions(&self) -> Vec<String> {
        let lines = audit::store::list(&**self.tx, Some("opening."), 20, 0).await.unwrap();
        lines.into_iter().rev().map(|line| line.action).collect()
    }
}

fn with_phone() -> Draft {
    Draft { level: "phone".into(), phone: "13900001234".into(), ..draft() }
}

fn refused<T: std::fmt::Debug>(done: Result<T, OpeningError>) -> Refusal {
    match done {
        Err(OpeningError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_cannot_be_read_closes_no_leader_s_list() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let story = Story::begin(&tx, &vault, &with_phone()).await;
        let id = story.ask(handler(ZHEN), NOW).await.unwrap();
        let chief = at_desk(&tx, leader(XIAN)).await;
        let garble = "UPDATE identity_openings SET reason_sealed = $2 WHERE id = $1";
        exec(&*tx, garble, values![id, vec![1_u8; 40]]).await.unwrap();
        assert!(for_leader(&*tx, &vault, &chief, NOW).await.unwrap().is_empty());
        exec(&*tx, "DELETE FROM case_events WHERE case_id = $1", values![story.case_id]).await.unwrap();
        assert!(for_leader(&*tx, &vault, &chief, NOW).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_telephone_that_cannot_be_read_keeps_nobody_from_working() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let story = Story::begin(&tx, &vault, &with_phone()).await;
        let garble = "UPDATE report_identities SET content_sealed = $2 WHERE id = $1";
        exec(&*tx, garble, values![story.case_id, vec![1_u8; 40]]).await.unwrap();
        story.act(handler(ZHEN), Deed::Ask).await;
    }
}

#[tokio::test]
async fn a_handler_asks_another_organ_approves_and_the_reporter_is_told() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let story = Story::begin(&tx, &vault, &with_phone()).await;
        assert_eq!(refused(story.look(handler(ZHEN), NOW).await), Refusal::NotApproved);
        let id = story.ask(handler(ZHEN), NOW).await.unwrap();
        assert_eq!(refused(story.ask(handler(ZHEN), NOW).await), Refusal::Already);
        assert_eq!(refused(story.look(handler(ZHEN), NOW).await), Refusal::NotApproved);
        let shown = for_leader(&*tx, &vault, &at_desk(&tx, leader(XIAN)).await, NOW).await.unwrap();
        assert_eq!((shown.len(), shown[0].reason.as_str(), shown[0].decides), (1, REASON, Some(XIAN)));
        story.decide(id, Decision::Approve, NOW + HOUR).await.unwrap();
        assert_eq!(refused(story.decide(id, Decision::Refuse, NOW + HOUR).await), Refusal::Decided);
        // Approved is not looked at: nobody is told yet, and nothing is counted.
        assert!(story.told().await.is_empty() && counts(&*tx).await.unwrap().is_empty());
        // The first told them that their report was accepted.
        assert_eq!(crate::sms::waiting(&*tx).await.unwrap(), 1);
        for at in [2, 3] {
            let looked = story.look(handler(ZHEN), NOW + at * HOUR).await.unwrap();
            let known = looked.open(&vault).unwrap();
            assert_eq!((known.phone.as_deref(), known.name), (Some("13900001234"), None));
            assert_eq!(looked.until, NOW + HOUR + HOURS * HOUR);
        }
        // The leader of the same organ has an approval of their own to get.
        assert_eq!(refused(story.look(leader(ZHEN), NOW + HOUR).await), Refusal::NotApproved);
        let expected = Told {
            organ: "青石镇纪委".into(),
            second: "安澜县纪委".into(),
            looks: vec![NOW + 2 * HOUR, NOW + 3 * HOUR],
            reason: REASON.into(),
        };
        assert_eq!(story.told().await, [expected]);
        assert_eq!(crate::sms::waiting(&*tx).await.unwrap(), 2, "one message, at the first look");
        let of_this_month =
            Count {
                month: "2026-11".into(), organ_id: ZHEN, organ: "青石镇纪委".into(), looks: 2, cases: 1
            };
        assert_eq!(counts(&*tx).await.unwrap(), [of_this_month]);
        let trail = story.actions().await;
        assert_eq!(trail, ["opening.ask", "opening.approve", "opening.look", "opening.look"]);
        // Once it is over a new request may be made.
        let over = NOW + HOUR + HOURS * HOUR;
        assert_eq!(refused(story.look(handler(ZHEN), over).await), Refusal::NotApproved);
        assert!(story.ask(handler(ZHEN), over).await.is_ok());
    }
}

#[tokio::test]
async fn an_approval_can_be_taken_back_until_somebody_looked() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let story = Story::begin(&tx, &vault, &with_phone()).await;
        let back =
            async |account: i64, id: i64| revoke(&tx, &vault, &at_desk(&tx, account).await, id, NOW).await;
        let first = story.ask(handler(ZHEN), NOW).await.unwrap();
        assert!(
            matches!(back(leader(XIAN), first).await, Err(OpeningError::NotFound)),
            "not approved by anybody"
        );
        story.decide(first, Decision::Approve, NOW).await.unwrap();
        assert!(
            matches!(back(leader(ZHEN), first).await, Err(OpeningError::NotFound)),
            "not theirs to take back"
        );
        back(leader(XIAN), first).await.unwrap();
        assert_eq!(refused(story.look(handler(ZHEN), NOW).await), Refusal::NotApproved);
        let second = story.ask(handler(ZHEN), NOW).await.unwrap();
        story.decide(second, Decision::Approve, NOW).await.unwrap();
        story.look(handler(ZHEN), NOW).await.unwrap();
        assert_eq!(refused(back(leader(XIAN), second).await), Refusal::Looked);
        // Refused, and taken back by the asker.
        let third = story.ask(leader(ZHEN), NOW).await.unwrap();
        story.decide(third, Decision::Refuse, NOW).await.unwrap();
        assert_eq!(refused(story.look(leader(ZHEN), NOW).await), Refusal::NotApproved);
        let fourth = story.ask(leader(ZHEN), NOW).await.unwrap();
        let asker = at_desk(&tx, leader(ZHEN)).await;
        withdraw(&tx, &vault, &asker, story.case_id, NOW).await.unwrap();
        let late = story.decide(fourth, Decision::Approve, NOW).await;
        assert!(matches!(late, Err(OpeningError::NotFound)), "{late:?}");
        assert_eq!(refused(withdraw(&tx, &vault, &asker, story.case_id, NOW).await), Refusal::Decided);
    }
}

#[tokio::test]
async fn whoever_stayed_anonymous_cannot_be_asked_for_and_their_helper_can() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let story = Story::begin(&tx, &vault, &draft()).await;
        assert_eq!(refused(story.ask(handler(ZHEN), NOW).await), Refusal::Nothing);
        let page = asking(&tx, &vault, &at_desk(&tx, handler(ZHEN)).await, story.case_id, NOW).await.unwrap();
        assert!(!page.known && page.handles && page.seconds && page.open);
        drop(tx);
        let tx = test.db.write().await.unwrap();
        let helper = Helper { name: "周大海".into(), phone: "13900005678".into(), consent: true };
        let helped = Draft { helper: Some(helper), ..draft() };
        let story = Story::begin(&tx, &vault, &helped).await;
        let id = story.ask(handler(ZHEN), NOW).await.unwrap();
        story.decide(id, Decision::Approve, NOW).await.unwrap();
        let known = story.look(handler(ZHEN), NOW).await.unwrap().open(&vault).unwrap();
        assert_eq!((known.phone, known.helper.map(|helper| helper.name)), (None, Some("周大海".into())));
    }
}

#[tokio::test]
async fn a_case_that_is_closed_or_went_up_opens_to_nobody_by_an_old_approval() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let story = Story::begin(&tx, &vault, &with_phone()).await;
        let id = story.ask(handler(ZHEN), NOW).await.unwrap();
        story.decide(id, Decision::Approve, NOW).await.unwrap();
        // Somebody of the organ is named: the case goes up at once.
        let knows = at_desk(&tx, intake(ZHEN)).await;
        let named = [person(second_handler(ZHEN))].into();
        cases::name(&tx, &vault, &knows, story.case_id, &named, NOW).await.unwrap();
        assert!(matches!(story.look(handler(ZHEN), NOW).await, Err(OpeningError::NotFound)));
        // The organ that lost it does not see its old request; the one above, which approved, has the case now.
        let shown = for_leader(&*tx, &vault, &at_desk(&tx, leader(ZHEN)).await, NOW).await.unwrap();
        assert!(shown.is_empty(), "{shown:?}");
        let above = story.ask(leader(XIAN), NOW).await.unwrap();
        // The township's organ is in conflict as a whole: its leader may not approve, and does not learn of it.
        let shown = for_leader(&*tx, &vault, &at_desk(&tx, leader(ZHEN)).await, NOW).await.unwrap();
        assert!(shown.is_empty(), "{shown:?}");
        let actor = at_desk(&tx, leader(ZHEN)).await;
        let decided = decide(&tx, &vault, &actor, above, Decision::Approve, NOW).await;
        assert!(matches!(decided, Err(OpeningError::NotFound)), "{decided:?}");
        drop(tx);
        let tx = test.db.write().await.unwrap();
        let story = Story::begin(&tx, &vault, &with_phone()).await;
        let id = story.ask(leader(ZHEN), NOW).await.unwrap();
        story.decide(id, Decision::Approve, NOW).await.unwrap();
        let (number, code) = &story.receipt;
        reports::say(&tx, &vault, number, code, cases::Said::Withdraw, NOW).await.unwrap();
        assert_eq!(refused(story.look(leader(ZHEN), NOW).await), Refusal::Closed);
        assert_eq!(refused(story.ask(leader(ZHEN), NOW).await), Refusal::Closed);
    }
}

#[tokio::test]
async fn the_setting_of_hours_is_bounded() {
    for County { test, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        assert_eq!(hours(&*tx).await.unwrap(), HOURS);
        for (set, expected) in [("24", 24), ("0", 1), ("99999", HOURS_MOST), ("两天", HOURS)] {
            ops::store::set_setting(&tx, HOURS_SETTING, set).await.unwrap();
            assert_eq!(hours(&*tx).await.unwrap(), expected, "{set}");
        }
    }
}

#[tokio::test]
async fn nobody_buries_a_look_or_a_request_under_requests() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let story = Story::begin(&tx, &vault, &with_phone()).await;
        let id = story.ask(handler(ZHEN), NOW).await.unwrap();
        story.decide(id, Decision::Approve, NOW).await.unwrap();
        story.look(handler(ZHEN), NOW).await.unwrap();
        story.ask(leader(ZHEN), NOW).await.unwrap();
        let later = NOW + 100 * HOUR;
        let asker = at_desk(&tx, handler(ZHEN)).await;
        for _ in 0..101 {
            story.ask(handler(ZHEN), later).await.unwrap();
            withdraw(&tx, &vault, &asker, story.case_id, later).await.unwrap();
        }
        assert_eq!(story.told().await.len(), 1, "the reporter is told who looked");
        let chief = at_desk(&tx, leader(XIAN)).await;
        let shown = for_leader(&*tx, &vault, &chief, later).await.unwrap();
        let waits = shown.iter().filter(|one| one.decides.is_some());
        assert_eq!(waits.map(|one| one.opening.account_id).collect::<Vec<_>>(), [leader(ZHEN)]);
    }
}

#[tokio::test]
async fn what_was_taken_out_of_the_database_is_missed_by_the_trail() {
    for County { test, vault, .. } in counties().await {
        let tx = test.db.write().await.unwrap();
        let story = Story::begin(&tx, &vault, &with_phone()).await;
        let id = story.ask(handler(ZHEN), NOW).await.unwrap();
        story.decide(id, Decision::Approve, NOW).await.unwrap();
        story.look(handler(ZHEN), NOW).await.unwrap();
        let (case_id, named) = (story.case_id, [LIUHE_HEAD].into());
        let actor = at_desk(&tx, leader(ZHEN)).await;
        cases::name(&tx, &vault, &actor, case_id, &named, NOW).await.unwrap();
        tx.commit().await.unwrap();
        let mut missed = 0;
        for (wrong, said) in [
            ("", ""),
            ("DELETE FROM identity_looks", "查看反映人身份"),
            ("DELETE FROM case_routes WHERE number > 1", "登记的被反映人"),
            ("DELETE FROM case_events WHERE account_id IS NOT NULL AND number > 3", "对办理件做的事"),
            ("UPDATE audit_entries SET subject = 'case 999' WHERE action = 'case.receive'", "收到的反映"),
        ] {
            if !wrong.is_empty() {
                let tx = test.db.write().await.unwrap();
                exec(&*tx, wrong, values![]).await.unwrap();
                tx.commit().await.unwrap();
                missed += 1;
            }
            let broken = ops::store::broken_references(&test.db).await.unwrap();
            let broken: Vec<_> = broken.into_iter().filter(|(what, _)| what.contains("审计日志")).collect();
            assert_eq!(broken.len(), missed, "{wrong} {broken:?}");
            assert!(missed == 0 || broken.iter().any(|(what, n)| what.contains(said) && *n == 1));
        }
    }
}
