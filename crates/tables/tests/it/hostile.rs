use super::*;
use rust_xlsxwriter::Workbook;
use std::io::{Cursor, Write};
use zip::{ZipWriter, write::SimpleFileOptions};

/// A workbook made by hand from its parts.
fn made(sheet: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let relation = |id: &str, kind: &str, target: &str| {
        format!(
            r#"<Relationship Id="{id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>"#
        )
    };
    let relations = |inner: String| {
        format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>"#
        )
    };
    let parts: Vec<(&str, Vec<u8>)> = vec![
        ("[Content_Types].xml", b"<Types/>".to_vec()),
        ("_rels/.rels", relations(relation("rId1", "officeDocument", "xl/workbook.xml")).into_bytes()),
        (
            "xl/_rels/workbook.xml.rels",
            relations(relation("rId1", "worksheet", "worksheets/sheet1.xml")).into_bytes(),
        ),
        (
            "xl/workbook.xml",
            br#"<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#
                .to_vec(),
        ),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes().to_vec()),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in
        parts.iter().map(|(name, bytes)| (*name, bytes.as_slice())).chain(more.iter().copied())
    {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn text_cell(at: &str, text: &str) -> String {
    format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

fn sheet(rows: &str) -> String {
    let header = text_cell("A1", "单位类别") + &text_cell("B1", "单位名称");
    format!(r#"<worksheet><sheetData><row r="1">{header}</row>{rows}</sheetData></worksheet>"#)
}

fn refused(bytes: &[u8]) -> OpenError {
    let error = Sent::new("a.xlsx", bytes).read().unwrap_err();
    let text = error.to_string();
    assert!(text.contains("请") && text.ends_with('。'), "says what to do: {text}");
    error
}

#[test]
fn a_workbook_made_by_hand_opens() {
    let rows = format!(r#"<row r="2">{}{}</row>"#, text_cell("A2", "村"), text_cell("B2", "前进村"));
    let all = Sent::new("a.xlsx", &made(&sheet(&rows), &[])).read().unwrap();
    assert_eq!(all.rows[0].text("name"), "前进村");
}

#[test]
fn one_cell_at_the_far_corner_allocates_nothing() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, text) in [(0, "单位类别"), (1, "单位名称")] {
        sheet.write(0, column, text).unwrap();
    }
    sheet.write(1, 0, "村").unwrap();
    sheet.write(1, 1, "前进村").unwrap();
    sheet.write(1_048_575, 16_383, "far").unwrap();
    let all = Sent::new("a.xlsx", &book.save_to_buffer().unwrap()).read().unwrap();
    assert_eq!(all.rows.len(), 1);
    let told: Vec<_> = all.ignored.iter().map(|row| (row.number, row.reason, row.text.as_str())).collect();
    assert_eq!(
        told,
        [(3, IgnoredReason::Blank, "第 3 行至第 1048575 行为空行"), (1_048_576, IgnoredReason::Note, "far"),]
    );
}

#[test]
fn bombs_are_refused_before_parsing() {
    let zeros = vec![b' '; 64 << 20];
    let bytes = made(&sheet(""), &[("xl/media/image1.png", &zeros)]);
    assert!(bytes.len() < 200_000);
    assert!(matches!(refused(&bytes), OpenError::Bomb(_)));
    let blank = format!("{}{}", sheet(""), " ".repeat(64 << 20));
    assert!(matches!(refused(&made(&blank, &[])), OpenError::Bomb(_)));
}

#[test]
fn sizes_that_lie_are_found_by_unpacking() {
    let padding = vec![b' '; 32 << 20];
    let mut bytes = made(&sheet(""), &[("xl/media/image1.png", &padding)]);
    // The declared size of the large part, in its own header and in the directory, becomes 1,000.
    let large = (32u32 << 20).to_le_bytes();
    let places: Vec<_> =
        bytes.windows(4).enumerate().filter(|(_, window)| *window == large).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 4].copy_from_slice(&1000u32.to_le_bytes());
    }
    assert!(matches!(refused(&bytes), OpenError::Bomb(_) | OpenError::Damaged(_)));
}

#[test]
fn many_parts_are_refused() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..6000 {
        zip.start_file(format!("xl/{number}"), SimpleFileOptions::default()).unwrap();
    }
    assert!(matches!(refused(&zip.finish().unwrap().into_inner()), OpenError::Bomb(_)));
}

