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
    assert!(
        figures.contains("daylight_http_requests_total{method=\"GET\",route=\"/office/invitation/{token}\""),
        "{figures}"
    );
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
    assert!(
        second.err.contains("已经有一个正在运行的服务") && second.err.contains(&server.address),
        "{second:?}"
    );
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
    let request =
        "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.1\r\nConnection: close\r\n\r\n";
    assert_eq!(server.send(request).0, 404);
}

#[test]
fn lost_keys_are_not_replaced_by_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let fingerprint =
        run(&data, &["init", "--json"]).well().json()["key_fingerprint"].as_str().unwrap().to_owned();
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
    let outcomes = server.get("/outcomes").1;
    assert!(outcomes.contains("共 5 条"), "published as in real use: {outcomes}");
    let person = &accounts[0];
    let form = format!(
        "login={}&password={}",
        person["login"].as_str().unwrap(),
        person["password"].as_str().unwrap()
    );
    let (status, answer) = server.post("/office/sign-in", &form);
    assert_eq!(status, 303, "{answer}");
    assert!(answer.contains("/office/sign-in/code"), "{answer}");
    server.stop();
    run(&data, &["verify"]).well();
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

#[test]
fn what_is_public_is_exported_for_everybody_and_the_interface_describes_itself() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (data, out) = (folder.path().join("data"), folder.path().join("open"));
    let files = handover();
    run(&data, &["import", files.to_str().unwrap()]).well();
    let written = run(&data, &["export", "--out", out.to_str().unwrap(), "--json"]).well().json();
    let names: Vec<_> =
        written["files"].as_array().unwrap().iter().map(|file| file["file"].as_str().unwrap()).collect();
    assert!(names.contains(&"units.csv") && names.contains(&"powers.json"), "{names:?}");
    for name in names {
        let text = std::fs::read_to_string(out.join(name)).unwrap();
        let personal = daylight_ids::find::personal_data(&text);
        assert!(personal.is_empty(), "{name}: {personal:?}");
        assert_eq!(out.join(name).metadata().unwrap().permissions().mode() & 0o777, 0o644, "{name}");
    }
    assert_eq!(data.join("daylight.db").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let described = crate::program::daylight(["openapi"]).output().unwrap();
    let described: serde_json::Value = serde_json::from_slice(&described.stdout).unwrap();
    assert_eq!(described["openapi"], "3.1.0");
}

#[test]
fn an_import_beside_a_running_server_does_not_undo_what_was_published_meanwhile() {
    // The office and the command hold the same mark; here two commands meet.
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    run(&data, &["init"]).well();
    let start = || {
        let mut command = crate::program::daylight(["import", "--json"]);
        command.arg(handover()).arg("--data").arg(&data);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    let (one, other) = (start(), start());
    let mut created: Vec<u64> = [one, other]
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            report["created"].as_u64().unwrap()
        })
        .collect();
    created.sort_unstable();
    assert_eq!(created, [0, 636], "the second finds the county there");
    run(&data, &["verify"]).well();
}

#[test]
fn an_administrator_who_cannot_sign_in_gets_a_link_from_the_operator() {
    use daylight_app::{accounts::store, authz::Role};
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    run(&data, &["init"]).well();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let id = runtime.block_on(async {
        let db =
            daylight_db::Db::open(&format!("sqlite:{}", data.join("daylight.db").display())).await.unwrap();
        let tx = db.write().await.unwrap();
        let id = store::create(&tx, "xu.an", "许安", 0).await.unwrap();
        store::grant(&tx, id, Role::SystemAdmin, None, None, None, 0).await.unwrap();
        store::begin_session(&tx, id, "test", true, 0).await.unwrap();
        tx.commit().await.unwrap();
        db.close().await.unwrap();
        id
    });
    assert_eq!(run(&data, &["invite", "nobody"]).code, 1);
    let first = run(&data, &["invite", "xu.an", "--json", "--base-url", "http://localhost"]).well().json();
    let second = run(&data, &["invite", "xu.an", "--json", "--base-url", "http://localhost"]).well().json();
    let path = |answer: &serde_json::Value| {
        answer["link"].as_str().unwrap().trim_start_matches("http://localhost").to_owned()
    };
    let server = Server::start(&data, &["serve"]);
    assert_eq!(server.get(&path(&first)).0, 404, "a newer link replaces the older one");
    assert_eq!(server.get(&path(&second)).0, 200);
    drop(server);
    runtime.block_on(async {
        let db =
            daylight_db::Db::open(&format!("sqlite:{}", data.join("daylight.db").display())).await.unwrap();
        let live = "SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL";
        let live: i64 = daylight_db::scalar(db.read(), live, vec![]).await.unwrap();
        assert_eq!(live, 0, "signed out everywhere");
        let noted = "SELECT COUNT(*) FROM audit_entries WHERE action = 'account.invite' AND subject = $1";
        let noted: i64 =
            daylight_db::scalar(db.read(), noted, vec![format!("account {id}").into()]).await.unwrap();
        assert_eq!(noted, 2);
    });
}
