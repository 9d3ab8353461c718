//! What was found: by person and rule, with what speaks for it and what against, in an order that never changes, and
//! with a hash by which two runs can be compared.

use crate::days::{self, Day};
use crate::exact::Evidence;
use crate::packed::{Key, PackedId};
use crate::segments::Field;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Whom or what a hit is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A person.
    Person(PackedId),
    /// Something several share: an account, a household, an address, within a project or scheme, in a year or month.
    Shared {
        /// What it is.
        field: Field,
        /// Which.
        key: Key,
        /// Within what, if the rule says so.
        within: Key,
        /// The year (2024) or month (202405); 0 is all time.
        period: u32,
    },
}

/// Something that speaks against a hit, or makes it doubtful. It never takes a hit away: a person weighs it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Contrary {
    /// The ledger and the roster give different names for one id: an id may have been mistyped or borrowed.
    OtherName {
        /// As the ledger has it.
        #[serde(serialize_with = "text")]
        ledger: Arc<str>,
        /// As the roster has it.
        #[serde(serialize_with = "text")]
        roster: Arc<str>,
    },
    /// The time lies within so many days of an edge of the validity.
    NearEdge {
        /// Days from the edge.
        days: u32,
    },
    /// The person stands on the roster also with rows that do not hold at the time.
    NotAtTheTime {
        /// How many.
        rows: u32,
    },
    /// The amount is zero or negative: a refund or a correction.
    NoPayment,
    /// A later row takes the same amount back.
    TakenBack {
        /// The line of that row.
        line: u32,
    },
}

/// A row of the ledger that belongs to a hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HitRow {
    /// Its number in the ledger, from 0.
    pub row: u64,
    /// Its line in the source.
    pub line: u32,
    /// The person it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PackedId>,
    /// The body it names.
    #[serde(skip_serializing_if = "Key::is_none_ref")]
    pub body: Key,
    /// The name it gives.
    #[serde(serialize_with = "text")]
    pub name: Arc<str>,
    /// Its day.
    #[serde(serialize_with = "day_text")]
    pub date: Day,
    /// The end of its period.
    #[serde(serialize_with = "day_text")]
    pub until: Day,
    /// Fen.
    pub amount: Option<i64>,
    /// Hundredths of a mu.
    pub area: Option<i64>,
    /// Its scheme.
    #[serde(serialize_with = "text")]
    pub scheme: Arc<str>,
    /// What the check measured it against: the standard in fen, the contracted area, the age.
    pub measured: Option<i64>,
    /// Rows of rosters that hold at the time: the first few.
    pub evidence: Vec<Evidence>,
    /// How many there are.
    pub evidence_rows: u32,
    /// What speaks against it.
    pub contrary: Vec<Contrary>,
}

/// A suspicion about one subject under one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The rule.
    pub rule: Box<str>,
    /// Its version.
    pub version: u32,
    /// Whom it is about.
    pub subject: Subject,
    /// The fields that matched.
    pub matched: Vec<Field>,
    /// The rows of the ledger, in their order.
    pub rows: Vec<HitRow>,
    /// Fen, all rows together.
    pub amount: i64,
    /// What speaks against it, all rows together.
    pub contrary: Vec<Contrary>,
}

fn day_text<S: Serializer>(day: &Day, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&days::text(*day))
}

fn text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

impl Key {
    fn is_none_ref(key: &Key) -> bool {
        key.is_none()
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("Evidence", 8)?;
        out.serialize_field("roster", &*self.roster)?;
        out.serialize_field("line", &self.line)?;
        out.serialize_field("from", &days::text(self.from))?;
        out.serialize_field("until", &days::text(self.until))?;
        out.serialize_field("area", &self.area)?;
        out.serialize_field("name", &*self.name)?;
        out.serialize_field("note", &*self.note)?;
        out.serialize_field("owner", &*self.owner)?;
        out.end()
    }
}

