//! Personal data inside free text, and its redaction.
//!
//! The text is first put into plain digits ([`plain`]) and then read once. Digits with blanks, dashes or other
//! punctuation between them are taken together, as people type them, and as those type them who want to slip
//! through. A number counts only when it begins and ends where a group of digits does, so nothing is found in the
//! middle of a longer run of digits.

mod plain;

use crate::text::{is_dash, is_invisible};
use crate::{CitizenId, CreditCode};
use plain::{Plain, class};

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
/// Digits count in every form: full-width, circled, mathematical, Tibetan, Chinese numerals (一, 壹).
///
/// Only what passes its check is found: an id with a wrong check digit looks like a case number. An old id of
/// 15 digits has no check digit, so it must stand in one piece or be cut as people cut it, with an existing
/// province and a birth year of 1930 to 1999. Division codes, credit codes, dates, times, hashes, lists of
/// numbers, and amounts of money are passed over. Takes time in proportion to the text, whatever it holds.
#[must_use]
pub fn personal_data(text: &str) -> Vec<Finding> {
    let Some(plain) = Plain::of(text) else { return Vec::new() };
    let mut scan = Scan { text: &plain.text, groups: Vec::new(), at: 0, behind: false, found: Vec::new() };
    scan.run();
    let mut findings: Vec<Finding> = Vec::new();
    for found in scan.found {
        let (start, end) = (plain.at[found.start].0, plain.at[found.end - 1].1);
        match findings.last_mut() {
            // Two numbers that share a character of several digits: one piece of text.
            Some(last) if start < last.end => last.end = last.end.max(end),
            _ => findings.push(Finding { start, end, ..found }),
        }
    }
    findings
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
        let piece = &text[finding.start..finding.end];
        let symbols: Vec<char> =
            piece.chars().flat_map(plain::symbols).filter(char::is_ascii_alphanumeric).collect();
        let (head, tail) = match finding.kind {
            Kind::CitizenId => (3, 2),
            Kind::Mobile => (3, 4),
            Kind::BankCard => (4, 4),
        };
        let hidden = head..symbols.len().saturating_sub(tail);
        out.push_str(&text[done..finding.start]);
        if joins(&out, piece) {
            out.push(' ');
        }
        out.extend(symbols.iter().enumerate().map(|(i, c)| if hidden.contains(&i) { '*' } else { *c }));
        if joins(piece, &text[finding.end..]) {
            out.push(' ');
        }
        done = finding.end;
    }
    out.push_str(&text[done..]);
    out
}

/// Whether two pieces that stood apart because their digits are of different forms would run together once the
/// finding among them is written in plain digits.
fn joins(left: &str, right: &str) -> bool {
    let edge = |c: Option<char>| c.and_then(class);
    let edges = (
        edge(left.chars().rev().find(|c| !is_invisible(*c))),
        edge(right.chars().find(|c| !is_invisible(*c))),
    );
    matches!(edges, (Some(left), Some(right)) if left != right)
}

/// The longest number looked for.
const LONGEST: usize = 19;

/// How many blanks, dashes and other marks may stand between two groups of one number.
const WIDEST_GAP: usize = 6;

/// Whether a mark may stand inside a number. Not what makes another thing of it: sizes (1300×1500), sums,
/// degrees, money; and not the asterisk of masks.
fn may_separate(c: char) -> bool {
    !c.is_alphanumeric() && !"*+=<>%‰×÷°′″¥$€£".contains(c)
}

/// Digits with nothing between them.
#[derive(Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
    len: usize,
    /// An asterisk touches it: what a mask left over is never joined to its neighbours.
    starred: bool,
    /// It belongs to a code: never part of a finding.
    barred: bool,
    /// What stands before it is more than blanks and dashes.
    wide: bool,
}

