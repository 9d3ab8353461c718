//! Holding two figures against each other: only where the ballots say that they differ.

use super::{Figure, LEAST_PEERS, Score};
use serde::{Deserialize, Serialize};

/// How two subjects stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The first is higher.
    Higher,
    /// The first is lower.
    Lower,
    /// Their intervals share a point: no list may put one before the other.
    Indistinct,
}

/// Whether one may stand before the other. By what is shown: intervals that do not meet, which for two equal subjects
/// happens by chance in less than one of a hundred pairs.
#[must_use]
pub fn order(one: &Figure, other: &Figure) -> Order {
    if one.low > other.high {
        Order::Higher
    } else if one.high < other.low {
        Order::Lower
    } else {
        Order::Indistinct
    }
}

/// Where the middle four fifths of the peers stand, by what is shown of them; none for fewer than [`LEAST_PEERS`].
#[must_use]
pub fn band(peers: impl IntoIterator<Item = Figure>) -> Option<(i64, i64)> {
    let mut scores: Vec<_> = peers.into_iter().map(|figure| figure.score).collect();
    scores.sort_unstable();
    let last = scores.len().checked_sub(1)?;
    (scores.len() >= LEAST_PEERS).then(|| (scores[last / 10], scores[last - last / 10]))
}

/// What became of a subject from one round to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 上升.
    Risen,
    /// 下降.
    Fallen,
    /// 看不出变化.
    Unclear,
}

impl Verdict {
    /// The words on the page.
    #[must_use]
    pub fn page(self) -> &'static str {
        match self {
            Verdict::Risen => "比上一轮上升",
            Verdict::Fallen => "比上一轮下降",
            Verdict::Unclear => "与上一轮相比看不出变化",
        }
    }
}

/// The difference between two rounds, in whole points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trend {
    /// From where the true difference may lie…
    pub low: i64,
    /// …to where.
    pub high: i64,
    /// In words.
    pub verdict: Verdict,
}

/// The difference of two independent means from their intervals (Newcombe 1998; Zou and Donner 2008). Means, not drawn
/// scores: peers of two rounds differ.
#[must_use]
pub fn trend(before: &Score, now: &Score) -> Trend {
    let down = |score: &Score| (score.mean - score.interval.low).powi(2);
    let up = |score: &Score| (score.interval.high - score.mean).powi(2);
    let apart = now.mean - before.mean;
    let low = apart - (down(now) + up(before)).sqrt();
    let high = apart + (up(now) + down(before)).sqrt();
    let verdict = match (low > 0.0, high < 0.0) {
        (true, _) => Verdict::Risen,
        (_, true) => Verdict::Fallen,
        _ => Verdict::Unclear,
    };
    Trend { low: (low * 100.0).floor() as i64, high: (high * 100.0).ceil() as i64, verdict }
}