/// The SHA-256 of hits in their order, in hex: equal exactly when subjects, rules, rows, evidence and what speaks
/// against it are.
#[must_use]
pub fn hash(hits: &[Hit]) -> String {
    let mut hash = HitHash::default();
    for hit in hits {
        hash.add(hit);
    }
    hash.finish()
}

/// [`hash`] for hits that come one by one.
#[derive(Default)]
pub struct HitHash(Sink);

impl HitHash {
    /// Adds a hit.
    pub fn add(&mut self, hit: &Hit) {
        let sink = &mut self.0;
        sink.text(&hit.rule);
        sink.number(i64::from(hit.version));
        match &hit.subject {
            Subject::Person(id) => sink.number(id.get() as i64),
            Subject::Shared { field, key, within, period } => {
                sink.number(*field as i64);
                sink.key(*key);
                sink.key(*within);
                sink.number(i64::from(*period));
            }
        }
        sink.number(hit.rows.len() as i64);
        for row in &hit.rows {
            sink.row(row);
        }
    }

    /// The hash in hex.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.0.flush();
        self.0.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Numbers and texts on their way into the hash, handed on in large pieces.
#[derive(Default)]
struct Sink {
    hash: Sha256,
    waiting: Vec<u8>,
}

impl Sink {
    fn number(&mut self, number: i64) {
        self.waiting.extend_from_slice(&number.to_le_bytes());
        if self.waiting.len() > 1 << 14 {
            self.flush();
        }
    }

    fn key(&mut self, key: Key) {
        self.waiting.extend_from_slice(&key.get().to_le_bytes());
    }

    fn optional(&mut self, number: Option<i64>) {
        self.number(number.unwrap_or(i64::MIN));
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as i64);
        self.waiting.extend_from_slice(text.as_bytes());
    }

    fn flush(&mut self) {
        self.hash.update(&self.waiting);
        self.waiting.clear();
    }

    fn row(&mut self, row: &HitRow) {
        self.number(row.row as i64);
        self.number(i64::from(row.line));
        self.number(row.person.map_or(0, |id| id.get() as i64));
        self.key(row.body);
        self.text(&row.name);
        self.number(i64::from(row.date));
        self.number(i64::from(row.until));
        self.optional(row.amount);
        self.optional(row.area);
        self.text(&row.scheme);
        self.optional(row.measured);
        self.number(i64::from(row.evidence_rows));
        for evidence in &row.evidence {
            self.text(&evidence.roster);
            self.number(i64::from(evidence.line));
            self.number(i64::from(evidence.from));
            self.number(i64::from(evidence.until));
            self.optional(evidence.area);
            self.text(&evidence.name);
            self.text(&evidence.note);
            self.text(&evidence.owner);
        }
        self.number(row.contrary.len() as i64);
        for contrary in &row.contrary {
            self.text(&format!("{contrary:?}"));
        }
    }
}

/// Marks payments whose amount a later row (or one of the same day) of the same subject takes back, and the rows that
/// pay nothing; each taking back answers one payment, the earliest that it can.
pub(crate) fn mark_taken_back(rows: &mut [HitRow]) {
    if rows.iter().all(|row| row.amount.is_none_or(|amount| amount > 0)) {
        return;
    }
    let mut back: BTreeMap<i64, VecDeque<(Day, u32)>> = BTreeMap::new();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|at| (rows[*at].date, rows[*at].row));
    for at in &order {
        let row = &mut rows[*at];
        if let Some(amount) = row.amount.filter(|amount| *amount <= 0) {
            row.contrary.push(Contrary::NoPayment);
            back.entry(-amount).or_default().push_back((row.date, row.line));
        }
    }
    for at in order {
        let row = &mut rows[at];
        let Some(takers) = row.amount.filter(|amount| *amount > 0).and_then(|amount| back.get_mut(&amount))
        else {
            continue;
        };
        while takers.front().is_some_and(|(day, _)| *day < row.date) {
            takers.pop_front();
        }
        if let Some((_, line)) = takers.pop_front() {
            row.contrary.push(Contrary::TakenBack { line });
        }
    }
}
