//! Readers who compute: nothing that is hidden can be solved from what is shown, not even by who knows the rules.

use crate::world::Dice;
use daylight_ratings::{
    DAY,
    ballot::Channel,
    count::{Sums, Tally},
    release::{
        CELL,
        answers::{self, groups},
        channels::channels,
        margins::{Leaf, margins},
        pace::Pace,
    },
    score::FLOOR,
};
use std::collections::{BTreeMap, BTreeSet};

/// All ways to divide `n` ballots among six answers.
fn tables(n: i64, mut each: impl FnMut([i64; 6])) {
    let mut table = [0; 6];
    fn fill(at: usize, left: i64, table: &mut [i64; 6], each: &mut impl FnMut([i64; 6])) {
        if at == 5 {
            table[5] = left;
            return each(*table);
        }
        for n in 0..=left {
            table[at] = n;
            fill(at + 1, left - n, table, each);
        }
    }
    fill(0, n, &mut table, &mut each);
}

/// The steps of a question's answers together.
fn steps(table: &[i64; 6]) -> i64 {
    (0..5).map(|step| step as i64 * table[step]).sum()
}

/// The values that each number of a hidden list may have.
fn note<const N: usize>(values: &mut [BTreeSet<i64>; N], seen: [i64; N]) {
    for (values, n) in values.iter_mut().zip(seen) {
        values.insert(n);
    }
}

/// Groups of answers, as a reader sees them.
type Shown = Vec<(Vec<usize>, i64)>;

fn shown(table: &[i64; 6]) -> Shown {
    groups(table).into_iter().map(|group| (group.places, group.n)).collect()
}

fn alone(shown: &[(Vec<usize>, i64)], place: usize) -> bool {
    shown.iter().any(|(places, _)| places.len() == 1 && places[0] == place)
}

#[test]
fn no_hidden_answer_can_be_solved_by_who_knows_the_rules() {
    for n in FLOOR..=16 {
        // Every table that shows the same is a world the reader cannot tell from this one.
        let mut worlds: BTreeMap<Shown, [BTreeSet<i64>; 6]> = BTreeMap::new();
        tables(n, |table| note(worlds.entry(shown(&table)).or_default(), table));
        for (shown, values) in worlds {
            assert!(shown.iter().all(|(_, n)| *n >= CELL));
            for (place, values) in values.iter().enumerate() {
                let safe = alone(&shown, place) || values.len() >= 3;
                assert!(safe, "{n}: {shown:?} gives away {place}: {values:?}");
            }
        }
    }
}

#[test]
fn no_hidden_answer_can_be_solved_with_the_mean_and_the_groups_of_all_questions() {
    // Four questions, the fewest there are: 16 n steps are 100 points, shown in fives below 50 ballots and ending at 5 and
    // 95. Three are answered in one of some ways; a reader sees their groups, those of the fourth, and the mean.
    let half = |n: i64, place: usize, other: usize| {
        let mut table = [0; 6];
        (table[place], table[other]) = (n - n / 2, n / 2);
        table
    };
    let (mut kept, mut dropped) = (0, 0);
    for (n, place, other) in [(10, 4, 3), (10, 4, 2), (11, 1, 0), (11, 3, 0), (12, 2, 1)] {
        let others = half(n, place, other);
        // What the three may be for who sees their groups.
        let (low, high) = alike(n, &others);
        let (mut worlds, mut pages) = (BTreeMap::new(), BTreeMap::new());
        tables(n, |table| {
            let own = shown(&table);
            // Who does not know moves the mean as if by any step.
            for total in 3 * low + steps(&table)..=3 * high + steps(&table) + 4 * table[5] {
                let total = total as f64 / (16 * n) as f64;
                let mean = ((total * 20.0).round() as i64).clamp(1, 19);
                let key = own.clone();
                let page = || answers::tables(&[table, others, others, others], total)[0].is_empty();
                if *pages.entry((key.clone(), mean)).or_insert_with(page) {
                    dropped += 1;
                    continue;
                }
                kept += 1;
                let values: &mut [BTreeSet<i64>; 6] = worlds.entry((key, mean)).or_default();
                note(values, table);
            }
        });
        for ((shown, mean), values) in worlds {
            for (place, values) in values.iter().enumerate() {
                let safe = alone(&shown, place) || values.len() >= 2;
                assert!(safe, "{n}, {mean}: {shown:?} gives away {place}: {values:?}");
            }
        }
    }
    assert!(kept > 1000 && dropped > 0, "{kept} {dropped}");
}

