//! The commands: one file each.

mod backup;
mod compare;
mod demo;
mod doctor;
mod export;
mod import;
mod init;
mod invite;
mod migrate;
mod openapi;
mod restore;
mod rotate_keys;
mod serve;
mod superior;
mod verify;
mod work;

use crate::outcome::Outcome;
use clap::{Parser, Subcommand};

/// 阳光监督：公开权力、听取群众、办理反映、防范风险。
///
/// Daylight publishes public power, hears citizens and handles what they report.
#[derive(Parser)]
#[command(name = "daylight", version, propagate_version = true, arg_required_else_help = true)]
#[command(
    after_help = "退出码 Exit codes: 0 完成 done · 1 失败 failed · 2 用法错误 usage · 3 拒绝执行 refused · 4 比对有疑点 hits"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
    Work(work::Work),
    Demo(demo::Demo),
    Init(init::Init),
    Invite(invite::Invite),
    Migrate(migrate::Migrate),
    Import(import::Import),
    Export(export::Export),
    Compare(compare::Compare),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Verify(verify::Verify),
    Doctor(doctor::Doctor),
    RotateKeys(rotate_keys::RotateKeys),
    Superior(superior::Superior),
    Openapi(openapi::Openapi),
}

/// Runs what was asked.
pub async fn run(cli: Cli) -> Outcome {
    match cli.command {
        Command::Serve(serve) => serve.run().await,
        Command::Work(work) => work.run().await,
        Command::Demo(demo) => demo.run().await,
        Command::Init(init) => init.run().await,
        Command::Invite(invite) => invite.run().await,
        Command::Migrate(migrate) => migrate.run().await,
        Command::Import(import) => import.run().await,
        Command::Export(export) => export.run().await,
        Command::Compare(compare) => compare.run().await,
        Command::Backup(backup) => backup.run().await,
        Command::Restore(restore) => restore.run().await,
        Command::Verify(verify) => verify.run().await,
        Command::Doctor(doctor) => doctor.run().await,
        Command::RotateKeys(rotate) => rotate.run().await,
        Command::Superior(superior) => superior.run().await,
        Command::Openapi(openapi) => openapi.run(),
    }
}
