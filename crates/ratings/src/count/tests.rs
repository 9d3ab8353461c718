use super::*;
use crate::{
    ballot::{Ballot, Block, Channel, Proof, RoundKey, SubjectId, Token},
    indicators::{Question, Questions},
};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn questions() -> Questions {
    let one = |at| Question { code: format!("q{at}"), version: 1, report: false };
    Questions { edition: 1, list: (0..4).map(one).collect() }
}

fn ballot(seed: u32) -> Ballot {
    let typed: Vec<_> = (0..4).map(|at| Some((seed >> (3 * at)) as u8 % 6)).collect();
    let channel = Channel::ALL[seed as usize % 3];
    Ballot::check(channel, &questions(), &typed)
        .unwrap_or_else(|_| Ballot::check(channel, &questions(), &[Some(3); 4]).unwrap())
}

/// A kept ballot: what it says, whether it is excluded, since which release it has not been touched.
#[derive(Clone, Copy)]
struct Kept {
    ballot: Ballot,
    excluded: bool,
    release: i64,
}

/// A store as the app's will be: raw ballots by token, roll-ups as bytes, changes put together by commits.
#[derive(Default)]
struct Store {
    raw: BTreeMap<(SubjectId, Token), Kept>,
    rows: BTreeMap<Row, Vec<u8>>,
    waiting: Changes,
    release: BTreeMap<SubjectId, i64>,
    published: BTreeMap<SubjectId, (Tally, Block)>,
}

const ROUND: i64 = 5;

fn place(subject: SubjectId) -> Place {
    let unit = subject.id() % 3;
    Place { unit, division: unit % 2 }
}

impl Store {
    fn act(&mut self, person: u32, subject: SubjectId, deed: u32, seed: u32) {
        let token = RoundKey::new([3; 32]).token(Proof::Phone(&person.to_string()), subject);
        let release = self.release.get(&subject).copied().unwrap_or(0);
        let kept = self.raw.get(&(subject, token)).copied();
        let act = match (kept, deed) {
            (None, 0..=7) => Act::Cast { new: ballot(seed) },
            (Some(kept), 0..=5) if !kept.excluded => {
                Act::Change { old: kept.ballot, new: ballot(seed), fresh: kept.release == release }
            }
            (Some(kept), 6..=7) if !kept.excluded => {
                Act::Exclude { old: kept.ballot, fresh: kept.release == release }
            }
            _ => return,
        };
        let kept = match act {
            Act::Cast { new } | Act::Change { new, .. } => Kept { ballot: new, excluded: false, release },
            Act::Exclude { old, .. } => Kept { ballot: old, excluded: true, release },
        };
        self.raw.insert((subject, token), kept);
        self.waiting.note(ROUND, subject, place(subject), i64::from(seed % 4), act);
    }

    fn commit(&mut self) {
        for (row, change) in std::mem::take(&mut self.waiting).rows() {
            let bytes = self.rows.entry(*row).or_default();
            let mut tally = Tally::decode(bytes).unwrap();
            tally.merge(change);
            *bytes = tally.encode().unwrap();
        }
    }

    /// A crash: what was not committed leaves no trace. Raw ballots and roll-ups are of one transaction.
    fn release(&mut self, subject: SubjectId) {
        self.commit();
        let row = Row { round: ROUND, grain: Grain::Subject(subject) };
        let mut tally = Tally::decode(self.rows.get(&row).map_or(&[][..], |bytes| bytes)).unwrap();
        self.published.insert(subject, (tally.clone(), self.block(subject)));
        tally.touched = 0;
        self.rows.insert(row, tally.encode().unwrap());
        *self.release.entry(subject).or_default() += 1;
    }

    fn block(&self, subject: SubjectId) -> Block {
        let of = self.raw.iter().filter(|((one, _), kept)| *one == subject && !kept.excluded);
        Block::of(of.map(|(_, kept)| kept.ballot))
    }

    fn subjects(&self) -> Vec<SubjectId> {
        let mut all: Vec<_> = self.raw.keys().map(|(subject, _)| *subject).collect();
        all.dedup();
        all
    }

