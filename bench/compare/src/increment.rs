//! Increments: a thousand new roster ids against an indexed ledger, a million new ledger rows against the standing
//! roster.

use crate::arms;
use anyhow::{Result, ensure};
use daylight_matching::exact::{LedgerIndex, Roster, RosterBuilder};
use daylight_matching::hits;
use daylight_matching::run::{State, scan};
use daylight_matching::segments::{Batch, Column, Field, SegmentIndex, SegmentReader};
use std::fs::File;
use std::path::Path;
use std::time::Instant;

/// New rows: persons that stand in the ledger, one in ten.
fn new_rows(dir: &Path, seed: u64) -> Result<Roster> {
    let mut reader = SegmentReader::new(File::open(dir.join("ledger.seg"))?, Some(&[Field::Person]))?;
    let mut ledger = Batch::default();
    reader.read(&mut ledger)?;
    let mut batch = Batch::new(0, &[Field::Person, Field::Date]);
    for row in 0..1000_u64 {
        let x = crate::data::mix(seed ^ row);
        let known = ledger.ids()[(x % ledger.rows() as u64) as usize];
        let id = if row % 10 == 0 && known != 0 { known } else { crate::data::person(seed, x).get() };
        batch.lines.push(row as u32);
        for (_, column) in &mut batch.columns {
            match column {
                Column::Ids(ids) => ids.push(id),
                Column::Days(days) => days.push(18_500),
                _ => {}
            }
        }
    }
    let mut builder = RosterBuilder::new("deceased");
    builder.push(&batch);
    Ok(builder.finish())
}

/// Prints both figures, over several rounds.
pub fn run(dir: &Path) -> Result<()> {
    let mut plan = arms::plan(dir)?;
    let reader = SegmentReader::new(File::open(dir.join("ledger.seg"))?, Some(&plan.fields()))?;
    let mut state = scan(&plan, reader, 2)?;
    let mut ledger = File::open(dir.join("ledger.seg"))?;
    let places = SegmentIndex::build(&mut ledger)?;
    let mut index = LedgerIndex::open(File::open(dir.join("ledger.index"))?)?;
    let mut times = Vec::new();
    for round in 0..9 {
        let fresh = new_rows(dir, round)?;
        let start = Instant::now();
        let touched = plan.extend(vec![fresh], &mut state);
        let rows: Vec<u64> = index.rows_of(&touched)?.into_iter().map(u64::from).collect();
        let batch = places.fetch(&mut ledger, &rows)?;
        plan.refeed(&mut state, &batch, &rows);
        times.push(start.elapsed().as_secs_f64() * 1000.0);
        eprintln!("{} persons, {} ledger rows: {:.2} ms", touched.len(), rows.len(), times[times.len() - 1]);
    }
    times.sort_by(f64::total_cmp);
    println!("1,000 new roster ids: median {:.2} ms, max {:.2} ms", times[4], times[8]);

    let reader = SegmentReader::new(File::open(dir.join("ledger.seg"))?, Some(&plan.fields()))?;
    let again = scan(&plan, reader, 2)?;
    ensure!(
        hits::hash(&plan.hits(&again)) == hits::hash(&plan.hits(&state)),
        "the increment differs from a full run"
    );
    println!("hits after nine increments equal those of a full run");

    let plan = arms::plan(dir)?;
    let mut reader = SegmentReader::new(File::open(dir.join("ledger.seg"))?, Some(&plan.fields()))?;
    let mut batches = Vec::new();
    let mut rows = 0;
    while rows < 1_000_000 {
        let mut batch = Batch::default();
        if !reader.read(&mut batch)? {
            break;
        }
        rows += batch.rows();
        batches.push(batch);
    }
    let mut times = Vec::new();
    for _ in 0..9 {
        let mut state = State::default();
        let start = Instant::now();
        for batch in &batches {
            plan.feed(&mut state, batch);
        }
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    println!("{rows} new ledger rows, one thread: median {:.2} ms, max {:.2} ms", times[4], times[8]);
    Ok(())
}
