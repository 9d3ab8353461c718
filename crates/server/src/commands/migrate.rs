//! `daylight migrate`: the newest schema.

use crate::{
    installation::{exists, open_database},
    outcome::{Outcome, Stop},
    settings::{Answering, Settings, Where},
    terminal,
};
use clap::Args;
use daylight_app::migrations;

/// 升级数据库结构 Bring the database to the newest schema
///
/// 升级数据库结构；已经是最新的就什么也不做。升级前请先备份。
/// Brings the database to the newest schema. Back up first.
#[derive(Args)]
pub struct Migrate {
    #[command(flatten)]
    place: Where,
    /// 只列出要做的步骤 Only list the steps
    #[arg(long)]
    dry_run: bool,
}

impl Migrate {
    /// Migrates.
    pub async fn run(self) -> Outcome {
        let settings = Settings::gather(&self.place, &Answering::default())?;
        if !exists(&settings) {
            let data = settings.data.display();
            return Err(Stop::failed(format!("{data} 里还没有数据库。首次安装请执行 daylight init。")));
        }
        let db = open_database(&settings).await?;
        let pending = migrations::pending(&db).await?;
        if pending.is_empty() {
            terminal::out("数据库结构已经是最新的。");
        } else if self.dry_run {
            terminal::out(&format!("还没有做的步骤：{}", pending.join("、")));
        } else {
            migrations::migrate(&db).await?;
            terminal::out(&format!("数据库结构已升级：{}", pending.join("、")));
        }
        Ok(db.close().await?)
    }
}
