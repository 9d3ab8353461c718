//! What a comparison found, and how it is shown to people.

use crate::comparison::Input;
use crate::kinds::{key_of, kind, title_of};
use crate::likeness::{Likely, Likeness};
use crate::manifest::Manifest;
use crate::masks::Masks;
use crate::places::{Place, Places};
use crate::problems::{Count, Problems, Told};
use crate::reading::Held;
use daylight_matching::days;
use daylight_matching::hits::{Contrary, Hit, HitRow, Subject};
use daylight_matching::rules::Rule;
use serde::Serialize;

/// What was found.
#[derive(Debug)]
pub struct Outcome {
    /// The comparison's title.
    pub title: String,
    /// What each ledger held, in the order given.
    pub ledgers: Vec<ReadInput>,
    /// What each roster held.
    pub rosters: Vec<ReadInput>,
    /// By rule.
    pub rules: Vec<RuleSummary>,
    /// Hits by id, by rule and subject.
    pub hits: Vec<Hit>,
    /// Hits by likeness.
    pub likely: Vec<LikelyHit>,
    /// Rows whose person stands on a roster but that have no date, so that no window could be looked at.
    pub undated: u64,
    /// Rows without an id that were too many to be matched by likeness.
    pub likeness_left_out: u64,
    /// The record of the run.
    pub manifest: Manifest,
    pub(crate) explained: Vec<Explained>,
    pub(crate) ledger_places: Places,
    pub(crate) roster_places: Places,
    pub(crate) problems: [Problems; 2],
}

/// A hit of which the person was found by likeness. Each row's number is that of its [`Explained`].
#[derive(Clone, Debug)]
pub struct LikelyHit {
    pub(crate) hit: Hit,
}

/// Why a row is held to be about a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explained {
    /// The roster whose person it was held against.
    pub roster: &'static str,
    /// The probability that they are one.
    pub probability: f64,
    /// What each field contributed.
    pub fields: Vec<FieldSays>,
}

/// What a field contributed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldSays {
    /// The field.
    pub field: &'static str,
    /// How well it agrees.
    pub agreement: &'static str,
    /// Each doubles the odds, negative ones halve them.
    pub bits: f64,
}

impl Explained {
    pub(crate) fn of(pair: &Likely, likeness: &Likeness) -> Self {
        let says = |own| {
            let (field, agreement) = likeness.words(own);
            FieldSays { field, agreement, bits: (own.bits * 10.0).round() / 10.0 }
        };
        Self {
            roster: pair.roster,
            probability: (pair.found.probability * 10_000.0).round() / 10_000.0,
            fields: pair.found.fields.iter().map(says).collect(),
        }
    }
}

/// What a file held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadInput {
    /// Its source's name.
    pub source: String,
    /// Its kind.
    pub kind: &'static str,
    /// The file's name.
    pub file: String,
    /// Its rows and columns.
    #[serde(flatten)]
    pub held: Held,
    /// What could not be read, counted.
    pub problems: Vec<Count>,
}

impl ReadInput {
    pub(crate) fn of(input: &Input, held: &Held, problems: Vec<Count>) -> Self {
        Self {
            source: input.source.name.clone(),
            kind: input.kind.name,
            file: input.shown(),
            held: held.clone(),
            problems,
        }
    }
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleSummary {
    /// The rule.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// Its name for people.
    pub title: String,
    /// The law or policy it rests on.
    pub basis: String,
    /// What else could explain a hit.
    pub explanations: Vec<String>,
    /// Hits by id.
    pub hits: u64,
    /// Hits against which something speaks.
    pub with_contrary: u64,
    /// Rows of the ledgers in those hits.
    pub rows: u64,
    /// Fen, all hits together.
    #[serde(rename = "amount_fen")]
    pub amount: i64,
    /// Hits by likeness.
    pub likely: u64,
}

impl RuleSummary {
    pub(crate) fn of<'h>(
        rule: &Rule,
        hits: impl Iterator<Item = &'h Hit>,
        likely: impl Iterator<Item = &'h Hit>,
    ) -> Self {
        let mut own = Self {
            id: rule.id.to_string(),
            version: rule.version,
            title: rule.title.to_string(),
            basis: rule.basis.to_string(),
            explanations: rule.explanations.iter().map(ToString::to_string).collect(),
            hits: 0,
            with_contrary: 0,
            rows: 0,
            amount: 0,
            likely: likely.count() as u64,
        };
        for hit in hits {
            own.hits += 1;
            own.with_contrary += u64::from(!hit.contrary.is_empty());
            own.rows += hit.rows.len() as u64;
            own.amount = own.amount.saturating_add(hit.amount);
        }
        own
    }
}

