//! The checks of the rule language.

use crate::days::{Day, NO_DAY};
use crate::segments::{Field, Kind};
use serde::{Deserialize, Serialize};

/// What a rule looks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Check {
    /// The ledger's person stands on a roster at the time.
    OnRoster(OnRoster),
    /// One person draws schemes that exclude each other, or one scheme twice, in overlapping periods.
    Overlap(Overlap),
    /// One account, household, phone or address serves too many.
    Shared(Shared),
    /// An amount above the standard, or above the standard times an area; an area above the contracted one.
    Above(Above),
    /// The person is too young or too old on the day.
    Age(Age),
    /// Several amounts, each just under a limit, within some days.
    Split(Split),
}

/// How the time of a ledger's row must lie to the validity of a roster's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Window {
    /// The day of the payment lies within the validity (both ends included).
    Day,
    /// The period `date`..`until` of the ledger's row meets the validity.
    Period,
}

/// See [`Check::OnRoster`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OnRoster {
    /// The rosters, by name; standing on one is enough.
    pub rosters: Vec<Box<str>>,
    /// How the times must lie.
    pub window: Window,
    /// Days after the start of the validity that are forgiven (a death is told late).
    #[serde(default)]
    pub grace_days: u32,
    /// Amounts below this (in fen) are let be.
    #[serde(default)]
    pub min_amount: Option<i64>,
    /// The schemes it is about; empty means all.
    #[serde(default)]
    pub schemes: Vec<Box<str>>,
}

/// See [`Check::Overlap`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Overlap {
    /// Sets of schemes of which a person may draw one at a time.
    #[serde(default)]
    pub excluding: Vec<Vec<Box<str>>>,
    /// Whether the same scheme twice in overlapping periods counts.
    #[serde(default)]
    pub same_scheme: bool,
    /// So many common days are forgiven.
    #[serde(default)]
    pub grace_days: u32,
}

/// What is counted of those who share something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Count {
    /// Different persons.
    Persons,
    /// Different bodies, such as bidders.
    Bodies,
    /// Rows, such as payments.
    Rows,
}

/// The stretch of time rows are counted in, by their date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// All time.
    Ever,
    /// A calendar year; rows without a date are left out.
    Year,
    /// A calendar month; rows without a date are left out.
    Month,
}

/// See [`Check::Shared`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Shared {
    /// What is shared; each is looked at by itself.
    pub keys: Vec<Field>,
    /// Only rows that agree in this too are taken together (the same project, the same scheme).
    #[serde(default)]
    pub within: Option<Field>,
    /// What is counted.
    pub count: Count,
    /// From how many on it is a hit.
    pub at_least: u32,
    /// The stretch of time.
    pub per: Per,
    /// Amounts below this (in fen) are let be.
    #[serde(default)]
    pub min_amount: Option<i64>,
}

/// A standard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Limit {
    /// The scheme; blank is any.
    #[serde(default)]
    pub scheme: Box<str>,
    /// The first day it is in force (2024-01-01); blank is always.
    #[serde(default, with = "day_text")]
    pub from: Option<Day>,
    /// The last day.
    #[serde(default, with = "day_text")]
    pub until: Option<Day>,
    /// The most a row may have, in fen.
    #[serde(default)]
    pub flat: Option<i64>,
    /// The most for each mu, in fen.
    #[serde(default)]
    pub per_mu: Option<i64>,
}

/// See [`Check::Above`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Above {
    /// The standards; the first that fits a row's scheme and day holds.
    #[serde(default)]
    pub limits: Vec<Limit>,
    /// The roster of contracted areas; without it the ledger's own area counts for `per-mu`.
    #[serde(default)]
    pub area_roster: Option<Box<str>>,
    /// Whether a claimed area above the contracted one is a hit by itself.
    #[serde(default)]
    pub claimed_area: bool,
    /// So much above is forgiven, in hundredths.
    #[serde(default)]
    pub tolerance_percent: u32,
}

