//! From a state to hits.

use super::state::{Finding, Kept, Note, State};
use super::{Plan, groups};
use crate::hits::{Contrary, Hit, HitRow, Subject, mark_taken_back};
use crate::packed::Key;
use crate::rules::Check;
use crate::segments::{Field, NO_NUMBER};
use std::sync::Arc;

/// Closer than this to an edge of a validity, a day is told to be near it.
const NEAR_EDGE: u32 = 31;

impl Plan {
    /// The hits of a state, by rule and subject.
    #[must_use]
    pub fn hits(&self, state: &State) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.each_hit(state, |hit| hits.push(hit));
        hits
    }

    /// The hits one by one, in the same order: for more than memory should hold.
    pub fn each_hit(&self, state: &State, mut each: impl FnMut(Hit)) {
        let mut findings: Vec<&Finding> =
            state.findings.iter().filter(|own| self.is_live(state, own)).collect();
        findings.sort_unstable_by_key(|own| (own.rule, own.kept.person, own.kept.row));
        let mut notes: Vec<&Note> = state.notes.iter().collect();
        notes
            .sort_unstable_by_key(|own| (own.rule, own.field, own.key, own.within, own.period, own.kept.row));
        let mut findings =
            findings.chunk_by(|a, b| (a.rule, a.kept.person) == (b.rule, b.kept.person)).peekable();
        let same = |a: &&Note, b: &&Note| {
            (a.rule, a.field, a.key, a.within, a.period) == (b.rule, b.field, b.key, b.within, b.period)
        };
        let mut notes = notes.chunk_by(same).peekable();
        for rule in 0..self.rules.len() {
            let own = rule as u16;
            while let Some(group) = findings.next_if(|group| group[0].rule == own) {
                self.person_hit(rule, group).into_iter().for_each(&mut each);
            }
            while let Some(group) = notes.next_if(|group| group[0].rule == own) {
                self.group_hit(rule, group).into_iter().for_each(&mut each);
            }
        }
    }

    fn is_live(&self, state: &State, finding: &Finding) -> bool {
        let rests_on_rosters = self.rules[usize::from(finding.rule)].rosters().next().is_some();
        !rests_on_rosters
            || state.stale.get(&finding.kept.person).is_none_or(|since| *since <= finding.generation)
    }

    fn person_hit(&self, rule: usize, group: &[&Finding]) -> Option<Hit> {
        let person = Self::subject_person(group[0].kept.person)?;
        let rows = group.iter().map(|finding| self.finding_row(finding)).collect();
        let matched = match &self.rules[rule].check {
            Check::OnRoster(_) => vec![Field::Person, Field::Date],
            Check::Above(check) if check.claimed_area => vec![Field::Person, Field::Area],
            Check::Above(_) => vec![Field::Person, Field::Amount, Field::Date],
            _ => vec![Field::Person, Field::Date],
        };
        self.hit(rule, Subject::Person(person), matched, rows)
    }

    fn finding_row(&self, finding: &Finding) -> HitRow {
        let mut row = row(&finding.kept, Key::NONE);
        row.measured = Some(finding.measured).filter(|value| *value != NO_NUMBER);
        let shown = finding.evidence.iter().take(finding.evidence_rows as usize);
        row.evidence = shown.map(|entry| self.evidence(*entry)).collect();
        row.evidence_rows = finding.evidence_rows;
        let other = row.evidence.iter().find(|own| !own.name.is_empty() && own.name != row.name);
        if let Some(other) = other.filter(|_| !row.name.is_empty()) {
            let (ledger, roster) = (Arc::clone(&row.name), Arc::clone(&other.name));
            row.contrary.push(Contrary::OtherName { ledger, roster });
        }
        if finding.edge < NEAR_EDGE {
            row.contrary.push(Contrary::NearEdge { days: finding.edge });
        }
        if finding.elsewhen > 0 {
            row.contrary.push(Contrary::NotAtTheTime { rows: finding.elsewhen });
        }
        row
    }

    fn group_hit(&self, rule: usize, group: &[&Note]) -> Option<Hit> {
        let check = &self.rules[rule].check;
        let marked = groups::marked(check, group);
        let rows: Vec<HitRow> = group
            .iter()
            .zip(marked)
            .filter(|(_, marked)| *marked)
            .map(|(note, _)| row(&note.kept, note.body))
            .collect();
        let first = group.first()?;
        let (subject, matched) = match check {
            Check::Overlap(_) => {
                let person = Self::subject_person(first.kept.person)?;
                (Subject::Person(person), vec![Field::Person, Field::Scheme, Field::Date])
            }
            Check::Shared(_) | Check::Split(_) => {
                let (field, key) = (first.field, first.key);
                let subject = Subject::Shared { field, key, within: first.within, period: first.period };
                let within = match check {
                    Check::Shared(check) => check.within,
                    Check::Split(check) => check.within,
                    _ => None,
                };
                (subject, std::iter::once(field).chain(within).collect())
            }
            _ => return None,
        };
        self.hit(rule, subject, matched, rows)
    }

    /// A hit of some rows; none when all they do is take back.
    fn hit(&self, rule: usize, subject: Subject, matched: Vec<Field>, mut rows: Vec<HitRow>) -> Option<Hit> {
        if rows.iter().all(|row| row.amount.is_some_and(|amount| amount <= 0)) {
            return None;
        }
        mark_taken_back(&mut rows);
        let mut contrary: Vec<Contrary> = rows.iter().flat_map(|row| row.contrary.iter().cloned()).collect();
        contrary.sort();
        contrary.dedup();
        let own = &self.rules[rule];
        Some(Hit {
            rule: own.id.clone(),
            version: own.version,
            subject,
            matched,
            amount: rows.iter().filter_map(|row| row.amount).fold(0, i64::saturating_add),
            rows,
            contrary,
        })
    }
}

fn row(kept: &Kept, body: Key) -> HitRow {
    let number = |value: i64| Some(value).filter(|value| *value != NO_NUMBER);
    HitRow {
        row: kept.row,
        line: kept.line,
        person: Plan::subject_person(kept.person),
        body,
        name: Arc::clone(&kept.name),
        date: kept.date,
        until: kept.until,
        amount: number(kept.amount),
        area: number(kept.area),
        scheme: Arc::clone(&kept.scheme),
        measured: None,
        evidence: Vec::new(),
        evidence_rows: 0,
        contrary: Vec::new(),
    }
}
