//! Every form of a digit as a plain one, with the way back to the text.

use crate::text::is_invisible;
use unicode_normalization::UnicodeNormalization;

/// A text in compatibility form (NFKC), every digit plain, without what cannot be seen.
pub(super) struct Plain {
    pub(super) text: String,
    /// Per byte of the above: which bytes of the original it stands for.
    pub(super) at: Vec<(usize, usize)>,
}

/// No number looked for is written with fewer characters: ⑬ holds two digits.
const FEWEST: usize = 6;

impl Plain {
    /// None when the text holds too few digits for any number; most texts.
    pub(super) fn of(text: &str) -> Option<Plain> {
        if text.chars().filter(|c| class(*c).is_some()).take(FEWEST).count() < FEWEST {
            return None;
        }
        let mut plain = Plain { text: String::with_capacity(text.len()), at: Vec::with_capacity(text.len()) };
        let mut before = None;
        for (start, c) in text.char_indices().filter(|(_, c)| !is_invisible(*c)) {
            let here = class(c);
            if before.is_some() && here.is_some() && before != here {
                // 第三13949631669, ①13949631669: another form begins another number.
                plain.push(';', start, start);
            }
            before = here;
            for symbol in symbols(c) {
                plain.push(symbol, start, start + c.len_utf8());
            }
        }
        Some(plain)
    }

    fn push(&mut self, c: char, start: usize, end: usize) {
        self.text.push(c);
        self.at.extend(std::iter::repeat_n((start, end), c.len_utf8()));
    }
}

/// What a character is in plain form: 1 for １ and 一, 13 for ⑬, X for Ⅹ.
pub(super) fn symbols(c: char) -> impl Iterator<Item = char> {
    let digit = chinese(c).or_else(|| other(c)).and_then(|digit| char::from_digit(digit, 10));
    let own = digit.or_else(|| (c.is_ascii() || matches!(c, '\u{4E00}'..='\u{9FFF}')).then_some(c));
    let form = own.is_none().then(|| {
        std::iter::once(c).nfkc().map(|c| match (chinese(c), c) {
            (Some(digit), _) => char::from_digit(digit, 10).unwrap_or(c),
            (None, 'Х' | 'х') => 'X',
            (None, c) => c,
        })
    });
    own.into_iter().chain(form.into_iter().flatten())
}

/// How a digit is written, so that digits of one form are read together; none for what is no digit.
pub(super) fn class(c: char) -> Option<u8> {
    match c {
        '0'..='9' | '\u{FF10}'..='\u{FF19}' => Some(0),
        _ if c.is_ascii() => None,
        _ if chinese(c).is_some() => Some(1),
        _ if c.is_numeric() => Some(2),
        _ => None,
    }
}

/// Chinese numerals, small and capital, with the signs people take for zero.
fn chinese(c: char) -> Option<u32> {
    Some(match c {
        '〇' | '零' | '○' | '◯' => 0,
        '一' | '壹' | '弌' | '幺' | '〡' => 1,
        '二' | '贰' | '貳' | '弍' | '两' | '〢' => 2,
        '三' | '叁' | '叄' | '参' | '參' | '弎' | '〣' => 3,
        '四' | '肆' | '〤' => 4,
        '五' | '伍' | '〥' => 5,
        '六' | '陆' | '陸' | '〦' => 6,
        '七' | '柒' | '〧' => 7,
        '八' | '捌' | '〨' => 8,
        '九' | '玖' | '〩' => 9,
        _ => return None,
    })
}

/// Digits that have no compatibility form: black circles, and the scripts of China's peoples and neighbours.
fn other(c: char) -> Option<u32> {
    /// The zeros of scripts whose ten digits follow each other: Arabic (both), Devanagari, Thai, Tibetan,
    /// Mongolian, New Tai Lue.
    const ZEROS: [u32; 7] = [0x660, 0x6F0, 0x966, 0xE50, 0xF20, 0x1810, 0x19D0];
    let code = u32::from(c);
    if let Some(zero) = ZEROS.into_iter().find(|zero| (*zero..zero + 10).contains(&code)) {
        return Some(code - zero);
    }
    let one = ['❶', '➀', '➊', '⓵'].map(u32::from).into_iter().find(|one| (*one..one + 9).contains(&code));
    one.map(|one| code - one + 1).or((c == '⓿').then_some(0))
}
