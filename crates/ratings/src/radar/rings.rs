//! Rings: subjects that are rated together again and again where nobody would expect it. Tokens of one person share nothing,
//! so this is not found in the ballots. While somebody rates one subject after the other, the store counts up the pair of
//! subjects, keyed with a key of the week; who rated them is nowhere, and the counters go with the key.

use crate::ballot::SubjectId;
use std::collections::BTreeMap;

/// Two subjects rated in one sitting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The one.
    pub one: SubjectId,
    /// The other.
    pub other: SubjectId,
    /// Whether both are of one unit: whoever comes to rate its head often rates its deputy.
    pub same_unit: bool,
    /// Sittings in which both were rated.
    pub together: i64,
}

/// Fewer sittings are no sign.
const LEAST: i64 = 10;

/// Groups of subjects that are rated together far more often than chance explains; `sittings` says for each subject in how
/// many it was rated, `all` how many there were. Pairs of one unit are held against the usual pair of one unit.
#[must_use]
pub fn rings(pairs: &[Pair], sittings: &BTreeMap<SubjectId, i64>, all: i64) -> Vec<Vec<SubjectId>> {
    let of = |subject: SubjectId| sittings.get(&subject).copied().unwrap_or(0) as f64;
    let chance = |pair: &Pair| of(pair.one) * of(pair.other) / (all as f64).max(1.0);
    let inside = pairs.iter().filter(|pair| pair.same_unit);
    let (seen, expected) = inside
        .fold((0.0, 0.0), |(seen, expected), pair| (seen + pair.together as f64, expected + chance(pair)));
    let lift = if expected > 0.0 { (seen / expected).max(1.0) } else { 1.0 };
    let stands_out = |pair: &&Pair| {
        let most = of(pair.one).min(of(pair.other));
        // In one unit nearly all who rate one may rate the other: only across units is that a sign.
        let mean = if pair.same_unit { (chance(pair) * lift).max(0.8 * most) } else { chance(pair) };
        pair.together >= LEAST && pair.together as f64 > mean + 4.0 * (2.0 * mean).sqrt()
    };
    join(pairs.iter().filter(stands_out))
}

/// What hangs together, each group in order.
fn join<'a>(pairs: impl Iterator<Item = &'a Pair>) -> Vec<Vec<SubjectId>> {
    let mut groups: Vec<Vec<SubjectId>> = Vec::new();
    for pair in pairs {
        let (mut touched, rest): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|group| group.contains(&pair.one) || group.contains(&pair.other));
        touched.push(vec![pair.one, pair.other]);
        let mut group = touched.concat();
        group.sort_unstable();
        group.dedup();
        groups = rest;
        groups.push(group);
    }
    groups.sort();
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(one: i64, other: i64, same_unit: bool, together: i64) -> Pair {
        Pair { one: SubjectId::Cadre(one), other: SubjectId::Cadre(other), same_unit, together }
    }

    #[test]
    fn subjects_of_far_units_rated_together_are_a_ring_and_colleagues_are_not() {
        let sittings = (1..=9).map(|id| (SubjectId::Cadre(id), 60)).collect();
        let pairs = [
            pair(1, 2, false, 40),
            pair(2, 3, false, 35),
            pair(4, 5, true, 45),
            pair(5, 6, false, 6),
            pair(7, 8, false, 9),
        ];
        let ring: Vec<_> = [1, 2, 3].map(SubjectId::Cadre).to_vec();
        assert_eq!(rings(&pairs, &sittings, 5000), [ring]);
    }

    #[test]
    fn what_everybody_rates_is_rated_together_by_chance() {
        let sittings = [(SubjectId::Cadre(1), 900), (SubjectId::Cadre(2), 800)].into();
        assert_eq!(rings(&[pair(1, 2, false, 740)], &sittings, 1000), [] as [Vec<SubjectId>; 0]);
    }
}
