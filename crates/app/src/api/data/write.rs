//! Rows to bytes, the same for a download and for the export command.

use super::{
    store::{self, Batch},
    table::Table,
};
use daylight_tables::export_guard;

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Not known.
    Nothing,
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
    /// Yes or no.
    Truth(bool),
}

/// Values in the order of the table's columns.
pub type Row = Vec<Cell>;

impl From<i64> for Cell {
    fn from(number: i64) -> Cell {
        Cell::Number(number)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Nothing, T::into)
    }
}

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// UTF-8 with a byte order mark, so that spreadsheets read the Chinese; texts that a spreadsheet
    /// would take for a formula get an apostrophe.
    Csv,
    /// One array of objects, an object a line; texts as they are.
    Json,
}

impl Format {
    /// All.
    pub const ALL: [Format; 2] = [Format::Csv, Format::Json];

    /// The end of the file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Json => "json",
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::Json => "application/json",
        }
    }
}

/// A table on its way out, piece by piece.
pub struct Pieces {
    table: Table,
    format: Format,
    /// Where the next batch begins; none when the last was read.
    after: Option<i64>,
    /// How many rows are out.
    pub rows: u64,
    begun: bool,
}

impl Pieces {
    /// A table from its beginning.
    pub fn new(table: Table, format: Format) -> Pieces {
        Pieces { table, format, after: Some(0), rows: 0, begun: false }
    }

    /// The next piece; none after the last.
    pub async fn next(
        &mut self,
        c: &impl daylight_db::ConnectionTrait,
    ) -> Result<Option<Vec<u8>>, daylight_db::DbErr> {
        let Some(after) = self.after else { return Ok(None) };
        let batch = store::batch(c, self.table, after).await?;
        self.after = batch.after;
        Ok(Some(match self.format {
            Format::Csv => self.csv(batch),
            Format::Json => self.json(&batch),
        }))
    }

    fn csv(&mut self, batch: Batch) -> Vec<u8> {
        let mut lines = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        let mut written = if self.begun {
            Ok(())
        } else {
            lines.write_record(self.table.columns().iter().map(|column| column.heading))
        };
        for row in batch.rows {
            self.rows += 1;
            let cells = row.iter().map(|cell| match cell {
                Cell::Nothing => String::new(),
                Cell::Number(number) => number.to_string(),
                Cell::Text(text) => export_guard(text),
                Cell::Truth(true) => "是".to_owned(),
                Cell::Truth(false) => "否".to_owned(),
            });
            written = written.and_then(|()| lines.write_record(cells));
        }
        written.expect("rows have as many cells as the table has columns, and memory takes them");
        let text = lines.into_inner().expect("memory takes every line");
        if self.begun {
            return text;
        }
        self.begun = true;
        [b"\xEF\xBB\xBF".as_slice(), &text].concat()
    }

    fn json(&mut self, batch: &Batch) -> Vec<u8> {
        let mut out = String::new();
        if !self.begun {
            out.push('[');
            self.begun = true;
        }
        for row in &batch.rows {
            out.push_str(if self.rows == 0 { "\n" } else { ",\n" });
            self.rows += 1;
            for (at, (column, cell)) in self.table.columns().iter().zip(row).enumerate() {
                out.push_str(if at == 0 { "{" } else { "," });
                let value = match cell {
                    Cell::Nothing => "null".to_owned(),
                    Cell::Number(number) => number.to_string(),
                    Cell::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
                    Cell::Truth(truth) => truth.to_string(),
                };
                out.push_str(&format!("\"{}\":{value}", column.key));
            }
            out.push('}');
        }
        if self.after.is_none() {
            out.push_str("\n]\n");
        }
        out.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cadre(name: &str, after: Option<i64>) -> Batch {
        Batch { rows: vec![vec![Cell::Number(7), name.into(), Cell::Nothing]], after }
    }

    #[test]
    fn a_formula_leaves_as_text_in_csv_and_as_it_is_in_json() {
        let csv = Pieces::new(Table::Cadres, Format::Csv).csv(cadre("=1+1,\"x\"", None));
        let csv = String::from_utf8(csv).unwrap();
        assert_eq!(csv, "\u{feff}编号,姓名,公布时间\r\n7,\"'=1+1,\"\"x\"\"\",\r\n");
        let mut pieces = Pieces::new(Table::Cadres, Format::Json);
        pieces.after = None;
        let json = String::from_utf8(pieces.json(&cadre("=1+1", None))).unwrap();
        assert_eq!(json, "[\n{\"id\":7,\"name\":\"=1+1\",\"published_at\":null}\n]\n");
    }

    #[test]
    fn pieces_join_to_one_document() {
        let mut pieces = Pieces::new(Table::Cadres, Format::Json);
        let mut text = pieces.json(&cadre("林知远", Some(7)));
        pieces.after = None;
        text.extend(pieces.json(&cadre("周望舒", None)));
        let read: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(read.as_array().unwrap().len(), 2);
        let mut empty = Pieces::new(Table::Cadres, Format::Json);
        empty.after = None;
        let read: serde_json::Value = serde_json::from_slice(&empty.json(&Batch::default())).unwrap();
        assert_eq!(read, serde_json::json!([]));
    }
}
