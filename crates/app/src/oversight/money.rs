//! Money that was recovered and given back (capability D11): for staff exactly, for everybody in fives of cases.
//!
//! Everybody is told a sum only of five cases together: an organ's payments are put into batches in the order in which
//! they were entered, a batch is full when five cases are in it, and only full ones count, in the month in which they
//! became full. So no sum ever moves by that of one case, sums of months add up to those of quarters and years, and
//! those of organs to the county's: there is nothing left to subtract.

use super::{BAND, Clear, Period};
use crate::{
    cases::{By, Deed},
    clock::Millis,
};
use std::collections::{BTreeMap, BTreeSet};

/// Which way money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Money {
    /// 追缴.
    Recovered,
    /// 退还群众.
    Returned,
}

impl Money {
    /// Both, in page order.
    pub const ALL: [Money; 2] = [Money::Recovered, Money::Returned];

    /// The word in tables: sums are in fen.
    pub fn code(self) -> &'static str {
        match self {
            Money::Recovered => "recovered_fen",
            Money::Returned => "returned_fen",
        }
    }

    /// Reads [`Money::code`].
    pub fn from_code(code: &str) -> Option<Money> {
        Money::ALL.into_iter().find(|money| money.code() == code)
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Money::Recovered => "追缴（元）",
            Money::Returned => "退还群众（元）",
        }
    }

    /// What is counted, in plain words.
    pub fn text(self) -> &'static str {
        match self {
            Money::Recovered => "查实后追缴到位的钱。每满5件合计一次，记在满5件的那个月；没满5件的先不算。",
            Money::Returned => "追缴后退还给群众的钱。每满5件合计一次，记在满5件的那个月；没满5件的先不算。",
        }
    }
}

/// Money entered in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paid {
    /// By which organ.
    pub organ_id: i64,
    /// When.
    pub at: Millis,
    /// Fen recovered.
    pub recovered: i64,
    /// Fen given back.
    pub returned: i64,
}

impl Paid {
    /// The fen that went one way.
    pub fn fen(&self, money: Money) -> i64 {
        match money {
            Money::Recovered => self.recovered,
            Money::Returned => self.returned,
        }
    }
}

/// What was paid in the history of one case.
pub fn paid(events: &[Clear]) -> Vec<Paid> {
    let one = |event: &Clear| match (&event.deed, event.by) {
        (Deed::Money { recovered, returned }, By::Staff { organ_id, .. }) => {
            Some(Paid { organ_id, at: event.at, recovered: *recovered, returned: *returned })
        }
        _ => None,
    };
    events.iter().filter_map(one).collect()
}

/// Yuan with two decimals, as a table keeps them.
pub fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// Sums for everybody, in fen by organ, month and way: full batches alone.
pub fn batches(paid: &[(i64, Paid)]) -> BTreeMap<(i64, String, Money), i64> {
    let mut inside: Vec<_> = paid.iter().collect();
    inside.sort_by_key(|(case_id, one)| (one.organ_id, one.at, *case_id));
    let most = usize::try_from(BAND).unwrap_or(usize::MAX);
    let mut sums = BTreeMap::new();
    for money in Money::ALL {
        let mut open: BTreeMap<i64, (BTreeSet<i64>, i64)> = BTreeMap::new();
        for (case_id, one) in inside.iter().filter(|(_, one)| one.fen(money) > 0) {
            let (cases, sum) = open.entry(one.organ_id).or_default();
            cases.insert(*case_id);
            *sum = sum.saturating_add(one.fen(money));
            if cases.len() >= most {
                let key = (one.organ_id, Period::month_key(one.at), money);
                let kept = sums.entry(key).or_insert(0_i64);
                *kept = kept.saturating_add(*sum);
                open.remove(&one.organ_id);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: Millis = 86_400_000;

    fn one(case_id: i64, organ_id: i64, day: i64, recovered: i64, returned: i64) -> (i64, Paid) {
        (case_id, Paid { organ_id, at: 20_000 * DAY + day * DAY, recovered, returned })
    }

    #[test]
    fn four_cases_tell_nothing_and_the_fifth_brings_them_all() {
        let four: Vec<_> = (1..5).map(|id| one(id, 1, id, 100, 0)).collect();
        assert!(batches(&four).is_empty());
        // Paid again in a case that is in the batch: it is still four cases.
        let again: Vec<_> = four.iter().copied().chain([one(1, 1, 9, 70, 0)]).collect();
        assert!(batches(&again).is_empty());
        let five: Vec<_> = again.into_iter().chain([one(5, 1, 10, 7, 3)]).collect();
        let sums = batches(&five);
        assert_eq!(
            sums.values().copied().collect::<Vec<_>>(),
            [477],
            "given back in one case alone is not told"
        );
        assert!(
            batches(&five.iter().map(|(id, one)| (*id, Paid { organ_id: *id, ..*one })).collect::<Vec<_>>())
                .is_empty()
        );
    }

    proptest! {
        /// Whatever comes next, no sum moves by what was paid in fewer than five cases.
        #[test]
        fn a_sum_moves_by_five_cases_or_not_at_all(
            paid in proptest::collection::vec((1i64..12, 1i64..3, 1i64..10_000), 1..60),
        ) {
            let all: Vec<_> = (0..).zip(&paid).map(|(day, (case, organ, fen))| one(*case, *organ, day, *fen, 0)).collect();
            for upto in 1..all.len() {
                let (before, after) = (batches(&all[..upto]), batches(&all[..=upto]));
                for (key, sum) in &after {
                    let moved = sum - before.get(key).copied().unwrap_or(0);
                    // The least that five different cases of that organ can have brought.
                    let mut cases: BTreeMap<i64, i64> = BTreeMap::new();
                    for (case, one) in all[..=upto].iter().filter(|(_, one)| one.organ_id == key.0) {
                        let least = cases.entry(*case).or_insert(one.recovered);
                        *least = one.recovered.min(*least);
                    }
                    let mut least: Vec<_> = cases.into_values().collect();
                    least.sort_unstable();
                    prop_assert!(moved == 0 || (least.len() >= 5 && moved >= least[..5].iter().sum()), "{key:?} {moved}");
                }
            }
        }
    }
}
