//! Which pairs are looked at.

use super::pool::{FieldValues, Pool, Side};
use super::{Config, Form, chars};

/// The key of a record that a pass leaves out.
const NONE: u64 = 0;

/// The blocks of all passes.
pub(super) struct Blocks {
    passes: Vec<Joined>,
    /// Left records whose block was too large, by pass.
    pub left_out: Vec<u64>,
}

/// A pass: the right records in the order of their keys, and for each left record which of them share its key.
struct Joined {
    order: Vec<u32>,
    /// Where each right record stands in `order`.
    rank: Vec<u32>,
    blocks: Vec<(u32, u32)>,
}

impl Blocks {
    pub(super) fn build(pool: &Pool, config: &Config) -> Self {
        let (mut passes, mut left_out) = (Vec::new(), Vec::new());
        for pass in &config.passes {
            let parts: Vec<Vec<u64>> =
                pass.iter().map(|(field, form)| formed(&pool.columns[*field], *form)).collect();
            let keys = |side: Side| -> Vec<(u64, u32)> {
                let rows = (0..pool.rows(side)).map(|row| (key(pool, side, row, pass, &parts), row as u32));
                let mut keys: Vec<(u64, u32)> = rows.filter(|(key, _)| *key != NONE).collect();
                keys.sort_unstable();
                keys
            };
            let (left, right) = (keys(Side::Left), keys(Side::Right));
            let mut rank = vec![u32::MAX; pool.rows(Side::Right)];
            for (place, (_, row)) in right.iter().enumerate() {
                rank[*row as usize] = place as u32;
            }
            let mut blocks = vec![(0, 0); pool.rows(Side::Left)];
            let (mut start, mut out) = (0, 0);
            for group in left.chunk_by(|a, b| a.0 == b.0) {
                let own = group[0].0;
                while right.get(start).is_some_and(|(key, _)| *key < own) {
                    start += 1;
                }
                let length = right[start..].iter().take_while(|(key, _)| *key == own).count();
                if length > config.most_in_block {
                    out += group.len() as u64;
                } else {
                    group.iter().for_each(|(_, row)| blocks[*row as usize] = (start as u32, length as u32));
                }
                start += length;
            }
            passes.push(Joined { order: right.into_iter().map(|(_, row)| row).collect(), rank, blocks });
            left_out.push(out);
        }
        Self { passes, left_out }
    }

    /// The right records that share a left record's key in a pass.
    pub(super) fn of(&self, pass: usize, left: usize) -> &[u32] {
        let pass = &self.passes[pass];
        let (start, length) = pass.blocks[left];
        &pass.order[start as usize..(start + length) as usize]
    }

    /// Whether an earlier pass gave this pair already.
    pub(super) fn seen(&self, pass: usize, left: usize, right: u32) -> bool {
        self.passes[..pass].iter().any(|earlier| {
            let (start, length) = earlier.blocks[left];
            earlier.rank[right as usize].wrapping_sub(start) < length
        })
    }
}

/// For each value of a field the number its form makes; 0 where it makes none.
pub(super) fn formed(values: &FieldValues, form: Form) -> Vec<u64> {
    values.texts.iter().map(|text| if text.is_empty() { 0 } else { of_text(text, form) }).collect()
}

fn of_text(text: &str, form: Form) -> u64 {
    let mut hash = Fnv(0xCBF2_9CE4_8422_2325);
    match form {
        Form::Whole => text.chars().for_each(|c| hash.add(u32::from(c))),
        Form::Prefix(count) => text.chars().take(count.into()).for_each(|c| hash.add(u32::from(c))),
        Form::Suffix(count) => text.chars().rev().take(count.into()).for_each(|c| hash.add(u32::from(c))),
        Form::Sorted => {
            let mut own: Vec<char> = text.chars().collect();
            own.sort_unstable();
            own.into_iter().for_each(|c| hash.add(u32::from(c)));
        }
        Form::FirstSound => text.chars().take(1).for_each(|c| hash.add(chinese_sound(c))),
        Form::Sound if text.is_ascii() => consonants(text, &mut hash),
        Form::Sound => text.chars().for_each(|c| hash.add(chinese_sound(c))),
    }
    hash.0 | 1
}

fn chinese_sound(c: char) -> u32 {
    match chars::sound(c) {
        0 => u32::from(c),
        sound => sound,
    }
}

/// The first letter, and the classes of the consonants after it (as Soundex has them), without repetitions.
fn consonants(text: &str, hash: &mut Fnv) {
    let class = |letter: u8| match letter.to_ascii_lowercase() {
        b'b' | b'f' | b'p' | b'v' => 1,
        b'c' | b'g' | b'j' | b'k' | b'q' | b's' | b'x' | b'z' => 2,
        b'd' | b't' => 3,
        b'l' => 4,
        b'm' | b'n' => 5,
        b'r' => 6,
        _ => 0,
    };
    let mut letters = text.bytes();
    let first = letters.next().unwrap_or(0);
    hash.add(u32::from(first.to_ascii_lowercase()));
    let (mut last, mut count) = (class(first), 0);
    for letter in letters {
        let own = class(letter);
        if own != 0 && own != last && count < 3 {
            hash.add(own);
            count += 1;
        }
        last = own;
    }
}

struct Fnv(u64);

impl Fnv {
    fn add(&mut self, value: u32) {
        self.0 = (self.0 ^ u64::from(value)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23);
    }
}

fn key(pool: &Pool, side: Side, row: usize, pass: &super::Pass, parts: &[Vec<u64>]) -> u64 {
    let mut hash = Fnv(0x1234_5678_9ABC_DEF1);
    for ((field, _), formed) in pass.iter().zip(parts) {
        let part = formed[pool.record(side, row)[*field] as usize];
        if part == 0 {
            return NONE;
        }
        hash.add(part as u32);
        hash.add((part >> 32) as u32);
    }
    hash.0 | 1
}
