//! A due date with the arithmetic that made it.
//!
//! What comes after a deadline has passed does not move it: asking, extending or filing late cannot make a
//! late organ punctual. Each such attempt stands in the arithmetic as what it is.

use super::{Rule, Term};
use crate::{
    calendar::Calendar,
    clock::{Millis, beijing, date_text, end_of_day},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};
use time::{Date, Duration, Month, util::days_in_month};

/// A time in which the organ waits for the reporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When the question was put.
    pub from: Millis,
    /// When it was answered or given up; none while it is open.
    pub until: Option<Millis>,
}

/// Time a leader added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension {
    /// When it was approved.
    pub at: Millis,
    /// How much.
    pub by: Term,
}

/// A clock that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// By which rule.
    pub rule: Rule,
    /// When.
    pub started: Millis,
    /// When what it measures was done; none while it runs.
    pub ended: Option<Millis>,
    /// When a case was filed, if one was.
    pub filed: Option<Millis>,
    /// In the order in which they began, not overlapping.
    pub pauses: Vec<Pause>,
    /// In order.
    pub extensions: Vec<Extension>,
    /// The most days one pause counts for.
    pub pause_most: u32,
}

/// What moved a deadline, or would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A case was filed.
    Filed,
    /// The reporter was asked.
    Paused,
    /// A leader gave more time.
    Extended,
}

/// One line of the arithmetic; `Display` prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Where counting begins.
    Started {
        /// That day, which is not counted.
        on: Date,
        /// "收到".
        moment: &'static str,
    },
    /// The term of the rule, or the longer one of a filed case.
    Added {
        /// How long.
        term: Term,
        /// On what it rests; for a filed case the day of filing.
        because: String,
        /// Days on which offices rest, passed over.
        rest_days: usize,
        /// Where that leads.
        to: Date,
    },
    /// Days in which the clock stood.
    Stood {
        /// From which day.
        from: Date,
        /// To which.
        until: Date,
        /// How many counted, in days or working days as the term is.
        days: u32,
        /// Where that leads.
        to: Date,
    },
    /// Time added.
    Extended {
        /// When.
        on: Date,
        /// How much.
        term: Term,
        /// Where that leads.
        to: Date,
    },
    /// Came after the deadline and changes nothing.
    TooLate {
        /// What.
        change: Change,
        /// When.
        on: Date,
    },
    /// Working days of this year were counted by weekends alone.
    Provisional {
        /// The year of which no notice is loaded.
        year: i32,
    },
}

/// A due date and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The last day.
    pub date: Date,
    /// Its last millisecond in Beijing.
    pub at: Millis,
    /// The clock stands: a question to the reporter is open, and the date moves on with it.
    pub standing: bool,
    /// The sum, line by line.
    pub lines: Vec<Line>,
    /// The notices on working days that were used, by year.
    pub versions: BTreeMap<i32, String>,
    /// The years that were counted by weekends alone, for their notice is not loaded yet: then the date is
    /// reckoned anew when it is.
    pub provisional: BTreeSet<i32>,
}

impl Due {
    /// What stands behind the date where it may yet move for want of a calendar; else nothing.
    pub fn mark(&self) -> &'static str {
        if self.provisional.is_empty() { "" } else { "（暂按周末计算）" }
    }
}

/// Why no time is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoExtension {
    /// The rule has none.
    #[error("这个期限不能延长")]
    Never,
    /// Once is all.
    #[error("已经延长过一次，不能再延长")]
    Twice,
    /// The deadline has passed.
    #[error("期限已过，不能再延长；请抓紧办理并向反映人说明原因")]
    Late,
    /// More than the rule gives, or another unit, or nothing.
    #[error("延长的时间不对，最多可延长{}", .0.page())]
    TooLong(Term),
}

/// The same day `n` months later, or that month's last: 31 January and one month is the end of February.
pub fn add_months(date: Date, n: u32) -> Option<Date> {
    let months = i32::from(u8::from(date.month())) - 1 + i32::try_from(n).ok()?;
    let year = date.year().checked_add(months / 12)?;
    let month = Month::try_from(u8::try_from(months % 12 + 1).ok()?).ok()?;
    Date::from_calendar_date(year, month, date.day().min(days_in_month(month, year))).ok()
}

/// Counting in progress.
struct Count<'a> {
    calendar: &'a Calendar,
    due: Due,
}

impl Count<'_> {
    /// Adds to a day; gives the day it leads to and the rest days passed over.
    fn add(&mut self, from: Date, term: Term) -> (Date, usize) {
        match term {
            Term::Days(n) => (from.saturating_add(Duration::days(n.into())), 0),
            Term::Months(n) => (add_months(from, n).unwrap_or(Date::MAX), 0),
            Term::WorkingDays(n) => {
                let sum = self.calendar.add_working_days(from, n);
                self.due.versions.extend(sum.versions);
                self.due.provisional.extend(sum.provisional);
                (sum.due, sum.skipped.len())
            }
        }
    }

    fn settle(&mut self, to: Date, line: Line) {
        self.due.date = to;
        self.due.lines.push(line);
    }
}