#[test]
fn a_cell_of_ten_megabytes_is_refused_with_its_place() {
    let long: String = "长".repeat(3_500_000);
    let rows = format!(r#"<row r="2">{}</row>"#, text_cell("A2", &long));
    let limits = Limits { max_ratio: 100_000, ..Limits::default() };
    let error = Sent::new("a.xlsx", &made(&sheet(&rows), &[])).read_within(&limits).unwrap_err();
    let OpenError::TooLarge { place, .. } = &error else { panic!("{error}") };
    assert_eq!(place.as_deref(), Some("A2"));
    // The same in pieces, each short enough.
    let piece = format!("<r><t>{}</t></r>", "长".repeat(50_000));
    let rows = format!(r#"<row r="2"><c r="A2" t="inlineStr"><is>{}</is></c></row>"#, piece.repeat(60));
    let error = Sent::new("a.xlsx", &made(&sheet(&rows), &[])).read_within(&limits).unwrap_err();
    assert!(matches!(error, OpenError::TooLarge { .. }), "{error}");
    let error = Sent::new("a.csv", format!("单位类别,单位名称\n村,{long}\n").as_bytes()).read().unwrap_err();
    assert!(error.to_string().contains("B2"), "{error}");
}

#[test]
fn a_promise_of_countless_shared_strings_reserves_nothing() {
    let strings = br#"<sst uniqueCount="99999999999999"><si><t>a</t></si></sst>"#;
    let error = refused(&made(&sheet(""), &[("xl/sharedStrings.xml", strings)]));
    assert!(matches!(error, OpenError::Damaged(_)), "{error}");
}

#[test]
fn a_part_in_another_encoding_or_with_a_doctype_is_refused() {
    let doctype = format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{}", sheet(""));
    assert!(matches!(refused(&made(&doctype, &[])), OpenError::Damaged(_)));
    let utf16: Vec<u8> = "<sst/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(matches!(refused(&made(&sheet(""), &[("xl/sharedStrings.xml", &utf16)])), OpenError::Damaged(_)));
}

#[test]
fn the_same_cell_a_million_times_is_one_cell() {
    let cell = r#"<c r="A2"><v>1</v></c>"#;
    let rows = format!(r#"<row r="2">{}</row>"#, cell.repeat(200_000));
    let limits = Limits { max_ratio: 100_000, ..Limits::default() };
    let all = Sent::new("a.xlsx", &made(&sheet(&rows), &[])).read_within(&limits).unwrap();
    assert_eq!(all.rows.len(), 1);
}

#[test]
fn too_many_rows_or_sheets_or_bytes() {
    let limits = Limits { max_rows: 10, ..Limits::default() };
    let error = read_all(&fixture("units.xlsx"), &layouts(), &limits).unwrap_err();
    assert!(matches!(error, OpenError::TooLarge { part: "行数", .. }));
    let limits = Limits { max_sheets: 0, ..Limits::default() };
    assert!(matches!(read_all(&fixture("units.xlsx"), &layouts(), &limits), Err(OpenError::TooLarge { .. })));
    let limits = Limits { max_bytes: 1000, ..Limits::default() };
    let error = read_all(&fixture("powers.csv"), &layouts(), &limits).unwrap_err();
    assert!(error.to_string().contains("1000 字节") || error.to_string().contains("字节"), "{error}");
}

#[test]
fn cut_off_at_any_place_is_an_error_and_no_more() {
    let whole = std::fs::read(fixture("units.xlsx")).unwrap();
    for cut in (1..whole.len()).step_by(whole.len() / 40) {
        refused(&whole[..cut]);
    }
}

#[test]
fn flipped_bytes_never_end_the_program() {
    for name in ["units.xlsx", "cadres_old.xls", "powers.csv"] {
        let whole = std::fs::read(fixture(name)).unwrap();
        for step in 0..150usize {
            let mut bytes = whole.clone();
            let at = step * 7919 % bytes.len();
            bytes[at] ^= 0xFF;
            bytes[(at * 31) % whole.len()] = 0xFF;
            let _ = Sent::new(name, &bytes).read();
        }
    }
}

#[test]
fn what_is_no_table_says_so() {
    assert!(matches!(refused(b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR"), OpenError::NotATable { what: "图片" }));
    assert!(matches!(refused(b"<html><body><table></table></body></html>"), OpenError::NotATable { .. }));
    assert!(matches!(refused(b""), OpenError::Empty));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("photo.txt", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"hello").unwrap();
    assert!(matches!(refused(&zip.finish().unwrap().into_inner()), OpenError::NotATable { what: "压缩包" }));
    let mut book = Workbook::new();
    book.add_worksheet();
    assert!(matches!(refused(&book.save_to_buffer().unwrap()), OpenError::Empty));
}

#[test]
fn a_password_is_told() {
    let error = read_all(&fixture("locked.xlsx"), &layouts(), &Limits::default()).unwrap_err();
    assert!(matches!(error, OpenError::Encrypted), "{error}");
}
