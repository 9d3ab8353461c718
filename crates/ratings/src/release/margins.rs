//! Sums of units and divisions after the close.
//!
//! What is shown at any height is a sum of *atoms*: subjects that are shown themselves, and pools of subjects that never
//! were. Whatever a reader adds and subtracts is again made of atoms, and no atom has fewer than ten ballots.

use super::CELL;
use crate::{count::Sums, score::FLOOR};
use std::collections::BTreeMap;

/// A subject at the end of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The places it lies in, the widest first: county, township, unit.
    pub path: Vec<i64>,
    /// What is shown of it; none when it never was.
    pub shown: Option<Sums>,
    /// What was counted of it.
    pub counted: Sums,
}

/// What is shown of a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Margin {
    /// Everything shown in it, pools included.
    pub sums: Sums,
    /// Subjects shown by themselves.
    pub subjects: usize,
    /// Subjects shown only in a pool: "其余N名合计".
    pub pooled: usize,
    /// Subjects of which nothing is in the sum.
    pub left_out: usize,
}

/// The sums of every place, by its path.
#[must_use]
pub fn margins(leaves: &[Leaf]) -> BTreeMap<Vec<i64>, Margin> {
    let mut found: BTreeMap<Vec<i64>, Margin> = BTreeMap::new();
    // Small subjects by the place in which they wait for a pool, the deepest first.
    let mut waiting: BTreeMap<Vec<i64>, Vec<Sums>> = BTreeMap::new();
    for leaf in leaves {
        for place in above(&leaf.path) {
            let margin = found.entry(place.to_vec()).or_default();
            match leaf.shown {
                Some(sums) => (margin.subjects, _) = (margin.subjects + 1, margin.sums.merge(sums)),
                None => margin.left_out += 1,
            }
        }
        if leaf.shown.is_none() && leaf.counted.n > 0 {
            waiting.entry(leaf.path.clone()).or_default().push(leaf.counted);
        }
    }
    while let Some(path) = waiting.keys().max_by_key(|path| path.len()).cloned() {
        let small = waiting.remove(&path).unwrap_or_default();
        if let Some(pool) = pool(&small) {
            for place in above(&path) {
                let margin = found.entry(place.to_vec()).or_default();
                margin.sums.merge(pool);
                margin.pooled += small.len();
                margin.left_out -= small.len();
            }
        } else if let Some((_, wider)) = path.split_last()
            && !wider.is_empty()
        {
            waiting.entry(wider.to_vec()).or_default().extend(small);
        }
    }
    found
}

/// The places of a path, the widest first.
fn above(path: &[i64]) -> impl Iterator<Item = &[i64]> {
    (1..=path.len()).map(|depth| &path[..depth])
}

/// Small subjects together: at least ten ballots, and five beside the largest, so that nobody finds the largest by knowing
/// the others.
fn pool(small: &[Sums]) -> Option<Sums> {
    let mut all = Sums::default();
    small.iter().for_each(|one| all.merge(*one));
    let largest = small.iter().map(|one| one.n).max()?;
    (all.n >= FLOOR && all.n - largest >= CELL).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(path: &[i64], n: i64) -> Leaf {
        let mut counted = Sums::default();
        counted.add(840, n);
        Leaf { path: path.to_vec(), shown: (n >= FLOOR).then_some(counted), counted }
    }

    #[test]
    fn a_small_subject_cannot_be_found_from_its_unit() {
        let found = margins(&[leaf(&[1, 2], 40), leaf(&[1, 2], 30), leaf(&[1, 2], 7)]);
        let unit = found[&vec![1, 2]];
        assert_eq!((unit.sums.n, unit.subjects, unit.pooled, unit.left_out), (70, 2, 0, 1));
        assert_eq!(found[&vec![1]].sums.n, 70);
    }

    #[test]
    fn small_subjects_of_a_unit_are_shown_together() {
        let found = margins(&[leaf(&[1, 2], 40), leaf(&[1, 2], 6), leaf(&[1, 2], 7), leaf(&[1, 2], 0)]);
        let unit = found[&vec![1, 2]];
        assert_eq!((unit.sums.n, unit.subjects, unit.pooled, unit.left_out), (53, 1, 2, 1));
    }

    #[test]
    fn what_is_too_small_for_a_unit_is_pooled_above_it() {
        let found = margins(&[leaf(&[1, 2], 40), leaf(&[1, 2], 6), leaf(&[1, 3], 7), leaf(&[1, 3], 20)]);
        assert_eq!(found[&vec![1, 2]].sums.n, 40);
        assert_eq!(found[&vec![1, 3]].sums.n, 20);
        let county = found[&vec![1]];
        assert_eq!((county.sums.n, county.pooled, county.left_out), (73, 2, 0));
    }

    #[test]
    fn the_largest_of_a_pool_does_not_stand_almost_alone() {
        let found = margins(&[leaf(&[1], 9), leaf(&[1], 4)]);
        assert_eq!(found[&vec![1]].sums.n, 0);
        assert_eq!(margins(&[leaf(&[1], 9), leaf(&[1], 5)])[&vec![1]].sums.n, 14);
    }
}
