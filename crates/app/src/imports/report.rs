//! What an import says about every row it read.

use crate::revisions::Change;
use serde::{Deserialize, Serialize};

/// How much a problem weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Read otherwise than written, and said so: nothing to do.
    Note,
    /// Taken, and flagged for the unit to complete.
    Warning,
    /// The row is not taken.
    Error,
}

impl Severity {
    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Severity::Note => "提示",
            Severity::Warning => "待补正",
            Severity::Error => "未收录",
        }
    }
}

/// Something about one cell or row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Name of the file as given.
    pub file: String,
    /// Name of the sheet; empty in a CSV file.
    pub sheet: String,
    /// The row as a clerk sees it, from 1; 0 for the file as a whole.
    pub row: u32,
    /// Letter and heading of the column: "D 公民身份号码"; empty for the row as a whole.
    pub column: String,
    /// What is written there. Citizen ids and telephones are masked.
    pub value: String,
    /// How much it weighs.
    pub severity: Severity,
    /// Stable word for programs.
    pub code: String,
    /// What is wrong, in plain words.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// A row that holds no data, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IgnoredRow {
    /// Name of the sheet; empty in a CSV file.
    pub sheet: String,
    /// The row as a clerk sees it, from 1.
    pub row: u32,
    /// "标题", "空行", "合计"…
    pub reason: String,
    /// How it begins.
    pub text: String,
}

/// A subject that an import changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// "unit", "power", "cadre" or "division".
    pub kind: String,
    /// Name of the subject, with its unit.
    pub name: String,
    /// Field by field.
    pub changes: Vec<Change>,
}

/// A heading and what it was taken for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundColumn {
    /// [`super::Kind::code`] of the table.
    pub kind: String,
    /// Name of the sheet; empty in a CSV file.
    pub sheet: String,
    /// The column as the clerk sees it: "D".
    pub letter: String,
    /// What stands there.
    pub heading: String,
    /// The column it was taken for; empty for none.
    pub key: String,
    /// The word for that column.
    pub title: String,
}

/// What became of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// Name as given.
    pub file: String,
    /// [`super::Kind::code`] of the tables in it, "units+cadres" when there are several.
    pub kind: String,
    /// Rows read: taken + refused + ignored.
    pub read: u64,
    /// Rows taken.
    pub taken: u64,
    /// Rows not taken, each with an error.
    pub refused: u64,
    /// Rows without data: titles, blanks, totals, signatures, notes.
    pub ignored: u64,
    /// Rows taken with at least one warning.
    pub flagged: u64,
    /// How the file's text is encoded, for CSV.
    pub encoding: Option<String>,
    /// The headings found, table after table.
    pub columns: Vec<FoundColumn>,
    /// Everything that was noticed, row by row.
    pub problems: Vec<Problem>,
    /// The rows without data.
    pub ignored_rows: Vec<IgnoredRow>,
}

/// What became of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// File by file.
    pub files: Vec<FileReport>,
    /// Subjects that did not exist before.
    pub created: u64,
    /// Subjects that differ from what is published.
    pub updated: u64,
    /// Subjects that are as they were.
    pub unchanged: u64,
    /// The subjects that differ, field by field (the first [`Report::DIFFERENCES`]).
    pub differences: Vec<Difference>,
    /// Whether it was saved.
    pub applied: bool,
}

impl Report {
    /// So many differences are spelled out.
    pub const DIFFERENCES: usize = 2_000;

    /// Rows over all files: (read, taken, refused, ignored, flagged).
    pub fn totals(&self) -> (u64, u64, u64, u64, u64) {
        self.files.iter().fold((0, 0, 0, 0, 0), |(read, taken, refused, ignored, flagged), file| {
            (
                read + file.read,
                taken + file.taken,
                refused + file.refused,
                ignored + file.ignored,
                flagged + file.flagged,
            )
        })
    }

    /// Every problem, file after file.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.files.iter().flat_map(|file| &file.problems)
    }
}
