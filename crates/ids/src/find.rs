//! Personal data inside free text, and its redaction.
//!
//! The text is read once; digits with single blanks, dashes, or zero-width characters between them are taken
//! together, as people type them. A number counts only when it begins and ends where a group of digits does, so
//! nothing is found in the middle of a longer run of digits.

use crate::text::{half, is_dash, is_invisible};
use crate::{CitizenId, CreditCode};

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A citizen identification number that passes its check (GB 11643-1999), or an old one of 15 digits.
    CitizenId,
    /// A mobile number of 11 digits.
    Mobile,
    /// A bank card number of 16 to 19 digits that passes its check (ISO/IEC 7812-1, Luhn).
    BankCard,
}

/// One piece of personal data: a byte range of the original text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Finding {
    /// What was found.
    pub kind: Kind,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// Finds citizen ids, mobile numbers, and bank cards, in the order of the text and without overlap.
///
/// Only what passes its check is found: an id with a wrong check digit looks like a case number. An old id of
/// 15 digits has no check digit, so it must stand in one piece, with an existing province and a birth year of
/// 1930 to 1999. Division codes, credit codes, dates, hashes, and amounts of money are passed over. Takes time in
/// proportion to the text, whatever it holds.
#[must_use]
pub fn personal_data(text: &str) -> Vec<Finding> {
    let mut scan = Scan { text, groups: Vec::new(), at: 0, behind: false, found: Vec::new() };
    scan.run();
    scan.found
}

/// Replaces each finding of [`personal_data`] by its mask; nothing is found in the outcome.
///
/// An id keeps its first 3 and last 2 characters, a mobile number its first 3 and last 4, a card its first 4 and
/// last 4.
#[must_use]
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for finding in personal_data(text) {
        out.push_str(&text[done..finding.start]);
        let symbols: Vec<char> = text[finding.start..finding.end]
            .chars()
            .map(|c| half(c).to_ascii_uppercase())
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let (head, tail) = match finding.kind {
            Kind::CitizenId => (3, 2),
            Kind::Mobile => (3, 4),
            Kind::BankCard => (4, 4),
        };
        let hidden = head..symbols.len().saturating_sub(tail);
        out.extend(symbols.iter().enumerate().map(|(i, c)| if hidden.contains(&i) { '*' } else { *c }));
        done = finding.end;
    }
    out.push_str(&text[done..]);
    out
}

/// The longest number looked for.
const LONGEST: usize = 19;

/// How many blanks and dashes may stand between two groups of one number.
const WIDEST_GAP: usize = 3;

/// Digits with nothing visible between them.
#[derive(Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
    len: usize,
    /// An asterisk touches it: what a mask left over is never joined to its neighbours.
    starred: bool,
    /// It belongs to a code: never part of a finding.
    barred: bool,
}

struct Scan<'a> {
    text: &'a str,
    /// Groups that blanks and dashes join, the oldest already judged ones dropped.
    groups: Vec<Group>,
    /// The first group not judged yet.
    at: usize,
    /// Whether groups of the same cluster were dropped.
    behind: bool,
    found: Vec<Finding>,
}

