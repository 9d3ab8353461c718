use crate::Layout;
use std::sync::Arc;

/// One filled cell as a source hands it over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    /// 0-based column.
    pub index: u32,
    pub raw: String,
    /// The day number of a real Excel date, in the 1900 system.
    pub serial: Option<f64>,
    /// A number whose last digits Excel has already lost.
    pub lossy: bool,
    /// Stored as a number: zeros behind the point are gone.
    pub number: bool,
}

/// Where the columns of a layout stand in a sheet.
#[derive(Debug)]
pub(crate) struct Places {
    pub keys: Vec<&'static str>,
    /// Per column of the layout: the index in the sheet.
    pub at: Vec<Option<u32>>,
    letters: Vec<String>,
}

impl Places {
    pub fn new(layout: &Layout, at: Vec<Option<u32>>) -> Self {
        Self {
            keys: layout.columns.iter().map(|column| column.key).collect(),
            letters: at.iter().map(|at| at.map(letter).unwrap_or_default()).collect(),
            at,
        }
    }
}

/// A column as Excel letters it: 0 is A, 16383 is XFD.
pub(crate) fn letter(index: u32) -> String {
    let mut out = Vec::new();
    let mut rest = u64::from(index) + 1;
    while rest > 0 {
        rest -= 1;
        out.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    out.reverse();
    String::from_utf8(out).unwrap_or_default()
}

/// How a value came into its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Origin {
    #[default]
    Own,
    Above,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Value {
    pub raw: String,
    pub text: String,
    serial: Option<f64>,
    lossy: bool,
    number: bool,
    origin: Origin,
}

impl Value {
    pub fn own(cell: Cell) -> Self {
        let text = cleaned(&cell.raw);
        Self {
            text,
            raw: cell.raw,
            serial: cell.serial,
            lossy: cell.lossy,
            number: cell.number,
            origin: Origin::Own,
        }
    }

    /// The same value, one row further down.
    pub fn repeated(&self) -> Self {
        Self { origin: Origin::Above, ..self.clone() }
    }
}

/// What a cell means to a reader: `ids::text::clean`, without the marks that force spreadsheets to keep text as text
/// (`="0012"` and a leading apostrophe before digits).
fn cleaned(raw: &str) -> String {
    if raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'/')) {
        return raw.to_owned();
    }
    let forced = raw.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    let forced = forced
        .or_else(|| raw.strip_prefix('\'').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())));
    daylight_ids::text::clean(forced.unwrap_or(raw))
}

/// One row of data. Keys are those of the layout the header fits; an unknown key, or a column the sheet does not
/// have, reads as blank.
#[derive(Debug, Clone)]
pub struct Row {
    /// Name of the sheet; empty for a CSV file.
    pub sheet: Arc<str>,
    /// The row as the clerk sees it; in a CSV file the line where the record starts.
    pub number: u32,
    pub(crate) places: Arc<Places>,
    /// In the order of the layout's columns.
    pub(crate) values: Vec<Option<Value>>,
}

impl Row {
    fn value(&self, key: &str) -> Option<&Value> {
        let index = self.places.keys.iter().position(|&known| known == key)?;
        self.values[index].as_ref()
    }

    /// The cell's text, cleaned; numbers without `.0` or exponent, dates as 2023-09-01; "" when blank.
    pub fn text(&self, key: &str) -> &str {
        self.value(key).map_or("", |value| &value.text)
    }

    /// The cell's text as it was written.
    pub fn raw(&self, key: &str) -> &str {
        self.value(key).map_or("", |value| &value.raw)
    }

    /// The letter of the column, for messages such as “C12”; "" when the sheet has no such column.
    pub fn letter(&self, key: &str) -> &str {
        self.places
            .keys
            .iter()
            .position(|&known| known == key)
            .map_or("", |index| &self.places.letters[index])
    }

    /// The day number when the cell is a real Excel date, in the 1900 system whatever the workbook uses.
    pub fn date_serial(&self, key: &str) -> Option<f64> {
        self.value(key)?.serial
    }

    /// The cell held a number of more than 15 digits, so its last digits are lost (an id typed as a number).
    pub fn lossy(&self, key: &str) -> bool {
        self.value(key).is_some_and(|value| value.lossy)
    }

    /// The cell held a number, so zeros behind the point are gone: 2021.10 reads as 2021.1. In a CSV file, where
    /// nobody can tell, true for everything.
    pub fn is_number(&self, key: &str) -> bool {
        self.value(key).is_some_and(|value| value.number)
    }

    /// The value was repeated from above: a merged cell, or written on the first row of its group only.
    pub fn repeated(&self, key: &str) -> bool {
        self.value(key).is_some_and(|value| value.origin == Origin::Above)
    }

    /// Every column of the layout with its text, blank ones included.
    pub fn cells(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let texts = self.values.iter().map(|value| value.as_ref().map_or("", |value| value.text.as_str()));
        self.places.keys.iter().copied().zip(texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_as_excel_has_them() {
        for (index, text) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(letter(index), text);
        }
    }

    #[test]
    fn forced_text_loses_its_force() {
        assert_eq!(cleaned("=\"0012\""), "0012");
        assert_eq!(cleaned("'999901"), "999901");
        assert_eq!(cleaned("'引文'"), "'引文'");
    }
}
