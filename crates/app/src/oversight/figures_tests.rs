//! Figures held against a recount by other means: from the states that a case goes through, not from its deeds.

use super::*;
use crate::{
    authz::Role,
    cases::{Ending, Measure, Reply, Sound, Standing, State},
    deadlines::Stage,
    reports::Kind,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const DAY: Millis = 86_400_000;
const START: Millis = 1_000 * DAY;

fn sound(points: u32) -> Sound {
    let words =
        ["账目逐笔核对无误并已公示七天", "会议记录齐全且有二十一人签名", "多付的工程款已全部追回入账"];
    let asked: Vec<_> = (0..points).map(|at| format!("第{at}个问题")).collect();
    let answers = asked.iter().zip(words).map(|(_, words)| words.to_owned()).collect();
    Reply { answers, rest: String::new() }.check(&asked, &[], None).unwrap()
}

fn staff(organ_id: i64, role: Role, account_id: i64) -> By {
    By::Staff { account_id, organ_id, role }
}

/// What is tried at a standing: anything, by whoever may.
fn tried(which: usize, case: &Standing) -> (By, Deed) {
    let organ = case.organ_id.unwrap_or(1);
    let (intake, handler, leader) = (
        staff(organ, Role::Intake, organ * 10),
        staff(organ, Role::Handler, organ * 10 + 1),
        staff(organ, Role::Leader, organ * 10 + 2),
    );
    let found = [Conclusion::Substantiated, Conclusion::Partly, Conclusion::Not][which % 3];
    let up = match case.stage {
        Stage::First => Some(if which.is_multiple_of(7) { Above::Outside } else { Above::Organ(3) }),
        Stage::Second => None,
    };
    match which % 20 {
        0 if which.is_multiple_of(3) => (By::Platform, Deed::HandUp),
        0 | 1 => (By::Platform, Deed::Route { organ_id: 1 + (which as i64 / 20) % 2 }),
        2..=4 => (intake, Deed::Accept),
        5 => (leader, Deed::Decline),
        6 => (intake, Deed::Forward { organ_id: 3 - organ.min(2) }),
        7 | 8 => (leader, Deed::Assign { account_id: organ * 10 + 1 }),
        9 => (handler, Deed::Ask),
        10 | 11 => (handler, Deed::Conclude { conclusion: found }),
        12 => (leader, Deed::Return),
        13 | 14 => (leader, Deed::Reply { sound: sound(case.points) }),
        15 => (By::Reporter, Deed::Satisfied),
        16 => (By::Reporter, Deed::Dissatisfied { to: up }),
        17 => (By::Platform, Deed::Lapse),
        18 => (
            By::Reporter,
            if which.is_multiple_of(3) || case.points == 3 {
                Deed::Withdraw
            } else {
                Deed::Supply { points: 1 }
            },
        ),
        _ => (
            leader,
            if which.is_multiple_of(2) { Deed::Reopen } else { Deed::Measure { measure: Measure::Warn } },
        ),
    }
}

type Counted = BTreeMap<(Option<i64>, Figure), usize>;

/// The recount: what changed between two standings.
fn recount(
    before: &Standing,
    after: &Standing,
    first: &mut Option<i64>,
    seen: &mut Vec<i64>,
    into: &mut Counted,
) {
    use Figure::*;
    let mut add = |organ, figure| *into.entry((organ, figure)).or_insert(0) += 1;
    let organ = before.organ_id;
    let state = |standing: &Standing| standing.state;
    let changed = state(before) != state(after);
    if changed && matches!(state(after), State::Answered) {
        match after.answer {
            Some(crate::cases::Answer::Reply) => add(organ, Answered),
            _ => add(organ, Declined),
        }
        if after.answer == Some(crate::cases::Answer::Reply) && after.overturned() {
            add(*first, Overturned);
        }
    }
    if changed && before.state == State::Routed && after.state == State::Accepted && organ == after.organ_id {
        add(organ, Accepted);
    }
    if after.stage != before.stage {
        *first = organ;
        add(organ, Dissatisfied);
    }
    if let (true, State::Closed(ending)) = (changed, after.state) {
        match ending {
            Ending::Satisfied => [Closed, Satisfied].into_iter().for_each(|figure| add(organ, figure)),
            Ending::Lapsed => [Closed, Silent].into_iter().for_each(|figure| add(organ, figure)),
            Ending::Dissatisfied => [Closed, Dissatisfied].into_iter().for_each(|figure| add(organ, figure)),
            Ending::Withdrawn => add(organ, Withdrawn),
        }
    }
    if changed && after.state == State::Held {
        add(organ, HandedUp);
    }
    if matches!(before.state, State::Closed(_)) && after.is_open() {
        add(organ, Reopened);
    }
    if let Some(now) = after.organ_id.filter(|now| Some(*now) != organ && !seen.contains(now)) {
        seen.push(now);
        add(Some(now), Received);
    }
}

fn clear(event: &Event) -> Clear {
    Clear { number: event.number, at: event.at, by: event.by, deed: event.deed.clone() }
}

fn begun() -> (Case, Vec<Clear>) {
    let deed = Deed::Receive { kind: Kind::Complaint, points: 1, profile: "county@1".into() };
    let (case, event) = Case::open(By::Reporter, START, deed).unwrap();
    let events = vec![clear(&event)];
    (case, events)
}

fn counted(events: &[Clear]) -> Counted {
    let profile = Profile::seeds().remove(0);
    let calendar = Calendar::default();
    let mut counts = Counted::new();
    for one in happened(events, Clocks { profile: &profile, calendar: &calendar }) {
        *counts.entry((one.organ_id, one.figure)).or_insert(0) += 1;
    }
    counts
}

proptest! {
    #[test]
    fn figures_equal_a_recount_from_what_a_case_went_through(
        tries in proptest::collection::vec((0usize..2_520, 0i64..5), 20..250),
    ) {
        let (mut case, mut events) = begun();
        let (mut now, mut first, mut seen, mut expected) = (START, None, Vec::new(), Counted::new());
        expected.insert((None, Figure::Received), 1);
        let mut forwarded = Counted::new();
        for (which, days) in tries {
            now += days * DAY;
            let (by, deed) = tried(which, &case);
            let from = case.organ_id;
            let is_forward = matches!(deed, Deed::Forward { .. });
            let Ok((next, event)) = case.act(by, now, deed, "理由") else { continue };
            if is_forward {
                *forwarded.entry((from, Figure::Forwarded)).or_insert(0) += 1;
            }
            recount(&case, &next, &mut first, &mut seen, &mut expected);
            events.push(clear(&event));
            case = next;
        }
        expected.append(&mut forwarded);
        let mut found = counted(&events);
        let in_time: usize = found.iter().filter(|((_, figure), _)| *figure == Figure::InTime).map(|(_, n)| n).sum();
        let answers: usize = found.iter().filter(|((_, figure), _)| *figure == Figure::Answered).map(|(_, n)| n).sum();
        prop_assert!(in_time <= answers);
        found.retain(|(_, figure), _| *figure != Figure::InTime);
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn an_answer_is_in_time_within_the_promised_month_and_not_after() {
    for (days, expected) in [(20, Some(1)), (40, None)] {
        let (mut case, mut events) = begun();
        let steps: [(By, Deed, i64); 5] = [
            (By::Platform, Deed::Route { organ_id: 1 }, 0),
            (staff(1, Role::Intake, 10), Deed::Accept, 0),
            (staff(1, Role::Leader, 12), Deed::Assign { account_id: 11 }, 0),
            (staff(1, Role::Handler, 11), Deed::Conclude { conclusion: Conclusion::Partly }, days),
            (staff(1, Role::Leader, 12), Deed::Reply { sound: sound(1) }, days),
        ];
        for (by, deed, days) in steps {
            let (next, event) = case.act(by, START + days * DAY, deed, "理由").unwrap();
            events.push(clear(&event));
            case = next;
        }
        let counts = counted(&events);
        assert_eq!(counts.get(&(Some(1), Figure::Answered)), Some(&1));
        assert_eq!(counts.get(&(Some(1), Figure::InTime)).copied(), expected, "{days} days");
    }
}

#[test]
fn every_figure_says_what_it_counts_and_is_read_as_it_is_written() {
    let grouped: Vec<_> = Figure::GROUPS.iter().flat_map(|(_, figures)| figures.iter().copied()).collect();
    assert_eq!(grouped, Figure::ALL, "every figure stands in one table");
    for figure in Figure::ALL {
        assert_eq!(Figure::from_code(figure.code()), Some(figure));
        assert!(figure.text().ends_with('。') && !figure.page().is_empty());
    }
}
