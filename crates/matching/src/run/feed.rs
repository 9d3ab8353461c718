//! Rows into a state.

use super::conditions::{above, beyond, fits, group_of, slack, spread, wanted};
use super::state::{Finding, Note, Ref, State};
use super::{EVIDENCE, Layer, Plan};
use crate::days::{self, Day, NO_DAY};
use crate::exact::Found;
use crate::packed::PackedId;
use crate::rules::{Above, Check, OnRoster, Window};
use crate::segments::{Batch, Field, NO_NUMBER};

/// What a probe found, kept between batches so that nothing is allocated for each.
#[derive(Default)]
pub(super) struct Scratch {
    found: Vec<Found>,
    rows: Vec<(u32, Ref)>,
    refs: Vec<Ref>,
    holding: Vec<Ref>,
}

impl Plan {
    /// Feeds the rows of a batch that has not been fed before.
    pub fn feed(&self, state: &mut State, batch: &Batch) {
        self.feed_with(state, batch, &mut Scratch::default());
    }

    pub(super) fn feed_with(&self, state: &mut State, batch: &Batch, scratch: &mut Scratch) {
        let number = |at: usize| batch.first_row + at as u64;
        state.rows += batch.rows() as u64;
        if self.part.0 == 0 {
            self.roster_rules(state, batch, &number, scratch);
            self.row_rules(state, batch, &number);
        }
        self.group_rules(state, batch, &number);
    }

    /// Feeds again the rows of the persons that [`Plan::extend`] named, with their numbers in the ledger: only what
    /// rests on rosters is looked at.
    pub fn refeed(&self, state: &mut State, batch: &Batch, rows: &[u64]) {
        let number = |at: usize| rows.get(at).copied().unwrap_or(0);
        // Rows without a date were counted when they were fed first.
        let undated = state.undated;
        self.roster_rules(state, batch, &number, &mut Scratch::default());
        state.undated = undated;
    }

    fn roster_rules(
        &self,
        state: &mut State,
        batch: &Batch,
        number: &dyn Fn(usize) -> u64,
        scratch: &mut Scratch,
    ) {
        if let [layer] = &self.layers[..] {
            layer.index.probe(batch.ids(), &mut scratch.found);
            for found in &scratch.found {
                scratch.refs.clear();
                scratch.refs.extend(layer.refs(0, found.first));
                self.person(state, batch, found.row as usize, number, &scratch.refs, &mut scratch.holding);
            }
            return;
        }
        scratch.rows.clear();
        for (at, layer) in self.layers.iter().enumerate() {
            layer.index.probe(batch.ids(), &mut scratch.found);
            for found in &scratch.found {
                scratch.rows.extend(layer.refs(at, found.first).map(|entry| (found.row, entry)));
            }
        }
        scratch.rows.sort_by_key(|(row, _)| *row);
        for group in scratch.rows.chunk_by(|a, b| a.0 == b.0) {
            scratch.refs.clear();
            scratch.refs.extend(group.iter().map(|(_, entry)| *entry));
            self.person(state, batch, group[0].0 as usize, number, &scratch.refs, &mut scratch.holding);
        }
    }

    /// A row whose person stands on rosters.
    fn person(
        &self,
        state: &mut State,
        batch: &Batch,
        at: usize,
        number: &dyn Fn(usize) -> u64,
        refs: &[Ref],
        holding: &mut Vec<Ref>,
    ) {
        for (rule, uses) in self.uses.iter().enumerate() {
            let of_rule = |entry: &&Ref| uses[usize::from(self.name_of(**entry))];
            let mut finding = match &self.rules[rule].check {
                Check::OnRoster(check) if fits(check, batch, at) => {
                    let own = refs.iter().filter(of_rule).copied();
                    self.on_roster(check, batch, at, own, &mut state.undated, holding)
                }
                Check::Above(check) if check.area_roster.is_some() => {
                    let own = refs.iter().filter(of_rule).copied();
                    self.above_area(check, batch, at, own)
                }
                _ => None,
            };
            if let Some(found) = finding.take() {
                self.push(state, rule, batch, at, number, found);
            }
        }
    }

    fn name_of(&self, entry: Ref) -> u16 {
        self.layers[usize::from(entry.layer)].name_of[usize::from(entry.roster)]
    }

    fn on_roster(
        &self,
        check: &OnRoster,
        batch: &Batch,
        at: usize,
        refs: impl Iterator<Item = Ref>,
        undated: &mut u64,
        holding: &mut Vec<Ref>,
    ) -> Option<Measured> {
        holding.clear();
        let date = batch.day(Field::Date, at);
        let end = match (check.window, batch.day(Field::Until, at)) {
            (Window::Period, until) if until != NO_DAY => until,
            _ => date,
        };
        let (mut elsewhen, mut edge, mut unknown) = (0, 0, false);
        for entry in refs {
            let (from, until) = self.validity(entry);
            match slack(check.grace_days, from, until, date, end) {
                Some(days) => {
                    edge = edge.max(days);
                    holding.push(entry);
                }
                None if date == NO_DAY => unknown = true,
                None => elsewhen += 1,
            }
        }
        *undated += u64::from(unknown && holding.is_empty());
        (!holding.is_empty()).then(|| Measured {
            measured: NO_NUMBER,
            refs: self.first(holding),
            elsewhen,
            edge,
        })
    }

