//! Running the program and talking to it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

/// The county's four files as its offices sent them.
pub fn handover() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/tests/fixtures/handover")
}

/// The program, without what the tester's own environment may set.
pub fn daylight<I, S>(arguments: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<std::ffi::OsStr>,
{
    let mut command = Command::new(env!("CARGO_BIN_EXE_daylight"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DAYLIGHT_")) {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// What a finished command left.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The first line of the output as JSON.
    pub fn json(&self) -> serde_json::Value {
        let line = self.out.lines().next().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The same, when it went well.
    pub fn well(self) -> Ran {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// Runs the program to its end on a data folder.
pub fn run(data: &Path, arguments: &[&str]) -> Ran {
    let mut command = daylight(arguments);
    let output = command.arg("--data").arg(data).output().expect("the program starts");
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs an import of the handed-over files.
pub fn import(data: &Path, arguments: &[&str]) -> Ran {
    let files = handover();
    let mut all = vec!["import", files.to_str().unwrap(), "--json"];
    all.extend(arguments);
    run(data, &all)
}

/// A running server; ends with this value.
pub struct Server {
    child: Child,
    /// "127.0.0.1:45123".
    pub address: String,
    /// What it says when ready.
    pub ready: serde_json::Value,
    log: PathBuf,
}

impl Server {
    /// Starts a command that serves on any free port, and waits until it is ready.
    pub fn start(data: &Path, arguments: &[&str]) -> Server {
        let log = data.with_extension("log");
        let mut command = daylight(arguments);
        command.arg("--json").args(["--listen", "127.0.0.1:0"]).arg("--data").arg(data);
        command.stdout(Stdio::piped()).stderr(std::fs::File::create(&log).unwrap());
        let mut child = command.spawn().expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{error}: {line} {}", std::fs::read_to_string(&log).unwrap()));
        let address = ready["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
        Server { child, address, ready, log }
    }

    /// A connection that waits at most so long for each answer.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(25))).unwrap();
        stream
    }

    /// Sends a request as it is written and reads to the end: (status, whole answer).
    pub fn send(&self, request: &str) -> (u16, String) {
        let mut stream = self.connect();
        // A server that refuses may close before it has taken everything.
        drop(stream.write_all(request.as_bytes()));
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, answer)
    }

    /// Opens a page.
    pub fn get(&self, path: &str) -> (u16, String) {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address))
    }

    /// Sends a form.
    pub fn post(&self, path: &str, form: &str) -> (u16, String) {
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}",
            self.address,
            form.len()
        ))
    }

    /// Sends SIGTERM.
    pub fn ask_to_stop(&self) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
    }

    /// Asks it to stop and waits. Returns its exit code and what it logged.
    pub fn stop(self) -> (i32, String) {
        self.ask_to_stop();
        self.ended()
    }

    /// Waits for the end of one that was asked to stop: asking twice means "at once".
    pub fn ended(mut self) -> (i32, String) {
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        (code, std::fs::read_to_string(&self.log).unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Starts a command and kills it (as `kill -9`) after a while, unless it ended before.
pub fn kill_after(mut command: Command, after: Duration) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let (ended, end) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        drop(stdout.read_to_end(&mut Vec::new()));
        let _ = ended.send(());
    });
    let _ = end.recv_timeout(after);
    drop(child.kill());
    child.wait().unwrap();
    reader.join().unwrap();
}
