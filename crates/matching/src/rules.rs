//! Rules as data: one file each, reviewed and tested by the sample data beside it (`rules/NAME/`).
//!
//! The language is a closed list of checks with settings, not an expression language: what a rule can do can be read
//! here, and a file that says anything else is refused.

mod builtin;
mod check;

pub use builtin::{Builtin, builtin};
pub use check::{Above, Age, Check, Count, Limit, OnRoster, Overlap, Per, Shared, Split, Window};

use crate::segments::Field;
use serde::{Deserialize, Serialize};

/// A rule: what is looked for, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rule {
    /// Its name for programs, such as `dead-at-payment`.
    pub id: Box<str>,
    /// Counted up with every change; stands on every hit.
    pub version: u32,
    /// Its name for people.
    pub title: Box<str>,
    /// The law or policy it rests on.
    pub basis: Box<str>,
    /// What else could explain a hit, for the person who checks it.
    #[serde(default)]
    pub explanations: Vec<Box<str>>,
    /// What is looked for.
    pub check: Check,
}

/// What is wrong with a rule.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// Not of the language.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// Read, but senseless.
    #[error("{0}")]
    Senseless(&'static str),
}

impl Rule {
    /// Reads a rule's file (TOML).
    ///
    /// # Errors
    /// [`RuleError`] says what does not belong, or makes no sense.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let rule: Rule = toml::from_str(text)?;
        if rule.id.is_empty() || rule.version == 0 || rule.title.is_empty() || rule.basis.is_empty() {
            return Err(RuleError::Senseless("a rule needs an id, a version from 1, a title and its basis"));
        }
        rule.check.sensible().map_err(RuleError::Senseless)?;
        Ok(rule)
    }

    /// The rosters it asks for, by name.
    pub fn rosters(&self) -> impl Iterator<Item = &str> {
        self.check.rosters().iter().map(|name| &**name)
    }

    /// The columns a ledger must have for it.
    #[must_use]
    pub fn needs(&self) -> Vec<Field> {
        self.check.needs()
    }
}
