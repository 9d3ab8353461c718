//! What agreement is worth, learned from the data without labels.

use super::block::{Blocks, formed};
use super::compare::{Comparator, Level, MISSING, SWAPPED};
use super::pool::{FieldValues, Pool, Side};
use super::prob::Random;
use super::{Class, Config, Form};
use std::cmp::Ordering;
use std::collections::HashMap;

/// A pair's levels, four bits for each field.
pub(super) type Pattern = u64;

/// The places in the tables: one for each level, the last for a swap.
const PLACES: usize = 8;
const SWAP_PLACE: usize = 7;

/// What is known of a field.
#[derive(Clone, Debug)]
pub struct FieldModel {
    /// How likely each level is among pairs of one person; the last place is a swap with another field.
    pub same: [f64; PLACES],
    /// How likely among pairs of strangers.
    pub strangers: [f64; PLACES],
    /// How many records of both tables have each value: a rare value's agreement is worth more.
    counts: Vec<u32>,
    total: f64,
}

/// The learned model.
#[derive(Clone, Debug)]
pub struct Model {
    /// By field.
    pub fields: Vec<FieldModel>,
}

fn place(level: Level) -> usize {
    if level == SWAPPED { SWAP_PLACE } else { usize::from(level).min(SWAP_PLACE) }
}

pub(super) fn level_of(pattern: Pattern, field: usize) -> Level {
    (pattern >> (field * 4) & 15) as Level
}

/// Compares a pair in every field.
pub(super) fn pattern(pool: &Pool, config: &Config, left: usize, right: usize) -> Pattern {
    let mut pattern = 0;
    let (record, facing) = (pool.record(Side::Left, left), pool.record(Side::Right, right));
    for (at, (spec, column)) in config.fields.iter().zip(&pool.columns).enumerate() {
        let (a, b) = (record[at], facing[at]);
        let mut level = if a == 0 || b == 0 {
            MISSING
        } else if a == b {
            0
        } else {
            spec.comparator.compare(column.text(a), column.text(b))
        };
        if let Some(other) = spec.swapped_with.filter(|_| level != 0) {
            let (c, d) = (record[other], facing[other]);
            let other = &pool.columns[other];
            let crossed = |x: u32, y: u32, own: &FieldValues, foreign: &FieldValues| {
                x != 0 && y != 0 && own.text(x) == foreign.text(y)
            };
            if crossed(a, d, column, other) && crossed(b, c, column, other) {
                level = SWAPPED;
            }
        }
        pattern |= u64::from(level) << (at * 4);
    }
    pattern
}

impl Model {
    /// Learns from the pool: what strangers have in common from random pairs and from how often values occur, what one
    /// person's records have from the pairs of each blocking pass, looking only at fields the pass does not ask for.
    pub(super) fn learn(pool: &Pool, config: &Config, blocks: &Blocks) -> Self {
        let mut model = Self::of_strangers(pool, config);
        const SAMPLE: usize = 60_000;
        let mut sums = vec![[0.0; PLACES]; config.fields.len()];
        for (pass, keys) in config.passes.iter().enumerate() {
            let mut counts: HashMap<Pattern, u32> = HashMap::new();
            let rows = pool.rows(Side::Left);
            // A stride that meets every row once and mixes the order.
            let (mut row, stride, mut taken) = (0, stride(rows), 0);
            for _ in 0..rows {
                for right in blocks.of(pass, row) {
                    *counts.entry(pattern(pool, config, row, *right as usize)).or_default() += 1;
                    taken += 1;
                }
                if taken >= SAMPLE {
                    break;
                }
                row = (row + stride) % rows;
            }
            let blocked = |field: usize| keys.iter().any(|(own, _)| *own == field);
            let start = vec![PRIOR_SAME; config.fields.len()];
            let outcome = maximise(&model, config, &counts, start, &blocked);
            for (field, expected) in outcome.iter().enumerate().filter(|(field, _)| !blocked(*field)) {
                for (sum, own) in sums[field].iter_mut().zip(expected) {
                    *sum += own;
                }
            }
        }
        for (field, sum) in sums.iter().enumerate() {
            model.fields[field].same = smoothed(sum, config.fields[field].comparator.levels(), 2.0);
        }
        model
    }

