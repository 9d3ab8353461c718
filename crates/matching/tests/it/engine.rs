//! The engine finds exactly what the plainest reading of a rule finds, however the data comes in.

use crate::world::{LEDGER, Listed, ROSTERS, Row, SCHEMES, batch, found, listed, oracle, rosters, row};
use daylight_matching::exact::{LedgerIndex, write_ledger_index};
use daylight_matching::hits;
use daylight_matching::rules::{
    Above, Age, Check, Count, Limit, OnRoster, Overlap, Per, Rule, Shared, Split, Window,
};
use daylight_matching::run::{Plan, State, scan};
use daylight_matching::segments::{Field, SegmentIndex, SegmentReader, SegmentWriter};
use proptest::prelude::*;
use std::io::Cursor;

fn named(check: Check, id: &str) -> Rule {
    Rule { id: id.into(), version: 1, title: "t".into(), basis: "b".into(), explanations: Vec::new(), check }
}

fn schemes() -> impl Strategy<Value = Vec<Box<str>>> {
    prop::collection::vec((1..4_usize).prop_map(|at| SCHEMES[at].into()), 0..3)
}

fn limit() -> impl Strategy<Value = Limit> {
    (0..4_usize, prop::option::of(50..150_i64), prop::option::of(20..120_i64), prop::option::of(0..30_i32))
        .prop_map(|(scheme, flat, per_mu, from)| Limit {
            scheme: SCHEMES[scheme].into(),
            from: from.map(|add| daylight_matching::days::day(2023, 12, 20).unwrap() + add),
            until: None,
            flat: flat.or(if per_mu.is_none() { Some(100) } else { None }),
            per_mu,
        })
}

fn check() -> impl Strategy<Value = Check> {
    let rosters = prop_oneof![
        Just(vec![ROSTERS[0].into()]),
        Just(vec![ROSTERS[1].into()]),
        Just(vec![ROSTERS[1].into(), ROSTERS[0].into()])
    ];
    let window = prop_oneof![Just(Window::Day), Just(Window::Period)];
    let on_roster = (rosters, window, 0..4_u32, prop::option::of(0..120_i64), schemes()).prop_map(
        |(rosters, window, grace_days, min_amount, schemes)| {
            Check::OnRoster(OnRoster { rosters, window, grace_days, min_amount, schemes })
        },
    );
    let overlap = (any::<bool>(), 0..3_u32, any::<bool>()).prop_map(|(same_scheme, grace_days, both)| {
        let set: Vec<Box<str>> = vec![SCHEMES[1].into(), SCHEMES[2].into()];
        let excluding = if both || !same_scheme { vec![set] } else { Vec::new() };
        Check::Overlap(Overlap { excluding, same_scheme, grace_days })
    });
    let keys = prop_oneof![
        Just(vec![Field::Account]),
        Just(vec![Field::Body]),
        Just(vec![Field::Account, Field::Body])
    ];
    let within = prop_oneof![Just(None), Just(Some(Field::Scheme)), Just(Some(Field::Body))];
    let count = prop_oneof![Just(Count::Persons), Just(Count::Bodies), Just(Count::Rows)];
    let per = prop_oneof![Just(Per::Ever), Just(Per::Year), Just(Per::Month)];
    let shared = (keys, within.clone(), count, 2..4_u32, per, prop::option::of(0..120_i64)).prop_map(
        |(keys, within, count, at_least, per, min_amount)| {
            Check::Shared(Shared { keys, within, count, at_least, per, min_amount })
        },
    );
    let above = (prop::collection::vec(limit(), 1..3), any::<bool>(), any::<bool>(), 0..20_u32).prop_map(
        |(limits, roster, claimed, tolerance_percent)| {
            let area_roster = roster.then(|| ROSTERS[0].into());
            Check::Above(Above { limits, area_roster, claimed_area: roster && claimed, tolerance_percent })
        },
    );
    let age = (schemes(), 60..75_i32, prop::option::of(60..75_i32))
        .prop_map(|(schemes, min, max)| Check::Age(Age { schemes, min: Some(min), max }));
    let split = (within, 1..20_u32, 0..6_u32, 2..4_u32).prop_map(|(within, near_percent, days, at_least)| {
        Check::Split(Split { key: Field::Account, within, limit: 100, near_percent, days, at_least })
    });
    prop_oneof![on_roster, overlap, shared, above, age, split]
}

fn plan(rules: &[Check], listed: &[Listed]) -> Plan {
    let rules = rules.iter().enumerate().map(|(at, check)| named(check.clone(), &format!("r{at}"))).collect();
    Plan::new(rules, rosters(listed, 2)).unwrap()
}

fn ledger() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(row(), 0..40)
}

