//! Open data: whole tables as files, as downloads and by the export command.

use crate::world::{Answer, Browser, World, handover, worlds};
use axum::{body::Body, http::Request};
use daylight_app::{
    api::data::{Format, Table},
    audit,
    revisions::{Content, SubjectKind, store::published},
};
use serde_json::Value;
use std::collections::BTreeMap;

fn lines(csv: &str) -> Vec<Vec<String>> {
    let text = csv.strip_prefix('\u{feff}').expect("a byte order mark, so that spreadsheets read Chinese");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

async fn file(browser: &Browser, table: Table, format: Format) -> Answer {
    let path = format!("/data/{}.{}", table.name(), format.extension());
    let answer = browser.get(&path).await;
    assert_eq!(answer.status, 200, "{path}");
    assert_eq!(answer.headers["content-type"], format.media_type());
    let name = format!("attachment; filename=\"{}.{}\"", table.name(), format.extension());
    assert_eq!(answer.headers["content-disposition"], name.as_str());
    answer
}

async fn names_kept_back(world: &World) -> Vec<String> {
    let mut names = BTreeMap::<String, bool>::new();
    for id in 1..=360 {
        let revision = published(world.app.db.read(), SubjectKind::Power, id).await.unwrap().unwrap();
        let Content::Power(power) = revision.content else { panic!("a power") };
        // The same name may be public in another unit.
        *names.entry(format!("{} {}", power.unit, power.name)).or_default() |= power.is_public();
    }
    names.into_iter().filter(|(_, public)| !public).map(|(name, _)| name).collect()
}

#[tokio::test]
async fn csv_and_json_hold_the_same_rows_under_the_declared_columns() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        for table in Table::ALL {
            let csv = lines(&file(&world.citizen(), table, Format::Csv).await.body);
            let json = file(&world.citizen(), table, Format::Json).await.body;
            let json: Vec<Value> = serde_json::from_str(&json).expect("JSON");
            let headings: Vec<_> = table.columns().iter().map(|column| column.heading).collect();
            assert_eq!(csv[0], headings, "{table:?}");
            assert_eq!(csv.len() - 1, json.len(), "{table:?}");
            for (row, object) in csv[1..].iter().zip(&json) {
                let object = object.as_object().unwrap();
                assert_eq!(object.len(), headings.len());
                for (column, cell) in table.columns().iter().zip(row) {
                    let expected = match &object[column.key] {
                        Value::Null => String::new(),
                        Value::Bool(truth) => if *truth { "是" } else { "否" }.to_owned(),
                        Value::String(text) => daylight_tables::export_guard(text),
                        other => other.to_string(),
                    };
                    assert_eq!(*cell, expected, "{table:?} {}", column.key);
                }
            }
        }
    }
}

#[tokio::test]
async fn the_files_are_complete_and_hold_nothing_that_is_kept_back() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let mut rows = BTreeMap::new();
        let mut read = BTreeMap::new();
        for table in Table::ALL {
            let body = file(&world.citizen(), table, Format::Json).await.body;
            let list: Vec<Value> = serde_json::from_str(&body).unwrap();
            rows.insert(table.name(), list.len());
            read.insert(table.name(), list);
            assert_eq!(daylight_ids::find::personal_data(&body), [], "{table:?}");
        }
        assert_eq!((rows["units"], rows["powers"], rows["cadres"]), (60, 320, 216), "{rows:?}");
        let steps: i64 = read["powers"].iter().map(|power| power["steps"].as_i64().unwrap()).sum();
        let risks: i64 = read["powers"].iter().map(|power| power["risks"].as_i64().unwrap()).sum();
        assert_eq!((rows["steps"] as i64, rows["risks"] as i64), (steps, risks));
        assert!(rows["appointments"] >= 216 && rows["divisions"] > 0 && rows["bases"] > 0);
        assert!(read["bases"].iter().all(|basis| basis["powers"].as_i64().unwrap() > 0));
        let kept_back = names_kept_back(&world).await;
        assert!(!kept_back.is_empty());
        for (table, name) in [("powers", "name"), ("steps", "power"), ("risks", "power")] {
            for row in &read[table] {
                let name = format!("{} {}", row["unit"].as_str().unwrap(), row[name].as_str().unwrap());
                assert!(!kept_back.contains(&name), "{table}: {name}");
            }
        }
    }
}

#[tokio::test]
async fn a_file_is_not_sent_again_until_something_changed() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let path = "/data/units.csv";
        let first = world.citizen().get(path).await;
        let tag = first.headers["etag"].to_str().unwrap();
        assert_eq!(first.headers["cache-control"], "no-cache");
        let again = || Request::get(path).header("if-none-match", tag);
        let kept = world.citizen().send(again(), Body::empty(), path).await;
        assert_eq!((kept.status, kept.body.as_str()), (304.try_into().unwrap(), ""));
        let tx = world.app.db.write().await.unwrap();
        let entry =
            audit::Entry { account_id: None, actor: "operator", action: "test", subject: "", detail: "" };
        audit::store::append(&tx, &entry, world.app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.citizen().send(again(), Body::empty(), path).await.status, 200);
    }
}

#[tokio::test]
async fn a_file_that_is_not_offered_is_not_found() {
    let world = worlds().await.remove(0);
    for path in [
        "/data/accounts.csv",
        "/data/units.xlsx",
        "/data/units",
        "/data/units.csv.json",
        "/data/..%2Funits.csv",
    ] {
        assert_eq!(world.citizen().get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_export_writes_what_the_downloads_send() {
    for world in worlds().await {
        world.import(&[handover()]).await;
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("open/data");
        let told = std::sync::Mutex::new(Vec::new());
        let progress = |done, of, rows| told.lock().unwrap().push((done, of, rows));
        let written = daylight_app::api::export(&world.app.db, &target, &progress).await.unwrap();
        assert_eq!(written.len(), 16);
        assert_eq!(told.lock().unwrap().last().map(|(done, of, _)| (*done, *of)), Some((16, 16)));
        assert_eq!(std::fs::read_dir(&target).unwrap().count(), 16, "no half file is left");
        for file in written {
            let bytes = std::fs::read_to_string(target.join(&file.file)).unwrap();
            assert_eq!(bytes.len() as u64, file.bytes);
            let sent = world.citizen().get(&format!("/data/{}", file.file)).await;
            assert_eq!(sent.body, bytes, "{}", file.file);
        }
    }
}
