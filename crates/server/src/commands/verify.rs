//! `daylight verify`: is everything stored whole and readable?

use crate::{
    installation::{exists, fingerprint_needed, open_database, open_vault},
    outcome::{Outcome, Stop, file_error},
    settings::{Answering, Settings, Where},
    terminal,
};
use clap::Args;
use daylight_app::{
    attachments,
    audit::{
        self,
        head::{self, Head},
    },
    clock::Clock,
    migrations,
    ops::{self, Check, State},
};
use serde_json::json;
use std::path::PathBuf;

/// 核对全部数据是否完整、可读 Check that everything stored is whole and readable
///
/// 核对审计日志、加密字段、公布内容、搜索索引、相互引用和数据库文件；有问题时退出码为 1。
/// Checks everything stored; exit code 1 when something is wrong.
#[derive(Args)]
pub struct Verify {
    #[command(flatten)]
    place: Where,
    /// 另外保存的审计日志末条（默认 数据目录/audit-head.json） Head of the audit trail kept elsewhere
    #[arg(long, value_name = "FILE")]
    head: Option<PathBuf>,
    /// 输出 JSON Write JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    /// Verifies.
    pub async fn run(self) -> Outcome {
        let json = self.json;
        self.check().await.map_err(|stop| stop.in_json(json))
    }

    async fn check(self) -> Outcome {
        let settings = Settings::gather(&self.place, &Answering::default())?;
        if !exists(&settings) {
            return Err(Stop::failed(format!("{} 里还没有数据库。", settings.data.display())));
        }
        let db = open_database(&settings).await?;
        if !migrations::pending(&db).await?.is_empty() {
            return Err(Stop::failed("数据库结构不是最新的。请先备份，再执行 daylight migrate。"));
        }
        // Keys of another installation are a finding here, not a reason to stop looking.
        let vault = open_vault(&settings).map_err(Stop::from)?;
        let db = db.marked(audit::mark(&vault));
        let mut checks = ops::verify(&db, &vault, Clock::System.now()).await?;
        let kept = self.head.clone().unwrap_or_else(|| settings.data.join(head::FILE));
        let known = Head::read(&kept).map_err(|error| file_error(&kept, &error))?;
        if known.is_none() && self.head.is_some() {
            return Err(Stop::failed(format!("找不到 {}。", kept.display())));
        }
        checks.push(ops::head(&db, &vault, known.as_ref()).await?);
        checks.push(attachments::verify(&db, &vault, &settings.data).await?);
        if let Some(needed) = fingerprint_needed(&db).await?.filter(|it| *it != vault.index_fingerprint()) {
            let detail =
                format!("数据库需要指纹为 {needed} 的密钥文件，现在这个是 {}", vault.index_fingerprint());
            checks.push(Check::fault("keys", "密钥文件", detail, "请换回配套的密钥文件。"));
        }
        db.close().await?;
        report(&checks, self.json)
    }
}

/// Says what was found; a fault is exit code 1.
pub fn report(checks: &[Check], json: bool) -> Outcome {
    let ok = checks.iter().all(|check| check.state != State::Fault);
    if json {
        terminal::out(&json!({ "ok": ok, "checks": checks }).to_string());
    } else {
        let rows: Vec<_> = checks.iter().map(row).collect();
        terminal::out(&terminal::table(&rows));
        for check in checks.iter().filter(|check| !check.remedy.is_empty()) {
            terminal::out(&format!("\n{}：{}", check.name, check.remedy));
        }
        let faults = checks.iter().filter(|check| check.state == State::Fault).count();
        let warnings = checks.iter().filter(|check| check.state == State::Warning).count();
        terminal::out(&match (faults, warnings) {
            (0, 0) => "\n没有发现问题。".to_owned(),
            (0, warnings) => format!("\n没有故障，{warnings} 项需要留意。"),
            (faults, _) => format!("\n发现 {faults} 项问题。"),
        });
    }
    if ok { Ok(()) } else { Err(Stop::silent(1)) }
}

fn row(check: &Check) -> Vec<String> {
    let state = match check.state {
        State::Ok => "✓ 正常",
        State::Warning => "! 注意",
        State::Fault => "✗ 问题",
    };
    vec![state.to_owned(), check.name.to_owned(), check.detail.clone()]
}
