//! Tables as offices hand them over: UTF-8 with a byte order mark, so that spreadsheet programs see Chinese.

/// A table that grows row by row.
pub(super) struct Table {
    name: &'static str,
    writer: csv::Writer<Vec<u8>>,
}

impl Table {
    /// A table with its headings.
    pub(super) fn new(name: &'static str, headings: &[&str]) -> Table {
        let mut table = Table { name, writer: csv::Writer::from_writer("\u{feff}".as_bytes().to_vec()) };
        table.row(headings);
        table
    }

    /// One row.
    pub(super) fn row(&mut self, cells: &[&str]) {
        self.writer.write_record(cells).expect("a table in memory takes rows of one width");
    }

    /// Name and bytes.
    pub(super) fn finish(self) -> (String, Vec<u8>) {
        let bytes = self.writer.into_inner().expect("a table in memory can be flushed");
        (self.name.to_owned(), bytes)
    }
}
