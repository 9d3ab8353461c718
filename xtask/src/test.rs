//! `cargo xtask test`: every test there is.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::browser::{self, Engine};
use crate::checks;
use crate::cluster::Cluster;
use crate::packages::{self, Need};
use crate::process;
use crate::report::{Counts, Report};

/// Run every test there is: checks of the source, tests on both database engines, browser journeys.
#[derive(clap::Args)]
pub struct Args {
    /// Run a part only; may be given more than once, or as a list with commas.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Never install Debian packages; name the missing ones in one line instead.
    #[arg(long)]
    no_install: bool,
    /// Build with optimisation: slower to build, faster browser tests.
    #[arg(long)]
    release: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Checks of the source, and `cargo test` on SQLite.
    Unit,
    /// `cargo test` on SQLite and PostgreSQL; together with `browser`, also the journeys on PostgreSQL.
    Postgres,
    /// Browser journeys on SQLite.
    Browser,
}

impl Args {
    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    fn needs(&self) -> Vec<Need> {
        let mut needs = Vec::new();
        if self.wants(Part::Postgres) {
            needs.push(Need::Postgres);
        }
        if self.wants(Part::Browser) {
            needs.extend(packages::BROWSER);
        }
        needs
    }
}

/// Runs the steps in order; a failed one does not keep the independent ones from running.
pub fn run(args: &Args) -> Result<bool> {
    packages::ensure(&args.needs(), !args.no_install)?;
    let mut report = Report::default();
    if args.wants(Part::Unit) {
        checks::run(&mut report);
    }
    if !report.step("build", || build(args.release)) {
        return Ok(report.finish());
    }
    let cluster = match args.wants(Part::Postgres) {
        true => report.prepare("start PostgreSQL", Cluster::start),
        false => None,
    };
    if args.wants(Part::Unit) || args.wants(Part::Postgres) {
        let name = if cluster.is_some() { "tests, SQLite and PostgreSQL" } else { "tests, SQLite" };
        report.step(name, || tests(args.release, cluster.as_ref()));
    }
    if args.wants(Part::Browser) {
        let binary = target_folder()?.join(if args.release { "release" } else { "debug" }).join("daylight");
        let mut engines = vec![Engine::Sqlite];
        if args.wants(Part::Postgres) {
            engines.push(Engine::Postgres);
        }
        drop(cluster);
        browser::run(&mut report, &binary, &engines);
    }
    Ok(report.finish())
}

/// Builds everything once.
///
/// `--all-targets` switches on the features that only tests ask for, as `cargo test` does; without it the binary's
/// dependencies would be compiled a second time with fewer features.
fn build(release: bool) -> Result<Counts> {
    let mut command = process::cargo();
    command.args(["build", "--workspace", "--all-targets", "--locked"]);
    if release {
        command.arg("--release");
    }
    process::run(&mut command)
}

fn tests(release: bool, cluster: Option<&Cluster>) -> Result<Counts> {
    let mut command = process::cargo();
    command.args(["test", "--workspace", "--no-fail-fast", "--locked"]);
    if release {
        command.arg("--release");
    }
    match cluster {
        Some(cluster) => command.env("DAYLIGHT_TEST_POSTGRES", cluster.url("daylight")),
        None => command.env_remove("DAYLIGHT_TEST_POSTGRES"),
    };
    process::run_counted(&mut command, count_rust)
}

/// Reads `test result: ok. 12 passed; 0 failed; …`.
fn count_rust(line: &str) -> Counts {
    let Some((_, sums)) = line.split_once("test result: ") else { return Counts::default() };
    let before = |word: &str| {
        let (front, _) = sums.split_once(word)?;
        front.split_whitespace().next_back()?.parse().ok()
    };
    Counts { passed: before(" passed").unwrap_or(0), failed: before(" failed").unwrap_or(0) }
}

fn target_folder() -> Result<PathBuf> {
    let mut command = process::cargo();
    command.args(["metadata", "--no-deps", "--format-version=1", "--locked"]);
    let metadata: serde_json::Value = serde_json::from_str(&process::run_quiet(&mut command)?)?;
    Ok(metadata["target_directory"].as_str().context("cargo metadata without target_directory")?.into())
}

#[cfg(test)]
mod tests {
    use super::count_rust;

    #[test]
    fn sums_are_read_from_cargo_tests_own_line() {
        let counts =
            count_rust("test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; finished in 0.1s\n");
        assert_eq!((counts.passed, counts.failed), (12, 3));
        let counts = count_rust("test importing::twice ... ok\n");
        assert_eq!((counts.passed, counts.failed), (0, 0));
    }
}
