//! What may be attached, and what it is. A file is what its bytes say, never what it is called.

use serde::{Deserialize, Serialize};

/// Files of one report: more is a matter for an appointment, and no list of them is read on a telephone.
pub const MOST_FILES: i64 = 20;
/// Bytes of one file: some minutes of a telephone's video, half an hour on a village's connection.
pub const LARGEST_FILE: u64 = 50 << 20;
/// Bytes of all files of one report: what a machine of a county can keep for some thousand reports.
pub const LARGEST_DRAFT: u64 = 200 << 20;
/// Bytes of one chunk, at most: below what any request may carry.
pub const CHUNK_MOST: usize = 512 << 10;
/// Bytes of one chunk but the last, at least: or a file could be cut into millions.
pub const CHUNK_LEAST: usize = 16 << 10;
/// Characters of a file's name that are kept.
const NAME_MOST: usize = 120;

/// Why a file is not taken, in words for the reporter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Too many files.
    #[error("最多上传{MOST_FILES}个文件。请先移除不需要的，再添加。")]
    Many,
    /// This one is too large.
    #[error("这个文件超过50MB。视频可以分段拍摄，或者只截取关键部分再上传。")]
    Large,
    /// All together are too large.
    #[error("全部文件合计超过200MB。请先移除不需要的，再添加。")]
    Together,
    /// There is nothing in it.
    #[error("这个文件是空的，请重新选择。")]
    Empty,
    /// Not one of the kinds.
    #[error("不支持这种文件。可以上传照片、录音、视频、PDF、Word、Excel、PPT、文本和压缩包。")]
    Kind,
    /// It is not what was announced.
    #[error("上传的内容与原文件不一致，请重新上传这个文件。")]
    Changed,
    /// The disk is nearly full, or unsubmitted files have taken their share of it: what is written comes first.
    #[error(
        "现在不能接收附件。请先提交文字，不受影响；原件和照片请留好，提交后在“查办理进度”里写明有哪些证据，办理机关会告诉您怎样交。"
    )]
    Full,
}

impl Refused {
    /// The word in an address.
    pub fn code(&self) -> &'static str {
        match self {
            Refused::Many => "many",
            Refused::Large => "large",
            Refused::Together => "together",
            Refused::Empty => "empty",
            Refused::Kind => "kind",
            Refused::Changed => "changed",
            Refused::Full => "full",
        }
    }

    /// Reads [`Refused::code`].
    pub fn from_code(code: &str) -> Option<Refused> {
        use Refused::*;
        [Many, Large, Together, Empty, Kind, Changed, Full].into_iter().find(|refused| refused.code() == code)
    }
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the formats")]
pub enum Kind {
    Jpeg,
    Png,
    Webp,
    Gif,
    Heic,
    Mp3,
    M4a,
    Aac,
    Amr,
    Wav,
    Ogg,
    Mp4,
    Mov,
    Webm,
    Threegp,
    Pdf,
    Docx,
    Xlsx,
    Pptx,
    /// The older Word, Excel and PowerPoint.
    Office,
    Text,
    Zip,
}

