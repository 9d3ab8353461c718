//! `cargo xtask durability`: what was acknowledged is on disk, whatever happens to the process or the power.
//!
//! (a) `kill -9` during imports and edits. (b) Power cut during edits: the data lie on a loop-mounted ext4 image; the
//! server is stopped (SIGSTOP), the image as the disk has it is copied, the server killed, the copy mounted and read. What
//! only the page cache held is lost, as on a real machine. Each run has a control with `synchronous=OFF`, which must
//! lose acknowledged edits, else the harness proves nothing. (c) The Nth sync or write of an import fails or kills
//! (strace).

mod reports;

use crate::process;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Cut power and kill processes while imports and edits are written (needs root and strace).
#[derive(clap::Args)]
pub struct Args {
    /// Rounds of each kind.
    #[arg(long, default_value_t = 10)]
    rounds: u32,
    /// One kind alone.
    #[arg(long, value_enum)]
    only: Option<Kind>,
}

/// What is written while it is cut short.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// Imports of a county's files.
    Imports,
    /// Drafts of clerks.
    Edits,
    /// Reports of citizens, with evidence.
    Reports,
}

/// Runs every kind of cut. True when nothing acknowledged was lost and the control lost something.
pub fn run(args: &Args) -> Result<bool> {
    process::run(process::cargo().current_dir(crate::root()).args([
        "build",
        "--release",
        "--package",
        "daylight",
    ]))?;
    let daylight = crate::root().join("target/release/daylight");
    let folder = tempfile::tempdir()?;
    let wants = |kind| args.only.is_none_or(|only| only == kind);
    let mut good = true;
    if wants(Kind::Imports) {
        let files = folder.path().join("seed/handover");
        drop(Demo::start(&daylight, &folder.path().join("seed"), None)?);
        println!("imports interrupted: {}", imports(&daylight, folder.path(), &files, args.rounds)?);
    }
    if wants(Kind::Edits) {
        good &= kept(|cut, level| edits(&daylight, folder.path(), args.rounds, cut, level))?;
    }
    if wants(Kind::Reports) {
        good &= kept(|cut, level| reports::run(&daylight, folder.path(), args.rounds, cut, level))?;
    }
    Ok(good)
}

/// Kills, power cuts, and the control that must lose.
fn kept(round: impl Fn(Cut, Option<&str>) -> Result<Ledger>) -> Result<bool> {
    let killed = round(Cut::Kill, None)?;
    println!("kill -9:              {killed}");
    let full = round(Cut::Power, None)?;
    println!("power cut:            {full}");
    let off = round(Cut::Power, Some("OFF"))?;
    println!("power cut, sync off:  {off} (control: must lose)");
    if off.lost == 0 {
        println!("the control lost nothing: this run proves nothing about power cuts");
    }
    let kept = killed.lost == 0 && full.lost == 0 && killed.acknowledged > 0 && full.acknowledged > 0;
    Ok(kept && off.lost > 0)
}

