//! Tables as typed columns: batches in memory, and segments of many batches as a stream of bytes.
//!
//! A segment is written to anything that is `Write` and read from anything that is `Read`, batch by batch, so memory
//! does not grow with the table; the caller may seal the stream.

mod format;
mod reader;

pub use format::{SegmentError, SegmentWriter};
pub use reader::{Place, SegmentIndex, SegmentReader};

use crate::days::{Day, NO_DAY};
use crate::packed::{Key, KeyKind, NO_ID, PackedId};
use daylight_ids::text;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What a column means. It decides the column's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// Citizen id of the person (身份证号).
    Person,
    /// Credit code of a body, such as a bidder (统一社会信用代码).
    Body,
    /// Name (姓名).
    Name,
    /// The day of a payment; the first day of a period or of validity (发放日期, 起始日期).
    Date,
    /// The last day of a period or of validity (截止日期).
    Until,
    /// Money in fen (金额).
    Amount,
    /// Name of the scheme or subsidy (补贴项目).
    Scheme,
    /// Bank account (账号).
    Account,
    /// Household number (户号).
    Household,
    /// Telephone (电话).
    Phone,
    /// Address (地址).
    Address,
    /// Hundredths of a mu (面积).
    Area,
    /// Project, contract or tender (项目).
    Project,
    /// Place, usually a village (村).
    Place,
    /// Relation to a cadre, kind of post, state of an enterprise: what a roster says of its person (说明).
    Note,
    /// The cadre a roster's row hangs on, the employer, the enterprise (所属).
    Owner,
    /// Plate of a vehicle (车牌).
    Plate,
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Packed citizen ids.
    Id,
    /// Typed keys.
    Key(KeyKind),
    /// Days.
    Day,
    /// Whole numbers: fen, hundredths of a mu.
    Number,
    /// Text with a dictionary.
    Text,
}

/// No number.
pub const NO_NUMBER: i64 = i64::MIN;

impl Field {
    /// All of them, in the order of their codes on disk.
    pub const ALL: [Field; 17] = [
        Field::Person,
        Field::Body,
        Field::Name,
        Field::Date,
        Field::Until,
        Field::Amount,
        Field::Scheme,
        Field::Account,
        Field::Household,
        Field::Phone,
        Field::Address,
        Field::Area,
        Field::Project,
        Field::Place,
        Field::Note,
        Field::Owner,
        Field::Plate,
    ];

    /// The type of its column.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Field::Person => Kind::Id,
            Field::Body => Kind::Key(KeyKind::Credit),
            Field::Account => Kind::Key(KeyKind::Account),
            Field::Phone => Kind::Key(KeyKind::Phone),
            Field::Plate => Kind::Key(KeyKind::Plate),
            Field::Household | Field::Address | Field::Project => Kind::Key(KeyKind::Text),
            Field::Date | Field::Until => Kind::Day,
            Field::Amount | Field::Area => Kind::Number,
            Field::Name | Field::Scheme | Field::Place | Field::Note | Field::Owner => Kind::Text,
        }
    }
}

/// Text by dictionary; code 0 is the blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    words: Vec<Box<str>>,
    codes: Vec<u32>,
    known: HashMap<Box<str>, u32>,
}

impl Default for Words {
    fn default() -> Self {
        Self { words: vec!["".into()], codes: Vec::new(), known: HashMap::new() }
    }
}

impl Words {
    /// Adds a row.
    pub fn push(&mut self, text: &str) {
        let code = self.code_for(text);
        self.codes.push(code);
    }

    /// Adds a row as a clerk typed it: blanks and what cannot be seen are taken out.
    pub(crate) fn push_tidied(&mut self, cell: &str) {
        // What is known is tidy already.
        match self.known.get(cell) {
            Some(code) => self.codes.push(*code),
            None => self.push(&text::squash(cell)),
        }
    }

