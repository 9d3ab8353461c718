//! A clue: what may happen to it, in which order, by whom. Pure; a clue is the list of its events.

use crate::{
    authz::Role,
    calendar::Calendar,
    clock::{Millis, beijing},
    deadlines::add_months,
};
use serde::{Deserialize, Serialize};
use time::Date;

/// Months within which a clue is to be disposed of (监督执纪工作规则, article 21).
pub const MONTHS: u32 = 1;
/// Characters of a reason, at least and at most.
pub const REASON_LEAST: usize = 10;
/// See [`REASON_LEAST`].
pub const REASON_MOST: u32 = 500;

/// The four ways, and there is no fifth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposal {
    /// 谈话函询.
    Talk,
    /// 初步核实.
    Verify,
    /// 暂存待查.
    Hold,
    /// 予以了结.
    Close,
}

impl Disposal {
    /// All, in page order.
    pub const ALL: [Disposal; 4] = [Disposal::Talk, Disposal::Verify, Disposal::Hold, Disposal::Close];

    /// Stored and sent.
    pub fn code(self) -> &'static str {
        match self {
            Disposal::Talk => "talk",
            Disposal::Verify => "verify",
            Disposal::Hold => "hold",
            Disposal::Close => "close",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Disposal> {
        Disposal::ALL.into_iter().find(|disposal| disposal.code() == code)
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Disposal::Talk => "谈话函询",
            Disposal::Verify => "初步核实",
            Disposal::Hold => "暂存待查",
            Disposal::Close => "予以了结",
        }
    }

    /// When it is chosen.
    pub fn hint(self) -> &'static str {
        match self {
            Disposal::Talk => "反映的情况笼统，可以请本人说明",
            Disposal::Verify => "有可以查证的具体情况",
            Disposal::Hold => "现在没有条件查，以后条件具备时重新启动",
            Disposal::Close => "情况失实，或没有可能查证",
        }
    }
}

/// Where a clue comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// 群众反映: from a case.
    Report,
    /// 数据比对.
    Comparison,
    /// 监督检查.
    Inspection,
    /// 风险预警.
    Warning,
}

impl Source {
    /// Those that staff enter without a case.
    pub const ENTERED: [Source; 3] = [Source::Inspection, Source::Comparison, Source::Warning];

    /// Stored and sent.
    pub fn code(self) -> &'static str {
        match self {
            Source::Report => "report",
            Source::Comparison => "comparison",
            Source::Inspection => "inspection",
            Source::Warning => "warning",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Source> {
        [Source::Report].into_iter().chain(Source::ENTERED).find(|source| source.code() == code)
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Source::Report => "群众反映",
            Source::Comparison => "数据比对",
            Source::Inspection => "监督检查",
            Source::Warning => "风险预警",
        }
    }
}

/// What is done to a clue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// It was found.
    Found,
    /// A way is proposed.
    Propose {
        /// Which.
        disposal: Disposal,
    },
    /// Another person agrees.
    Approve,
    /// Another person does not.
    Return,
    /// What was held is taken up again.
    Reopen,
}

impl Deed {
    /// The word on the page.
    pub fn page(self) -> String {
        match self {
            Deed::Found => "发现线索".into(),
            Deed::Propose { disposal } => format!("提出处置意见：{}", disposal.page()),
            Deed::Approve => "同意处置意见".into(),
            Deed::Return => "退回处置意见".into(),
            Deed::Reopen => "重新启动".into(),
        }
    }

    /// The action in the audit trail.
    pub fn action(self) -> &'static str {
        match self {
            Deed::Found => "clue.find",
            Deed::Propose { .. } => "clue.propose",
            Deed::Approve => "clue.approve",
            Deed::Return => "clue.return",
            Deed::Reopen => "clue.reopen",
        }
    }

    /// The roles of the organ that may do it.
    pub fn roles(self) -> &'static [Role] {
        match self {
            // That a case holds a clue is for its leader to say, which the store decides by the case.
            Deed::Found => &[Role::Intake, Role::Handler, Role::Leader],
            Deed::Propose { .. } => &[Role::Handler, Role::Leader],
            Deed::Approve | Deed::Return | Deed::Reopen => &[Role::Leader],
        }
    }
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// From 1.
    pub number: u32,
    /// When.
    pub at: Millis,
    /// Who.
    pub account_id: i64,
    /// For which organ.
    pub organ_id: i64,
    /// In which role.
    pub role: Role,
    /// What.
    pub deed: Deed,
}

/// Where a clue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// 待处置.
    Open,
    /// 待审批.
    Proposed(Disposal),
    /// 已处置.
    Disposed(Disposal),
}