impl Kind {
    /// Tells from the first bytes (64 KB are enough) what a file is; none when it is nothing we take.
    pub fn sniff(head: &[u8]) -> Option<Kind> {
        let at = |from: usize, mark: &[u8]| head.get(from..).is_some_and(|rest| rest.starts_with(mark));
        let holds = |mark: &[u8]| head.windows(mark.len()).any(|window| window == mark);
        Some(match head {
            _ if at(0, b"\xff\xd8\xff") => Kind::Jpeg,
            _ if at(0, b"\x89PNG\r\n\x1a\n") => Kind::Png,
            _ if at(0, b"RIFF") && at(8, b"WEBP") => Kind::Webp,
            _ if at(0, b"GIF87a") || at(0, b"GIF89a") => Kind::Gif,
            _ if at(4, b"ftyp") => Kind::of_brand(head.get(8..12)?),
            _ if at(0, b"RIFF") && at(8, b"WAVE") => Kind::Wav,
            _ if at(0, b"OggS") => Kind::Ogg,
            _ if at(0, b"#!AMR") => Kind::Amr,
            _ if at(0, b"ID3") => Kind::Mp3,
            [0xff, second, ..] if second & 0xf6 == 0xf0 => Kind::Aac,
            [0xff, second, ..] if second & 0xe6 == 0xe2 => Kind::Mp3,
            _ if at(0, b"\x1a\x45\xdf\xa3") => Kind::Webm,
            _ if at(0, b"%PDF-") => Kind::Pdf,
            _ if at(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") => Kind::Office,
            _ if at(0, b"PK\x03\x04") && holds(b"word/") => Kind::Docx,
            _ if at(0, b"PK\x03\x04") && holds(b"xl/") => Kind::Xlsx,
            _ if at(0, b"PK\x03\x04") && holds(b"ppt/") => Kind::Pptx,
            _ if at(0, b"PK\x03\x04") => Kind::Zip,
            _ if is_text(head) => Kind::Text,
            _ => return None,
        })
    }

    fn of_brand(brand: &[u8]) -> Kind {
        match brand {
            b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1" | b"avif" => Kind::Heic,
            b"M4A " | b"M4B " => Kind::M4a,
            b"qt  " => Kind::Mov,
            [b'3', b'g', ..] => Kind::Threegp,
            _ => Kind::Mp4,
        }
    }

    /// What a browser is told that it is: fixed by kind, never by name.
    pub fn mime(self) -> &'static str {
        match self {
            Kind::Jpeg => "image/jpeg",
            Kind::Png => "image/png",
            Kind::Webp => "image/webp",
            Kind::Gif => "image/gif",
            Kind::Heic => "image/heic",
            Kind::Mp3 => "audio/mpeg",
            Kind::M4a => "audio/mp4",
            Kind::Aac => "audio/aac",
            Kind::Amr => "audio/amr",
            Kind::Wav => "audio/wav",
            Kind::Ogg => "audio/ogg",
            Kind::Mp4 => "video/mp4",
            Kind::Mov => "video/quicktime",
            Kind::Webm => "video/webm",
            Kind::Threegp => "video/3gpp",
            Kind::Pdf => "application/pdf",
            Kind::Docx | Kind::Xlsx | Kind::Pptx | Kind::Office => "application/octet-stream",
            Kind::Text => "text/plain; charset=utf-8",
            Kind::Zip => "application/zip",
        }
    }

    /// What it is called.
    pub fn page(self) -> &'static str {
        match self {
            Kind::Jpeg | Kind::Png | Kind::Webp | Kind::Gif | Kind::Heic => "照片",
            Kind::Mp3 | Kind::M4a | Kind::Aac | Kind::Amr | Kind::Wav | Kind::Ogg => "录音",
            Kind::Mp4 | Kind::Mov | Kind::Webm | Kind::Threegp => "视频",
            Kind::Pdf | Kind::Docx | Kind::Xlsx | Kind::Pptx | Kind::Office | Kind::Text => "文档",
            Kind::Zip => "压缩包",
        }
    }

    /// The endings that a file of this kind may keep; the first is put behind any other.
    fn endings(self) -> &'static [&'static str] {
        match self {
            Kind::Jpeg => &["jpg", "jpeg"],
            Kind::Png => &["png"],
            Kind::Webp => &["webp"],
            Kind::Gif => &["gif"],
            Kind::Heic => &["heic", "heif", "avif"],
            Kind::Mp3 => &["mp3"],
            Kind::M4a => &["m4a"],
            Kind::Aac => &["aac"],
            Kind::Amr => &["amr"],
            Kind::Wav => &["wav"],
            Kind::Ogg => &["ogg", "oga", "opus"],
            Kind::Mp4 => &["mp4", "m4v"],
            Kind::Mov => &["mov"],
            Kind::Webm => &["webm", "mkv"],
            Kind::Threegp => &["3gp", "3g2"],
            Kind::Pdf => &["pdf"],
            Kind::Docx => &["docx"],
            Kind::Xlsx => &["xlsx"],
            Kind::Pptx => &["pptx"],
            Kind::Office => &["doc", "xls", "ppt", "wps", "et", "dps"],
            Kind::Text => &["txt", "csv", "log", "md"],
            Kind::Zip => &["zip"],
        }
    }

    /// The name under which it is saved at a desk: a program by name is none by kind, and must not become one there.
    pub fn saved_as(self, name: &str) -> String {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        match self.endings() {
            endings if endings.contains(&ending.as_str()) => name.to_owned(),
            endings => format!("{name}.{}", endings[0]),
        }
    }
}

