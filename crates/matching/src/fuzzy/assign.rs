//! From blocks to matches.

use super::Config;
use super::block::Blocks;
use super::compare::{Level, MISSING};
use super::model::{Corroboration, Model, Pattern, level_of, nothing_expected, pattern};
use super::pool::{Pool, Side};
use super::prob::{prior, probability};
use std::collections::HashMap;
use std::ops::Range;

/// What a field said about a pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contribution {
    /// The field, by its place in the configuration.
    pub field: usize,
    /// How well it agrees; [`Comparator::describe`](super::Comparator::describe) says it in words.
    pub level: Level,
    /// What that is worth in bits: each doubles the odds, negative ones halve them.
    pub bits: f64,
}

/// Two records that are one person's, probably.
#[derive(Clone, Debug)]
pub struct Match {
    /// The left record, in the order they were pushed.
    pub left: usize,
    /// The right record.
    pub right: usize,
    /// All fields together.
    pub bits: f64,
    /// The probability that they are one person's.
    pub probability: f64,
    /// What each field contributes; together they make `bits`.
    pub fields: Vec<Contribution>,
    /// That more than a name agrees; only this module can make one, so only it can make a match.
    _corroboration: Corroboration,
}

/// What was found.
#[derive(Debug)]
pub struct Linked {
    /// The matches, by left and right.
    pub matches: Vec<Match>,
    /// Pairs looked at.
    pub candidates: u64,
    /// Left records whose block was too large, by pass.
    pub left_out: Vec<u64>,
    /// What was learned.
    pub model: Model,
    /// The share of all pairs that are of one person, in bits.
    pub prior: f64,
}

/// A pair worth keeping.
#[derive(Clone, Copy)]
struct Scored {
    left: u32,
    right: u32,
    bits: f32,
    pattern: Pattern,
}

/// How many right records a left one keeps while all are scored.
const KEPT: usize = 4;

/// Finds the pairs of records that are probably one person's.
#[must_use]
pub fn link(pool: &Pool, config: &Config) -> Linked {
    let blocks = Blocks::build(pool, config);
    let mut model = Model::learn(pool, config, &blocks);
    let pairs = pool.rows(Side::Left) as f64 * pool.rows(Side::Right) as f64;
    let mut expected_matches = pool.rows(Side::Left).min(pool.rows(Side::Right)) as f64 * 0.5;
    let mut candidates = 0;
    let mut scored = Vec::new();
    for round in 0..3 {
        // The first rounds learn from a part, so that the last alone looks at all.
        let rows = pool.rows(Side::Left);
        let part = if round < 2 { rows.min(LEARNED_ROWS) } else { rows };
        (scored, candidates) = score(pool, config, &blocks, &model, part);
        let scale = rows as f64 / part.max(1) as f64;
        let mut expected = nothing_expected(config);
        for _ in 0..20 {
            let own = prior(expected_matches, pairs);
            let sum: f64 = scored.iter().map(|pair| probability(f64::from(pair.bits), own)).sum();
            expected_matches = (sum * scale).max(0.5);
        }
        let own = prior(expected_matches, pairs);
        for pair in &scored {
            Model::add_expected(&mut expected, pair.pattern, probability(f64::from(pair.bits), own));
        }
        if round < 2 {
            model.refine(config, &expected);
        }
    }
    let prior = prior(expected_matches, pairs);
    let enough = |pair: &Scored| probability(f64::from(pair.bits), prior) >= config.threshold;
    scored.retain(enough);
    if config.one_to_one {
        one_to_one(&mut scored, pool);
    }
    scored.sort_unstable_by_key(|pair| (pair.left, pair.right));
    let matches = scored.iter().filter_map(|pair| explained(pool, config, &model, pair, prior)).collect();
    Linked { matches, candidates, left_out: blocks.left_out, model, prior }
}

/// Left records the model is learned again from.
const LEARNED_ROWS: usize = 20_000;

