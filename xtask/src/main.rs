//! What a developer runs besides cargo itself: `cargo xtask test`, `cargo xtask postgres`, `cargo xtask bench`, `cargo xtask
//! durability`.
//!
//! One file per command (`test.rs`, `postgres.rs`); beside them what the commands share: `checks/` (rules of the
//! source tree), `cluster.rs` (a throw-away PostgreSQL), `browser.rs` (the journeys of `e2e/`), `packages.rs`
//! (Debian packages), `process.rs` (children that never outlive us), `report.rs` (the lines printed).

mod bench;
mod browser;
mod checks;
mod cluster;
mod durability;
mod leaks;
mod packages;
mod postgres;
mod process;
mod report;
mod test;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Work on Daylight: run its tests, start its databases, measure it.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Test(test::Args),
    Postgres(postgres::Args),
    Bench(bench::Args),
    Durability(durability::Args),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Test(args) => test::run(&args),
        Command::Postgres(args) => postgres::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Durability(args) => durability::run(&args),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the root").to_path_buf()
}
