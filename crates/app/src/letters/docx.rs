//! A letter as an Office Open XML document in the layout of GB/T 9704-2012: A4, 37 mm above and 28 mm to the left of
//! a type area of 156 × 225 mm, 22 lines of 28 characters in 仿宋 3号 (16 points).
//!
//! Our own words of markup rather than a library: a letter has nine kinds of paragraph and nothing else. See
//! docs/adr/0011.

use super::{Letter, Part};
use std::{fmt::Write as _, io::Write as _};
use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipError, write::SimpleFileOptions};

/// What a browser is told that it gets.
pub const CONTENT_TYPE: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const NAMESPACES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
     xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

/// The fonts of the standard. A machine without them takes the next best of the same family.
const SONG: &str = "方正小标宋简体";
const FANG: &str = "仿宋_GB2312";

/// Twentieths of a point per line: 225 mm ÷ 22.
const LINE: u32 = 579;
/// Twentieths of a point taken off each character of 16 points, so that 28 of them fill 156 mm. Said so rather than as
/// a grid of characters, which word processors measure each in their own way.
const CHARACTER: i32 = -4;
/// The red of the head and of the rule under it.
const RED: &str = "FF0000";

/// The file.
///
/// # Errors
///
/// Never on real letters: the archive is written to memory and stays far below its limits.
pub fn docx(letter: &Letter) -> Result<Vec<u8>, ZipError> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    // The same letter gives the same bytes.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let parts = [
        ("[Content_Types].xml", CONTENT_TYPES.to_owned()),
        ("_rels/.rels", RELS.to_owned()),
        ("word/_rels/document.xml.rels", DOCUMENT_RELS.to_owned()),
        ("word/document.xml", document(letter)),
        ("word/styles.xml", styles()),
        ("word/settings.xml", settings()),
        ("word/fontTable.xml", fonts()),
        ("word/footer1.xml", footer("right")),
        ("word/footer2.xml", footer("left")),
    ];
    for (name, text) in parts {
        zip.start_file(name, options)?;
        zip.write_all(XML.as_bytes())?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

const CONTENT_TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/><Override PartName="/word/settings.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/><Override PartName="/word/fontTable.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml"/><Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/><Override PartName="/word/footer2.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/></Types>"#;

const RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;

const DOCUMENT_RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/settings" Target="settings.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/fontTable" Target="fontTable.xml"/><Relationship Id="rId4" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer1.xml"/><Relationship Id="rId5" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer2.xml"/></Relationships>"#;

fn document(letter: &Letter) -> String {
    let mut body = String::new();
    let mut before = None;
    for line in letter.lines() {
        if line.part == Part::Receipt && before != Some(Part::Receipt) {
            body.push_str(r#"<w:p><w:r><w:br w:type="page"/></w:r></w:p>"#);
            body.push_str(&paragraph("Title", "回　执", ""));
        }
        // Two lines free for the seal, which covers name and date (7.3.5.1).
        let gap = match (before, line.part) {
            (Some(Part::Body), Part::Enclosure) => 1,
            (Some(Part::Body | Part::Enclosure), Part::Signature) => 2,
            _ => 0,
        };
        // Name and date never stand on a page of their own.
        (0..gap).for_each(|_| body.push_str(&paragraph("Body", "", "<w:keepNext/>")));
        body.push_str(&styled(letter, line.part, &line.text));
        before = Some(line.part);
    }
    // Type area 156 × 225 mm: margins of 37, 26, 35 and 28 mm in twentieths of a point; the page number stands
    // 7 mm below it, outside on both kinds of page (7.5).
    format!(
        "<w:document {NAMESPACES}><w:body>{body}<w:sectPr><w:footerReference w:type=\"default\" r:id=\"rId4\"/>\
         <w:footerReference w:type=\"even\" r:id=\"rId5\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
         <w:pgMar w:top=\"2098\" w:right=\"1474\" w:bottom=\"1984\" w:left=\"1588\" w:header=\"851\" \
         w:footer=\"1304\" w:gutter=\"0\"/><w:pgNumType w:start=\"1\"/>\
         <w:docGrid w:type=\"lines\" w:linePitch=\"{LINE}\"/></w:sectPr></w:body>\
         </w:document>"
    )
}

fn styled(letter: &Letter, part: Part, text: &str) -> String {
    match part {
        Part::Organ => paragraph("Organ", text, ""),
        Part::Number => paragraph("Number", text, ""),
        Part::Title => paragraph("Title", text, ""),
        Part::Addressee => paragraph("Addressee", text, ""),
        Part::Body | Part::Receipt => paragraph("Body", text, ""),
        Part::Enclosure if text.starts_with("附件") => paragraph("Body", text, "<w:keepNext/>"),
        // Under the first one, past "附件：" (7.3.4).
        Part::Enclosure => {
            let indent = "<w:keepNext/><w:ind w:firstLineChars=\"500\" w:firstLine=\"1600\"/>";
            paragraph("Body", text, indent)
        }
        // The date stands four characters from the right, the name centred over it (7.3.5.1).
        Part::Date => paragraph("Signature", text, ""),
        Part::Signature => {
            let (name, date) = (points(text), points(&letter.date_text()));
            let right = (64 + date / 2).saturating_sub(name / 2);
            paragraph("Signature", text, &format!("<w:ind w:right=\"{}\"/>", right * 20))
        }
    }
}

/// How wide a line is in 3号, in points: figures take half a character.
fn points(text: &str) -> u32 {
    text.chars().map(|c| if c.is_ascii() { 8 } else { 16 }).sum()
}

fn paragraph(style: &str, text: &str, more: &str) -> String {
    let run = if text.is_empty() {
        String::new()
    } else {
        format!("<w:r><w:t xml:space=\"preserve\">{}</w:t></w:r>", escape(text))
    };
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{more}</w:pPr>{run}</w:p>")
}

/// Text for an element; what no XML may hold is left out.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' => out.push(' '),
            c if c.is_control() || ('\u{FFFE}'..='\u{FFFF}').contains(&c) => {}
            c => out.push(c),
        }
    }
    out
}

