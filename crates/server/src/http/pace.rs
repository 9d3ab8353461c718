//! A body that dribbles is cut: whoever sends must send at a pace, or holds a place for nothing.

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep};

/// How fast a body must come.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Bytes a second, on average.
    pub rate: u32,
    /// So long may be waited for it beside; what comes restores the patience, and never more than this.
    pub patience: Duration,
}

impl Pace {
    /// What is left of the patience after so long a wait, which brought so many bytes.
    fn left(self, left: Duration, waited: Duration, bytes: usize) -> Duration {
        let earned = Duration::from_secs_f64(bytes as f64 / f64::from(self.rate.max(1)));
        left.saturating_sub(waited).saturating_add(earned).min(self.patience)
    }
}

/// A body that fails when it comes too slowly. Only the time counts in which it was waited for.
pub struct Paced {
    body: Body,
    pace: Pace,
    left: Duration,
    since: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

impl Paced {
    pub fn new(body: Body, pace: Pace) -> Paced {
        Paced { body, pace, left: pace.patience, since: None, timer: Box::pin(sleep(pace.patience)) }
    }

    fn came(&mut self, bytes: usize) {
        let waited = self.since.take().map(|since| since.elapsed()).unwrap_or_default();
        self.left = self.pace.left(self.left, waited, bytes);
    }
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(frame) => {
                let bytes = match &frame {
                    Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len),
                    _ => 0,
                };
                this.came(bytes);
                Poll::Ready(frame)
            }
            Poll::Pending => {
                if this.since.is_none() {
                    let now = Instant::now();
                    this.since = Some(now);
                    this.timer.as_mut().reset(now + this.left);
                }
                this.timer.as_mut().poll(context).map(|()| {
                    metrics::counter!("daylight_http_refused_total", "reason" => "pace").increment(1);
                    Some(Err(axum::Error::new(io::Error::from(io::ErrorKind::TimedOut))))
                })
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { rate: 1_000, patience: Duration::from_secs(30) };

    /// Whether patience lasts for so many pieces of so many bytes, one a second.
    fn lasts(left: &mut Duration, pieces: usize, bytes: usize) -> bool {
        let wait = Duration::from_secs(1);
        (0..pieces).all(|_| {
            let patient = *left > wait;
            *left = PACE.left(*left, wait, bytes);
            patient
        })
    }

    #[test]
    fn a_village_line_is_fast_enough_and_a_byte_a_second_is_not() {
        let fresh = || PACE.patience;
        assert!(lasts(&mut fresh(), 260, 2_000), "half a megabyte at 2 KB a second");
        assert!(lasts(&mut fresh(), 20, 1), "a pause at the beginning");
        assert!(!lasts(&mut fresh(), 60, 1), "a dribble");
        let mut burst = fresh();
        assert!(
            lasts(&mut burst, 1, 900_000) && !lasts(&mut burst, 60, 1),
            "what came early is no credit for ever"
        );
    }
}