/// The digits from one group on, with the lengths at which a group ends.
struct Window {
    digits: [u8; LONGEST],
    /// Per group: how many digits there are up to its end.
    ends: [usize; LONGEST],
    groups: usize,
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut gap = 0;
        let mut after_star = false;
        let mut at = 0;
        while let Some(raw) = self.text[at..].chars().next() {
            let c = half(raw);
            let next = at + raw.len_utf8();
            if c.is_ascii_alphanumeric() {
                let token = token(self.text, at);
                self.token(at, &token, after_star);
                (gap, after_star) = (0, false);
                at = token.end;
                continue;
            }
            if is_invisible(c) {
            } else if matches!(c, ' ' | '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}') || is_dash(c) {
                gap += 1;
                after_star = false;
                if gap > WIDEST_GAP {
                    self.close();
                }
            } else {
                self.close();
                after_star = c == '*';
                if after_star {
                    gap = 0;
                }
            }
            at = next;
        }
        self.close();
    }

    /// Reads the groups of one run of letters and digits.
    fn token(&mut self, start: usize, token: &Token, after_star: bool) {
        let (end, barred) = (token.end, token.is_code);
        let mut group: Option<Group> = None;
        let mut starred = after_star;
        for (i, raw) in self.text[start..end].char_indices() {
            let i = start + i;
            if half(raw).is_ascii_digit() {
                let end = i + raw.len_utf8();
                match &mut group {
                    Some(group) => (group.end, group.len) = (end, group.len + 1),
                    None => group = Some(Group { start: i, end, len: 1, starred, barred }),
                }
            } else if !is_invisible(raw) {
                if let Some(group) = group.take() {
                    self.push(group);
                }
                self.close();
                starred = false;
            }
        }
        if let Some(mut group) = group {
            group.starred |= next_visible(self.text, end).is_some_and(|(c, _)| c == '*');
            self.push(group);
        }
    }

    fn push(&mut self, group: Group) {
        self.groups.push(group);
        while self.at + LONGEST < self.groups.len() {
            self.judge(false);
        }
        if self.at > 64 * LONGEST {
            self.groups.drain(..self.at);
            (self.at, self.behind) = (0, true);
        }
    }

    /// The cluster ends here.
    fn close(&mut self) {
        while self.at < self.groups.len() {
            self.judge(true);
        }
        self.groups.clear();
        (self.at, self.behind) = (0, false);
    }

    /// Judges what begins with the group at `self.at`, and steps on.
    fn judge(&mut self, closing: bool) {
        let first = self.groups[self.at];
        self.at += 1;
        if first.barred {
            return;
        }
        if let Some(prefixed) = self.prefixed_mobile(first) {
            self.found.push(prefixed);
            return;
        }
        let window = self.window(self.at - 1);
        for last in (0..window.groups).rev() {
            if let Some((kind, end)) = self.verdict(&window, last, closing) {
                self.found.push(Finding { kind, start: first.start, end });
                self.at += last;
                return;
            }
        }
    }

    fn window(&self, from: usize) -> Window {
        let mut window = Window { digits: [0; LONGEST], ends: [0; LONGEST], groups: 0 };
        let mut count = 0;
        for (i, group) in self.groups[from..].iter().enumerate() {
            if count + group.len > LONGEST || group.barred || (i > 0 && group.starred) {
                break;
            }
            for c in self.text[group.start..group.end].chars().map(half).filter(char::is_ascii_digit) {
                window.digits[count] = c as u8;
                count += 1;
            }
            window.ends[i] = count;
            window.groups = i + 1;
            if group.starred {
                break;
            }
        }
        window
    }

    /// What the first groups up to `last` are, and where that ends.
    fn verdict(&self, window: &Window, last: usize, closing: bool) -> Option<(Kind, usize)> {
        let len = window.ends[last];
        let digits = &window.digits[..len];
        let index = self.at - 1;
        let end = self.groups[index + last].end;
        match len {
            17 => {
                let x = check_x(self.text, end).filter(|_| is_citizen_id(digits, b'X'));
                x.map(|end| (Kind::CitizenId, end)).or_else(|| self.card(window, last, closing, end))
            }
            18 if is_citizen_id(&digits[..17], digits[17]) => Some((Kind::CitizenId, end)),
            16..=19 => self.card(window, last, closing, end),
            15 if last == 0 && is_old_citizen_id(digits) => Some((Kind::CitizenId, end)),
            11 if is_mobile(digits)
                && self.well_grouped(window, last, closing)
                && !is_money(self.text, self.groups[index].start, end) =>
            {
                Some((Kind::Mobile, end))
            }
            _ => None,
        }
    }

    fn card(&self, window: &Window, last: usize, closing: bool, end: usize) -> Option<(Kind, usize)> {
        let digits = &window.digits[..window.ends[last]];
        (is_card(digits) && self.well_grouped(window, last, closing)).then_some((Kind::BankCard, end))
    }

    /// Whether the groups look like one number: none shorter than three digits, or nothing else beside them.
    fn well_grouped(&self, window: &Window, last: usize, closing: bool) -> bool {
        let index = self.at - 1;
        let groups = &self.groups[index..=index + last];
        if groups.iter().all(|group| group.len >= 3) {
            return true;
        }
        let begins = !self.behind && (index == 0 || (index == 1 && self.is_country_code(self.groups[0])));
        let alone = begins && closing && index + last + 1 == self.groups.len();
        alone && !is_dated(groups, &window.digits)
    }

    fn is_country_code(&self, group: Group) -> bool {
        let digits = self.text[group.start..group.end].chars().map(half).filter(char::is_ascii_digit);
        !group.starred && matches!(group.len, 2 | 4) && ["86", "0086"].contains(&&*digits.collect::<String>())
    }

    /// A mobile number in one piece with its country code (86, 0086) or a trunk zero.
    fn prefixed_mobile(&self, group: Group) -> Option<Finding> {
        let prefix = match group.len {
            12 => "0",
            13 => "86",
            15 => "0086",
            _ => return None,
        };
        let mut digits = [0; LONGEST];
        let mut start = group.start;
        let mut count = 0;
        for (i, raw) in self.text[group.start..group.end].char_indices() {
            let c = half(raw);
            if c.is_ascii_digit() {
                if count == prefix.len() {
                    start = group.start + i;
                }
                digits[count] = c as u8;
                count += 1;
            }
        }
        let (front, number) = digits[..count].split_at(prefix.len());
        let found =
            front == prefix.as_bytes() && is_mobile(number) && !is_money(self.text, group.start, group.end);
        found.then_some(Finding { kind: Kind::Mobile, start, end: group.end })
    }
}

/// Whether groups begin with a year and a month.
fn is_dated(groups: &[Group], digits: &[u8; LONGEST]) -> bool {
    let month = match groups {
        [Group { len: 4, .. }, Group { len: 1, .. }, ..] => digits[4] - b'0',
        [Group { len: 4, .. }, Group { len: 2, .. }, ..] => (digits[4] - b'0') * 10 + digits[5] - b'0',
        _ => return false,
    };
    (1..=12).contains(&month)
}

