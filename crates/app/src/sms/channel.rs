//! By which way messages leave.

use std::{
    fs,
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::io::AsyncWriteExt;

/// How this installation sends messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Channel {
    /// Not set up: messages wait.
    #[default]
    None,
    /// A file of JSON lines: demonstration and tests.
    Outbox(PathBuf),
    /// A program and its arguments, started without a shell for each message, which gets the JSON line on its
    /// standard input and answers with exit code 0 when the gateway has taken it.
    Command(Vec<String>),
}

/// Why a message did not leave. It never holds the message, nor what a gateway printed about it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The outbox or the program failed on this machine.
    #[error("短信发送程序无法运行（{0}）")]
    Io(io::ErrorKind),
    /// The program said no.
    #[error("短信发送程序报告失败（退出码{0}）")]
    Exit(i32),
    /// No answer.
    #[error("短信发送程序超过30秒没有结果")]
    Late,
}

impl From<io::Error> for Undelivered {
    fn from(error: io::Error) -> Undelivered {
        Undelivered::Io(error.kind())
    }
}

/// A gateway that has not answered by then is tried again later.
const PATIENCE: Duration = Duration::from_secs(30);

impl Channel {
    /// Hands a message over: one line of JSON without its end.
    ///
    /// # Errors
    ///
    /// When it is not certain that the message was taken.
    pub async fn deliver(&self, line: &str) -> Result<(), Undelivered> {
        match self {
            Channel::None => Err(Undelivered::Io(io::ErrorKind::NotFound)),
            Channel::Outbox(path) => {
                let (path, line) = (path.clone(), format!("{line}\n"));
                let done = tokio::task::spawn_blocking(move || append(&path, &line)).await;
                Ok(done.map_err(io::Error::other)??)
            }
            Channel::Command(command) => {
                let run = tokio::time::timeout(PATIENCE, run(command, line)).await;
                run.map_err(|_| Undelivered::Late)?
            }
        }
    }
}

/// Appends a line so that it is on the disk, behind whatever a power cut left half written.
fn append(path: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let new = !path.exists();
    let mut file = fs::OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    file.lock()?;
    let mut last = [b'\n'];
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    let line = if last == [b'\n'] { line.to_owned() } else { format!("\n{line}") };
    file.write_all(line.as_bytes())?;
    file.sync_all()?;
    match path.parent() {
        Some(folder) if new => fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

async fn run(command: &[String], line: &str) -> Result<(), Undelivered> {
    let (program, arguments) = command.split_first().ok_or(Undelivered::Io(io::ErrorKind::InvalidInput))?;
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        // What it prints may name the number.
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        let written = async {
            stdin.write_all(line.as_bytes()).await?;
            stdin.write_all(b"\n").await
        };
        match written.await {
            // It may know what it needs to know before it has read all; its exit code decides.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written?,
        }
    }
    let status = child.wait().await?;
    if status.success() { Ok(()) } else { Err(Undelivered::Exit(status.code().unwrap_or(-1))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_outbox_keeps_whole_lines_even_behind_half_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox/sms.jsonl");
        let channel = Channel::Outbox(path.clone());
        channel.deliver("{\"n\":1}").await.unwrap();
        fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"n\":").unwrap();
        let (a, b) = tokio::join!(channel.deliver("{\"n\":2}"), channel.deliver("{\"n\":3}"));
        a.unwrap();
        b.unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let mut lines: Vec<_> = text.lines().collect();
        lines[2..].sort_unstable();
        assert_eq!(lines, ["{\"n\":1}", "{\"n\":", "{\"n\":2}", "{\"n\":3}"]);
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_command_gets_the_line_and_no_shell_reads_its_arguments() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("$(id) ; taken");
        let tee = Channel::Command(vec!["tee".into(), file.display().to_string()]);
        tee.deliver("{\"to\":\"13900000000\"}").await.unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "{\"to\":\"13900000000\"}\n");
        let no = Channel::Command(vec!["false".into()]);
        assert_eq!(no.deliver("13900000000").await, Err(Undelivered::Exit(1)));
        let missing = Channel::Command(vec!["/nowhere/gateway".into()]);
        let error = missing.deliver("13900000000").await.unwrap_err();
        assert_eq!(error, Undelivered::Io(io::ErrorKind::NotFound));
        assert!(!format!("{error}{error:?}").contains("139"));
    }
}
