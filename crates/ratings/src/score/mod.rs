//! The figure of a subject, with its interval and its arithmetic.
//!
//! The score is the mean of the ballots, drawn towards the mean of the peers while there are few (empirical Bayes), but
//! never by more than one standard error (limited translation, Efron and Morris 1972): nobody who stands apart is made
//! like the others. The interval is of the subject's own ballots alone (Wilson's score interval with the dispersion of
//! ordinal answers): it holds for each person, whatever the others are like.

mod interval;
mod lines;
mod order;
mod peers;
#[cfg(test)]
mod tests;

pub use interval::{Interval, interval};
pub use order::{Order, Trend, Verdict, band, order, trend};
pub use peers::{LEAST_PEERS, Peers};

use crate::{ballot::Ballot, count::Sums};
use serde::{Deserialize, Serialize};

/// No figure under so many ballots.
pub const FLOOR: i64 = 10;
/// Below so many ballots figures are shown in steps of five points, else of one: what a ballot moves is then hidden in the
/// step, and nobody reads an accuracy that is not there.
pub const FINE_FROM: i64 = 50;

/// The standing of a subject, with everything that made it. Parts are of 1, not of 100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Ballots.
    pub n: i64,
    /// Their mean.
    pub mean: f64,
    /// The peers it is drawn towards; none while there are too few of them.
    pub peers: Option<Peers>,
    /// How much of the result is the subject's own mean; the rest is the peers'.
    pub weight: f64,
    /// The standard error by the peers' spread within a subject.
    pub error: f64,
    /// Whether the draw was stopped at one standard error.
    pub limited: bool,
    /// The result.
    pub score: f64,
    /// The interval.
    pub interval: Interval,
}

/// What the public sees: whole points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Ballots.
    pub n: i64,
    /// 0 to 100.
    pub score: i64,
    /// From where the true value may lie…
    pub low: i64,
    /// …to where.
    pub high: i64,
}

/// The mean of some ballots, of 1.
pub(crate) fn mean(sums: Sums) -> f64 {
    sums.sum as f64 / (sums.n * Ballot::BEST) as f64
}

/// The variance of ballots within one subject, of 1; none under two.
pub(crate) fn variance(sums: Sums) -> Option<f64> {
    let (n, best) = (sums.n as f64, Ballot::BEST as f64);
    let squares = i128::from(sums.n) * i128::from(sums.squares) - i128::from(sums.sum) * i128::from(sums.sum);
    (sums.n >= 2).then(|| squares as f64 / (n * (n - 1.0) * best * best))
}

/// The score of a subject; none under [`FLOOR`] ballots.
#[must_use]
pub fn score(sums: Sums, peers: Option<Peers>) -> Option<Score> {
    if sums.n < FLOOR {
        return None;
    }
    let (n, own) = (sums.n as f64, mean(sums));
    let interval = interval(sums, peers.map(|peers| peers.dispersion));
    let (score, weight, error, limited) = match peers {
        Some(among) => draw(own, n, among),
        None => (own, 1.0, (variance(sums).unwrap_or(0.0) / n).sqrt(), false),
    };
    let score = score.clamp(interval.low, interval.high);
    Some(Score { n: sums.n, mean: own, peers, weight, error, limited, score, interval })
}

/// A mean drawn towards the peers: the result, the weight of the own mean, the standard error, and whether the draw was
/// stopped at it.
fn draw(own: f64, n: f64, among: Peers) -> (f64, f64, f64, bool) {
    let error = (among.within / n).sqrt();
    let spread = among.between + error * error;
    // Where nothing differs at all, the subject's own mean stands.
    let weight = if spread > 0.0 { among.between / spread } else { 1.0 };
    let drawn = (1.0 - weight) * (among.mean - own);
    (own + drawn.clamp(-error, error), weight, error, drawn.abs() > error)
}

impl Score {
    /// Points in a step of what is shown.
    #[must_use]
    pub fn step(&self) -> i64 {
        if self.n < FINE_FROM { 5 } else { 1 }
    }

    /// The mean to the nearest step, of 1. The last step at either end is open ("95分以上"): that everybody said best, or
    /// worst, is not told.
    pub(crate) fn shown_mean(&self) -> f64 {
        shown_mean(self.mean, self.step())
    }

    /// The dispersion as it is shown: to a tenth, upward.
    fn shown_dispersion(&self) -> f64 {
        ((self.interval.dispersion * 10.0 - 1e-9).ceil() / 10.0).max(0.1)
    }

    /// What is shown: in whole steps, the interval outward. Everything follows from the mean and the dispersion as they are
    /// shown, so that the reader can do the sum again, and so that no second rounding of the same mean narrows it down.
    #[must_use]
    pub fn figure(&self) -> Figure {
        let (step, mean, n) = (self.step(), self.shown_mean(), self.n as f64);
        let (low, high) = interval::wilson(mean, n, self.shown_dispersion(), self.interval.quantile);
        // The ends of the grid are open: there the mean may be anything beyond.
        let low = if mean * 100.0 <= step as f64 { 0.0 } else { low };
        let high = if (1.0 - mean) * 100.0 <= step as f64 + 1e-9 { 1.0 } else { high };
        let at = |value: f64| value * 100.0 / step as f64;
        // A hair's breadth of rounding must not cost a whole step.
        let low = (at(low) + 1e-9).floor() as i64 * step;
        let high = (at(high) - 1e-9).ceil() as i64 * step;
        let drawn = self.peers.map_or(mean, |among| draw(mean, n, among).0);
        let score = (at(drawn).round() as i64 * step).clamp(step, 100 - step).clamp(low, high);
        Figure { n: self.n, score, low, high }
    }
}

/// A mean on the grid of what is shown.
pub(crate) fn shown_mean(mean: f64, step: i64) -> f64 {
    let points = (mean * 100.0 / step as f64).round() as i64 * step;
    points.clamp(step, 100 - step) as f64 / 100.0
}

impl Figure {
    /// The score in words: "86分", "95分以上", "5分以下".
    #[must_use]
    pub fn text(&self) -> String {
        let step = if self.n < FINE_FROM { 5 } else { 1 };
        match self.score {
            score if score >= 100 - step => format!("{score}分以上"),
            score if score <= step => format!("{score}分以下"),
            score => format!("{score}分"),
        }
    }
}
