use crate::{
    Limits, OpenError, SheetSummary, compound,
    merges::{Merge, Merges},
    number,
    row::Cell,
    sheet::{Go, Reading, Sheet},
};
use calamine::{Data, Reader, SheetType, SheetVisible, Xls, XlsError};
use std::{
    fs::File,
    io::{Cursor, Read},
    panic::{AssertUnwindSafe, catch_unwind},
};

/// calamine reads old workbooks into memory whole.
const MAX_BYTES: u64 = 128 << 20;

/// Reads an Excel 97–2003 workbook.
pub(crate) fn read(file: File, limits: &Limits, reading: &mut Reading<'_>) -> Result<(), OpenError> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        let limit = format!("{}；请另存为 .xlsx", crate::error::Bytes(MAX_BYTES));
        return Err(OpenError::TooLarge { part: "旧版 .xls 文件", limit, place: None });
    }
    compound::inspect(&bytes, limits.max_sheets)?;
    // calamine indexes without asking in some places of this format; a broken file must not end the program.
    let book = catch_unwind(AssertUnwindSafe(|| Xls::new(Cursor::new(bytes))));
    let mut book: Xls<_> = match book {
        Ok(book) => book.map_err(open_error)?,
        Err(_) => return Err(OpenError::Damaged("旧版 .xls 的内部结构不完整".to_owned())),
    };
    for sheet in book.sheets_metadata().to_vec() {
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        if sheet.visible != SheetVisible::Visible {
            reading.sheets.push(SheetSummary { name: sheet.name, hidden: true, ..SheetSummary::default() });
            continue;
        }
        if one_sheet(&mut book, &sheet.name, limits, reading)? == Go::Stop {
            break;
        }
    }
    Ok(())
}

fn one_sheet(
    book: &mut Xls<Cursor<Vec<u8>>>,
    name: &str,
    limits: &Limits,
    reading: &mut Reading<'_>,
) -> Result<Go, OpenError> {
    let is_1904 = book.has_1904_epoch();
    let merges = book.merge_cells_by_sheet_name(name).map_err(open_error)?;
    let merges = merges.into_iter().filter(|range| range.start <= range.end).map(|range| Merge {
        first_row: range.start.0,
        first_column: range.start.1,
        last_row: range.end.0,
        last_column: range.end.1,
    });
    let mut sheet = Sheet::new(reading, name, Merges::new(merges.collect()));
    let range = book.worksheet_range(name).map_err(open_error)?;
    let (first_row, first_column) = range.start().unwrap_or((0, 0));
    for (number, values) in (first_row + 1..).zip(range.rows()) {
        let cells =
            (first_column..).zip(values).take_while(|(index, _)| (*index as usize) < limits.max_columns);
        let cells = cells.filter_map(|(index, value)| cell(index, value, is_1904)).collect();
        match sheet.row(number, cells)? {
            Go::On => {}
            Go::LeaveSheet => break,
            Go::Stop => {
                sheet.finish();
                return Ok(Go::Stop);
            }
        }
    }
    Ok(sheet.finish())
}

fn cell(index: u32, value: &Data, is_1904: bool) -> Option<Cell> {
    let text = |raw: String| Some(Cell { index, raw, ..Cell::default() });
    match value {
        Data::Empty => None,
        Data::String(raw) => text(raw.clone()),
        Data::Int(value) => Some(number::integer(index, *value)),
        Data::Float(value) => Some(number::float(index, *value)),
        Data::Bool(value) => text(if *value { "TRUE" } else { "FALSE" }.to_owned()),
        Data::DateTime(date) => Some(number::date(index, date, is_1904)),
        Data::DateTimeIso(raw) | Data::DurationIso(raw) => text(raw.replace('T', " ")),
        Data::Error(error) => text(error.to_string()),
        #[expect(unreachable_patterns, reason = "calamine may add kinds of cells")]
        _ => None,
    }
}

fn open_error(error: XlsError) -> OpenError {
    match error {
        XlsError::Password => OpenError::Encrypted,
        other => OpenError::Damaged(other.to_string()),
    }
}
