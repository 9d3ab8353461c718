//! Small random worlds, and an oracle that knows no index: rule by rule, row against row.

use daylight_matching::days::{self, Day, NO_DAY};
use daylight_matching::exact::{Roster, RosterBuilder};
use daylight_matching::hits::{Hit, Subject};
use daylight_matching::packed::{Key, PackedId};
use daylight_matching::rules::{Check, Count, Per, Rule, Window};
use daylight_matching::segments::{Batch, Column, Field, NO_NUMBER};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A ledger's row in plain values.
#[derive(Clone, Debug)]
pub struct Row {
    pub person: Option<u8>,
    pub body: u8,
    pub date: Option<Day>,
    pub until: Option<Day>,
    pub amount: Option<i64>,
    pub area: Option<i64>,
    pub scheme: u8,
    pub account: u8,
}

/// A roster's row.
#[derive(Clone, Debug)]
pub struct Listed {
    pub roster: u8,
    pub person: u8,
    pub from: Option<Day>,
    pub until: Option<Day>,
    pub area: Option<i64>,
    pub note: u8,
}

pub const SCHEMES: [&str; 4] = ["", "低保", "特困供养", "粮食直补"];
pub const ROSTERS: [&str; 2] = ["one", "two"];
pub const LEDGER: [Field; 8] = [
    Field::Person,
    Field::Body,
    Field::Date,
    Field::Until,
    Field::Amount,
    Field::Area,
    Field::Scheme,
    Field::Account,
];
const LISTED: [Field; 5] = [Field::Person, Field::Date, Field::Until, Field::Area, Field::Note];

/// A few persons of different ages: 1970 + 3 years each.
pub fn id(person: u8) -> PackedId {
    let year = 1950 + u64::from(person) * 3;
    let value = (999_901 * 100_000_000 + year * 10_000 + 615) * 1000 + u64::from(person);
    PackedId::from_column(value).unwrap()
}

/// Days around the end of 2023, so that years and months change within a few.
fn day() -> impl Strategy<Value = Day> {
    let base = days::day(2023, 12, 20).unwrap();
    (0..30_i32).prop_map(move |add| base + add)
}

pub fn row() -> impl Strategy<Value = Row> {
    let amount =
        prop_oneof![Just(-100_i64), Just(0), Just(90), Just(95), Just(99), Just(100), Just(101), 1..300_i64];
    (
        prop::option::weighted(0.9, 0..6_u8),
        0..4_u8,
        prop::option::weighted(0.9, day()),
        prop::option::weighted(0.6, 0..10_i32),
        prop::option::weighted(0.9, amount),
        prop::option::weighted(0.8, 0..400_i64),
        0..4_u8,
        0..4_u8,
    )
        .prop_map(|(person, body, date, length, amount, area, scheme, account)| Row {
            person,
            body,
            date,
            until: date.zip(length).map(|(date, length)| date + length - 1),
            amount,
            area,
            scheme,
            account,
        })
}

pub fn listed() -> impl Strategy<Value = Listed> {
    (
        0..2_u8,
        0..6_u8,
        prop::option::weighted(0.8, day()),
        prop::option::weighted(0.5, day()),
        prop::option::weighted(0.8, 0..200_i64),
        0..2_u8,
    )
        .prop_map(|(roster, person, from, until, area, note)| Listed {
            roster,
            person,
            from,
            until,
            area,
            note,
        })
}

pub fn batch(rows: &[Row], first_row: u64) -> Batch {
    let mut batch = Batch::new(first_row, &LEDGER);
    for (at, row) in rows.iter().enumerate() {
        batch.lines.push((first_row + at as u64) as u32 + 2);
        for (field, column) in &mut batch.columns {
            match (field, column) {
                (Field::Person, Column::Ids(v)) => v.push(row.person.map_or(0, |person| id(person).get())),
                (Field::Date, Column::Days(v)) => v.push(row.date.unwrap_or(NO_DAY)),
                (Field::Until, Column::Days(v)) => v.push(row.until.unwrap_or(NO_DAY)),
                (Field::Amount, Column::Numbers(v)) => v.push(row.amount.unwrap_or(NO_NUMBER)),
                (Field::Area, Column::Numbers(v)) => v.push(row.area.unwrap_or(NO_NUMBER)),
                (Field::Scheme, Column::Texts(v)) => v.push(SCHEMES[usize::from(row.scheme)]),
                (Field::Body, Column::Keys(v)) => v.push(key(row.body).get()),
                (Field::Account, Column::Keys(v)) => v.push(key(row.account).get()),
                _ => unreachable!(),
            }
        }
    }
    batch
}

/// 0 is no key.
pub fn key(number: u8) -> Key {
    if number == 0 { Key::NONE } else { Key::text(&number.to_string()) }
}