/// The steps that all tables with the same groups may have.
fn alike(n: i64, of: &[i64; 6]) -> (i64, i64) {
    let (mut low, mut high) = (i64::MAX, i64::MIN);
    tables(n, |table| {
        if groups(&table) == groups(of) {
            (low, high) = (low.min(steps(&table)), high.max(steps(&table) + 4 * table[5]));
        }
    });
    (low, high)
}

#[test]
fn no_hidden_channel_can_be_solved() {
    let mut worlds: BTreeMap<_, [BTreeSet<i64>; 3]> = BTreeMap::new();
    for (phone, invited, paper) in (0..32 * 32 * 32).map(|at| (at % 32, at / 32 % 32, at / 1024)) {
        let mut tally = Tally::default();
        let n = [phone, invited, paper];
        tally.channels.iter_mut().zip(n).for_each(|(one, n)| one.add(840, n));
        // Past 40 the worlds of this test end, not the reader's.
        if !(FLOOR..=40).contains(&tally.all().n) {
            continue;
        }
        let channels: Vec<_> = channels(&tally).into_iter().map(|one| (one.channels, one.sums.n)).collect();
        let values = worlds.entry(channels).or_default();
        note(values, n);
    }
    for (shown, values) in worlds {
        assert!(shown.iter().all(|(_, n)| *n == 0 || *n >= FLOOR), "{shown:?}");
        for (channel, values) in Channel::ALL.iter().zip(values) {
            let apart = shown.iter().any(|(channels, _)| channels == &[*channel]);
            assert!(apart || values.len() >= 2, "{shown:?} gives away {channel:?}: {values:?}");
        }
    }
}

/// Whether a vector is a combination of rows, in the field of a large prime: what holds in fractions holds there.
fn solvable(rows: &[Vec<i64>], wanted: &[i64]) -> bool {
    const P: i128 = 2_147_483_647;
    let rank = |mut rows: Vec<Vec<i128>>| {
        let mut rank = 0;
        for column in 0..wanted.len() {
            let Some(pivot) = (rank..rows.len()).find(|at| rows[*at][column] != 0) else { continue };
            rows.swap(rank, pivot);
            let (mut power, mut base, mut inverse) = (P - 2, rows[rank][column], 1);
            while power > 0 {
                if power % 2 == 1 {
                    inverse = inverse * base % P;
                }
                (base, power) = (base * base % P, power / 2);
            }
            let lead = rows[rank].clone();
            for row in rows.iter_mut().skip(rank + 1) {
                let times = row[column] * inverse % P;
                row.iter_mut().zip(&lead).for_each(|(cell, lead)| *cell = (*cell + P * P - times * lead) % P);
            }
            rank += 1;
        }
        rank
    };
    let own: Vec<Vec<i128>> =
        rows.iter().map(|row| row.iter().map(|cell| i128::from(*cell)).collect()).collect();
    let mut more = own.clone();
    more.push(wanted.iter().map(|cell| i128::from(*cell)).collect());
    rank(own) == rank(more)
}

/// A small county: townships, units, subjects with few or many ballots.
fn county(dice: &mut Dice) -> Vec<Leaf> {
    (0..4 + dice.below(14))
        .map(|_| {
            let mut counted = Sums::default();
            counted.add(840, if dice.unit() < 0.6 { dice.below(10) } else { 10 + dice.below(50) } as i64);
            let path = vec![1, dice.below(2) as i64, dice.below(3) as i64];
            Leaf { path, shown: (counted.n >= FLOOR).then_some(counted), counted }
        })
        .collect()
}

