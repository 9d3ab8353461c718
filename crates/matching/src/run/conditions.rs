//! What a rule asks of one row.

use crate::days::{self, Day, NO_DAY};
use crate::packed::Key;
use crate::rules::{Above, Check, Count, OnRoster, Per};
use crate::segments::{Batch, Field};

/// Whether a period meets a validity after its days of grace; if so, by how many days at the nearer edge.
pub(super) fn slack(grace: u32, from: Day, until: Day, date: Day, end: Day) -> Option<u32> {
    if from == NO_DAY && until == NO_DAY {
        return Some(u32::MAX);
    }
    if date == NO_DAY {
        return None;
    }
    let after_start = if from == NO_DAY {
        i64::from(u32::MAX)
    } else {
        i64::from(end) - i64::from(from) - i64::from(grace)
    };
    let before_end = if until == NO_DAY { i64::from(u32::MAX) } else { i64::from(until) - i64::from(date) };
    // A validity shorter than the grace holds on no day.
    let any = from == NO_DAY || until == NO_DAY || i64::from(from) + i64::from(grace) <= i64::from(until);
    (any && end >= date && after_start >= 0 && before_end >= 0).then(|| after_start.min(before_end) as u32)
}

pub(super) fn fits(check: &OnRoster, batch: &Batch, at: usize) -> bool {
    let enough = check
        .min_amount
        .is_none_or(|min| batch.number(Field::Amount, at).is_some_and(|amount| amount.abs() >= min));
    enough && wanted(&check.schemes, batch, at)
}

pub(super) fn wanted(schemes: &[Box<str>], batch: &Batch, at: usize) -> bool {
    schemes.is_empty() || schemes.iter().any(|scheme| **scheme == *batch.text(Field::Scheme, at))
}

pub(super) fn beyond(value: i64, limit: i64, percent: u32) -> bool {
    i128::from(value) * 100 > i128::from(limit) * (100 + i128::from(percent))
}

/// The standard a row's amount goes beyond.
pub(super) fn above(check: &Above, batch: &Batch, at: usize, area: Option<i64>) -> Option<i64> {
    let amount = batch.number(Field::Amount, at)?;
    let (scheme, date) = (batch.text(Field::Scheme, at), batch.day(Field::Date, at));
    let limit = check.limits.iter().find(|limit| limit.holds(scheme, date))?;
    let by_area = limit.per_mu.zip(area).map(|(fen, area)| (i128::from(fen) * i128::from(area) / 100) as i64);
    let most = limit.flat.into_iter().chain(by_area).min()?;
    beyond(amount, most, check.tolerance_percent).then_some(most)
}

/// Within what, and in what stretch of time, a row is taken together with others; `None` when it is not.
pub(super) fn group_of(check: &Check, batch: &Batch, at: usize) -> Option<(Key, u32)> {
    let date = batch.day(Field::Date, at);
    let within = |field: Option<Field>| match field {
        None => Some(Key::NONE),
        Some(field) => Some(batch.key(field, at)).filter(|key| !key.is_none()),
    };
    match check {
        Check::Overlap(_) => (date != NO_DAY).then_some((Key::NONE, 0)),
        Check::Shared(check) => {
            let amount = batch.number(Field::Amount, at);
            if check.min_amount.is_some_and(|min| amount.is_none_or(|amount| amount < min)) {
                return None;
            }
            let counted = match check.count {
                Count::Persons => batch.person(at).is_some(),
                Count::Bodies => !batch.key(Field::Body, at).is_none(),
                Count::Rows => true,
            };
            if !counted {
                return None;
            }
            let period = match (check.per, date) {
                (Per::Ever, _) => 0,
                (_, NO_DAY) => return None,
                (per, date) => {
                    let (year, month, _) = days::date(date);
                    if per == Per::Year { year as u32 } else { year as u32 * 100 + month }
                }
            };
            Some((within(check.within)?, period))
        }
        Check::Split(check) => {
            let amount = batch.number(Field::Amount, at)?;
            let near = i128::from(check.limit) * i128::from(100 - check.near_percent);
            let under = i128::from(amount) * 100 >= near && amount < check.limit && date != NO_DAY;
            if under { Some((within(check.within)?, 0)) } else { None }
        }
        _ => None,
    }
}

/// A key's part must not depend on anything but the key.
pub(super) fn spread(key: Key) -> u64 {
    let wide = key.get();
    let folded = (wide as u64) ^ ((wide >> 64) as u64).rotate_left(32);
    folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32
}
