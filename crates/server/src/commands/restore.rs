//! `daylight restore`: a backup into a new data folder.

use super::backup::run_tool;
use crate::{
    archive::{self, Manifest},
    installation::{belong, exists, fingerprint_needed, open_database, open_vault, prepare_folder},
    lock::Lock,
    outcome::{Outcome, Stop, file_error},
    settings::{Answering, Settings, Where},
    terminal,
};
use clap::Args;
use daylight_app::{
    attachments,
    audit::{self, head::Held},
    clock::{Clock, time_text},
    migrations,
    ops::{self, Check, State},
};
use daylight_db::{Db, Engine};
use daylight_vault::{Vault, VaultError};
use serde_json::json;
use std::{
    fs::File,
    path::{Path, PathBuf},
};

/// 从备份恢复到新的数据目录 Restore a backup into a new data folder
///
/// 从备份恢复到新的数据目录（不会覆盖已有数据）；核对每个文件的校验值，核对密钥是否配套。
/// Restores a backup into a new data folder, never over data.
#[derive(Args)]
pub struct Restore {
    /// 备份文件 The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    place: Where,
    /// 输出 JSON Write JSON
    #[arg(long)]
    json: bool,
}

impl Restore {
    /// Restores.
    pub async fn run(self) -> Outcome {
        let json = self.json;
        self.bring_back().await.map_err(|stop| stop.in_json(json))
    }

    async fn bring_back(self) -> Outcome {
        let settings = Settings::gather(&self.place, &Answering::default())?;
        let sqlite = settings.sqlite_file().map(Path::to_owned);
        refuse_to_overwrite(&settings)?;
        if !self.file.is_file() {
            return Err(Stop::failed(format!("找不到备份文件 {}。", self.file.display())));
        }
        let manifest = archive::manifest(&self.file)?;
        let vault = keys(&settings, &manifest)?;
        manifest.hold(&vault)?;
        prepare_folder(&settings.data)?;
        let _lock = Lock::take(&settings.data)?;
        let scratch = tempfile::Builder::new().prefix(".restore-").tempdir_in(&settings.data);
        let scratch = scratch.map_err(|error| file_error(&settings.data, &error))?;
        archive::unpack(&self.file, scratch.path(), &manifest)?;
        let engine = if sqlite.is_some() { "sqlite" } else { "postgres" };
        if manifest.engine != engine {
            return Err(Stop::refused(format!(
                "这个备份来自 {}，不能恢复到 {engine}。请用 --database 指定同一种数据库。",
                manifest.engine
            )));
        }
        let files = match &sqlite {
            Some(file) => {
                let unpacked = scratch.path().join(archive::DATABASE);
                let db = Db::open(&format!("sqlite:{}", unpacked.display())).await?;
                let db = db.marked(audit::mark(&vault));
                check(&db, &vault, &manifest).await?;
                let files = attachments::verify(&db, &vault, scratch.path()).await?;
                // Closing folds the log: one whole file is left to move.
                db.close().await?;
                place_folders(scratch.path(), &settings.data)?;
                // Last, so that what is interrupted before leaves no database that could be mistaken for whole.
                move_into(&unpacked, file)?;
                files
            }
            None => {
                let mut command = tokio::process::Command::new("pg_restore");
                command.args([
                    "--no-owner",
                    "--no-privileges",
                    "--single-transaction",
                    "--exit-on-error",
                    "--dbname",
                ]);
                command.arg(without_password(&settings.database)).arg(scratch.path().join(archive::DUMP));
                if let Some(password) = password(&settings.database) {
                    command.env("PGPASSWORD", password);
                }
                let db = open_database(&settings).await?;
                let pending = migrations::pending(&db).await?;
                if pending.is_empty() {
                    return Err(Stop::refused("数据库里已经有内容，不会覆盖。请新建一个空的数据库。"));
                }
                db.close().await?;
                run_tool(command, "pg_restore").await?;
                let db = open_database(&settings).await?;
                let db = db.marked(audit::mark(&vault));
                check(&db, &vault, &manifest).await?;
                let files = attachments::verify(&db, &vault, scratch.path()).await?;
                place_folders(scratch.path(), &settings.data)?;
                db.close().await?;
                files
            }
        };
        if let Some(head) = &manifest.head {
            head.write(&settings.data).map_err(|error| file_error(&settings.data, &error))?;
        }
        self.report(&settings, &manifest, &files);
        // What could be brought back is back; that something is missing is not passed over.
        if files.state == State::Fault { Err(Stop::silent(1)) } else { Ok(()) }
    }

