//! The shown interval covers the truth at its nominal rate, whatever the population is like.

use crate::world::{Dice, Opinion};
use daylight_ratings::{
    count::Sums,
    score::{Order, Peers, order, score},
};

/// A kind of county: how its cadres are seen, and how people fill in a ballot.
struct Population {
    name: &'static str,
    opinion: fn(&mut Dice) -> Opinion,
    questions: usize,
    same: f64,
}

const POPULATIONS: [Population; 7] = [
    Population {
        name: "ordinary",
        opinion: |d| Opinion::around(0.8 + 0.07 * d.normal()),
        questions: 8,
        same: 0.3,
    },
    Population {
        name: "a tenth far below",
        opinion: |d| Opinion::around(if d.unit() < 0.1 { 0.35 } else { 0.85 }),
        questions: 8,
        same: 0.3,
    },
    Population {
        name: "all at the top",
        opinion: |d| Opinion::around(0.95 + 0.01 * d.normal()),
        questions: 8,
        same: 0.5,
    },
    Population { name: "all equal", opinion: |_| Opinion::around(0.75), questions: 8, same: 0.3 },
    Population {
        name: "best or worst",
        opinion: |d| Opinion::split(0.3 + 0.6 * d.unit()),
        questions: 4,
        same: 1.0,
    },
    Population {
        name: "a few divide people, most do not",
        opinion: |d| if d.unit() < 0.15 { Opinion::split(0.6) } else { Opinion::around(0.8) },
        questions: 8,
        same: 1.0,
    },
    Population { name: "anything", opinion: |d| Opinion::around(d.unit()), questions: 4, same: 0.7 },
];

/// Few for most, many for some.
fn turnout(dice: &mut Dice) -> usize {
    10 + (3.0 * (6.0 * dice.unit() * dice.unit()).exp()) as usize % 400
}

#[test]
fn the_interval_covers_the_truth_at_its_nominal_rate() {
    for (seed, population) in POPULATIONS.iter().enumerate() {
        let mut dice = Dice(seed as u64 + 20);
        let (mut covered, mut exact, mut all, mut fine) = (0, 0, 0, (0, 0));
        for _ in 0..40 {
            let class: Vec<(f64, Sums)> = (0..60)
                .map(|_| {
                    let opinion = (population.opinion)(&mut dice);
                    let n = turnout(&mut dice);
                    (opinion.truth(), opinion.sums(&mut dice, n, population.questions, population.same))
                })
                .collect();
            let peers = Peers::of(class.iter().map(|(_, sums)| *sums));
            for (truth, sums) in class {
                let found = score(sums, peers).unwrap();
                let figure = found.figure();
                all += 1;
                exact += i32::from(found.interval.low <= truth && truth <= found.interval.high);
                let shown = figure.low as f64 <= truth * 100.0 && truth * 100.0 <= figure.high as f64;
                covered += i32::from(shown);
                fine = (fine.0 + i32::from(shown && figure.n >= 50), fine.1 + i32::from(figure.n >= 50));
            }
        }
        let rate = |hits: i32| f64::from(hits) / f64::from(all);
        let (name, of_fine) = (population.name, f64::from(fine.0) / f64::from(fine.1));
        println!(
            "{name}: interval {:.4}, shown {:.4}, from 50 ballots {of_fine:.4}",
            rate(exact),
            rate(covered)
        );
        // 2,400 tries: three deviations of a rate of 0.95 are 0.013.
        assert!(rate(exact) > 0.937, "{}: {}", population.name, rate(exact));
        assert!(rate(exact) < 0.98, "{}: too wide: {}", population.name, rate(exact));
        // On the grid it is never less sure.
        assert!(of_fine > 0.945, "{name}: {of_fine}");
        assert!(rate(covered) >= rate(exact), "{}", population.name);
    }
}

