//! Taking over files from the command line.

use crate::program::{daylight, handover, import, kill_after, run};
use daylight_db::{Db, scalar, values};
use std::{path::Path, time::Duration, time::Instant};

#[test]
fn a_trial_run_says_what_the_real_one_does_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let trial = import(&data, &["--dry-run"]).well().json();
    assert!(!data.exists(), "not even a folder");
    let real = import(&data, &[]).well().json();
    assert_eq!(trial["files"], real["files"]);
    assert_eq!((trial["applied"].as_bool(), real["applied"].as_bool()), (Some(false), Some(true)));
    for file in real["files"].as_array().unwrap() {
        let count = |name: &str| file[name].as_u64().unwrap();
        assert_eq!(count("read"), count("taken") + count("refused") + count("ignored"), "{}", file["file"]);
        assert_eq!(count("ignored"), file["ignored_rows"].as_array().unwrap().len() as u64);
    }
    // The files one by one and the other way round are the same county.
    let again = import(&data, &["--dry-run"]).well().json();
    assert_eq!((again["created"].as_u64(), again["updated"].as_u64()), (Some(0), Some(0)));
    let mut paths: Vec<_> = std::fs::read_dir(handover()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort_by(|a, b| b.cmp(a));
    let paths: Vec<_> = paths.iter().map(|path| path.to_str().unwrap()).collect();
    let other = run(&folder.path().join("other"), &[&["import", "--json"], &paths[..]].concat()).well().json();
    assert_eq!(other["created"], real["created"]);
}

#[test]
fn with_strict_a_refused_row_saves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let strict = import(&data, &["--strict"]);
    assert_eq!(strict.code, 3);
    assert_eq!(strict.json()["applied"], false);
    assert!(!data.exists());
}

#[test]
fn a_file_that_is_no_table_is_said_in_words_and_in_json() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("units.xlsx");
    std::fs::write(&file, "no workbook").unwrap();
    let ran = run(&folder.path().join("data"), &["import", file.to_str().unwrap(), "--json"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("units.xlsx"), "{ran:?}");
    assert!(ran.json()["error"].as_str().unwrap().contains("units.xlsx"));
    assert_eq!(run(folder.path(), &["import"]).code, 2, "usage");
}

#[test]
fn nothing_personal_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let files = handover();
    let ran = run(&folder.path().join("data"), &["import", files.to_str().unwrap(), "--problems"]).well();
    let found = daylight_ids::find::personal_data(&format!("{}{}", ran.out, ran.err));
    assert!(found.is_empty(), "{found:?}");
    assert!(ran.out.contains("999901"), "masked ones stand there: {}", ran.out);
}

async fn rows(data: &Path) -> Vec<i64> {
    let db = Db::open(&format!("sqlite:{}", data.join("daylight.db").display())).await.unwrap();
    let mut rows = Vec::new();
    for table in ["units", "cadres", "powers", "revisions", "divisions", "search_documents", "audit_entries"] {
        rows.push(scalar(db.read(), &format!("SELECT COUNT(*) FROM {table}"), values![]).await.unwrap());
    }
    db.close().await.unwrap();
    rows
}

#[test]
fn an_import_that_is_killed_leaves_everything_or_nothing() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    run(&whole, &["init"]).well();
    let none = runtime.block_on(rows(&whole));
    let start = Instant::now();
    import(&whole, &[]).well();
    let took = start.elapsed();
    let all = runtime.block_on(rows(&whole));
    let mut nothing = 0;
    for round in 0..10_u32 {
        let data = folder.path().join(format!("killed{round}"));
        run(&data, &["init"]).well();
        let mut command = daylight(["import"]);
        command.arg(handover()).arg("--data").arg(&data);
        // Spread over the whole run, the commit at its end included.
        kill_after(command, took.mul_f64(0.2 + 0.09 * f64::from(round)) + Duration::from_millis(3));
        let left = runtime.block_on(rows(&data));
        assert!(left == none || left == all, "round {round}: {left:?}");
        nothing += u32::from(left == none);
        if round % 4 == 0 {
            run(&data, &["verify"]).well();
        }
    }
    assert!(nothing > 0, "no round was killed before the commit: the test shows nothing");
}