/// A hit as people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// Its number, from 1.
    pub number: usize,
    /// `id` or `likeness`.
    pub by: &'static str,
    /// The rule.
    pub rule: String,
    /// Its version.
    pub version: u32,
    /// Whom or what it is about.
    pub subject: String,
    /// The person's name as the ledger has it, or what is shared.
    pub subject_name: String,
    /// The fields that matched.
    pub matched: Vec<&'static str>,
    /// Fen.
    #[serde(rename = "amount_fen")]
    pub amount: i64,
    /// What speaks against it.
    pub contrary: Vec<String>,
    /// The ledger's rows.
    pub rows: Vec<ShownRow>,
}

/// A row of a hit as people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShownRow {
    /// The ledger's file.
    pub file: String,
    /// Its sheet.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The line.
    pub line: u32,
    /// Whom it names: an id or a body's code.
    pub who: String,
    /// The name it gives.
    pub name: String,
    /// Its day.
    pub date: String,
    /// The end of its period.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub until: String,
    /// Its scheme.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scheme: String,
    /// Fen.
    #[serde(rename = "amount_fen")]
    pub amount: Option<i64>,
    /// Hundredths of a mu.
    #[serde(rename = "area_hundredths", skip_serializing_if = "Option::is_none")]
    pub area: Option<i64>,
    /// What it was measured against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<i64>,
    /// Rows of rosters that hold at the time: the first few.
    pub evidence: Vec<ShownEvidence>,
    /// How many there are.
    pub evidence_rows: u32,
    /// What speaks against it.
    pub contrary: Vec<String>,
    /// Why it is held to be about the person, when it has no id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub likeness: Option<Explained>,
}

/// A roster's row as people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShownEvidence {
    /// The roster's title.
    pub roster: &'static str,
    /// Its file.
    pub file: String,
    /// Its sheet.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The line.
    pub line: u32,
    /// The name it gives.
    pub name: String,
    /// The first day it holds for.
    pub from: String,
    /// The last day.
    pub until: String,
    /// What it says.
    pub note: String,
    /// Whom it hangs on.
    pub owner: String,
}

impl Outcome {
    /// Whether anything was found.
    #[must_use]
    pub fn found(&self) -> bool {
        !self.hits.is_empty() || !self.likely.is_empty()
    }

