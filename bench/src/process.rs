//! Children that are measured from outside: processor time, memory, the moment they answer.

use anyhow::{Context, Result, bail};
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A running server that ends with this value.
pub struct Server {
    child: Child,
    /// "127.0.0.1:PORT".
    pub address: String,
}

impl Server {
    /// Starts a command and waits until its address answers 200 on a path. Returns the time that took.
    pub fn start(command: &mut Command, address: &str, path: &str) -> Result<(Server, Duration)> {
        let began = Instant::now();
        let child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("starting a server")?;
        let mut server = Server { child, address: address.to_owned() };
        loop {
            if get(address, path).is_ok_and(|(status, _)| status == 200) {
                return Ok((server, began.elapsed()));
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("{command:?} ended with {status}");
            }
            if began.elapsed() > Duration::from_secs(60) {
                bail!("{command:?} did not answer within a minute");
            }
            std::thread::yield_now();
        }
    }

    /// Seconds of processor time of the server and its children so far.
    pub fn cpu(&self) -> Result<f64> {
        let mut total = ticks(self.child.id())?;
        for child in children(self.child.id()) {
            total += ticks(child).unwrap_or(0.0);
        }
        Ok(total)
    }

    /// Resident memory now, in MiB.
    pub fn resident(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let children = children(self.child.id());
        for pid in std::iter::once(self.child.id()).chain(children) {
            drop(Command::new("kill").arg("-TERM").arg(pid.to_string()).status());
        }
        drop(self.child.wait());
    }
}

fn ticks(pid: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The command name may hold blanks; the fields we want stand behind its closing bracket.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let user: f64 = fields.get(11).context("utime")?.parse()?;
    let system: f64 = fields.get(12).context("stime")?.parse()?;
    Ok((user + system) / 100.0)
}

fn children(pid: u32) -> Vec<u32> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let list = fs::read_to_string(path).unwrap_or_default();
    list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// One request; the status and the whole answer.
pub fn get(address: &str, path: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    answer(stream)
}

/// One request with a session.
pub fn get_as(address: &str, path: &str, cookie: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    )?;
    answer(stream)
}

/// One request that carries something.
pub fn post(address: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n"
    )?;
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    stream.write_all(b"\r\n")?;
    stream.write_all(body)?;
    answer(stream)
}

fn answer(mut stream: TcpStream) -> Result<(u16, String)> {
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let answer = String::from_utf8_lossy(&bytes).into_owned();
    let status = answer.split_whitespace().nth(1).and_then(|word| word.parse().ok()).context("no status")?;
    Ok((status, answer))
}

/// A port nobody listens on just now.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Runs a command to its end. Returns wall seconds and peak resident MiB as the kernel counted it.
pub fn timed(command: &[&str]) -> Result<(f64, f64)> {
    let mut whole = vec!["-f", "%e %M", "-o", "/dev/stderr"];
    whole.extend(command);
    let output = Command::new("/usr/bin/time").args(&whole).stdout(Stdio::null()).output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().rev().find(|line| line.split(' ').count() == 2).context("no figures of time")?;
    if !output.status.success() {
        bail!("{command:?} failed: {text}");
    }
    let (wall, kib) = line.split_once(' ').context("two figures")?;
    Ok((wall.parse()?, kib.parse::<f64>()? / 1024.0))
}

/// Whether a program is installed.
pub fn installed(program: &str) -> bool {
    Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output()
        .is_ok_and(|out| out.status.success())
}
