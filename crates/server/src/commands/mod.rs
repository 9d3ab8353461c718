//! The commands: one file each.

mod backup;
mod demo;
mod doctor;
mod export;
mod import;
mod init;
mod migrate;
mod openapi;
mod restore;
mod rotate_keys;
mod serve;
mod verify;
mod work;

use crate::outcome::Outcome;
use clap::{Parser, Subcommand};

/// 阳光监督：公开权力、听取群众、办理反映、防范风险。
/// Daylight publishes public power, hears citizens and handles what they report.
#[derive(Parser)]
#[command(name = "daylight", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "退出码 Exit codes: 0 完成 done · 1 失败 failed · 2 用法错误 usage · 3 拒绝执行 refused")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 启动服务 Serve pages and run background jobs
    Serve(serve::Serve),
    /// 只运行后台任务 Run background jobs only
    Work(work::Work),
    /// 一键演示：虚构的县，真实的功能 Show a fictional county
    Demo(demo::Demo),
    /// 首次安装：建库、建密钥、打印首位管理员的登录链接 Set up an installation
    Init(init::Init),
    /// 升级数据库结构 Bring the database to the newest schema
    Migrate(migrate::Migrate),
    /// 导入单位、干部、权力、流程和区划表格 Take over tables as offices send them
    Import(import::Import),
    /// 导出开放数据 Write open data as CSV and JSON
    Export(export::Export),
    /// 备份为一个文件（不含密钥） Back up into one file, without keys
    Backup(backup::Backup),
    /// 从备份恢复到新的数据目录 Restore a backup into a new data folder
    Restore(restore::Restore),
    /// 核对全部数据是否完整、可读 Check that everything stored is whole and readable
    Verify(verify::Verify),
    /// 体检：环境、权限、密钥、磁盘、日历 Examine the environment, with remedies
    Doctor(doctor::Doctor),
    /// 轮换加密密钥 Move every sealed value to a new key
    RotateKeys(rotate_keys::RotateKeys),
    /// 打印开放接口说明（OpenAPI 3.1） Print the OpenAPI file
    Openapi(openapi::Openapi),
}

/// Runs what was asked.
pub async fn run(cli: Cli) -> Outcome {
    match cli.command {
        Command::Serve(serve) => serve.run().await,
        Command::Work(work) => work.run().await,
        Command::Demo(demo) => demo.run().await,
        Command::Init(init) => init.run().await,
        Command::Migrate(migrate) => migrate.run().await,
        Command::Import(import) => import.run().await,
        Command::Export(export) => export.run().await,
        Command::Backup(backup) => backup.run().await,
        Command::Restore(restore) => restore.run().await,
        Command::Verify(verify) => verify.run().await,
        Command::Doctor(doctor) => doctor.run().await,
        Command::RotateKeys(rotate) => rotate.run().await,
        Command::Openapi(openapi) => openapi.run(),
    }
}
