//! The engine's arms and its limit.

use crate::Answer;
use anyhow::{Context, Result, bail};
use daylight_matching::days::Day;
use daylight_matching::exact::{Bloom, Roster, RosterBuilder, Table};
use daylight_matching::hits::HitHash;
use daylight_matching::packed::{NO_ID, PackedColumn, pack_fixed};
use daylight_matching::rules::Rule;
use daylight_matching::run::{Plan, State, scan};
use daylight_matching::segments::{Batch, Column, Field, SegmentReader};
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

/// The rule measured: dead before the day of payment.
pub const RULE: &str = r#"
id = "dead-at-payment"
version = 1
title = "死亡后仍领取补贴"
basis = "bench"
check = { kind = "on-roster", rosters = ["deceased"], window = "day", grace-days = 1 }
"#;

/// Runs an arm and prints its answer and figures.
pub fn run(arm: &str, dir: &Path, threads: usize) -> Result<()> {
    let (answer, wall, cpu) = match arm {
        "limit" | "limit-again" => limit(dir, threads)?,
        "strings" => timed(|| strings(dir, threads))?,
        "segment" => timed(|| segment(dir, threads))?,
        "one-thread" => timed(|| segment(dir, 1))?,
        other => bail!("no arm {other}"),
    };
    let (hits, fen, checksum) = answer;
    let peak = status("VmHWM")? / 1024.0;
    println!(
        "{}",
        serde_json::json!({ "hits": hits, "fen": fen, "checksum": checksum, "wall": wall, "cpu": cpu, "peak": peak })
    );
    Ok(())
}

fn timed(work: impl FnOnce() -> Result<Answer>) -> Result<(Answer, f64, f64)> {
    let (start, before) = (Instant::now(), cpu()?);
    let answer = work()?;
    Ok((answer, start.elapsed().as_secs_f64(), cpu()? - before))
}

/// A figure of `/proc/self/status`, in KiB.
pub fn status(name: &str) -> Result<f64> {
    let text = fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find(|line| line.starts_with(name)).context("no such line")?;
    Ok(line.split_whitespace().nth(1).context("no figure")?.parse()?)
}

/// CPU seconds of this process.
fn cpu() -> Result<f64> {
    let text = fs::read_to_string("/proc/self/stat")?;
    let after = text.rsplit_once(')').context("no name")?.1;
    let ticks: f64 = after.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
    Ok(ticks / 100.0)
}

/// The checksum that SQL can compute too.
pub fn check(row: u64, id: u64) -> i64 {
    ((row * 1_000_003 + id) % 2_147_483_647) as i64
}

/// Verify, pack, Bloom, hash, window and sum, over data in memory, in loops written for this one question.
fn limit(dir: &Path, threads: usize) -> Result<(Answer, f64, f64)> {
    let read = |name: &str| fs::read(dir.join(name)).with_context(|| name.to_owned());
    let (ids, days, fen) = (read("ledger.ids")?, read("ledger.days")?, read("ledger.fen")?);
    let (roster_ids, roster_days) = (read("roster.ids")?, read("roster.days")?);
    let (start, before) = (Instant::now(), cpu()?);
    let mut column = PackedColumn::default();
    pack_fixed(&roster_ids, 18, 0, &mut column);
    let mut bloom = Bloom::for_keys(column.ids.len());
    let mut table = Table::for_keys(column.ids.len());
    let mut from: Vec<Day> = Vec::new();
    for (id, day) in column.ids.iter().zip(roster_days.as_chunks::<4>().0) {
        let day = i32::from_le_bytes(*day);
        bloom.insert(*id);
        match table.get(*id) {
            Some(at) => from[at as usize] = day.min(from[at as usize]),
            None => {
                table.insert(*id, from.len() as u32);
                from.push(day);
            }
        }
    }
    let rows = ids.len() / 18;
    let share = rows.div_ceil(threads.max(1));
    let part = |first: usize| -> Answer {
        let mut answer = (0, 0, 0);
        let mut column = PackedColumn::default();
        let last = (first + share).min(rows);
        for start in (first..last).step_by(4096) {
            let end = (start + 4096).min(last);
            pack_fixed(&ids[start * 18..end * 18], 18, 0, &mut column);
            for (at, id) in column.ids.iter().enumerate() {
                if !bloom.may_hold(*id) {
                    continue;
                }
                let Some(group) = table.get(*id) else { continue };
                let row = start + at;
                let four =
                    |at: usize| i32::from_le_bytes([days[at], days[at + 1], days[at + 2], days[at + 3]]);
                if four(row * 4) > from[group as usize] {
                    let mut eight = [0; 8];
                    eight.copy_from_slice(&fen[row * 8..row * 8 + 8]);
                    answer.0 += 1;
                    answer.1 += i64::from_le_bytes(eight);
                    answer.2 += check(row as u64, *id);
                }
            }
        }
        answer
    };
    let answer = std::thread::scope(|scope| {
        let part = &part;
        let running: Vec<_> =
            (0..rows).step_by(share).map(|first| scope.spawn(move || part(first))).collect();
        running.into_iter().filter_map(|thread| thread.join().ok()).fold((0, 0, 0), add)
    });
    Ok((answer, start.elapsed().as_secs_f64(), cpu()? - before))
}

