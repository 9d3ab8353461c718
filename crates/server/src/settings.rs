//! Where things are and how the program answers: flags, then `DAYLIGHT_*`, then `daylight.toml`, then
//! defaults.

use crate::{
    outcome::{Outcome, Stop, file_error},
    terminal,
};
use clap::Args;
use daylight_app::sms::Channel;
use daylight_db::Engine;
use serde::Deserialize;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// What every command that touches an installation takes.
#[derive(Args, Clone, Debug, Default)]
pub struct Where {
    /// 数据目录（默认 ./data） Data folder
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// 配置文件（默认 数据目录/daylight.toml） Configuration file
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// 数据库地址（默认 sqlite:数据目录/daylight.db） Database, also postgres://…
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// 密钥目录（默认 数据目录/keys） Folder of the keys
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
}

/// What a command that answers over HTTP takes besides.
#[derive(Args, Clone, Debug, Default)]
pub struct Answering {
    /// 监听地址（默认 127.0.0.1:8080） Address to listen on
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// 公众访问的网址，印在二维码里 Public address, stands in QR codes
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
}

/// The file and the environment, key for key.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    data: Option<PathBuf>,
    database: Option<String>,
    keys: Option<PathBuf>,
    master_key_file: Option<PathBuf>,
    listen: Option<String>,
    base_url: Option<String>,
    metrics_listen: Option<String>,
    secure_cookies: Option<bool>,
    log: Option<String>,
    max_connections: Option<usize>,
    max_requests: Option<usize>,
    evidence_share: Option<u8>,
    sms: Option<Sms>,
}

/// How short messages are sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sms {
    /// Program and arguments; it gets one JSON line on its standard input for each message.
    command: Vec<String>,
}

/// What everything else reads.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of the database file, keys and uploaded files.
    pub data: PathBuf,
    /// `sqlite:PATH` or `postgres://…`.
    pub database: String,
    /// The folder of the key file.
    pub keys: PathBuf,
    /// Where the master key stands, if the key file is wrapped and it is not in the environment.
    pub master_key_file: Option<PathBuf>,
    /// Where to listen.
    pub listen: String,
    /// The address citizens use; none means the listening address.
    pub base_url: Option<String>,
    /// Where figures for Prometheus are served, apart from the pages.
    pub metrics_listen: Option<SocketAddr>,
    /// Whether cookies are marked for HTTPS only; none: when the base URL is https.
    pub secure_cookies: Option<bool>,
    /// What is logged, as `tracing` filters it.
    pub log: Option<String>,
    /// Connections held at once.
    pub max_connections: usize,
    /// Requests answered at once.
    pub max_requests: usize,
    /// What unsubmitted evidence may take of the free space, in percent.
    pub evidence_share: u8,
    /// Program and arguments that send a short message; empty: not set up.
    pub sms_command: Vec<String>,
}

const PREFIX: &str = "DAYLIGHT_";
/// Variables with the prefix that others read.
const OTHERS: [&str; 3] = ["MASTER_KEY", "CONFIG", "SQLITE_SYNCHRONOUS"];

impl Settings {
    /// Gathers them.
    pub fn gather(place: &Where, answering: &Answering) -> Outcome<Settings> {
        let environment = environment(std::env::vars_os())?;
        let given = place.data.clone().or(environment.data.clone());
        let config = place.config.clone().or(std::env::var_os("DAYLIGHT_CONFIG").map(PathBuf::from));
        let beside = given.clone().unwrap_or_else(|| "data".into()).join("daylight.toml");
        let file = match &config {
            Some(path) => read(path)?,
            None if beside.exists() => read(&beside)?,
            None => Written::default(),
        };
        let data = given.or(file.data).unwrap_or_else(|| "data".into());
        let keys = place.keys.clone().or(environment.keys).or(file.keys);
        let database = place.database.clone().or(environment.database).or(file.database);
        let base_url = answering.base_url.clone().or(environment.base_url).or(file.base_url);
        let metrics = environment.metrics_listen.or(file.metrics_listen);
        Ok(Settings {
            database: database.unwrap_or_else(|| format!("sqlite:{}", data.join("daylight.db").display())),
            keys: keys.unwrap_or_else(|| data.join("keys")),
            master_key_file: environment.master_key_file.or(file.master_key_file),
            listen: answering
                .listen
                .clone()
                .or(environment.listen)
                .or(file.listen)
                .unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
            base_url: base_url.map(base).transpose()?,
            metrics_listen: metrics.as_deref().map(address).transpose()?,
            secure_cookies: environment.secure_cookies.or(file.secure_cookies),
            log: environment.log.or(file.log),
            max_connections: environment.max_connections.or(file.max_connections).unwrap_or(4096).max(1),
            max_requests: environment.max_requests.or(file.max_requests).unwrap_or(256).max(1),
            evidence_share: environment
                .evidence_share
                .or(file.evidence_share)
                .unwrap_or(daylight_app::attachments::SHARE)
                .min(100),
            sms_command: file.sms.unwrap_or_default().command,
            data,
        })
    }

    /// Which engine the database address names.
    pub fn engine(&self) -> Engine {
        if self.database.starts_with("sqlite:") { Engine::Sqlite } else { Engine::Postgres }
    }

    /// The file of the embedded database.
    pub fn sqlite_file(&self) -> Option<&Path> {
        self.database.strip_prefix("sqlite:").map(Path::new)
    }