    fn verify(&self) {
        let (mut units, mut divisions) = (BTreeMap::new(), BTreeMap::new());
        for subject in self.subjects() {
            let block = Block::decode(&self.block(subject).encode()).unwrap();
            let recount = Tally::recount(&block);
            let row = Row { round: ROUND, grain: Grain::Subject(subject) };
            let tally = Tally::decode(&self.rows[&row]).unwrap();
            assert!(tally.counts_as(&recount), "{subject:?}");
            let of = self.raw.iter().filter(|((one, _), _)| *one == subject);
            let (mut touched, mut excluded) = (0, 0);
            for (_, kept) in of {
                touched += i64::from(kept.release == self.release.get(&subject).copied().unwrap_or(0));
                excluded += i64::from(kept.excluded);
            }
            assert_eq!((tally.touched, tally.excluded), (touched, excluded), "{subject:?}");
            let place = place(subject);
            units.entry(place.unit).or_insert_with(Sums::default).merge(recount.all());
            divisions.entry(place.division).or_insert_with(Sums::default).merge(recount.all());
        }
        for (grain, sums) in units
            .into_iter()
            .map(|(id, sums)| (Grain::Unit(id), sums))
            .chain(divisions.into_iter().map(|(id, sums)| (Grain::Division(id), sums)))
        {
            assert_eq!(
                Tally::decode(&self.rows[&Row { round: ROUND, grain }]).unwrap().all(),
                sums,
                "{grain:?}"
            );
        }
        for (shown, block) in self.published.values() {
            assert!(shown.counts_as(&Tally::recount(block)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Random histories of casting, changing, excluding and releasing, committed in random groups.
    #[test]
    fn a_recount_from_raw_equals_every_roll_up(
        deeds in proptest::collection::vec((0_u32..12, 0_i64..6, 0_u32..10, any::<u32>()), 1..160),
        group in 1_usize..40,
    ) {
        let mut store = Store::default();
        for (at, (person, subject, deed, seed)) in deeds.into_iter().enumerate() {
            let subject = if subject % 2 == 0 { SubjectId::Cadre(subject) } else { SubjectId::Power(subject) };
            if deed == 9 { store.release(subject) } else { store.act(person, subject, deed, seed) }
            if at % group == 0 {
                store.commit();
            }
        }
        store.commit();
        store.verify();
    }

    #[test]
    fn a_roll_up_survives_its_bytes(numbers in proptest::collection::vec(0_i64..1 << 40, 6), at in 0_usize..8) {
        let mut tally = Tally { touched: numbers[0], ..Tally::default() };
        tally.channels[at % 3] = Sums { n: numbers[1], sum: numbers[2], squares: numbers[3] };
        tally.answers[at][at % 6] = numbers[4];
        let bytes = tally.encode().unwrap();
        prop_assert_eq!(Tally::decode(&bytes), Ok(tally));
        prop_assert!(Tally::decode(&[&bytes[..], &[0]].concat()).is_err());
    }
}

#[test]
fn no_more_is_taken_away_than_is_there() {
    let mut tally = Tally::default();
    tally.add(&ballot(9), -1, true);
    assert_eq!(tally.encode(), Err(TallyError));
}

#[test]
fn a_commit_of_many_ballots_writes_few_rows() {
    let mut changes = Changes::default();
    for at in 0..256 {
        let subject = SubjectId::Cadre(at % 4);
        changes.note(
            1,
            subject,
            Place { unit: at % 2, division: 1 },
            3,
            Act::Cast { new: ballot(at as u32) },
        );
    }
    // Four subjects, two units, one division, four subjects' days.
    assert_eq!(changes.len(), 11);
    assert_eq!(changes.rows().map(|(_, tally)| tally.all().n).sum::<i64>(), 4 * 256);
}

#[test]
fn sums_hold_all_ballots_a_county_ever_casts() {
    let mut sums = Sums::default();
    sums.add(Ballot::BEST, 16_050_000 * 1000);
    assert!(sums.squares > 0 && sums.squares < i64::MAX / 10);
}

#[test]
fn a_day_knows_how_many_came_and_nothing_of_what_they_said() {
    let subject = SubjectId::Cadre(1);
    let (mut changes, place) = (Changes::default(), place(subject));
    for seed in [1, 77, 4095] {
        changes.note(ROUND, subject, place, 7, Act::Cast { new: ballot(seed) });
    }
    let old = ballot(1);
    changes.note(ROUND, subject, place, 7, Act::Change { old, new: ballot(5), fresh: true });
    let day = changes.rows().find(|(row, _)| row.grain == Grain::Day(subject, 7)).unwrap().1;
    let mut expected = Tally::default();
    expected.channels[0].n = 3;
    assert_eq!(*day, expected);
}
