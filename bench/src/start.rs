//! From start to the first answer with a county's data; memory at rest.

use crate::{
    Arm, Bench,
    process::{Server, free_port, timed},
    table,
};
use anyhow::{Context, Result};
use std::process::Command;

const ROUNDS: usize = 7;

pub fn run(bench: &Bench) -> Result<()> {
    ensure_county(bench)?;
    let data = bench.county();
    let (mut ours, mut rest) =
        (Arm::new("daylight serve: first 200 on /healthz"), Arm::new("resident memory at rest"));
    let mut limit = Arm::new("limit: sqlite3 opens the same file");
    for _ in 0..ROUNDS {
        let (server, took) = serve(bench)?;
        ours.rounds.push(took.as_secs_f64() * 1000.0);
        rest.rounds.push(server.resident()?);
        let database = data.join("daylight.db");
        let (wall, _) =
            timed(&["sqlite3", database.to_str().context("path")?, "SELECT COUNT(*) FROM units"])?;
        limit.rounds.push(wall * 1000.0);
    }
    table("start with a county's data", "ms", &[&ours, &limit], &[]);
    table("idle memory", "MiB", &[&rest], &[]);
    Ok(())
}

/// Serves the county.
pub fn serve(bench: &Bench) -> Result<(Server, std::time::Duration)> {
    let address = format!("127.0.0.1:{}", free_port()?);
    let mut command = Command::new(&bench.daylight);
    command.arg("serve").arg("--data").arg(bench.county()).args(["--listen", &address]);
    Server::start(&mut command, &address, "/healthz")
}

/// Makes the county's data once per run.
pub fn ensure_county(bench: &Bench) -> Result<()> {
    let data = bench.county();
    if data.exists() {
        return Ok(());
    }
    let handover = bench.folder.path().join("county-files");
    std::fs::create_dir_all(&handover)?;
    let plan = daylight_app::demo::county::generate(daylight_app::demo::county::Scale::County, 1);
    for (name, bytes) in &plan.files {
        std::fs::write(handover.join(name), bytes)?;
    }
    let words = [&bench.daylight, &handover, &data].map(|path| path.to_str().unwrap_or_default().to_owned());
    timed(&[&words[0], "import", &words[1], "--data", &words[2]]).map(drop)
}