    /// The database as it may be printed: without password.
    pub fn database_shown(&self) -> String {
        match (self.database.split_once("://"), self.database.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
            _ => self.database.clone(),
        }
    }

    /// By which way short messages leave: in a demonstration always into a file.
    pub fn sms(&self, demo: bool) -> Channel {
        match &self.sms_command[..] {
            _ if demo => Channel::Outbox(self.data.join("outbox/sms.jsonl")),
            [] => Channel::None,
            command => Channel::Command(command.to_vec()),
        }
    }

    /// Cookies for HTTPS only?
    pub fn secure(&self) -> bool {
        let https = self.base_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        self.secure_cookies.unwrap_or(https)
    }
}

fn read(path: &Path) -> Outcome<Written> {
    let text = std::fs::read_to_string(path).map_err(|error| file_error(path, &error))?;
    let mut written: Written = toml::from_str(&text).map_err(|error| {
        Stop::usage(format!("配置文件 {} 有误：{}", path.display(), error.to_string().trim_end()))
    })?;
    // Paths in the file are meant from where it stands.
    let folder = path.parent().unwrap_or(Path::new("."));
    for path in [&mut written.data, &mut written.keys, &mut written.master_key_file].into_iter().flatten() {
        *path = folder.join(&path);
    }
    Ok(written)
}

/// `DAYLIGHT_BASE_URL` is `base_url`: one list of names for both.
fn environment(
    variables: impl Iterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
) -> Outcome<Written> {
    let mut table = toml::Table::new();
    for (name, value) in variables {
        let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { continue };
        let Some(key) = name.strip_prefix(PREFIX).filter(|key| !OTHERS.contains(key)) else { continue };
        if key.starts_with("TEST_") || value.is_empty() {
            continue;
        }
        let key = key.to_lowercase();
        let value = match key.as_str() {
            "secure_cookies" => value.parse().map(toml::Value::Boolean).ok(),
            "max_connections" | "max_requests" | "evidence_share" => {
                value.parse().map(toml::Value::Integer).ok()
            }
            _ => Some(toml::Value::String(value.to_owned())),
        };
        let value = value.ok_or_else(|| Stop::usage(format!("环境变量 {name} 的值不对")))?;
        let one = toml::Table::from_iter([(key.clone(), value.clone())]);
        if Written::deserialize(toml::Value::Table(one)).is_ok() {
            table.insert(key, value);
        } else {
            terminal::err(&format!("不认识的环境变量 {name}，没有采用。"));
        }
    }
    Written::deserialize(toml::Value::Table(table)).map_err(|error| Stop::usage(error.to_string()))
}

fn base(url: String) -> Outcome<String> {
    let url = url.trim().trim_end_matches('/').to_owned();
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match rest {
        Some(host) if !host.is_empty() && !host.contains(['?', '#', ' ']) => Ok(url),
        _ => Err(Stop::usage(format!("网址“{url}”不对：请写成 https://域名 的形式"))),
    }
}

fn address(text: &str) -> Outcome<SocketAddr> {
    text.parse().map_err(|_| Stop::usage(format!("地址“{text}”不对：请写成 127.0.0.1:9100 的形式")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Outcome<Written> {
        environment(pairs.iter().map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn the_environment_and_the_file_have_the_same_names() {
        let written = variables(&[
            ("DAYLIGHT_BASE_URL", "https://gov.example"),
            ("DAYLIGHT_MAX_REQUESTS", "7"),
            ("DAYLIGHT_SECURE_COOKIES", "true"),
            ("DAYLIGHT_TEST_POSTGRES", "x"),
            ("DAYLIGHT_LISTN", "a typing error"),
        ])
        .unwrap();
        assert_eq!(written.base_url.as_deref(), Some("https://gov.example"));
        assert_eq!((written.max_requests, written.secure_cookies), (Some(7), Some(true)));
        assert_eq!(written.listen, None);
        assert!(variables(&[("DAYLIGHT_MAX_REQUESTS", "many")]).is_err());
    }

    #[test]
    fn flags_win_over_the_file_and_a_typing_error_in_the_file_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("daylight.toml");
        std::fs::write(&file, "listen = \"0.0.0.0:80\"\nkeys = \"../k\"\nbase_url = \"https://a.example/\"")
            .unwrap();
        let place = Where { data: Some(folder.path().into()), ..Where::default() };
        let settings = Settings::gather(&place, &Answering::default()).unwrap();
        assert_eq!(settings.listen, "0.0.0.0:80");
        assert_eq!(settings.base_url.as_deref(), Some("https://a.example"));
        assert_eq!(settings.keys, folder.path().join("../k"));
        assert!(settings.secure());
        let answering = Answering { listen: Some("127.0.0.1:1".into()), base_url: None };
        assert_eq!(Settings::gather(&place, &answering).unwrap().listen, "127.0.0.1:1");
        std::fs::write(&file, "listn = \"x\"").unwrap();
        assert!(Settings::gather(&place, &answering).unwrap_err().message().contains("listn"));
    }

    #[test]
    fn a_password_in_the_database_address_is_not_printed() {
        let place = Where { database: Some("postgres://u:secret@db/x".into()), ..Where::default() };
        let settings = Settings::gather(&place, &Answering::default()).unwrap();
        assert_eq!(settings.database_shown(), "postgres://…@db/x");
    }
}