/// How an import is disturbed.
#[derive(Clone, Copy)]
enum Disturb {
    /// Killed at a share of the time that a whole import takes.
    Moment(Duration),
    /// Killed at the Nth call of this name.
    KilledAt(&'static str, u64),
    /// The Nth call of this name and all after it find the disk full.
    DiskFull(&'static str, u64),
}

/// Imports disturbed all along their way: nothing or everything, never a part, and a sound database.
fn imports(daylight: &Path, folder: &Path, files: &Path, rounds: u32) -> Result<String> {
    let import = |data: &Path| {
        let words = [daylight.display().to_string(), "import".into(), files.display().to_string()];
        words.into_iter().chain(["--data".into(), data.display().to_string()]).collect::<Vec<_>>()
    };
    let began = Instant::now();
    ensure!(quiet(&import(&folder.join("import-whole"))).status()?.success(), "an undisturbed import failed");
    let takes = began.elapsed();
    const CALLS: [&str; 3] = ["pwrite64", "fdatasync", "fsync"];
    let counts = folder.join("calls");
    let mut counted = words(&["strace", "-f", "-c", "-o", path(&counts)?]);
    counted.extend(import(&folder.join("import-counted")));
    ensure!(quiet(&counted).status()?.success(), "an import under strace failed");
    let counts = fs::read_to_string(counts)?;
    let count = |call: &str| -> Option<u64> {
        let line = counts.lines().find(|line| line.split_whitespace().last() == Some(call))?;
        line.split_whitespace().nth(3)?.parse().ok()
    };
    let mut plans = Vec::new();
    for round in 1..=rounds {
        plans.push(Disturb::Moment(takes * round / (rounds + 1)));
        for (call, times) in CALLS.into_iter().filter_map(|call| Some((call, count(call)?))) {
            let at = (times * u64::from(round) / u64::from(rounds + 1)).max(1);
            plans.push(Disturb::KilledAt(call, at));
            plans.push(Disturb::DiskFull(call, at));
        }
    }
    let (mut nothing, mut everything, mut disturbed) = (0, 0, 0);
    for (number, plan) in plans.iter().enumerate() {
        let data = folder.join(format!("import-{number}"));
        let mut command = Vec::new();
        if let Disturb::KilledAt(call, at) | Disturb::DiskFull(call, at) = plan {
            let how = match plan {
                Disturb::DiskFull(..) => format!("error=ENOSPC:when={at}+"),
                _ => format!("signal=KILL:when={at}"),
            };
            command = words(&[
                "strace",
                "-f",
                "-qq",
                "-e",
                &format!("trace={call}"),
                "-e",
                &format!("inject={call}:{how}"),
            ]);
        }
        command.extend(import(&data));
        let mut child = quiet(&command).spawn().context("starting an import")?;
        if let Disturb::Moment(after) = plan {
            pause(*after);
            drop(child.kill());
        }
        let acknowledged = child.wait()?.success();
        disturbed += usize::from(!acknowledged);
        let published = if data.join("daylight.db").exists() { published(&data)? } else { 0 };
        ensure!(
            published == 0 || published > 300,
            "import {number}: {published} published: a part of an import"
        );
        ensure!(!acknowledged || published > 300, "import {number} was acknowledged and is not there");
        if published > 0 {
            everything += 1;
            ensure!(
                quiet(&verify(daylight, &data)).status()?.success(),
                "import {number}: verify found a fault"
            );
        } else {
            nothing += 1;
            // What was left must not stand in the way of the next attempt.
            ensure!(quiet(&import(&data)).status()?.success(), "import {number} could not be repeated");
        }
        fs::remove_dir_all(&data)?;
    }
    ensure!(
        disturbed > plans.len() / 2 && nothing > 0,
        "too few imports were disturbed: this run proves nothing"
    );
    Ok(format!(
        "{} ways, {disturbed} cut short; {nothing} left nothing and could be repeated, {everything} were whole",
        plans.len()
    ))
}

fn published(data: &Path) -> Result<u64> {
    let sql = "SELECT COUNT(*) FROM revisions WHERE state = 'published'";
    let output = Command::new("sqlite3").arg(data.join("daylight.db")).arg(sql).output()?;
    // Killed before the first table was made: nothing.
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().unwrap_or(0))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn verify(daylight: &Path, data: &Path) -> Vec<String> {
    vec![daylight.display().to_string(), "verify".into(), "--data".into(), data.display().to_string()]
}

/// How a server ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    Kill,
    Power,
}

/// What became of what was acknowledged in all rounds.
struct Ledger {
    what: &'static str,
    rounds: u32,
    acknowledged: u64,
    lost: u64,
}

impl std::fmt::Display for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} rounds, {} {} acknowledged, {} lost",
            self.rounds, self.acknowledged, self.what, self.lost
        )
    }
}

