//! Children: commands that must succeed, test runs that are counted, and servers on a leash.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::report::Counts;

/// `cargo` as a newcomer's shell would start it.
///
/// `cargo run` hands its own `CARGO_PKG_*` and `CARGO_MANIFEST_*` to us; build scripts that watch those variables
/// (ring's does) would be built again on every change between `cargo xtask` and plain `cargo`.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name.as_ref());
        }
    }
    command.current_dir(crate::root());
    command
}

/// Runs a command with its output on our terminal; an error when it fails.
pub fn run(command: &mut Command) -> Result<Counts> {
    let status = command.status().with_context(|| format!("cannot start {}", name_of(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", name_of(command));
    }
    Ok(Counts::default())
}

/// Runs a command silently; its output becomes the error when it fails.
pub fn run_quiet(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", name_of(command)))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("{text}{errors}{} ended with {}", name_of(command), output.status);
    }
    Ok(text)
}

/// Runs a test command, shows its output as it comes and counts what `count` recognises in its lines.
pub fn run_counted(command: &mut Command, count: fn(&str) -> Counts) -> Result<Counts> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", name_of(command)))?;
    let mut counts = Counts::default();
    let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        std::io::stdout().write_all(&line)?;
        let found = count(&String::from_utf8_lossy(&line));
        counts.passed += found.passed;
        counts.failed += found.failed;
        line.clear();
    }
    let status = child.wait()?;
    if !status.success() && counts.failed == 0 {
        bail!("{} ended with {status}", name_of(command));
    }
    Ok(counts)
}

fn name_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Starts the command given as `"$@"`, waits for it or for the end of its own standard input, whichever is first,
/// then makes sure the command is gone and removes the folder.
///
/// The other end of that input is held by us: however we end, `kill -9` included, the kernel closes it.
const LEASH: &str = r#"
signal=$1 folder=$2; shift 2
exec 3<&0 </dev/null
"$@" 3<&- & child=$!
( cat <&3; kill -s "$signal" "$child"; sleep 15; kill -s KILL "$child" ) >/dev/null 2>&1 & watch=$!
exec 3<&-
wait "$child"; code=$?
kill "$watch" 2>/dev/null
rm -rf -- "$folder"
exit "$code"
"#;

/// A server that ends, and whose folder is removed, when this value is dropped or this process dies.
pub struct Leash {
    child: Child,
    hold: Option<ChildStdin>,
    lines: Receiver<String>,
    readers: Vec<JoinHandle<()>>,
    tail: Arc<Mutex<VecDeque<String>>>,
}

/// What to start, and how to stop it.
pub struct Leashed<'a> {
    /// Words put before the shell, such as `setpriv --reuid postgres --`.
    pub prefix: &'a [String],
    /// The program and its arguments.
    pub words: &'a [String],
    /// The name of the signal that asks the program to stop.
    pub signal: &'a str,
    /// The folder that goes away with the program.
    pub folder: &'a Path,
    /// Where the output is kept as well.
    pub log: Option<PathBuf>,
}

impl Leash {
    /// Starts the program in a process group of its own, so that ctrl-c reaches us and not it.
    pub fn start(leashed: &Leashed) -> Result<Self> {
        let mut words = leashed.prefix.to_vec();
        words.extend(["sh".into(), "-c".into(), LEASH.into(), "leash".into(), leashed.signal.into()]);
        words.push(leashed.folder.display().to_string());
        words.extend_from_slice(leashed.words);
        let mut child = Command::new(&words[0])
            .args(&words[1..])
            .current_dir(leashed.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", leashed.words[0]))?;
        let (sender, lines) = channel();
        let tail = Arc::new(Mutex::new(VecDeque::new()));
        let log = match &leashed.log {
            Some(path) => Some(Arc::new(Mutex::new(std::fs::File::create(path)?))),
            None => None,
        };
        let streams: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stdout.take().expect("stdout is piped")),
            Box::new(child.stderr.take().expect("stderr is piped")),
        ];
        let readers = streams.map(|stream| {
            let (sender, tail, log) = (sender.clone(), Arc::clone(&tail), log.clone());
            std::thread::spawn(move || {
                for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                    let line = String::from_utf8_lossy(&line).into_owned();
                    if let Some(log) = &log {
                        // A full disk loses the log, not the run.
                        let _ = writeln!(log.lock().expect("no panic while logging"), "{line}");
                    }
                    let mut tail = tail.lock().expect("no panic while reading");
                    tail.push_back(line.clone());
                    if tail.len() > 40 {
                        tail.pop_front();
                    }
                    // After start-up nobody listens any more.
                    let _ = sender.send(line);
                }
            })
        });
        let hold = child.stdin.take();
        Ok(Self { child, hold, lines, readers: readers.into(), tail })
    }

    /// Waits until the program prints a line in which `ready` finds something.
    pub fn wait_for<T>(&self, limit: Duration, ready: impl Fn(&str) -> Option<T>) -> Result<T> {
        let end = Instant::now() + limit;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some(found) = ready(&line) {
                        return Ok(found);
                    }
                }
                Err(RecvTimeoutError::Timeout) => bail!("{}\nnot ready after {limit:?}", self.tail()),
                Err(RecvTimeoutError::Disconnected) => bail!("{}\nended before it was ready", self.tail()),
            }
        }
    }

    /// The last lines the program printed.
    pub fn tail(&self) -> String {
        let tail = self.tail.lock().expect("no panic while reading");
        tail.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// Waits until the program ends by itself.
    pub fn wait(&mut self) -> Result<()> {
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        drop(self.hold.take());
        // Nothing more can be done here when waiting fails; the shell still stops the program.
        let _ = self.child.wait();
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Leash, Leashed};

    fn start(folder: &std::path::Path, script: &str) -> Leash {
        let words = ["sh", "-c", script].map(String::from);
        Leash::start(&Leashed { prefix: &[], words: &words, signal: "TERM", folder, log: None }).unwrap()
    }

    #[test]
    fn a_leashed_server_and_its_folder_go_with_the_leash() {
        let folder = tempfile::tempdir().unwrap();
        let leash = start(folder.path(), "echo $$; exec sleep 600");
        let id = leash.wait_for(Duration::from_secs(20), |line| line.parse::<u32>().ok()).unwrap();
        assert!(std::fs::exists(format!("/proc/{id}")).unwrap());
        drop(leash);
        assert!(!std::fs::exists(format!("/proc/{id}")).unwrap());
        assert!(!folder.path().exists());
    }

    #[test]
    fn a_server_that_ends_early_is_an_error_with_its_last_words() {
        let folder = tempfile::tempdir().unwrap();
        let leash = start(folder.path(), "echo the port is taken >&2; exit 3");
        let error = leash.wait_for(Duration::from_secs(20), |_| None::<()>).unwrap_err().to_string();
        assert!(error.contains("the port is taken") && error.contains("ended before"), "{error}");
    }
}
