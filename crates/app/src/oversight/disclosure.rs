//! What may be shown of a count to everybody: never exactly, never below five.
//!
//! A count is shown as a band of five ("35–39"), below five as "不到5". So two pages, before and after a case, differ in
//! no figure by less than five. What belongs together (the organs and the county) is shown so that nobody can work
//! out a hidden one: each could still be any of 0 to 4. Whoever knows that exactly one case came in between can learn
//! at a crossing that there were four before; the hourly count is there so that nobody knows.

/// The width of a band, and the least count that has one.
pub const BAND: i64 = 5;

/// A count as everybody sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Below five, none included.
    Few,
    /// From this on, up to four more.
    Band(i64),
    /// Left out, so that another cannot be worked out.
    Apart,
}

impl Cell {
    /// A count by itself.
    pub fn of(n: i64) -> Cell {
        if n < BAND { Cell::Few } else { Cell::Band(n / BAND * BAND) }
    }

    /// The least that it may be.
    pub fn least(self) -> i64 {
        if let Cell::Band(low) = self { low } else { 0 }
    }

    /// The most that it may be; none when nobody can tell.
    pub fn most(self) -> Option<i64> {
        match self {
            Cell::Few => Some(BAND - 1),
            Cell::Band(low) => Some(low + BAND - 1),
            Cell::Apart => None,
        }
    }

    /// "35–39".
    pub fn page(self) -> String {
        match self {
            Cell::Few => format!("不到{BAND}"),
            Cell::Band(low) => format!("{low}–{}", low + BAND - 1),
            Cell::Apart => "不单列".into(),
        }
    }
}

/// Shows a whole and its parts.
pub fn disclose(whole: i64, parts: &[i64]) -> (Cell, Vec<Cell>) {
    let (mut total, mut cells) = (Cell::of(whole), parts.iter().map(|n| Cell::of(*n)).collect::<Vec<_>>());
    while narrowed(total, &cells) {
        let smallest =
            (0..cells.len()).filter(|at| matches!(cells[*at], Cell::Band(_))).min_by_key(|at| parts[*at]);
        match smallest {
            Some(at) => cells[at] = Cell::Apart,
            None => total = Cell::Apart,
        }
    }
    (total, cells)
}

/// Whether a hidden part must be more than nothing, as the others and the whole are shown.
fn narrowed(total: Cell, cells: &[Cell]) -> bool {
    let few = |at: &usize| cells[*at] == Cell::Few;
    (0..cells.len()).filter(few).any(|at| {
        let others = cells.iter().enumerate().filter(|(other, _)| *other != at);
        let most = others.map(|(_, cell)| cell.most()).try_fold(0, |sum, most| Some(sum + most?));
        most.is_some_and(|most| total.least() > most)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Every way in which parts can be, as they are shown. What is left out is taken to be anything up to 40.
    fn possible(total: Cell, cells: &[Cell]) -> Vec<BTreeSet<i64>> {
        let mut found = vec![BTreeSet::new(); cells.len()];
        let mut at: Vec<i64> = cells.iter().map(|cell| cell.least()).collect();
        let most: Vec<i64> = cells.iter().map(|cell| cell.most().unwrap_or(40)).collect();
        loop {
            let sum: i64 = at.iter().sum();
            if sum >= total.least() && total.most().is_none_or(|most| sum <= most) {
                for (set, n) in found.iter_mut().zip(&at) {
                    set.insert(*n);
                }
            }
            let Some(next) = (0..at.len()).find(|i| at[*i] < most[*i]) else { return found };
            at[next] += 1;
            for i in 0..next {
                at[i] = cells[i].least();
            }
        }
    }

    proptest! {
        /// Against all ways in which it could be: a hidden part may still be anything from none to four.
        #[test]
        fn nobody_works_out_a_hidden_part(parts in proptest::collection::vec(0i64..16, 1..5)) {
            let (total, cells) = disclose(parts.iter().sum(), &parts);
            for (set, cell) in possible(total, &cells).into_iter().zip(&cells) {
                if *cell == Cell::Few {
                    prop_assert_eq!(set, (0..BAND).collect::<BTreeSet<_>>(), "{:?} {:?} {:?}", parts, total, cells);
                }
            }
        }

        /// Before and after one case: no figure that stands on both pages moves by less than five.
        #[test]
        fn one_case_never_shows_as_one(parts in proptest::collection::vec(0i64..60, 1..9), at in 0usize..8) {
            let mut after = parts.clone();
            let at = at % after.len();
            after[at] += 1;
            let shown = |parts: &[i64]| {
                let (total, cells) = disclose(parts.iter().sum(), parts);
                cells.into_iter().chain([total]).collect::<Vec<_>>()
            };
            for (before, after) in shown(&parts).into_iter().zip(shown(&after)) {
                let moved = after.least() - before.least();
                prop_assert!(moved % BAND == 0, "{:?} {:?}", before, after);
                for cell in [before, after] {
                    prop_assert!(cell.most().is_none_or(|most| most - cell.least() == BAND - 1));
                }
            }
        }
    }

    #[test]
    fn a_lone_small_part_beside_a_large_whole_takes_another_with_it() {
        assert_eq!(disclose(28, &[24, 4]), (Cell::Band(25), vec![Cell::Apart, Cell::Few]));
        assert_eq!(disclose(23, &[21, 2]), (Cell::Band(20), vec![Cell::Band(20), Cell::Few]));
        assert_eq!(disclose(12, &[4, 4, 4]), (Cell::Apart, vec![Cell::Few; 3]));
        assert_eq!(disclose(0, &[0]), (Cell::Few, vec![Cell::Few]), "none is not told from one");
    }
}
