//! What a run rested on and what it found: two runs of the same inputs and rules write the same bytes.

use crate::comparison::RuleFile;
use crate::source::Source;
use serde::Serialize;

/// The record of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// The program and its version.
    pub program: String,
    /// The comparison's title.
    pub title: String,
    /// Whether rows without an id were matched by likeness.
    pub fuzzy: bool,
    /// The files, ledgers first.
    pub inputs: Vec<InputRecord>,
    /// The rules, by id.
    pub rules: Vec<RuleRecord>,
    /// Hits by id.
    pub hits: u64,
    /// Their hash: equal exactly when all hits are.
    pub hits_sha256: String,
    /// Hits by likeness.
    pub likely_hits: u64,
    /// Their hash.
    pub likely_sha256: String,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputRecord {
    /// Its name.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256 in hex.
    pub sha256: String,
    /// Its entry in the registry of sources.
    pub source: Source,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleRecord {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of its file in hex.
    pub sha256: String,
}

impl RuleRecord {
    pub(crate) fn of(rules: &[RuleFile]) -> Vec<Self> {
        let record = |file: &RuleFile| Self {
            id: file.rule.id.to_string(),
            version: file.rule.version,
            sha256: file.sha256.clone(),
        };
        let mut records: Vec<_> = rules.iter().map(record).collect();
        records.sort_by(|a, b| a.id.cmp(&b.id));
        records
    }
}
