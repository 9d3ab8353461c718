//! The records of both tables, their values interned: equal values have equal numbers.

use super::Config;
use std::collections::HashMap;

/// One of the two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The ledger.
    Left,
    /// The roster.
    Right,
}

/// The records of both tables.
#[derive(Debug)]
pub struct Pool {
    pub(super) columns: Vec<FieldValues>,
    /// For each side the values' numbers, record by record, 0 where there is none: a pair touches two places.
    codes: [Vec<u32>; 2],
    rows: [usize; 2],
}

/// A field's values, by number.
#[derive(Debug, Default)]
pub(super) struct FieldValues {
    pub texts: Vec<Box<str>>,
    known: HashMap<Box<str>, u32>,
}

impl Pool {
    /// An empty pool for a configuration's fields.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let blank = || FieldValues { texts: vec!["".into()], ..FieldValues::default() };
        Self {
            columns: config.fields.iter().map(|_| blank()).collect(),
            codes: [Vec::new(), Vec::new()],
            rows: [0, 0],
        }
    }

    /// Adds a record: its values in the order of the configuration's fields; blank is missing. The caller has tidied
    /// them (trimmed, one case).
    pub fn push(&mut self, side: Side, values: &[&str]) {
        for (at, column) in self.columns.iter_mut().enumerate() {
            let text = values.get(at).copied().unwrap_or("");
            self.codes[side as usize].push(column.code(text));
        }
        self.rows[side as usize] += 1;
    }

    /// The numbers of a record's values.
    #[inline]
    pub(super) fn record(&self, side: Side, row: usize) -> &[u32] {
        let width = self.columns.len();
        &self.codes[side as usize][row * width..(row + 1) * width]
    }

    /// The numbers of a field's values on one side.
    pub(super) fn field(&self, side: Side, field: usize) -> impl Iterator<Item = u32> + '_ {
        self.codes[side as usize].iter().skip(field).step_by(self.columns.len()).copied()
    }

    /// How many records a side has.
    #[must_use]
    pub fn rows(&self, side: Side) -> usize {
        self.rows[side as usize]
    }
}

impl FieldValues {
    fn code(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return 0;
        }
        if let Some(code) = self.known.get(text) {
            return *code;
        }
        let code = self.texts.len() as u32;
        self.texts.push(text.into());
        self.known.insert(text.into(), code);
        code
    }

    pub(super) fn text(&self, code: u32) -> &str {
        &self.texts[code as usize]
    }
}