/// Name, half points, font, paragraph properties, colour.
type Style = (&'static str, u32, &'static str, &'static str, &'static str);

const STYLES: [Style; 6] = [
    // 发文机关标志: red, centred, its upper edge 35 mm below the upper edge of the type area (7.2.4).
    (
        "Organ",
        62,
        SONG,
        r#"<w:snapToGrid w:val="0"/><w:spacing w:before="1701" w:after="0" w:line="240" w:lineRule="auto"/><w:jc w:val="center"/>"#,
        RED,
    ),
    // 发文字号: two lines below; under it the red rule as wide as the type area (7.2.5, 7.2.7).
    (
        "Number",
        32,
        FANG,
        r#"<w:pBdr><w:bottom w:val="single" w:sz="18" w:space="11" w:color="FF0000"/></w:pBdr><w:spacing w:before="1160" w:after="1160"/><w:jc w:val="center"/>"#,
        "000000",
    ),
    // 标题: 2号, two lines below the rule, with one line after it (7.3.1, 7.3.2).
    (
        "Title",
        44,
        SONG,
        r#"<w:snapToGrid w:val="0"/><w:spacing w:after="580" w:line="700" w:lineRule="exact"/><w:jc w:val="center"/>"#,
        "000000",
    ),
    ("Addressee", 32, FANG, "", "000000"),
    ("Body", 32, FANG, r#"<w:ind w:firstLineChars="200" w:firstLine="640"/>"#, "000000"),
    ("Signature", 32, FANG, r#"<w:ind w:right="1280"/><w:jc w:val="right"/>"#, "000000"),
];

fn fonts_of(font: &str) -> String {
    format!("<w:rFonts w:ascii=\"{font}\" w:hAnsi=\"{font}\" w:eastAsia=\"{font}\" w:cs=\"{font}\"/>")
}

fn styles() -> String {
    let mut out = format!(
        "<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>{}<w:spacing w:val=\"{CHARACTER}\"/>\
         <w:sz w:val=\"32\"/><w:szCs w:val=\"32\"/><w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>\
         <w:autoSpaceDE w:val=\"0\"/><w:autoSpaceDN w:val=\"0\"/><w:spacing w:line=\"{LINE}\" w:lineRule=\"exact\"/></w:pPr></w:pPrDefault></w:docDefaults>",
        fonts_of(FANG)
    );
    for (name, size, font, paragraph, colour) in STYLES {
        let fonts = fonts_of(font);
        let _ = write!(
            out,
            "<w:style w:type=\"paragraph\" w:styleId=\"{name}\"><w:name w:val=\"Letter {name}\"/>\
             <w:pPr>{paragraph}</w:pPr><w:rPr>{fonts}<w:color w:val=\"{colour}\"/><w:sz w:val=\"{size}\"/>\
             <w:szCs w:val=\"{size}\"/></w:rPr></w:style>"
        );
    }
    out.push_str("</w:styles>");
    out
}

/// Odd and even pages have their number on different sides.
fn settings() -> String {
    format!("<w:settings {NAMESPACES}><w:evenAndOddHeaders/></w:settings>")
}

/// Machines without the fonts of the standard are told what to take for them.
fn fonts() -> String {
    let font = |(name, other): (&str, &str)| {
        format!("<w:font w:name=\"{name}\"><w:altName w:val=\"{other}\"/><w:charset w:val=\"86\"/></w:font>")
    };
    let all = [(SONG, "华文中宋"), (FANG, "仿宋"), ("宋体", "SimSun")].map(font).concat();
    format!("<w:fonts {NAMESPACES}>{all}</w:fonts>")
}

/// "— 1 —" in 宋体 4号, one character in from the outside (7.5).
fn footer(side: &str) -> String {
    let run =
        |inner: &str| format!("<w:r><w:rPr>{}<w:sz w:val=\"28\"/></w:rPr>{inner}</w:r>", fonts_of("宋体"));
    let number = [
        run("<w:t xml:space=\"preserve\">— </w:t>"),
        run("<w:fldChar w:fldCharType=\"begin\"/>"),
        run("<w:instrText xml:space=\"preserve\"> PAGE </w:instrText>"),
        run("<w:fldChar w:fldCharType=\"separate\"/>"),
        run("<w:t>1</w:t>"),
        run("<w:fldChar w:fldCharType=\"end\"/>"),
        run("<w:t xml:space=\"preserve\"> —</w:t>"),
    ];
    format!(
        "<w:ftr {NAMESPACES}><w:p><w:pPr><w:spacing w:line=\"280\" w:lineRule=\"exact\"/>\
         <w:ind w:{side}=\"280\"/><w:jc w:val=\"{side}\"/></w:pPr>{}</w:p></w:ftr>",
        number.concat()
    )
}
