//! A file into typed batches, in one pass, whatever its shape.

use crate::comparison::Input;
use crate::kinds::{Side, field};
use crate::likeness::Likeness;
use crate::places::Places;
use crate::problems::{Problem, Problems, Reason};
use crate::run::Fault;
use daylight_matching::days;
use daylight_matching::segments::{Batch, Field, Kind as ColumnKind};
use daylight_matching::stage::Stager;
use daylight_tables::{Event, FileKind, Header, Limits, Row, Taker, parse_month, read_into, sniff};
use serde::Serialize;
use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

/// What is told while a comparison runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Progress<'a> {
    /// The source being read.
    pub source: &'a str,
    /// Rows of it read so far.
    pub rows: u64,
}

/// Who is told; may stop the run.
pub(crate) type Watch<'w> = dyn FnMut(Progress<'_>) -> ControlFlow<()> + 'w;

/// Rows between two tellings.
const TOLD_EVERY: u64 = 1 << 16;

/// What a file held.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Rows of data.
    pub rows: u64,
    /// Rows without a valid citizen id, where the table should have them.
    pub without_id: u64,
    /// Rows below a header that are no data: totals, signatures, notes.
    pub left_out: u64,
    /// Dates of which only the month is given: taken as its first day, the last day of a period as the last.
    pub months: u64,
    /// Hidden sheets, which are not read.
    pub hidden_sheets: Vec<String>,
    /// The columns found.
    pub fields: Vec<Field>,
}

/// What goes where.
pub(crate) struct Desk<'d> {
    pub places: &'d mut Places,
    pub problems: &'d mut Problems,
    pub likeness: Option<&'d mut Likeness>,
    pub watch: &'d mut Watch<'d>,
}

/// Reads a file; `take` gets its rows in batches, their numbers from `first_row` on.
pub(crate) fn read(
    number: usize,
    input: &Input,
    wanted: &[Field],
    desk: Desk<'_>,
    first_row: u64,
    take: &mut dyn FnMut(&Batch),
) -> Result<Held, Fault> {
    let unreadable = |error| Fault::Unreadable { file: input.shown(), error };
    let optional = |key: &'static str| {
        input.source.fixed.contains_key(key) || (key == "person" && desk.likeness.is_some())
    };
    let layouts = [input.kind.layout(input.said(), &optional)];
    let limits = limits(&input.path).map_err(|error| unreadable(error.into()))?;
    let mut staging = Staging {
        number,
        input,
        wanted,
        desk,
        take,
        first_row,
        stager: Stager::new(&[]),
        present: Vec::new(),
        fields: Vec::new(),
        skipping: true,
        sheets: 0,
        held: Held::default(),
        fault: None,
    };
    let summary = read_into(&input.path, &layouts, &limits, &mut staging);
    if let Some(fault) = staging.fault {
        return Err(fault);
    }
    let summary = summary.map_err(unreadable)?;
    staging.flush();
    if staging.sheets == 0 {
        return Err(Fault::NoSheet { file: input.shown(), sheet: input.source.sheet.clone() });
    }
    if staging.desk.places.exhausted() {
        return Err(Fault::TooManyLines);
    }
    let hidden = summary.sheets.into_iter().filter(|sheet| sheet.hidden).map(|sheet| sheet.name);
    staging.held.hidden_sheets = hidden.collect();
    Ok(staging.held)
}

/// Text is streamed and may be of any length; a workbook unpacks, and keeps the limits of one.
fn limits(path: &Path) -> std::io::Result<Limits> {
    let mut head = Vec::new();
    File::open(path)?.take(16 << 10).read_to_end(&mut head)?;
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let usual = Limits { max_rows: 64 << 20, ..Limits::default() };
    Ok(match sniff(&head, &name) {
        Ok(FileKind::Xlsx | FileKind::Xls) => usual,
        _ => Limits { max_bytes: u64::MAX, max_rows: u64::from(u32::MAX), ..usual },
    })
}

/// A column of a batch, and where its values come from.
struct Present<'a> {
    field: Field,
    /// The column of the layout.
    column: Option<usize>,
    fixed: &'a str,
}

