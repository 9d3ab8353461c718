use crate::{
    Limits, OpenError, SheetSummary, guard,
    merges::Merges,
    number,
    row::Cell,
    sheet::{Go, Reading, Sheet},
};
use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use std::{fs::File, io::BufReader};

/// Reads a zipped workbook, sheet by sheet and cell by cell.
pub(crate) fn read(mut file: File, limits: &Limits, reading: &mut Reading<'_>) -> Result<(), OpenError> {
    let mut inspected = guard::inspect(&mut file, limits)?;
    let mut book = Xlsx::new(BufReader::new(file)).map_err(open_error)?;
    let sheets = book.sheets_metadata().to_vec();
    if sheets.len() > limits.max_sheets {
        let limit = format!("{} 个", limits.max_sheets);
        return Err(OpenError::TooLarge { part: "工作表数目", limit, place: None });
    }
    let is_1904 = book.has_1904_epoch();
    for sheet in sheets {
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        if sheet.visible != SheetVisible::Visible {
            let summary = SheetSummary { name: sheet.name, hidden: true, ..SheetSummary::default() };
            reading.sheets.push(summary);
            continue;
        }
        let merges = Merges::new(inspected.merges(&sheet.name));
        let source = Source { book: &mut book, limits, is_1904 };
        if source.sheet(&sheet.name, Sheet::new(reading, &sheet.name, merges))? == Go::Stop {
            break;
        }
    }
    Ok(())
}

struct Source<'b> {
    book: &'b mut Xlsx<BufReader<File>>,
    limits: &'b Limits,
    is_1904: bool,
}

impl Source<'_> {
    fn sheet(self, name: &str, mut sheet: Sheet<'_, '_>) -> Result<Go, OpenError> {
        let mut cells = self.book.worksheet_cells_reader(name).map_err(|error| in_sheet(name, error))?;
        let mut row: Vec<Cell> = Vec::new();
        let mut number = 0u32;
        while let Some(next) = cells.next_cell().map_err(|error| in_sheet(name, error))? {
            let (at, index) = next.get_position();
            if at + 1 != number && !row.is_empty() {
                match sheet.row(number, std::mem::take(&mut row))? {
                    Go::On => {}
                    Go::LeaveSheet => return Ok(sheet.finish()),
                    Go::Stop => {
                        sheet.finish();
                        return Ok(Go::Stop);
                    }
                }
            }
            if at + 1 < number {
                return Err(in_sheet(name, format!("第 {} 行排在第 {number} 行之后", at + 1)));
            }
            number = at + 1;
            // Past the last column allowed one cell is kept, so that a stray row is still told.
            if (index as usize) < self.limits.max_columns || row.is_empty() {
                put(&mut row, cell(index, next.get_value(), self.is_1904));
            }
        }
        if !row.is_empty() && sheet.row(number, row)? == Go::Stop {
            sheet.finish();
            return Ok(Go::Stop);
        }
        Ok(sheet.finish())
    }
}

/// Keeps a row in order with one cell to a column, whatever the file does.
fn put(row: &mut Vec<Cell>, cell: Option<Cell>) {
    let Some(cell) = cell else { return };
    if row.last().is_none_or(|last| last.index < cell.index) {
        row.push(cell);
    } else {
        match row.binary_search_by_key(&cell.index, |other| other.index) {
            Ok(at) => row[at] = cell,
            Err(at) => row.insert(at, cell),
        }
    }
}

/// What stands in a cell; nothing for an empty one.
fn cell(index: u32, value: &DataRef<'_>, is_1904: bool) -> Option<Cell> {
    let text = |raw: String| Some(Cell { index, raw, ..Cell::default() });
    match value {
        DataRef::Empty => None,
        DataRef::String(raw) => text(raw.clone()),
        DataRef::SharedString(raw) => text((*raw).to_owned()),
        DataRef::Int(value) => Some(number::integer(index, *value)),
        DataRef::Float(value) => Some(number::float(index, *value)),
        DataRef::Bool(value) => text(if *value { "TRUE" } else { "FALSE" }.to_owned()),
        DataRef::DateTime(date) => Some(number::date(index, date, is_1904)),
        DataRef::DateTimeIso(raw) | DataRef::DurationIso(raw) => text(raw.replace('T', " ")),
        DataRef::Error(error) => text(error.to_string()),
    }
}

fn in_sheet(name: &str, error: impl std::fmt::Display) -> OpenError {
    OpenError::Damaged(format!("工作表“{name}”：{error}"))
}

fn open_error(error: XlsxError) -> OpenError {
    match error {
        XlsxError::Password => OpenError::Encrypted,
        other => OpenError::Damaged(other.to_string()),
    }
}
