//! The results as a workbook: what was compared, hits, their rows, what could not be read.

use crate::masks::Masks;
use crate::outcome::{Outcome, ReadInput, Shown, ShownEvidence, ShownRow};
use crate::run::Fault;
use daylight_matching::hits::Hit;
use daylight_tables::export_guard;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};
use std::sync::LazyLock;

/// Rows a sheet holds below its header, with some to spare.
const MOST_ROWS: usize = 1_000_000;
/// Problems shown; all of them are in the file of problems.
const MOST_PROBLEMS: usize = 10_000;

pub(super) fn of(outcome: &Outcome, masks: Masks) -> Result<Vec<u8>, Fault> {
    let all = outcome.hits.iter().chain(outcome.likely.iter().map(|own| &own.hit));
    let rows: usize = all.map(|hit: &Hit| hit.rows.len()).sum();
    if rows > MOST_ROWS {
        return Err(Fault::TooManyForWorkbook(rows));
    }
    write(outcome, masks).map_err(|error| Fault::Workbook(error.to_string()))
}

fn write(outcome: &Outcome, masks: Masks) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    about(outcome, masks, book.add_worksheet().set_name("说明")?)?;
    let (mut hits, mut rows) = (Worksheet::new(), Worksheet::new());
    head(hits.set_name("疑点")?, &HITS)?;
    head(rows.set_name("明细")?, &ROWS)?;
    let mut at = 1;
    for (number, hit) in (1..).zip(outcome.shown(masks)) {
        hit_row(outcome, &hit, &mut hits, number)?;
        for row in &hit.rows {
            detail_row(&hit, row, &mut rows, at)?;
            at += 1;
        }
    }
    book.push_worksheet(hits);
    book.push_worksheet(rows);
    unread(outcome, book.add_worksheet().set_name("无法识别")?)?;
    book.save_to_buffer()
}

static WRAPPED: LazyLock<Format> =
    LazyLock::new(|| Format::new().set_text_wrap().set_align(FormatAlign::Top));
static MONEY: LazyLock<Format> =
    LazyLock::new(|| Format::new().set_num_format("#,##0.00").set_align(FormatAlign::Top));

const HITS: [(&str, u16); 11] = [
    ("编号", 8),
    ("规则", 28),
    ("版本", 6),
    ("依据", 40),
    ("对象", 24),
    ("姓名", 12),
    ("笔数", 8),
    ("金额（元）", 14),
    ("不利于认定的情况", 40),
    ("其他可能的解释", 40),
    ("识别方式", 10),
];

const ROWS: [(&str, u16); 14] = [
    ("疑点编号", 8),
    ("台账文件", 24),
    ("工作表", 12),
    ("行", 8),
    ("对象", 24),
    ("姓名", 12),
    ("日期", 12),
    ("截止", 12),
    ("补贴项目", 20),
    ("金额（元）", 14),
    ("面积（亩）", 12),
    ("名册记录", 60),
    ("不利于认定的情况", 40),
    ("相似依据", 60),
];

