//! Cells into typed batches. What cannot be read leaves a blank in its column and is told with its line and the reason;
//! a row is never dropped.

use crate::days::{self, NO_DAY};
use crate::packed::{Key, NO_ID, pack_cell};
use crate::segments::{Batch, Column, Field, Kind, NO_NUMBER};
use daylight_ids::{CitizenIdError, text};
use serde::{Serialize, Serializer};
use std::fmt;

/// Rows of a batch: its ids, days and amounts together stay within a processor's second cache.
pub const BATCH_ROWS: usize = 1 << 15;

/// A cell that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The line of the source.
    pub line: u32,
    /// The column.
    pub field: Field,
    /// Why.
    pub reason: Reason,
}

/// Why a cell could not be read; `Display` tells a clerk in Chinese, without the cell's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Not a valid citizen id.
    Id(CitizenIdError),
    /// Not a date.
    Date,
    /// Not a number.
    Number,
    /// Not of the form its kind has; kept as plain text, so that equal spellings still meet.
    Key,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Id(error) => error.fmt(f),
            Reason::Date => write!(f, "日期无法识别，应如2023-09-01"),
            Reason::Number => write!(f, "数字无法识别"),
            Reason::Key => write!(f, "号码格式不对，已按原文比对"),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Collects rows into batches.
#[derive(Debug)]
pub struct Stager {
    fields: Vec<Field>,
    batch: Batch,
    /// What could not be read since the caller last took it.
    pub problems: Vec<Problem>,
}

impl Stager {
    /// For a table with these columns.
    #[must_use]
    pub fn new(fields: &[Field]) -> Self {
        Self { fields: fields.to_vec(), batch: Batch::new(0, fields), problems: Vec::new() }
    }

    /// Adds a row: the cells in the order of the fields, missing ones blank. Gives a batch when one is full.
    pub fn push(&mut self, line: u32, cells: &[&str]) -> Option<Batch> {
        self.batch.lines.push(line);
        for (index, (field, column)) in self.batch.columns.iter_mut().enumerate() {
            let cell = cells.get(index).copied().unwrap_or("");
            if let Err(reason) = put(*field, column, cell) {
                self.problems.push(Problem { line, field: *field, reason });
            }
        }
        (self.batch.rows() >= BATCH_ROWS).then(|| self.take())
    }

    /// The last batch; it may have no rows.
    pub fn take(&mut self) -> Batch {
        let next = Batch::new(self.batch.first_row + self.batch.rows() as u64, &self.fields);
        std::mem::replace(&mut self.batch, next)
    }
}

fn put(field: Field, column: &mut Column, cell: &str) -> Result<(), Reason> {
    match (field.kind(), column) {
        (Kind::Id, Column::Ids(ids)) => {
            let packed = pack_cell(cell.as_bytes());
            ids.push(packed.unwrap_or(NO_ID));
            packed.map(|_| ()).map_err(Reason::Id)
        }
        (Kind::Key(kind), Column::Keys(keys)) => {
            let (key, fits) = Key::read(kind, cell);
            keys.push(key.get());
            if fits { Ok(()) } else { Err(Reason::Key) }
        }
        (Kind::Day, Column::Days(days)) => {
            let day = if cell.is_ascii() { days::parse(cell) } else { days::parse(&text::halfwidth(cell)) };
            days.push(day.unwrap_or(NO_DAY));
            if day.is_some() || cell.trim().is_empty() { Ok(()) } else { Err(Reason::Date) }
        }
        (Kind::Number, Column::Numbers(numbers)) => {
            let number = hundredths(cell);
            numbers.push(number.unwrap_or(NO_NUMBER));
            if number.is_some() || cell.trim().is_empty() { Ok(()) } else { Err(Reason::Number) }
        }
        (_, Column::Texts(words)) => {
            words.push_tidied(cell);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Reads a decimal number as hundredths: yuan as fen, mu as hundredths of a mu. Further places are rounded.
#[must_use]
pub fn hundredths(cell: &str) -> Option<i64> {
    plain_hundredths(cell.as_bytes()).or_else(|| any_hundredths(cell))
}

/// `1234`, `1234.5`, `1234.56`: the usual number, without anything allocated.
fn plain_hundredths(cell: &[u8]) -> Option<i64> {
    if !(1..=15).contains(&cell.len()) {
        return None;
    }
    let mut value: i64 = 0;
    let mut places = None;
    for byte in cell {
        match (byte, &mut places) {
            (b'.', None) => places = Some(0),
            (b'0'..=b'9', places) => {
                value = value * 10 + i64::from(byte - b'0');
                places.iter_mut().for_each(|places| *places += 1);
            }
            _ => return None,
        }
    }
    let scale = match places {
        None => 100,
        Some(1) => 10,
        Some(2) => 1,
        Some(_) => return None,
    };
    Some(value * scale)
}

fn any_hundredths(cell: &str) -> Option<i64> {
    let plain: String =
        text::squash(cell).chars().filter(|c| !matches!(c, ',' | '¥' | '￥' | '元' | '亩')).collect();
    let (negative, digits) = match plain.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + part.len() == 0 || !all_digits(whole) || !all_digits(part) || whole.len() > 16 {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let place = |at: usize| part.as_bytes().get(at).map_or(0, |b| i64::from(b - b'0'));
    let value = whole * 100 + place(0) * 10 + place(1) + i64::from(place(2) >= 5);
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_become_fen() {
        for (text, fen) in [
            ("1,234.50", Some(123_450)),
            ("￥３００", Some(30_000)),
            ("-0.005", Some(-1)),
            (".5", Some(50)),
            ("5.", Some(500)),
            ("12.3", Some(1230)),
            ("1234567890123456", Some(123_456_789_012_345_600)),
            ("1.2.3", None),
            (".", None),
            ("12.30000001", Some(1230)),
            ("1e5", None),
            ("", None),
            ("-", None),
            ("12 345", Some(1_234_500)),
        ] {
            assert_eq!(hundredths(text), fen, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_and_the_row_stays() {
        let mut stager = Stager::new(&[Field::Person, Field::Date, Field::Amount]);
        assert!(stager.push(2, &["99990119700101001X", "昨天", "abc"]).is_none());
        let batch = stager.take();
        assert_eq!((batch.rows(), batch.ids()), (1, &[NO_ID][..]));
        let fields: Vec<_> = stager.problems.iter().map(|problem| (problem.line, problem.field)).collect();
        assert_eq!(fields, [(2, Field::Person), (2, Field::Date), (2, Field::Amount)]);
        assert_eq!(stager.take().first_row, 1);
    }
}
