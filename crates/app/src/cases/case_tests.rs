use super::*;
use crate::{
    authz::Role,
    calendar::Calendar,
    cases::{Earlier, Reply, Sound, lamp, overdue_days},
    clock::end_of_day,
    deadlines::{NoExtension, Profile, Term},
};
use daylight_ui::Lamp;
use proptest::prelude::*;
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

    fn whole() -> Story {
        Story::routed().accepted().assigned().concluded().answered()
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
        (Deed::Accept, vec![Intake]),
        (Deed::Decline, vec![Leader]),
        (Deed::Forward { organ_id: 3 }, vec![Intake]),
        (Deed::Assign { account_id: 88 }, vec![Leader]),
        (Deed::Ask, vec![Handler]),
        (Deed::Supply { points: 0 }, vec![]),
        (Deed::Resume, vec![Handler]),
        (Deed::Note, vec![Handler]),
        (Deed::FileCase, vec![Leader]),
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

/// What may follow where, cell by cell, as the office would write it on paper. Columns: 已收到 已转交 已受理 办理中
/// 等待补充 已有结论 已答复 满意办结 撤回办结, then with the superior: 已受理 已答复 最终办结.
#[rustfmt::skip]
const TABLE: [(&str, &str); 27] = [
    ("收到",           "--------- ---"),
    ("转交",           "yyyyyy--- y--"),
    ("转请上级",       "yyyyyy--- y--"),
    ("受理",           "-y------- ---"),
    ("不予受理",       "-y------- ---"),
    ("转办",           "-y------- ---"),
    ("交办",           "--yy----- y--"),
    ("请反映人补充",   "---y----- ---"),
    ("补充",           "-yyyy---- y--"),
    ("继续办理",       "----y---- ---"),
    ("记录",           "---yy---- ---"),
    ("立案",           "---yy---- ---"),
    ("延长期限",       "--yyy---- y--"),
    ("形成结论",       "---y----- ---"),
    ("退回补查",       "-----y--- ---"),
    ("处置",           "-----yyy- -yy"),
    ("登记追缴和退还", "-----yyy- -yy"),
    ("答复",           "-----y--- ---"),
    ("评价满意",       "------y-- -y-"),
    ("评价不满意",     "------y-- ---"),
    ("评价不满意",     "--------- -y-"),
    ("到期未评价",     "------y-- -y-"),
    ("撤回",           "yyyyyy--- y--"),
    ("回避",           "yyyyyyyyy yyy"),
    ("重新办理",       "-------y- --y"),
    ("公布结果",       "-------y- --y"),
    ("撤下结果",       "--------- ---"),
];

fn columns() -> Vec<Story> {
    let second = |story: Story| story.assigned().concluded().answered();
    vec![
        Story::begin(0),
        Story::routed(),
        Story::routed().accepted(),
        Story::routed().accepted().assigned(),
        Story::routed().accepted().assigned().staff(Role::Handler, Deed::Ask),
        Story::routed().accepted().assigned().concluded(),
        Story::whole(),
        Story::whole().then(By::Reporter, Deed::Satisfied),
        Story::routed().accepted().assigned().then(By::Reporter, Deed::Withdraw),
        Story::escalated(),
        second(Story::escalated()),
        second(Story::escalated()).then(By::Reporter, Deed::Dissatisfied { to: None }),
    ]
}

#[test]
fn what_may_follow_is_what_the_table_says_and_only_for_whom_it_is() {
    for (story, column) in columns().into_iter().zip(0..) {
        for ((deed, roles), (word, cells)) in deeds().into_iter().zip(TABLE) {
            assert_eq!(deed.page(), word);
            let expected = cells.replace(' ', "").as_bytes()[column] == b'y';
            let organ = story.case.organ_id.unwrap_or(ZHEN);
            let people = [Role::Intake, Role::Handler, Role::Leader].map(|role| staff(organ, role));
            let mut done = false;
            for by in people.into_iter().chain([By::Reporter, By::Platform]) {
                let tried = story.case.act(by, story.now, deed.clone(), "理由");
                let role = match by {
                    By::Staff { role, .. } => roles.contains(&role),
                    By::Reporter | By::Platform => tried != Err(Refused::Role(word)),
                };
                assert_eq!(tried == Err(Refused::Role(word)), !role, "{by:?} {deed:?}");
                done |= tried.is_ok();
            }
            assert_eq!(done, expected, "{word} from {:?} {:?}", story.state(), story.case.stage);
        }
    }
}

#[test]
fn a_citizen_judges_and_the_platform_routes_and_nobody_else_does() {
    for (deed, roles) in deeds() {
        let of = |by: By| deed.fits(by);
        let (reporter, platform) = (of(By::Reporter), of(By::Platform));
        let word = deed.page();
        let expected = match word {
            "收到" => (true, true),
            "补充" | "评价满意" | "评价不满意" | "撤回" => (true, false),
            "转交" | "转请上级" | "到期未评价" | "公布结果" | "回避" => (false, true),
            _ => (false, false),
        };
        assert_eq!((reporter, platform), expected, "{word}");
        for role in Role::ALL {
            let by = By::Staff { account_id: 1, organ_id: 1, role };
            assert_eq!(of(by), roles.contains(&role), "{word} {role:?}");
        }
    }
}

#[test]
fn from_yellow_over_dissatisfied_to_red_and_final() {
    let story = Story::routed();
    assert_eq!(lamp(&story.case), Lamp::Waiting);
    let story = story.accepted();
    assert_eq!(lamp(&story.case), Lamp::Yellow);
    let story = story.assigned().concluded().answered();
    assert_eq!((lamp(&story.case), story.case.solved()), (Lamp::Yellow, None));
    let story = story.then(By::Reporter, Deed::Dissatisfied { to: Some(Above::Organ(XIAN)) });
    assert_eq!((lamp(&story.case), story.case.organ_id, story.case.reopened), (Lamp::Red, Some(XIAN), 1));
    let story =
        story.assigned().staff(Role::Handler, Deed::Conclude { conclusion: Conclusion::Substantiated });
    assert!(story.case.overturned());
    let story = story.answered();
    let again = Deed::Dissatisfied { to: Some(Above::Organ(ZHEN)) };
    assert_eq!(story.refused(By::Reporter, again), Refused::Superior);
    let story = story.then(By::Reporter, Deed::Dissatisfied { to: None });
    assert_eq!((lamp(&story.case), story.case.solved()), (Lamp::Done, Some(false)));
    let top = Story::whole();
    assert_eq!(top.refused(By::Reporter, Deed::Dissatisfied { to: None }), Refused::Superior);
    let same = Deed::Dissatisfied { to: Some(Above::Organ(ZHEN)) };
    assert_eq!(top.refused(By::Reporter, same), Refused::SameOrgan);
    let outside = top.then(By::Reporter, Deed::Dissatisfied { to: Some(Above::Outside) });
    assert_eq!((outside.state(), outside.case.solved()), (State::Closed(Ending::HandedUp), Some(false)));
}

#[test]
fn silence_closes_and_is_never_called_solved() {
    let story = Story::whole().then(By::Platform, Deed::Lapse);
    assert_eq!((story.state(), story.case.solved()), (State::Closed(Ending::Lapsed), None));
    assert_eq!(Story::whole().then(By::Reporter, Deed::Satisfied).case.solved(), Some(true));
}

#[test]
fn being_turned_away_can_be_taken_to_the_superior_too() {
    let story = Story::routed().staff(Role::Leader, Deed::Decline);
    assert_eq!((story.state(), story.case.answer), (State::Answered, Some(Answer::Declined)));
    let story = story.then(By::Reporter, Deed::Dissatisfied { to: Some(Above::Organ(XIAN)) });
    assert_eq!((story.state(), story.case.stage), (State::Accepted, Stage::Second));
    // Turned away and silent: there is no outcome to publish.
    let silent = Story::routed().staff(Role::Leader, Deed::Decline).then(By::Platform, Deed::Lapse);
    assert_eq!(silent.refused(By::Platform, Deed::Publish), Refused::Published);
}

#[test]
fn staff_of_another_organ_another_handler_and_the_recused_do_nothing() {
    let story = Story::routed().accepted().assigned();
    assert_eq!(story.refused(staff(XIAN, Role::Leader), Deed::FileCase), Refused::OtherOrgan);
    let other = By::Staff { account_id: 99, organ_id: ZHEN, role: Role::Handler };
    assert_eq!(story.refused(other, Deed::Note), Refused::NotAssigned);
    let story = story.staff(Role::Leader, Deed::Recuse { account_id: 21 });
    assert_eq!((story.state(), story.case.handler_id), (State::Accepted, None));
    assert_eq!(story.refused(staff(ZHEN, Role::Handler), Deed::Note), Refused::Recused);
    let back = Deed::Assign { account_id: 21 };
    assert_eq!(story.refused(staff(ZHEN, Role::Leader), back), Refused::Recused);
}

#[test]
fn what_a_recused_handler_concluded_does_not_stand() {
    let story = Story::routed().accepted().assigned().concluded();
    let story = story.then(By::Platform, Deed::Recuse { account_id: 21 });
    assert_eq!((story.state(), story.case.conclusion), (State::Accepted, None));
}

#[test]
fn nobody_approves_their_own_finding_or_judges_their_own_first_answer() {
    let both = |role| By::Staff { account_id: 50, organ_id: ZHEN, role };
    let story = Story::routed().accepted().staff(Role::Leader, Deed::Assign { account_id: 50 });
    let story = story.then(both(Role::Handler), Deed::Conclude { conclusion: Conclusion::Not });
    let own = Deed::Reply { sound: sound(2) };
    assert_eq!(story.refused(both(Role::Leader), own), Refused::OwnWork);
    let story = story.answered().then(By::Reporter, Deed::Dissatisfied { to: Some(Above::Organ(XIAN)) });
    // Account 50 moved to the county meanwhile.
    assert_eq!(story.refused(staff(XIAN, Role::Leader), Deed::Assign { account_id: 50 }), Refused::Recused);
}

#[test]
fn a_reply_answers_also_what_was_raised_on_the_way() {
    let story =
        Story::routed().accepted().assigned().then(By::Reporter, Deed::Supply { points: 1 }).concluded();
    let old = Deed::Reply { sound: sound(2) };
    assert_eq!(story.refused(staff(ZHEN, Role::Leader), old), Refused::Unanswered(3));
    let story = story.staff(Role::Leader, Deed::Reply { sound: sound(3) });
    assert_eq!(story.state(), State::Answered);
}

#[test]
fn reasons_are_demanded_where_the_citizen_or_the_organ_is_owed_one() {
    for (deed, _) in deeds() {
        let needed = [
            "转交",
            "转请上级",
            "不予受理",
            "转办",
            "继续办理",
            "延长期限",
            "退回补查",
            "评价不满意",
            "回避",
            "重新办理",
            "撤下结果",
        ];
        assert_eq!(deed.needs_reason(), needed.contains(&deed.page()), "{}", deed.page());
    }
    let story = Story::routed();
    let silent = story.case.act(staff(ZHEN, Role::Leader), story.now, Deed::Decline, " \n");
    assert_eq!(silent.unwrap_err(), Refused::Reason);
}

#[test]
fn a_filed_case_is_not_withdrawn_nor_filed_twice() {
    let story = Story::routed().accepted().assigned().staff(Role::Leader, Deed::FileCase);
    assert_eq!(story.refused(By::Reporter, Deed::Withdraw), Refused::Filed);
    assert_eq!(story.refused(staff(ZHEN, Role::Leader), Deed::FileCase), Refused::FiledBefore);
}

#[test]
fn measures_need_a_finding_and_money_a_sum() {
    let story = Story::routed().accepted().assigned();
    let unproven = story.staff(Role::Handler, Deed::Conclude { conclusion: Conclusion::Not });
    let warn = Deed::Measure { measure: Measure::Warn };
    let money = |recovered, returned| Deed::Money { recovered, returned };
    for deed in [warn, money(5, 0)] {
        assert_eq!(unproven.refused(staff(ZHEN, Role::Handler), deed), Refused::Unproven);
    }
    for wrong in [money(0, 0), money(-1, 0), money(5, 16), money(5, -1), money(i64::MAX, 0)] {
        let story = Story::whole().staff(Role::Handler, money(10, 0));
        assert_eq!(story.refused(staff(ZHEN, Role::Handler), wrong), Refused::Money);
    }
    let story = Story::whole().staff(Role::Handler, money(10, 4)).staff(Role::Handler, money(0, 6));
    assert_eq!((story.case.recovered, story.case.returned), (10, 10));
}

#[test]
fn an_outcome_is_published_once_and_taken_back_by_a_leader_or_by_reopening() {
    let closed = || Story::whole().then(By::Reporter, Deed::Satisfied).then(By::Platform, Deed::Publish);
    assert_eq!(closed().refused(By::Platform, Deed::Publish), Refused::Published);
    let back = closed().staff(Role::Leader, Deed::Retract);
    assert_eq!(back.case.published, None);
    assert_eq!(back.refused(staff(ZHEN, Role::Leader), Deed::Retract), Refused::Published);
    let again = closed().staff(Role::Leader, Deed::Reopen);
    assert_eq!((again.state(), again.case.published, again.case.reopened), (State::Accepted, None, 1));
}

#[test]
fn records_with_a_gap_a_double_or_a_wrong_order_are_damaged() {
    let events = Story::whole().days(3).then(By::Platform, Deed::Lapse).events;
    assert_eq!(Case::fold(&[]), Err(Refused::Broken));
    assert_eq!(Case::fold(&events[1..]), Err(Refused::Broken));
    let mut gap = events.clone();
    gap.remove(2);
    assert_eq!(Case::fold(&gap), Err(Refused::Broken));
    let mut back = events.clone();
    back.last_mut().unwrap().at = 0;
    assert_eq!(Case::fold(&back), Err(Refused::Broken));
    let none = Deed::Receive { kind: Kind::Request, points: 0, profile: "county".into() };
    assert_eq!(Case::open(By::Reporter, 0, none).unwrap_err(), Refused::Broken);
    assert_eq!(Case::open(By::Reporter, 0, Deed::Note).unwrap_err(), Refused::Broken);
}

#[test]
fn deeds_survive_storage() {
    for (deed, _) in deeds() {
        let stored = serde_json::to_string(&deed).unwrap();
        assert_eq!(serde_json::from_str::<Deed>(&stored).unwrap(), deed, "{stored}");
    }
}

fn profile(code: &str) -> Profile {
    Profile::seeds().into_iter().find(|profile| profile.code == code).unwrap()
}

fn clocks(story: &Story, code: &str) -> Vec<(Clock, Stage, time::Date, bool)> {
    let found = story.case.clocks(&profile(code), &Calendar::shipped(), story.now).unwrap();
    found
        .iter()
        .map(|one| (one.run.rule.clock, one.run.rule.stage, one.due.date, one.run.ended.is_some()))
        .collect()
}

#[test]
fn the_clocks_of_a_case_follow_its_moments() {
    use Clock::{Accept, Forward, Handle, Reply};
    use Stage::{First, Second};
    let story = Story::routed();
    let due = date!(2026 - 03 - 23);
    assert_eq!(
        clocks(&story, "accusation"),
        [(Forward, First, date!(2026 - 03 - 09), false), (Accept, First, due, false)]
    );
    let story = story.days(2).accepted().assigned();
    let handle = (Handle, First, date!(2026 - 04 - 04), false);
    assert_eq!(clocks(&story, "accusation")[0], handle);
    assert_eq!(clocks(&story, "accusation").iter().filter(|one| one.3).count(), 2);
    let story = story.staff(Role::Leader, Deed::FileCase);
    assert_eq!(clocks(&story, "accusation")[0].2, date!(2026 - 06 - 04));
    let story = story.days(5).concluded();
    assert_eq!(clocks(&story, "accusation")[0], (Reply, First, date!(2026 - 03 - 30), false));
    let story = story.answered();
    assert!(clocks(&story, "accusation").iter().all(|one| one.3));
    let story = story.then(By::Reporter, Deed::Dissatisfied { to: Some(Above::Organ(XIAN)) });
    // The second stage has a clock of its own; that a case was filed in the first does not lengthen it.
    assert_eq!(clocks(&story, "county")[0], (Handle, Second, date!(2026 - 04 - 09), false));
}

#[test]
fn forwarding_begins_the_organs_clock_anew_and_the_citizens_goes_on() {
    let story = Story::routed().days(2).staff(Role::Intake, Deed::Forward { organ_id: 3 });
    let found = clocks(&story, "accusation");
    assert_eq!((found[0].2, found[1].2), (date!(2026 - 03 - 11), date!(2026 - 03 - 23)));
    assert_eq!(clocks(&story, "county")[0].2, date!(2026 - 04 - 02));
    let to = Deed::Forward { organ_id: 3 };
    assert_eq!(story.refused(staff(3, Role::Intake), to), Refused::SameOrgan);
}

#[test]
fn waiting_for_the_reporter_stops_the_clock_until_they_answer_or_the_handler_goes_on() {
    for (by, deed) in [
        (By::Reporter, Deed::Supply { points: 0 }),
        (staff(ZHEN, Role::Handler), Deed::Resume),
        (By::Platform, Deed::Route { organ_id: 3 }),
    ] {
        let story = Story::routed().accepted().assigned().staff(Role::Handler, Deed::Ask);
        assert_eq!(story.state(), State::Asking);
        let story = story.days(4).then(by, deed).days(30);
        assert_eq!(clocks(&story, "county")[0].2, date!(2026 - 04 - 06));
        assert_eq!(story.case.pauses[0].until, Some(story.case.pauses[0].from + 4 * DAY));
    }
}

#[test]
fn overdue_is_counted_in_working_days_and_only_while_it_lasts() {
    let calendar = Calendar::shipped();
    let late = |story: &Story| {
        let clocks = story.case.clocks(&profile("county"), &calendar, story.now).unwrap();
        overdue_days(&clocks, &calendar, story.now).unwrap()
    };
    // Due on Thursday 2 April 2026; then a Friday, and three days of 清明节.
    let story = Story::routed().accepted().assigned().days(31);
    assert_eq!(late(&story), None);
    let story = story.days(1);
    assert_eq!(late(&story), Some(1));
    let story = story.days(4);
    assert_eq!(late(&story), Some(2));
    assert_eq!(lamp(&story.case), Lamp::Yellow, "overdue is no lamp");
    assert_eq!(late(&story.concluded().answered()), None);
}

#[test]
fn a_leader_may_extend_a_running_clock_and_the_reporter_has_thirty_days_to_speak() {
    let calendar = Calendar::shipped();
    let petition = profile("petition");
    let story = Story::routed().accepted().assigned();
    let ask = |story: &Story, clock| {
        story.case.may_extend(&petition, &calendar, clock, Term::Days(30), story.now).map(|more| more.by)
    };
    assert_eq!(ask(&story, Clock::Handle), Ok(Term::Days(30)));
    assert_eq!(ask(&story, Clock::Accept), Err(NoExtension::Never));
    assert_eq!(story.case.silence_ends(&petition, &calendar, story.now), Ok(None));
    let story = story.staff(Role::Leader, Deed::Extend { clock: Clock::Handle, by: Term::Days(30) });
    assert_eq!(ask(&story, Clock::Handle), Err(NoExtension::Twice));
    let story = story.concluded().answered();
    assert_eq!(ask(&story, Clock::Handle), Err(NoExtension::Never));
    let ends = story.case.silence_ends(&petition, &calendar, story.now).unwrap().unwrap();
    assert_eq!(ends.date, date!(2026 - 04 - 01));
}

#[test]
fn a_reopened_case_has_new_clocks() {
    let story = Story::whole().then(By::Reporter, Deed::Satisfied).days(90).staff(Role::Leader, Deed::Reopen);
    assert_eq!(clocks(&story, "county")[0].2, date!(2026 - 06 - 30));
    assert!(!clocks(&story, "county")[0].3);
}

/// Random histories: whatever is tried by whomever, in whatever order, with clocks that jump.
fn tries() -> impl Strategy<Value = Vec<(usize, usize, i64)>> {
    proptest::collection::vec((0..27_usize, 0..8_usize, -3i64..20), 0..120)
}

proptest! {
    #[test]
    fn any_history_keeps_the_promises(tries in tries()) {
        let mut now = 1_000 * DAY;
        let (mut case, first) = Case::open(By::Reporter, now, receive()).unwrap();
        let mut events = vec![first];
        let (mut escalations, mut recused) = (0, BTreeSet::new());
        for (which, who, days) in tries {
            now += days * DAY;
            let mut deed = deeds().swap_remove(which).0;
            let organ = case.organ_id.unwrap_or(ZHEN);
            // Mostly the organ that has it and the handler who has it; at times somebody else.
            match &mut deed {
                Deed::Route { organ_id } | Deed::Forward { organ_id } => *organ_id = 1 + days.rem_euclid(3),
                Deed::Assign { account_id } => *account_id = organ * 10 + 1,
                Deed::Recuse { account_id } => *account_id = organ * 10 + days.rem_euclid(9),
                Deed::Reply { sound: reply } => *reply = sound(case.points as usize),
                Deed::Dissatisfied { to: Some(to) } => *to = Above::Organ(XIAN),
                _ => {}
            }
            let by = match who {
                0 | 1 => By::Reporter,
                2 | 3 => By::Platform,
                4 => staff(organ, Role::Intake),
                5 => staff(organ, Role::Handler),
                6 => staff(organ, Role::Leader),
                _ => staff(organ % 3 + 1, Role::Leader),
            };
            let Ok((next, event)) = case.act(by, now, deed, "理由") else { continue };
            if let By::Staff { account_id, organ_id, .. } = by {
                prop_assert!(!recused.contains(&account_id), "recused {event:?}");
                prop_assert_eq!(Some(organ_id), case.organ_id);
            }
            if let Deed::Recuse { account_id } = &event.deed {
                recused.insert(*account_id);
            }
            escalations += u32::from(next.stage != case.stage);
            prop_assert!(next.stage >= case.stage && event.at >= events.last().unwrap().at);
            prop_assert!(next.returned <= next.recovered && next.recovered >= case.recovered);
            prop_assert!(next.points >= case.points);
            prop_assert_eq!(next.closed.is_some(), !next.is_open());
            prop_assert!(next.handler_id.is_none_or(|one| !next.recused.contains(&one)) || !next.is_open() || next.state == State::Answered);
            let waiting = next.pauses.iter().filter(|pause| pause.until.is_none()).count();
            prop_assert_eq!(waiting == 1, next.state == State::Asking);
            prop_assert!(next.pauses.windows(2).all(|pair| pair[0].until.unwrap() <= pair[1].from));
            prop_assert!(next.published.is_none() || !next.is_open());
            events.push(event);
            case = next;
        }
        prop_assert!(escalations <= 1, "two levels, once");
        prop_assert_eq!(Case::fold(&events), Ok(case));
    }
}
