use crate::{
    Event, Ignored, IgnoredReason, Layout, Limits, OpenError, Row, SheetSummary, Taker,
    classify::{Seen, classify},
    error::ClosestHeader,
    header::{self, Found, Header, HeaderCell, Kept, WINDOW},
    layout::{Headings, heading},
    merges::Merges,
    row::{Cell, Places, Value},
};
use std::{ops::ControlFlow, sync::Arc};

/// Blank rows are told one by one up to this many in a run; a longer run is told once.
const BLANKS_TOLD: u32 = 100;

/// Columns a layout may have whose lines are offered as they stand.
const MOST_OFFERED: usize = 48;

/// What all sheets of a file share.
pub(crate) struct Reading<'a> {
    pub layouts: &'a [Layout],
    pub known: Vec<Headings>,
    pub limits: &'a Limits,
    pub taker: &'a mut dyn Taker,
    pub sheets: Vec<SheetSummary>,
    /// Sheets that hold something but no header.
    pub without_header: Vec<ClosestHeader>,
    rows: u64,
}

/// Whether to go on: the caller may stop, and a sheet without a header is left early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Go {
    On,
    LeaveSheet,
    Stop,
}

impl<'a> Reading<'a> {
    pub fn new(layouts: &'a [Layout], limits: &'a Limits, taker: &'a mut dyn Taker) -> Self {
        let known = layouts.iter().map(Headings::new).collect();
        Self { layouts, known, limits, taker, sheets: vec![], without_header: vec![], rows: 0 }
    }

    fn tell(&mut self, event: Event<'_>) -> Go {
        match self.taker.event(event) {
            ControlFlow::Continue(()) => Go::On,
            ControlFlow::Break(()) => Go::Stop,
        }
    }
}

/// Turns the rows of one sheet into events, whatever file they come from. Holds at most the header window, the open
/// merges and the carried values.
pub(crate) struct Sheet<'r, 'a> {
    reading: &'r mut Reading<'a>,
    name: Arc<str>,
    merges: Merges,
    state: State,
    last_row: u32,
    summary: SheetSummary,
}

enum State {
    Looking(Vec<Kept>),
    Reading(Box<Body>),
}

/// What is known of a sheet once its header is found.
struct Body {
    places: Arc<Places>,
    /// Per column of the sheet: its heading (both readings of a double header), and its column of the layout.
    columns: Vec<Known>,
    /// Columns of the layout that carry, outer first, with what was last written there.
    carried: Vec<(usize, Option<Value>)>,
    /// How many required columns a row fills itself.
    required: usize,
}

#[derive(Default, Clone)]
struct Known {
    heading: String,
    column: Option<usize>,
    required: bool,
    /// 序号: nobody's data.
    serial: bool,
}

impl<'r, 'a> Sheet<'r, 'a> {
    pub fn new(reading: &'r mut Reading<'a>, name: &str, merges: Merges) -> Self {
        let summary = SheetSummary { name: name.to_owned(), ..SheetSummary::default() };
        let state = State::Looking(Vec::new());
        Self { reading, name: name.into(), merges, state, last_row: 0, summary }
    }

    /// Takes one row: its cells from left to right, blank ones left out. `number` is 1-based.
    pub fn row(&mut self, number: u32, cells: Vec<Cell>) -> Result<Go, OpenError> {
        self.record(number, number, cells)
    }

    /// Takes a record that runs over the lines `number` to `last`.
    pub fn record(&mut self, number: u32, last: u32, mut cells: Vec<Cell>) -> Result<Go, OpenError> {
        cells.retain(|cell| !cell.raw.chars().all(invisible));
        if cells.is_empty() {
            return Ok(Go::On);
        }
        self.check(number, &cells)?;
        let kept = Kept { number, last, cells };
        match &mut self.state {
            State::Looking(window) => {
                window.push(kept);
                if window.len() == WINDOW { Ok(self.settle()) } else { Ok(Go::On) }
            }
            State::Reading(_) => Ok(self.body(kept)),
        }
    }

    /// Offers a record that stands on one line without quotation marks to the taker. `None`: it must go the usual way.
    pub fn line(&mut self, number: u32, text: &str, separator: char) -> Result<Option<Go>, OpenError> {
        let State::Reading(body) = &self.state else { return Ok(None) };
        let count = body.places.at.len();
        if !body.carried.is_empty() || count > MOST_OFFERED {
            return Ok(None);
        }
        let mut cells = [""; MOST_OFFERED];
        for (cell, known) in text.split(separator).zip(&body.columns) {
            if let Some(column) = known.column {
                cells[column] = cell;
            }
        }
        if !self.reading.taker.line(number, &cells[..count]) {
            return Ok(None);
        }
        self.count()?;
        self.summary.data_rows += 1;
        Ok(Some(self.blanks(number, number)))
    }

