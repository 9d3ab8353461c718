use super::{super::*, *};
use proptest::prelude::*;
use time::macros::date;

const DAY: Millis = 86_400_000;

/// Noon in Beijing, `n` days after 1 January 2025.
fn at(n: i64) -> Millis {
    end_of_day(date!(2024 - 12 - 31)) + 1 + n * DAY + DAY / 2
}

fn run(code: &str, clock: Clock, started: Millis) -> Run {
    let profile = Profile::seeds().into_iter().find(|profile| profile.code == code).unwrap();
    let rule = profile.rule(clock, Stage::First).unwrap().clone();
    let (pauses, extensions, pause_most) = (Vec::new(), Vec::new(), profile.pause_most);
    Run { rule, started, ended: None, filed: None, pauses, extensions, pause_most }
}

fn due(run: &Run, now: Millis) -> Due {
    run.due(&Calendar::shipped(), now)
}

#[test]
fn a_month_after_the_31st_is_the_end_of_the_shorter_month() {
    for (from, n, to) in [
        (date!(2026 - 01 - 31), 1, date!(2026 - 02 - 28)),
        (date!(2028 - 01 - 31), 1, date!(2028 - 02 - 29)),
        (date!(2026 - 11 - 30), 3, date!(2027 - 02 - 28)),
        (date!(2026 - 12 - 15), 1, date!(2027 - 01 - 15)),
        (date!(2026 - 05 - 05), 12, date!(2027 - 05 - 05)),
    ] {
        assert_eq!(add_months(from, n), Some(to), "{from} + {n}");
    }
}

#[test]
fn the_last_day_lasts_until_midnight_in_beijing() {
    let started = end_of_day(date!(2026 - 03 - 01));
    let run = run("county", Clock::Handle, started);
    let due = due(&run, started);
    assert_eq!((due.date, due.at), (date!(2026 - 04 - 01), end_of_day(date!(2026 - 04 - 01))));
    assert!(!run.is_overdue(&due, due.at));
    assert!(run.is_overdue(&due, due.at + 1));
    // One millisecond later it is the 2nd in Beijing, though still the 1st in UTC.
    let next = Run { started: started + 1, ..run };
    assert_eq!(tests::due(&next, started).date, date!(2026 - 04 - 02));
}

#[test]
fn what_was_done_in_time_never_becomes_overdue() {
    let mut run = run("county", Clock::Handle, at(0));
    run.ended = Some(at(3));
    assert!(!run.is_overdue(&due(&run, at(400)), at(400)));
    run.ended = Some(at(40));
    assert!(run.is_overdue(&due(&run, at(40)), at(400)));
}

#[test]
fn working_days_name_the_rest_days_and_the_calendar() {
    let started = end_of_day(date!(2026 - 02 - 12));
    let due = due(&run("accusation", Clock::Forward, started), started);
    // 13 and 14 February, nine days of Spring Festival, then 24, 25, 26.
    assert_eq!(due.date, date!(2026 - 02 - 26));
    assert!(matches!(due.lines[1], Line::Added { rest_days: 9, .. }));
    assert_eq!(due.versions.keys().copied().collect::<Vec<_>>(), [2026]);
    let beyond = run("accusation", Clock::Accept, end_of_day(date!(2026 - 12 - 25)));
    let beyond = beyond.due(&Calendar::shipped(), 0);
    // Five weeks of five days, the rest of 2026 by its notice and 2027 by its weekends.
    assert_eq!(beyond.date, date!(2027 - 01 - 15));
    assert_eq!(beyond.lines.last(), Some(&Line::Provisional { year: 2027 }));
    assert_eq!(beyond.mark(), "（暂按周末计算）");
    let mut loaded = Calendar::shipped();
    loaded.load(crate::calendar::parse("# 来源：某通知\n2027-01-01,holiday,元旦\n").unwrap());
    let again = run("accusation", Clock::Accept, end_of_day(date!(2026 - 12 - 25)));
    assert_eq!((again.due(&loaded, 0).date, again.due(&loaded, 0).mark()), (date!(2027 - 01 - 18), ""));
    // Months and days need no calendar and lack nothing.
    let plain = run("county", Clock::Handle, end_of_day(date!(2026 - 12 - 25)));
    assert_eq!(
        (plain.due(&Calendar::default(), 0).date, plain.due(&Calendar::default(), 0).mark()),
        (date!(2027 - 01 - 25), "")
    );
}

#[test]
fn filing_makes_it_three_months_from_the_same_beginning_and_keeps_pauses() {
    let mut run = run("county", Clock::Handle, end_of_day(date!(2025 - 03 - 10)));
    let (asked, answered) = (end_of_day(date!(2025 - 03 - 12)), end_of_day(date!(2025 - 03 - 17)));
    run.pauses.push(Pause { from: asked, until: Some(answered) });
    assert_eq!(due(&run, at(200)).date, date!(2025 - 04 - 15));
    run.filed = Some(end_of_day(date!(2025 - 04 - 15)));
    assert_eq!(due(&run, at(200)).date, date!(2025 - 06 - 15));
    run.filed = Some(end_of_day(date!(2025 - 04 - 16)));
    let late = due(&run, at(200));
    assert_eq!(late.date, date!(2025 - 04 - 15));
    assert_eq!(late.lines.last(), Some(&Line::TooLate { change: Change::Filed, on: date!(2025 - 04 - 16) }));
}

