//! A public page: warm beside nginx serving the same bytes and Django with `cache_page`; cold
//! beside Django rendering the same rows. Pages per second of the server's own processor time.

use crate::{
    Arm, Bench,
    process::{Server, free_port, get, installed},
    start::{ensure_county, serve},
    table,
};
use anyhow::{Context, Result};
use std::{fs, process::Command};

const ROUNDS: usize = 5;
const SECONDS: &str = "3s";
const PAGE: &str = "/units/20";

pub fn run(bench: &Bench) -> Result<()> {
    for program in ["nginx", "wrk"] {
        if !installed(program) {
            println!("page arms left out: install {program} (Debian package of that name)");
            return Ok(());
        }
    }
    ensure_county(bench)?;
    let (warm, _) = serve(bench)?;
    let (_, answer) = get(&warm.address, PAGE)?;
    let body = answer.split_once("\r\n\r\n").context("a body")?.1;
    // Each request another address of the same page, none of which the page cache has.
    let script = bench.folder.path().join("cold.lua").display().to_string();
    let round = "math.randomseed(os.time() * 1000 + os.clock() * 1e6)\nlocal n = math.random(1, 1e12)\n";
    let ask = format!("request = function() n = n + 1 return wrk.format('GET', '{PAGE}?page=' .. n) end\n");
    fs::write(&script, format!("{round}{ask}"))?;
    let nginx = nginx(bench, body)?;
    let django = django(bench);
    if let Err(error) = &django {
        println!("Django left out: {error:#}");
    }
    let names =
        ["nginx, same bytes", "nginx again (A/A)", "daylight, warm", "daylight, cold (past the page cache)"];
    let mut arms: Vec<Arm> = names.iter().map(|name| Arm::new(name)).collect();
    let (mut kept, mut rendered) = (Arm::new("Django cache_page"), Arm::new("Django, rendered"));
    for _ in 0..ROUNDS {
        arms[0].rounds.push(rate(&nginx, "/page.html", &[])?);
        arms[2].rounds.push(rate(&warm, PAGE, &[])?);
        arms[1].rounds.push(rate(&nginx, "/page.html", &[])?);
        arms[3].rounds.push(rate(&warm, PAGE, &["-s", &script])?);
        if let Ok(django) = &django {
            kept.rounds.push(rate(django, "/kept/20", &[])?);
            rendered.rounds.push(rate(django, "/rendered/20", &[])?);
        }
    }
    let ratios = [
        ("A/A", arms[1].median() / arms[0].median()),
        ("warm / nginx", arms[2].median() / arms[0].median()),
        ("warm / Django cache_page", arms[2].median() / kept.median()),
        ("cold / Django rendered", arms[3].median() / rendered.median()),
    ];
    println!("\npage {PAGE}: {} bytes identity", body.len());
    let all: Vec<&Arm> = arms.iter().chain([&kept, &rendered]).collect();
    table("public page", "pages per server CPU second", &all, &ratios);
    Ok(())
}

/// Pages per second of processor time that the server spent.
fn rate(server: &Server, path: &str, words: &[&str]) -> Result<f64> {
    let before = server.cpu()?;
    let url = format!("http://{}{path}", server.address);
    let output = Command::new("wrk").args(["-t1", "-c32", "-d", SECONDS]).args(words).arg(&url).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| line.contains("requests in")).context("wrk said nothing")?;
    let count: f64 = line.split_whitespace().next().context("a count")?.parse()?;
    if text.contains("Non-2xx") {
        anyhow::bail!("{url} did not answer 200: {text}");
    }
    Ok(count / (server.cpu()? - before))
}

fn nginx(bench: &Bench, body: &str) -> Result<Server> {
    let folder = bench.folder.path().join("nginx");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("page.html"), body)?;
    let address = format!("127.0.0.1:{}", free_port()?);
    let root = folder.display();
    let configuration = format!(
        "daemon off; worker_processes 1; pid {root}/pid; error_log /dev/null;\n{user}\
         events {{ worker_connections 256; }}\n\
         http {{ access_log off; types {{ text/html html; }} client_body_temp_path {root}/t; proxy_temp_path {root}/p;\n\
         fastcgi_temp_path {root}/f; uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;\n\
         open_file_cache max=10; keepalive_requests 1000000;\n\
         server {{ listen {address}; root {root}; charset utf-8;\n\
         add_header Cache-Control \"public, no-cache\"; }} }}\n",
        user = "user root;\n"
    );
    let path = folder.join("nginx.conf");
    fs::write(&path, configuration)?;
    let mut command = Command::new("nginx");
    command.arg("-c").arg(&path).arg("-p").arg(&folder);
    Ok(Server::start(&mut command, &address, "/page.html")?.0)
}

/// Django in a virtual environment of its own, one synchronous worker.
fn django(bench: &Bench) -> Result<Server> {
    let venv = bench.daylight.parent().context("a folder")?.join("bench-django");
    if !venv.join("bin/gunicorn").exists() {
        let made = Command::new("python3").args(["-m", "venv"]).arg(&venv).status()?;
        anyhow::ensure!(made.success(), "python3 -m venv (Debian package python3-venv)");
        let pip = venv.join("bin/pip");
        let done = Command::new(pip).args(["install", "--quiet", "django==5.2.*", "gunicorn"]).status()?;
        anyhow::ensure!(done.success(), "pip install django gunicorn");
    }
    let address = format!("127.0.0.1:{}", free_port()?);
    let mut command = Command::new(venv.join("bin/gunicorn"));
    command
        .args(["--workers", "1", "--bind", &address, "--chdir"])
        .arg(&bench.peer)
        .arg("django_peer:application");
    command.env("DAYLIGHT_DB", bench.county().join("daylight.db"));
    Ok(Server::start(&mut command, &address, "/rendered/20")?.0)
}
