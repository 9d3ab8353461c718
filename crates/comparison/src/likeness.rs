//! Ledger rows without a valid id against rosters, by name and what else they say.
//!
//! A name alone never is a match; who is matched must then fulfil the rule as anybody else, with its time window.

use crate::comparison::Input;
use crate::kinds::Side;
use daylight_ids::text;
use daylight_matching::days;
use daylight_matching::fuzzy::{Config, Linked, Match, Pool, Side as Of, link};
use daylight_matching::packed::{NO_ID, PackedId};
use daylight_matching::segments::{Batch, Column, Field};
use daylight_matching::stage::Stager;
use std::collections::BTreeMap;

/// Ledger rows without an id that are looked at; more are counted.
const MOST: usize = 2_000_000;

/// The columns of [`Config::chinese`], in its order.
const COLUMNS: [&str; 7] = ["name", "birth", "sex", "place", "phone", "account", "person"];

/// What is collected while files are read.
pub(crate) struct Likeness {
    config: Config,
    rosters: Vec<Known>,
    stager: Stager,
    /// The ledger's rows without an id, typed, each with a column for the id it may turn out to have.
    rows: Batch,
    /// Rows beyond [`MOST`].
    pub left_out: u64,
}

struct Known {
    name: &'static str,
    pool: Pool,
    /// The person of each right record.
    ids: Vec<u64>,
}

/// A ledger's row and the person it is probably about.
pub(crate) struct Likely {
    /// The roster's name.
    pub roster: &'static str,
    pub found: Match,
}

/// The columns of a ledger that are kept of a row without an id.
const KEPT: [Field; 8] = [
    Field::Person,
    Field::Name,
    Field::Date,
    Field::Until,
    Field::Amount,
    Field::Scheme,
    Field::Area,
    Field::Body,
];

impl Likeness {
    /// For the rosters that rules ask for.
    pub fn new(rosters: &[&'static str]) -> Self {
        let config = Config { threads: 2, ..Config::chinese() };
        let known = |name: &&'static str| Known { name, pool: Pool::new(&config), ids: Vec::new() };
        let rosters = rosters.iter().map(known).collect();
        Self { rosters, config, stager: Stager::new(&KEPT), rows: Batch::new(0, &KEPT), left_out: 0 }
    }

    /// Notes a row: of a roster whoever has an id, of a ledger whoever has none. `cells` are in the order of the kind's
    /// columns, `own` in that of `fields`.
    pub fn note(
        &mut self,
        input: &Input,
        line: u32,
        cells: &[&str],
        own: &[&str],
        fields: &[Field],
        identified: bool,
    ) {
        let value = |key: &str| {
            let at = input.kind.columns.iter().position(|heading| heading.key == key);
            tidy(key, at.map_or("", |at| cells[at]))
        };
        match input.kind.side {
            Side::Roster if identified => {
                let values = COLUMNS.map(value);
                self.person(input.kind.name, values);
            }
            Side::Ledger if !identified && self.rows.rows() + 1 > MOST => self.left_out += 1,
            Side::Ledger if !identified && !value("name").is_empty() => {
                let values = COLUMNS.map(value);
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                for known in &mut self.rosters {
                    known.pool.push(Of::Left, &values);
                }
                self.keep(line, own, fields);
            }
            _ => {}
        }
    }

    fn person(&mut self, roster: &str, mut values: [String; 7]) {
        let Some(known) = self.rosters.iter_mut().find(|known| known.name == roster) else { return };
        let Ok(id) = PackedId::parse(&values[6]) else { return };
        values[1] = days::text(id.birth()).replace('-', "");
        values[2] = if id.sex() == daylight_ids::Sex::Male { "男" } else { "女" }.to_owned();
        values[6] = id.to_text();
        known.pool.push(Of::Right, &values.each_ref().map(String::as_str));
        known.ids.push(id.get());
    }

    fn keep(&mut self, line: u32, own: &[&str], fields: &[Field]) {
        let of = |field: &Field| {
            let at = fields.iter().position(|known| known == field && *known != Field::Person);
            at.map_or("", |at| own[at])
        };
        let cells = KEPT.each_ref().map(of);
        let full = self.stager.push(line, &cells);
        self.stager.problems.clear();
        let batch = match full {
            Some(batch) => batch,
            None => return,
        };
        append(&mut self.rows, &batch);
    }

    /// The pairs that are probably one person's, and the ledger's rows with those persons' ids: row `n` of the batch is
    /// about pair `n`.
    pub fn pairs(&mut self) -> (Vec<Likely>, Batch) {
        let rest = self.stager.take();
        append(&mut self.rows, &rest);
        let mut best: BTreeMap<(usize, u64), Likely> = BTreeMap::new();
        for known in &self.rosters {
            if known.ids.is_empty() || known.pool.rows(Of::Left) == 0 {
                continue;
            }
            let Linked { matches, .. } = link(&known.pool, &self.config);
            for found in matches {
                let key = (found.left, known.ids[found.right]);
                let better = best.get(&key).is_none_or(|other| other.found.bits < found.bits);
                if better {
                    best.insert(key, Likely { roster: known.name, found });
                }
            }
        }
        let mut batch = Batch::new(0, &KEPT);
        for (row, id) in best.keys() {
            copy(&self.rows, *row, *id, &mut batch);
        }
        (best.into_values().collect(), batch)
    }

    /// What a field of the configuration is called, and what a level of it means.
    pub fn words(
        &self,
        contribution: &daylight_matching::fuzzy::Contribution,
    ) -> (&'static str, &'static str) {
        let spec = &self.config.fields[contribution.field];
        (spec.name, spec.comparator.describe(contribution.level))
    }
}

fn tidy(key: &str, cell: &str) -> String {
    match key {
        "name" => text::squash(&text::person_name(cell)),
        "birth" => {
            let day = days::parse(&text::halfwidth(cell));
            day.map_or_else(|| digits(cell), |day| days::text(day).replace('-', ""))
        }
        "phone" | "account" => digits(cell),
        _ => text::squash(cell).to_uppercase(),
    }
}

fn digits(cell: &str) -> String {
    text::halfwidth(cell).chars().filter(char::is_ascii_digit).collect()
}

fn append(rows: &mut Batch, more: &Batch) {
    for row in 0..more.rows() {
        copy(more, row, NO_ID, rows);
    }
}

/// Adds a row to another batch of the same columns, with the id given.
fn copy(from: &Batch, row: usize, id: u64, into: &mut Batch) {
    into.lines.push(from.lines[row]);
    for (field, column) in &mut into.columns {
        match (column, from.column(*field)) {
            (Column::Ids(ids), _) => ids.push(id),
            (Column::Keys(own), Some(Column::Keys(other))) => own.push(other[row]),
            (Column::Days(own), Some(Column::Days(other))) => own.push(other[row]),
            (Column::Numbers(own), Some(Column::Numbers(other))) => own.push(other[row]),
            (Column::Texts(own), Some(Column::Texts(other))) => own.push(other.get(row)),
            _ => {}
        }
    }
}
