//! Which pairs are looked at.

use super::pool::{FieldValues, Pool, Side};
use super::{Config, Form, chars};

/// The key of a record that a pass leaves out.
const NONE: u64 = 0;

/// The blocking keys of both sides, by pass.
pub(super) struct Blocks {
    /// For each pass, each left record's key.
    left: Vec<Vec<u64>>,
    right: Vec<Vec<u64>>,
    /// For each pass, the right records by key.
    sorted: Vec<Vec<(u64, u32)>>,
    most: usize,
    /// Left records whose block was too large, by pass.
    pub left_out: Vec<u64>,
}

impl Blocks {
    pub(super) fn build(pool: &Pool, config: &Config) -> Self {
        let keys = |side: Side| -> Vec<Vec<u64>> {
            config
                .passes
                .iter()
                .map(|pass| {
                    let parts: Vec<Vec<u64>> =
                        pass.iter().map(|(field, form)| formed(&pool.columns[*field], *form)).collect();
                    (0..pool.rows(side)).map(|row| key(pool, side, row, pass, &parts)).collect()
                })
                .collect()
        };
        let (left, right) = (keys(Side::Left), keys(Side::Right));
        let sorted: Vec<Vec<(u64, u32)>> = right
            .iter()
            .map(|keys| {
                let mut own: Vec<(u64, u32)> = keys
                    .iter()
                    .enumerate()
                    .filter(|(_, key)| **key != NONE)
                    .map(|(row, key)| (*key, row as u32))
                    .collect();
                own.sort_unstable();
                own
            })
            .collect();
        let mut blocks =
            Self { left, right, sorted, most: config.most_in_block, left_out: vec![0; config.passes.len()] };
        for pass in 0..blocks.left.len() {
            let out = blocks.left[pass].iter().filter(|key| blocks.too_large(pass, **key)).count();
            blocks.left_out[pass] = out as u64;
        }
        blocks
    }

    /// The right records that share a left record's key in a pass.
    pub(super) fn of(&self, pass: usize, left: usize) -> &[(u64, u32)] {
        let key = self.left[pass][left];
        let block = self.range(pass, key);
        if block.len() > self.most { &[] } else { block }
    }

    fn range(&self, pass: usize, key: u64) -> &[(u64, u32)] {
        if key == NONE {
            return &[];
        }
        let sorted = &self.sorted[pass];
        let start = sorted.partition_point(|(own, _)| *own < key);
        let length = sorted[start..].partition_point(|(own, _)| *own == key);
        &sorted[start..start + length]
    }

    fn too_large(&self, pass: usize, key: u64) -> bool {
        self.range(pass, key).len() > self.most
    }

    /// Whether an earlier pass gave this pair already.
    pub(super) fn seen(&self, pass: usize, left: usize, right: u32) -> bool {
        (0..pass).any(|earlier| {
            let key = self.left[earlier][left];
            key != NONE && key == self.right[earlier][right as usize] && !self.too_large(earlier, key)
        })
    }
}

/// For each value of a field the number its form makes; 0 where it makes none.
fn formed(values: &FieldValues, form: Form) -> Vec<u64> {
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
        let part = formed[pool.columns[*field].codes[side as usize][row] as usize];
        if part == 0 {
            return NONE;
        }
        hash.add(part as u32);
        hash.add((part >> 32) as u32);
    }
    hash.0 | 1
}