impl State {
    /// Stored and sent, without the disposal.
    pub fn code(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Proposed(_) => "proposed",
            State::Disposed(_) => "disposed",
        }
    }

    /// From code and disposal.
    pub fn from_code(code: &str, disposal: Option<Disposal>) -> Option<State> {
        match (code, disposal) {
            ("open", None) => Some(State::Open),
            ("proposed", Some(disposal)) => Some(State::Proposed(disposal)),
            ("disposed", Some(disposal)) => Some(State::Disposed(disposal)),
            _ => None,
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            State::Open => "待处置",
            State::Proposed(_) => "待审批",
            State::Disposed(_) => "已处置",
        }
    }

    /// What was proposed or approved.
    pub fn disposal(self) -> Option<Disposal> {
        match self {
            State::Open => None,
            State::Proposed(disposal) | State::Disposed(disposal) => Some(disposal),
        }
    }
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The role does not allow it.
    #[error("您的角色不能进行这项操作。")]
    Role,
    /// Who proposed does not decide.
    #[error("自己提出的处置意见不能自己审批，请另一位审批领导审批")]
    OwnWork,
    /// Not at this point.
    #[error("这一步现在不能办，请看线索现在的状态")]
    Moment,
    /// Only what is held is taken up again.
    #[error("只有暂存待查的线索可以重新启动")]
    NotHeld,
    /// Somebody was quicker.
    #[error("这条线索刚刚有了新的进展，请查看后再操作")]
    Moved,
    /// Without reasons.
    #[error("请写明理由，至少{REASON_LEAST}个字")]
    Reason,
    /// Somebody in conflict enters nothing.
    #[error("您与涉及的人或单位有利害关系，须回避，请由其他人登记")]
    Conflict,
    /// No organ here may have it.
    #[error("本级没有可以办理的纪检组织，请按规定移送上级纪检组织")]
    Beyond,
}

/// A clue as its events make it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clue {
    /// Where it stands.
    pub state: State,
    /// Who proposed what waits for approval.
    pub proposer: Option<i64>,
    /// Since when it is to be disposed of: found, or taken up again.
    pub since: Millis,
    /// When it was disposed of.
    pub disposed_at: Option<Millis>,
    /// Number of its last event.
    pub last: u32,
}

impl Clue {
    /// Makes its state of its events, and refuses what cannot have happened.
    pub fn fold(events: &[Event]) -> Result<Clue, Refusal> {
        let (first, rest) = events.split_first().ok_or(Refusal::Moment)?;
        if first.deed != Deed::Found || first.number != 1 {
            return Err(Refusal::Moment);
        }
        let found = Clue { state: State::Open, proposer: None, since: first.at, disposed_at: None, last: 1 };
        rest.iter().try_fold(found, |clue, event| {
            if event.number == clue.last + 1 { clue.after(event) } else { Err(Refusal::Moment) }
        })
    }

    /// What it is after an event, if that can follow.
    pub fn after(self, event: &Event) -> Result<Clue, Refusal> {
        if !event.deed.roles().contains(&event.role) {
            return Err(Refusal::Role);
        }
        let next = Clue { last: event.number, ..self };
        match (event.deed, self.state) {
            (Deed::Propose { disposal }, State::Open) => {
                Ok(Clue { state: State::Proposed(disposal), proposer: Some(event.account_id), ..next })
            }
            (Deed::Approve | Deed::Return, State::Proposed(_)) if self.proposer == Some(event.account_id) => {
                Err(Refusal::OwnWork)
            }
            (Deed::Approve, State::Proposed(disposal)) => {
                let disposed_at = Some(event.at);
                Ok(Clue { state: State::Disposed(disposal), proposer: None, disposed_at, ..next })
            }
            (Deed::Return, State::Proposed(_)) => Ok(Clue { state: State::Open, proposer: None, ..next }),
            (Deed::Reopen, State::Disposed(Disposal::Hold)) => {
                Ok(Clue { state: State::Open, since: event.at, disposed_at: None, ..next })
            }
            (Deed::Reopen, State::Disposed(_)) => Err(Refusal::NotHeld),
            _ => Err(Refusal::Moment),
        }
    }
}

