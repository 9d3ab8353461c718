//! Five hundred ballots against an established cadre, at once or slowly; and a real change of opinion.

use crate::world::{Dice, Opinion};
use daylight_ratings::{
    DAY,
    ballot::SubjectId,
    count::Tally,
    radar::{Decision, Flag, Outcome, Sign, Watch, bursts},
    release::pace::{Pace, Released},
    score::score,
};

/// What a run gave.
struct Run {
    /// The furthest the shown score was from what it would have been without the attack, before anybody decided.
    moved: i64,
    /// Days from the first bad ballot to the flag.
    seen_after: Option<i64>,
}

/// A day's ballots: about two honest ones, and bad ones, which the clean roll-up is spared. How many there were.
fn vote(dice: &mut Dice, (live, clean): (&mut Tally, &mut Tally), bad: i64, value: i64) -> i64 {
    let honest = dice.poisson(2.0);
    for _ in 0..honest {
        let value = Opinion::around(0.8).ballot(dice, 8, 0.3).value();
        for tally in [&mut *live, &mut *clean] {
            tally.channels[0].add(value, 1);
            tally.touched += 1;
        }
    }
    live.channels[0].add(value, bad);
    live.touched += bad;
    honest as i64 + bad
}

/// An established cadre: 120 days of about two honest ballots a day; then the attack over some days.
fn run(dice: &mut Dice, days: i64, worst: bool) -> Run {
    let (pace, watch) = (Pace::default(), Watch::default());
    let quiet = 120;
    let (mut live, mut clean) = (Tally::default(), Tally::default());
    let (mut shown, mut pure): (Option<Released>, Option<Released>) = (None, None);
    let (mut daily, mut slot, mut flag) = (Vec::new(), pace.slot(0), None::<Flag>);
    let mut found = Run { moved: 0, seen_after: None };
    for day in 0..quiet + days + 14 {
        let bad = if (quiet..quiet + days).contains(&day) {
            (day - quiet + 1) * 500 / days - (day - quiet) * 500 / days
        } else {
            0
        };
        let cast = vote(dice, (&mut live, &mut clean), bad, if worst { 0 } else { 3360 });
        daily.push(cast);
        let now = (day + 1) * DAY;
        if flag.is_none() && bursts(&watch, 0, &daily, &[]).last().is_some_and(|burst| burst.day == day) {
            flag = Some(Flag::raise(SubjectId::Cadre(1), Sign::Burst, now, 400 * DAY));
            found.seen_after = Some(day - quiet);
        }
        let held = flag.as_ref().is_some_and(|flag| flag.holds(now));
        let due = pace.slot(now) > slot;
        if let Ok(next) = pace.release(shown.as_ref(), &live, (due, held, false)) {
            (shown, live.touched) = (Some(next), 0);
        }
        if let Ok(next) = pace.release(pure.as_ref(), &clean, (due, false, false)) {
            (pure, clean.touched) = (Some(next), 0);
        }
        slot = pace.slot(now);
        let figure =
            |shown: &Option<Released>| score(shown.as_ref()?.sums, None).map(|score| score.figure().score);
        if let (Some(shown), Some(pure)) = (figure(&shown), figure(&pure)) {
            found.moved = found.moved.max((shown - pure).abs());
        }
    }
    found
}

/// How far five hundred ballots may move what is shown of an established cadre (some 240 ballots, two a day) before two people
/// decide, in points. The slower they come the later they are seen; spread over a year they are two more a day, and no rule
/// that does not look at what people say could tell them from people.
const BOUND: i64 = 10;

#[test]
fn five_hundred_ballots_raise_a_flag_and_hardly_move_what_is_shown() {
    for worst in [true, false] {
        for days in [1, 3, 7, 14, 28, 60] {
            let (mut dice, mut worst_move, mut latest) = (Dice(days as u64), 0, 0);
            for _ in 0..30 {
                let found = run(&mut dice, days, worst);
                latest = latest.max(found.seen_after.expect("no flag was raised"));
                worst_move = worst_move.max(found.moved);
            }
            println!("over {days} days: moved {worst_move} points at most, seen after {latest} days");
            assert!(worst_move <= BOUND, "over {days} days: {worst_move}");
        }
    }
}

#[test]
fn praise_and_blame_raise_the_same_flags() {
    for days in [1, 7, 28, 60] {
        let seen =
            |worst| (0..20).map(|seed| run(&mut Dice(seed), days, worst).seen_after).collect::<Vec<_>>();
        assert_eq!(seen(true), seen(false));
    }
}

#[test]
fn honest_people_raise_few_flags() {
    let (mut dice, watch, mut flagged) = (Dice(8), Watch::default(), 0);
    let subjects = 1000;
    for subject in 0..subjects {
        let rate = [0.1, 0.5, 2.0, 10.0][subject % 4];
        let daily: Vec<i64> = (0..180).map(|_| dice.poisson(rate) as i64).collect();
        flagged += i64::from(!bursts(&watch, 0, &daily, &[rate; 180]).is_empty());
    }
    println!("{flagged} of {subjects} honest subjects flagged in half a year");
    assert!(flagged <= subjects as i64 / 50, "{flagged}");
}

#[test]
fn a_real_change_of_opinion_is_shown_in_full_once_two_people_have_looked() {
    let mut live = Tally::default();
    live.channels[0].add(3000, 200);
    let shown = Released { number: 9, sums: live.all() };
    live.channels[0].add(0, 300);
    live.touched = 300;
    let flag = Flag::raise(SubjectId::Cadre(1), Sign::Burst, 0, 30 * DAY);
    let release =
        |flag: &Flag, now| Pace::default().release(Some(&shown), &live, (true, flag.holds(now), false));
    assert!(release(&flag, DAY).is_err());
    let says = |flag: Flag, who| flag.decide(who, false, Decision::Count, DAY).unwrap();
    let decided = says(says(flag.clone(), 7), 8);
    assert_eq!(decided.outcome(DAY), Outcome::Counted);
    assert_eq!(release(&decided, DAY).unwrap().sums, live.all());
    // And if nobody decides, in full as well.
    assert_eq!(release(&flag, 30 * DAY).unwrap().sums, live.all());
}
