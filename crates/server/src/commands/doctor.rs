//! `daylight doctor`: the environment, with remedies.

use super::verify::report;
use crate::{
    installation::{exists, open_database, open_vault},
    lock,
    outcome::{Outcome, Stop},
    settings::{Answering, Settings, Where},
    terminal,
};
use clap::Args;
use daylight_app::{
    clock::Clock,
    ops::{self, Check},
};
use std::{os::unix::fs::PermissionsExt, path::Path};

/// 体检：环境、权限、密钥、磁盘、日历 Examine the environment, with remedies
///
/// 体检：磁盘、权限、密钥、数据库结构、系统时间、工作日历、备份、任务，并告诉您怎么处理。
/// Examines the environment and says what to do; exit code 1 when something does not work.
#[derive(Args)]
pub struct Doctor {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    answering: Answering,
    /// 输出 JSON Write JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Examines.
    pub async fn run(self) -> Outcome {
        let json = self.json;
        self.examine().await.map_err(|stop| stop.in_json(json))
    }

    async fn examine(self) -> Outcome {
        let settings = Settings::gather(&self.place, &self.answering)?;
        if !settings.data.is_dir() {
            let data = settings.data.display();
            return Err(Stop::failed(format!("没有数据目录 {data}。首次安装请执行 daylight init。")));
        }
        let mut checks = vec![folder(&settings.data), disk(&settings.data), server(&settings)];
        checks.extend(wal(&settings));
        checks.push(address(&settings));
        checks.extend(inside(&settings).await);
        report(&checks, self.json)
    }
}

/// What database and keys tell; when they cannot be opened, that.
async fn inside(settings: &Settings) -> Vec<Check> {
    let init = "首次安装请执行 daylight init；恢复请执行 daylight restore。";
    if !exists(settings) {
        return vec![Check::fault("database", "数据库", "还没有数据库", init)];
    }
    let db = match open_database(settings).await {
        Ok(db) => db,
        Err(stop) => return vec![Check::fault("database", "数据库", stop.message(), "请检查数据库服务和地址。")],
    };
    let vault = match open_vault(settings) {
        Ok(vault) => vault,
        Err(error) => {
            let remedy = "请把与这个数据库配套的密钥文件放回密钥目录，并检查权限。";
            return vec![Check::fault("keys", "密钥", error.to_string(), remedy)];
        }
    };
    let found = ops::doctor(&db, &vault, Clock::System.now()).await;
    drop(db.close().await);
    found.unwrap_or_else(|error| vec![Check::fault("database", "数据库", error.to_string(), "请检查数据库服务。")])
}

fn folder(data: &Path) -> Check {
    let (code, name) = ("folder", "数据目录");
    let shown = data.display();
    if tempfile::tempfile_in(data).is_err() {
        return Check::fault(code, name, format!("{shown} 不能写入"), "请检查目录属主、权限和磁盘是否只读。");
    }
    let mode = std::fs::metadata(data).map_or(0, |meta| meta.permissions().mode()) & 0o777;
    if mode & 0o007 != 0 {
        let detail = format!("{shown} 的权限是 {mode:o}，本机其他用户可以进入");
        return Check::warning(code, name, detail, format!("请执行：chmod 700 {shown}"));
    }
    Check::ok(code, name, 0, shown.to_string())
}

fn disk(data: &Path) -> Check {
    let (code, name) = ("disk", "磁盘空间");
    let Ok(stat) = rustix::fs::statvfs(data) else {
        return Check::warning(code, name, "无法读取磁盘空间", "请手工检查。");
    };
    let (free, total) = (stat.f_bavail * stat.f_frsize, stat.f_blocks * stat.f_frsize);
    let detail = format!("剩余 {}，共 {}", terminal::bytes(free), terminal::bytes(total));
    let remedy = "请清理空间或扩容；磁盘写满后不能保存任何内容。";
    match free {
        0..0x1000_0000 => Check::fault(code, name, detail, remedy),
        0x1000_0000..0x8000_0000 => Check::warning(code, name, detail, remedy),
        _ => Check::ok(code, name, 0, detail),
    }
}

fn server(settings: &Settings) -> Check {
    let (code, name) = ("server", "服务");
    match lock::holder(&settings.data) {
        Some(holder) => Check::ok(code, name, 1, format!("正在运行（进程号 {}，{}）", holder.pid, holder.url)),
        None => Check::ok(code, name, 0, "没有运行"),
    }
}

fn wal(settings: &Settings) -> Option<Check> {
    let (code, name) = ("wal", "预写日志");
    let file = settings.sqlite_file()?;
    let wal = std::fs::metadata(format!("{}-wal", file.display())).map_or(0, |meta| meta.len());
    let detail = terminal::bytes(wal);
    Some(if wal > 256 << 20 {
        let remedy = "通常会自动收回；一直很大时请重启服务，并检查有没有长时间不结束的程序占用数据库。";
        Check::warning(code, name, detail, remedy)
    } else {
        Check::ok(code, name, 0, detail)
    })
}

fn address(settings: &Settings) -> Check {
    let (code, name) = ("address", "公众网址");
    match settings.base_url.as_deref() {
        Some(url) if url.starts_with("https://") => Check::ok(code, name, 0, url),
        Some(url) => Check::warning(code, name, format!("{url} 没有加密"), "请在反向代理上启用 HTTPS，并修改 base_url。"),
        None => Check::warning(
            code,
            name,
            "没有设置，二维码里是本机地址",
            "正式使用前请在 daylight.toml 里设置 base_url = \"https://…\"。",
        ),
    }
}