    /// Ends the sheet and files its summary.
    pub fn finish(mut self) -> Go {
        let go = if matches!(self.state, State::Looking(_)) { self.settle() } else { Go::On };
        self.reading.sheets.push(self.summary);
        if go == Go::Stop { Go::Stop } else { Go::On }
    }

    fn count(&mut self) -> Result<(), OpenError> {
        self.summary.rows_read += 1;
        self.reading.rows += 1;
        let limits = self.reading.limits;
        if self.reading.rows > limits.max_rows {
            return Err(OpenError::TooLarge {
                part: "行数",
                limit: format!("{} 行", limits.max_rows),
                place: None,
            });
        }
        Ok(())
    }

    fn check(&mut self, number: u32, cells: &[Cell]) -> Result<(), OpenError> {
        self.count()?;
        let limits = self.reading.limits;
        match cells.iter().find(|cell| {
            cell.raw.len() > limits.max_cell_chars && cell.raw.chars().count() > limits.max_cell_chars
        }) {
            Some(cell) => Err(too_long(limits, &format!("{}{number}", crate::row::letter(cell.index)))),
            None => Ok(()),
        }
    }

    /// The window is full or the sheet ended: decide where the header is and deal with the rows kept so far.
    fn settle(&mut self) -> Go {
        let State::Looking(window) = &mut self.state else { return Go::On };
        let window = std::mem::take(window);
        let (layouts, known) = (self.reading.layouts, &self.reading.known);
        let Some(found) = header::find(&window, &self.merges, layouts, known) else {
            if !window.is_empty() {
                self.reading.without_header.push(header::closest(&self.name, &window, layouts, known));
            }
            return Go::LeaveSheet;
        };
        self.summary.header_found = true;
        let (at, rows) = (found.at, found.rows);
        let mut title = Vec::new();
        for kept in &window[..at] {
            title.push(joined(&kept.cells));
            let go = self.ignore(kept, IgnoredReason::Title);
            if go != Go::On {
                return go;
            }
        }
        let go = self.open(&window, found, title.join("\n"));
        if go != Go::On {
            return go;
        }
        for kept in window.into_iter().skip(at + rows) {
            let go = self.body(kept);
            if go != Go::On {
                return go;
            }
        }
        Go::On
    }

    fn open(&mut self, window: &[Kept], found: Found, title_text: String) -> Go {
        let layout = &self.reading.layouts[found.layout];
        let (row, last_row) = (window[found.at].number, window[found.at + found.rows - 1].last);
        let missing = layout.columns.iter().zip(&found.places);
        let missing = missing.filter(|(column, place)| column.required && place.is_none());
        let missing = missing.map(|(column, _)| column.key).collect();
        let places = Arc::new(Places::new(layout, found.places));
        let lower = (found.rows == 2).then(|| &window[found.at + 1].cells);
        self.state = State::Reading(Box::new(Body::new(layout, places, &found.cells, lower)));
        self.merges.skip_through(last_row - 1);
        let go = self.blanks(row, last_row);
        if go != Go::On {
            return go;
        }
        let header = Header {
            layout: found.layout,
            sheet: self.name.to_string(),
            row,
            last_row,
            columns: found.cells,
            missing,
            title_text,
        };
        self.reading.tell(Event::Header(&header))
    }

    /// One row below the header.
    fn body(&mut self, kept: Kept) -> Go {
        let (number, last) = (kept.number, kept.last);
        let filled = self.merges.filled(number - 1, &kept.cells);
        let State::Reading(body) = &mut self.state else { return Go::On };
        if let Some(reason) = body.judge(&kept.cells, &filled) {
            return self.ignore(&kept, reason);
        }
        let values = body.values(kept.cells, filled);
        let row = Row { sheet: self.name.clone(), number, places: body.places.clone(), values };
        let go = self.blanks(number, last);
        if go != Go::On {
            return go;
        }
        self.summary.data_rows += 1;
        self.reading.tell(Event::Row(row))
    }

    fn ignore(&mut self, kept: &Kept, reason: IgnoredReason) -> Go {
        let go = self.blanks(kept.number, kept.last);
        if go != Go::On {
            return go;
        }
        self.ignored(kept.number, reason, joined(&kept.cells))
    }

    fn ignored(&mut self, number: u32, reason: IgnoredReason, text: String) -> Go {
        let sheet = self.name.clone();
        self.reading.tell(Event::Ignored(Ignored { sheet, number, reason, text }))
    }

