//! `cargo xtask bench`: figures beside a limit and a peer, in one run.

use crate::{packages, process};
use anyhow::Result;
use std::process::Command;

/// Measure: pages, import, search, start. Prints tables for `docs/performance.md`. `compare` measures the comparison engine.
#[derive(clap::Args)]
pub struct Args {
    /// Only these arms: import, start, search, page; or `compare` alone.
    arms: Vec<String>,
    /// `compare`: rows of the ledger.
    #[arg(long, default_value_t = 10_000_000)]
    rows: u64,
    /// `compare`: rows of the roster.
    #[arg(long, default_value_t = 300_000)]
    roster: u64,
}

/// Builds the release program and the bench, installs peers where it may, runs them.
pub fn run(args: &Args) -> Result<bool> {
    if args.arms == ["compare"] {
        return compare(args);
    }
    packages::ensure(&packages::BENCH, true)?;
    let root = crate::root();
    let packages = ["build", "--release", "--package", "daylight", "--package", "daylight-bench"];
    process::run(process::cargo().current_dir(&root).args(packages))?;
    let release = root.join("target/release");
    let mut bench = Command::new(release.join("daylight-bench"));
    let status = bench.arg(release.join("daylight")).args(&args.arms).status()?;
    Ok(status.success())
}

/// The comparison engine beside its limit, and beside DuckDB and Polars where a Python has them. Its crate is apart, so
/// that the product need not be built.
fn compare(args: &Args) -> Result<bool> {
    let root = crate::root();
    let build = ["build", "--release", "--package", "daylight-bench-compare"];
    process::run(process::cargo().current_dir(&root).args(build))?;
    let folder = root.join("target/bench-compare");
    let mut bench = Command::new(root.join("target/release/daylight-bench-compare"));
    bench.arg(&folder).args(["--rows", &args.rows.to_string(), "--roster", &args.roster.to_string()]);
    match python() {
        Some(python) => bench.args(["--python", &python]),
        None => {
            println!(
                "no python3 with duckdb and polars: the engine is measured alone (DAYLIGHT_BENCH_PYTHON names another)"
            );
            &mut bench
        }
    };
    Ok(bench.status()?.success())
}

fn python() -> Option<String> {
    let name = std::env::var("DAYLIGHT_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&name).args(["-c", "import duckdb, polars"]).output();
    has.is_ok_and(|it| it.status.success()).then_some(name)
}
