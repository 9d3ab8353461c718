//! A whole segment through a plan, on several threads.

use super::feed::Scratch;
use super::{Plan, State};
use crate::segments::{Batch, SegmentError, SegmentReader};
use std::io::Read;
use std::sync::{Mutex, PoisonError};

/// Feeds every batch of a segment. Each thread takes a batch in turn, and feeds it while the next is read, so that a few
/// batches are in memory at any time. The state does not depend on which thread took what: hits are sorted when built.
///
/// # Errors
/// The first [`SegmentError`] met.
pub fn scan<R: Read + Send>(
    plan: &Plan,
    reader: SegmentReader<R>,
    threads: usize,
) -> Result<State, SegmentError> {
    let reader = Mutex::new(reader);
    let work = || -> Result<State, SegmentError> {
        let (mut state, mut batch, mut scratch) = (State::default(), Batch::default(), Scratch::default());
        loop {
            let more = reader.lock().unwrap_or_else(PoisonError::into_inner).read(&mut batch)?;
            if !more {
                return Ok(state);
            }
            plan.feed_with(&mut state, &batch, &mut scratch);
        }
    };
    if threads <= 1 {
        return work();
    }
    let states: Vec<Result<State, SegmentError>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or(Err(SegmentError::Damaged))).collect()
    });
    let mut all = State::default();
    for state in states {
        all.merge(state?);
    }
    Ok(all)
}