/// Many clients save drafts; the ledger outside keeps the last acknowledged one of each; then the cut.
fn edits(daylight: &Path, folder: &Path, rounds: u32, cut: Cut, synchronous: Option<&str>) -> Result<Ledger> {
    let mut ledger = Ledger { what: "edits", rounds, acknowledged: 0, lost: 0 };
    for round in 0..rounds {
        let disk =
            Disk::new(&folder.join(format!("disk-{}-{round}", synchronous.unwrap_or("full"))), "192M")?;
        let demo = Demo::start(daylight, &disk.mount.join("data"), synchronous)?;
        let publisher = demo.accounts.iter().find(|one| one["role"] == "publisher").context("a publisher")?;
        let clients = Arc::new(demo.sign_in(publisher)?);
        // The county itself is on disk, in the control as well: what is lost is edits.
        sh(&["sync", "-f", path(&disk.mount)?])?;
        let stop = Arc::new(AtomicBool::new(false));
        let last: Arc<Mutex<BTreeMap<u32, u64>>> = Arc::default();
        let count = Arc::new(Mutex::new(0_u64));
        let writers: Vec<_> = (1..=6)
            .map(|unit| {
                let (clients, stop, last, count) =
                    (clients.clone(), stop.clone(), last.clone(), count.clone());
                thread::spawn(move || {
                    let mut number = 0;
                    while !stop.load(Ordering::SeqCst) {
                        number += 1;
                        if clients.edit(unit, number).unwrap_or(false) {
                            last.lock().expect("ledger").insert(unit, number);
                            *count.lock().expect("count") += 1;
                        }
                    }
                })
            })
            .collect();
        pause(Duration::from_millis(1_500 + u64::from(round) * 130));
        let copy = disk.cut(&demo, cut)?;
        stop.store(true, Ordering::SeqCst);
        drop(demo);
        for writer in writers {
            drop(writer.join());
        }
        ensure!(published(&copy.mount.join("data"))? > 0, "round {round}: the county itself is gone");
        let kept = drafts(&copy.mount.join("data/daylight.db"))?;
        // Edits acknowledged after the copy was taken cannot have been: the server stood still.
        for (unit, number) in last.lock().expect("ledger").iter() {
            let found = kept.get(unit).copied().unwrap_or(0);
            ledger.lost += number.saturating_sub(found);
        }
        ledger.acknowledged += *count.lock().expect("count");
        if synchronous.is_none() {
            let data = copy.mount.join("data");
            ensure!(
                quiet(&verify(daylight, &data)).status()?.success(),
                "round {round}: verify found a fault"
            );
        }
    }
    Ok(ledger)
}

/// The number written into each unit's draft.
fn drafts(database: &Path) -> Result<BTreeMap<u32, u64>> {
    let sql = "SELECT subject_id || ' ' || json_extract(content, '$.office_hours') FROM revisions \
               WHERE kind = 'unit' AND state = 'draft'";
    let output = Command::new("sqlite3").arg(database).arg(sql).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let pair = |line: &str| {
        let (unit, hours) = line.split_once(' ')?;
        Some((unit.parse().ok()?, hours.rsplit(' ').next()?.parse().ok()?))
    };
    Ok(text.lines().filter_map(pair).collect())
}

/// An ext4 file system in a file.
struct Disk {
    image: PathBuf,
    mount: PathBuf,
}

impl Disk {
    fn new(base: &Path, size: &str) -> Result<Disk> {
        let image = base.with_extension("img");
        sh(&["truncate", "-s", size, path(&image)?])?;
        sh(&["mkfs.ext4", "-q", path(&image)?])?;
        Disk::mounted(image, base.with_extension("mnt"))
    }

    fn mounted(image: PathBuf, mount: PathBuf) -> Result<Disk> {
        fs::create_dir_all(&mount)?;
        sh(&["mount", "-o", "loop", path(&image)?, path(&mount)?])?;
        Ok(Disk { image, mount })
    }

    /// The same disk once more, under another name.
    fn copy(&self, name: &str) -> Result<Disk> {
        let image = self.image.with_extension(format!("{name}.img"));
        sh(&["cp", "--sparse=always", path(&self.image)?, path(&image)?])?;
        Disk::mounted(image, self.mount.with_extension(format!("{name}.mnt")))
    }

    /// The disk as it is at this moment, after the server's end.
    fn cut(&self, demo: &Demo, cut: Cut) -> Result<Disk> {
        let copy = self.image.with_extension("cut");
        if cut == Cut::Power {
            signal(demo.child.id(), "STOP")?;
            sh(&["cp", "--sparse=always", path(&self.image)?, path(&copy)?])?;
            signal(demo.child.id(), "KILL")?;
        } else {
            signal(demo.child.id(), "KILL")?;
            pause(Duration::from_millis(200));
            sh(&["sync", "-f", path(&self.mount)?])?;
            sh(&["cp", "--sparse=always", path(&self.image)?, path(&copy)?])?;
        }
        Disk::mounted(copy, self.mount.with_extension("after"))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(sh(&["umount", "-l", &self.mount.display().to_string()]));
        drop(fs::remove_file(&self.image));
    }
}

