//! Checks that look at several rows together: which rows of one group take part in a hit.

use super::state::Note;
use crate::days::{Day, NO_DAY};
use crate::rules::{Check, Count, Overlap, Shared, Split};

/// Marks the rows of a group (one key, within one thing, in one stretch of time) that belong to a hit.
pub(super) fn marked(check: &Check, group: &[&Note]) -> Vec<bool> {
    match check {
        Check::Shared(check) => vec![shared(check, group); group.len()],
        Check::Overlap(check) => overlap(check, group),
        Check::Split(check) => split(check, group),
        _ => vec![false; group.len()],
    }
}

fn shared(check: &Shared, group: &[&Note]) -> bool {
    let count = match check.count {
        Count::Rows => group.len(),
        Count::Persons => distinct(group.iter().map(|note| note.kept.person)),
        Count::Bodies => distinct(group.iter().map(|note| note.body)),
    };
    count >= check.at_least as usize
}

fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> usize {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.dedup();
    values.len()
}

fn period(note: &Note) -> (Day, Day) {
    let until = if note.kept.until == NO_DAY { note.kept.date } else { note.kept.until };
    (note.kept.date, until)
}

/// A row belongs to a hit when more than the forgiven days of it are common with a row of an excluded scheme. Counted
/// by two sorted lists for each scheme, so that a person with very many rows costs n log n, not n².
fn overlap(check: &Overlap, group: &[&Note]) -> Vec<bool> {
    let grace = check.grace_days as i32;
    let long = |note: &&Note| {
        let (from, until) = period(note);
        i64::from(until) - i64::from(from) + 1 > i64::from(grace)
    };
    let mut schemes: Vec<&str> = group.iter().map(|note| &*note.kept.scheme).collect();
    schemes.sort_unstable();
    schemes.dedup();
    let lists: Vec<(Vec<Day>, Vec<Day>)> = schemes
        .iter()
        .map(|scheme| {
            let own = group.iter().filter(|note| *note.kept.scheme == **scheme).filter(|note| long(note));
            let (mut from, mut until): (Vec<Day>, Vec<Day>) = own.map(|note| period(note)).unzip();
            from.sort_unstable();
            until.sort_unstable();
            (from, until)
        })
        .collect();
    let meets = |note: &&Note| {
        let (from, until) = period(note);
        let own = &*note.kept.scheme;
        long(note)
            && schemes.iter().zip(&lists).any(|(scheme, (starts, ends))| {
                let same = *scheme == own;
                if !(if same { check.same_scheme } else { check.excludes(own, scheme) }) {
                    return false;
                }
                let begun = starts.partition_point(|start| *start <= until.saturating_sub(grace));
                let over = ends.partition_point(|end| *end < from.saturating_add(grace));
                begun - over > usize::from(same)
            })
    };
    group.iter().map(meets).collect()
}

impl Overlap {
    fn excludes(&self, one: &str, other: &str) -> bool {
        self.excluding.iter().any(|set| {
            let has = |scheme: &str| set.iter().any(|own| **own == *scheme);
            has(one) && has(other)
        })
    }
}

/// A row belongs to a hit when some stretch of the days, beginning with a row, holds it and enough others. The amounts
/// are at least half the limit each (`near-percent` ≤ 50), so that two are beyond it.
fn split(check: &Split, group: &[&Note]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..group.len()).collect();
    order.sort_by_key(|at| group[*at].kept.date);
    let mut marked = vec![false; group.len()];
    let (mut end, mut done) = (0, 0);
    for start in 0..order.len() {
        let last = group[order[start]].kept.date.saturating_add(check.days as i32);
        while end < order.len() && group[order[end]].kept.date <= last {
            end += 1;
        }
        if end - start >= check.at_least as usize {
            for at in &order[done.max(start)..end] {
                marked[*at] = true;
            }
            done = end;
        }
    }
    marked
}
