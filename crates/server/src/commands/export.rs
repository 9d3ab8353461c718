//! `daylight export`: everything public as files.

use crate::{
    installation::Installation,
    outcome::{Outcome, Stop},
    settings::{Answering, Settings, Where},
    terminal::{self, Progress, grouped},
};
use clap::Args;
use daylight_app::api;
use serde_json::json;
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
    /// 输出 JSON Write JSON
    #[arg(long)]
    json: bool,
}

impl Export {
    /// Exports.
    pub async fn run(self) -> Outcome {
        let json = self.json;
        self.write().await.map_err(|stop| stop.in_json(json))
    }

    async fn write(self) -> Outcome {
        let settings = Settings::gather(&self.place, &Answering::default())?;
        let installation = Installation::open(&settings).await?;
        // Everybody may read what is public.
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
        let progress = Progress::new();
        let tell = |done: usize, of: usize, rows: u64| {
            progress.say(&format!("正在导出：第 {} / {of} 个文件，{} 行", (done + 1).min(of), grouped(rows)));
        };
        let written = api::export(&installation.db, &self.out, &tell).await;
        let written = written.map_err(|error| Stop::failed(error.to_string()))?;
        progress.clear();
        installation.close().await?;
        if self.json {
            let files: Vec<_> = written
                .iter()
                .map(|file| json!({ "file": file.file, "rows": file.rows, "bytes": file.bytes }))
                .collect();
            terminal::out(&json!({ "event": "exported", "folder": self.out, "files": files }).to_string());
            return Ok(());
        }
        let mut rows = vec![["文件", "行数", "大小"].map(str::to_owned).to_vec()];
        rows.extend(
            written.iter().map(|it| vec![it.file.clone(), grouped(it.rows), terminal::bytes(it.bytes)]),
        );
        terminal::out(&terminal::table(&rows));
        terminal::out(&format!("已导出到 {}。只含公开内容，可以直接发布。", self.out.display()));
        Ok(())
    }
}