struct Staging<'a, 'd> {
    number: usize,
    input: &'a Input,
    wanted: &'a [Field],
    desk: Desk<'d>,
    take: &'a mut dyn FnMut(&Batch),
    first_row: u64,
    stager: Stager,
    present: Vec<Present<'a>>,
    /// The fields of `present`.
    fields: Vec<Field>,
    /// The sheet is not the one asked for.
    skipping: bool,
    sheets: u32,
    held: Held,
    fault: Option<Fault>,
}

/// Columns a row may have: as many as there are fields.
const MOST: usize = Field::ALL.len();

impl Taker for Staging<'_, '_> {
    fn event(&mut self, event: Event<'_>) -> ControlFlow<()> {
        match event {
            Event::Header(header) => self.open(header),
            Event::Row(row) if !self.skipping => self.row(&row),
            Event::Ignored(row) if !self.skipping => {
                use daylight_tables::IgnoredReason as Why;
                let counts = matches!(row.reason, Why::Total | Why::Signature | Why::Note | Why::Header);
                self.held.left_out += u64::from(counts);
            }
            _ => {}
        }
        if self.fault.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn line(&mut self, number: u32, cells: &[&str]) -> bool {
        let usual = !self.skipping && self.fault.is_none() && self.is_usual(cells);
        if usual {
            self.push(number, cells, &[]);
        }
        usual
    }
}

impl<'a> Staging<'a, '_> {
    fn open(&mut self, header: &Header) {
        self.flush();
        let source = &self.input.source;
        self.skipping = !source.sheet.is_empty() && source.sheet != header.sheet;
        if self.skipping {
            return;
        }
        if !header.missing.is_empty() {
            let title = |key: &&str| self.input.kind.heading(key).map_or("", |heading| heading.title);
            self.fault = Some(Fault::Missing {
                file: self.input.shown(),
                sheet: header.sheet.clone(),
                columns: header.missing.iter().map(title).collect(),
            });
            return;
        }
        self.sheets += 1;
        let found = |key: &str| header.columns.iter().any(|cell| cell.key == Some(key));
        let columns = self.input.kind.columns.iter().enumerate();
        let known = columns.filter_map(|(at, heading)| {
            let field = field(heading.key).filter(|field| self.wanted.contains(field))?;
            let (column, fixed) = (found(heading.key).then_some(at), source.fixed(field));
            (column.is_some() || !fixed.is_empty()).then_some(Present { field, column, fixed })
        });
        self.present = known.collect();
        let fields: Vec<Field> = self.present.iter().map(|present| present.field).collect();
        self.stager = Stager::new(&fields);
        self.held.fields.extend(&fields);
        self.fields = fields;
        self.held.fields.sort_unstable();
        self.held.fields.dedup();
        self.desk.places.open(self.number, &header.sheet.as_str().into());
    }

    /// Whether a line is a row of data at a glance: its id has the form of one, and no cell needs a second look.
    fn is_usual(&self, cells: &[&str]) -> bool {
        let mut id = false;
        let plain = self.present.iter().all(|present| {
            let cell = present.column.map_or("", |column| cells[column]);
            let bytes = cell.as_bytes();
            match present.field {
                Field::Person => {
                    id = bytes.len() == 18 && bytes[..17].iter().all(u8::is_ascii_digit);
                    true
                }
                Field::Body => {
                    id |= bytes.len() == 18 && bytes.iter().all(u8::is_ascii_alphanumeric);
                    true
                }
                Field::Date | Field::Until => matches!(bytes.len(), 0 | 8 | 10) && cell.is_ascii(),
                Field::Account | Field::Phone | Field::Household => !cell.contains(['+', '\'', '=']),
                _ => !cell.starts_with(['\'', '=']),
            }
        });
        id && plain
    }

    fn row(&mut self, row: &Row) {
        let mut lossy: Vec<Field> = Vec::new();
        let mut cells: Vec<Cow<'_, str>> = Vec::with_capacity(self.input.kind.columns.len());
        for (key, text) in row.cells() {
            let own = field(key);
            cells.push(match own.map(Field::kind) {
                Some(ColumnKind::Id | ColumnKind::Key(_)) if row.lossy(key) => {
                    lossy.extend(own);
                    Cow::Borrowed("")
                }
                Some(ColumnKind::Day) => self.day(key, text),
                _ => Cow::Borrowed(text),
            });
        }
        let cells: Vec<&str> = cells.iter().map(|cell| &**cell).collect();
        self.push(row.number, &cells, &lossy);
    }

