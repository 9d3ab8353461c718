//! What could not be read: where, which column, why. Never what stands there.

use crate::kinds::title_of;
use crate::places::{Place, Places};
use daylight_ids::CitizenIdError;
use daylight_matching::segments::Field;
use daylight_matching::stage;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why a cell could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Nothing stands where an id should.
    NoId,
    /// An id of the wrong length.
    IdLength,
    /// A character that no id has.
    IdCharacter,
    /// The id's birth date does not exist.
    IdBirth,
    /// The id's check digit is wrong.
    IdCheck,
    /// A number of more than 15 digits that a spreadsheet has rounded.
    Lossy,
    /// Not a date.
    Date,
    /// Not a number.
    Number,
    /// Not of the form its kind has; compared as it is written.
    Form,
}

impl Reason {
    pub(crate) fn of(reason: &stage::Reason) -> Self {
        match reason {
            stage::Reason::Id(CitizenIdError::Empty) => Self::NoId,
            stage::Reason::Id(CitizenIdError::Length(_)) => Self::IdLength,
            stage::Reason::Id(CitizenIdError::Character(_)) => Self::IdCharacter,
            stage::Reason::Id(CitizenIdError::BirthDate) => Self::IdBirth,
            stage::Reason::Id(CitizenIdError::CheckDigit { .. }) => Self::IdCheck,
            stage::Reason::Date => Self::Date,
            stage::Reason::Number => Self::Number,
            stage::Reason::Key => Self::Form,
        }
    }

    /// In words for the clerk: what is wrong and what to do.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NoId => "没有填写身份证号",
            Self::IdLength => "身份证号位数不对，应为18位或15位",
            Self::IdCharacter => "身份证号里有不该有的字符",
            Self::IdBirth => "身份证号里的出生日期不存在",
            Self::IdCheck => "身份证号校验码不符，请对照证件核实",
            Self::Lossy => "被存成了数字，末几位已经丢失，请从原系统按文本重新导出",
            Self::Date => "日期无法识别，应如2023-09-01",
            Self::Number => "数字无法识别",
            Self::Form => "号码格式不对，已按原文比对",
        }
    }
}

/// A cell that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Its line, as [`Places`] number them.
    pub line: u32,
    pub field: Field,
    pub reason: Reason,
}

/// How many of one sort a file has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The column.
    pub field: Field,
    /// Why.
    pub reason: Reason,
    /// How many rows.
    pub rows: u64,
}

/// A cell that could not be read, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The file, by its place among the inputs.
    pub input: usize,
    /// The sheet; blank for text files.
    pub sheet: Arc<str>,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: &'static str,
    /// Why.
    pub reason: Reason,
}

/// Lines kept of each side. All are counted.
pub const KEPT: usize = 1_000_000;

/// What could not be read on one side of a comparison.
#[derive(Debug, Default)]
pub struct Problems {
    kept: Vec<Problem>,
    counts: BTreeMap<(usize, Field, Reason), u64>,
}

impl Problems {
    pub(crate) fn add(&mut self, input: usize, problem: Problem) {
        *self.counts.entry((input, problem.field, problem.reason)).or_default() += 1;
        if self.kept.len() < KEPT {
            self.kept.push(problem);
        }
    }

    /// How many there are of each sort in a file.
    #[must_use]
    pub fn of(&self, input: usize) -> Vec<Count> {
        let own = self.counts.iter().filter(|((of, ..), _)| *of == input);
        own.map(|((_, field, reason), rows)| Count { field: *field, reason: *reason, rows: *rows }).collect()
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Each, in the order of the files, as far as they were kept.
    pub(crate) fn told<'a>(&'a self, places: &'a Places) -> impl Iterator<Item = Told> + 'a {
        self.kept.iter().map(|problem| {
            let Place { input, sheet, line } = places.place(problem.line);
            Told { input, sheet, line, column: title_of(problem.field), reason: problem.reason }
        })
    }
}
