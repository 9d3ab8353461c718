//! The calendar of working days.
//!
//! Monday to Friday are working days, Saturday and Sunday are not, unless the State Council's yearly
//! notice says otherwise. The notice is data: a file for each year, two of which are shipped. A year
//! without its file is counted by its weekends alone, and whatever is counted so says it: the date is
//! provisional and is reckoned anew when the year is loaded. No date at all would be worse: nobody
//! would be reminded, and nothing would ever be late.

use std::collections::{BTreeMap, BTreeSet};
use time::{Date, Month, Weekday, format_description::BorrowedFormatItem, macros::format_description};

const ISO: &[BorrowedFormatItem<'static>] = format_description!("[year]-[month]-[day]");

/// The years that come with the program.
const SHIPPED: [&str; 2] = [
    include_str!("../../../../assets/calendar/2025.csv"),
    include_str!("../../../../assets/calendar/2026.csv"),
];

/// What the notice makes of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A day off, also where it falls on a weekend: it has a name then.
    Holiday,
    /// A Saturday or Sunday on which offices work.
    Workday,
}

impl Kind {
    /// The word in files.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Holiday => "holiday",
            Kind::Workday => "workday",
        }
    }

    /// Reads [`Kind::code`].
    pub fn from_code(code: &str) -> Option<Kind> {
        [Kind::Holiday, Kind::Workday].into_iter().find(|kind| kind.code() == code)
    }
}

/// A day that differs from its weekday, or has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Off or on.
    pub kind: Kind,
    /// "春节", "春节调休上班".
    pub name: String,
}

/// One year as a file gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The year.
    pub year: i32,
    /// The notice it follows; shown beside every deadline as the version of the calendar.
    pub source: String,
    /// The days that differ.
    pub days: BTreeMap<Date, Day>,
}

/// What is wrong with a file, and in which line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("第{line}行：{problem}")]
pub struct CalendarError {
    /// From 1; for what is missing altogether, the last line.
    pub line: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong with a file; `Display` tells a clerk in Chinese.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No line "# 来源：…".
    #[error("没有写明来源，请在文件开头加一行“# 来源：通知名称”")]
    NoSource,
    /// No day at all: then nobody knows which year it is.
    #[error("文件里没有任何日期")]
    NoDays,
    /// Not three fields.
    #[error("应有三栏：日期,类型,名称，现在是{0}栏")]
    Fields(usize),
    /// No such day, or not written as 2026-01-01.
    #[error("日期“{0}”不存在或写法不对，请写成 2026-01-01 的样子")]
    Date(String),
    /// Neither holiday nor workday.
    #[error("类型“{0}”不对，应是 holiday（放假）或 workday（上班）")]
    Kind(String),
    /// No name.
    #[error("没有写明名称，例如“春节”")]
    NoName,
    /// A day of another year than the first.
    #[error("{found}不是{expected}年的日期，一个文件只放一年")]
    OtherYear {
        /// Year of the first day in the file.
        expected: i32,
        /// The stray day.
        found: Date,
    },
    /// The day was there before.
    #[error("{0}已经写过一次")]
    Twice(Date),
    /// A make-up day from Monday to Friday: those are working days anyway, so it is a slip.
    #[error("{0}本来就是周一至周五，不需要写成上班；请核对日期")]
    NotAWeekend(Date),
}

/// Whether offices work on a day, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They do.
    Working {
        /// "星期三", "春节调休上班".
        because: String,
    },
    /// They do not.
    Rest {
        /// "星期六", "国庆节".
        because: String,
    },
}

impl Answer {
    /// Whether the day counts.
    pub fn is_working(&self) -> bool {
        matches!(self, Answer::Working { .. })
    }

    /// Why.
    pub fn because(&self) -> &str {
        match self {
            Answer::Working { because } | Answer::Rest { because } => because,
        }
    }
}

