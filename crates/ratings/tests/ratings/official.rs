//! An official who reads the page before and after each ballot, knows when each was cast, and guesses what it said.

use crate::world::Dice;
use daylight_ratings::{
    DAY,
    ballot::Ballot,
    count::Tally,
    release::pace::{Pace, Released},
    score::{Figure, score},
};

/// What one run gave: right guesses of two hundred.
#[derive(Default)]
struct Guesses {
    /// By the page before and after.
    reader: usize,
    /// By who knows in which batch each ballot came, and computes what the batch says.
    counter: usize,
    /// By who reads only the last page.
    last: usize,
}

const BALLOTS: usize = 200;

fn page(shown: Option<&Released>) -> Option<Figure> {
    score(shown?.sums, None).map(|score| score.figure())
}

/// Two hundred people praise or blame; `praise` is the chance of praise.
fn run(dice: &mut Dice, pace: Pace, praise: f64) -> Guesses {
    let (mut live, mut shown, mut slot, mut now) = (Tally::default(), None, pace.slot(0), 0);
    let mut said = Vec::new();
    // After each ballot, and before the next: the page, and how many ballots it holds.
    let mut pages: Vec<Option<Figure>> = Vec::new();
    for at in 0..BALLOTS {
        let good = dice.unit() < praise;
        said.push(good);
        live.channels[0].add(if good { Ballot::BEST } else { 0 }, 1);
        live.touched += 1;
        now += (dice.unit() * 0.6 * DAY as f64) as i64;
        let closed = at + 1 == BALLOTS;
        let due = closed || pace.slot(now) > slot;
        if let Ok(next) = pace.release(shown.as_ref(), &live, (due, false, closed)) {
            (shown, live.touched, slot) = (Some(next), 0, pace.slot(now));
        }
        pages.push(page(shown.as_ref()));
    }
    judge(dice, &said, &pages)
}

fn judge(dice: &mut Dice, said: &[bool], pages: &[Option<Figure>]) -> Guesses {
    let mut right = Guesses::default();
    let last = pages[BALLOTS - 1].map_or(50, |figure| figure.score);
    let coin = |dice: &mut Dice, sign: i64| if sign == 0 { dice.unit() < 0.5 } else { sign > 0 };
    let known = |figure: Option<Figure>| figure.map_or((0, 0), |figure| (figure.n, figure.n * figure.score));
    for (at, good) in said.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| pages[before]);
        let moved = pages[at].map_or(50, |figure| figure.score) - before.map_or(50, |figure| figure.score);
        right.reader += usize::from(coin(dice, moved) == *good);
        right.last += usize::from(coin(dice, last - 50) == *good);
        // The first page that holds this ballot, and the one before it.
        let after =
            pages.iter().copied().find(|page| page.is_some_and(|figure| figure.n > at as i64)).flatten();
        let (n, sum) = known(after);
        let held = pages.iter().copied().rev().find(|page| known(*page).0 <= at as i64).flatten();
        let (old, had) = known(held);
        right.counter += usize::from(coin(dice, (sum - had) - 50 * (n - old)) == *good);
    }
    right
}

fn rates(seed: u64, pace: Pace, praise: f64) -> [f64; 3] {
    let (mut dice, runs) = (Dice(seed), 400);
    let mut sum = [0; 3];
    for _ in 0..runs {
        let right = run(&mut dice, pace, praise);
        sum.iter_mut().zip([right.reader, right.counter, right.last]).for_each(|(sum, right)| *sum += right);
    }
    sum.map(|right| right as f64 / (runs * BALLOTS) as f64)
}

#[test]
fn who_reads_before_and_after_each_ballot_guesses_no_better_than_chance() {
    for (seed, praise) in [(1, 0.5), (2, 0.8), (3, 0.2)] {
        let [reader, counter, last] = rates(seed, Pace::default(), praise);
        println!(
            "praise {praise}: before and after {reader:.4}, batches {counter:.4}, last page alone {last:.4}"
        );
        // 80,000 tosses of a coin: four deviations are 0.007; the few pages that change add less than 0.005.
        assert!((reader - 0.5).abs() < 0.012, "{reader}");
        // Who knows exactly who voted between two pages learns what those together say: a group, not a person. The bound
        // of docs/adr/0014 for the batches of two hundred ballots of which half praise.
        assert!(counter - last < 0.055, "{counter} {last}");
    }
}

#[test]
fn larger_batches_tell_less() {
    let small = Pace { days: 1, growth: 0, ..Pace::default() };
    let [_, five, _] = rates(4, small, 0.5);
    let [_, grown, _] = rates(4, Pace::default(), 0.5);
    println!("batches of five {five:.4}, grown {grown:.4}");
    assert!(grown < five - 0.03, "{grown} {five}");
}
