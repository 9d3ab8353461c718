//! Cases told as stories: `steps` by the table and the rules, `clocks` by the dates, `histories` at random, held against
//! `promises`.

mod clocks;
mod histories;
pub(crate) mod promises;
mod steps;

use super::*;
use crate::{
    authz::Role,
    clock::{Millis, end_of_day},
    deadlines::{Clock, Stage, Term},
    reports::Kind,
};
use time::macros::date;

const DAY: Millis = 86_400_000;
const ZHEN: i64 = 2;
const XIAN: i64 = 1;

/// Staff of 青石镇纪委 (organ 2) and of 县纪委 (organ 1): three accounts each.
fn staff(organ_id: i64, role: Role) -> By {
    let at = [Role::Intake, Role::Handler, Role::Leader].iter().position(|one| *one == role).unwrap();
    By::Staff { account_id: organ_id * 10 + i64::try_from(at).unwrap(), organ_id, role }
}

fn sound(points: usize) -> Sound {
    let asked: Vec<_> = (0..points).map(|at| format!("第{at}个问题")).collect();
    let words =
        ["账目逐笔核对无误并已公示七天", "会议记录齐全且有二十一人签名", "多付的工程款已全部追回入账"];
    let answers = (0..points).map(|at| format!("{}{at}", words[at % 3])).collect();
    Reply { answers, rest: String::new() }.check(&asked, &[] as &[Earlier], None).unwrap()
}

fn receive() -> Deed {
    Deed::Receive { kind: Kind::Accusation, points: 2, profile: "county".into() }
}

/// A case and its events, told as a story.
struct Story {
    case: Case,
    events: Vec<Event>,
    now: Millis,
}

impl Story {
    fn begin(now: Millis) -> Story {
        let (case, event) = Case::open(By::Reporter, now, receive()).unwrap();
        Story { case, events: vec![event], now }
    }

    fn then(mut self, by: By, deed: Deed) -> Story {
        let (case, event) = self.case.act(by, self.now, deed, "理由").unwrap();
        self.case = case;
        self.events.push(event);
        self
    }

    fn staff(self, role: Role, deed: Deed) -> Story {
        let organ_id = self.case.organ_id.unwrap();
        self.then(staff(organ_id, role), deed)
    }

    fn days(mut self, days: i64) -> Story {
        self.now += days * DAY;
        self
    }

    fn routed() -> Story {
        Story::begin(end_of_day(date!(2026 - 03 - 02)) - DAY / 2)
            .then(By::Platform, Deed::Route { organ_id: ZHEN })
    }

    fn accepted(self) -> Story {
        self.staff(Role::Intake, Deed::Accept)
    }

    fn assigned(self) -> Story {
        let handler = self.case.organ_id.unwrap() * 10 + 1;
        self.staff(Role::Leader, Deed::Assign { account_id: handler })
    }

    fn concluded(self) -> Story {
        self.staff(Role::Handler, Deed::Conclude { conclusion: Conclusion::Partly })
    }

    fn answered(self) -> Story {
        self.staff(Role::Leader, Deed::Reply { sound: sound(2) })
    }

    fn asks_time(self, days: u32) -> Story {
        self.staff(Role::Handler, Deed::AskTime { clock: Clock::Handle, by: Term::Days(days) })
    }

    fn whole() -> Story {
        Story::routed().accepted().assigned().concluded().answered()
    }

    fn held() -> Story {
        Story::routed().accepted().assigned().days(3).then(By::Platform, Deed::HandUp)
    }

    fn escalated() -> Story {
        Story::whole().then(By::Reporter, Deed::Dissatisfied { to: Some(Above::Organ(XIAN)) })
    }

    fn refused(&self, by: By, deed: Deed) -> Refused {
        self.case.act(by, self.now, deed, "理由").unwrap_err()
    }

    fn state(&self) -> State {
        self.case.state
    }
}

/// One of each deed, with who does it.
fn deeds() -> Vec<(Deed, Vec<Role>)> {
    use Role::{Handler, Intake, Leader};
    let conclusion = Conclusion::Partly;
    vec![
        (receive(), vec![Intake]),
        (Deed::Route { organ_id: 3 }, vec![]),
        (Deed::HandUp, vec![]),
        (Deed::Name { waits: false }, vec![Intake, Handler, Leader]),
        (Deed::Deny, vec![]),
        (Deed::Confirm, vec![]),
        (Deed::Clear { lifts: true }, vec![Intake, Handler, Leader]),
        (Deed::Another, vec![]),
        (Deed::Same, vec![]),
        (Deed::Expire, vec![]),
        (Deed::Release, vec![]),
        (Deed::Accept, vec![Intake]),
        (Deed::Decline, vec![Leader]),
        (Deed::Forward { organ_id: 3 }, vec![Intake]),
        (Deed::Assign { account_id: 88 }, vec![Leader]),
        (Deed::Ask, vec![Handler]),
        (Deed::Supply { points: 0 }, vec![]),
        (Deed::Resume, vec![Handler]),
        (Deed::Note, vec![Handler]),
        (Deed::FileCase, vec![Leader]),
        (Deed::AskTime { clock: Clock::Handle, by: Term::Days(5) }, vec![Handler]),
        (Deed::RefuseTime, vec![Leader]),
        (Deed::Extend { clock: Clock::Handle, by: Term::Days(5) }, vec![Leader]),
        (Deed::Conclude { conclusion }, vec![Handler]),
        (Deed::Return, vec![Leader]),
        (Deed::Measure { measure: Measure::Warn }, vec![Handler]),
        (Deed::Money { recovered: 9, returned: 4 }, vec![Handler]),
        (Deed::Reply { sound: sound(2) }, vec![Leader]),
        (Deed::Satisfied, vec![]),
        (Deed::Dissatisfied { to: Some(Above::Organ(3)) }, vec![]),
        (Deed::Dissatisfied { to: None }, vec![]),
        (Deed::Lapse, vec![]),
        (Deed::Withdraw, vec![]),
        (Deed::Recuse { account_id: 77 }, vec![Intake, Handler, Leader]),
        (Deed::Reopen, vec![Leader]),
        (Deed::Publish, vec![]),
        (Deed::Retract, vec![Leader]),
    ]
}
