//! Ledgers against rosters, on files: what `daylight compare` does, without a server or a database.
//!
//! * [`kinds`]: which tables there are, and the headings offices give their columns.
//! * [`source`]: who a table belongs to, on what basis and for what purpose it may be compared. Without that it is not read.
//! * [`comparison`]: which ledgers, rosters and rules; read from a file or put together from a command line.
//! * [`run`](comparison::Comparison::run): rosters into memory, ledgers past them in a stream. Nothing is written while
//!   it runs: no staged copy of a table lies anywhere, so there is none to seal or to delete.
//! * [`outcome`]: hits, counts, what could not be read and where, and a [`manifest`] by which a run can be repeated.
//! * [`export`]: the outcome as a workbook or as JSON, with masks unless somebody says otherwise.
//!
//! A hit is a suspicion, never a verdict: rule 10 of the project.

pub mod comparison;
pub mod export;
pub mod kinds;
mod kinds_data;
mod likeness;
pub mod manifest;
pub mod masks;
pub mod outcome;
mod places;
pub mod problems;
mod reading;
mod run;
pub mod source;

pub use comparison::{Comparison, Input, RuleFile};
pub use outcome::Outcome;
pub use reading::Progress;
pub use run::{Fault, Sort};
