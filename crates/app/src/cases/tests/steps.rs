use super::*;
use daylight_ui::Lamp;

/// What may follow where, cell by cell, as the office would write it on paper. Columns: 已收到 已转交 已受理 办理中
/// 等待补充 已有结论 已答复 满意办结 撤回办结, then with the superior: 已受理 已答复 最终办结,
/// and 待上级处理; last 办理中 with more time asked for.
#[rustfmt::skip]
const TABLE: [(&str, &str); 37] = [
    ("收到",           "--------- --- - -"),
    ("转交",           "yyyyyy--- y-- y y"),
    ("转请上级",       "yyyyyy--- y-- - y"),
    ("登记被反映人",   "-yyyyyyyy yyy - y"),
    ("说明反映的不是此人", "yyyyyyy-- yy- y y"),
    ("说明反映的就是此人", "yyyyyyy-- yy- y y"),
    ("核对同名",       "-yyyyyyyy yyy - y"),
    ("说明写到的是同名的人", "yyyyyyy-- yy- y y"),
    ("说明写到的就是此人", "yyyyyyy-- yy- y y"),
    ("登记失效",       "yyyyyyyyy yyy y y"),
    ("收回交办",       "---yy---- --- - y"),
    ("受理",           "-y------- --- - -"),
    ("不予受理",       "-y------- --- - -"),
    ("转办",           "-y------- --- - -"),
    ("交办",           "--yyy---- y-- - y"),
    ("请反映人补充",   "---y----- --- - y"),
    ("补充",           "-yyyy---- y-- y y"),
    ("继续办理",       "----y---- --- - -"),
    ("记录",           "---yy---- --- - y"),
    ("立案",           "---yy---- --- - y"),
    ("申请延长期限",   "---yy---- --- - -"),
    ("不同意延长期限", "--------- --- - y"),
    ("批准延长期限",   "--------- --- - y"),
    ("形成结论",       "---y----- --- - y"),
    ("退回补查",       "-----y--- --- - -"),
    ("处置",           "-----yyy- -yy - -"),
    ("登记追缴和退还", "-----yyy- -yy - -"),
    ("答复",           "-----y--- --- - -"),
    ("评价满意",       "------y-- -y- - -"),
    ("评价不满意",     "------y-- --- - -"),
    ("评价不满意",     "--------- -y- - -"),
    ("到期未评价",     "------y-- -y- - -"),
    ("撤回",           "yyyyyy--- y-- y y"),
    ("回避",           "yyyyyyyyy yyy y y"),
    ("重新办理",       "-------y- --y - -"),
    ("公布结果",       "-------y- --y - -"),
    ("撤下结果",       "--------- --- - -"),
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
        Story::held(),
        Story::routed().accepted().assigned().asks_time(30),
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
            "说明写到的是同名的人" | "说明写到的就是此人" => (true, false),
            "补充" | "说明反映的不是此人" | "说明反映的就是此人" | "评价满意" | "评价不满意" | "撤回" => {
                (true, false)
            }
            "转交" | "转请上级" | "登记失效" | "收回交办" | "到期未评价" | "公布结果" | "回避" => {
                (false, true)
            }
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
    assert_eq!(
        (outside.state(), outside.case.stage, outside.case.closed),
        (State::Held, Stage::Second, None)
    );
    assert_eq!((lamp(&outside.case), outside.case.solved()), (Lamp::Red, None));
}

#[test]
fn what_no_organ_may_have_stays_open_and_its_clocks_go_on_until_one_may() {
    let before = Story::routed().accepted().assigned().days(3);
    let held = Story::held();
    assert_eq!((held.case.organ_id, held.case.handler_id, held.case.closed), (None, None, None));
    assert!(held.case.is_open() && lamp(&held.case) == Lamp::Waiting);
    assert_eq!(held.case.moments, before.case.moments, "no clock stopped");
    let back = held.days(9).then(By::Platform, Deed::Route { organ_id: ZHEN });
    assert_eq!((back.state(), back.case.stage), (State::Accepted, Stage::First));
    let first = (Stage::First, crate::deadlines::Moment::Received);
    assert_eq!(back.case.moments[&first], before.case.moments[&first]);
    // Found before, found by whom may not: it is looked into again.
    let found = Story::routed().accepted().assigned().concluded().then(By::Platform, Deed::HandUp);
    assert_eq!((found.case.conclusion, found.case.concluded_by), (None, None));
    // Who asked is gone: the question does not hold the clock.
    let asked = Story::routed().accepted().assigned().staff(Role::Handler, Deed::Ask);
    let asked = asked.then(By::Platform, Deed::HandUp);
    assert!(asked.case.pauses.iter().all(|pause| pause.until.is_some()));
    assert_eq!(
        asked.refused(By::Platform, Deed::HandUp),
        Refused::State { state: State::Held, deed: "转请上级" }
    );
}

#[test]
fn naming_changes_nothing_in_the_machine_and_one_word_of_it_is_told() {
    let story = Story::routed().accepted();
    let named =
        story.case.act(staff(ZHEN, Role::Intake), story.now, Deed::Name { waits: true }, "").unwrap().0;
    assert_eq!((named.state, named.organ_id), (story.state(), story.case.organ_id));
    assert!(Deed::Name { waits: true }.is_told() && !Deed::Name { waits: false }.is_told());
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
fn a_handler_may_step_back_from_a_case_that_is_not_theirs() {
    let other = By::Staff { account_id: 99, organ_id: ZHEN, role: Role::Handler };
    let story = Story::routed().then(other, Deed::Recuse { account_id: 99 });
    assert!(story.case.recused.contains(&99));
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
            "收回交办",
            "不予受理",
            "转办",
            "继续办理",
            "申请延长期限",
            "不同意延长期限",
            "批准延长期限",
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
fn a_clock_set_back_does_not_turn_events_round() {
    let story = Story::routed().days(-5).accepted();
    assert_eq!(story.events[2].at, story.events[1].at);
    assert_eq!(Case::fold(&story.events), Ok(story.case));
}

#[test]
fn deeds_survive_storage() {
    for (deed, _) in deeds() {
        let stored = serde_json::to_string(&deed).unwrap();
        assert_eq!(serde_json::from_str::<Deed>(&stored).unwrap(), deed, "{stored}");
    }
}

#[test]
fn another_handler_takes_over_with_the_question_still_open() {
    let story = Story::routed().accepted().assigned().staff(Role::Handler, Deed::Ask);
    let story = story.staff(Role::Leader, Deed::Assign { account_id: 55 });
    assert_eq!((story.state(), story.case.handler_id), (State::Asking, Some(55)));
}

#[test]
fn the_reporter_sees_what_concerns_them_and_nothing_of_how_the_organ_works() {
    for (deed, _) in deeds() {
        let inside = [
            "登记被反映人",
            "收回交办",
            "交办",
            "继续办理",
            "记录",
            "申请延长期限",
            "不同意延长期限",
            "形成结论",
            "退回补查",
            "处置",
            "登记追缴和退还",
            "核对同名",
            "回避",
        ];
        assert_eq!(deed.is_told(), !inside.contains(&deed.page()), "{}", deed.page());
    }
}
