//! `daylight rotate-keys`: a new key, every sealed value under it, the old key destroyed.

use crate::{
    installation::Installation,
    keys,
    lock::{self, Sealing},
    outcome::{Outcome, Stop, file_error},
    settings::{Answering, Settings, Where},
    terminal::{self, Progress, grouped},
};
use clap::Args;
use daylight_app::{ops, ratings};
use daylight_db::Engine;
use serde_json::json;
use std::time::Duration;

/// 轮换加密密钥 Move every sealed value to a new key
///
/// 轮换加密密钥：生成新密钥，把全部加密字段改用新密钥，然后销毁旧密钥。服务不必停；中断后再次执行即可接着做。
/// 请先另存一份现在的密钥文件：以前的备份仍然需要它。
/// Moves every sealed value to a new key and destroys the old one. Resumable.
#[derive(Args)]
pub struct RotateKeys {
    #[command(flatten)]
    place: Where,
    /// 保留旧密钥，不销毁 Keep the old keys
    #[arg(long)]
    keep_old: bool,
    /// PostgreSQL 多台服务器：确认全部服务器都已重启 All servers were restarted since
    #[arg(long)]
    servers_restarted: bool,
    /// 输出 JSON Write JSON
    #[arg(long)]
    json: bool,
}

/// A running server reads the key file again within seconds.
const NOTICED_WITHIN: Duration = Duration::from_secs(20);

impl RotateKeys {
    /// Rotates.
    pub async fn run(self) -> Outcome {
        let json = self.json;
        self.rotate().await.map_err(|stop| stop.in_json(json))
    }

    async fn rotate(self) -> Outcome {
        let settings = Settings::gather(&self.place, &Answering::default())?;
        let installation = Installation::open(&settings).await?;
        let (db, vault) = (&installation.db, &installation.vault);
        let now = installation.clock.now();
        // Retired keys are left of a rotation that was interrupted: finish it before beginning another.
        let resumed = vault.keys().len() > 1 && !self.keep_old;
        if !resumed {
            vault.rotate(now / 1_000)?;
        }
        let active = keys::active(vault);
        // First let the server seal under the new key, so that what it writes need not be moved.
        let noticed = self.noticed(&settings, active).await;
        let progress = Progress::new();
        let moved =
            ops::reseal_all(db, vault, &|seen| progress.say(&format!("已处理 {} 项", grouped(seen)))).await?;
        progress.clear();
        let uploads = ops::upload_key_numbers(&settings.data, &ratings::keys::folder(vault));
        let uploads = uploads.map_err(|error| file_error(&settings.data, &error))?;
        // Nobody who began before the rotation may still seal under the old key.
        let alone = Sealing::alone(&settings.data)?;
        let noticed = noticed && alone.is_some();
        let gone = if noticed && !self.keep_old {
            ops::forget_unused(db, vault, &uploads).await?
        } else {
            Vec::new()
        };
        let left: Vec<_> = vault.keys().iter().map(|key| key.id()).filter(|id| *id != active).collect();
        let tx = db.write().await?;
        let detail = format!("key {active}, moved {}, destroyed {gone:?}, left {left:?}", moved.moved);
        ops::note(&tx, "keys.rotate", "keys", &detail, now).await?;
        tx.commit().await?;
        if self.json {
            let answer = json!({
                "event": "rotated", "key": active, "resumed": resumed, "moved": moved.moved,
                "unreadable": moved.unreadable, "destroyed": gone, "left": left,
            });
            terminal::out(&answer.to_string());
        } else {
            let began = if resumed { "接着完成上次的轮换" } else { "已生成新密钥" };
            terminal::out(&format!(
                "{began}：第 {active} 号。改用新密钥的加密字段 {} 项。",
                grouped(moved.moved)
            ));
            if !gone.is_empty() {
                terminal::out(&format!("已销毁旧密钥：第 {} 号。", numbers(&gone)));
            }
            terminal::out("请重新保存一份密钥文件；以前的备份需要以前的密钥文件，在这些备份作废前不要丢弃。");
        }
        installation.close().await?;
        self.conclude(moved.unreadable, &left, &uploads, noticed)
    }

    /// Whether every process that seals knows the new key.
    async fn noticed(&self, settings: &Settings, active: u32) -> bool {
        if settings.engine() == Engine::Postgres {
            // Others may serve the same database from other machines; nothing here tells.
            return self.servers_restarted;
        }
        let waited = tokio::time::timeout(NOTICED_WITHIN, async {
            while lock::holder(&settings.data).is_some_and(|holder| holder.key != active) {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
        waited.await.is_ok()
    }

    fn conclude(
        &self,
        unreadable: u64,
        left: &[u32],
        uploads: &std::collections::BTreeSet<u32>,
        noticed: bool,
    ) -> Outcome {
        if unreadable > 0 {
            return Err(Stop::failed(format!(
                "有 {unreadable} 项加密字段打不开，保持原样，它们的密钥也保留着。请执行 daylight verify 查看。"
            )));
        }
        if left.is_empty() || self.keep_old || self.json {
            return Ok(());
        }
        terminal::out(&match (noticed, left.iter().find(|key| uploads.contains(key))) {
            (true, Some(key)) => {
                format!("第 {key} 号旧密钥还用在没有处理完的批量导入上。处理完后请再执行一次本命令。")
            }
            (true, None) => format!("旧密钥第 {} 号暂时保留。请再执行一次本命令。", numbers(left)),
            (false, _) => format!(
                "旧密钥第 {} 号暂时保留，因为不能确定所有程序都已换用新密钥\n（正在导入、正在运行 daylight work，或有别的服务器）。请等它们结束或重启后再执行本命令；\n使用 PostgreSQL 时请加 --servers-restarted。",
                numbers(left)
            ),
        });
        Ok(())
    }
}

fn numbers(keys: &[u32]) -> String {
    keys.iter().map(u32::to_string).collect::<Vec<_>>().join("、")
}