/// A running demonstration.
struct Demo {
    child: Child,
    address: String,
    accounts: Vec<Value>,
}

impl Demo {
    fn start(daylight: &Path, data: &Path, synchronous: Option<&str>) -> Result<Demo> {
        let mut command = Command::new(daylight);
        command.arg("demo").arg("--data").arg(data).args([
            "--listen",
            "127.0.0.1:0",
            "--scale",
            "village",
            "--json",
        ]);
        if let Some(level) = synchronous {
            command.env("DAYLIGHT_SQLITE_SYNCHRONOUS", level);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("its output")?).read_line(&mut line)?;
        let ready: Value = serde_json::from_str(&line).context("the ready line of the demonstration")?;
        let accounts = ready["accounts"].as_array().context("accounts")?.clone();
        let address = ready["url"].as_str().context("an address")?.trim_start_matches("http://").to_owned();
        Ok(Demo { child, address, accounts })
    }

    /// A session of somebody of the staff.
    fn sign_in(&self, account: &Value) -> Result<Client> {
        let mut client = Client { address: self.address.clone(), cookie: String::new() };
        let text = |name: &str| account[name].as_str().unwrap_or_default();
        let form = format!("login={}&password={}", text("login"), text("password"));
        client.cookie = cookie(&client.post("/office/sign-in", &form)?)?;
        let page = client.get("/office/sign-in/code")?;
        // The demonstration shows the code of the moment.
        let shown = page.split("当前动态验证码是").nth(1).context("the code")?;
        let code: String = shown.chars().filter(char::is_ascii_digit).take(6).collect();
        client.cookie = cookie(&client.post("/office/sign-in/code", &format!("code={code}"))?)?;
        Ok(client)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(signal(self.child.id(), "KILL"));
        drop(self.child.wait());
    }
}

/// A browser reduced to what is needed.
struct Client {
    address: String,
    cookie: String,
}

impl Client {
    fn send(&self, head: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Vec<u8>> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(3)))?;
        stream.set_write_timeout(Some(Duration::from_secs(3)))?;
        write!(stream, "{head} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address)?;
        write!(stream, "Content-Length: {}\r\n", body.len())?;
        for (name, value) in headers {
            write!(stream, "{name}: {value}\r\n")?;
        }
        stream.write_all(b"\r\n")?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }

    fn text(&self, head: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.send(head, headers, body)?).into_owned())
    }

    fn get(&self, path: &str) -> Result<String> {
        self.text(&format!("GET {path}"), &[("Cookie", &self.cookie)], b"")
    }

    /// What a file's address answers, without the head.
    fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        let answer = self.send(&format!("GET {path}"), &[("Cookie", &self.cookie)], b"")?;
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").context("a head")?;
        let (head, body) = (String::from_utf8_lossy(&answer[..end]).to_lowercase(), &answer[end + 4..]);
        if head.contains("transfer-encoding: chunked") { unchunked(body) } else { Ok(body.to_vec()) }
    }

    fn post(&self, path: &str, form: &str) -> Result<String> {
        let headers =
            [("Cookie", self.cookie.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
        self.text(&format!("POST {path}"), &headers, form.as_bytes())
    }

    fn post_json(&self, path: &str, draft: Option<&str>, body: &Value) -> Result<String> {
        let bearer = draft.map(|draft| format!("Bearer {draft}"));
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
        self.text(&format!("POST {path}"), &headers, body.to_string().as_bytes())
    }

    /// One file as a form without scripts sends it, for a draft.
    fn post_file(&self, path: &str, draft: &str, bytes: &[u8]) -> Result<String> {
        let head = "--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.pdf\"\r\n\
                    Content-Type: application/pdf\r\n\r\n";
        let body = [head.as_bytes(), bytes, b"\r\n--edge--\r\n"].concat();
        let cookie = format!("daylight_report={draft}");
        let headers = [("Cookie", cookie.as_str()), ("Content-Type", "multipart/form-data; boundary=edge")];
        self.text(&format!("POST {path}"), &headers, &body)
    }

    /// The JSON object in an answer.
    fn json_of(&self, answer: &str) -> Result<Value> {
        let (_, body) = answer.split_once("\r\n\r\n").context("a body")?;
        let (from, to) = (body.find('{').context("JSON")?, body.rfind('}').context("JSON")?);
        Ok(serde_json::from_str(&body[from..=to])?)
    }

    /// Saves a draft of a unit that names a number. True when the server said it is kept.
    fn edit(&self, unit: u32, number: u64) -> Result<bool> {
        let path = format!("/office/units/{unit}/edit");
        let page = self.get(&path)?;
        let mut form = fields(&page);
        form.retain(|(name, _)| name != "office_hours");
        form.push(("office_hours".into(), format!("第 {number}")));
        let pairs: Vec<_> =
            form.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
        let answer = self.post(&path, &pairs.join("&"))?;
        Ok(answer.starts_with("HTTP/1.1 303"))
    }
}

/// A body that was sent in pieces, each behind its length in hex.
fn unchunked(mut body: &[u8]) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n").context("the length of a piece")?;
        let length = usize::from_str_radix(std::str::from_utf8(&body[..end])?.trim(), 16)?;
        if length == 0 {
            return Ok(whole);
        }
        let piece = body.get(end + 2..end + 2 + length).context("a piece cut short")?;
        whole.extend_from_slice(piece);
        body = &body[end + 4 + length..];
    }
}

