//! `cargo xtask bench`: figures beside a limit and a peer, in one run.

use crate::{packages, process};
use anyhow::Result;
use std::process::Command;

/// Measure: pages, import, search, start. Prints tables for `docs/performance.md`.
#[derive(clap::Args)]
pub struct Args {
    /// Only these arms: import, start, search, page.
    arms: Vec<String>,
}

/// Builds the release program and the bench, installs peers where it may, runs them.
pub fn run(args: &Args) -> Result<bool> {
    packages::ensure(&packages::BENCH, true)?;
    let root = crate::root();
    let packages = ["build", "--release", "--package", "daylight", "--package", "daylight-bench"];
    process::run(process::cargo().current_dir(&root).args(packages))?;
    let release = root.join("target/release");
    let mut bench = Command::new(release.join("daylight-bench"));
    let status = bench.arg(release.join("daylight")).args(&args.arms).status()?;
    Ok(status.success())
}
