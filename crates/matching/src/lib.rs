//! Ledgers against rosters: the comparison engine. Pure: no SQL, no HTTP, no clock, no files but the readers and
//! writers the caller hands over (who may seal what passes through them).
//!
//! * [`packed`]: citizen ids as `u64`, every other identifier as a typed `u128`.
//! * [`segments`]: tables as typed columns, in batches, in memory and on disk.
//! * [`stage`]: cells of a file into batches; what cannot be read is told with its line and the reason.
//! * [`exact`]: one pass of a ledger over many rosters; increments from both sides.
//! * [`rules`]: what is compared, as data; [`run`]: a ledger through a set of rules.
//! * [`hits`]: what was found, by person and rule, with what speaks for it and against it.
//! * [`fuzzy`]: matching without ids; a name alone is never a match.
//!
//! A hit is a suspicion, never a verdict: rule 10 of the project.

pub mod days;
pub mod exact;
pub mod fuzzy;
pub mod hits;
pub mod packed;
pub mod rules;
pub mod run;
pub mod segments;
pub mod stage;