/// The first form's fields with what stands in them, as a browser would send them back.
fn fields(page: &str) -> Vec<(String, String)> {
    let start = page.find("<form class=\"form").or_else(|| page.rfind("<form")).unwrap_or(0);
    let form = &page[start..];
    let form = &form[..form.find("</form>").unwrap_or(form.len())];
    let mut found = Vec::new();
    for tag in form.split('<').skip(1) {
        let attribute = |name: &str| {
            let mark = format!(" {name}=\"");
            let at = tag.find(&mark)? + mark.len();
            Some(unescape(&tag[at..at + tag[at..].find('"')?]))
        };
        let Some(name) = attribute("name") else { continue };
        if tag.starts_with("input") {
            let kind = attribute("type").unwrap_or_default();
            if kind != "submit" && !((kind == "radio" || kind == "checkbox") && !tag.contains(" checked")) {
                found.push((name, attribute("value").unwrap_or_default()));
            }
        } else if tag.starts_with("textarea") {
            found.push((
                name,
                unescape(tag.split_once('>').map_or("", |(_, text)| text).trim_start_matches('\n')),
            ));
        } else if tag.starts_with("select") {
            let rest = &form[form.find(tag).unwrap_or(0)..];
            let rest = &rest[..rest.find("</select>").unwrap_or(rest.len())];
            let chosen = rest.split("<option").find(|option| option.contains(" selected"));
            let value = chosen.and_then(|option| option.split("value=\"").nth(1)?.split('"').next());
            found.push((name, value.map(unescape).unwrap_or_default()));
        }
    }
    found
}

fn unescape(text: &str) -> String {
    let text = text.replace("&quot;", "\"").replace("&#34;", "\"").replace("&#39;", "'").replace("&lt;", "<");
    text.replace("&gt;", ">")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&amp;", "&")
        .replace("&#38;", "&")
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

fn cookie(answer: &str) -> Result<String> {
    let line =
        answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).context("no session was given")?;
    Ok(line.split(';').next().unwrap_or_default().to_owned())
}

fn signal(pid: u32, name: &str) -> Result<()> {
    sh(&["kill", &format!("-{name}"), &pid.to_string()])
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("a path in UTF-8")
}

fn quiet(words: &[String]) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn sh(words: &[&str]) -> Result<()> {
    let output = Command::new(words[0]).args(&words[1..]).output().with_context(|| words.join(" "))?;
    if !output.status.success() {
        bail!("{}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// Lets the writers write for a while: the moment of a cut is meant to be arbitrary, nothing waits for it.
fn pause(time: Duration) {
    let until = Instant::now() + time;
    while Instant::now() < until {
        thread::park_timeout(until.saturating_duration_since(Instant::now()));
    }
}
