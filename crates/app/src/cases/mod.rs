//! Handling of a report by a discipline organ (办理件): what may happen, in which order, by whom, and what the
//! citizen and the public get to see at the end.
//!
//! A case is its list of events; [`Case::fold`] makes its state of them and refuses what cannot have happened.
//! Who may see a case at all is `authz`; to whom it is given is [`routing`].

mod case;
mod clocks;
pub mod desk;
mod event;
pub mod jobs;
pub mod keys;
mod lamp;
mod outcome;
mod reply;
pub mod routing;
mod standing;
mod step;
pub mod store;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
pub(crate) mod tests;

pub use case::{Case, Refused};
pub use clocks::Running;
pub use event::{Above, By, Conclusion, Deed, Event, Measure};
pub use lamp::{lamp, overdue_days};
pub use outcome::{Batch, Card, Crowd, Grain, Told, Trace, Waiting, grain, release, traces};
pub use reply::{Earlier, Objection, Reply, Sound};
pub use standing::{Answer, Asked, Ending, Standing, State};