    /// A date of which only the month is known becomes a day of it.
    fn day<'c>(&mut self, key: &str, text: &'c str) -> Cow<'c, str> {
        if text.is_empty() || days::parse(text).is_some() {
            return Cow::Borrowed(text);
        }
        let Some((year, month)) = parse_month(text)
            .ok()
            .filter(|date| date.day.is_none() && !date.ambiguous)
            .and_then(|date| Some((date.year, u32::from(date.month?))))
        else {
            return Cow::Borrowed(text);
        };
        self.held.months += 1;
        // Who died in a month lived at most until its end, and what a roster says holds until the end of the month.
        let last = key == "until" || (key == "date" && self.input.kind.name == "deceased");
        let day = if last {
            (28..=31).rev().find_map(|day| days::day(year, month, day))
        } else {
            days::day(year, month, 1)
        };
        day.map_or(Cow::Borrowed(text), |day| Cow::Owned(days::text(day)))
    }

    /// A row of data: its cells in the order of the kind's columns.
    fn push(&mut self, number: u32, cells: &[&str], lossy: &[Field]) {
        let line = self.desk.places.number(number);
        let mut own = [""; MOST];
        for (value, present) in own.iter_mut().zip(&self.present) {
            let cell = present.column.map_or("", |column| cells[column]);
            *value = if cell.is_empty() { present.fixed } else { cell };
            if present.field == Field::Scheme && !self.input.source.schemes.is_empty() {
                *value = self.input.source.schemes.get(value.trim()).map_or(*value, String::as_str);
            }
        }
        let own = &own[..self.present.len().min(MOST)];
        self.held.rows += 1;
        let full = self.stager.push(line, own);
        let identified = self.settle(line, lossy);
        if let Some(likeness) = self.desk.likeness.as_deref_mut() {
            likeness.note(self.input, line, cells, own, &self.fields, identified);
        }
        if let Some(batch) = full {
            self.hand_on(batch);
        }
        if self.held.rows.is_multiple_of(TOLD_EVERY) {
            self.tell();
        }
    }

    /// Files what could not be read in the row just pushed. Whether its person's id could be.
    fn settle(&mut self, line: u32, lossy: &[Field]) -> bool {
        let mut identified = self.present.iter().any(|present| present.field == Field::Person);
        for problem in self.stager.problems.drain(..) {
            identified &= problem.field != Field::Person;
            if !lossy.contains(&problem.field) {
                let reason = Reason::of(&problem.reason);
                self.desk.problems.add(self.number, Problem { line, field: problem.field, reason });
            }
        }
        for field in lossy.iter().filter(|field| self.present.iter().any(|own| own.field == **field)) {
            self.desk.problems.add(self.number, Problem { line, field: *field, reason: Reason::Lossy });
        }
        // A table of bodies has no persons to miss.
        let of_persons = self.input.kind.heading("person").is_some();
        self.held.without_id += u64::from(of_persons && !identified);
        identified
    }

    fn flush(&mut self) {
        let batch = self.stager.take();
        if batch.rows() > 0 {
            self.hand_on(batch);
        }
    }

    fn hand_on(&mut self, mut batch: Batch) {
        batch.first_row = self.first_row;
        self.first_row += batch.rows() as u64;
        (self.take)(&batch);
    }

    fn tell(&mut self) {
        let progress = Progress { source: &self.input.source.name, rows: self.held.rows };
        if (self.desk.watch)(progress).is_break() {
            self.fault = Some(Fault::Stopped);
        }
    }
}

/// What is read of a roster, and of a ledger beyond what the plan asks for.
pub(crate) fn roster_fields(side: Side) -> &'static [Field] {
    match side {
        Side::Roster => {
            &[Field::Person, Field::Name, Field::Date, Field::Until, Field::Area, Field::Note, Field::Owner]
        }
        Side::Ledger => &[],
    }
}
