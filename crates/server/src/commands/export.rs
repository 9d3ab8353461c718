//! `daylight export`: everything public as files.

use crate::{
    outcome::{Outcome, Stop},
    settings::Where,
};
use clap::Args;
use std::path::PathBuf;

/// 导出开放数据 Write open data as CSV and JSON
///
/// 把全部公开内容导出为 CSV 和 JSON，供下载和再利用。
/// Writes everything public as CSV and JSON.
#[derive(Args)]
pub struct Export {
    #[command(flatten)]
    place: Where,
    /// 输出目录 Folder to write to
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Export {
    /// Exports.
    pub async fn run(self) -> Outcome {
        let _ = (self.place, self.out);
        Err(Stop::failed("开放数据导出还在编写中。"))
    }
}
