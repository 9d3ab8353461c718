//! Checks that read the source rather than run it.

mod dependencies;
mod licence;
mod rules;

use anyhow::{Result, bail};

use crate::process;
use crate::report::{Counts, Report};

/// Formatting, lints, the rules of the source tree, the rules for dependencies.
pub fn run(report: &mut Report) {
    report.step("formatting", || process::run(process::cargo().args(["fmt", "--all", "--check"])));
    report.step("lints", || {
        let words = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
        process::run(process::cargo().args(words))
    });
    report.step("rules of the source tree", || none(rules::broken(&crate::root())?));
    report.step("dependencies: licences, banned crates", || none(dependencies::broken(&crate::root())?));
}

fn none(problems: Vec<String>) -> Result<Counts> {
    if problems.is_empty() {
        return Ok(Counts::default());
    }
    bail!("{}", problems.join("\n"))
}