    fn of_strangers(pool: &Pool, config: &Config) -> Self {
        const PAIRS: usize = 100_000;
        let (m, n) = (pool.rows(Side::Left), pool.rows(Side::Right));
        let mut seen = vec![[0.0; PLACES]; config.fields.len()];
        let mut random = Random::new(0x5EED);
        if m > 0 && n > 0 {
            for _ in 0..PAIRS {
                let found = pattern(pool, config, random.below(m), random.below(n));
                for (field, own) in seen.iter_mut().enumerate() {
                    let level = level_of(found, field);
                    if level != MISSING {
                        own[place(level)] += 1.0;
                    }
                }
            }
        }
        let fields = seen
            .iter()
            .zip(&pool.columns)
            .zip(&config.fields)
            .enumerate()
            .map(|(at, ((seen, column), spec))| {
                let mut counts = vec![0_u32; column.texts.len()];
                let mut sides = [vec![0_u32; column.texts.len()], vec![0_u32; column.texts.len()]];
                for side in [Side::Left, Side::Right] {
                    for code in pool.field(side, at).filter(|code| *code != 0) {
                        counts[code as usize] += 1;
                        sides[side as usize][code as usize] += 1;
                    }
                }
                let total: f64 = counts.iter().map(|count| f64::from(*count)).sum();
                let filled = |side: usize| sides[side].iter().map(|c| f64::from(*c)).sum::<f64>().max(1.0);
                // Equality by chance is counted exactly; random pairs seldom meet it.
                let common: f64 =
                    sides[0].iter().zip(&sides[1]).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                let equal = (common / (filled(0) * filled(1))).clamp(1e-9, 0.999);
                let mut strangers = strangers_of(seen, spec.comparator);
                if spec.comparator == Comparator::ChineseName {
                    // Random pairs seldom meet names of one sound, or of the same characters: they are counted.
                    for (level, form) in [(1, Form::Sound), (2, Form::Sorted)] {
                        let counted = common_forms(column, &sides, form) / (filled(0) * filled(1));
                        strangers[level] = strangers[level].max(counted - equal);
                    }
                }
                let rest: f64 = strangers[1..].iter().sum();
                strangers[0] = equal;
                strangers[1..].iter_mut().for_each(|own| *own *= (1.0 - equal) / rest.max(1e-12));
                FieldModel { same: PRIOR_SAME, strangers, counts, total: total.max(1.0) }
            })
            .collect();
        Self { fields }
    }

    /// The bits a field's level is worth; for equal values by how rare theirs is.
    pub(super) fn bits(&self, config: &Config, field: usize, level: Level, code: u32) -> f64 {
        if level == MISSING {
            return 0.0;
        }
        let own = &self.fields[field];
        let mut strangers = own.strangers[place(level)];
        if level == 0 && config.fields[field].by_frequency {
            // At least two records have it; half is the model's mean, so that one odd count does not decide.
            let share = f64::from(own.counts[code as usize].max(2)) / own.total;
            strangers = (share * strangers.max(1e-9)).sqrt().max(share).min(0.999);
        }
        (own.same[place(level)] / strangers).log2()
    }

    /// Learns again from all patterns met, weighted by how likely each is one person's: fields that every pass asks for
    /// are learned here.
    pub(super) fn refine(&mut self, config: &Config, expected: &[[f64; PLACES]]) {
        for (field, sum) in expected.iter().enumerate() {
            self.fields[field].same = smoothed(sum, config.fields[field].comparator.levels(), 2.0);
        }
    }

    pub(super) fn add_expected(expected: &mut [[f64; PLACES]], pattern: Pattern, weight: f64) {
        for (field, own) in expected.iter_mut().enumerate() {
            let level = level_of(pattern, field);
            if level != MISSING {
                own[place(level)] += weight;
            }
        }
    }
}

pub(super) fn nothing_expected(config: &Config) -> Vec<[f64; PLACES]> {
    vec![[0.0; PLACES]; config.fields.len()]
}

/// Before anything is known: most fields of one person's records agree.
const PRIOR_SAME: [f64; PLACES] = [0.85, 0.05, 0.03, 0.03, 0.02, 0.01, 0.01, 0.005];

/// Counts as shares, with a little for every level that a comparator has, and for a swap.
fn smoothed(counts: &[f64; PLACES], levels: usize, little: f64) -> [f64; PLACES] {
    let mut shares = *counts;
    for (at, share) in shares.iter_mut().enumerate() {
        if at < levels {
            *share += little * if at == 0 { 1.0 } else { 0.25 };
        } else {
            *share += 1e-3 * little;
        }
    }
    let total: f64 = shares.iter().sum();
    shares.map(|share| share / total)
}