/// The last day for a clue that is open since a moment: a month later, or the next working day after that.
/// Of a year whose calendar is not loaded only the weekends are known; the day is reckoned anew when it is.
pub fn due(calendar: &Calendar, since: Millis) -> Date {
    let mut day = add_months(beijing(since).date(), MONTHS).unwrap_or(Date::MAX);
    while let Some(next) = day.next_day().filter(|_| !calendar.is_working_day(day).is_working()) {
        day = next;
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const START: Millis = 1_795_312_800_000;

    fn event(number: u32, account_id: i64, role: Role, deed: Deed) -> Event {
        Event { number, at: START + i64::from(number), account_id, organ_id: 1, role, deed }
    }

    fn found() -> Event {
        event(1, 1, Role::Leader, Deed::Found)
    }

    fn propose(disposal: Disposal) -> Event {
        event(2, 7, Role::Handler, Deed::Propose { disposal })
    }

    #[test]
    fn there_are_exactly_four_ways_and_their_words_are_the_rules() {
        assert_eq!(Disposal::ALL.map(Disposal::page), ["谈话函询", "初步核实", "暂存待查", "予以了结"]);
        for disposal in Disposal::ALL {
            assert_eq!(Disposal::from_code(disposal.code()), Some(disposal));
        }
        for fifth in ["", "transfer", "移送", "谈话函询", "open", "TALK"] {
            assert_eq!(Disposal::from_code(fifth), None, "{fifth}");
        }
        assert!(serde_json::from_str::<Deed>(r#"{"propose":{"disposal":"file"}}"#).is_err());
    }

    #[test]
    fn whoever_proposes_does_not_decide_in_any_role() {
        for deed in [Deed::Approve, Deed::Return] {
            let own = Clue::fold(&[found(), propose(Disposal::Close), event(3, 7, Role::Leader, deed)]);
            assert_eq!(own, Err(Refusal::OwnWork), "{deed:?}");
            let other = Clue::fold(&[found(), propose(Disposal::Close), event(3, 8, Role::Leader, deed)]);
            assert!(other.is_ok(), "{deed:?}");
        }
        // Proposed by a leader it takes another leader.
        let mine = event(2, 8, Role::Leader, Deed::Propose { disposal: Disposal::Talk });
        let own = Clue::fold(&[found(), mine, event(3, 8, Role::Leader, Deed::Approve)]);
        assert_eq!(own, Err(Refusal::OwnWork));
    }

    #[test]
    fn each_deed_has_its_roles() {
        for (deed, roles) in [
            (Deed::Propose { disposal: Disposal::Talk }, vec![Role::Handler, Role::Leader]),
            (Deed::Approve, vec![Role::Leader]),
            (Deed::Return, vec![Role::Leader]),
            (Deed::Reopen, vec![Role::Leader]),
        ] {
            for role in Role::ALL {
                let clue = match deed {
                    Deed::Propose { .. } => Clue::fold(&[found()]),
                    Deed::Reopen => Clue::fold(&[
                        found(),
                        propose(Disposal::Hold),
                        event(3, 8, Role::Leader, Deed::Approve),
                    ]),
                    _ => Clue::fold(&[found(), propose(Disposal::Talk)]),
                }
                .unwrap();
                let done = clue.after(&event(clue.last + 1, 9, role, deed));
                assert_eq!(done.is_ok(), roles.contains(&role), "{role:?} {deed:?}");
                assert!(done.is_ok() || done == Err(Refusal::Role));
            }
        }
    }

    #[test]
    fn only_what_is_held_is_taken_up_again_and_its_time_begins_anew() {
        for disposal in Disposal::ALL {
            let events = [
                found(),
                propose(disposal),
                event(3, 8, Role::Leader, Deed::Approve),
                event(4, 8, Role::Leader, Deed::Reopen),
            ];
            let disposed = Clue::fold(&events[..3]).unwrap();
            assert_eq!(disposed.state, State::Disposed(disposal));
            match Clue::fold(&events) {
                Ok(clue) => {
                    assert_eq!((disposal, clue.state, clue.since), (Disposal::Hold, State::Open, START + 4));
                    assert_eq!(clue.disposed_at, None);
                }
                Err(refusal) => assert!(refusal == Refusal::NotHeld && disposal != Disposal::Hold),
            }
        }
    }

    proptest! {
        /// Whatever is tried: what is disposed of was proposed by one and approved by another, a leader.
        #[test]
        fn nothing_is_disposed_of_by_one_person(tried in proptest::collection::vec((0usize..8, 1i64..4, 0usize..8), 0..40)) {
            let mut events = vec![found()];
            for (deed, account, role) in tried {
                let deeds = [Deed::Found, Deed::Approve, Deed::Return, Deed::Reopen];
                let deed = deeds.get(deed).copied().unwrap_or_else(|| {
                    Deed::Propose { disposal: Disposal::ALL[deed - 4] }
                });
                let clue = Clue::fold(&events).unwrap();
                let next = event(clue.last + 1, account, Role::ALL[role], deed);
                if let Ok(after) = clue.after(&next) {
                    events.push(next);
                    prop_assert_eq!(Clue::fold(&events).unwrap(), after);
                    if let State::Disposed(disposal) = after.state {
                        let [.., proposed, approved] = events[..] else { panic!() };
                        prop_assert_eq!(proposed.deed, Deed::Propose { disposal });
                        prop_assert_ne!(proposed.account_id, approved.account_id);
                        prop_assert_eq!(approved.role, Role::Leader);
                    }
                }
            }
        }
    }

    #[test]
    fn a_clue_is_due_after_a_month_and_never_on_a_day_of_rest() {
        let calendar = Calendar::shipped();
        let due_of = |at| due(&calendar, at).to_string();
        // Sunday 22 November 2026: 22 December is a Tuesday.
        assert_eq!(due_of(START), "2026-12-22");
        // 20 September: 20 October is a Tuesday. 5 September: 5 October is in the national holiday.
        let days = |n: i64| START - n * 86_400_000;
        assert_eq!(due_of(days(63)), "2026-10-20");
        assert_eq!(due_of(days(78)), "2026-10-08");
        // 13 January 2027 is due on Saturday 13 February, and nothing but the weekend is known of that year.
        assert_eq!(due_of(days(-52)), "2027-02-15");
    }
}
