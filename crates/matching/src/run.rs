//! A ledger through a set of rules.
//!
//! A [`Plan`] holds rules and rosters. Batches of a ledger are fed into a [`State`]; states of several threads, or of
//! the ledger's parts as they come in, are merged; the hits follow from the state. When a roster grows, only the
//! persons it names anew are looked at again ([`Plan::extend`], [`Plan::refeed`]). Every way gives the same hits.

mod build;
mod conditions;
mod feed;
mod groups;
mod scan;
mod state;

pub use scan::scan;
pub use state::State;

use crate::exact::{Index, Roster};
use crate::rules::{Check, Rule};
use crate::segments::Field;
use std::collections::{BTreeSet, HashSet};

/// How many roster rows a hit's row shows.
pub const EVIDENCE: usize = 3;

/// What is wrong with a plan.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A rule asks for a roster that is not there.
    #[error("rule {rule} asks for the roster {roster}, which is not given")]
    NoRoster {
        /// The rule.
        rule: Box<str>,
        /// The roster.
        roster: Box<str>,
    },
    /// Two rules of one id.
    #[error("two rules are called {0}")]
    Twice(Box<str>),
}

/// Rules and rosters, ready.
#[derive(Debug)]
pub struct Plan {
    /// By id, so that hits come in the same order whatever the order of the files.
    rules: Vec<Rule>,
    /// Names of rosters, sorted.
    names: Vec<Box<str>>,
    /// For each rule, whether each roster is one of its.
    uses: Vec<Vec<bool>>,
    /// The rosters as first given, then what was added to them.
    layers: Vec<Layer>,
    /// Of `parts` parts of the keys that group rules look at, this one. See [`Plan::part`].
    part: (u64, u64),
}

#[derive(Debug)]
struct Layer {
    index: Index,
    /// For each roster of the layer its place in the plan's `names`.
    name_of: Vec<u16>,
}

impl Plan {
    /// Rules and the rosters they ask for. Rosters that no rule asks for are left out.
    ///
    /// # Errors
    /// [`PlanError`] when a roster is missing or two rules have one id.
    pub fn new(mut rules: Vec<Rule>, rosters: Vec<Roster>) -> Result<Self, PlanError> {
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        if let Some(pair) = rules.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(PlanError::Twice(pair[0].id.clone()));
        }
        let given: HashSet<&str> = rosters.iter().map(Roster::name).collect();
        let mut names = BTreeSet::new();
        for rule in &rules {
            for roster in rule.rosters() {
                if !given.contains(roster) {
                    return Err(PlanError::NoRoster { rule: rule.id.clone(), roster: roster.into() });
                }
                names.insert(Box::<str>::from(roster));
            }
        }
        let names: Vec<Box<str>> = names.into_iter().collect();
        let uses = rules
            .iter()
            .map(|rule| names.iter().map(|name| rule.rosters().any(|own| *own == **name)).collect())
            .collect();
        let mut plan = Self { rules, names, uses, layers: Vec::new(), part: (0, 1) };
        plan.add_layer(rosters);
        Ok(plan)
    }

    /// The rules, by id.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The columns of a ledger this plan looks at: the others need not be read.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut fields: BTreeSet<Field> = self.rules.iter().flat_map(Rule::needs).collect();
        // What a hit shows of its row.
        fields.extend([
            Field::Person,
            Field::Body,
            Field::Name,
            Field::Date,
            Field::Until,
            Field::Amount,
            Field::Scheme,
            Field::Area,
        ]);
        for rule in &self.rules {
            match &rule.check {
                Check::Shared(check) => fields.extend(&check.keys),
                Check::Split(check) => fields.extend([check.key]),
                _ => {}
            }
        }
        fields.into_iter().collect()
    }

    /// Rules that look at several rows together keep a note of every row. Where those of a whole ledger are too many,
    /// feed it `parts` times, each time with another `part` from 0, and put the hits together. Rules that look at
    /// single rows then count in part 0 only.
    pub fn part(&mut self, part: u64, parts: u64) {
        self.part = (part, parts.max(1));
    }

    /// Adds rows to rosters. Gives the persons they name, whose ledger rows must be fed again with [`Plan::refeed`].
    pub fn extend(&mut self, rosters: Vec<Roster>, state: &mut State) -> Vec<u64> {
        let Some(layer) = self.add_layer(rosters) else { return Vec::new() };
        let rosters = self.layers[layer].index.rosters();
        let mut touched: Vec<u64> = rosters.iter().flat_map(|roster| roster.ids().iter().copied()).collect();
        touched.sort_unstable();
        touched.dedup();
        state.forget(&touched);
        touched
    }

    fn add_layer(&mut self, mut rosters: Vec<Roster>) -> Option<usize> {
        let place = |roster: &Roster| self.names.iter().position(|name| **name == *roster.name());
        rosters.retain(|roster| place(roster).is_some());
        if rosters.is_empty() {
            return None;
        }
        rosters.sort_by(|a, b| a.name().cmp(b.name()));
        let name_of = rosters.iter().filter_map(place).map(|place| place as u16).collect();
        self.layers.push(Layer { index: Index::build(rosters), name_of });
        Some(self.layers.len() - 1)
    }
}
