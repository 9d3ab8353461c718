//! What is known of a subject before its own ballots: the others of its post class.

use super::{FLOOR, mean, variance};
use crate::count::Sums;
use serde::{Deserialize, Serialize};

/// Fewer peers than this say nothing about each other.
pub const LEAST_PEERS: usize = 5;

/// The others of a post class, the subject among them. Parts are of 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peers {
    /// How many have enough ballots.
    pub count: usize,
    /// Their mean, each weighed by what is known of it.
    pub mean: f64,
    /// Variance between ballots on one subject, pooled.
    pub within: f64,
    /// Variance between the true values of the subjects (DerSimonian and Laird 1986).
    pub between: f64,
    /// Variance of ballots as a part of the most there could be at the same mean, pooled.
    pub dispersion: f64,
}

impl Peers {
    /// Of the released sums of everybody in the class; none while fewer than [`LEAST_PEERS`] have ten ballots.
    #[must_use]
    pub fn of(class: impl IntoIterator<Item = Sums>) -> Option<Peers> {
        let class: Vec<_> = class.into_iter().filter(|sums| sums.n >= FLOOR).collect();
        if class.len() < LEAST_PEERS {
            return None;
        }
        let (mut freedom, mut inner, mut most) = (0.0, 0.0, 0.0);
        for sums in &class {
            let (free, own) = ((sums.n - 1) as f64, mean(*sums));
            freedom += free;
            inner += free * variance(*sums).unwrap_or(0.0);
            most += free * own * (1.0 - own);
        }
        let within = inner / freedom;
        let dispersion = if most > 0.0 { (inner / most).min(1.0) } else { 1.0 };
        let between = between(&class, within);
        let weigh = |sums: &Sums| 1.0 / (between + within / sums.n as f64).max(1e-12);
        let weight: f64 = class.iter().map(weigh).sum();
        let middle = class.iter().map(|sums| weigh(sums) * mean(*sums)).sum::<f64>() / weight;
        Some(Peers { count: class.len(), mean: middle, within, between, dispersion })
    }
}

/// By moments: what Cochran's Q is above what chance alone would make it.
fn between(class: &[Sums], within: f64) -> f64 {
    let count = class.len() as f64;
    let n: f64 = class.iter().map(|sums| sums.n as f64).sum();
    let squares: f64 = class.iter().map(|sums| (sums.n as f64).powi(2)).sum();
    let middle = class.iter().map(|sums| sums.n as f64 * mean(*sums)).sum::<f64>() / n;
    let apart: f64 = class.iter().map(|sums| sums.n as f64 * (mean(*sums) - middle).powi(2)).sum();
    ((apart - (count - 1.0) * within) / (n - squares / n)).max(0.0)
}