    fn report(&self, settings: &Settings, manifest: &Manifest, files: &Check) {
        if self.json {
            let answer = json!({
                "event": "restored", "data": settings.data, "made_at": manifest.made_at,
                "members": manifest.members.len(), "attachments": files,
            });
            terminal::out(&answer.to_string());
            return;
        }
        terminal::out(&format!(
            "已恢复到 {}：{} 个文件，内容截至 {}。",
            settings.data.display(),
            manifest.members.len(),
            time_text(manifest.made_at)
        ));
        if files.state == State::Fault {
            terminal::out(&format!("{}：{}", files.name, files.detail));
        }
        terminal::out("密钥与数据配套。请执行 daylight verify 核对，再启动服务。");
    }
}

fn refuse_to_overwrite(settings: &Settings) -> Outcome {
    let mut taken: Vec<PathBuf> = Vec::new();
    if settings.engine() == Engine::Sqlite && exists(settings) {
        taken.extend(settings.sqlite_file().map(Path::to_owned));
    }
    taken.extend(
        ops::FOLDERS.iter().map(|folder| settings.data.join(folder)).filter(|folder| folder.exists()),
    );
    match taken.first() {
        None => Ok(()),
        Some(path) => {
            Err(Stop::refused(format!("{} 已经存在，不会覆盖。请换一个空的数据目录。", path.display())))
        }
    }
}

/// The keys that a backup needs: without them nobody could tell whether it is what was backed up.
fn keys(settings: &Settings, manifest: &Manifest) -> Outcome<Vault> {
    open_vault(settings).map_err(|error| match error {
        VaultError::Missing(_) => Stop::refused(format!(
            "没有密钥文件，无法核对备份是否被改动，没有恢复任何内容。请先把索引密钥指纹为 {} 的密钥文件放到 {}，再恢复。",
            manifest.keys.index,
            settings.keys.join("keys.json").display()
        )),
        error => error.into(),
    })
}

/// Brings the schema up to date and holds the keys against the data, before anything is put in place.
async fn check(db: &Db, vault: &Vault, manifest: &Manifest) -> Outcome {
    migrations::migrate(db).await?;
    let damages = ops::store::damages(db).await?;
    if let Some(first) = damages.first() {
        return Err(Stop::refused(format!("备份里的数据库已损坏：{first}")));
    }
    let needed = fingerprint_needed(db).await?.unwrap_or_else(|| manifest.keys.index.clone());
    belong(db, vault, Some(&needed)).await?;
    if let Some(head) = &manifest.head
        && head.held(db.read(), vault).await? != Held::Yes
    {
        return Err(Stop::refused("备份里的审计日志比备份时记下的少，或被改写过：这个备份不可信。"));
    }
    let now = Clock::System.now();
    let tx = db.write().await?;
    let made = format!("backup of {}", manifest.made_at);
    ops::note(&tx, "backup.restore", "installation", &made, now).await?;
    Ok(tx.commit().await?)
}

fn place_folders(from: &Path, to: &Path) -> Outcome {
    for folder in ops::FOLDERS.iter().filter(|folder| from.join(folder).is_dir()) {
        move_into(&from.join(folder), &to.join(folder))?;
    }
    Ok(())
}

fn move_into(from: &Path, to: &Path) -> Outcome {
    std::fs::rename(from, to).map_err(|error| file_error(to, &error))?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| file_error(folder, &error))
}

/// The password of `postgres://user:password@host/db`, as it is and not as addresses spell it.
pub fn password(url: &str) -> Option<String> {
    let spelt = spelt_password(url)?;
    Some(percent_encoding::percent_decode_str(spelt).decode_utf8_lossy().into_owned())
}

/// The address without its password: command lines can be read by every user.
pub fn without_password(url: &str) -> String {
    match spelt_password(url) {
        Some(password) => url.replacen(&format!(":{password}@"), "@", 1),
        None => url.to_owned(),
    }
}

fn spelt_password(url: &str) -> Option<&str> {
    let (user, _) = url.split_once("://")?.1.rsplit_once('@')?;
    Some(user.split_once(':')?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_does_not_reach_the_command_line() {
        let url = "postgres://u:geheim@h:5432/d?sslmode=disable";
        assert_eq!(password(url).as_deref(), Some("geheim"));
        assert_eq!(without_password(url), "postgres://u@h:5432/d?sslmode=disable");
        assert_eq!(without_password("postgres://u@h/d"), "postgres://u@h/d");
        let spelt = "postgres://u:a%40b%2Fc@h/d";
        assert_eq!(password(spelt).as_deref(), Some("a@b/c"));
        assert_eq!(without_password(spelt), "postgres://u@h/d");
    }
}