fn add(a: Answer, b: Answer) -> Answer {
    (a.0 + b.0, a.1 + b.1, a.2 + b.2)
}

/// A roster from its segment.
pub fn roster(path: &Path) -> Result<Roster> {
    let mut reader = SegmentReader::new(File::open(path)?, None)?;
    let mut builder = RosterBuilder::new("deceased");
    let mut batch = Batch::default();
    while reader.read(&mut batch)? {
        builder.push(&batch);
    }
    Ok(builder.finish())
}

/// The plan of the measured rule.
pub fn plan(dir: &Path) -> Result<Plan> {
    Ok(Plan::new(vec![Rule::parse(RULE)?], vec![roster(&dir.join("roster.seg"))?])?)
}

/// From file to hits, with their evidence and their hash, over a segment of packed columns.
fn segment(dir: &Path, threads: usize) -> Result<Answer> {
    let plan = plan(dir)?;
    let reader = SegmentReader::new(File::open(dir.join("ledger.seg"))?, Some(&plan.fields()))?;
    let state = scan(&plan, reader, threads)?;
    Ok(answer(&plan, &state))
}

/// The hits, built one by one and hashed as a run does.
fn answer(plan: &Plan, state: &State) -> Answer {
    let (mut sums, mut hash) = ((0, 0, 0), HitHash::default());
    plan.each_hit(state, |hit| {
        hash.add(&hit);
        for row in &hit.rows {
            let id = row.person.map_or(NO_ID, |person| person.get());
            sums = add(sums, (1, row.amount.unwrap_or(0), check(row.row, id)));
        }
    });
    eprintln!("{}", hash.finish());
    sums
}

/// From files of text ids, verified and packed on the way, to hits.
fn strings(dir: &Path, threads: usize) -> Result<Answer> {
    const ROWS: usize = 1 << 15;
    let plan = plan(dir)?;
    let open = |name: &str| File::open(dir.join(name)).with_context(|| name.to_owned());
    let source = Mutex::new((open("ledger.ids")?, open("ledger.days")?, open("ledger.fen")?, 0_u64));
    let work = || -> Result<(State, u64)> {
        let (mut state, mut bad) = (State::default(), 0);
        let (mut text, mut days, mut fen) = (Vec::new(), Vec::new(), Vec::new());
        let mut column = PackedColumn::default();
        let fields = [Field::Person, Field::Date, Field::Amount];
        let mut batch = Batch::new(0, &fields);
        loop {
            {
                let mut source = source.lock().map_err(|_| anyhow::anyhow!("a thread failed"))?;
                fill(&mut source.0, ROWS * 18, &mut text)?;
                fill(&mut source.1, ROWS * 4, &mut days)?;
                fill(&mut source.2, ROWS * 8, &mut fen)?;
                batch.first_row = source.3;
                source.3 += (text.len() / 18) as u64;
            }
            if text.is_empty() {
                return Ok((state, bad));
            }
            pack_fixed(&text, 18, batch.first_row + 2, &mut column);
            bad += column.bad.len() as u64;
            batch.lines.clear();
            batch.lines.extend((0..column.ids.len() as u32).map(|row| batch.first_row as u32 + row + 2));
            for (_, own) in &mut batch.columns {
                match own {
                    Column::Ids(ids) => std::mem::swap(ids, &mut column.ids),
                    Column::Days(own) => {
                        own.clear();
                        own.extend(days.as_chunks::<4>().0.iter().map(|bytes| i32::from_le_bytes(*bytes)));
                    }
                    Column::Numbers(own) => {
                        own.clear();
                        own.extend(fen.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)));
                    }
                    _ => {}
                }
            }
            plan.feed(&mut state, &batch);
        }
    };
    let mut all = State::default();
    let mut bad = 0;
    let states: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().map(|thread| thread.join()).collect()
    });
    for state in states {
        let (state, own) = state.map_err(|_| anyhow::anyhow!("a thread failed"))??;
        all.merge(state);
        bad += own;
    }
    eprintln!("{bad} bad ids");
    Ok(answer(&plan, &all))
}

fn fill(file: &mut File, most: usize, into: &mut Vec<u8>) -> Result<()> {
    into.clear();
    file.take(most as u64).read_to_end(into)?;
    Ok(())
}