    fn code_for(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return 0;
        }
        if let Some(code) = self.known.get(text) {
            return *code;
        }
        let code = self.words.len() as u32;
        self.words.push(text.into());
        self.known.insert(text.into(), code);
        code
    }

    /// The text of a row.
    #[must_use]
    pub fn get(&self, row: usize) -> &str {
        self.codes.get(row).and_then(|code| self.words.get(*code as usize)).map_or("", |word| word)
    }

    /// The distinct texts; the first is the blank.
    #[must_use]
    pub fn distinct(&self) -> &[Box<str>] {
        &self.words
    }

    /// The code of each row.
    #[must_use]
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    fn from_parts(words: Vec<Box<str>>, codes: Vec<u32>) -> Option<Self> {
        let valid = words.first().is_some_and(|first| first.is_empty())
            && codes.iter().all(|code| (*code as usize) < words.len());
        valid.then(|| Self { words, codes, known: HashMap::new() })
    }
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// Packed citizen ids; [`NO_ID`] where there is none.
    Ids(Vec<u64>),
    /// Typed keys.
    Keys(Vec<u128>),
    /// Days; [`NO_DAY`] where there is none.
    Days(Vec<Day>),
    /// Numbers; [`NO_NUMBER`] where there is none.
    Numbers(Vec<i64>),
    /// Texts.
    Texts(Words),
}

impl Column {
    /// An empty column of a type.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        match kind {
            Kind::Id => Self::Ids(Vec::new()),
            Kind::Key(_) => Self::Keys(Vec::new()),
            Kind::Day => Self::Days(Vec::new()),
            Kind::Number => Self::Numbers(Vec::new()),
            Kind::Text => Self::Texts(Words::default()),
        }
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Ids(v) => v.len(),
            Self::Keys(v) => v.len(),
            Self::Days(v) => v.len(),
            Self::Numbers(v) => v.len(),
            Self::Texts(v) => v.codes.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Some rows of a table, by columns of equal length.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Batch {
    /// The number of the first row in its table, from 0.
    pub first_row: u64,
    /// The line of the source each row stands on.
    pub lines: Vec<u32>,
    /// The columns, each field at most once.
    pub columns: Vec<(Field, Column)>,
}

impl Batch {
    /// An empty batch with columns for these fields.
    #[must_use]
    pub fn new(first_row: u64, fields: &[Field]) -> Self {
        let columns = fields.iter().map(|field| (*field, Column::new(field.kind()))).collect();
        Self { first_row, lines: Vec::new(), columns }
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// The column of a field, when the table has it.
    #[must_use]
    pub fn column(&self, field: Field) -> Option<&Column> {
        self.columns.iter().find(|(own, _)| *own == field).map(|(_, column)| column)
    }

    /// The packed ids; empty when the table has none.
    #[must_use]
    pub fn ids(&self) -> &[u64] {
        match self.column(Field::Person) {
            Some(Column::Ids(ids)) => ids,
            _ => &[],
        }
    }

    /// The person of a row.
    #[must_use]
    pub fn person(&self, row: usize) -> Option<PackedId> {
        self.ids().get(row).and_then(|id| PackedId::from_column(*id))
    }

    /// A day; [`NO_DAY`] when blank or absent.
    #[must_use]
    pub fn day(&self, field: Field, row: usize) -> Day {
        match self.column(field) {
            Some(Column::Days(days)) => days.get(row).copied().unwrap_or(NO_DAY),
            _ => NO_DAY,
        }
    }

    /// A number; `None` when blank or absent.
    #[must_use]
    pub fn number(&self, field: Field, row: usize) -> Option<i64> {
        match self.column(field) {
            Some(Column::Numbers(numbers)) => numbers.get(row).copied().filter(|n| *n != NO_NUMBER),
            _ => None,
        }
    }

    /// A text; blank when absent.
    #[must_use]
    pub fn text(&self, field: Field, row: usize) -> &str {
        match self.column(field) {
            Some(Column::Texts(words)) => words.get(row),
            _ => "",
        }
    }

    /// A key; [`Key::NONE`] when blank or absent. A person's id counts as a key of its own.
    #[must_use]
    pub fn key(&self, field: Field, row: usize) -> Key {
        match self.column(field) {
            Some(Column::Keys(keys)) => keys.get(row).map_or(Key::NONE, |key| Key::from_column(*key)),
            Some(Column::Ids(ids)) => {
                let id = ids.get(row).copied().unwrap_or(NO_ID);
                Key::from_column(u128::from(id))
            }
            Some(Column::Texts(words)) => match words.get(row) {
                "" => Key::NONE,
                text => Key::text(text),
            },
            _ => Key::NONE,
        }
    }
}
