//! One timed line per step, and the sum at the end.

use std::time::{Duration, Instant};

/// How many tests a step counted.
#[derive(Clone, Copy, Default)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
}

struct Step {
    name: String,
    ok: bool,
    took: Duration,
    note: String,
}

impl Step {
    fn line(&self) -> String {
        let word = if self.ok { "ok" } else { "FAILED" };
        let line = format!("{word:<7}{:<44}{:>8.1} s  {}", self.name, self.took.as_secs_f64(), self.note);
        line.trim_end().to_owned()
    }
}

/// Runs steps, prints each, remembers them for the summary. A failed step does not stop the others.
#[derive(Default)]
pub struct Report {
    steps: Vec<Step>,
    counts: Counts,
}

impl Report {
    /// Runs one step; returns whether it went well.
    pub fn step(&mut self, name: &str, work: impl FnOnce() -> anyhow::Result<Counts>) -> bool {
        self.measured(name, work).is_some()
    }

    /// Runs one step that prepares something later steps need.
    pub fn prepare<T>(&mut self, name: &str, work: impl FnOnce() -> anyhow::Result<T>) -> Option<T> {
        let mut made = None;
        self.measured(name, || {
            made = Some(work()?);
            Ok(Counts::default())
        });
        made
    }

    fn measured(&mut self, name: &str, work: impl FnOnce() -> anyhow::Result<Counts>) -> Option<()> {
        let start = Instant::now();
        let outcome = work();
        let took = start.elapsed();
        let (ok, note) = match &outcome {
            Ok(counts) if counts.failed > 0 => (false, note(*counts)),
            Ok(counts) => (true, note(*counts)),
            Err(error) => {
                eprintln!("{error:#}");
                (false, String::new())
            }
        };
        match outcome {
            Ok(counts) => {
                self.counts.passed += counts.passed;
                self.counts.failed += counts.failed;
            }
            // A step that broke without counting is one failure, so that the last line cannot read "0 failed".
            Err(_) => self.counts.failed += 1,
        }
        let step = Step { name: name.to_owned(), ok, took, note };
        println!("{}", step.line());
        self.steps.push(step);
        ok.then_some(())
    }

    /// Prints every step again and the sum; returns whether all went well.
    pub fn finish(self) -> bool {
        println!();
        for step in &self.steps {
            println!("{}", step.line());
        }
        let took: Duration = self.steps.iter().map(|step| step.took).sum();
        println!("{:<51}{:>8.1} s", "all steps", took.as_secs_f64());
        println!("{} passed, {} failed", self.counts.passed, self.counts.failed);
        self.steps.iter().all(|step| step.ok)
    }
}

fn note(counts: Counts) -> String {
    match (counts.passed, counts.failed) {
        (0, 0) => String::new(),
        (passed, 0) => format!("{passed} passed"),
        (passed, failed) => format!("{passed} passed, {failed} failed"),
    }
}
