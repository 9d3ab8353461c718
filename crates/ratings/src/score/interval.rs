//! Between which values the truth lies, at 95 of 100.

use super::{mean, variance};
use crate::count::Sums;

/// An interval and what made it. Parts are of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Variance as a part of the most there could be at this mean: 1 when everybody says best or worst.
    pub dispersion: f64,
    /// Student's quantile.
    pub quantile: f64,
}

/// The peers' dispersion counts as that of so many ballots.
const BORROWED: f64 = 15.0;

/// The interval of some ballots. A quasi-likelihood (Wedderburn 1974) with variance φ·θ(1 − θ) gives Wilson's score
/// interval (1927) for n/φ voices. φ is the subject's own where that is larger than the peers', else between the two: own
/// ballots that happen to agree must not feign certainty. Without peers and without spread φ is 1.
///
/// Needs at least two ballots.
#[must_use]
pub fn interval(sums: Sums, peers: Option<f64>) -> Interval {
    let (n, own) = (sums.n as f64, mean(sums));
    let most = own * (1.0 - own);
    let spread = variance(sums).filter(|spread| *spread > 0.0 && most > 0.0).map(|spread| spread / most);
    let (dispersion, freedom) = match (spread, peers.filter(|peers| *peers > 0.0)) {
        (Some(own), Some(peers)) => {
            let pooled = (own * (n - 1.0) + peers * BORROWED) / (n - 1.0 + BORROWED);
            (own.max(pooled), n - 1.0 + BORROWED)
        }
        (Some(own), None) => (own, n - 1.0),
        (None, Some(peers)) => (peers, n - 1.0 + BORROWED),
        (None, None) => (1.0, n - 1.0),
    };
    let quantile = student(freedom);
    let (low, high) = wilson(own, n, dispersion, quantile);
    Interval { low, high, dispersion, quantile }
}

/// Between which values of θ a mean of `n` ballots lies within `quantile` deviations of φ·θ(1 − θ).
pub(super) fn wilson(mean: f64, n: f64, dispersion: f64, quantile: f64) -> (f64, f64) {
    let (voices, square) = (n / dispersion, quantile * quantile);
    let middle = (mean + square / (2.0 * voices)) / (1.0 + square / voices);
    let spread = mean * (1.0 - mean) / voices + square / (4.0 * voices * voices);
    let half = quantile / (1.0 + square / voices) * spread.sqrt();
    // At the ends the root gives the mean itself back, but for the last digit.
    ((middle - half).clamp(0.0, mean), (middle + half).clamp(mean, 1.0))
}

/// The 97.5 % quantile of Student's t (Cornish and Fisher's expansion): right to a thousandth from 9 degrees of freedom on.
fn student(freedom: f64) -> f64 {
    const Z: f64 = 1.959_963_985;
    let power = |n| Z.powi(n);
    let first = (power(3) + Z) / 4.0;
    let second = (5.0 * power(5) + 16.0 * power(3) + 3.0 * Z) / 96.0;
    let third = (3.0 * power(7) + 19.0 * power(5) + 17.0 * power(3) - 15.0 * Z) / 384.0;
    Z + first / freedom + second / (freedom * freedom) + third / freedom.powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballot::Ballot;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (freedom, expected) in
            [(9.0, 2.2622), (19.0, 2.0930), (29.0, 2.0452), (99.0, 1.9842), (1e6, 1.9600)]
        {
            assert!((student(freedom) - expected).abs() < 0.001, "{freedom}: {}", student(freedom));
        }
    }

    #[test]
    fn best_or_worst_alone_give_the_interval_of_wilson() {
        // 15 of 20, t = 2.093 in the place of z, dispersion 20/19.
        let mut sums = Sums::default();
        sums.add(Ballot::BEST, 15);
        sums.add(0, 5);
        let found = interval(sums, None);
        assert!((found.dispersion - 20.0 / 19.0).abs() < 1e-9);
        let (n, t, p) = (19.0, 2.09302, 0.75_f64);
        let middle = (p + t * t / (2.0 * n)) / (1.0 + t * t / n);
        let half = t / (1.0 + t * t / n) * (p * (1.0 - p) / n + t * t / (4.0 * n * n)).sqrt();
        assert!((found.low - (middle - half)).abs() < 1e-3 && (found.high - (middle + half)).abs() < 1e-3);
    }

    #[test]
    fn ballots_that_all_agree_feign_no_certainty() {
        let mut sums = Sums::default();
        sums.add(Ballot::BEST, 10);
        let (alone, among) = (interval(sums, None), interval(sums, Some(0.25)));
        assert!(alone.low < 0.67 && alone.high == 1.0);
        assert!((0.88..0.92).contains(&among.low) && among.high == 1.0);
    }
}
