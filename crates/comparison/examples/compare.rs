//! A comparison's file through the engine, with its figures: for measuring without the whole program.

use daylight_comparison::{Comparison, export, masks::Masks};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: compare COMPARISON.toml [HITS.xlsx]")?;
    let start = Instant::now();
    let outcome = Comparison::open(Path::new(&path))?.run(&mut |_| ControlFlow::Continue(()))?;
    let seconds = start.elapsed().as_secs_f64();
    if let Some(out) = std::env::args().nth(2) {
        export::hits(&outcome, Path::new(&out), Masks::On)?;
    }
    let rows: u64 = outcome.ledgers.iter().chain(&outcome.rosters).map(|own| own.held.rows).sum();
    println!("{rows} rows in {seconds:.2} s: {:.0} rows/s", rows as f64 / seconds);
    println!("{}", serde_json::to_string(&outcome.rules)?);
    println!("{} hits {}", outcome.hits.len(), outcome.manifest.hits_sha256);
    Ok(())
}
