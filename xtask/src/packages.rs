//! Debian packages the tests need beyond a Rust toolchain and a C compiler.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// Something the tests need, and the Debian package that brings it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    Postgres,
    Chromium,
    ChineseFont,
    Node,
    Npm,
    Nginx,
    Wrk,
    SqliteShell,
    Time,
}

/// What the browser tests need.
pub const BROWSER: [Need; 4] = [Need::Chromium, Need::ChineseFont, Need::Node, Need::Npm];

/// What the bench needs for its limits and peers.
pub const BENCH: [Need; 4] = [Need::Nginx, Need::Wrk, Need::SqliteShell, Need::Time];

impl Need {
    fn package(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::Chromium => "chromium",
            Self::ChineseFont => "fonts-noto-cjk",
            Self::Node => "nodejs",
            Self::Npm => "npm",
            Self::Nginx => "nginx",
            Self::Wrk => "wrk",
            Self::SqliteShell => "sqlite3",
            Self::Time => "time",
        }
    }

    fn is_here(self) -> bool {
        match self {
            Self::Postgres => postgres_folder().is_some(),
            Self::Chromium => chromium().is_some(),
            Self::ChineseFont => has_chinese_font(),
            Self::Node => on_path("node").is_some(),
            Self::Npm => on_path("npm").is_some(),
            Self::Nginx => on_path("nginx").is_some() || Path::new("/usr/sbin/nginx").exists(),
            Self::Wrk => on_path("wrk").is_some(),
            Self::SqliteShell => on_path("sqlite3").is_some(),
            Self::Time => Path::new("/usr/bin/time").exists(),
        }
    }
}

/// Makes sure that everything needed is installed: by apt when we are root and may, else an error of one line.
pub fn ensure(needs: &[Need], may_install: bool) -> Result<()> {
    let missing = missing(needs);
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !(may_install && is_root() && on_path("apt-get").is_some()) {
        bail!("missing Debian packages, install them first: apt-get install --no-install-recommends {list}");
    }
    println!("installing {list}");
    apt(&["update"])?;
    let mut words = vec!["install", "--yes", "--no-install-recommends"];
    words.extend(&missing);
    apt(&words)?;
    let still = self::missing(needs);
    if !still.is_empty() {
        bail!("still missing after apt-get install: {}", still.join(" "));
    }
    Ok(())
}

fn missing(needs: &[Need]) -> Vec<&'static str> {
    needs.iter().filter(|need| !need.is_here()).map(|need| need.package()).collect()
}

fn apt(words: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.arg("-qq").args(words).env("DEBIAN_FRONTEND", "noninteractive");
    process::run_quiet(&mut command).with_context(|| format!("apt-get {}", words.join(" ")))?;
    Ok(())
}

/// The folder that holds `initdb` and `postgres`: the newest of Debian's, else where the PATH finds them.
pub fn postgres_folder() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder): &(u32, PathBuf)| has_server(folder))
        .collect();
    folders.sort();
    let newest = folders.pop().map(|(_, folder)| folder);
    newest.or_else(|| on_path("initdb")?.parent().map(Path::to_path_buf).filter(|folder| has_server(folder)))
}

fn has_server(folder: &Path) -> bool {
    ["initdb", "postgres", "createdb"].iter().all(|program| folder.join(program).is_file())
}

/// Chromium: `CHROMIUM` when it is set, else Debian's.
pub fn chromium() -> Option<PathBuf> {
    match std::env::var_os("CHROMIUM") {
        Some(path) => Some(PathBuf::from(path)).filter(|path| path.is_file()),
        None => Some(PathBuf::from("/usr/bin/chromium")).filter(|path| path.is_file()),
    }
}

fn has_chinese_font() -> bool {
    if let Ok(list) = process::run_quiet(Command::new("fc-list").args([":lang=zh-cn", "family"])) {
        return !list.trim().is_empty();
    }
    Path::new("/usr/share/fonts/opentype/noto").read_dir().is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().contains("CJK")))
    })
}

/// Where a program is on the PATH; `/usr/sbin` and `/sbin` are looked into as well.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Whether we run as root, read from who owns this process.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
