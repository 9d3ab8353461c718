//! Comparing two values of a field.

use super::chars;

/// How well two values agree: 0 is equal, [`Comparator::levels`] − 1 is not at all.
pub type Level = u8;

/// The level of a pair of which one value is missing: it proves nothing either way.
pub const MISSING: Level = 15;

/// How the values of a field are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparator {
    /// A Chinese name: equal; every other character sounds or looks alike; the same characters in another order; one
    /// character of three or more differs or is missing; differs.
    ChineseName,
    /// Words in Latin letters or free text: equal; Jaro and Winkler's measure from 0.92; from 0.82; differs.
    Words,
    /// A date of eight digits: equal; day and month swapped, one digit wrong or two swapped; two of its three parts
    /// equal; differs.
    Date,
    /// A number: equal; one digit wrong, missing, too many, or two swapped; two such slips in seven digits or more;
    /// differs.
    Digits,
    /// Equal or not.
    Exact,
}

impl Comparator {
    /// How many levels there are.
    #[must_use]
    pub fn levels(self) -> usize {
        match self {
            Self::ChineseName => 5,
            Self::Words | Self::Date | Self::Digits => 4,
            Self::Exact => 2,
        }
    }

    /// What a level means, for people.
    #[must_use]
    pub fn describe(self, level: Level) -> &'static str {
        match (self, level) {
            (_, 0) => "相同",
            (_, MISSING) => "缺失",
            (_, SWAPPED) => "与另一栏互换",
            (Self::ChineseName, 1) => "音近或形近",
            (Self::ChineseName, 2) => "字序颠倒",
            (Self::ChineseName, 3) => "差一字",
            (Self::Words, 1) => "几乎相同",
            (Self::Words, 2) => "相近",
            (Self::Date, 1) => "月日颠倒或错一位",
            (Self::Date, 2) => "部分相同",
            (Self::Digits, 1) => "错一位",
            (Self::Digits, 2) => "错两位",
            _ => "不同",
        }
    }

    /// Compares two values that are neither blank nor equal.
    #[must_use]
    pub fn compare(self, a: &str, b: &str) -> Level {
        let last = self.levels() as Level - 1;
        match self {
            Self::ChineseName => chinese(a, b),
            Self::Words => match jaro_winkler(a, b) {
                near if near >= 0.92 => 1,
                near if near >= 0.82 => 2,
                _ => last,
            },
            Self::Date => date(a.as_bytes(), b.as_bytes()),
            Self::Digits => {
                let (a, b) = (a.as_bytes(), b.as_bytes());
                match slips(a, b) {
                    1 => 1,
                    2 if a.len().min(b.len()) >= 7 => 2,
                    _ => last,
                }
            }
            Self::Exact => last,
        }
    }
}

/// The level of two fields whose values stand in each other's place.
pub const SWAPPED: Level = 14;

fn chinese(a: &str, b: &str) -> Level {
    let (mut left, mut right) = (['\0'; 8], ['\0'; 8]);
    let read = |text: &str, into: &mut [char; 8]| {
        let mut count = 0;
        for c in text.chars() {
            if count < 8 {
                into[count] = c;
            }
            count += 1;
        }
        count
    };
    let (m, n) = (read(a, &mut left), read(b, &mut right));
    if m > 8 || n > 8 {
        return 4;
    }
    let (x, y) = (&left[..m], &right[..n]);
    if m == n {
        let differing = x.iter().zip(y).filter(|(a, b)| a != b).count();
        // One character must be the same: 张伟 and 章维 are two names.
        if differing < m && x.iter().zip(y).all(|(a, b)| chars::alike(*a, *b)) {
            return 1;
        }
        let (mut sorted_x, mut sorted_y) = (left, right);
        sorted_x[..m].sort_unstable();
        sorted_y[..n].sort_unstable();
        if sorted_x == sorted_y {
            return 2;
        }
        return if differing == 1 && m >= 3 { 3 } else { 4 };
    }
    let (short, long) = if m < n { (x, y) } else { (y, x) };
    let missing_one = long.len() == short.len() + 1
        && long.len() >= 3
        && (0..long.len()).any(|out| long[..out] == short[..out] && long[out + 1..] == short[out..]);
    if missing_one { 3 } else { 4 }
}

fn date(a: &[u8], b: &[u8]) -> Level {
    if a.len() != 8 || b.len() != 8 {
        return if slips(a, b) == 1 { 1 } else { 3 };
    }
    let parts = |own: &[u8]| ([own[0], own[1], own[2], own[3]], [own[4], own[5]], [own[6], own[7]]);
    let ((y1, m1, d1), (y2, m2, d2)) = (parts(a), parts(b));
    if (y1 == y2 && m1 == d2 && d1 == m2) || slips(a, b) == 1 {
        return 1;
    }
    if u8::from(y1 == y2) + u8::from(m1 == m2) + u8::from(d1 == d2) == 2 { 2 } else { 3 }
}

