//! Clients that do not behave, and what stays behind of those that do.

use crate::program::{Server, run};
use daylight_app::demo::county::{Scale, generate};
use std::{
    io::{Read, Write},
    time::{Duration, Instant},
};

#[test]
fn a_client_that_dribbles_is_cut_and_others_do_not_notice() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &["serve"]);
    let start = Instant::now();
    let mut header = server.connect();
    header.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ").unwrap();
    let mut body = server.connect();
    let head = "POST /office/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin=";
    body.write_all(head.as_bytes()).unwrap();
    let mut idle = server.connect();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    for (name, stream) in [("header", &mut header), ("body", &mut body), ("idle", &mut idle)] {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap_or_else(|error| panic!("{name} is still held: {error}"));
        assert!(start.elapsed() < Duration::from_secs(20), "{name}");
        assert_eq!(server.get("/healthz").0, 200);
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &["serve"]);
    let (status, _) = server.post("/office/sign-in", &format!("login={}", "a".repeat(2 << 20)));
    assert_eq!(status, 413);
    let wide = format!("GET / HTTP/1.1\r\nHost: x\r\nX-A: {}\r\n\r\n", "a".repeat(64 << 10));
    assert_eq!(server.send(&wide).0, 431);
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-A: b\r\n".repeat(100));
    assert_eq!(server.send(&many).0, 431);
}

#[test]
fn more_clients_than_places_are_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("daylight.toml"), "max_connections = 16").unwrap();
    let server = Server::start(&data, &["serve"]);
    let held: Vec<_> = (0..16).map(|_| server.connect()).collect();
    let (status, answer) = server.get("/healthz");
    assert_eq!(status, 503, "{answer}");
    assert!(answer.contains("现在访问的人太多"), "{answer}");
    drop(held);
    let start = Instant::now();
    while server.get("/healthz").0 != 200 {
        assert!(start.elapsed() < Duration::from_secs(5), "places come back");
    }
}

#[test]
fn the_log_knows_routes_and_nothing_personal() {
    let folder = tempfile::tempdir().unwrap();
    let (data, files) = (folder.path().join("data"), folder.path().join("files"));
    let county = generate(Scale::Village, 7);
    std::fs::create_dir(&files).unwrap();
    let mut personal = vec![
        "13800001111".to_owned(),
        "geheimes-wort".to_owned(),
        "10.1.2.3".to_owned(),
        "Netscape".to_owned(),
    ];
    for (name, content) in &county.files {
        std::fs::write(files.join(name), content).unwrap();
        if name.contains("干部") {
            let text = String::from_utf8_lossy(content);
            personal.extend(
                daylight_ids::find::personal_data(&text)
                    .into_iter()
                    .map(|it| text[it.start..it.end].to_owned()),
            );
        }
    }
    assert!(personal.len() > 100, "{} ids and phones", personal.len());
    let imported = run(&data, &["import", files.to_str().unwrap(), "--problems"]).well();
    let link = run(&data, &["init", "--json"]).well().json()["link"].as_str().unwrap().to_owned();
    let token = link.rsplit('/').next().unwrap().to_owned();
    let server = Server::start(&data, &["serve"]);
    let id = personal[10].clone();
    for path in [
        format!("/office/invitation/{token}"),
        format!("/search?q={id}"),
        format!("/nobody/{}", personal[0]),
        format!("/{id}"),
    ] {
        server.get(&path);
    }
    server.post("/office/sign-in", &format!("login={}&password=geheimes-wort", personal[0]));
    server.post(&format!("/office/invitation/{token}"), "login=ab&name=x&password=geheimes-wort");
    server.send(
        "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.1.2.3\r\nUser-Agent: Netscape\r\nConnection: close\r\n\r\n",
    );
    let (code, log) = server.stop();
    assert_eq!(code, 0);
    for line in log.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
    assert!(log.contains("\"route\":\"/office/invitation/{token}\""), "{log}");
    let kept = format!("{log}{}{}", imported.out, imported.err);
    for secret in personal.iter().chain([&token]) {
        assert!(!kept.contains(secret.as_str()), "{secret} in {log}");
    }
}

#[test]
fn a_request_under_way_is_answered_although_the_service_stops() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &["serve"]);
    let mut slow = server.connect();
    let head = "POST /office/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 18\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin=a&";
    slow.write_all(head.as_bytes()).unwrap();
    // Answered, so the request before it on its way has been taken up too.
    assert_eq!(server.get("/healthz").0, 200);
    server.ask_to_stop();
    while std::net::TcpStream::connect(&server.address).is_ok() {
        std::thread::yield_now();
    }
    slow.write_all(b"password=b").unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("登录名或密码不对"), "{answer}");
    assert_eq!(server.ended().0, 0);
}