    /// The area a person has under contract on the day, and whether amount or claim goes beyond. Rows of the roster that
    /// say the same twice count once.
    fn above_area(
        &self,
        check: &Above,
        batch: &Batch,
        at: usize,
        refs: impl Iterator<Item = Ref>,
    ) -> Option<Measured> {
        let date = batch.day(Field::Date, at);
        let mut holding: Vec<Ref> = refs
            .filter(|entry| {
                let (from, until) = self.validity(*entry);
                slack(0, from, until, date, date).is_some()
            })
            .collect();
        let mut parcels: Vec<_> = holding
            .iter()
            .map(|entry| {
                let row = self.evidence(*entry);
                (row.from, row.until, row.note, row.owner, row.area)
            })
            .filter(|parcel| parcel.4.is_some())
            .collect();
        if parcels.is_empty() {
            return None;
        }
        parcels.sort_unstable();
        parcels.dedup();
        let area: i64 = parcels.iter().filter_map(|parcel| parcel.4).sum();
        let claimed = check.claimed_area
            && batch
                .number(Field::Area, at)
                .is_some_and(|claim| beyond(claim, area, check.tolerance_percent));
        let measured = if claimed { Some(area) } else { above(check, batch, at, Some(area)) };
        measured.map(|measured| Measured {
            measured,
            refs: self.first(&mut holding),
            elsewhen: 0,
            edge: u32::MAX,
        })
    }

    fn validity(&self, entry: Ref) -> (Day, Day) {
        let rosters = self.layers[usize::from(entry.layer)].index.rosters();
        rosters[usize::from(entry.roster)].validity(entry.row)
    }

    /// The first few in the order of rosters, validity and line, whatever layer they stand in, and how many in all.
    fn first(&self, refs: &mut [Ref]) -> ([Ref; EVIDENCE], u32) {
        if refs.len() > 1 {
            refs.sort_by_cached_key(|entry| self.evidence(*entry));
        }
        let mut first = [Ref::default(); EVIDENCE];
        for (slot, entry) in first.iter_mut().zip(&*refs) {
            *slot = *entry;
        }
        (first, refs.len() as u32)
    }

    /// Rules on single rows that ask for no roster.
    fn row_rules(&self, state: &mut State, batch: &Batch, number: &dyn Fn(usize) -> u64) {
        for rule in 0..self.rules.len() {
            for at in 0..batch.rows() {
                let measured = match &self.rules[rule].check {
                    Check::Above(check) if check.area_roster.is_none() => {
                        above(check, batch, at, batch.number(Field::Area, at))
                    }
                    Check::Age(check) if wanted(&check.schemes, batch, at) => {
                        let date = batch.day(Field::Date, at);
                        batch.person(at).filter(|_| date != NO_DAY).and_then(|person| {
                            let age = days::years_between(person.birth(), date);
                            let outside = check.min.is_some_and(|min| age < min)
                                || check.max.is_some_and(|max| age > max);
                            outside.then_some(i64::from(age))
                        })
                    }
                    Check::Age(_) => None,
                    _ => break,
                };
                if let Some(measured) = measured {
                    let found = Measured { measured, refs: Default::default(), elsewhen: 0, edge: u32::MAX };
                    self.push(state, rule, batch, at, number, found);
                }
            }
        }
    }

    fn push(
        &self,
        state: &mut State,
        rule: usize,
        batch: &Batch,
        at: usize,
        number: &dyn Fn(usize) -> u64,
        found: Measured,
    ) {
        // Without a person there is nobody a finding could be about.
        if batch.person(at).is_none() {
            return;
        }
        let kept = state.keep(batch, at, number(at));
        let generation = state.generation;
        state.findings.push(Finding {
            rule: rule as u16,
            generation,
            kept,
            measured: found.measured,
            evidence: found.refs.0,
            evidence_rows: found.refs.1,
            elsewhen: found.elsewhen,
            edge: found.edge,
        });
    }

    /// Rules on several rows remember what they may need.
    fn group_rules(&self, state: &mut State, batch: &Batch, number: &dyn Fn(usize) -> u64) {
        for (rule, own) in self.rules.iter().enumerate() {
            let keys: &[Field] = match &own.check {
                Check::Overlap(_) => &[Field::Person],
                Check::Shared(check) => &check.keys,
                Check::Split(check) => std::slice::from_ref(&check.key),
                _ => continue,
            };
            for field in keys {
                for at in 0..batch.rows() {
                    let key = batch.key(*field, at);
                    if key.is_none() || spread(key) % self.part.1 != self.part.0 {
                        continue;
                    }
                    let Some((within, period)) = group_of(&own.check, batch, at) else { continue };
                    let kept = state.keep(batch, at, number(at));
                    let body = batch.key(Field::Body, at);
                    let rule = rule as u16;
                    state.notes.push(Note { rule, field: *field, period, key, within, body, kept });
                }
            }
        }
    }
}

impl Layer {
    fn refs(&self, layer: usize, first: u32) -> impl Iterator<Item = Ref> + '_ {
        let layer = layer as u16;
        self.index.entries(first).map(move |entry| Ref { layer, roster: entry.roster, row: entry.row })
    }
}

struct Measured {
    measured: i64,
    refs: ([Ref; EVIDENCE], u32),
    elsewhen: u32,
    edge: u32,
}

impl Plan {
    pub(super) fn evidence(&self, entry: Ref) -> crate::exact::Evidence {
        let rosters = self.layers[usize::from(entry.layer)].index.rosters();
        rosters[usize::from(entry.roster)].evidence(entry.row)
    }

    pub(super) fn subject_person(id: u64) -> Option<PackedId> {
        PackedId::from_column(id)
    }
}