/// The rosters these rows make; lines begin at `first_line`.
pub fn rosters(rows: &[Listed], first_line: u32) -> Vec<Roster> {
    (0..2_u8)
        .map(|roster| {
            let mut batch = Batch::new(0, &LISTED);
            for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.roster == roster) {
                batch.lines.push(first_line + at as u32);
                for (field, column) in &mut batch.columns {
                    match (field, column) {
                        (_, Column::Ids(v)) => v.push(id(row.person).get()),
                        (Field::Date, Column::Days(v)) => v.push(row.from.unwrap_or(NO_DAY)),
                        (_, Column::Days(v)) => v.push(row.until.unwrap_or(NO_DAY)),
                        (_, Column::Numbers(v)) => v.push(row.area.unwrap_or(NO_NUMBER)),
                        (_, Column::Texts(v)) => v.push(["", "备注"][usize::from(row.note)]),
                        _ => unreachable!(),
                    }
                }
            }
            let mut builder = RosterBuilder::new(ROSTERS[usize::from(roster)]);
            builder.push(&batch);
            builder.finish()
        })
        .collect()
}

/// Subject in words, its rows, and for each row how many rows of rosters hold.
pub type Found = BTreeMap<String, Vec<(u64, u32)>>;

pub fn found(hits: &[Hit]) -> Found {
    let mut found = Found::new();
    for hit in hits {
        let rows = hit.rows.iter().map(|row| (row.row, row.evidence_rows)).collect();
        assert!(found.insert(subject(&hit.subject), rows).is_none(), "a subject stands once under a rule");
    }
    found
}

fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Person(id) => id.to_text(),
        Subject::Shared { field, key, within, period } => {
            format!("{field:?} {} {} {period}", key.to_text(), within.to_text())
        }
    }
}

/// What a rule must find, by the plainest reading of it.
pub fn oracle(rule: &Rule, ledger: &[Row], listed: &[Listed]) -> Found {
    let mut found = Found::new();
    let person = |at: usize| ledger[at].person.map(|person| id(person).to_text());
    let uses = |name: &str| rule.rosters().any(|own| own == name);
    let scheme = |row: &Row| SCHEMES[usize::from(row.scheme)];
    let wanted =
        |schemes: &[Box<str>], row: &Row| schemes.is_empty() || schemes.iter().any(|s| **s == *scheme(row));
    for (at, row) in ledger.iter().enumerate() {
        let holding = |grace: i32, start: Option<Day>, end: Option<Day>| {
            let within = |own: &&Listed| {
                if own.from.is_none() && own.until.is_none() {
                    return true;
                }
                let (Some(start), Some(end)) = (start, end) else { return false };
                // Some day of the row's time is one the roster's row holds on.
                (start..=end).any(|day| {
                    own.from.is_none_or(|from| from + grace <= day)
                        && own.until.is_none_or(|until| day <= until)
                })
            };
            let of_person = listed.iter().filter(|own| Some(own.person) == row.person);
            of_person
                .filter(|own| uses(ROSTERS[usize::from(own.roster)]))
                .filter(within)
                .cloned()
                .collect::<Vec<_>>()
        };
        let hit = match &rule.check {
            Check::OnRoster(check) => {
                let enough =
                    check.min_amount.is_none_or(|min| row.amount.is_some_and(|own| own.abs() >= min));
                let end = if check.window == Window::Period { row.until.or(row.date) } else { row.date };
                let own = holding(check.grace_days as i32, row.date, end).len();
                (enough && wanted(&check.schemes, row) && own > 0).then_some(own)
            }
            Check::Above(check) => above(check, row, &holding(0, row.date, row.date)),
            Check::Age(check) => row.date.zip(row.person).and_then(|(date, person)| {
                let (year, month, of_month) = days::date(date);
                let birthday = (month, of_month) >= (6, 15);
                let age = year - (1950 + i32::from(person) * 3) - i32::from(!birthday);
                let outside =
                    check.min.is_some_and(|min| age < min) || check.max.is_some_and(|max| age > max);
                (outside && wanted(&check.schemes, row)).then_some(0)
            }),
            _ => None,
        };
        if let (Some(count), Some(person)) = (hit, person(at)) {
            found.entry(person).or_default().push((at as u64, count as u32));
        }
    }
    for (group, rows) in groups(rule, ledger) {
        let own: Vec<(u64, u32)> = rows.into_iter().map(|at| (at as u64, 0)).collect();
        if !own.is_empty() {
            found.insert(group, own);
        }
    }
    found.retain(|_, rows| {
        !rows.iter().all(|(at, _)| ledger[*at as usize].amount.is_some_and(|amount| amount <= 0))
    });
    found
}