fn list() -> impl Strategy<Value = Vec<Listed>> {
    prop::collection::vec(listed(), 0..25)
}

#[derive(Clone, Debug)]
enum Step {
    Ledger(Vec<Row>),
    Roster(Vec<Listed>),
}

fn history() -> impl Strategy<Value = Vec<Step>> {
    let ledger = prop::collection::vec(row(), 0..12).prop_map(Step::Ledger);
    let roster = prop::collection::vec(listed(), 0..6).prop_map(Step::Roster);
    prop::collection::vec(prop_oneof![ledger, roster], 0..8)
}

/// The ledger so far as a segment, read back by row.
fn stored(ledger: &[Row]) -> Cursor<Vec<u8>> {
    let mut writer = SegmentWriter::new(Vec::new(), &LEDGER).unwrap();
    for (at, rows) in ledger.chunks(7).enumerate() {
        writer.write(&batch(rows, at as u64 * 7)).unwrap();
    }
    Cursor::new(writer.finish().unwrap())
}

fn index(ledger: &[Row]) -> LedgerIndex<Cursor<Vec<u8>>> {
    let whole = batch(ledger, 0);
    let pairs = whole.ids().iter().enumerate().map(|(row, id)| (*id, row as u32));
    let pairs = pairs.filter(|(id, _)| *id != 0).collect();
    LedgerIndex::open(Cursor::new(write_ledger_index(pairs, Vec::new()).unwrap())).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_finds_what_plain_reading_finds(check in check(), ledger in ledger(), listed in list()) {
        let plan = plan(std::slice::from_ref(&check), &listed);
        let mut state = State::default();
        plan.feed(&mut state, &batch(&ledger, 0));
        let hits = plan.hits(&state);
        prop_assert_eq!(found(&hits), oracle(&named(check, "r0"), &ledger, &listed));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn increments_from_both_sides_end_where_a_full_run_ends(
        checks in prop::collection::vec(check(), 1..5),
        first in list(),
        history in history(),
    ) {
        let mut plan_now = plan(&checks, &first);
        let (mut state, mut ledger, mut listed) = (State::default(), Vec::new(), first);
        for step in history {
            match step {
                Step::Ledger(rows) => {
                    // New rows come as a state of their own, as another thread or day would make it.
                    let mut own = State::default();
                    plan_now.feed(&mut own, &batch(&rows, ledger.len() as u64));
                    state.merge(own);
                    ledger.extend(rows);
                }
                Step::Roster(rows) => {
                    let touched = plan_now.extend(rosters(&rows, 2 + listed.len() as u32), &mut state);
                    let rows_of: Vec<u64> =
                        index(&ledger).rows_of(&touched).unwrap().into_iter().map(u64::from).collect();
                    let mut segment = stored(&ledger);
                    let places = SegmentIndex::build(&mut segment).unwrap();
                    let fetched = places.fetch(&mut segment, &rows_of).unwrap();
                    plan_now.refeed(&mut state, &fetched, &rows_of);
                    listed.extend(rows);
                }
            }
        }
        let full = plan(&checks, &listed);
        let mut whole = State::default();
        full.feed(&mut whole, &batch(&ledger, 0));
        let (step_by_step, at_once) = (plan_now.hits(&state), full.hits(&whole));
        prop_assert_eq!(&step_by_step, &at_once);
        prop_assert_eq!(hits::hash(&step_by_step), hits::hash(&at_once));
    }

    #[test]
    fn threads_batches_and_parts_change_nothing(
        checks in prop::collection::vec(check(), 1..5),
        listed in list(),
        ledger in ledger(),
    ) {
        let mut plan = plan(&checks, &listed);
        let mut whole = State::default();
        plan.feed(&mut whole, &batch(&ledger, 0));
        let expected = plan.hits(&whole);
        let mut backwards = State::default();
        for (at, rows) in ledger.chunks(3).enumerate().rev() {
            plan.feed(&mut backwards, &batch(rows, at as u64 * 3));
        }
        prop_assert_eq!(&plan.hits(&backwards), &expected);
        let reader = SegmentReader::new(stored(&ledger), Some(&plan.fields())).unwrap();
        prop_assert_eq!(&plan.hits(&scan(&plan, reader, 3).unwrap()), &expected);
        let mut parts = Vec::new();
        for part in 0..3 {
            plan.part(part, 3);
            let mut state = State::default();
            plan.feed(&mut state, &batch(&ledger, 0));
            parts.extend(plan.hits(&state));
        }
        parts.sort_by(|a, b| (&a.rule, &a.subject).cmp(&(&b.rule, &b.subject)));
        let mut sorted = expected;
        sorted.sort_by(|a, b| (&a.rule, &a.subject).cmp(&(&b.rule, &b.subject)));
        prop_assert_eq!(parts, sorted);
    }
}