#[test]
fn time_is_added_once_in_time_and_not_more_than_the_rule_gives() {
    let mut run = run("petition", Clock::Handle, at(0));
    let first = due(&run, at(1));
    assert_eq!(run.may_extend(Term::Days(31), &first, at(1)), Err(NoExtension::TooLong(Term::Days(30))));
    assert_eq!(run.may_extend(Term::Months(1), &first, at(1)), Err(NoExtension::TooLong(Term::Days(30))));
    assert_eq!(run.may_extend(Term::Days(0), &first, at(1)), Err(NoExtension::TooLong(Term::Days(30))));
    assert_eq!(run.may_extend(Term::Days(30), &first, first.at + 1), Err(NoExtension::Late));
    let extension = run.may_extend(Term::Days(30), &first, first.at).unwrap();
    run.extensions.push(extension);
    let second = due(&run, at(70));
    assert_eq!(second.date - first.date, Duration::days(30));
    assert_eq!(run.may_extend(Term::Days(1), &second, at(70)), Err(NoExtension::Twice));
    let never = tests::run("county", Clock::Handle, at(0));
    assert_eq!(never.may_extend(Term::Days(1), &first, at(1)), Err(NoExtension::Never));
}

#[test]
fn the_arithmetic_reads_as_a_sum() {
    let mut run = run("petition", Clock::Handle, end_of_day(date!(2026 - 01 - 05)));
    let on = end_of_day;
    run.pauses.push(Pause { from: on(date!(2026 - 01 - 20)), until: Some(on(date!(2026 - 01 - 25))) });
    run.extensions.push(Extension { at: on(date!(2026 - 03 - 01)), by: Term::Days(30) });
    run.pauses.push(Pause { from: on(date!(2026 - 05 - 01)), until: None });
    let due = due(&run, on(date!(2026 - 05 - 02)));
    let lines: Vec<_> = due.lines.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "2026年1月5日受理，当日不计",
            "依据《信访工作条例》：受理之日起60日内办结，经批准可延长，最多30日，60日：到2026年3月6日",
            "2026年1月20日至2026年1月25日等待反映人补充，停5天：到2026年3月11日",
            "2026年3月1日经批准延长30日：到2026年4月10日",
            "2026年5月1日请反映人补充，当时期限已过，不改变期限",
        ]
    );
    assert!(!due.standing);
}

/// The reference: midnights are walked through one by one; one that passes while the reporter is being waited
/// for, and not longer than allowed, does not count.
fn reference(started: i64, days: i64, pauses: &[(i64, i64)], most: i64) -> i64 {
    let (mut on, mut passed) = (started, 0);
    loop {
        let standing = pauses.iter().any(|(from, until)| *from <= on && on < (*until).min(from + most));
        if passed == days && !standing {
            return on;
        }
        passed += i64::from(!standing);
        on += 1;
    }
}

/// Some pauses one after the other: gaps and lengths in days.
fn pauses() -> impl Strategy<Value = Vec<(i64, i64)>> {
    proptest::collection::vec((0i64..30, 0i64..25), 0..6).prop_map(|steps| {
        let mut on = 0;
        let pause = |(gap, length): (i64, i64)| {
            let from = on + gap;
            on = from + length + 1;
            (from, from + length)
        };
        steps.into_iter().map(pause).collect()
    })
}

proptest! {
    #[test]
    fn pauses_equal_walking_through_the_midnights(days in 1u32..90, pauses in pauses(), most in 0u32..20) {
        let mut run = run("petition", Clock::Handle, at(0));
        (run.rule.term, run.pause_most) = (Term::Days(days), most);
        run.pauses = pauses.iter().map(|(from, until)| Pause { from: at(*from), until: Some(at(*until)) }).collect();
        let expected = reference(0, i64::from(days), &pauses, i64::from(most));
        prop_assert_eq!(due(&run, at(0)).date, beijing(at(expected)).date());
    }

    /// Waiting for the reporter never makes the organ late, and never saves it for longer than allowed.
    #[test]
    fn an_open_question_moves_the_date_day_by_day_up_to_its_limit(asked in 0i64..20, now in 0i64..60) {
        let mut run = run("petition", Clock::Handle, at(0));
        run.rule.term = Term::Days(20);
        run.pauses.push(Pause { from: at(asked), until: None });
        let due = due(&run, at(now));
        let waited = (now - asked).clamp(0, 15);
        prop_assert_eq!(due.date, beijing(at(20 + waited)).date());
        prop_assert_eq!(due.standing, waited < 15);
        prop_assert_eq!(run.is_overdue(&due, at(now)), now > 35);
    }

    /// Nothing that is done moves a date back, and nothing done after it moves it at all.
    #[test]
    fn a_date_never_moves_back_and_never_after_it_has_passed(
        days in 1u32..60, filed in proptest::option::of(0i64..90), asked in 0i64..90, waited in 0i64..30,
        extended in proptest::option::of(0i64..90), working: bool, longer in 1u32..120,
    ) {
        let mut run = run("petition", Clock::Handle, at(0));
        run.rule.term = if working { Term::WorkingDays(days) } else { Term::Days(days) };
        run.rule.filed = Some(Term::Days(longer));
        let plain = due(&run, at(0));
        run.filed = filed.map(at);
        run.pauses = vec![Pause { from: at(asked), until: Some(at(asked + waited)) }];
        run.extensions.extend(extended.map(|day| Extension { at: at(day), by: Term::Days(30) }));
        let moved = due(&run, at(0));
        prop_assert!(moved.date >= plain.date);
        let all = [filed, Some(asked), extended];
        if all.into_iter().flatten().all(|day| at(day) > plain.at) {
            prop_assert_eq!(moved.date, plain.date);
        }
        // The sum that is printed ends at the date that holds.
        let to = |line: &Line| match line {
            Line::Added { to, .. } | Line::Stood { to, .. } | Line::Extended { to, .. } => Some(*to),
            Line::Started { .. } | Line::TooLate { .. } | Line::Provisional { .. } => None,
        };
        prop_assert_eq!(moved.lines.iter().filter_map(to).next_back(), Some(moved.date));
    }
}