fn score(pool: &Pool, config: &Config, blocks: &Blocks, model: &Model, rows: usize) -> (Vec<Scored>, u64) {
    let threads = config.threads.max(1);
    let share = rows.div_ceil(threads).max(1);
    let part = |range: Range<usize>| score_range(pool, config, blocks, model, range);
    let parts: Vec<(Vec<Scored>, u64)> = std::thread::scope(|scope| {
        let part = &part;
        let running: Vec<_> = (0..rows)
            .step_by(share)
            .map(|first| scope.spawn(move || part(first..(first + share).min(rows))))
            .collect();
        running.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let mut all = (Vec::new(), 0);
    for (scored, candidates) in parts {
        all.0.extend(scored);
        all.1 += candidates;
    }
    all
}

fn score_range(
    pool: &Pool,
    config: &Config,
    blocks: &Blocks,
    model: &Model,
    range: Range<usize>,
) -> (Vec<Scored>, u64) {
    let (mut out, mut candidates) = (Vec::new(), 0);
    let mut own: Vec<Scored> = Vec::new();
    let mut known: HashMap<Pattern, f64> = HashMap::new();
    for left in range {
        own.clear();
        for pass in 0..config.passes.len() {
            for right in blocks.of(pass, left) {
                if blocks.seen(pass, left, *right) {
                    continue;
                }
                candidates += 1;
                let found = pattern(pool, config, left, *right as usize);
                if Corroboration::of(config, found).is_none() {
                    continue;
                }
                // Without the frequencies a pattern always has the same bits.
                let fixed = *known.entry(found).or_insert_with(|| fixed_bits(config, model, found));
                let bits = fixed + frequency_bits(pool, config, model, found, left);
                if bits > 0.0 {
                    own.push(Scored { left: left as u32, right: *right, bits: bits as f32, pattern: found });
                }
            }
        }
        own.sort_unstable_by(|a, b| b.bits.total_cmp(&a.bits).then(a.right.cmp(&b.right)));
        own.truncate(KEPT);
        out.extend_from_slice(&own);
    }
    (out, candidates)
}

fn by_frequency(config: &Config, pattern: Pattern, field: usize) -> bool {
    config.fields[field].by_frequency && level_of(pattern, field) == 0
}

fn fixed_bits(config: &Config, model: &Model, pattern: Pattern) -> f64 {
    let fields = (0..config.fields.len()).filter(|field| !by_frequency(config, pattern, *field));
    fields.map(|field| model.bits(config, field, level_of(pattern, field), 0)).sum()
}

fn frequency_bits(pool: &Pool, config: &Config, model: &Model, pattern: Pattern, left: usize) -> f64 {
    let fields = (0..config.fields.len()).filter(|field| by_frequency(config, pattern, *field));
    fields.map(|field| model.bits(config, field, 0, pool.record(Side::Left, left)[field])).sum()
}

/// The best pair first, and nobody twice.
fn one_to_one(scored: &mut Vec<Scored>, pool: &Pool) {
    scored.sort_unstable_by(|a, b| b.bits.total_cmp(&a.bits).then((a.left, a.right).cmp(&(b.left, b.right))));
    let mut taken = [vec![false; pool.rows(Side::Left)], vec![false; pool.rows(Side::Right)]];
    scored.retain(|pair| {
        let (left, right) = (pair.left as usize, pair.right as usize);
        let free = !taken[0][left] && !taken[1][right];
        if free {
            taken[0][left] = true;
            taken[1][right] = true;
        }
        free
    });
}

fn explained(pool: &Pool, config: &Config, model: &Model, pair: &Scored, prior: f64) -> Option<Match> {
    let corroboration = Corroboration::of(config, pair.pattern)?;
    let (left, right) = (pair.left as usize, pair.right as usize);
    let fields: Vec<Contribution> = (0..config.fields.len())
        .map(|field| {
            let level = level_of(pair.pattern, field);
            let bits = model.bits(config, field, level, pool.record(Side::Left, left)[field]);
            Contribution { field, level, bits }
        })
        .filter(|own| own.level != MISSING)
        .collect();
    let bits = fields.iter().map(|own| own.bits).sum();
    Some(Match {
        left,
        right,
        bits,
        probability: probability(bits, prior),
        fields,
        _corroboration: corroboration,
    })
}
