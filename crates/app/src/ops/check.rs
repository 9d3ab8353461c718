//! One line of what `daylight verify` and `daylight doctor` say.

use serde::Serialize;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// In order.
    Ok,
    /// Works, and needs care.
    Warning,
    /// Does not work, or data are lost.
    Fault,
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Stable word for programs.
    pub code: &'static str,
    /// What was looked at.
    pub name: &'static str,
    /// How it stands.
    pub state: State,
    /// How many things were looked at; 0 where nothing is counted.
    pub examined: i64,
    /// What was found. Never personal.
    pub detail: String,
    /// What to do; empty when in order.
    pub remedy: String,
}

impl Check {
    /// In order.
    pub fn ok(code: &'static str, name: &'static str, examined: i64, detail: impl Into<String>) -> Check {
        Check { code, name, state: State::Ok, examined, detail: detail.into(), remedy: String::new() }
    }

    /// Works, and needs care.
    pub fn warning(
        code: &'static str,
        name: &'static str,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Check {
        let (detail, remedy) = (detail.into(), remedy.into());
        Check { code, name, state: State::Warning, examined: 0, detail, remedy }
    }

    /// Does not work.
    pub fn fault(
        code: &'static str,
        name: &'static str,
        detail: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Check {
        Check { state: State::Fault, ..Check::warning(code, name, detail, remedy) }
    }

    /// The same check over so many things.
    pub fn of(mut self, examined: i64) -> Check {
        self.examined = examined;
        self
    }
}
