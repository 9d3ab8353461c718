//! Everything that was noticed, row by row: on a page, and as a workbook to mend the files by.

use super::{PageQuery, Problem, Report, Severity, cut, find_report, shell, tabs};
use crate::web::{App, PageError, Viewer};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::header,
    response::{Html, IntoResponse, Response},
};
use daylight_tables::export_guard;
use daylight_ui::{Chips, Drawing, Empty, Html as Markup, Pagination, Table, Tag};
use rust_xlsxwriter::{Format, FormatAlign, Workbook, XlsxError};
use serde::Deserialize;

const SIZE: usize = 50;

/// Which problems.
#[derive(Deserialize, Default)]
pub struct Show {
    #[serde(default)]
    show: String,
    #[serde(default)]
    page: Option<u64>,
}

impl Show {
    fn severity(&self) -> Option<Severity> {
        SEVERITIES.into_iter().find(|(code, _)| *code == self.show).map(|(_, severity)| severity)
    }
}

const SEVERITIES: [(&str, Severity); 3] =
    [("error", Severity::Error), ("warning", Severity::Warning), ("note", Severity::Note)];

#[derive(Template)]
#[template(path = "imports/templates/problems.html")]
struct Page {
    tabs: Markup,
    chips: Chips,
    list: Markup,
    pages: Pagination,
    download: Option<String>,
}

/// GET /office/imports/{id}/problems
pub async fn page(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(query): Query<Show>,
) -> Result<Html<String>, PageError> {
    let (line, report) = find_report(&app, &viewer, id).await?;
    let shown: Vec<_> = chosen(&report, query.severity()).collect();
    let base = format!("/office/imports/{id}/problems");
    let download = (!shown.is_empty()).then(|| format!("{base}.xlsx?show={}", code(query.severity())));
    let number = PageQuery { page: query.page }.number();
    let (here, pages) =
        cut(shown, number, SIZE, |page| format!("{base}?show={}&page={page}", code(query.severity())));
    let body = Page {
        tabs: tabs(&line, &report, "problems"),
        chips: chips(&report, query.severity(), &base),
        list: list(&here),
        pages,
        download,
    };
    let shell = shell(&app, &viewer, id, "问题").await?;
    Ok(Html(daylight_ui::page(&shell, &body.render()?)))
}

fn code(severity: Option<Severity>) -> &'static str {
    SEVERITIES.into_iter().find(|(_, known)| Some(*known) == severity).map_or("", |(code, _)| code)
}

fn chosen(report: &Report, severity: Option<Severity>) -> impl Iterator<Item = &Problem> {
    report.problems().filter(move |problem| severity.is_none_or(|severity| problem.severity == severity))
}

fn chips(report: &Report, on: Option<Severity>, base: &str) -> Chips {
    let count = |severity| i64::try_from(chosen(report, severity).count()).ok();
    let mut chips = Chips::new("程度").chip("全部", base, on.is_none(), count(None));
    for (code, severity) in SEVERITIES {
        let href = format!("{base}?show={code}");
        chips = chips.chip(severity.page(), href, on == Some(severity), count(Some(severity)));
    }
    chips
}

fn list(problems: &[&Problem]) -> Markup {
    if problems.is_empty() {
        return Empty::new(Drawing::Sun, "没有这类问题").into();
    }
    let columns = ["位置", "列", "原内容", "程度", "问题", "怎么改"];
    let mut table = Table::new("逐行问题", columns.map(Into::into)).caption_hidden().dense();
    for problem in problems {
        let mark = match problem.severity {
            Severity::Error => Tag::bad(problem.severity.page()),
            Severity::Warning | Severity::Note => Tag::neutral(problem.severity.page()),
        };
        let cells: [Markup; 6] = [
            place(problem).into(),
            problem.column.as_str().into(),
            problem.value.as_str().into(),
            mark.into(),
            problem.message.as_str().into(),
            problem.remedy.as_str().into(),
        ];
        table.push(cells, problem.severity == Severity::Error);
    }
    table.into()
}

/// "干部名册.xlsx 在职干部 第12行".
fn place(problem: &Problem) -> String {
    let row = if problem.row == 0 { "整个文件".to_owned() } else { format!("第{}行", problem.row) };
    [problem.file.as_str(), problem.sheet.as_str(), row.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// GET /office/imports/{id}/problems.xlsx
pub async fn workbook(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(query): Query<Show>,
) -> Result<Response, PageError> {
    let (_, report) = find_report(&app, &viewer, id).await?;
    let severity = query.severity();
    let bytes = tokio::task::spawn_blocking(move || write(chosen(&report, severity)));
    let bytes = bytes.await.map_err(PageError::internal)?.map_err(PageError::internal)?;
    Ok(download(&format!("problems-{id}.xlsx"), XLSX, bytes))
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A file to be saved, not shown.
pub(super) fn download(name: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response()
}

/// A workbook to be saved.
pub(super) fn download_workbook(name: &str, bytes: Vec<u8>) -> Response {
    download(name, XLSX, bytes)
}

fn write<'a>(problems: impl Iterator<Item = &'a Problem>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("问题清单")?;
    let head = Format::new().set_bold();
    let text = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let columns = [
        ("文件", 20),
        ("工作表", 12),
        ("行", 8),
        ("列", 20),
        ("原内容", 28),
        ("程度", 10),
        ("问题", 36),
        ("怎么改", 36),
    ];
    for (at, (title, width)) in (0u16..).zip(columns) {
        sheet.set_column_width(at, width)?;
        sheet.write_with_format(0, at, title, &head)?;
    }
    for (row, problem) in (1u32..).zip(problems) {
        sheet.write_number(row, 2, problem.row)?;
        let cells = [
            (0, &problem.file),
            (1, &problem.sheet),
            (3, &problem.column),
            (4, &problem.value),
            (6, &problem.message),
            (7, &problem.remedy),
        ];
        for (at, cell) in cells {
            sheet.write_string_with_format(row, at, export_guard(cell), &text)?;
        }
        sheet.write_string(row, 5, problem.severity.page())?;
    }
    sheet.set_freeze_panes(1, 0)?;
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_the_workbook_is_a_formula() {
        let problem = Problem {
            file: "干部.csv".into(),
            sheet: String::new(),
            row: 7,
            column: "A 姓名".into(),
            value: "=HYPERLINK(\"http://x\")".into(),
            severity: Severity::Error,
            code: "x".into(),
            message: "m".into(),
            remedy: "r".into(),
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("problems.xlsx");
        std::fs::write(&path, write([problem].iter()).unwrap()).unwrap();
        let column = |key, title| daylight_tables::Column { key, title, synonyms: vec![], required: true };
        let layout = daylight_tables::Layout {
            kind: "problems",
            title: "问题",
            columns: vec![column("file", "文件"), column("value", "原内容"), column("row", "行")],
            carry: vec![],
            said: vec![],
        };
        let all = daylight_tables::read_all(&path, &[layout], &daylight_tables::Limits::default()).unwrap();
        assert_eq!(all.rows[0].text("value"), "'=HYPERLINK(\"http://x\")");
        assert_eq!(all.rows[0].text("row"), "7");
    }
}
