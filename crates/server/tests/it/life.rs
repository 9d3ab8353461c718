//! From an empty folder to a running service, and its end.

use crate::program::{Server, handover, run};
use daylight_db::testing::engines;

#[test]
fn an_empty_folder_becomes_a_service_and_running_init_again_destroys_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = run(&data, &["init", "--json", "--base-url", "http://localhost"]).well().json();
    let link = first["link"].as_str().unwrap().trim_start_matches("http://localhost").to_owned();
    let server = Server::start(&data, &["serve"]);
    assert_eq!(server.get("/healthz").0, 200);
    assert_eq!(server.get("/readyz").0, 200);
    assert_eq!(server.get(&link).0, 200, "the first administrator's page");
    let (status, figures) = server.get("/metrics");
    assert_eq!(status, 200);
    assert!(figures.contains("daylight_http_requests_total{method=\"GET\",route=\"/office/invitation/{token}\""), "{figures}");
    let again = run(&data, &["init", "--json"]).well().json();
    assert_eq!(server.get(&link).0, 404, "a newer link replaces the older one");
    let link = again["link"].as_str().unwrap().split_once("8080").unwrap().1.to_owned();
    assert_eq!(server.get(&link).0, 200);
    assert_eq!(first["key_fingerprint"], again["key_fingerprint"]);
    let (code, log) = server.stop();
    assert_eq!(code, 0, "{log}");
    assert!(!data.join("daylight.db-wal").exists(), "the log is folded");
}

#[test]
fn a_second_server_on_the_same_folder_says_so_and_leaves_the_first_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data, &["serve"]);
    let second = run(&data, &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.code, 3, "{second:?}");
    assert!(second.err.contains("已经有一个正在运行的服务") && second.err.contains(&server.address), "{second:?}");
    let other = folder.path().join("other");
    let taken = run(&other, &["serve", "--listen", &server.address]);
    assert_eq!(taken.code, 1);
    assert!(taken.err.contains("已被别的程序占用"), "{taken:?}");
    assert_eq!(server.get("/healthz").0, 200);
}

#[test]
fn figures_are_not_for_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data, &["serve", "--base-url", "https://gov.example"]);
    assert_eq!(server.get("/metrics").0, 404, "behind a proxy every peer looks local");
    drop(server);
    let server = Server::start(&data, &["serve"]);
    let request = "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.1\r\nConnection: close\r\n\r\n";
    assert_eq!(server.send(request).0, 404);
}

#[test]
fn lost_keys_are_not_replaced_by_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let fingerprint = run(&data, &["init", "--json"]).well().json()["key_fingerprint"].as_str().unwrap().to_owned();
    let elsewhere = folder.path().join("keys");
    std::fs::rename(data.join("keys"), &elsewhere).unwrap();
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["init"], &["verify"]] {
        let ran = run(&data, command);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("找不到密钥文件"), "{ran:?}");
    }
    assert!(run(&data, &["init"]).err.contains(&fingerprint), "it says which keys are needed");
    assert!(!data.join("keys").exists());
    run(&data, &["verify", "--keys", elsewhere.to_str().unwrap()]).well();
    // Somebody else's keys.
    run(&folder.path().join("other"), &["init"]).well();
    std::fs::rename(folder.path().join("other/keys"), data.join("keys")).unwrap();
    assert_eq!(run(&data, &["serve", "--listen", "127.0.0.1:0"]).code, 3);
    assert_eq!(run(&data, &["verify"]).code, 1);
}

#[test]
fn a_demonstration_starts_again_with_the_same_people_and_never_over_real_data() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("demo");
    let server = Server::start(&data, &["demo"]);
    let first = server.ready.clone();
    let accounts = first["accounts"].as_array().unwrap();
    assert!(accounts.iter().any(|account| account["role"] == "publisher"));
    assert!(accounts.iter().all(|account| account["totp_secret"].as_str().unwrap().len() == 32));
    let page = server.get("/office/sign-in").1;
    assert!(page.contains("演示数据"), "{page}");
    let person = &accounts[0];
    let form = format!("login={}&password={}", person["login"].as_str().unwrap(), person["password"].as_str().unwrap());
    let (status, answer) = server.post("/office/sign-in", &form);
    assert_eq!(status, 303, "{answer}");
    assert!(answer.contains("/office/sign-in/code"), "{answer}");
    server.stop();
    let server = Server::start(&data, &["demo", "--scale", "county"]);
    assert_eq!(server.ready["accounts"], first["accounts"]);
    assert_eq!(server.ready["scale"], "village");
    drop(server);
    let real = folder.path().join("real");
    run(&real, &["init"]).well();
    let refused = run(&real, &["demo", "--json"]);
    assert_eq!(refused.code, 3);
    assert!(refused.json()["error"].as_str().unwrap().contains("不是演示"), "{refused:?}");
}

#[test]
fn one_life_on_each_engine() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for test in runtime.block_on(engines()) {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let on = ["--database", &test.url];
        let with = |command: &[&'static str]| [command, &on[..]].concat().join("\u{0}");
        let go = |command: &[&'static str]| run(&data, &with(command).split('\u{0}').collect::<Vec<_>>());
        go(&["init"]).well();
        let files = handover();
        let report = run(&data, &["import", files.to_str().unwrap(), "--json", on[0], on[1]]).well().json();
        assert_eq!((report["applied"].as_bool(), report["created"].as_u64()), (Some(true), Some(636)));
        let rotated = go(&["rotate-keys", "--servers-restarted", "--json"]).well().json();
        assert_eq!(rotated["destroyed"], serde_json::json!([1]), "{rotated}");
        go(&["verify"]).well();
        go(&["doctor"]).well();
        let server = Server::start(&data, &["serve", on[0], on[1]]);
        assert_eq!(server.get("/readyz").0, 200);
        assert_eq!(server.stop().0, 0);
        runtime.block_on(test.db.close()).unwrap();
    }
}