/// How a deadline came about, day by day, for the page that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// The day of the event; it is not counted (民法典第二百零一条).
    pub from: Date,
    /// The last day: the deadline is its end.
    pub due: Date,
    /// The working days counted; as many as were added.
    pub counted: Vec<Date>,
    /// The days passed over, with the reason.
    pub skipped: Vec<(Date, String)>,
    /// The notices used, by year.
    pub versions: BTreeMap<i32, String>,
    /// The years of which no notice is loaded: their days were counted by weekends alone.
    pub provisional: BTreeSet<i32>,
}

/// The years that are loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Days that differ from their weekday, or have a name.
    pub days: BTreeMap<Date, Day>,
    /// Years that are known, each with its notice.
    pub years: BTreeMap<i32, String>,
}

/// Reads one year: comment lines begin with `#`, one of them is "# 来源：…"; then `date,kind,name`.
///
/// # Errors
///
/// Every line that cannot be read, not only the first: who mends the file mends it once.
pub fn parse(text: &str) -> Result<Loaded, Vec<CalendarError>> {
    let mut errors = Vec::new();
    let mut source = None;
    let mut days: BTreeMap<Date, Day> = BTreeMap::new();
    let mut year = None;
    let mut last = 1;
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        last = at + 1;
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            let given =
                comment.trim().strip_prefix("来源").map(|rest| rest.trim_start_matches(['：', ':']).trim());
            source = source.or(given.filter(|given| !given.is_empty()).map(str::to_owned));
            continue;
        }
        if line.is_empty() || line == "date,kind,name" {
            continue;
        }
        let read = day(line).and_then(|(date, day)| {
            let expected = *year.get_or_insert(date.year());
            if date.year() != expected {
                return Err(Problem::OtherYear { expected, found: date });
            }
            match days.insert(date, day) {
                Some(_) => Err(Problem::Twice(date)),
                None => Ok(()),
            }
        });
        if let Err(problem) = read {
            errors.push(CalendarError { line: last, problem });
        }
    }
    if source.is_none() {
        errors.push(CalendarError { line: last, problem: Problem::NoSource });
    }
    if year.is_none() && errors.iter().all(|error| error.problem == Problem::NoSource) {
        errors.push(CalendarError { line: last, problem: Problem::NoDays });
    }
    match (year, source) {
        (Some(year), Some(source)) if errors.is_empty() => Ok(Loaded { year, source, days }),
        _ => Err(errors),
    }
}

fn day(line: &str) -> Result<(Date, Day), Problem> {
    let fields: Vec<_> = line.split(',').map(str::trim).collect();
    let &[date, kind, name] = fields.as_slice() else { return Err(Problem::Fields(fields.len())) };
    let date = Date::parse(date, ISO).map_err(|_| Problem::Date(date.to_owned()))?;
    let kind = Kind::from_code(kind).ok_or_else(|| Problem::Kind(kind.to_owned()))?;
    if name.is_empty() {
        return Err(Problem::NoName);
    }
    if kind == Kind::Workday && !is_weekend(date) {
        return Err(Problem::NotAWeekend(date));
    }
    Ok((date, Day { kind, name: name.to_owned() }))
}

impl Calendar {
    /// The years that come with the program.
    pub fn shipped() -> Calendar {
        let mut calendar = Calendar::default();
        for year in SHIPPED {
            calendar.load(parse(year).expect("the shipped years are tested"));
        }
        calendar
    }

    /// Takes a year over; what was known of it before is forgotten.
    pub fn load(&mut self, loaded: Loaded) {
        self.days.retain(|date, _| date.year() != loaded.year);
        self.days.extend(loaded.days);
        self.years.insert(loaded.year, loaded.source);
    }

    /// Whether the notice of a year is loaded; the days of others are those of the week and no more.
    pub fn knows(&self, year: i32) -> bool {
        self.years.contains_key(&year)
    }

