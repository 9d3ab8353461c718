//! Background jobs in our own table.
//!
//! A job is a row written by [`enqueue`] within the transaction of the change that causes it, so
//! both commit or neither does. A [`Worker`] claims due jobs under a lease, runs the handler of
//! their kind, and finishes, retries or fails them. Recurring jobs stand in one [`Schedule`].
//!
//! What is promised:
//! - **No job is lost.** A job whose worker died is claimed again once its lease has run out.
//! - **At least once.** A handler may see a job twice (crash after the effect, before the finish).
//!   Where the effect is in our database, call [`finish`] in the effect's own transaction: the
//!   effect then happens exactly once.
//! - **One holder.** Every claim counts the job's attempts up, and the attempt is the fence: who
//!   lost the lease can no longer finish, extend, retry or fail the job.
//! - **One run per unique key**, for at least [`KEEP`] after the job finished.
//!
//! Instants are milliseconds since 1970 UTC and always parameters. A clock that jumps forward may
//! end leases early (the fence still holds); one that jumps back delays what is due and never
//! holds a dead worker's job for longer than [`LONGEST_LEASE`].
//!
//! The table `jobs` is made by the app's first migration:
//! `id, kind, payload, unique_key UNIQUE, run_at, attempts, attempts_allowed, leased_until,
//! finished_at, failed_at, error, created_at`.

#[cfg(test)]
mod model;
mod schedule;
mod store;
#[cfg(test)]
mod testing;
mod worker;

pub use schedule::{Every, Schedule, enqueue_due};
pub use store::{
    ATTEMPTS, Failed, FinishError, Job, KEEP, LONGEST_LEASE, NewJob, absorb, backoff, claim, discard,
    due_count, enqueue, extend, fail, failed, failed_count, finish, retry, revive, sweep,
};
pub use worker::{Clock, JobError, Worker, wake};