impl Run {
    /// When it must be done. There is always a date: a year without calendar is counted by its weekends and named.
    pub fn due(&self, calendar: &Calendar, now: Millis) -> Due {
        let start = day(self.started);
        let lines = vec![Line::Started { on: start, moment: self.rule.from.page() }];
        let (versions, provisional) = (BTreeMap::new(), BTreeSet::new());
        let due = Due { date: start, at: 0, standing: false, lines, versions, provisional };
        let mut count = Count { calendar, due };
        self.begin(&mut count, self.rule.term, self.rule.source.page(), &[]);
        // What moved it so far, to be added again when filing replaces the term.
        let mut moved = Vec::new();
        for (on, change, pause, extension) in self.changes() {
            if on > count.due.date {
                count.due.lines.push(Line::TooLate { change, on });
                continue;
            }
            if let Some(pause) = pause {
                moved.push(self.stand(&mut count, pause, now));
            } else if let Some(term) = extension {
                let (to, _) = count.add(count.due.date, term);
                count.settle(to, Line::Extended { on, term, to });
                moved.push(term);
            } else if let Some(term) = self.rule.filed {
                let (before, lines) = (count.due.date, count.due.lines.len());
                self.begin(&mut count, term, format!("{}立案", page(on)), &moved);
                // A profile whose filed term is shorter does not take time away from a case under way.
                if count.due.date < before {
                    count.due.date = before;
                    count.due.lines.truncate(lines);
                }
            }
        }
        count.due.at = end_of_day(count.due.date);
        let years: Vec<_> =
            count.due.provisional.iter().map(|year| Line::Provisional { year: *year }).collect();
        count.due.lines.extend(years);
        count.due
    }

    /// Whether it was done too late, or is late by now.
    pub fn is_overdue(&self, due: &Due, now: Millis) -> bool {
        self.ended.unwrap_or(now) > due.at
    }

    /// Whether a leader may add time, and not more than the rule gives.
    ///
    /// # Errors
    ///
    /// [`NoExtension`] says why not.
    pub fn may_extend(&self, by: Term, due: &Due, now: Millis) -> Result<Extension, NoExtension> {
        let most = self.rule.extension.ok_or(NoExtension::Never)?;
        let same_unit = std::mem::discriminant(&by) == std::mem::discriminant(&most);
        if !self.extensions.is_empty() {
            Err(NoExtension::Twice)
        } else if now > due.at {
            Err(NoExtension::Late)
        } else if !same_unit || by.count() == 0 || by.count() > most.count() {
            Err(NoExtension::TooLong(most))
        } else {
            Ok(Extension { at: now, by })
        }
    }

    /// What may move the date, in the order in which it came.
    fn changes(&self) -> Vec<(Date, Change, Option<Pause>, Option<Term>)> {
        let within = |at: Millis| at >= self.started && self.ended.is_none_or(|ended| at < ended);
        let filed = self.filed.filter(|_| self.rule.filed.is_some());
        let filed = filed.map(|at| (at, Change::Filed, None, None));
        let pauses = self.pauses.iter().map(|pause| (pause.from, Change::Paused, Some(*pause), None));
        let extended = self.extensions.iter().map(|more| (more.at, Change::Extended, None, Some(more.by)));
        let mut all: Vec<_> = filed.into_iter().chain(pauses).chain(extended).collect();
        // Filing before the clock began still lengthens it; asking then has nothing to stop.
        all.retain(|(at, change, ..)| within(*at) || (*change == Change::Filed && *at < self.started));
        all.sort_by_key(|(at, ..)| *at);
        all.into_iter().map(|(at, change, pause, more)| (day(at), change, pause, more)).collect()
    }

    fn begin(&self, count: &mut Count<'_>, term: Term, because: String, moved: &[Term]) {
        let (mut to, rest_days) = count.add(day(self.started), term);
        for term in moved {
            to = count.add(to, *term).0;
        }
        count.settle(to, Line::Added { term, because, rest_days, to });
    }

    /// Lets the clock stand, at most `pause_most` days. Gives what that adds.
    fn stand(&self, count: &mut Count<'_>, pause: Pause, now: Millis) -> Term {
        let from = day(pause.from);
        let most = from.saturating_add(Duration::days(self.pause_most.into()));
        let open = pause.until.is_none() && self.ended.is_none();
        let end = pause.until.or(self.ended).unwrap_or(now);
        let until = day(end).clamp(from, most);
        count.due.standing = open && until < most;
        let added = match self.rule.term {
            Term::WorkingDays(_) => Term::WorkingDays(count.calendar.working_days_between(from, until)),
            _ => Term::Days(u32::try_from((until - from).whole_days()).unwrap_or(0)),
        };
        let (to, _) = count.add(count.due.date, added);
        count.settle(to, Line::Stood { from, until, days: added.count(), to });
        added
    }
}

fn day(at: Millis) -> Date {
    beijing(at).date()
}

fn page(date: Date) -> String {
    date_text(end_of_day(date))
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Line::Started { on, moment } => write!(f, "{}{moment}，当日不计", page(*on)),
            Line::Added { term, because, rest_days, to } => {
                let skipped = match rest_days {
                    0 => String::new(),
                    days => format!("，其中休息日{days}天不计"),
                };
                write!(f, "{because}，{}{skipped}：到{}", term.page(), page(*to))
            }
            Line::Stood { from, until, days, to } => {
                let (from, until) = (page(*from), page(*until));
                write!(f, "{from}至{until}等待反映人补充，停{days}天：到{}", page(*to))
            }
            Line::Extended { on, term, to } => {
                write!(f, "{}经批准延长{}：到{}", page(*on), term.page(), page(*to))
            }
            Line::TooLate { change, on } => {
                let what = match change {
                    Change::Filed => "立案",
                    Change::Paused => "请反映人补充",
                    Change::Extended => "批准延长",
                };
                write!(f, "{}{what}，当时期限已过，不改变期限", page(*on))
            }
            Line::Provisional { year } => {
                write!(f, "{year}年的放假安排还没有公布或载入，这一年的工作日暂按周末计算，载入后重新计算")
            }
        }
    }
}

#[cfg(test)]
#[path = "due_tests.rs"]
mod tests;