    /// The hits as people see them, one by one.
    pub fn shown(&self, masks: Masks) -> impl Iterator<Item = Shown> + '_ {
        let by_id = self.hits.iter().map(|hit| (hit, "id"));
        let by_likeness = self.likely.iter().map(|own| (&own.hit, "likeness"));
        by_id.chain(by_likeness).enumerate().map(move |(at, (hit, by))| self.show(at + 1, hit, by, masks))
    }

    /// What could not be read, in the order of the files, ledgers first; of each side the first million.
    pub fn problems(&self) -> impl Iterator<Item = (&ReadInput, Told)> + '_ {
        let [ledgers, rosters] = &self.problems;
        let ledgers = ledgers.told(&self.ledger_places).map(|told| (&self.ledgers[told.input], told));
        let rosters = rosters.told(&self.roster_places).map(|told| (&self.rosters[told.input], told));
        ledgers.chain(rosters)
    }

    /// How many cells could not be read.
    #[must_use]
    pub fn problems_total(&self) -> u64 {
        self.problems.iter().map(Problems::total).sum()
    }

    fn show(&self, number: usize, hit: &Hit, by: &'static str, masks: Masks) -> Shown {
        let rows = hit.rows.iter().map(|row| self.show_row(row, by == "likeness", masks)).collect();
        let (subject, subject_name) = match &hit.subject {
            Subject::Person(id) => {
                let name = hit.rows.iter().map(|row| &*row.name).find(|name| !name.is_empty());
                (masks.id(*id), masks.name(name.unwrap_or("")))
            }
            Subject::Shared { field, key, .. } => (masks.key(*key), title_of(*field).to_owned()),
        };
        Shown {
            number,
            by,
            rule: hit.rule.to_string(),
            version: hit.version,
            subject,
            subject_name,
            matched: hit.matched.iter().map(|field| key_of(*field)).collect(),
            amount: hit.amount,
            contrary: hit.contrary.iter().map(|own| self.contrary(own, masks)).collect(),
            rows,
        }
    }

    fn show_row(&self, row: &HitRow, by_likeness: bool, masks: Masks) -> ShownRow {
        let Place { input, sheet, line } = self.ledger_places.place(row.line);
        let explained = || usize::try_from(row.row).ok().and_then(|at| self.explained.get(at)).cloned();
        ShownRow {
            file: self.ledgers[input].file.clone(),
            sheet: sheet.to_string(),
            line,
            who: row.person.map_or_else(|| masks.key(row.body), |id| masks.id(id)),
            name: if row.person.is_some() { masks.name(&row.name) } else { masks.words(&row.name) },
            date: days::text(row.date),
            until: days::text(row.until),
            scheme: masks.words(&row.scheme),
            amount: row.amount,
            area: row.area,
            measured: row.measured,
            evidence: row.evidence.iter().map(|own| self.show_evidence(own, masks)).collect(),
            evidence_rows: row.evidence_rows,
            contrary: row.contrary.iter().map(|own| self.contrary(own, masks)).collect(),
            likeness: by_likeness.then(explained).flatten(),
        }
    }

    fn show_evidence(&self, own: &daylight_matching::exact::Evidence, masks: Masks) -> ShownEvidence {
        let Place { input, sheet, line } = self.roster_places.place(own.line);
        // What a relative hangs on is another person's name.
        let owner =
            if &*own.roster == "relatives" { masks.name(&own.owner) } else { masks.words(&own.owner) };
        ShownEvidence {
            roster: kind(&own.roster).map_or("", |kind| kind.title),
            file: self.rosters[input].file.clone(),
            sheet: sheet.to_string(),
            line,
            name: masks.name(&own.name),
            from: days::text(own.from),
            until: days::text(own.until),
            note: masks.words(&own.note),
            owner,
        }
    }

    fn contrary(&self, contrary: &Contrary, masks: Masks) -> String {
        match contrary {
            Contrary::OtherName { ledger, roster } => {
                format!("姓名不一致：台账为{}，名册为{}", masks.name(ledger), masks.name(roster))
            }
            Contrary::NearEdge { days } => format!("距生效或截止之日只有{days}天"),
            Contrary::NotAtTheTime { rows } => format!("名册另有{rows}条记录当时不成立"),
            Contrary::NoPayment => "金额为零或负数，可能是退款或更正".to_owned(),
            Contrary::TakenBack { line } => {
                let Place { input, sheet, line } = self.ledger_places.place(*line);
                let file = if self.ledgers.len() > 1 { self.ledgers[input].file.as_str() } else { "" };
                format!("{file}{sheet}第{line}行已冲回同等金额")
            }
        }
    }
}
