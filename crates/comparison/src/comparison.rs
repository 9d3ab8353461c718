//! What is compared: ledgers, rosters, rules.

use crate::kinds::{Kind, Side, kind};
use crate::run::Fault;
use crate::source::{Source, SourceError};
use daylight_matching::rules::{Rule, builtin};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A table with its entry in the registry of sources.
#[derive(Clone, Debug)]
pub struct Input {
    /// The file.
    pub path: PathBuf,
    /// Its entry.
    pub source: Source,
    /// Its kind.
    pub kind: &'static Kind,
}

/// A rule and the text it was read from.
#[derive(Clone, Debug)]
pub struct RuleFile {
    /// The rule.
    pub rule: Rule,
    /// SHA-256 of its text, in hex.
    pub sha256: String,
}

/// A comparison, ready to run.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What it is called.
    pub title: String,
    /// Read in this order.
    pub ledgers: Vec<Input>,
    /// Read in this order.
    pub rosters: Vec<Input>,
    /// The rules.
    pub rules: Vec<RuleFile>,
    /// Whether rows without a valid id are matched by name and what else they say.
    pub fuzzy: bool,
    /// Into how many parts the keys of rules on several rows are cut; the ledgers are read once for each. More parts
    /// take less memory.
    pub parts: u64,
}

/// Where a table's entry lies when nothing else is said.
fn entry_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".toml");
    PathBuf::from(name)
}

/// A comparison's file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    title: String,
    rules: Vec<String>,
    ledgers: Vec<WrittenInput>,
    #[serde(default)]
    rosters: Vec<WrittenInput>,
    #[serde(default)]
    fuzzy: bool,
    #[serde(default = "one")]
    parts: u64,
}

fn one() -> u64 {
    1
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenInput {
    file: PathBuf,
    #[serde(default)]
    source: Option<PathBuf>,
}

impl Input {
    /// A table and its entry, which lies beside it as `FILE.toml` unless said otherwise.
    ///
    /// # Errors
    /// [`Fault::Source`] when the entry is missing or incomplete.
    pub fn open(file: &Path, entry: Option<&Path>, suggested: &str) -> Result<Self, Fault> {
        let entry = entry.map_or_else(|| entry_beside(file), Path::to_path_buf);
        let text = match std::fs::read_to_string(&entry) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Fault::NoSource { entry, blank: Source::blank(suggested) });
            }
            Err(error) => return Err(Fault::Io { path: entry, error }),
        };
        let wrong = |error: SourceError| Fault::Source { entry: entry.clone(), error };
        let (source, kind) = Source::parse(&text).map_err(wrong)?;
        if !suggested.is_empty() && suggested != kind.name {
            return Err(Fault::OtherKind { entry, said: suggested.to_owned(), written: kind.name });
        }
        Ok(Self { path: file.to_path_buf(), source, kind })
    }

    /// The file's name.
    #[must_use]
    pub fn shown(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The headings whose meaning the entry says.
    pub(crate) fn said(&self) -> Vec<(String, Option<&'static str>)> {
        let key = |key: &str| self.kind.heading(key).map(|heading| heading.key);
        self.source.columns.iter().map(|(heading, own)| (heading.clone(), key(own))).collect()
    }
}

impl RuleFile {
    /// A rule that comes with the program, by its name, or one in a file.
    ///
    /// # Errors
    /// [`Fault::Rule`] or [`Fault::NoRule`].
    pub fn open(name: &str, folder: &Path) -> Result<Self, Fault> {
        if let Some(own) = builtin().iter().find(|own| own.name == name) {
            return Self::parse(name, own.rule);
        }
        let path = folder.join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(name, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Fault::NoRule(name.to_owned())),
            Err(error) => Err(Fault::Io { path, error }),
        }
    }

    /// A rule's text.
    ///
    /// # Errors
    /// [`Fault::Rule`].
    pub fn parse(name: &str, text: &str) -> Result<Self, Fault> {
        let rule = Rule::parse(text)
            .map_err(|error| Fault::Rule { name: name.to_owned(), error: error.to_string() })?;
        Ok(Self { rule, sha256: hex(&Sha256::digest(text.as_bytes())) })
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Comparison {
    /// Reads a comparison's file (TOML); paths in it start from its folder.
    ///
    /// # Errors
    /// [`Fault`] says what does not belong.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let text =
            std::fs::read_to_string(path).map_err(|error| Fault::Io { path: path.to_path_buf(), error })?;
        let written: Written = toml::from_str(&text)
            .map_err(|error| Fault::Written { path: path.to_path_buf(), error: error.to_string() })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let open = |inputs: &[WrittenInput]| -> Result<Vec<Input>, Fault> {
            let each = |own: &WrittenInput| {
                let entry = own.source.as_ref().map(|entry| folder.join(entry));
                Input::open(&folder.join(&own.file), entry.as_deref(), "")
            };
            inputs.iter().map(each).collect()
        };
        let rules = written.rules.iter().map(|name| RuleFile::open(name, folder));
        Self {
            title: written.title,
            ledgers: open(&written.ledgers)?,
            rosters: open(&written.rosters)?,
            rules: rules.collect::<Result<_, _>>()?,
            fuzzy: written.fuzzy,
            parts: written.parts.max(1),
        }
        .checked()
    }

    /// Holds what is given against what the rules ask for: no more data is read than they need.
    ///
    /// # Errors
    /// [`Fault`] when a table stands on the wrong side, a roster is missing, or one is not needed.
    pub fn checked(self) -> Result<Self, Fault> {
        if self.ledgers.is_empty() || self.rules.is_empty() {
            return Err(Fault::Nothing);
        }
        for (inputs, side) in [(&self.ledgers, Side::Ledger), (&self.rosters, Side::Roster)] {
            if let Some(own) = inputs.iter().find(|own| own.kind.side != side) {
                return Err(Fault::WrongSide { file: own.shown(), title: own.kind.title });
            }
        }
        for own in &self.rosters {
            if !self.asked().any(|name| name == own.kind.name) {
                return Err(Fault::NotNeeded { file: own.shown(), title: own.kind.title });
            }
        }
        for file in &self.rules {
            for name in file.rule.rosters() {
                if !self.rosters.iter().any(|own| own.kind.name == name) {
                    let title = kind(name).map_or(name, |kind| kind.title).to_owned();
                    return Err(Fault::NoRoster { rule: file.rule.title.to_string(), title });
                }
            }
        }
        Ok(self)
    }

    /// The rosters rules ask for, by name.
    fn asked(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().flat_map(|file| file.rule.rosters())
    }
}