/// How many slips (one wrong, one missing, one too many, two neighbours swapped) lie between two numbers; 3 when more
/// than two. Only the band that two slips can reach is filled.
fn slips(a: &[u8], b: &[u8]) -> usize {
    const MOST: usize = 24;
    const FAR: usize = 9;
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if b.len() - a.len() > 2 || b.len() > MOST {
        return 3;
    }
    let mut rows = [[FAR; MOST + 2]; 3];
    for (column, cell) in rows[0].iter_mut().enumerate().take(3) {
        *cell = column;
    }
    for i in 1..=a.len() {
        let (now, before, earlier) = (i % 3, (i - 1) % 3, (i + 1) % 3);
        let (low, high) = (i.saturating_sub(2).max(1), (i + 2).min(b.len()));
        rows[now][low - 1] = if low == 1 { i } else { FAR };
        rows[now][high + 1] = FAR;
        let mut least = rows[now][low - 1];
        for j in low..=high {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[before][j] + 1).min(rows[now][j - 1] + 1).min(rows[before][j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[earlier][j - 2] + 1);
            }
            rows[now][j] = best;
            least = least.min(best);
        }
        if least > 2 {
            return 3;
        }
    }
    rows[a.len() % 3][b.len()].min(3)
}

/// Jaro and Winkler's measure of two words, over at most 64 characters.
fn jaro_winkler(a: &str, b: &str) -> f64 {
    let (mut left, mut right) = (['\0'; 64], ['\0'; 64]);
    let read = |text: &str, into: &mut [char; 64]| {
        let mut count = 0;
        for (slot, c) in into.iter_mut().zip(text.chars()) {
            *slot = c;
            count += 1;
        }
        count
    };
    let (m, n) = (read(a, &mut left), read(b, &mut right));
    let (x, y) = (&left[..m], &right[..n]);
    let reach = (m.max(n) / 2).saturating_sub(1);
    let (mut taken_x, mut taken_y) = (0_u64, 0_u64);
    for (i, c) in x.iter().enumerate() {
        for (j, d) in y.iter().enumerate().take((i + reach + 1).min(n)).skip(i.saturating_sub(reach)) {
            if c == d && taken_y >> j & 1 == 0 {
                taken_x |= 1 << i;
                taken_y |= 1 << j;
                break;
            }
        }
    }
    let common = taken_x.count_ones();
    if common == 0 {
        return 0.0;
    }
    let of = |bits: u64, own: &[char; 64]| {
        let own = *own;
        (0..64).filter(move |at| bits >> at & 1 == 1).map(move |at| own[at])
    };
    let moved = of(taken_x, &left).zip(of(taken_y, &right)).filter(|(a, b)| a != b).count() as f64 / 2.0;
    let c = f64::from(common);
    let jaro = (c / m as f64 + c / n as f64 + (c - moved) / c) / 3.0;
    let prefix = x.iter().zip(y).take(4).take_while(|(a, b)| a == b).count() as f64;
    jaro + prefix * 0.1 * (1.0 - jaro)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (a, b, level) in [
            ("王小明", "王晓明", 1),
            ("张伟", "张维", 1),
            ("张伟", "章维", 4),
            ("李国强", "李强国", 2),
            ("陈建军", "陈志军", 3),
            ("陈建军", "陈军", 3),
            ("王伟", "李强", 4),
            ("王伟", "王强", 4),
        ] {
            assert_eq!(Comparator::ChineseName.compare(a, b), level, "{a} {b}");
        }
    }

    #[test]
    fn dates_and_numbers() {
        for (a, b, level) in [
            ("19800312", "19801203", 1),
            ("19800312", "19800321", 1),
            ("19800312", "19880312", 1),
            ("19800312", "19910312", 2),
            ("19800312", "19910725", 3),
        ] {
            assert_eq!(Comparator::Date.compare(a, b), level, "{a} {b}");
        }
        for (a, b, level) in [
            ("13949631669", "13949631696", 1),
            ("13949631669", "1394963166", 1),
            ("1234", "1243", 1),
            ("1234", "2143", 3),
        ] {
            assert_eq!(Comparator::Digits.compare(a, b), level, "{a} {b}");
        }
    }

    /// The whole table, as the books have it.
    fn plain_slips(a: &[u8], b: &[u8]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                let mut best = if i.min(j) == 0 { i + j } else { usize::MAX };
                if i > 0 && j > 0 {
                    let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                    best = (table[i - 1][j] + 1)
                        .min(table[i][j - 1] + 1)
                        .min(table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]))
                        .min(if swapped { table[i - 2][j - 2] + 1 } else { usize::MAX });
                }
                table[i][j] = best;
            }
        }
        table[a.len()][b.len()].min(3)
    }

    #[test]
    fn slips_as_the_whole_table_has_them() {
        let words: Vec<Vec<u8>> = (0..6_u32)
            .flat_map(|length| {
                (0..3_usize.pow(length)).map(move |number| {
                    (0..length).map(|at| b'0' + (number / 3_usize.pow(at) % 3) as u8).collect()
                })
            })
            .collect();
        for a in &words {
            for b in &words {
                assert_eq!(slips(a, b), plain_slips(a, b), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn jaro_winkler_as_published() {
        for (a, b, expected) in
            [("MARTHA", "MARHTA", 0.961), ("DIXON", "DICKSONX", 0.813), ("DWAYNE", "DUANE", 0.84)]
        {
            assert!((jaro_winkler(a, b) - expected).abs() < 0.001, "{a} {b} {}", jaro_winkler(a, b));
        }
    }
}
