//! What the ballots of one commit change.

use super::Tally;
use crate::{
    Day,
    ballot::{Ballot, SubjectId},
};
use std::collections::BTreeMap;

/// What happens to a ballot. `fresh` is whether it was already cast, changed or excluded since the subject's last release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A first ballot.
    Cast {
        /// What it says.
        new: Ballot,
    },
    /// The same person says something else.
    Change {
        /// What it said.
        old: Ballot,
        /// What it says.
        new: Ballot,
        /// Touched since the last release.
        fresh: bool,
    },
    /// It fails a rule of identity and no longer counts.
    Exclude {
        /// What it said.
        old: Ballot,
        /// Touched since the last release.
        fresh: bool,
    },
}

/// What a roll-up is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// One subject, with the answers to its questions.
    Subject(SubjectId),
    /// All subjects of a unit.
    Unit(i64),
    /// All subjects of a division.
    Division(i64),
    /// How many were cast about a subject on a day, and nothing of what they say: the baseline of the radar.
    Day(SubjectId, Day),
}

/// Where a subject is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its unit.
    pub unit: i64,
    /// The division of the unit.
    pub division: i64,
}

/// A row to be added to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// The round.
    pub round: i64,
    /// Of what.
    pub grain: Grain,
}

/// The changes of one commit, each row once and in one order: two writers never wait for each other crosswise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes(BTreeMap<Row, Tally>);

impl Changes {
    /// Notes what becomes of a ballot.
    pub fn note(&mut self, round: i64, subject: SubjectId, place: Place, day: Day, act: Act) {
        let (old, new, fresh) = match act {
            Act::Cast { new } => (None, Some(new), false),
            Act::Change { old, new, fresh } => (Some(old), Some(new), fresh),
            Act::Exclude { old, fresh } => (Some(old), None, fresh),
        };
        for grain in [Grain::Subject(subject), Grain::Unit(place.unit), Grain::Division(place.division)] {
            let tally = self.0.entry(Row { round, grain }).or_default();
            let answers = matches!(grain, Grain::Subject(_));
            if let Some(old) = &old {
                tally.add(old, -1, answers);
            }
            if let Some(new) = &new {
                tally.add(new, 1, answers);
            }
            tally.touched += i64::from(answers && !fresh);
            tally.excluded += i64::from(new.is_none());
        }
        if old.is_none() {
            // Of the only ballot of a day a sum would be that ballot.
            self.0.entry(Row { round, grain: Grain::Day(subject, day) }).or_default().channels[0].n += 1;
        }
    }

    /// The rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = (&Row, &Tally)> {
        self.0.iter()
    }

    /// How many rows are written.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