struct Scan<'a> {
    text: &'a str,
    /// Groups that punctuation joins, the oldest already judged ones dropped.
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
        let (mut gap, mut wide) = (0, false);
        let mut after_star = false;
        let mut at = 0;
        while let Some(c) = self.text[at..].chars().next() {
            if c.is_ascii_alphanumeric() {
                let token = token(self.text, at);
                self.token(at, &token, after_star, wide);
                (gap, wide, after_star) = (0, false, false);
                at = token.end;
                continue;
            }
            if may_separate(c) {
                gap += 1;
                wide |= !is_narrow(c);
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
            at += c.len_utf8();
        }
        self.close();
    }

    /// Reads the groups of one run of letters and digits.
    fn token(&mut self, start: usize, token: &Token, mut starred: bool, mut wide: bool) {
        let (end, barred) = (token.end, token.is_code);
        let mut group: Option<Group> = None;
        for (i, c) in self.text[start..end].char_indices() {
            let i = start + i;
            if c.is_ascii_digit() {
                match &mut group {
                    Some(group) => (group.end, group.len) = (i + 1, group.len + 1),
                    None => group = Some(Group { start: i, end: i + 1, len: 1, starred, barred, wide }),
                }
            } else {
                if let Some(group) = group.take() {
                    self.push(group);
                }
                self.close();
                (starred, wide) = (false, false);
            }
        }
        if let Some(mut group) = group {
            group.starred |= self.text[end..].starts_with('*');
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
            window.digits[count..count + group.len].copy_from_slice(self.digits(group));
            count += group.len;
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
            15 if self.cut_as_old_id(last) && is_old_citizen_id(digits) => Some((Kind::CitizenId, end)),
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
        let card = is_card(digits) && self.well_grouped(window, last, closing) && !self.is_list(last);
        card.then_some((Kind::BankCard, end))
    }

    fn digits(&self, group: &Group) -> &[u8] {
        &self.text.as_bytes()[group.start..group.end]
    }

    /// The number a group writes.
    fn number(&self, group: &Group) -> u64 {
        self.digits(group).iter().fold(0, |n, d| n * 10 + u64::from(d - b'0'))
    }

    /// An old id has no check: in one piece, cut behind the division and the birthday, or digit by digit.
    fn cut_as_old_id(&self, last: usize) -> bool {
        let index = self.at - 1;
        let lens: Vec<_> = self.groups[index..=index + last].iter().map(|group| group.len).collect();
        matches!(lens[..], [15] | [6, 6, 3] | [6, 2, 2, 2, 3]) || lens.len() == 15
    }

    /// Whether the groups look like one number: none shorter than three digits, or nothing else beside them;
    /// and not like dates, times, amounts or a list.
    fn well_grouped(&self, window: &Window, last: usize, closing: bool) -> bool {
        let index = self.at - 1;
        let groups = &self.groups[index..=index + last];
        if last > 0 && (self.is_amount(last) || self.are_years(groups) || self.is_numbered(groups[0])) {
            return false;
        }
        if groups.iter().all(|group| group.len >= 3) {
            return true;
        }
        let next = self.groups.get(index + last + 1);
        let first = |at: usize| at == 0 && !self.behind;
        let starts = |begins: &dyn Fn(usize) -> bool| {
            begins(index) || (index > 0 && begins(index - 1) && self.is_country_code(self.groups[index - 1]))
        };
        let whole = starts(&first) && next.is_none() && closing;
        let ends = next.map_or(closing, |next| next.wide);
        // As people type it: blanks and dashes within, other marks around.
        let apart = starts(&|at| first(at) || self.groups[at].wide)
            && ends
            && groups[1..].iter().all(|group| !group.wide);
        (whole || apart)
            && !is_dated(groups, &window.digits)
            && !self.are_times(groups)
            && !self.is_list(last)
    }

    /// What stands before the `nth` group from the current one.
    fn gap(&self, nth: usize) -> &str {
        let index = self.at - 1 + nth;
        &self.text[self.groups[index - 1].end..self.groups[index].start]
    }

    /// `13,949,631,669`, `139,496,316.69`, `1,300,000-1,500`: a comma before every three digits, then at most
    /// decimals, or a second amount to which the first reaches.
    fn is_amount(&self, last: usize) -> bool {
        let len = |nth: usize| self.groups[self.at - 1 + nth].len;
        let threes = |nth: usize| nth <= last && self.gap(nth) == "," && len(nth) == 3;
        let begins = |nth: usize| len(nth) <= 3 && threes(nth + 1);
        let ends = |nth: usize| nth == last && self.gap(nth) == "." && len(nth) <= 2;
        let reaches = |nth: usize| self.gap(nth).chars().all(is_dash) && begins(nth);
        begins(0) && (2..=last).all(|nth| threes(nth) || ends(nth) || reaches(nth))
    }

    /// `1998、2003、150`: two years to begin with.
    fn are_years(&self, groups: &[Group]) -> bool {
        let year = |group: &Group| group.len == 4 && (1900..2100).contains(&self.number(group));
        groups.len() > 1 && groups[..2].iter().all(year)
    }

    /// `第138、1405、1406号`.
    fn is_numbered(&self, first: Group) -> bool {
        self.text[..first.start].ends_with('第')
    }

    /// `13:30-17:30`: begins with a time of day, and around every colon is one.
    fn are_times(&self, groups: &[Group]) -> bool {
        let colon = |nth: usize| self.gap(nth) == ":";
        let minutes = |nth: usize| groups[nth].len == 2 && self.number(&groups[nth]) < 60;
        let hours = |nth: usize| groups[nth].len <= 2 && self.number(&groups[nth]) <= 24;
        let time = |nth: usize| minutes(nth) && (hours(nth - 1) || minutes(nth - 1));
        groups.len() > 1 && colon(1) && (1..groups.len()).all(|nth| !colon(nth) || time(nth))
    }

    /// `13、24、35、46、102`: three or more numbers that only grow, with a mark of lists between them.
    fn is_list(&self, last: usize) -> bool {
        let index = self.at - 1;
        let listed = |nth: usize| self.gap(nth).contains(['、', ',', ';', '/']);
        last >= 2
            && (1..=last).all(listed)
            && self.groups[index..=index + last].is_sorted_by(|a, b| self.number(a) < self.number(b))
    }

    fn is_country_code(&self, group: Group) -> bool {
        !group.starred && [&b"86"[..], b"0086"].contains(&self.digits(&group))
    }

    /// A mobile number in one piece with its country code (86, 0086) or a trunk zero.
    fn prefixed_mobile(&self, group: Group) -> Option<Finding> {
        let prefix = match group.len {
            12 => "0",
            13 => "86",
            15 => "0086",
            _ => return None,
        };
        let (front, number) = self.digits(&group).split_at(prefix.len());
        let found =
            front == prefix.as_bytes() && is_mobile(number) && !is_money(self.text, group.start, group.end);
        let start = group.start + prefix.len();
        found.then_some(Finding { kind: Kind::Mobile, start, end: group.end })
    }
}

