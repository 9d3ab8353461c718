//! The browser journeys of `e2e/` against `daylight demo`, on each engine.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::cluster::Cluster;
use crate::leaks::{self, Place};
use crate::packages;
use crate::process::{self, Leash, Leashed};
use crate::report::{Counts, Report};

/// Where the demonstration keeps its data during the journeys.
#[derive(Clone, Copy)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// First shows that the guards go red, then walks the journeys on each engine.
pub fn run(report: &mut Report, binary: &Path, engines: &[Engine]) {
    let out = crate::root().join("e2e/out");
    let ready = report.step("browser: npm packages", install) & std::fs::create_dir_all(&out).is_ok();
    if !ready {
        return;
    }
    report.step("browser: guards go red", || node(&mut Command::new("node"), "lib"));
    for &engine in engines {
        report.step(&format!("browser: journeys, {}", engine.name()), || journeys(binary, engine, &out));
    }
}

/// `npm ci`, unless what it installed is newer than the lock file.
fn install() -> Result<Counts> {
    let version = process::run_quiet(Command::new("node").arg("--version"))?;
    let major =
        version.trim().trim_start_matches('v').split('.').next().and_then(|word| word.parse::<u32>().ok());
    if major.is_none_or(|major| major < 18) {
        bail!("the browser tests need Node 18 or newer, this is {version}");
    }
    let e2e = crate::root().join("e2e");
    let changed = |path: &str| std::fs::metadata(e2e.join(path)).and_then(|file| file.modified()).ok();
    let (lock, done) = (changed("package-lock.json"), changed("node_modules/.package-lock.json"));
    if done.is_none() || done < lock {
        process::run_quiet(Command::new("npm").arg("ci").current_dir(&e2e))?;
    }
    Ok(Counts::default())
}

fn journeys(binary: &Path, engine: Engine, out: &Path) -> Result<Counts> {
    let data = tempfile::Builder::new().prefix("daylight-demo-").tempdir()?;
    let folder = data.path().join("demo");
    std::fs::create_dir(&folder)?;
    let mut words =
        vec![binary.display().to_string(), "demo".into(), "--data".into(), folder.display().to_string()];
    words
        .extend(["--listen", "127.0.0.1:0", "--scale", "village", "--seed", "1", "--json"].map(String::from));
    // A cluster of its own, so that all of it can be searched afterwards: its log of changes holds more than its tables.
    let cluster = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Cluster::start()?),
    };
    if let Some(cluster) = &cluster {
        words.extend(["--database".into(), cluster.url("daylight")]);
    }
    let log = out.join(format!("server-{}.log", engine.name()));
    let server = Leash::start(&Leashed {
        prefix: &[],
        words: &words,
        signal: "TERM",
        folder: data.path(),
        log: Some(log.clone()),
    })?;
    let ready = server.wait_for(Duration::from_secs(120), ready_line).context("daylight demo")?;
    let url = ready["url"].as_str().context("the ready line has no url")?;
    let mut command = Command::new("node");
    command.env("BASE_URL", url).env("ACCOUNTS", ready["accounts"].to_string()).env("ENGINE", engine.name());
    if cluster.is_some() {
        // The pages were looked at on SQLite; here one of each kind shows that the other engine serves them too.
        command.env("E2E_SAMPLES", "1");
    }
    let noted = data.path().join("noted-secrets");
    command.env("SECRETS", &noted).env("DATA_FOLDER", &folder);
    let mut doctor = vec![words[0].clone(), "doctor".into(), "--json".into(), "--data".into()];
    doctor.push(folder.display().to_string());
    if let Some(at) = words.iter().position(|word| word == "--database") {
        doctor.extend_from_slice(&words[at..]);
    }
    command.env("DOCTOR", Value::from(doctor).to_string());
    let mut outcome = node(&mut command, "tests");
    if !matches!(outcome, Ok(Counts { failed: 0, .. })) {
        eprintln!("last lines of the server:\n{}", server.tail());
    }
    if let Ok(counts) = &mut outcome {
        let leaks = leaks::search(&noted, &left_behind(&words, &folder, cluster.as_ref(), &log)?)?;
        *counts = Counts { passed: counts.passed + leaks.passed, failed: counts.failed + leaks.failed };
    }
    outcome
}

/// Everything the program left behind, with a backup made while it runs.
fn left_behind(
    server: &[String],
    folder: &Path,
    cluster: Option<&Cluster>,
    log: &Path,
) -> Result<Vec<Place>> {
    let backup = folder.join("backup");
    let mut command = Command::new(&server[0]);
    command.arg("backup").arg("--data").arg(folder).arg("--out").arg(&backup);
    if let Some(at) = server.iter().position(|word| word == "--database") {
        command.args(&server[at..]);
    }
    process::run_quiet(&mut command)?;
    // On PostgreSQL the folder holds no database, and its backup is compressed: the whole cluster and a dump as text
    // are searched.
    let sqlite = cluster.is_none();
    let mut places = vec![
        Place { path: folder.to_owned(), copy: sqlite },
        Place { path: backup, copy: sqlite },
        Place { path: log.to_owned(), copy: false },
    ];
    if let Some(cluster) = cluster {
        let dump = folder.join("dump.sql");
        cluster.dump("daylight", &dump)?;
        places.push(Place { path: dump, copy: true });
        places.push(Place { path: cluster.written_out()?, copy: true });
    }
    Ok(places)
}

fn ready_line(line: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(line).ok()?;
    (value["event"] == "ready").then_some(value)
}

/// Node's own test runner over the `*.test.mjs` of one folder of `e2e/`.
fn node(command: &mut Command, folder: &str) -> Result<Counts> {
    let e2e = crate::root().join("e2e");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(e2e.join(folder))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    files.sort();
    command.current_dir(&e2e).args(["--test", "--test-reporter=spec"]).args(files);
    if let Some(chromium) = packages::chromium() {
        command.env("CHROMIUM", chromium);
    }
    process::run_counted(command, count_node)
}

/// Reads the two lines `ℹ pass 12` and `ℹ fail 0` at the end of Node's report.
fn count_node(line: &str) -> Counts {
    let mut words = line.split_whitespace().skip_while(|word| !matches!(*word, "pass" | "fail"));
    let mut counts = Counts::default();
    if !line.trim_start().starts_with(['ℹ', '#']) {
        return counts;
    }
    match (words.next(), words.next().and_then(|word| word.parse().ok())) {
        (Some("pass"), Some(passed)) => counts.passed = passed,
        (Some("fail"), Some(failed)) => counts.failed = failed,
        _ => {}
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::{count_node, ready_line};

    #[test]
    fn sums_are_read_from_nodes_report() {
        assert_eq!(count_node("ℹ pass 12\n").passed, 12);
        assert_eq!(count_node("ℹ fail 2\n").failed, 2);
        assert_eq!(count_node("  ✔ pass 7 papers (3ms)\n").passed, 0);
    }

    #[test]
    fn other_lines_than_the_ready_line_are_passed_over() {
        assert!(ready_line("listening").is_none());
        assert!(ready_line(r#"{"event":"progress"}"#).is_none());
        assert!(ready_line(r#"{"event":"ready","url":"http://127.0.0.1:1"}"#).is_some());
    }
}
