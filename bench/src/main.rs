//! Figures beside a limit and a peer, in one run: `cargo xtask bench`.
//!
//! Machines are noisy, so arms are interleaved, each is run several times, medians are printed, and
//! an A/A arm (the same thing twice) says how far two equal arms lie apart. Nothing here asserts a
//! speed: that is for a person to judge.

mod alike;
mod import;
mod page;
mod process;
mod report;
mod search;
mod start;

use anyhow::{Context, Result};
use std::path::PathBuf;

/// What every arm needs: the program under test and a county's data.
struct Bench {
    /// The release binary.
    daylight: PathBuf,
    /// A folder that disappears with this run.
    folder: tempfile::TempDir,
    /// The sources of the peers.
    peer: PathBuf,
}

impl Bench {
    /// The demonstration county's data folder, made on first use.
    fn county(&self) -> PathBuf {
        self.folder.path().join("county")
    }
}

/// One measured arm.
struct Arm {
    name: String,
    /// Figures of each round.
    rounds: Vec<f64>,
}

impl Arm {
    fn new(name: &str) -> Arm {
        Arm { name: name.to_owned(), rounds: Vec::new() }
    }

    fn median(&self) -> f64 {
        let mut sorted = self.rounds.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn print(&self, unit: &str) {
        let low = self.rounds.iter().copied().fold(f64::INFINITY, f64::min);
        let high = self.rounds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        println!(
            "| {} | {:.3} | {low:.3} | {high:.3} | {} | {unit} |",
            self.name,
            self.median(),
            self.rounds.len()
        );
    }
}

/// Prints a table of arms and the ratios between them.
fn table(title: &str, unit: &str, arms: &[&Arm], ratios: &[(&str, f64)]) {
    println!("\n## {title}\n\n| arm | median | min | max | rounds | unit |\n|---|---|---|---|---|---|");
    for arm in arms {
        arm.print(unit);
    }
    println!();
    for (name, ratio) in ratios {
        println!("- {name}: {ratio:.2}");
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let daylight =
        PathBuf::from(arguments.next().context("usage: daylight-bench PATH-TO-DAYLIGHT [ARM...]")?);
    let wanted: Vec<String> = arguments.collect();
    let wants = |arm: &str| wanted.is_empty() || wanted.iter().any(|word| word == arm);
    let peer = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("peer");
    let bench = Bench { daylight, folder: tempfile::tempdir()?, peer };
    if wants("import") {
        import::run(&bench)?;
    }
    if wants("start") {
        start::run(&bench)?;
    }
    if wants("report") {
        report::run(&bench)?;
    }
    if wants("alike") {
        alike::run(&bench)?;
    }
    if wants("search") {
        search::run(&bench)?;
    }
    if wants("page") {
        page::run(&bench)?;
    }
    Ok(())
}
