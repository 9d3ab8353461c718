use std::fmt;

/// Why a file could not be read at all. The text tells the clerk what is wrong, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Some other kind of file, whatever its name says.
    #[error(
        "这不是表格文件（看起来是{what}）。请上传 .xlsx、.xls 或 .csv 文件；如果是从系统导出的，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。"
    )]
    NotATable {
        /// What it is, in Chinese: 图片, PDF 文档, 网页, …
        what: &'static str,
    },
    /// Protected by a password.
    #[error(
        "文件设置了打开密码，无法读取。请在 Excel 或 WPS 中打开文件，去掉密码（文件 → 信息 → 保护工作簿）后再上传。"
    )]
    Encrypted,
    /// No byte, or no filled cell.
    #[error("文件里没有任何内容。请确认选对了文件，并在保存后重新上传。")]
    Empty,
    /// Something is larger than allowed.
    #[error("{part}太大：最多允许{limit}。{}", .place.as_ref().map_or_else(|| "请拆成几个文件分别上传。".to_owned(), |place| format!("位置：{place}。请检查该处内容后重新上传。")))]
    TooLarge {
        /// What is too large: 文件, 行数, 单元格内容, …
        part: &'static str,
        /// How much is allowed, with its unit.
        limit: String,
        /// Where, if it is one place.
        place: Option<String>,
    },
    /// A small file that unpacks into an enormous one.
    #[error(
        "文件解压后异常庞大（{0}），为了安全没有打开。请在 Excel 或 WPS 中新建一个工作簿，只把需要的内容复制过去，另存后再上传。"
    )]
    Bomb(String),
    /// Cut off or broken inside.
    #[error("文件已损坏，读不下去（{0}）。请在 Excel 或 WPS 中打开确认内容完整，另存为 .xlsx 后重新上传。")]
    Damaged(String),
    /// No sheet has a row of headings that fits any layout.
    #[error("没有找到表头。{}", closest(.sheets))]
    NoHeader {
        /// Each visible sheet that holds something, with the row that came closest.
        sheets: Vec<ClosestHeader>,
    },
    /// Bytes that are no text in any of the encodings offices use.
    #[error(
        "文字编码无法识别（第 {line} 行附近出现乱码）。请用 Excel 或 WPS 打开文件，另存为 .xlsx 或“CSV UTF-8”后再上传。"
    )]
    TextEncoding {
        /// Where decoding failed.
        line: u64,
    },
    /// The disk failed, not the file.
    #[error("读取文件时出错：{0}。请稍后重试。")]
    Io(#[from] std::io::Error),
}

/// The row of a sheet that looked most like a header, though not enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosestHeader {
    /// Name of the sheet; empty for a CSV file.
    pub sheet: String,
    /// The row as the clerk sees it, if any row had at least one known heading.
    pub row: Option<u32>,
    /// The headings found in that row.
    pub headings: Vec<String>,
    /// Titles of the required columns that were not found.
    pub missing: Vec<String>,
}

fn closest(sheets: &[ClosestHeader]) -> String {
    let mut text = String::new();
    for sheet in sheets.iter().take(5) {
        if !sheet.sheet.is_empty() {
            text += &format!("工作表“{}”", sheet.sheet);
        }
        match sheet.row {
            Some(row) => {
                text += &format!(
                    "第 {row} 行最像表头（{}），但缺少：{}。",
                    sheet.headings.join("、"),
                    sheet.missing.join("、")
                );
            }
            None => text += "前 30 行里没有一个认得的列名。",
        }
    }
    text + "请对照下载的模板，补上表头后重新上传。"
}

/// Bytes as people say them.
pub(crate) struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bytes) = *self;
        match bytes {
            0..=1023 => write!(f, "{bytes} 字节"),
            1024..=1_048_575 => write!(f, "{} KB", bytes / 1024),
            _ => write!(f, "{} MB", bytes / 1_048_576),
        }
    }
}