    /// The year whose notice must be loaded next, so many days before it is needed: this year's, or the coming one's.
    pub fn lacks(&self, today: Date, days_before: i64) -> Option<i32> {
        let soon = today.saturating_add(time::Duration::days(days_before)).year();
        (today.year()..=soon).find(|year| !self.knows(*year))
    }

    /// Whether offices work on a day, and why. Of a year that is not loaded only the weekends are known.
    pub fn is_working_day(&self, date: Date) -> Answer {
        let because = || weekday(date).to_owned();
        match self.days.get(&date) {
            Some(Day { kind: Kind::Holiday, name }) => Answer::Rest { because: name.clone() },
            Some(Day { kind: Kind::Workday, name }) => Answer::Working { because: name.clone() },
            None if is_weekend(date) => Answer::Rest { because: because() },
            None => Answer::Working { because: because() },
        }
    }

    /// The `n`th working day after a day. The day itself is not counted; 0 gives the day itself.
    pub fn add_working_days(&self, from: Date, n: u32) -> Sum {
        let mut sum = Sum {
            from,
            due: from,
            counted: Vec::new(),
            skipped: Vec::new(),
            versions: BTreeMap::new(),
            provisional: BTreeSet::new(),
        };
        // The end of time is the last day there is.
        while let Some(next) = sum.due.next_day().filter(|_| sum.counted.len() < n as usize) {
            sum.due = next;
            match self.is_working_day(next) {
                Answer::Working { .. } => sum.counted.push(next),
                Answer::Rest { because } => sum.skipped.push((next, because)),
            }
        }
        for year in from.year()..=sum.due.year() {
            match self.years.get(&year) {
                Some(source) => drop(sum.versions.insert(year, source.clone())),
                None => drop(sum.provisional.insert(year)),
            }
        }
        sum
    }

    /// How many working days lie after `from` up to and including `to`; 0 when `to` is not later.
    pub fn working_days_between(&self, from: Date, to: Date) -> u32 {
        let mut count = 0;
        let mut at = from;
        while let Some(next) = at.next_day().filter(|next| *next <= to) {
            at = next;
            count += u32::from(self.is_working_day(at).is_working());
        }
        count
    }