/// See [`Check::Age`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Age {
    /// The schemes it is about; empty means all.
    #[serde(default)]
    pub schemes: Vec<Box<str>>,
    /// The least age (周岁).
    #[serde(default)]
    pub min: Option<i32>,
    /// The greatest age.
    #[serde(default)]
    pub max: Option<i32>,
}

/// See [`Check::Split`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Split {
    /// Who is paid.
    pub key: Field,
    /// Only rows that agree in this too are taken together.
    #[serde(default)]
    pub within: Option<Field>,
    /// The limit in fen.
    pub limit: i64,
    /// An amount counts as just under it from limit × (100 − this) / 100 on.
    pub near_percent: u32,
    /// The days from the first to the last.
    pub days: u32,
    /// From how many on it is a hit.
    pub at_least: u32,
}

impl Check {
    pub(super) fn rosters(&self) -> &[Box<str>] {
        match self {
            Check::OnRoster(check) => &check.rosters,
            Check::Above(check) => check.area_roster.as_slice(),
            _ => &[],
        }
    }

    pub(super) fn needs(&self) -> Vec<Field> {
        let who = |count| match count {
            Count::Persons => Some(Field::Person),
            Count::Bodies => Some(Field::Body),
            Count::Rows => None,
        };
        match self {
            Check::OnRoster(_) => vec![Field::Person, Field::Date],
            Check::Overlap(_) => vec![Field::Person, Field::Date, Field::Scheme],
            Check::Shared(check) => check
                .within
                .into_iter()
                .chain(who(check.count))
                .chain((check.per != Per::Ever).then_some(Field::Date))
                .collect(),
            Check::Above(check) if check.claimed_area => vec![Field::Person, Field::Date, Field::Area],
            Check::Above(_) => vec![Field::Person, Field::Date, Field::Amount],
            Check::Age(_) => vec![Field::Person, Field::Date],
            Check::Split(check) => {
                [check.key, Field::Date, Field::Amount].into_iter().chain(check.within).collect()
            }
        }
    }

    pub(super) fn sensible(&self) -> Result<(), &'static str> {
        let is_key = |field: Field| !matches!(field.kind(), Kind::Day | Kind::Number);
        let fine = match self {
            Check::OnRoster(check) => !check.rosters.is_empty(),
            Check::Overlap(check) => check.same_scheme || check.excluding.iter().any(|set| set.len() > 1),
            Check::Shared(check) => {
                !check.keys.is_empty()
                    && check.at_least > 1
                    && check.keys.iter().chain(&check.within).all(|field| is_key(*field))
            }
            Check::Above(check) => {
                let each = |limit: &Limit| limit.flat.is_some() || limit.per_mu.is_some();
                (check.claimed_area && check.area_roster.is_some() || !check.limits.is_empty())
                    && check.limits.iter().all(each)
            }
            Check::Age(check) => check.min.is_some() || check.max.is_some(),
            Check::Split(check) => {
                check.limit > 0
                    && (1..=50).contains(&check.near_percent)
                    && check.at_least > 1
                    && is_key(check.key)
                    && check.within.is_none_or(is_key)
            }
        };
        if fine { Ok(()) } else { Err("the check's settings leave nothing to look for, or everything") }
    }
}

impl Limit {
    /// Whether it holds for a scheme on a day.
    #[must_use]
    pub fn holds(&self, scheme: &str, day: Day) -> bool {
        (self.scheme.is_empty() || *self.scheme == *scheme)
            && self.from.is_none_or(|from| day != NO_DAY && from <= day)
            && self.until.is_none_or(|until| day != NO_DAY && day <= until)
    }
}

/// Days as text in a rule's file.
mod day_text {
    use crate::days::{self, Day};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(day: &Option<Day>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&day.map_or(String::new(), days::text))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Day>, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(None);
        }
        days::parse(&text).map(Some).ok_or_else(|| serde::de::Error::custom("not a date such as 2024-01-01"))
    }
}