fn head(sheet: &mut Worksheet, columns: &[(&str, u16)]) -> Result<(), XlsxError> {
    let format =
        Format::new().set_bold().set_border(FormatBorder::Thin).set_background_color(Color::RGB(0xF2F2F2));
    for (at, (title, width)) in (0u16..).zip(columns) {
        sheet.set_column_width(at, *width)?;
        sheet.write_with_format(0, at, *title, &format)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// Text that no spreadsheet takes for a formula.
fn text(sheet: &mut Worksheet, row: u32, column: u16, value: &str) -> Result<(), XlsxError> {
    if !value.is_empty() {
        let short: String = export_guard(value).chars().take(32_000).collect();
        sheet.write_string_with_format(row, column, short, &WRAPPED)?;
    }
    Ok(())
}

fn hundredths(sheet: &mut Worksheet, row: u32, column: u16, value: Option<i64>) -> Result<(), XlsxError> {
    if let Some(value) = value {
        sheet.write_number_with_format(row, column, value as f64 / 100.0, &MONEY)?;
    }
    Ok(())
}

fn hit_row(outcome: &Outcome, hit: &Shown, sheet: &mut Worksheet, at: u32) -> Result<(), XlsxError> {
    let rule = outcome.rules.iter().find(|rule| rule.id == hit.rule);
    sheet.write_number(at, 0, hit.number as f64)?;
    text(sheet, at, 1, rule.map_or(&hit.rule, |rule| &rule.title))?;
    sheet.write_number(at, 2, hit.version)?;
    text(sheet, at, 3, rule.map_or("", |rule| &rule.basis))?;
    text(sheet, at, 4, &hit.subject)?;
    text(sheet, at, 5, &hit.subject_name)?;
    sheet.write_number(at, 6, hit.rows.len() as f64)?;
    hundredths(sheet, at, 7, Some(hit.amount))?;
    text(sheet, at, 8, &hit.contrary.join("；"))?;
    text(sheet, at, 9, &rule.map_or_else(String::new, |rule| rule.explanations.join("；")))?;
    text(sheet, at, 10, if hit.by == "id" { "证件号" } else { "相似" })
}

fn detail_row(hit: &Shown, row: &ShownRow, sheet: &mut Worksheet, at: u32) -> Result<(), XlsxError> {
    sheet.write_number(at, 0, hit.number as f64)?;
    text(sheet, at, 1, &row.file)?;
    text(sheet, at, 2, &row.sheet)?;
    sheet.write_number(at, 3, row.line)?;
    for (column, value) in (4..).zip([&row.who, &row.name, &row.date, &row.until, &row.scheme]) {
        text(sheet, at, column, value)?;
    }
    hundredths(sheet, at, 9, row.amount)?;
    hundredths(sheet, at, 10, row.area)?;
    let evidence: Vec<String> = row.evidence.iter().map(evidence).collect();
    let more = row.evidence_rows as usize - row.evidence.len().min(row.evidence_rows as usize);
    let more = if more > 0 { format!("；另有{more}条") } else { String::new() };
    text(sheet, at, 11, &(evidence.join("；") + &more))?;
    text(sheet, at, 12, &row.contrary.join("；"))?;
    let says = row.likeness.as_ref().map_or_else(String::new, |own| {
        let each = own
            .fields
            .iter()
            .map(|field| format!("{}{}（{:+.1}）", field.field, field.agreement, field.bits));
        format!("可能性{:.1}%：{}", own.probability * 100.0, each.collect::<Vec<_>>().join("，"))
    });
    text(sheet, at, 13, &says)
}

fn evidence(own: &ShownEvidence) -> String {
    let sheet = if own.sheet.is_empty() { String::new() } else { format!("“{}”", own.sheet) };
    let until = if own.until.is_empty() { "今" } else { &own.until };
    let words = [own.name.as_str(), &own.owner, &own.note];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    format!("{}（{}{sheet}第{}行）{}至{until} {}", own.roster, own.file, own.line, own.from, words.join(" "))
}

fn about(outcome: &Outcome, masks: Masks, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_column_width(0, 28)?.set_column_width(1, 90)?;
    let mut lines: Vec<(String, String)> = vec![
        ("比对".into(), outcome.title.clone()),
        ("请注意".into(), "疑点不是结论。每一条都须由人核实，并听取当事人说明，才能作出处理。".into()),
        (
            "个人信息".into(),
            if masks == Masks::On {
                "已隐去部分字符"
            } else {
                "完整显示，请按保密要求保管，用后删除"
            }
            .into(),
        ),
        ("程序".into(), outcome.manifest.program.clone()),
        ("疑点校验值".into(), outcome.manifest.hits_sha256.clone()),
    ];
    for (title, inputs) in [("台账", &outcome.ledgers), ("名册", &outcome.rosters)] {
        lines.extend(inputs.iter().map(|own| (title.to_owned(), input(own))));
    }
    for own in &outcome.manifest.inputs {
        let source = &own.source;
        let said = format!(
            "{}；归属：{}；依据：{}；协议：{}；目的：{}；原始数据最多保存{}天；SHA-256 {}",
            own.file,
            source.owner,
            source.basis,
            source.agreement,
            source.purpose,
            source.retention_days,
            own.sha256
        );
        lines.push(("来源登记".into(), said));
    }
    for own in &outcome.rules {
        let amount = format!("{}.{:02}", own.amount / 100, own.amount.unsigned_abs() % 100);
        let likely =
            if own.likely > 0 { format!("，另有相似疑点{}条", own.likely) } else { String::new() };
        let said = format!(
            "{}（第{}版）：疑点{}条，涉及{}笔、{amount}元，其中{}条有不利于认定的情况{likely}",
            own.title, own.version, own.hits, own.rows, own.with_contrary
        );
        lines.push(("规则".into(), said));
    }
    if outcome.undated > 0 {
        lines.push((
            "未能判断".into(),
            format!("{}行在名册上有人，但没有日期，无法判断当时情况", outcome.undated),
        ));
    }
    for (at, (name, value)) in (0..).zip(&lines) {
        text(sheet, at, 0, name)?;
        text(sheet, at, 1, value)?;
    }
    Ok(())
}

fn input(own: &ReadInput) -> String {
    let held = &own.held;
    let mut said = format!("{}（{}）：{}行", own.source, own.file, held.rows);
    for (count, words) in [
        (held.without_id, "行没有有效的身份证号"),
        (held.left_out, "行是合计、签名或说明，未作数据"),
        (held.months, "处日期只有年月"),
        (held.hidden_sheets.len() as u64, "张隐藏的工作表未读"),
    ] {
        if count > 0 {
            said += &format!("，{count}{words}");
        }
    }
    said
}

fn unread(outcome: &Outcome, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    head(sheet, &[("文件", 24), ("工作表", 12), ("行", 8), ("栏目", 16), ("问题", 50)])?;
    let mut at = 1;
    for (input, own) in outcome.problems().take(MOST_PROBLEMS) {
        text(sheet, at, 0, &input.file)?;
        text(sheet, at, 1, &own.sheet)?;
        sheet.write_number(at, 2, own.line)?;
        text(sheet, at, 3, own.column)?;
        text(sheet, at, 4, own.reason.words())?;
        at += 1;
    }
    let more = outcome.problems_total().saturating_sub(u64::from(at) - 1);
    if more > 0 {
        text(sheet, at, 4, &format!("另有{more}处，见问题清单"))?;
    }
    Ok(())
}
