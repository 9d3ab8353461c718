//! Which questions one subject is asked.

use super::{Indicator, Library, MOST, Party, Rank, Sector, Virtue};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What decides the questions about a cadre. With the edition it is the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    /// The class of the post.
    pub rank: Rank,
    /// The body.
    pub sector: Sector,
    /// Member or not; none while nobody said so.
    pub party: Option<Party>,
}

/// A question as it stands on a ballot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The indicator.
    pub code: String,
    /// Its version.
    pub version: u32,
    /// Whether the worst answer is offered to become a report.
    pub report: bool,
}

/// The questions of one template, in the order of the ballot's answers; a round keeps them until it is counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Questions {
    /// The edition they are from.
    pub edition: u32,
    /// At most [`MOST`].
    pub list: Vec<Question>,
}

impl Target {
    /// Every kind of subject of whom everything is known.
    pub fn all() -> impl Iterator<Item = Target> {
        Rank::ALL.iter().flat_map(|rank| {
            Sector::ALL.iter().flat_map(move |sector| {
                Party::ALL.iter().map(move |party| Target {
                    rank: *rank,
                    sector: *sector,
                    party: Some(*party),
                })
            })
        })
    }

    /// Whether an indicator is asked of such a subject at all.
    #[must_use]
    pub fn fits(self, one: &Indicator) -> bool {
        (one.ranks.is_empty() || one.ranks.contains(&self.rank))
            && (one.sectors.is_empty() || one.sectors.contains(&self.sector))
            && one.party.covers(self.party)
    }
}

impl Library {
    /// The questions for a cadre: as many of each virtue as there is room for, the ones asked first first, and no
    /// ground a second time before each had its turn.
    #[must_use]
    pub fn for_cadre(&self, target: Target) -> Questions {
        let list =
            Virtue::ALL.iter().flat_map(|virtue| self.of_virtue(target, *virtue, MOST / Virtue::ALL.len()));
        let list =
            list.map(|one| Question { code: one.code.clone(), version: one.version, report: one.report });
        Questions { edition: self.edition, list: list.collect() }
    }

    /// The four questions for a power.
    #[must_use]
    pub fn for_power(&self) -> Questions {
        let list = self.powers.iter();
        let list =
            list.map(|one| Question { code: one.code.clone(), version: one.version, report: one.report });
        Questions { edition: self.edition, list: list.collect() }
    }

    fn of_virtue(&self, target: Target, virtue: Virtue, room: usize) -> Vec<&Indicator> {
        let mut fit: Vec<_> =
            self.indicators.iter().filter(|one| one.virtue == virtue && target.fits(one)).collect();
        fit.sort_by_key(|one| (one.first, &one.code));
        // The turn in which each comes: the first of its ground in the first.
        let mut turns = BTreeMap::new();
        let turn = |one: &&Indicator| {
            let turn: &mut usize = turns.entry(one.ground).or_default();
            *turn += 1;
            *turn
        };
        let turns: Vec<usize> = fit.iter().map(turn).collect();
        let mut fit: Vec<_> = turns.into_iter().zip(fit).collect();
        fit.sort_by_key(|(turn, one)| (*turn, one.first, &one.code));
        fit.into_iter().map(|(_, one)| one).take(room).collect()
    }
}
