//! The tables that are compared: ledgers of what was paid or granted, rosters of persons about whom something is known.

use crate::kinds_data::KINDS;
use daylight_matching::segments::Field;
use daylight_tables::{Column, Layout};

/// Which side of a comparison a table stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What was paid, granted or bid (台账).
    Ledger,
    /// Persons about whom something is known (名册).
    Roster,
}

/// A kind of table.
#[derive(Debug)]
pub struct Kind {
    /// Its name for programs. Of a roster, the name rules ask for it by.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The side it stands on.
    pub side: Side,
    /// Its columns.
    pub columns: &'static [Heading],
}

/// A column of a kind: what it means, its usual heading, what else offices write over it, whether it must be there.
#[derive(Debug)]
pub struct Heading {
    /// What it means: a [`Field`] in its spelling, or `birth`, `sex`, or something that is known and not read.
    pub key: &'static str,
    /// The usual heading.
    pub title: &'static str,
    /// Other headings.
    pub synonyms: &'static [&'static str],
    /// The table is refused without it.
    pub required: bool,
}

/// Every kind.
#[must_use]
pub fn kinds() -> &'static [Kind] {
    KINDS
}

/// The kind of a name.
#[must_use]
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// What a column's key means to the engine; `birth` and `sex` mean something to fuzzy matching alone.
#[must_use]
pub fn field(key: &str) -> Option<Field> {
    Field::ALL.into_iter().find(|field| key_of(*field) == key)
}

/// A field in its spelling.
#[must_use]
pub fn key_of(field: Field) -> &'static str {
    match field {
        Field::Person => "person",
        Field::Body => "body",
        Field::Name => "name",
        Field::Date => "date",
        Field::Until => "until",
        Field::Amount => "amount",
        Field::Scheme => "scheme",
        Field::Account => "account",
        Field::Household => "household",
        Field::Phone => "phone",
        Field::Address => "address",
        Field::Area => "area",
        Field::Project => "project",
        Field::Place => "place",
        Field::Note => "note",
        Field::Owner => "owner",
        Field::Plate => "plate",
    }
}

/// A field's name for people.
#[must_use]
pub fn title_of(field: Field) -> &'static str {
    match field {
        Field::Person => "身份证号",
        Field::Body => "统一社会信用代码",
        Field::Name => "姓名",
        Field::Date => "日期",
        Field::Until => "截止日期",
        Field::Amount => "金额",
        Field::Scheme => "补贴项目",
        Field::Account => "账号",
        Field::Household => "户号",
        Field::Phone => "电话",
        Field::Address => "地址",
        Field::Area => "面积",
        Field::Project => "项目",
        Field::Place => "村（社区）",
        Field::Note => "说明",
        Field::Owner => "所属",
        Field::Plate => "车牌",
    }
}

impl Kind {
    /// The layout a file is read with. Columns that `given` already gives a value for need not be in the file.
    #[must_use]
    pub fn layout(
        &self,
        said: Vec<(String, Option<&'static str>)>,
        optional: &dyn Fn(&'static str) -> bool,
    ) -> Layout {
        let columns = self.columns.iter().map(|heading| Column {
            key: heading.key,
            title: heading.title,
            synonyms: heading.synonyms.iter().map(|&name| name.to_owned()).collect(),
            required: heading.required && !optional(heading.key),
        });
        Layout { kind: self.name, title: self.title, columns: columns.collect(), carry: vec![], said }
    }

    /// The heading of a key, when the kind has such a column.
    #[must_use]
    pub fn heading(&self, key: &str) -> Option<&'static Heading> {
        self.columns.iter().find(|heading| heading.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use daylight_matching::rules::{Rule, builtin};
    use std::collections::BTreeSet;

    #[test]
    fn every_roster_a_built_in_rule_asks_for_is_a_kind() {
        for own in builtin() {
            for roster in Rule::parse(own.rule).unwrap().rosters() {
                assert!(kind(roster).is_some_and(|kind| kind.side == Side::Roster), "{roster}");
            }
        }
    }

    #[test]
    fn a_kind_has_each_name_and_each_key_once() {
        let names: BTreeSet<_> = kinds().iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), kinds().len());
        for kind in kinds() {
            let keys: BTreeSet<_> = kind.columns.iter().map(|heading| heading.key).collect();
            assert_eq!(keys.len(), kind.columns.len(), "{}", kind.name);
            let headings = kind.columns.iter().flat_map(|it| it.synonyms.iter().chain([&it.title]));
            let all: Vec<_> = headings.collect();
            let different: BTreeSet<_> = all.iter().collect();
            assert_eq!(different.len(), all.len(), "{}: a heading means two things", kind.name);
            assert!(kind.side == Side::Ledger || kind.heading("person").is_some(), "{}", kind.name);
        }
    }
}