#[test]
fn the_interval_covers_one_person_who_is_unlike_all_others() {
    let mut dice = Dice(5);
    let unlike = [0.1, 0.3, 0.5].map(Opinion::around).into_iter().chain([0.5, 0.7].map(Opinion::split));
    for opinion in unlike {
        for n in [10, 20, 60, 200] {
            let class: Vec<_> = (0..40).map(|_| Opinion::around(0.85).sums(&mut dice, 60, 8, 0.3)).collect();
            let (mut covered, tries) = (0, 600);
            for _ in 0..tries {
                let own = opinion.sums(&mut dice, n, 8, 0.8);
                let peers = Peers::of(class.iter().copied().chain([own]));
                let found = score(own, peers).unwrap().interval;
                covered += i32::from(found.low <= opinion.truth() && opinion.truth() <= found.high);
            }
            let (rate, truth) = (f64::from(covered) / f64::from(tries), opinion.truth());
            println!("truth {truth:.2}, {n} ballots: {rate:.4}");
            // Four deviations of 600 tries at 0.95.
            assert!(rate > 0.914, "truth {truth}, {n} ballots: {rate}");
        }
    }
}

#[test]
fn the_score_is_nearer_to_the_truth_than_the_mean_where_ballots_are_few() {
    let (mut dice, mut plain, mut drawn) = (Dice(11), 0.0, 0.0);
    for _ in 0..60 {
        let class: Vec<_> = (0..40)
            .map(|_| {
                let opinion = Opinion::around(0.8 + 0.05 * dice.normal());
                (opinion.truth(), opinion.sums(&mut dice, 12, 8, 0.3))
            })
            .collect();
        let peers = Peers::of(class.iter().map(|(_, sums)| *sums));
        for (truth, sums) in class {
            let found = score(sums, peers).unwrap();
            plain += (found.mean - truth).powi(2);
            drawn += (found.score - truth).powi(2);
        }
    }
    println!("squared error: mean {plain:.2}, score {drawn:.2}");
    assert!(drawn < 0.9 * plain, "{drawn} {plain}");
}

#[test]
fn equal_subjects_are_hardly_ever_put_in_order() {
    let mut dice = Dice(77);
    let (mut ordered, mut pairs) = (0, 0);
    for _ in 0..20 {
        let class: Vec<_> = (0..40)
            .map(|_| {
                let n = turnout(&mut dice);
                Opinion::around(0.8).sums(&mut dice, n, 8, 0.3)
            })
            .collect();
        let peers = Peers::of(class.iter().copied());
        let figures: Vec<_> = class.iter().map(|sums| score(*sums, peers).unwrap().figure()).collect();
        for (at, one) in figures.iter().enumerate() {
            for other in &figures[..at] {
                pairs += 1;
                ordered += i32::from(order(one, other) != Order::Indistinct);
            }
        }
    }
    println!("{ordered} of {pairs} pairs put in order");
    assert!(f64::from(ordered) < 0.01 * f64::from(pairs), "{ordered} of {pairs}");
}

#[test]
fn what_differs_between_subjects_is_told_from_what_differs_between_ballots() {
    let mut dice = Dice(31);
    for spread in [0.0, 0.04, 0.1] {
        let (mut found, mut truth) = (0.0, 0.0);
        for _ in 0..60 {
            let opinions: Vec<_> = (0..60).map(|_| Opinion::around(0.6 + spread * dice.normal())).collect();
            let mean = opinions.iter().map(Opinion::truth).sum::<f64>() / 60.0;
            truth += opinions.iter().map(|one| (one.truth() - mean).powi(2)).sum::<f64>() / 59.0;
            let class: Vec<_> = opinions.iter().map(|one| one.sums(&mut dice, 15, 8, 0.3)).collect();
            found += Peers::of(class).unwrap().between;
        }
        println!("spread {spread}: between {:.5}, truth {:.5}", found / 60.0, truth / 60.0);
        // What is below nothing is taken as nothing, which adds a little where there is nothing.
        assert!((found - truth).abs() / 60.0 < 0.0003 + 0.1 * truth / 60.0, "{found} {truth}");
    }
}