    /// How many days of a year offices work; none of a year that is not loaded.
    pub fn working_days_in(&self, year: i32) -> Option<u32> {
        let day = |month, day| Date::from_calendar_date(year, month, day).ok();
        let (first, last) = (day(Month::January, 1)?, day(Month::December, 31)?);
        let on_first = self.is_working_day(first).is_working();
        self.knows(year).then(|| self.working_days_between(first, last) + u32::from(on_first))
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn weekday(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "星期一",
        Weekday::Tuesday => "星期二",
        Weekday::Wednesday => "星期三",
        Weekday::Thursday => "星期四",
        Weekday::Friday => "星期五",
        Weekday::Saturday => "星期六",
        Weekday::Sunday => "星期日",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::{Duration, macros::date};

    #[test]
    fn the_two_shipped_years_have_248_working_days_each() {
        let calendar = Calendar::shipped();
        assert_eq!(calendar.years.keys().copied().collect::<Vec<_>>(), [2025, 2026]);
        assert_eq!(calendar.working_days_in(2025), Some(248));
        assert_eq!(calendar.working_days_in(2026), Some(248));
        assert_eq!(calendar.working_days_in(2027), None);
    }

    #[test]
    fn the_shipped_years_count_holidays_and_make_up_days_as_announced() {
        for (text, year, holidays, workdays) in [(SHIPPED[0], 2025, 28, 5), (SHIPPED[1], 2026, 33, 6)] {
            let loaded = parse(text).unwrap();
            let count = |kind| loaded.days.values().filter(|day| day.kind == kind).count();
            assert_eq!((loaded.year, count(Kind::Holiday), count(Kind::Workday)), (year, holidays, workdays));
            assert!(loaded.source.contains("国务院办公厅"), "{}", loaded.source);
        }
    }

    #[test]
    fn a_day_says_why() {
        let calendar = Calendar::shipped();
        let answer = |date| calendar.is_working_day(date);
        assert_eq!(answer(date!(2025 - 10 - 06)), Answer::Rest { because: "国庆节、中秋节".into() });
        assert_eq!(answer(date!(2026 - 02 - 14)), Answer::Working { because: "春节调休上班".into() });
        assert_eq!(answer(date!(2026 - 03 - 07)), Answer::Rest { because: "星期六".into() });
        assert_eq!(answer(date!(2026 - 03 - 09)), Answer::Working { because: "星期一".into() });
    }

    #[test]
    fn a_deadline_over_the_spring_festival_shows_its_arithmetic() {
        let sum = Calendar::shipped().add_working_days(date!(2026 - 02 - 12), 3);
        // Friday the 13th, the make-up Saturday, then the first Tuesday after nine days off.
        assert_eq!(sum.counted, [date!(2026 - 02 - 13), date!(2026 - 02 - 14), date!(2026 - 02 - 24)]);
        assert_eq!(sum.due, date!(2026 - 02 - 24));
        assert_eq!(sum.skipped.len(), 9);
        assert!(sum.skipped.iter().all(|(_, name)| name == "春节"));
        assert_eq!(sum.versions.keys().copied().collect::<Vec<_>>(), [2026]);
    }

    #[test]
    fn a_deadline_over_new_year_names_both_notices() {
        let sum = Calendar::shipped().add_working_days(date!(2025 - 12 - 31), 2);
        assert_eq!(sum.counted, [date!(2026 - 01 - 04), date!(2026 - 01 - 05)]);
        assert_eq!(sum.versions.keys().copied().collect::<Vec<_>>(), [2025, 2026]);
    }

    #[test]
    fn a_year_that_is_not_loaded_is_counted_by_weekends_and_says_so() {
        let mut calendar = Calendar::shipped();
        let sum = calendar.add_working_days(date!(2026 - 12 - 30), 3);
        // New Year's Day is a Friday, and nothing is known of it.
        assert_eq!(sum.counted, [date!(2026 - 12 - 31), date!(2027 - 01 - 01), date!(2027 - 01 - 04)]);
        assert_eq!(sum.versions.keys().copied().collect::<Vec<_>>(), [2026]);
        assert_eq!(sum.provisional, BTreeSet::from([2027]));
        assert_eq!(calendar.working_days_between(date!(2026 - 12 - 30), date!(2027 - 01 - 04)), 3);
        calendar.load(parse("# 来源：某通知\n2027-01-01,holiday,元旦\n").unwrap());
        let sum = calendar.add_working_days(date!(2026 - 12 - 30), 3);
        assert_eq!((sum.due, sum.provisional.len()), (date!(2027 - 01 - 05), 0));
        // Nor is there anything after the end of time.
        assert_eq!(calendar.add_working_days(Date::MAX, 3).due, Date::MAX);
    }

    #[test]
    fn the_year_that_is_lacking_is_known_before_it_begins() {
        let calendar = Calendar::shipped();
        assert_eq!(calendar.lacks(date!(2026 - 11 - 01), 60), None);
        assert_eq!(calendar.lacks(date!(2026 - 11 - 02), 60), Some(2027));
        assert_eq!(calendar.lacks(date!(2027 - 03 - 01), 60), Some(2027));
        assert_eq!(calendar.lacks(date!(2025 - 12 - 31), 60), None);
    }

    #[test]
    fn nothing_added_is_the_day_itself() {
        let sum = Calendar::shipped().add_working_days(date!(2026 - 10 - 01), 0);
        assert_eq!((sum.due, sum.counted.len()), (date!(2026 - 10 - 01), 0));
        let backwards =
            Calendar::shipped().working_days_between(date!(2026 - 10 - 09), date!(2026 - 10 - 01));
        assert_eq!(backwards, 0);
    }

    #[test]
    fn a_bad_file_says_every_line_that_is_wrong() {
        let text = "# 来源：某通知\ndate,kind,name\n2027-01-01,holiday,元旦\n2027-02-30,holiday,春节\n\
                    2027-01-02,off,元旦\n2027-01-03,holiday\n2026-01-01,holiday,元旦\n2027-01-01,holiday,元旦\n\
                    2027-01-04,workday,元旦\n2027-01-05,holiday,\n";
        let errors = parse(text).unwrap_err();
        let found: Vec<_> = errors.iter().map(|error| (error.line, error.problem.clone())).collect();
        assert_eq!(
            found,
            [
                (4, Problem::Date("2027-02-30".into())),
                (5, Problem::Kind("off".into())),
                (6, Problem::Fields(2)),
                (7, Problem::OtherYear { expected: 2027, found: date!(2026 - 01 - 01) }),
                (8, Problem::Twice(date!(2027 - 01 - 01))),
                (9, Problem::NotAWeekend(date!(2027 - 01 - 04))),
                (10, Problem::NoName),
            ]
        );
        assert!(errors[0].to_string().starts_with("第4行：日期“2027-02-30”不存在"));
        let nothing = parse("date,kind,name\n").unwrap_err();
        let nothing: Vec<_> = nothing.into_iter().map(|error| error.problem).collect();
        assert_eq!(nothing, [Problem::NoSource, Problem::NoDays]);
    }

    #[test]
    fn a_file_from_a_spreadsheet_is_read() {
        let loaded =
            parse("\u{feff}# 来源: 某通知\r\ndate,kind,name\r\n2027-01-01, holiday, 元旦\r\n").unwrap();
        assert_eq!((loaded.year, loaded.source.as_str(), loaded.days.len()), (2027, "某通知", 1));
    }

    #[test]
    fn a_year_loaded_again_takes_the_place_of_the_old() {
        let mut calendar = Calendar::shipped();
        calendar.load(parse("# 来源：更正\n2026-01-01,holiday,元旦\n").unwrap());
        assert_eq!(calendar.years[&2026], "更正");
        assert_eq!(calendar.working_days_in(2026), Some(260));
        assert_eq!(calendar.working_days_in(2025), Some(248));
    }

    proptest! {
        #[test]
        fn adding_and_counting_back_agree(start in 0i64..500, n in 0u32..120) {
            let calendar = Calendar::shipped();
            let from = date!(2025 - 01 - 01) + Duration::days(start);
            let sum = calendar.add_working_days(from, n);
            prop_assert_eq!(calendar.working_days_between(from, sum.due), n);
            prop_assert_eq!(sum.counted.len() as u32, n);
        }

        #[test]
        fn every_day_up_to_the_deadline_is_counted_or_passed_over(start in 0i64..500, n in 1u32..120) {
            let calendar = Calendar::shipped();
            let from = date!(2025 - 01 - 01) + Duration::days(start);
            let sum = calendar.add_working_days(from, n);
            let days = (sum.due - from).whole_days();
            prop_assert_eq!((sum.counted.len() + sum.skipped.len()) as i64, days);
            for (date, name) in &sum.skipped {
                prop_assert!(!name.is_empty());
                prop_assert!(!calendar.is_working_day(*date).is_working());
            }
            prop_assert!(calendar.is_working_day(sum.due).is_working());
        }

        #[test]
        fn one_more_day_never_comes_earlier(start in 0i64..500, n in 0u32..120) {
            let calendar = Calendar::shipped();
            let from = date!(2025 - 01 - 01) + Duration::days(start);
            let due = |n| calendar.add_working_days(from, n).due;
            prop_assert!(due(n) < due(n + 1));
        }

        #[test]
        fn no_text_panics(text in "(#.{0,10}\n)?[0-9,a-z\\-\n]{0,60}|.{0,40}") {
            let _ = parse(&text);
        }
    }
}