/// What every shown sum is made of: by how much it moves when one subject's does.
fn makeup(leaves: &[Leaf]) -> Vec<Vec<i64>> {
    let plain = margins(leaves);
    let mut rows: BTreeMap<_, Vec<i64>> =
        plain.keys().map(|path| (path.clone(), vec![0; leaves.len()])).collect();
    for at in 0..leaves.len() {
        let mut moved = leaves.to_vec();
        moved[at].counted.sum += 1;
        moved[at].shown.iter_mut().for_each(|shown| shown.sum += 1);
        for (path, margin) in margins(&moved) {
            rows.get_mut(&path).unwrap()[at] = margin.sums.sum - plain[&path].sums.sum;
        }
    }
    // And the subjects shown by themselves.
    let own = (0..leaves.len()).filter(|at| leaves[*at].shown.is_some());
    let own = own.map(|at| (0..leaves.len()).map(|other| i64::from(at == other)).collect());
    rows.into_values().chain(own).collect()
}

#[test]
fn no_sum_of_units_and_townships_gives_away_fewer_than_ten_ballots() {
    let (mut dice, mut pools) = (Dice(3), 0);
    for _ in 0..300 {
        let leaves = county(&mut dice);
        let rows = makeup(&leaves);
        let hidden: Vec<_> =
            (0..leaves.len()).filter(|at| leaves[*at].shown.is_none() && leaves[*at].counted.n > 0).collect();
        pools += margins(&leaves).values().filter(|margin| margin.pooled > 0).count();
        // Every set of hidden subjects with fewer than ten ballots together.
        for set in 1_u32..1 << hidden.len().min(9) {
            let of: Vec<_> =
                hidden.iter().enumerate().filter(|(bit, _)| set >> bit & 1 == 1).map(|(_, at)| *at).collect();
            if of.iter().map(|at| leaves[*at].counted.n).sum::<i64>() < FLOOR {
                let wanted: Vec<_> = (0..leaves.len()).map(|at| i64::from(of.contains(&at))).collect();
                assert!(!solvable(&rows, &wanted), "{of:?} of {leaves:?}");
            }
        }
    }
    assert!(pools > 100, "the counties have hardly any pool: {pools}");
}

#[test]
fn between_any_two_pages_at_least_five_people_have_voted() {
    let mut dice = Dice(9);
    let pace = Pace::default();
    for history in 0..300 {
        let rate = [0.3, 1.0, 4.0][history % 3];
        let (mut live, mut shown) = (Tally::default(), None);
        let (mut cast, mut touched): (Vec<i64>, BTreeSet<usize>) = (Vec::new(), BTreeSet::new());
        let mut slot = pace.slot(0);
        for day in 0..120 {
            for _ in 0..dice.poisson(rate) {
                // Somebody new, or somebody who changes their mind, as often as they like.
                let who =
                    if cast.is_empty() || dice.unit() < 0.6 { cast.len() } else { dice.below(cast.len()) };
                let value = 840 * dice.below(5) as i64;
                match cast.get_mut(who) {
                    Some(old) => (live.channels[0].add(*old, -1), *old = value).0,
                    None => cast.push(value),
                }
                live.channels[0].add(value, 1);
                live.touched += i64::from(touched.insert(who));
            }
            let now = day * DAY + 1;
            let due = pace.slot(now) > slot;
            if let Ok(next) = pace.release(shown.as_ref(), &live, (due, false, day == 119)) {
                assert!(touched.len() >= CELL as usize && next.sums.n >= FLOOR);
                (shown, live.touched, slot) = (Some(next), 0, pace.slot(now));
                touched.clear();
            }
        }
    }
}