    /// Tells the blank rows between the last row told and this one, which ends at `end`.
    fn blanks(&mut self, number: u32, end: u32) -> Go {
        let (first, last) = (self.last_row + 1, number.saturating_sub(1));
        self.last_row = self.last_row.max(end);
        if first + BLANKS_TOLD <= last {
            return self.ignored(first, IgnoredReason::Blank, format!("第 {first} 行至第 {last} 行为空行"));
        }
        for number in first..=last {
            let go = self.ignored(number, IgnoredReason::Blank, String::new());
            if go != Go::On {
                return go;
            }
        }
        Go::On
    }
}

/// Nothing a clerk can see.
fn invisible(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

pub(crate) fn too_long(limits: &Limits, place: &str) -> OpenError {
    let limit = format!("{} 个字", limits.max_cell_chars);
    OpenError::TooLarge { part: "单元格内容", limit, place: Some(place.to_owned()) }
}

/// What a row says, shortened, for the report to the clerk.
fn joined(cells: &[Cell]) -> String {
    let words = cells.iter().flat_map(|cell| cell.raw.split_whitespace());
    let mut text = String::new();
    let mut count = 0;
    for word in words {
        if !text.is_empty() {
            text.push(' ');
        }
        let room = 200usize.saturating_sub(count);
        text.extend(word.chars().take(room));
        count += word.chars().take(room + 1).count() + 1;
        if count > 200 {
            return text + "…";
        }
    }
    text
}

impl Body {
    fn new(layout: &Layout, places: Arc<Places>, cells: &[HeaderCell], lower: Option<&Vec<Cell>>) -> Self {
        let mut columns: Vec<Known> = Vec::new();
        for cell in cells {
            if columns.len() <= cell.index {
                columns.resize(cell.index + 1, Known::default());
            }
            let shown = lower.and_then(|lower| lower.iter().find(|below| below.index as usize == cell.index));
            let text = heading(shown.map_or(cell.heading.as_str(), |below| below.raw.as_str()));
            columns[cell.index].serial = matches!(text.as_str(), "序号" | "序列号" | "no" | "行号");
            columns[cell.index].heading = text;
        }
        for (column, place) in places.at.iter().enumerate() {
            if let Some(known) = place.and_then(|place| columns.get_mut(place as usize)) {
                known.column = Some(column);
                known.required = layout.columns[column].required;
            }
        }
        let carried: Vec<_> = layout
            .carry
            .iter()
            .filter_map(|key| layout.columns.iter().position(|column| column.key == *key))
            .map(|column| (column, None))
            .collect();
        let required = |carry: bool| {
            let carries = |column: usize| carried.iter().any(|(carried, _)| *carried == column);
            let found = columns.iter().filter(|known| known.required);
            found.filter(|known| carry || known.column.is_some_and(|column| !carries(column))).count()
        };
        let required = match required(false) {
            0 => required(true),
            own => own,
        };
        Self { places, columns, carried, required }
    }

    fn judge(&self, own: &[Cell], filled: &[Cell]) -> Option<IgnoredReason> {
        let blank = Known::default();
        let seen: Vec<_> = own
            .iter()
            .map(|cell| {
                let known = self.columns.get(cell.index as usize).unwrap_or(&blank);
                Seen {
                    raw: &cell.raw,
                    heading: &known.heading,
                    known: known.column.is_some() && !known.serial,
                    required: known.required,
                }
            })
            .collect();
        let from_above = filled
            .iter()
            .filter(|cell| self.columns.get(cell.index as usize).is_some_and(|known| known.required));
        classify(&seen, self.required, from_above.count())
    }

    /// The row's values in the order of the layout, with merged and carried ones.
    fn values(&mut self, own: Vec<Cell>, filled: Vec<Cell>) -> Vec<Option<Value>> {
        let mut values = vec![None; self.places.at.len()];
        for (cells, above) in [(filled, true), (own, false)] {
            for cell in cells {
                if let Some(column) = self.columns.get(cell.index as usize).and_then(|known| known.column) {
                    let value = Value::own(cell);
                    values[column] = Some(if above { value.repeated() } else { value });
                }
            }
        }
        let mut outer_changed = false;
        for (column, last) in &mut self.carried {
            match &values[*column] {
                Some(value) => {
                    outer_changed |= last.as_ref().is_some_and(|last| last.text != value.text);
                    *last = Some(value.clone());
                }
                None if outer_changed => *last = None,
                None => values[*column] = last.as_ref().map(Value::repeated),
            }
        }
        values
    }
}
