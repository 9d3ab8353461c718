//! The comparison engine beside its limit and beside DuckDB and Polars, on generated data.
//!
//! A crate of its own, so that measuring the engine does not build the product:
//! `cargo run --release -p daylight-bench-compare -- DIR --rows 10000000 --roster 300000 --python python3`.
//!
//! Every arm runs in a process of its own (so that its peak memory is its own), arms are interleaved, medians are
//! printed, and all must agree in the number of hits, the sum of money and a checksum over rows and ids.

mod arms;
mod data;
mod fuzzy;
mod increment;

use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What an arm found: hits, fen, checksum.
type Answer = (u64, i64, i64);

struct Settings {
    dir: PathBuf,
    shape: data::Shape,
    rounds: usize,
    threads: usize,
    python: Option<String>,
    arms: Vec<String>,
}

fn settings(words: &[String]) -> Result<Settings> {
    let mut settings = Settings {
        dir: PathBuf::from(words.first().context("usage: daylight-bench-compare DIR [--rows N] [--roster N] [--seed N] [--rounds N] [--threads N] [--python P] [--arms a,b]")?),
        shape: data::Shape { rows: 10_000_000, roster: 300_000, seed: 20_261_122 },
        rounds: 5,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        python: None,
        arms: Vec::new(),
    };
    for pair in words[1..].chunks(2) {
        let [name, value] = pair else { bail!("{} needs a value", pair[0]) };
        match name.as_str() {
            "--rows" => settings.shape.rows = value.parse()?,
            "--roster" => settings.shape.roster = value.parse()?,
            "--seed" => settings.shape.seed = value.parse()?,
            "--rounds" => settings.rounds = value.parse()?,
            "--threads" => settings.threads = value.parse()?,
            "--python" => settings.python = Some(value.clone()),
            "--arms" => settings.arms = value.split(',').map(str::to_owned).collect(),
            other => bail!("unknown {other}"),
        }
    }
    Ok(settings)
}

const OWN: [&str; 5] = ["limit", "limit-again", "strings", "segment", "one-thread"];
const PEERS: [&str; 6] = [
    "duckdb-text",
    "duckdb-u64",
    "duckdb-parquet-text",
    "polars-text",
    "polars-u64",
    "duckdb-table-u64-warm",
];

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == "arm") {
        let [_, arm, dir, threads] = &words[..] else { bail!("arm NAME DIR THREADS") };
        return arms::run(arm, Path::new(dir), threads.parse()?);
    }
    if words.first().is_some_and(|word| word == "increment") {
        let [_, dir] = &words[..] else { bail!("increment DIR") };
        return increment::run(Path::new(dir));
    }
    if words.first().is_some_and(|word| word == "fuzzy") {
        return fuzzy::run(&words[1..]);
    }
    let settings = settings(&words)?;
    data::make(&settings.dir, &settings.shape)?;
    if let Some(python) = &settings.python {
        let script = peers_script();
        let status = Command::new(python).arg(&script).arg("prepare").arg(&settings.dir).status()?;
        ensure!(status.success(), "the peers' data could not be made");
    }
    compare(&settings)
}

fn peers_script() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../peers/compare_peers.py")
}

fn compare(settings: &Settings) -> Result<()> {
    let mut arms: Vec<&str> = OWN.to_vec();
    if settings.python.is_some() {
        arms.extend(PEERS);
    }
    if !settings.arms.is_empty() {
        arms.retain(|arm| settings.arms.iter().any(|own| own == arm));
    }
    let mut figures: BTreeMap<&str, Vec<[f64; 3]>> = BTreeMap::new();
    let mut agreed: Option<Answer> = None;
    for round in 0..settings.rounds {
        for arm in &arms {
            let (answer, figure) = measure(settings, arm)?;
            ensure!(*agreed.get_or_insert(answer) == answer, "{arm} answers {answer:?}, others {agreed:?}");
            eprintln!(
                "round {round} {arm}: {:.3} s, {:.2} s CPU, {:.0} MiB",
                figure[0], figure[1], figure[2]
            );
            figures.entry(arm).or_default().push(figure);
        }
    }
    let shape = &settings.shape;
    println!(
        "\n## {} rows × {} roster rows, seed {}, {} threads",
        shape.rows, shape.roster, shape.seed, settings.threads
    );
    if let Some((hits, fen, check)) = agreed {
        println!("\nall arms: {hits} hits, {fen} fen, checksum {check}");
    }
    println!("\n| arm | wall s (median) | min | max | CPU s | peak MiB |\n|---|---|---|---|---|---|");
    for arm in &arms {
        let own = &figures[arm];
        let column = |at: usize| {
            let mut values: Vec<f64> = own.iter().map(|figure| figure[at]).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let (wall, cpu, peak) = (column(0), column(1), column(2));
        let middle = own.len() / 2;
        println!(
            "| {arm} | {:.3} | {:.3} | {:.3} | {:.2} | {:.0} |",
            wall[middle],
            wall[0],
            wall[own.len() - 1],
            cpu[middle],
            peak[own.len() - 1]
        );
    }
    Ok(())
}

/// Runs one arm in its own process; it prints one JSON object.
fn measure(settings: &Settings, arm: &str) -> Result<(Answer, [f64; 3])> {
    let threads = settings.threads.to_string();
    let output = if OWN.contains(&arm) {
        Command::new(std::env::current_exe()?).args(["arm", arm]).arg(&settings.dir).arg(threads).output()?
    } else {
        let python = settings.python.as_deref().context("a peer needs --python")?;
        Command::new(python)
            .arg(peers_script())
            .args(["arm", arm])
            .arg(&settings.dir)
            .arg(threads)
            .output()?
    };
    ensure!(output.status.success(), "{arm}: {}", String::from_utf8_lossy(&output.stderr));
    let value: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let number = |name: &str| value[name].as_f64().with_context(|| format!("{arm} gives no {name}"));
    let whole = |name: &str| value[name].as_i64().with_context(|| format!("{arm} gives no {name}"));
    let answer = (whole("hits")? as u64, whole("fen")?, whole("checksum")?);
    Ok((answer, [number("wall")?, number("cpu")?, number("peak")?]))
}