/// Text in UTF-8 or GB 18030, judged by what text never holds. What is cut at the end of the head is no fault.
fn is_text(head: &[u8]) -> bool {
    let control = |byte: &u8| *byte < 0x20 && !b"\t\r\n\x0c".contains(byte);
    if head.is_empty() || head.iter().any(|byte| control(byte) || *byte == 0x7f) {
        return false;
    }
    match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) if error.error_len().is_none() => true,
        Err(_) => is_gbk(head),
    }
}

/// Every high byte begins a pair, or four bytes, as GB 18030 has them.
fn is_gbk(head: &[u8]) -> bool {
    let mut rest = head;
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (0..=0x7f, _) => tail,
            (0x81..=0xfe, [0x40..=0x7e | 0x80..=0xfe, tail @ ..]) => tail,
            (0x81..=0xfe, [b'0'..=b'9', 0x81..=0xfe, b'0'..=b'9', tail @ ..]) => tail,
            (0x81..=0xfe, cut) if cut.len() < 3 => return true,
            _ => return false,
        };
    }
    true
}

/// The last part of what a browser calls a file, without what could mislead whoever reads it: control characters,
/// marks that turn the direction of writing, characters without width.
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
            || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    let kept: String = last.chars().filter(|c| !hidden(*c)).collect();
    let kept = kept.trim().trim_matches('.');
    let length = kept.chars().count();
    // The ending is at the end.
    let kept: String = kept.chars().skip(length.saturating_sub(NAME_MOST)).collect();
    if kept.is_empty() { "未命名文件".to_owned() } else { kept }
}

/// What is sealed about a file beside its content.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// As the reporter calls it, cleaned.
    pub name: String,
    /// Bytes of it.
    pub size: u64,
    /// What it is; none while it arrives.
    pub kind: Option<Kind>,
    /// SHA-256 of it in hex; empty while it arrives.
    pub sha256: String,
    /// The copy for looking at.
    pub copy: Option<Copy>,
    /// With which event of the case it came; the first is the report itself.
    #[serde(default = "first")]
    pub event: u32,
}

/// The event with which every case begins.
pub(super) const FIRST: u32 = 1;

fn first() -> u32 {
    FIRST
}

impl About {
    /// A file of which nothing is known yet but what was announced.
    pub(super) fn announced(name: &str, size: u64) -> About {
        About { name: clean_name(name), size, kind: None, sha256: String::new(), copy: None, event: FIRST }
    }
}

/// The copy of a photo for looking at: a JPEG without metadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// Bytes of it.
    pub size: u64,
    /// Sealed segments of it.
    pub segments: u64,
}

