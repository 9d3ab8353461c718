//! Import of a whole county beside its limit (inflate and insert raw rows) and a peer (openpyxl).

use crate::{Arm, Bench, process::timed, table};
use anyhow::{Context, Result};
use daylight_db::{Db, insert_many, values};
use std::{fs, io::Read, path::Path, time::Instant};

const ROUNDS: usize = 3;

pub fn run(bench: &Bench) -> Result<()> {
    let handover = bench.folder.path().join("handover");
    fs::create_dir_all(&handover)?;
    let plan = daylight_app::demo::county::generate(daylight_app::demo::county::Scale::County, 1);
    for (name, bytes) in &plan.files {
        fs::write(handover.join(name), bytes)?;
    }
    // The procedures as a workbook too: the largest table, in the heavier format.
    let csv = handover.join("行权流程表.csv");
    let workbook = bench.folder.path().join("procedures.xlsx");
    to_workbook(&csv, &workbook)?;
    let (mut ours, mut memory, mut limit) = (
        Arm::new("daylight import, whole county"),
        Arm::new("daylight import, peak"),
        Arm::new("limit: inflate + raw insert"),
    );
    let mut peer = Arm::new("peer: openpyxl + sqlite3 rows");
    let binary = bench.daylight.to_str().context("a path in UTF-8")?;
    for round in 0..ROUNDS {
        let data = bench.folder.path().join(format!("import-{round}"));
        let data = data.to_str().context("a path in UTF-8")?;
        let (wall, mib) = timed(&[binary, "import", handover.to_str().context("path")?, "--data", data])?;
        ours.rounds.push(wall);
        memory.rounds.push(mib);
        limit.rounds.push(raw(&workbook, bench.folder.path())?);
        let script = bench.peer.join("openpyxl_rows.py");
        let target = bench.folder.path().join("peer.db");
        let words = ["python3", script.to_str().context("path")?, workbook.to_str().context("path")?];
        let words = [words[0], words[1], words[2], target.to_str().context("path")?];
        match timed(&words) {
            Ok((wall, _)) => peer.rounds.push(wall),
            Err(error) => println!("peer left out: {error:#}"),
        }
    }
    let ratios =
        [("ours / limit", ours.median() / limit.median()), ("peer / ours", peer.median() / ours.median())];
    println!(
        "\nours: all five tables with checks, revisions, search index, audit; limit and peer: the steps only, no checks"
    );
    table("import, county scale", "s", &[&ours, &limit, &peer], &ratios);
    table("import, memory", "MiB", &[&memory], &[]);
    Ok(())
}

/// The same rows as a workbook, so that inflating is measured as offices cause it.
fn to_workbook(csv: &Path, workbook: &Path) -> Result<()> {
    let layouts = daylight_app::imports::layouts(&Default::default());
    let mut rows: Vec<Vec<String>> = Vec::new();
    daylight_tables::read(csv, &layouts, &Default::default(), &mut |event| {
        if let daylight_tables::Event::Row(row) = event {
            rows.push(row.cells().map(|(_, text)| text.to_owned()).collect());
        }
        std::ops::ControlFlow::Continue(())
    })?;
    let layout = layouts.iter().find(|layout| layout.kind == "procedures").context("the layout")?;
    fs::write(workbook, daylight_tables::template(layout, &rows)?)?;
    Ok(())
}

/// Inflates the sheet and inserts as many raw rows, nothing else. Seconds.
fn raw(workbook: &Path, folder: &Path) -> Result<f64> {
    let began = Instant::now();
    let mut archive = zip::ZipArchive::new(fs::File::open(workbook)?)?;
    let mut bytes = 0;
    let mut rows = 0;
    for index in 0..archive.len() {
        let mut text = Vec::new();
        bytes += archive.by_index(index)?.read_to_end(&mut text)?;
        rows = rows.max(text.windows(5).filter(|window| window == b"<row ").count());
    }
    let path = folder.join("raw.db");
    drop(fs::remove_file(&path));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let db = Db::open(&format!("sqlite:{}", path.display())).await?;
        let tx = db.write().await?;
        let columns = ["a", "b", "c", "d", "e", "f"];
        daylight_db::exec(
            &*tx,
            "CREATE TABLE raw (a TEXT, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT)",
            values![],
        )
        .await?;
        let row = |n: usize| {
            values!["青石镇前进村", "低保申请初审", n.to_string(), "申请受理", "村文书", "5个工作日"]
        };
        insert_many(&*tx, "raw", &columns, (0..rows).map(row).collect()).await?;
        tx.commit().await?;
        db.close().await?;
        anyhow::Ok(())
    })?;
    assert!(bytes > 0 && rows > 0, "an empty workbook measures nothing");
    Ok(began.elapsed().as_secs_f64())
}
