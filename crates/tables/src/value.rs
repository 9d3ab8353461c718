//! What a cell says: months and dates, time limits, numbers in Chinese, yes and no, lists. All pure, all on text.

mod date;
mod limit;
mod list;
mod number;
mod yes_no;

pub use date::{PartialDate, parse_month};
pub use limit::{LimitUnit, TimeLimit, parse_time_limit};
pub use list::split_list;
pub use number::parse_chinese_number;
pub use yes_no::parse_yes_no;

/// Why a cell could not be understood. The text is for the clerk: what is wrong and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Nothing is written there.
    #[error("没有填写")]
    Blank,
    /// It does not look like a date at all.
    #[error("“{0}”不像日期，请写成 2023-09 或 2023年9月1日 这样的格式")]
    NotADate(String),
    /// It looks like a date, but no such day exists.
    #[error("“{text}”里的{part}不存在，请核对后改正")]
    NoSuchDay {
        /// What the clerk wrote.
        text: String,
        /// Which part is wrong: 年份, 月份 or 日期.
        part: &'static str,
    },
    /// It does not look like a time limit.
    #[error("“{0}”不像办理时限，请写成 5个工作日、3个月 或 即办 这样的格式")]
    NotATimeLimit(String),
    /// The amount is nought or beyond anything sensible.
    #[error("“{0}”里的时限长短不合理，请核对后改正")]
    LimitOutOfRange(String),
}

/// Long cells are shortened before they are quoted back to the clerk.
fn quote(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