// Names stay out of logs.
impl std::fmt::Debug for About {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("About(•••)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say() {
        let cases: [(&[u8], Option<Kind>); 24] = [
            (b"\xff\xd8\xff\xe0....", Some(Kind::Jpeg)),
            (b"\x89PNG\r\n\x1a\n....", Some(Kind::Png)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some(Kind::Webp)),
            (b"RIFF\0\0\0\0WAVEfmt ", Some(Kind::Wav)),
            (b"GIF89a....", Some(Kind::Gif)),
            (b"\0\0\0\x18ftypheic\0\0", Some(Kind::Heic)),
            (b"\0\0\0\x18ftypM4A \0\0", Some(Kind::M4a)),
            (b"\0\0\0\x18ftypqt  \0\0", Some(Kind::Mov)),
            (b"\0\0\0\x18ftyp3gp5\0\0", Some(Kind::Threegp)),
            (b"\0\0\0\x18ftypisom\0\0", Some(Kind::Mp4)),
            (b"ID3\x04....", Some(Kind::Mp3)),
            (b"\xff\xfb\x90\0", Some(Kind::Mp3)),
            (b"\xff\xf1\x50\0", Some(Kind::Aac)),
            (b"#!AMR\n\x3c", Some(Kind::Amr)),
            (b"OggS\0\x02", Some(Kind::Ogg)),
            (b"\x1a\x45\xdf\xa3\x01", Some(Kind::Webm)),
            (b"%PDF-1.7\n%\xe2\xe3", Some(Kind::Pdf)),
            (b"PK\x03\x04\x14\0..[Content_Types].xml..word/document.xml", Some(Kind::Docx)),
            (b"PK\x03\x04\x14\0..[Content_Types].xml..xl/workbook.xml", Some(Kind::Xlsx)),
            (b"PK\x03\x04\x14\0..photo.jpg", Some(Kind::Zip)),
            ("账本：十月".as_bytes(), Some(Kind::Text)),
            (b"\xd5\xcb\xb1\xbe\r\n", Some(Kind::Text)),
            (b"MZ\x90\0\x03\0", None),
            (b"\x7fELF\x02\x01", None),
        ];
        for (head, kind) in cases {
            assert_eq!(Kind::sniff(head), kind, "{head:?}");
        }
        // Cut in the middle of a character is still text; nothing at all is not.
        assert_eq!(Kind::sniff(&"账本".as_bytes()[..4]), Some(Kind::Text));
        assert_eq!(Kind::sniff(b""), None);
        assert_eq!(Kind::sniff(b"\xff\xff\xff"), None);
    }

    #[test]
    fn a_name_cannot_lead_out_or_mislead() {
        for (given, kept) in [
            ("C:\\桌面\\收据 1.jpg", "收据 1.jpg"),
            ("../../etc/passwd", "passwd"),
            ("发票\u{202e}gpj.exe", "发票gpj.exe"),
            ("a\u{0}b\r\nc.png", "abc.png"),
            ("\u{200b}", "未命名文件"),
            ("..", "未命名文件"),
            ("", "未命名文件"),
        ] {
            assert_eq!(clean_name(given), kept, "{given:?}");
        }
        let long = format!("{}.jpg", "长".repeat(300));
        assert!(clean_name(&long).ends_with(".jpg") && clean_name(&long).chars().count() == NAME_MOST);
    }

    #[test]
    fn what_is_no_program_does_not_become_one_by_its_name() {
        assert_eq!(Kind::Text.saved_as("evil.exe"), "evil.exe.txt");
        assert_eq!(Kind::Zip.saved_as("photo.jpg"), "photo.jpg.zip");
        assert_eq!(Kind::Jpeg.saved_as("收据.JPG"), "收据.JPG");
        assert_eq!(Kind::Pdf.saved_as("合同"), "合同.pdf");
    }

    #[test]
    fn every_refusal_reads_back_from_an_address() {
        for refused in [Refused::Many, Refused::Large, Refused::Empty, Refused::Kind, Refused::Full] {
            assert_eq!(Refused::from_code(refused.code()), Some(refused));
        }
        assert!(Refused::Large.to_string().contains(&format!("{}MB", LARGEST_FILE >> 20)));
        assert!(Refused::Together.to_string().contains(&format!("{}MB", LARGEST_DRAFT >> 20)));
    }
}
