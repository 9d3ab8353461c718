//! Signs of manipulation. What is held back meanwhile, who decides, what the public reads.
//!
//! Nothing here looks at which way people voted: a burst of praise and a burst of blame are one. A sign holds the subject's
//! figure where it is ([`crate::release::pace::Wait::Held`]) until two people have looked, or until the term is over; then
//! every ballot counts in full, but for those that fail a rule of identity.

mod burst;
mod copies;
mod flag;
mod rings;
mod sources;

pub use burst::{Burst, Watch, bursts};
pub use copies::{Sketch, alike, copies};
pub use flag::{Decision, Failing, Flag, FlagError, Outcome, Sign};
pub use rings::{Pair, rings};
pub use sources::{Source, clusters};
