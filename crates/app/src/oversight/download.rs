//! The figures as a file, the same as on the page.

use super::{
    Figure, Money, Period,
    page::{few, shown},
    store,
};
use crate::{
    organs,
    web::{App, Asked, PageError, Word},
};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use daylight_tables::export_guard;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// The media type of a workbook.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// GET /oversight/figures.csv?period= and .xlsx
pub async fn public(State(app): State<App>, Word(file): Word, asked: Asked) -> Result<Response, PageError> {
    let c = app.db.read();
    let at = store::counted_at(c).await?.unwrap_or_else(|| app.clock.now());
    let period = Period::parse(asked.text("period")).unwrap_or_else(|| Period::year_of(at));
    let lines = organs::store::list(c).await?;
    let shown = shown(&lines, &store::counts(c, period).await?, &store::money(c, period).await?);
    let mut rows = vec![["时间", "纪检组织", "数字", "件数", "怎么算"].map(str::to_owned).to_vec()];
    let county = [("全县".to_owned(), shown.county, shown.money)];
    for (name, cells, money) in county.into_iter().chain(shown.organs) {
        for way in Money::ALL {
            let sum = money.get(&way).map_or_else(few, |fen| super::money::yuan(*fen));
            rows.push(vec![period.page(), name.clone(), way.page().into(), sum, way.text().into()]);
        }
        for figure in Figure::ALL {
            let n = cells.get(&figure).map(|cell| cell.page()).unwrap_or_default();
            rows.push(vec![period.page(), name.clone(), figure.page().into(), n, figure.text().into()]);
        }
    }
    match file.as_str() {
        "figures.csv" => csv(&rows),
        "figures.xlsx" => attachment(workbook(&rows).map_err(PageError::internal)?, XLSX, "figures.xlsx"),
        _ => Err(PageError::NotFound),
    }
}

fn csv(rows: &[Vec<String>]) -> Result<Response, PageError> {
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    for row in rows {
        writer.write_record(row.iter().map(|cell| export_guard(cell))).map_err(PageError::internal)?;
    }
    let bytes = writer.into_inner().map_err(|error| PageError::internal(error.into_error()))?;
    attachment(bytes, "text/csv; charset=utf-8", "figures.csv")
}

/// A count, or a sum with two decimals; what begins with a nought is a number of something, and stays text.
fn number(cell: &str) -> Option<f64> {
    let (whole, rest) = cell.split_once('.').unwrap_or((cell, "00"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = digits(whole) && whole.len() < 13 && digits(rest) && rest.len() == 2;
    (fits && (whole == "0" || !whole.starts_with('0'))).then(|| cell.parse().ok()).flatten()
}

/// The same where nothing is a number: order numbers, names, texts.
pub(crate) fn xlsx_of_text(rows: &[Vec<String>], name: &str) -> Result<Response, PageError> {
    attachment(sheet(rows, |_| None).map_err(PageError::internal)?, XLSX, name)
}

/// A workbook of one sheet: the first row is its head. Everything else is text or a number, and nothing is a formula.
pub(super) fn workbook(rows: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    sheet(rows, number)
}

fn sheet(rows: &[Vec<String>], number: impl Fn(&str) -> Option<f64>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let bold = Format::new().set_bold();
    for (at, row) in (0u32..).zip(rows) {
        for (column, cell) in (0u16..).zip(row) {
            let text = export_guard(cell);
            match at {
                0 => sheet.write_string_with_format(at, column, &text, &bold)?,
                _ => match number(cell) {
                    Some(n) => sheet.write_number(at, column, n)?,
                    None => sheet.write_string(at, column, &text)?,
                },
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofit();
    book.save_to_buffer()
}

pub(super) fn attachment(bytes: Vec<u8>, kind: &str, name: &str) -> Result<Response, PageError> {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, bytes).into_response())
}

pub(crate) fn xlsx(rows: &[Vec<String>], name: &str) -> Result<Response, PageError> {
    attachment(workbook(rows).map_err(PageError::internal)?, XLSX, name)
}
