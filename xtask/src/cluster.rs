//! A private, throw-away PostgreSQL cluster: made, used and gone, also when we are interrupted.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::packages;
use crate::process::{self, Leash, Leashed};

/// PostgreSQL refuses to run as root; root starts it as this user, which Debian's package makes.
const USER: &str = "postgres";

/// A running cluster with one superuser `daylight` and one database of that name, reached over loopback only.
pub struct Cluster {
    // Dropped in this order: the server first, then its folder.
    server: Leash,
    folder: TempDir,
    bin: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes and starts a cluster that trades safety for speed: nothing in it outlives the run.
    pub fn start() -> Result<Self> {
        let bin = packages::postgres_folder().context("install the Debian package postgresql")?;
        let prefix = if packages::is_root() { as_other_user()? } else { Vec::new() };
        // Another program may take the free port before PostgreSQL does: try again then.
        for _ in 0..2 {
            if let Ok(cluster) = Self::start_once(&bin, &prefix) {
                return Ok(cluster);
            }
        }
        Self::start_once(&bin, &prefix)
    }

    fn start_once(bin: &Path, prefix: &[String]) -> Result<Self> {
        // A TMPDIR below /root would be closed to the other user.
        let parent = if prefix.is_empty() { std::env::temp_dir() } else { PathBuf::from("/tmp") };
        let folder = tempfile::Builder::new().prefix("daylight-postgres-").tempdir_in(parent)?;
        if !prefix.is_empty() {
            let (user, group) = uid_of(USER).context("the user postgres was not made")?;
            std::os::unix::fs::chown(folder.path(), Some(user), Some(group))?;
        }
        let mut words = prefix.to_vec();
        words.extend([text(&bin.join("initdb")), "--pgdata=data".into()]);
        let options = ["--username=daylight", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
        words.extend(options.map(String::from));
        process::run_quiet(Command::new(&words[0]).args(&words[1..]).current_dir(folder.path()))?;
        let (server, port) = serve(bin, prefix, folder.path())?;
        let cluster = Self { server, folder, bin: bin.to_path_buf(), port };
        cluster.create("daylight")?;
        Ok(cluster)
    }

    /// The address of one database of the cluster.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://daylight@127.0.0.1:{}/{database}", self.port)
    }

    fn create(&self, database: &str) -> Result<()> {
        let port = self.port.to_string();
        let words = ["--host=127.0.0.1", "--port", &port, "--username=daylight", "--maintenance-db=postgres"];
        process::run_quiet(Command::new(self.bin.join("createdb")).args(words).arg(database)).map(drop)
    }

    /// The folder of all its files, once everything in memory is written into them.
    pub fn written_out(&self) -> Result<PathBuf> {
        let mut command = Command::new(self.bin.join("psql"));
        process::run_quiet(command.args(["--quiet", "--command=CHECKPOINT"]).arg(self.url("daylight")))?;
        Ok(self.folder.path().join("data"))
    }

    /// Writes a database out as text: a backup's own format is compressed, and hides what is searched for.
    pub fn dump(&self, database: &str, to: &Path) -> Result<()> {
        let mut command = Command::new(self.bin.join("pg_dump"));
        command.arg("--format=plain").arg("--file").arg(to).arg("--dbname").arg(self.url(database));
        process::run_quiet(&mut command).map(drop)
    }

    /// Waits until the server ends, which it does not by itself.
    pub fn wait(&mut self) -> Result<()> {
        self.server.wait()
    }
}

fn serve(bin: &Path, prefix: &[String], folder: &Path) -> Result<(Leash, u16)> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut words =
        vec![text(&bin.join("postgres")), "-D".into(), "data".into(), "-p".into(), port.to_string()];
    for setting in [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "autovacuum=off",
        "max_connections=200",
        "shared_buffers=64MB",
    ] {
        words.extend(["-c".into(), setting.into()]);
    }
    let server = Leash::start(&Leashed { prefix, words: &words, signal: "INT", folder, log: None })?;
    let ready = |line: &str| line.contains("ready to accept connections").then_some(());
    server.wait_for(Duration::from_secs(60), ready)?;
    Ok((server, port))
}

/// The words that make root start a program as [`USER`].
fn as_other_user() -> Result<Vec<String>> {
    if uid_of(USER).is_none() {
        let words = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", USER];
        let useradd = packages::on_path("useradd").context("there is no user postgres, and no useradd")?;
        process::run_quiet(Command::new(useradd).args(words))?;
    }
    let words: &[&str] = if packages::on_path("setpriv").is_some() {
        &["setpriv", "--reuid", USER, "--regid", USER, "--init-groups", "--"]
    } else if packages::on_path("runuser").is_some() {
        &["runuser", "-u", USER, "--"]
    } else {
        bail!("PostgreSQL does not run as root: install the Debian package util-linux (setpriv)");
    };
    Ok(words.iter().map(|word| (*word).to_owned()).collect())
}

fn uid_of(name: &str) -> Option<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
