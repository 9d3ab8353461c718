use crate::Layout;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

/// Why a template could not be written: more columns or longer texts than a workbook takes.
#[derive(Debug, thiserror::Error)]
#[error("生成模板失败：{0}")]
pub struct TemplateError(#[from] XlsxError);

/// An empty workbook for a layout, to download and fill in: the header with the first row frozen, example rows below
/// it in the order of the columns, and a second sheet 填写说明 with each column, whether it is needed and what other
/// headings are accepted. Cells are formatted as text, so ids keep their digits.
///
/// # Errors
/// [`TemplateError`] when a text is longer than a cell takes.
pub fn template(layout: &Layout, example_rows: &[Vec<String>]) -> Result<Vec<u8>, TemplateError> {
    let mut book = Workbook::new();
    fill_in(layout, example_rows, book.add_worksheet())?;
    explain(layout, book.add_worksheet())?;
    Ok(book.save_to_buffer()?)
}

fn heading() -> Format {
    Format::new()
        .set_bold()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
        .set_border(FormatBorder::Thin)
        .set_background_color(Color::RGB(0xF2F2F2))
}

fn fill_in(layout: &Layout, example_rows: &[Vec<String>], sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name(sheet_name(layout.title))?;
    let text = Format::new().set_num_format("@").set_text_wrap().set_align(FormatAlign::Top);
    for (index, column) in (0u16..).zip(&layout.columns) {
        let widest =
            example_rows.iter().filter_map(|row| row.get(usize::from(index))).map(|cell| wide(cell)).max();
        let width = widest.unwrap_or(0).max(wide(column.title) + 2).clamp(8, 40);
        sheet.set_column_width(index, width as f64)?;
        sheet.set_column_format(index, &text)?;
        sheet.write_with_format(0, index, column.title, &heading())?;
    }
    for (number, row) in (1u32..).zip(example_rows) {
        for (index, cell) in (0u16..).zip(row) {
            sheet.write_string_with_format(number, index, cell, &text)?;
        }
    }
    sheet.set_row_height(0, 28)?;
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn explain(layout: &Layout, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name("填写说明")?;
    let wrap = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (index, (title, width)) in
        (0u16..).zip([("栏目", 24), ("是否必须有这一栏", 18), ("也认得这些写法", 48), ("填法", 40)])
    {
        sheet.set_column_width(index, width)?;
        sheet.write_with_format(0, index, title, &heading())?;
    }
    for (number, column) in (1u32..).zip(&layout.columns) {
        let carry = layout.carry.contains(&column.key);
        sheet.write_with_format(number, 0, column.title, &wrap)?;
        sheet.write_with_format(number, 1, if column.required { "必须有" } else { "可以没有" }, &wrap)?;
        sheet.write_with_format(number, 2, column.synonyms.join("、"), &wrap)?;
        sheet.write_with_format(
            number,
            3,
            if carry { "同一组可只填首行，或合并单元格" } else { "" },
            &wrap,
        )?;
    }
    let below = layout.columns.len() as u32 + 2;
    sheet.write(below, 0, "说明：示例行请删除后填写；证件号码、代码请保持文本格式，不要改成数字。")?;
    Ok(())
}

/// Excel takes 31 characters and none of `[]:*?/\`.
fn sheet_name(title: &str) -> String {
    let name: String =
        title.chars().filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'')).collect();
    let name: String = name.chars().take(31).collect();
    if name.is_empty() || name == "填写说明" { "填写".to_owned() } else { name }
}

/// Width in Latin letters; Chinese ones are twice as wide.
fn wide(text: &str) -> usize {
    text.lines()
        .map(|line| line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>())
        .max()
        .unwrap_or(0)
        + 1
}