/// A run of letters and digits.
struct Token {
    end: usize,
    /// A credit code, or a long hexadecimal string: no personal data inside.
    is_code: bool,
}

fn token(text: &str, start: usize) -> Token {
    let mut end = start;
    let mut symbols = [0_u8; 18];
    let (mut count, mut letters, mut hex) = (0_usize, 0_usize, true);
    for (i, raw) in text[start..].char_indices() {
        let c = half(raw);
        if c.is_ascii_alphanumeric() {
            if let Some(slot) = symbols.get_mut(count) {
                *slot = c as u8;
            }
            count += 1;
            letters += usize::from(c.is_ascii_alphabetic());
            hex &= c.is_ascii_hexdigit();
            end = start + i + raw.len_utf8();
        } else if !is_invisible(raw) {
            break;
        }
    }
    let credit = || {
        let inner_letter = symbols[..17].iter().any(u8::is_ascii_alphabetic);
        inner_letter && std::str::from_utf8(&symbols).is_ok_and(|code| CreditCode::parse(code).is_ok())
    };
    let is_code = letters > 0 && ((count == 18 && credit()) || (count >= 32 && hex));
    Token { end, is_code }
}

/// The next character that can be seen, half-width, and where it ends.
fn next_visible(text: &str, from: usize) -> Option<(char, usize)> {
    let (i, raw) = text[from..].char_indices().find(|(_, c)| !is_invisible(*c))?;
    Some((half(raw), from + i + raw.len_utf8()))
}

/// Where the `X` behind 17 digits ends, if there is one.
fn check_x(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    for gap in 0..=WIDEST_GAP {
        let (c, end) = next_visible(text, at)?;
        match c {
            'X' | 'x' => {
                let alone = || next_visible(text, end).is_none_or(|(c, _)| !c.is_ascii_alphanumeric());
                return (gap == 0 || alone()).then_some(end);
            }
            _ if c == ' ' || is_dash(c) => at = end,
            _ => return None,
        }
    }
    None
}

fn is_citizen_id(digits: &[u8], check: u8) -> bool {
    digits.first_chunk::<17>().is_some_and(|first| CitizenId::check_char(first) == char::from(check))
        && CitizenId::parse(&format!("{}{}", String::from_utf8_lossy(digits), char::from(check))).is_ok()
}

fn is_old_citizen_id(digits: &[u8]) -> bool {
    let province = matches!(
        &digits[..2],
        [b'1', b'1'..=b'5']
            | [b'2', b'1'..=b'3']
            | [b'3', b'1'..=b'7']
            | [b'4', b'1'..=b'6']
            | [b'5', b'0'..=b'4']
            | [b'6', b'1'..=b'5']
            | [b'7', b'1']
            | [b'8', b'1'..=b'3']
            | b"99"
    );
    province && digits[6] >= b'3' && CitizenId::parse(&String::from_utf8_lossy(digits)).is_ok()
}

fn is_mobile(digits: &[u8]) -> bool {
    digits.len() == 11 && digits[0] == b'1' && digits[1] >= b'3'
}

/// Whether the issuer's prefix and the Luhn check are those of a card.
fn is_card(digits: &[u8]) -> bool {
    let issuer = digits[..4].iter().fold(0_u32, |n, d| n * 10 + u32::from(d - b'0'));
    let plausible = match digits.len() {
        16 => {
            matches!(issuer, 2221..=2720 | 3528..=3589 | 4000..=4999 | 5100..=5599 | 6000..=6299 | 8100..=8199)
        }
        17 | 18 => matches!(issuer, 6200..=6299 | 8100..=8199),
        19 => matches!(issuer, 1030 | 6000..=6299 | 8100..=8199 | 9558),
        _ => false,
    };
    plausible && luhn(digits)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| match (i % 2, u32::from(d - b'0')) {
            (0, d) => d,
            (_, d) => d * 2 / 10 + d * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether 11 digits are an amount: a currency sign in front, or decimals or a unit of money behind.
fn is_money(text: &str, start: usize, end: usize) -> bool {
    if text[..start].trim_end_matches(' ').ends_with(['¥', '￥', '$', '＄']) {
        return true;
    }
    let Some((mut c, mut at)) = next_visible(text, end) else { return false };
    if c == ' ' {
        let Some(next) = next_visible(text, at) else { return false };
        (c, at) = next;
    }
    let follows = |end: usize| next_visible(text, end).map(|(c, _)| c);
    match c {
        '元' => follows(at) != Some('旦'),
        '圆' | '亿' => true,
        '万' => follows(at) == Some('元'),
        '.' => decimals(text, at),
        _ => false,
    }
}

/// One or two digits behind a point. What a mask begins with counts too, so that a verdict never changes once
/// the text behind it is redacted.
fn decimals(text: &str, mut at: usize) -> bool {
    for count in 0..=LONGEST {
        match next_visible(text, at) {
            Some((c, end)) if c.is_ascii_digit() => at = end,
            Some(('*', _)) => return count > 0,
            _ => return (1..=2).contains(&count),
        }
    }
    false
}
