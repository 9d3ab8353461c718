//! New keys under a running service.

use crate::program::{Server, daylight, handover, import, run};
use daylight_app::ops;
use daylight_db::Db;
use std::{collections::BTreeSet, path::Path, process::Stdio};

async fn used(data: &Path) -> BTreeSet<u32> {
    let db = Db::open(&format!("sqlite:{}", data.join("daylight.db").display())).await.unwrap();
    let used = ops::key_numbers(&ops::store::sealed_headers(db.read()).await.unwrap());
    db.close().await.unwrap();
    used
}

#[test]
fn rotation_moves_every_value_and_destroys_the_old_key_while_the_server_runs() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    import(&data, &[]).well();
    let old = folder.path().join("old.tar");
    run(&data, &["backup", "--out", old.to_str().unwrap()]).well();
    assert_eq!(runtime.block_on(used(&data)), BTreeSet::from([1]));
    let server = Server::start(&data, &["serve"]);
    let rotated = run(&data, &["rotate-keys", "--json"]).well().json();
    assert_eq!(rotated["key"], 2);
    assert_eq!((&rotated["destroyed"], &rotated["left"]), (&serde_json::json!([1]), &serde_json::json!([])));
    assert!(rotated["moved"].as_u64().unwrap() > 400, "{rotated}");
    assert_eq!(server.get("/readyz").0, 200);
    server.stop();
    assert_eq!(runtime.block_on(used(&data)), BTreeSet::from([2]));
    run(&data, &["verify"]).well();
    let again = run(&data, &["rotate-keys", "--json"]).well().json();
    assert_eq!((&again["key"], &again["destroyed"]), (&serde_json::json!(3), &serde_json::json!([2])));
    // The backup from before needs the key file from before, and says so.
    let copy = folder.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    let keys = data.join("keys");
    let refused = run(&copy, &["restore", old.to_str().unwrap(), "--keys", keys.to_str().unwrap()]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.err.contains("第 1 号数据密钥"), "{refused:?}");
}

#[test]
fn an_old_key_outlives_whoever_may_still_seal_under_it() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    run(&data, &["init"]).well();
    let mut importing = daylight(["import"]);
    importing.arg(handover()).arg("--data").arg(&data).stdout(Stdio::null());
    let mut importing = importing.spawn().unwrap();
    let mut rounds = 0;
    while importing.try_wait().unwrap().is_none() {
        run(&data, &["rotate-keys"]).well();
        rounds += 1;
    }
    assert!(rounds > 0 && importing.wait().unwrap().success());
    run(&data, &["verify"]).well();
    run(&data, &["rotate-keys"]).well();
    run(&data, &["verify"]).well();
    assert_eq!(runtime.block_on(used(&data)).len(), 1);
}

#[test]
fn an_upload_that_waits_for_a_decision_keeps_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    run(&data, &["init"]).well();
    let upload = data.join("imports/0123");
    std::fs::create_dir_all(&upload).unwrap();
    let vault = daylight_vault::Vault::open(&data.join("keys")).unwrap();
    let sealed = vault.seal(&daylight_vault::Place::new("imports", "0123/0/0", "file"), b"a piece");
    let length = u32::try_from(sealed.len()).unwrap().to_be_bytes();
    std::fs::write(upload.join("0.sealed"), [&length[..], &sealed, &length, &sealed].concat()).unwrap();
    let rotated = run(&data, &["rotate-keys", "--json"]).well().json();
    assert_eq!((&rotated["destroyed"], &rotated["left"]), (&serde_json::json!([]), &serde_json::json!([1])));
    std::fs::remove_dir_all(&upload).unwrap();
    let rotated = run(&data, &["rotate-keys", "--json"]).well().json();
    assert_eq!((&rotated["resumed"], &rotated["destroyed"]), (&serde_json::json!(true), &serde_json::json!([1])));
}
