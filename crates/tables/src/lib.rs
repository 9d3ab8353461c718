//! Reads tables as offices really send them: workbooks and CSV with titles above the header, merged cells, totals and
//! signatures below, in whatever encoding. Knows nothing of units or cadres: the caller says which columns a table may
//! have ([`Layout`]) and gets rows with the numbers the clerk sees.
//!
//! It streams: a row at a time, with nothing kept but the first thirty rows of a sheet, open merged ranges and a
//! workbook's shared strings. It takes files from strangers: archives are looked over before they are opened, sizes are
//! held against [`Limits`], formulas are never evaluated (the value Excel last stored is used).

mod classify;
mod compound;
mod error;
mod export;
mod guard;
mod header;
mod layout;
mod merges;
mod meter;
mod number;
mod row;
mod sheet;
mod sniff;
mod template;
mod text_file;
pub mod value;
mod xls;
mod xlsx;

pub use classify::IgnoredReason;
pub use error::{ClosestHeader, OpenError};
pub use export::export_guard;
pub use header::{Header, HeaderCell};
pub use layout::{Column, Layout};
pub use row::Row;
pub use sniff::{FileKind, sniff};
pub use template::{TemplateError, template};
pub use value::{
    LimitUnit, PartialDate, TimeLimit, ValueError, parse_chinese_number, parse_month, parse_time_limit,
    parse_yes_no, split_list,
};

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    ops::ControlFlow,
    path::Path,
    sync::Arc,
};

/// How much a file may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub max_bytes: u64,
    /// Bytes a workbook may unpack to, all parts together.
    pub max_unpacked: u64,
    /// How many times its packed size one part may unpack to (parts under 4 MiB aside).
    pub max_ratio: u32,
    /// Rows with something in them, all sheets together.
    pub max_rows: u64,
    /// Columns looked at; what stands further right is not read.
    pub max_columns: usize,
    /// Characters in one cell.
    pub max_cell_chars: usize,
    /// Sheets in a workbook, hidden ones included.
    pub max_sheets: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 256 << 20,
            max_unpacked: 1 << 30,
            max_ratio: 200,
            max_rows: 2_000_000,
            max_columns: 256,
            max_cell_chars: 100_000,
            max_sheets: 64,
        }
    }
}

/// What is met while reading, in the order of the file. Every row is told in exactly one event, except that a run of
/// more than a hundred blank rows is told once, and blank rows at the end not at all.
#[derive(Debug)]
pub enum Event<'a> {
    /// The header of a sheet. If columns are [`missing`](Header::missing), refuse the sheet.
    Header(&'a Header),
    /// A row of data below it.
    Row(Row),
    /// A row that is no data, and why.
    Ignored(Ignored),
}

/// Who takes what is read.
pub trait Taker {
    /// Takes what is met; may stop the reading.
    fn event(&mut self, event: Event<'_>) -> ControlFlow<()>;

    /// A record of a text file as it stands on its one line, without quotation marks, not yet judged: its cells in the
    /// order of the layout's columns, blank where there is none. `true` takes it as a row of data; otherwise it comes as an
    /// event, like any other. For tables of many millions of rows, where the caller knows a usual row at a glance.
    fn line(&mut self, number: u32, cells: &[&str]) -> bool {
        let _ = (number, cells);
        false
    }
}

struct Events<'a>(&'a mut dyn FnMut(Event<'_>) -> ControlFlow<()>);

impl Taker for Events<'_> {
    fn event(&mut self, event: Event<'_>) -> ControlFlow<()> {
        (self.0)(event)
    }
}

/// Notes whether the taker stopped the reading.
struct Watched<'a> {
    taker: &'a mut dyn Taker,
    stopped: bool,
}

impl Taker for Watched<'_> {
    fn event(&mut self, event: Event<'_>) -> ControlFlow<()> {
        let flow = self.taker.event(event);
        self.stopped |= flow.is_break();
        flow
    }

    fn line(&mut self, number: u32, cells: &[&str]) -> bool {
        self.taker.line(number, cells)
    }
}