/// What people put inside a number as a matter of course.
fn is_narrow(c: char) -> bool {
    (c.is_whitespace() && c != '\n') || is_dash(c)
}

/// Whether groups begin with a year and a month, or are two dates with short years.
fn is_dated(groups: &[Group], digits: &[u8; LONGEST]) -> bool {
    let value = |from: usize, len: usize| {
        digits[from..from + len].iter().fold(0, |n, d| n * 10 + u64::from(d - b'0'))
    };
    if let [Group { len: 4, .. }, Group { len: len @ 1..=2, .. }, ..] = groups {
        // A day, a time or a second date may follow, but not digit by digit.
        return groups.len() <= 6
            && (1900..2100).contains(&value(0, 4))
            && (1..=12).contains(&value(4, *len));
    }
    let mut at = 0;
    groups.len() == 6
        && groups.chunks(3).all(|date| {
            let [year, month, day] = [date[0].len, date[1].len, date[2].len];
            let from = at;
            at += year + month + day;
            (year, month.max(day)) <= (2, 2)
                && (1..=12).contains(&value(from + year, month))
                && (1..=31).contains(&value(from + year + month, day))
        })
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
    for (i, c) in text[start..].char_indices() {
        if !c.is_ascii_alphanumeric() {
            break;
        }
        if let Some(slot) = symbols.get_mut(count) {
            *slot = c as u8;
        }
        count += 1;
        letters += usize::from(c.is_ascii_alphabetic());
        hex &= c.is_ascii_hexdigit();
        end = start + i + 1;
    }
    let credit = || {
        let inner_letter = symbols[..17].iter().any(u8::is_ascii_alphabetic);
        inner_letter && std::str::from_utf8(&symbols).is_ok_and(|code| CreditCode::parse(code).is_ok())
    };
    let is_code = letters > 0 && ((count == 18 && credit()) || (count >= 32 && hex));
    Token { end, is_code }
}

/// Where the `X` behind 17 digits ends, if there is one.
fn check_x(text: &str, from: usize) -> Option<usize> {
    for (gap, (i, c)) in text[from..].char_indices().take(WIDEST_GAP + 1).enumerate() {
        if matches!(c, 'X' | 'x' | '×') {
            let end = from + i + c.len_utf8();
            let alone = || !text[end..].starts_with(|c: char| c.is_ascii_alphanumeric());
            return (gap == 0 || alone()).then_some(end);
        }
        if !may_separate(c) {
            return None;
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
    if text[..start].trim_end_matches(' ').ends_with(['¥', '$']) {
        return true;
    }
    let behind = &text[end..];
    let behind = behind.strip_prefix(' ').unwrap_or(behind);
    let mut rest = behind.chars();
    match rest.next() {
        Some('元') => rest.next() != Some('旦'),
        Some('圆' | '亿') => true,
        Some('万') => rest.next() == Some('元'),
        Some('.') => decimals(rest.as_str()),
        _ => false,
    }
}

/// One or two digits behind a point. What a mask begins with counts too, so that a verdict never changes once
/// the text behind it is redacted.
fn decimals(text: &str) -> bool {
    let count = text.bytes().take(LONGEST + 1).take_while(u8::is_ascii_digit).count();
    (1..=2).contains(&count) || (count > 0 && text[count..].starts_with('*'))
}
