//! `daylight backup`: one file, while others go on writing.

use crate::{
    archive::{self, Keys, Writing},
    installation::Installation,
    outcome::{Outcome, Stop, file_error},
    settings::{Answering, Settings, Where},
    terminal,
};
use clap::Args;
use daylight_app::{audit::head::Head, clock::time_text, ops};
use daylight_db::Engine;
use serde_json::json;
use std::path::{Path, PathBuf};

/// 备份为一个文件（不含密钥） Back up into one file, without keys
///
/// 备份为一个文件；服务不必停。密钥不在其中，请另外保存。
/// Backs up into one file while the server runs. Keys are not inside.
#[derive(Args)]
pub struct Backup {
    #[command(flatten)]
    place: Where,
    /// 备份文件 File to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// 输出 JSON Write JSON
    #[arg(long)]
    json: bool,
}

impl Backup {
    /// Backs up.
    pub async fn run(self) -> Outcome {
        let json = self.json;
        self.make().await.map_err(|stop| stop.in_json(json))
    }

    async fn make(self) -> Outcome {
        let settings = Settings::gather(&self.place, &Answering::default())?;
        let out = &self.out;
        if out.exists() {
            return Err(Stop::refused(format!("{} 已经存在，不会覆盖。请换一个文件名。", out.display())));
        }
        let installation = Installation::open(&settings).await?;
        let now = installation.clock.now();
        // On the disk that takes the backup: the data's own may be nearly full.
        let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let scratch = tempfile::Builder::new().prefix(".daylight-backup-").tempdir_in(folder);
        let scratch = scratch.map_err(|error| file_error(folder, &error))?;
        let mut writing = Writing::begin(out, now)?;
        // Before the database is copied: the copy has at least this.
        let head = Head::of(installation.db.read(), &installation.vault, now).await?;
        let engine = match settings.engine() {
            Engine::Sqlite => {
                let snapshot = scratch.path().join(archive::DATABASE);
                let taken = ops::snapshot(&installation.db, &snapshot).await;
                taken.map_err(|error| Stop::failed(format!("无法复制数据库：{error}。请检查磁盘空间。")))?;
                writing.add(archive::DATABASE, &snapshot)?;
                "sqlite"
            }
            Engine::Postgres => {
                let dump = scratch.path().join(archive::DUMP);
                dump_postgres(&settings.database, &dump).await?;
                writing.add(archive::DUMP, &dump)?;
                "postgres"
            }
        };
        writing.add_folders(&settings.data)?;
        let vault = &installation.vault;
        let data = vault.keys().iter().map(|key| (key.id(), key.fingerprint())).collect();
        let manifest =
            writing.finish(engine, Keys { index: vault.index_fingerprint(), data }, head, vault)?;
        let tx = installation.db.write().await?;
        let bytes = std::fs::metadata(out).map_or(0, |meta| meta.len());
        ops::note(&tx, "backup.make", "installation", &format!("{bytes} bytes"), now).await?;
        tx.commit().await?;
        installation.close().await?;
        if self.json {
            let answer = json!({
                "event": "backed_up", "file": out, "bytes": bytes, "made_at": now,
                "members": manifest.members.len(), "keys": manifest.keys,
            });
            terminal::out(&answer.to_string());
        } else {
            terminal::out(&format!(
                "已备份到 {}（{}，{} 个文件，截至 {}）。",
                out.display(),
                terminal::bytes(bytes),
                manifest.members.len(),
                time_text(now)
            ));
            terminal::out(&format!(
                "密钥不在备份里。恢复时需要指纹为 {} 的密钥文件 {}，请与备份分开保存。",
                manifest.keys.index,
                settings.keys.join("keys.json").display()
            ));
        }
        Ok(())
    }
}

/// PostgreSQL's own tool, in its own format: any of its restore options work.
async fn dump_postgres(url: &str, to: &Path) -> Outcome {
    let mut command = tokio::process::Command::new("pg_dump");
    // The password by environment: a command line can be read by every user of the machine.
    if let Some(password) = super::restore::password(url) {
        command.env("PGPASSWORD", password);
    }
    command
        .arg("--dbname")
        .arg(super::restore::without_password(url))
        .arg("--format=custom")
        .arg("--no-owner")
        .arg("--no-privileges")
        .arg("--file")
        .arg(to);
    run_tool(command, "pg_dump").await
}

/// Runs one of PostgreSQL's tools.
pub async fn run_tool(mut command: tokio::process::Command, name: &str) -> Outcome {
    let done = command.output().await.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Stop::failed(format!(
            "没有找到 {name}。请安装 PostgreSQL 客户端（Debian：apt install postgresql-client），或用数据库自己的工具备份和恢复。"
        )),
        _ => Stop::failed(format!("{name} 无法运行：{error}")),
    })?;
    if !done.status.success() {
        let words = String::from_utf8_lossy(&done.stderr);
        return Err(Stop::failed(format!("{name} 失败：{}", words.trim())));
    }
    Ok(())
}
