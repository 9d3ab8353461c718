//! More ballots than usual: in a day, in a week, or a little more every day.

use crate::Day;
use serde::{Deserialize, Serialize};

/// How sharply the radar looks; the instance's own data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// Deviations above the usual count that make a burst.
    pub deviations: f64,
    /// So many ballots above the usual are never a burst: small figures wait for their floor anyway.
    pub slack: f64,
    /// Days over which the usual is taken.
    pub days: usize,
    /// What passes for usual in a subject of which nothing is known yet, a day.
    pub rate: f64,
}

impl Default for Watch {
    fn default() -> Watch {
        Watch { deviations: 3.5, slack: 8.0, days: 28, rate: 1.0 }
    }
}

/// A burst: on which day it was seen, over how many days, how many ballots and how many at most were to be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Burst {
    /// The day at whose end it was seen.
    pub day: Day,
    /// The days it is counted over.
    pub span: i64,
    /// Ballots.
    pub seen: i64,
    /// The most that would have passed.
    pub limit: i64,
}

impl Watch {
    /// The most that passes where so many are usual. People come in groups, so counts vary more than Poisson's:
    /// the variance is taken as twice the mean.
    #[must_use]
    pub fn limit(&self, mean: f64) -> i64 {
        (mean + self.deviations * (2.0 * mean).sqrt() + self.slack).floor() as i64
    }

    /// The usual rate of a day from those before it: their median by weeks, so that a burst does not soon pass for usual.
    fn usual(&self, before: &[i64]) -> f64 {
        let weeks = before.len() / 7;
        if weeks < 2 {
            return self.rate;
        }
        let mut weekly: Vec<i64> = before.rchunks(7).take(weeks).map(|week| week.iter().sum()).collect();
        weekly.sort_unstable();
        (weekly[(weekly.len() - 1) / 2] as f64 / 7.0).max(self.rate / 7.0)
    }
}

/// The bursts in what was cast day by day from `first` on, each day held against those before it, and against what the
/// peers' mean was on the same days (`peers`, may be empty): when a round opens or the county calls on everybody to rate, all
/// have more. A burst is told once for the shortest span that shows it: a day, a week, or the four weeks of a slow flood.
#[must_use]
pub fn bursts(watch: &Watch, first: Day, daily: &[i64], peers: &[f64]) -> Vec<Burst> {
    let mut found = Vec::new();
    for at in 0..daily.len() {
        let seen_in = |span: usize| daily[(at + 1).saturating_sub(span)..=at].iter().sum::<i64>();
        let burst = [1, 7, watch.days].into_iter().find_map(|span| {
            let start = (at + 1).saturating_sub(span);
            let before = &daily[start.saturating_sub(watch.days)..start];
            let among = peers.get(start..=at).map_or(0.0, |days| days.iter().sum());
            let (seen, limit) = (seen_in(span), watch.limit((watch.usual(before) * span as f64).max(among)));
            (seen > limit).then_some(Burst { day: first + at as Day, span: span as i64, seen, limit })
        });
        found.extend(burst);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const WATCH: Watch = Watch { deviations: 4.0, slack: 10.0, days: 28, rate: 1.0 };

    #[test]
    fn a_calm_subject_raises_nothing_and_a_crowd_in_a_day_does() {
        let mut daily: Vec<_> = (0..60).map(|day| [2, 1, 3, 0, 2, 4, 2][day % 7]).collect();
        assert_eq!(bursts(&WATCH, 100, &daily, &[]), []);
        daily.push(60);
        let found = bursts(&WATCH, 100, &daily, &[]);
        assert_eq!((found.len(), found[0].day, found[0].span, found[0].seen), (1, 160, 1, 60));
        assert!((18..=24).contains(&found[0].limit), "{found:?}");
    }

    #[test]
    fn a_week_of_more_and_a_slow_flood_are_seen_too() {
        let mut daily = vec![2; 56];
        daily.extend([10; 7]);
        assert!(bursts(&WATCH, 0, &daily, &[]).iter().any(|burst| burst.span == 7));
        let mut slow = vec![2; 56];
        slow.extend([6; 28]);
        let found = bursts(&WATCH, 0, &slow, &[]);
        assert!(found.iter().any(|burst| burst.span == 28), "{found:?}");
    }

    #[test]
    fn a_burst_does_not_soon_pass_for_usual() {
        let mut daily = vec![2; 56];
        daily.extend([40; 10]);
        let found = bursts(&WATCH, 0, &daily, &[]);
        assert_eq!(found.len(), 10, "every day of it is told");
    }

    #[test]
    fn a_new_subject_has_the_slack_of_one() {
        assert_eq!(bursts(&WATCH, 0, &[3, 2, 5], &[]), []);
        assert_eq!(bursts(&WATCH, 0, &[3, 30], &[]).len(), 1);
        // All were called upon to rate.
        assert_eq!(bursts(&WATCH, 0, &[3, 30], &[2.0, 20.0]), []);
    }
}
