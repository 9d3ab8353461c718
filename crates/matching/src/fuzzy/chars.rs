//! Sounds and looks of Chinese characters.

use pinyin::ToPinyin;
use std::collections::HashMap;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../../data/lookalikes.txt");

/// For each character the lines of the table it stands in.
static LOOKS: LazyLock<HashMap<char, Vec<u16>>> = LazyLock::new(|| {
    let mut looks: HashMap<char, Vec<u16>> = HashMap::new();
    for (number, line) in TABLE.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        for c in line.trim().chars() {
            looks.entry(c).or_default().push(number as u16);
        }
    }
    looks
});

/// Whether two characters are easily taken for one another.
pub(super) fn look_alike(a: char, b: char) -> bool {
    match (LOOKS.get(&a), LOOKS.get(&b)) {
        (Some(a), Some(b)) => a.iter().any(|line| b.contains(line)),
        _ => false,
    }
}

/// How a character sounds, without tone and without what dialects confuse (zh and z, n and l, f and h, ing and in). 0
/// when it has no sound.
pub(super) fn sound(c: char) -> u32 {
    let Some(pinyin) = c.to_pinyin() else { return 0 };
    let plain = pinyin.plain();
    let (initial, rest) = match plain {
        _ if plain.starts_with("zh") || plain.starts_with("ch") || plain.starts_with("sh") => {
            (&plain[..1], &plain[2..])
        }
        _ if plain.starts_with('l') => ("n", &plain[1..]),
        _ if plain.starts_with("hu") && plain.len() > 2 => ("f", &plain[2..]),
        _ => plain.split_at(plain.len().min(1)),
    };
    let rest = rest.strip_suffix('g').filter(|rest| rest.ends_with('n')).unwrap_or(rest);
    let mut hash = 0x811C_9DC5_u32;
    for byte in initial.bytes().chain(rest.bytes()) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    hash | 1
}

/// Whether two characters sound or look alike.
pub(super) fn alike(a: char, b: char) -> bool {
    a == b || (sound(a) != 0 && sound(a) == sound(b)) || look_alike(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_and_looks() {
        for (a, b) in
            [('伟', '维'), ('张', '章'), ('李', '黎'), ('婷', '廷'), ('玲', '林'), ('日', '曰'), ('戊', '戌')]
        {
            assert!(alike(a, b), "{a}{b}");
        }
        for (a, b) in [('王', '李'), ('伟', '强'), ('A', 'B')] {
            assert!(!alike(a, b), "{a}{b}");
        }
    }
}