fn above(check: &daylight_matching::rules::Above, row: &Row, holding: &[Listed]) -> Option<usize> {
    let over = |value: i64, limit: i64| value * 100 > limit * (100 + i64::from(check.tolerance_percent));
    let area = if check.area_roster.is_some() {
        let parcels: BTreeSet<_> = holding
            .iter()
            .filter(|own| own.area.is_some())
            .map(|own| (own.from, own.until, own.note, own.area))
            .collect();
        if parcels.is_empty() {
            return None;
        }
        Some(parcels.iter().filter_map(|own| own.3).sum::<i64>())
    } else {
        row.area
    };
    let count = if check.area_roster.is_some() { holding.len() } else { 0 };
    if check.claimed_area && row.area.zip(area).is_some_and(|(claim, area)| over(claim, area)) {
        return Some(count);
    }
    let day = row.date.unwrap_or(NO_DAY);
    let limit = check.limits.iter().find(|limit| limit.holds(SCHEMES[usize::from(row.scheme)], day))?;
    let most = match (limit.flat, limit.per_mu.zip(area)) {
        (Some(flat), Some((fen, area))) => flat.min(fen * area / 100),
        (Some(flat), None) => flat,
        (None, Some((fen, area))) => fen * area / 100,
        (None, None) => return None,
    };
    row.amount.is_some_and(|amount| over(amount, most)).then_some(count)
}

/// The rows in hits of rules that look at several rows, by subject.
fn groups(rule: &Rule, ledger: &[Row]) -> BTreeMap<String, Vec<usize>> {
    let mut found: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let end = |row: &Row| row.until.or(row.date);
    match &rule.check {
        Check::Overlap(check) => {
            for (at, a) in ledger.iter().enumerate() {
                let meets = ledger.iter().enumerate().any(|(other, b)| {
                    let (Some(a1), Some(a2), Some(b1), Some(b2)) = (a.date, end(a), b.date, end(b)) else {
                        return false;
                    };
                    let common = a2.min(b2) - a1.max(b1) + 1;
                    let name = |row: &Row| SCHEMES[usize::from(row.scheme)];
                    let excluded = check.excluding.iter().any(|set| {
                        set.iter().any(|own| **own == *name(a)) && set.iter().any(|own| **own == *name(b))
                    });
                    let counts = if a.scheme == b.scheme { check.same_scheme } else { excluded };
                    other != at && a.person == b.person && counts && common > check.grace_days as i32
                });
                if let Some(person) = a.person.filter(|_| meets) {
                    found.entry(id(person).to_text()).or_default().push(at);
                }
            }
        }
        Check::Shared(check) => {
            let mut all: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (at, row) in ledger.iter().enumerate() {
                let period = match (check.per, row.date) {
                    (Per::Ever, _) => 0,
                    (_, None) => continue,
                    (per, Some(date)) => {
                        let (year, month, _) = days::date(date);
                        if per == Per::Year { year as u32 } else { year as u32 * 100 + month }
                    }
                };
                let counted = match check.count {
                    Count::Persons => row.person.is_some(),
                    Count::Bodies => row.body != 0,
                    Count::Rows => true,
                };
                let enough =
                    check.min_amount.is_none_or(|min| row.amount.is_some_and(|amount| amount >= min));
                let Some(within) = within(check.within, row) else { continue };
                for field in check.keys.iter().filter(|_| counted && enough) {
                    let own = if *field == Field::Account { row.account } else { row.body };
                    if own != 0 {
                        let name = format!("{field:?} {} {within} {period}", key(own).to_text());
                        all.entry(name).or_default().push(at);
                    }
                }
            }
            for (name, rows) in all {
                let count = match check.count {
                    Count::Rows => rows.len(),
                    Count::Persons => rows.iter().map(|at| ledger[*at].person).collect::<BTreeSet<_>>().len(),
                    Count::Bodies => rows.iter().map(|at| ledger[*at].body).collect::<BTreeSet<_>>().len(),
                };
                if count >= check.at_least as usize {
                    found.insert(name, rows);
                }
            }
        }
        Check::Split(check) => {
            let near = |row: &Row| {
                row.amount.is_some_and(|amount| {
                    amount * 100 >= check.limit * i64::from(100 - check.near_percent) && amount < check.limit
                })
            };
            let group = |row: &Row| {
                let within = within(check.within, row)?;
                (row.account != 0 && near(row) && row.date.is_some())
                    .then(|| format!("{:?} {} {within} 0", Field::Account, key(row.account).to_text()))
            };
            for (at, row) in ledger.iter().enumerate() {
                let Some(own) = group(row) else { continue };
                // Some row begins a stretch that holds this one and enough others.
                let belongs =
                    ledger.iter().filter(|first| group(first).as_ref() == Some(&own)).any(|first| {
                        let inside = |other: &&Row| {
                            let days = other.date.zip(first.date).map(|(other, first)| other - first);
                            group(other).as_ref() == Some(&own)
                                && days.is_some_and(|days| (0..=check.days as i32).contains(&days))
                        };
                        inside(&row) && ledger.iter().filter(inside).count() >= check.at_least as usize
                    });
                if belongs {
                    found.entry(own).or_default().push(at);
                }
            }
        }
        _ => {}
    }
    found
}

fn within(field: Option<Field>, row: &Row) -> Option<String> {
    match field {
        None => Some(String::new()),
        Some(Field::Scheme) => {
            let scheme = SCHEMES[usize::from(row.scheme)];
            (!scheme.is_empty()).then(|| Key::text(scheme).to_text())
        }
        Some(_) => (row.body != 0).then(|| key(row.body).to_text()),
    }
}
