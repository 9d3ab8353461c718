//! Comments that are one text with other words put in. The method is that of `reports::Shingles` in the app (three-character
//! pieces, Jaccard): whoever calls cuts the text and hashes each piece under the week's key; no comment comes here.

use std::collections::BTreeSet;

/// The hashed pieces of a comment.
pub type Sketch = BTreeSet<u64>;

/// Thousandths that two comments share, from which on they are copies: as for replies (ADR 0009).
pub const NEAR_COPY: u32 = 600;
/// So many copies are people who agree on a sentence, and no sign.
pub const LEAST: usize = 5;

/// What two sketches share of what either has, in thousandths; nothing where one is empty.
#[must_use]
pub fn alike(one: &Sketch, other: &Sketch) -> u32 {
    let shared = one.intersection(other).count();
    let whole = one.len() + other.len() - shared;
    (shared * 1000).checked_div(whole).and_then(|share| u32::try_from(share).ok()).unwrap_or(0)
}

/// The groups of near copies, by their places in the list: each is alike to the first of its group. Only groups of at least
/// [`LEAST`]. A comment shorter than `pieces` pieces ("很好") is like many, and is passed over.
#[must_use]
pub fn copies(comments: &[Sketch], pieces: usize) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, sketch) in comments.iter().enumerate().filter(|(_, sketch)| sketch.len() >= pieces) {
        match groups.iter_mut().find(|group| alike(&comments[group[0]], sketch) >= NEAR_COPY) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups.retain(|group| group.len() >= LEAST);
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_with_other_words_are_found_and_short_words_of_thanks_are_not() {
        let base: Sketch = (0..40).collect();
        let changed = |at: u64| {
            base.iter().copied().filter(|piece| piece % 10 != at).chain([1000 + at]).collect::<Sketch>()
        };
        let mut comments: Vec<Sketch> = (0..6).map(changed).collect();
        comments.extend((0..8).map(|_| Sketch::from([1, 2])));
        comments.extend((0..5).map(|at| (at * 100 + 2000..at * 100 + 2030).collect()));
        assert_eq!(copies(&comments, 8), [[0, 1, 2, 3, 4, 5]]);
        assert_eq!(alike(&Sketch::new(), &Sketch::new()), 0);
    }
}
