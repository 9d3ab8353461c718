use crate::OpenError;

/// What kind of table a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Office Open XML workbook.
    Xlsx,
    /// Excel 97–2003 workbook (BIFF8 in a compound file); WPS .et is the same.
    Xls,
    /// Text with separators, in any encoding offices use.
    Csv,
}

const ZIP: &[u8] = b"PK\x03\x04";
/// Text that does not even call itself a table.
pub(crate) const PLAIN_TEXT: &str = "普通文本";
pub(crate) const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Magic numbers of what people send by mistake.
const OTHERS: [(&[u8], &str); 15] = [
    (b"\x89PNG", "图片"),
    (b"\xFF\xD8\xFF", "图片"),
    (b"GIF8", "图片"),
    (b"II*\0", "图片"),
    (b"MM\0*", "图片"),
    (b"%PDF", "PDF 文档"),
    (b"Rar!", "压缩包"),
    (b"7z\xBC\xAF", "压缩包"),
    (b"\x1F\x8B", "压缩包"),
    (b"PK\x05\x06", "空的压缩包"),
    (b"{\\rtf", "写字板文档"),
    (b"MZ\x90\0", "程序"),
    (b"\x7FELF", "程序"),
    (b"SQLite format 3", "数据库文件"),
    (b"\x09\x08\x08\0", "Excel 95 以前的老式表格"),
];

/// Tells what a file is by its first bytes (a few KiB are enough); the name is only a hint, because names lie.
///
/// # Errors
/// [`OpenError::Empty`], [`OpenError::Encrypted`] or [`OpenError::NotATable`].
pub fn sniff(bytes: &[u8], file_name: &str) -> Result<FileKind, OpenError> {
    if bytes.is_empty() {
        return Err(OpenError::Empty);
    }
    if bytes.starts_with(ZIP) {
        return zipped(bytes);
    }
    if bytes.starts_with(COMPOUND) {
        return if contains_utf16(bytes, "EncryptedPackage") {
            Err(OpenError::Encrypted)
        } else if contains_utf16(bytes, "WordDocument") {
            Err(OpenError::NotATable { what: "Word 文档" })
        } else {
            Ok(FileKind::Xls)
        };
    }
    if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(OpenError::NotATable { what });
    }
    if looks_like_markup(bytes) {
        return Err(OpenError::NotATable { what: "网页或 XML，只是名字像表格" });
    }
    let name = file_name.to_lowercase();
    if bytes.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0xEF | 0xBB | 0xBF)) {
        return Err(OpenError::Empty);
    }
    if !crate::text_file::may_be_text(bytes) {
        return Err(OpenError::NotATable { what: "无法识别的二进制文件" });
    }
    // Text under a workbook's name is what some systems export; it is read as the text it is.
    let written = [".csv", ".txt", ".tsv", ".xls", ".xlsx", ".et"].iter().any(|end| name.ends_with(end));
    if written || !name.contains('.') {
        Ok(FileKind::Csv)
    } else {
        Err(OpenError::NotATable { what: PLAIN_TEXT })
    }
}

/// Word, PowerPoint and OpenDocument files are archives too; the first entries give them away.
fn zipped(bytes: &[u8]) -> Result<FileKind, OpenError> {
    let has = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    if has(b"xl/") || has(b"xl\\") {
        Ok(FileKind::Xlsx)
    } else if has(b"word/") {
        Err(OpenError::NotATable { what: "Word 文档" })
    } else if has(b"ppt/") {
        Err(OpenError::NotATable { what: "演示文稿" })
    } else if has(b"application/vnd.oasis.opendocument") {
        Err(OpenError::NotATable { what: "OpenDocument 文档" })
    } else {
        // Its entries may come later; `read` looks at all of them.
        Ok(FileKind::Xlsx)
    }
}

fn contains_utf16(bytes: &[u8], name: &str) -> bool {
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.windows(name.len()).any(|window| window == name)
}

fn looks_like_markup(bytes: &[u8]) -> bool {
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let start: Vec<u8> = start.iter().take(14).map(u8::to_ascii_lowercase).collect();
    [&b"<!doctype"[..], b"<html", b"<?xml", b"<table", b"<head", b"<meta", b"mime-version:"]
        .iter()
        .any(|tag| start.starts_with(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_not_the_name() {
        let kind = |bytes: &[u8], name| sniff(bytes, name);
        assert_eq!(kind(b"PK\x03\x04....xl/workbook.xml", "a.csv").unwrap(), FileKind::Xlsx);
        assert_eq!(kind(COMPOUND, "a.xls").unwrap(), FileKind::Xls);
        assert_eq!(kind("单位,姓名\n".as_bytes(), "a.xlsx").unwrap(), FileKind::Csv);
        assert_eq!(kind(&[0xB5, 0xA5, 0xCE, 0xBB, b','], "a.csv").unwrap(), FileKind::Csv);
        assert!(matches!(kind(b"", "a.xlsx"), Err(OpenError::Empty)));
        assert!(matches!(kind(b"\xEF\xBB\xBF\r\n", "a.csv"), Err(OpenError::Empty)));
        for (bytes, name) in [
            (&b"\x89PNG\r\n\x1A\n\0\0"[..], "a.xlsx"),
            (b"PK\x03\x04....word/document.xml", "a.xlsx"),
            (b"<html><table>", "a.xls"),
            (b"%PDF-1.7", "a.csv"),
            (b"\0\x01\x02\x03\x04\x05\x06\x07", "a.csv"),
            (b"hello", "a.docx"),
        ] {
            assert!(matches!(kind(bytes, name), Err(OpenError::NotATable { .. })), "{name}");
        }
    }
}