/// A row that is no data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Name of the sheet; empty for a CSV file.
    pub sheet: Arc<str>,
    /// The row as the clerk sees it.
    pub number: u32,
    /// Why it was not taken.
    pub reason: IgnoredReason,
    /// What it says, shortened to 200 characters.
    pub text: String,
}

/// What a file held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Each sheet in order; one without a name for a CSV file.
    pub sheets: Vec<SheetSummary>,
    /// The encoding of a text file: `UTF-8`, `gb18030`, `UTF-16LE` or `UTF-16BE`.
    pub encoding: Option<String>,
}

/// What a sheet held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SheetSummary {
    /// Its name.
    pub name: String,
    /// It is hidden and was skipped.
    pub hidden: bool,
    /// Rows with something in them that were read. A sheet without a header is left after thirty.
    pub rows_read: u64,
    /// Rows told as [`Event::Row`].
    pub data_rows: u64,
    /// A header was found.
    pub header_found: bool,
}

/// Reads a file and tells `each` what it meets; `each` may stop the reading. The kind is told by the content.
///
/// # Errors
/// [`OpenError`], in words for the clerk. Rows may have been told before a fault deep in the file is met: keep nothing
/// until this returns.
pub fn read(
    path: &Path,
    layouts: &[Layout],
    limits: &Limits,
    each: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
) -> Result<Summary, OpenError> {
    read_into(path, layouts, limits, &mut Events(each))
}

/// [`read`], for a taker who wants the lines of text files as they stand.
///
/// # Errors
/// As [`read`].
pub fn read_into(
    path: &Path,
    layouts: &[Layout],
    limits: &Limits,
    taker: &mut dyn Taker,
) -> Result<Summary, OpenError> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    if length > limits.max_bytes {
        let limit = error::Bytes(limits.max_bytes).to_string();
        return Err(OpenError::TooLarge { part: "文件", limit, place: None });
    }
    let mut head = Vec::new();
    (&mut file).take(16 << 10).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let kind = sniff_stored(&head, &name)?;
    let mut watched = Watched { taker, stopped: false };
    let mut reading = sheet::Reading::new(layouts, limits, &mut watched);
    let encoding = match kind {
        FileKind::Xlsx => xlsx::read(file, limits, &mut reading).map(|()| None),
        FileKind::Xls => xls::read(file, limits, &mut reading).map(|()| None),
        FileKind::Csv => text_file::read(file, limits, &mut reading).map(Some),
    }?;
    let (sheets, without_header) = (reading.sheets, reading.without_header);
    if watched.stopped || sheets.iter().any(|sheet| sheet.header_found) {
        return Ok(Summary { sheets, encoding });
    }
    Err(if without_header.is_empty() {
        OpenError::Empty
    } else {
        OpenError::NoHeader { sheets: without_header }
    })
}

/// Uploads are stored under random names, so a missing or foreign extension says nothing here.
fn sniff_stored(head: &[u8], name: &str) -> Result<FileKind, OpenError> {
    match sniff(head, name) {
        Err(OpenError::NotATable { what: sniff::PLAIN_TEXT }) => Ok(FileKind::Csv),
        other => other,
    }
}

/// Everything a file holds, in memory: for tests and small files only.
#[derive(Debug, Default)]
pub struct All {
    /// The headers, in order.
    pub headers: Vec<Header>,
    /// The rows of data, in order.
    pub rows: Vec<Row>,
    /// The rows that are no data, in order.
    pub ignored: Vec<Ignored>,
    /// What the file held.
    pub summary: Summary,
}

/// [`read`], with everything kept.
///
/// # Errors
/// As [`read`].
pub fn read_all(path: &Path, layouts: &[Layout], limits: &Limits) -> Result<All, OpenError> {
    let mut all = All::default();
    let (headers, rows, ignored) = (&mut all.headers, &mut all.rows, &mut all.ignored);
    all.summary = read(path, layouts, limits, &mut |event| {
        match event {
            Event::Header(header) => headers.push(header.clone()),
            Event::Row(row) => rows.push(row),
            Event::Ignored(row) => ignored.push(row),
        }
        ControlFlow::Continue(())
    })?;
    Ok(all)
}