/// As [`smoothed`], for strangers: before anything is known, they seldom agree even nearly.
fn strangers_of(counts: &[f64; PLACES], comparator: Comparator) -> [f64; PLACES] {
    // Long numbers nearly agree by chance so rarely that a sample says nothing of it; words do.
    let little = if comparator == Comparator::Digits { 1e-3 } else { 0.5 };
    let mut shares = *counts;
    for (at, share) in shares.iter_mut().enumerate() {
        *share += match (at + 1).cmp(&comparator.levels()) {
            Ordering::Less => little,
            Ordering::Equal => 1.0,
            Ordering::Greater => 1e-3,
        };
    }
    let total: f64 = shares.iter().sum();
    shares.map(|share| share / total)
}

/// Pairs of a left and a right record whose values have one form.
fn common_forms(column: &FieldValues, sides: &[Vec<u32>; 2], form: Form) -> f64 {
    let mut sums: HashMap<u64, [f64; 2]> = HashMap::new();
    for (code, formed) in formed(column, form).into_iter().enumerate().filter(|(_, formed)| *formed != 0) {
        let sum = sums.entry(formed).or_default();
        sum[0] += f64::from(sides[0][code]);
        sum[1] += f64::from(sides[1][code]);
    }
    let mut products: Vec<f64> = sums.into_values().map(|[a, b]| a * b).collect();
    // In one order, so that the sum is the same in every run.
    products.sort_unstable_by(f64::total_cmp);
    products.into_iter().sum()
}

/// Expectation and maximisation over the patterns of one pass; gives the expected counts of levels among the pairs of
/// one person.
fn maximise(
    model: &Model,
    config: &Config,
    counts: &HashMap<Pattern, u32>,
    mut same: Vec<[f64; PLACES]>,
    blocked: &dyn Fn(usize) -> bool,
) -> Vec<[f64; PLACES]> {
    let mut patterns: Vec<(Pattern, f64)> =
        counts.iter().map(|(own, count)| (*own, f64::from(*count))).collect();
    patterns.sort_unstable_by_key(|own| own.0);
    let total: f64 = patterns.iter().map(|own| own.1).sum();
    let mut share = 0.2;
    let mut expected = nothing_expected(config);
    for _ in 0..25 {
        expected = nothing_expected(config);
        let mut persons = 0.0;
        for (pattern, count) in &patterns {
            let mut odds = share / (1.0 - share);
            for (field, same) in same.iter().enumerate() {
                let level = level_of(*pattern, field);
                if level != MISSING && !blocked(field) {
                    odds *= same[place(level)] / model.fields[field].strangers[place(level)];
                }
            }
            let weight = count * odds / (1.0 + odds);
            persons += weight;
            Model::add_expected(&mut expected, *pattern, weight);
        }
        share = (persons / total.max(1.0)).clamp(1e-6, 0.999);
        for (field, own) in same.iter_mut().enumerate() {
            *own = smoothed(&expected[field], config.fields[field].comparator.levels(), 1.0);
        }
    }
    expected
}

fn stride(rows: usize) -> usize {
    fn common(a: usize, b: usize) -> usize {
        if b == 0 { a } else { common(b, a % b) }
    }
    let mut stride = (rows as f64 * 0.618) as usize | 1;
    while rows > 1 && common(stride, rows) != 1 {
        stride += 2;
    }
    stride.max(1)
}

/// That something other than a name agrees. Without it no match can be made: [`super::Match`] asks for one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Corroboration(());

impl Corroboration {
    /// Looks for an identifying field that agrees or nearly does, or a local one that agrees wholly.
    pub(super) fn of(config: &Config, pattern: Pattern) -> Option<Self> {
        let agrees = |(at, spec): (usize, &super::FieldSpec)| {
            let level = level_of(pattern, at);
            match spec.class {
                Class::Identifying => level != MISSING && usize::from(level) + 1 < spec.comparator.levels(),
                Class::Local => level == 0,
                Class::Name | Class::Supporting => false,
            }
        };
        config.fields.iter().enumerate().any(agrees).then_some(Self(()))
    }
}
