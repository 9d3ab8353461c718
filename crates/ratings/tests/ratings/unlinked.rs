//! Whoever copies the whole database after the close finds nobody: it is the same whoever said what.

use crate::world::{Dice, questions};
use daylight_ratings::{
    ballot::{Ballot, Block, Channel, Proof, RoundKey, SubjectId, Token},
    count::{Act, Changes, Grain, Place, Row, Tally},
};
use std::collections::BTreeMap;

const SUBJECT: SubjectId = SubjectId::Cadre(7);

/// What is kept while the round is open: tokens beside ballots, and roll-ups.
struct Open {
    ballots: BTreeMap<Token, Ballot>,
    changes: Changes,
}

fn vote(key: &RoundKey, said: &[(usize, Ballot)]) -> Open {
    let mut open = Open { ballots: BTreeMap::new(), changes: Changes::default() };
    for (person, new) in said {
        let token = key.token(Proof::Phone(&format!("+86139{person:08}")), SUBJECT);
        let act = match open.ballots.insert(token, *new) {
            None => Act::Cast { new: *new },
            Some(old) => Act::Change { old, new: *new, fresh: true },
        };
        open.changes.note(1, SUBJECT, Place { unit: 2, division: 3 }, 0, act);
    }
    open
}

/// Every byte that stays after the close.
fn closed(open: Open) -> Vec<u8> {
    let kept = |(row, tally): (&Row, &Tally)| {
        (!matches!(row.grain, Grain::Day(..))).then(|| tally.encode().unwrap())
    };
    let rows = open.changes.rows().filter_map(kept).flatten();
    Block::of(open.ballots.into_values()).encode().into_iter().chain(rows).collect()
}

fn ballot(dice: &mut Dice) -> Ballot {
    let typed: Vec<_> = (0..8).map(|_| Some(dice.below(5) as u8)).collect();
    Ballot::check(Channel::ALL[dice.below(3)], &questions(8), &typed).unwrap()
}

#[test]
fn after_the_close_the_database_is_the_same_whoever_said_what_and_in_which_order() {
    let mut dice = Dice(41);
    for _ in 0..50 {
        let said: Vec<_> = (0..60).map(|_| ballot(&mut dice)).collect();
        let world = |order: &[usize], key: u8| {
            let said: Vec<_> = order.iter().zip(&said).map(|(person, ballot)| (*person, *ballot)).collect();
            closed(vote(&RoundKey::new([key; 32]), &said))
        };
        let mut order: Vec<usize> = (0..60).collect();
        let first = world(&order, 1);
        for at in (1..order.len()).rev() {
            order.swap(at, dice.below(at + 1));
        }
        assert_eq!(world(&order, 1), first);
        assert_eq!(world(&order, 2), first, "nor does the key leave a trace");
    }
}

#[test]
fn one_person_has_one_ballot_and_the_last_one_counts() {
    let mut dice = Dice(42);
    let key = RoundKey::new([3; 32]);
    let (first, second, other) = (ballot(&mut dice), ballot(&mut dice), ballot(&mut dice));
    let changed = vote(&key, &[(1, first), (2, other), (1, second)]);
    assert_eq!(changed.ballots.len(), 2);
    assert_eq!(closed(changed), closed(vote(&key, &[(1, second), (2, other)])));
}
