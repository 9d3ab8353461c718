use super::{ValueError, number, parse_chinese_number, quote};
use serde::{Deserialize, Serialize};
use std::{cmp::Ordering, fmt};

/// A date as far as it is known: a year, a month, or a day. Dates compare by their first day, the vaguer first.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct PartialDate {
    /// 1900 to 2100.
    pub year: i32,
    /// 1 to 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<u8>,
    /// 1 to 31; only with a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<u8>,
    /// Written as `2021.1`: typed as text it is January, but the number 2021.10 (October) is stored and shown
    /// the same. Ask the clerk. Not part of equality or order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ambiguous: bool,
}

impl PartialDate {
    /// A date that exists, or `None`.
    pub fn new(year: i32, month: Option<u8>, day: Option<u8>) -> Option<Self> {
        Self::checked(year, month, day, "").ok()
    }

    /// The day of a real Excel date (days since 1899-12-30; the time of day is dropped). `None` outside 1900–2100.
    /// Excel's invented 29 February 1900 is answered with the 28th.
    pub fn from_excel_serial(serial: f64) -> Option<Self> {
        if !(1.0..100_000.0).contains(&serial) {
            return None;
        }
        let days = serial.floor() as i64;
        // Excel counts a leap day in 1900 that never was.
        let days = if days < 60 { days + 1 } else { days };
        let (year, month, day) = civil_from_days(days - 25_569);
        Self::new(year, Some(month), Some(day))
    }

    /// The first day it may mean: (year, month, day).
    pub fn first_day(&self) -> (i32, u8, u8) {
        (self.year, self.month.unwrap_or(1), self.day.unwrap_or(1))
    }

    fn checked(year: i32, month: Option<u8>, day: Option<u8>, text: &str) -> Result<Self, ValueError> {
        let wrong = |part| ValueError::NoSuchDay { text: quote(text), part };
        if !(1900..=2100).contains(&year) {
            return Err(wrong("年份"));
        }
        match (month, day) {
            (None, Some(_)) => return Err(wrong("月份")),
            (Some(month), _) if !(1..=12).contains(&month) => return Err(wrong("月份")),
            (Some(month), Some(day)) if !(1..=days_in(year, month)).contains(&day) => {
                return Err(wrong("日期"));
            }
            _ => {}
        }
        Ok(Self { year, month, day, ambiguous: false })
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(f, "-{day:02}")?;
        }
        Ok(())
    }
}

impl PartialEq for PartialDate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for PartialDate {}

impl PartialOrd for PartialDate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PartialDate {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.year, self.month, self.day).cmp(&(other.year, other.month, other.day))
    }
}

fn days_in(year: i32, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 to a calendar date (H. Hinnant, "chrono-compatible low-level date algorithms").
fn civil_from_days(days: i64) -> (i32, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let doe = days.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year as i32, month as u8, (doy - (153 * mp + 2) / 5 + 1) as u8)
}

/// Reads a date or a month as offices write them: 2023年9月, 2019-02-01, 2021/3/1, 2020.05, 2021.1 (marked
/// [`ambiguous`](PartialDate::ambiguous)), 202506, 20250601, 二〇二六年三月, with spaces, full-width digits, a time of
/// day behind or a trailing 起 or 至今. A year alone is accepted too. Two-digit years are refused, not guessed.
pub fn parse_month(text: &str) -> Result<PartialDate, ValueError> {
    let squashed = daylight_ids::text::squash(&spaced(&without_time(text)));
    let mut rest = squashed.as_str();
    if rest.is_empty() {
        return Err(ValueError::Blank);
    }
    if rest.ends_with([')', '）'])
        && let Some(open) = rest.find(['(', '（'])
    {
        rest = &rest[..open];
    }
    rest = rest.strip_prefix('自').unwrap_or(rest);
    for tail in ["至今", "以来", "起", "始", "任职", "任"] {
        rest = rest.strip_suffix(tail).unwrap_or(rest);
    }
    let rest = rest.trim_end_matches(['-', '—', '－', '~', '～', '至', '.', '。']);
    let parts = parts(rest).ok_or_else(|| ValueError::NotADate(quote(text)))?;
    let small = |part: Option<&u64>| part.map(|&part| u8::try_from(part).unwrap_or(u8::MAX));
    let mut date = PartialDate::checked(
        i32::try_from(parts[0]).unwrap_or(i32::MAX),
        small(parts.get(1)),
        small(parts.get(2)),
        text,
    )?;
    date.ambiguous = rest.len() == 6 && rest.ends_with(".1");
    Ok(date)
}

/// `2023-09-01 08:30:00` and `2023-09-01T08:30` without the time.
fn without_time(text: &str) -> String {
    let text = daylight_ids::text::halfwidth(text);
    let text = text.trim();
    match text.find(':') {
        Some(colon) => {
            let before = text[..colon].trim_end_matches(|c: char| c.is_ascii_digit());
            before.strip_suffix(['T', ' ', '\t']).map_or(text, str::trim_end).to_owned()
        }
        None => text.to_owned(),
    }
}

/// `2021 3 5`: blanks between year, month and day are separators, anywhere else they are slips of the hand. Taking
/// them out would make 2021 1 2 a December.
fn spaced(text: &str) -> String {
    let groups: Vec<&str> = text.split_whitespace().collect();
    let digits = |group: &&str| group.bytes().all(|byte| byte.is_ascii_digit());
    let dated = matches!(groups.as_slice(), [year, rest @ ..]
        if year.len() == 4 && matches!(rest.len(), 1 | 2) && rest.iter().all(|part| part.len() <= 2));
    if dated && groups.iter().all(digits) { groups.join("-") } else { text.to_owned() }
}

/// Year, perhaps month, perhaps day.
fn parts(text: &str) -> Option<Vec<u64>> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let cuts: &[usize] = match text.len() {
            4 => &[0, 4],
            6 => &[0, 4, 6],
            8 => &[0, 4, 6, 8],
            _ => return None,
        };
        return cuts.windows(2).map(|cut| text[cut[0]..cut[1]].parse().ok()).collect();
    }
    if text.contains('年') {
        return spoken(text);
    }
    let separator = text.chars().find(|c| number::digit(*c).is_none() && *c != '十')?;
    if !"-/.－—–‐·、．\\。_,，".contains(separator) {
        return None;
    }
    let parts: Vec<&str> = text.split(separator).collect();
    let long = |part: &&str| part.chars().count();
    let well_formed = (2..=3).contains(&parts.len())
        && long(&parts[0]) == 4
        && parts[0].chars().all(|c| number::digit(c).is_some())
        && parts[1..].iter().all(|part| (1..=3).contains(&long(part)))
        && parts[1..].iter().all(|part| long(part) < 3 || !part.is_ascii());
    if well_formed { parts.iter().map(|part| parse_chinese_number(part)).collect() } else { None }
}

/// 2023年9月1日, 二〇二六年三月, 2023年.
fn spoken(text: &str) -> Option<Vec<u64>> {
    let (year, rest) = text.split_once('年')?;
    // The circle of 二〇二六 is also typed as the letter O.
    let year: String = year.chars().map(|c| if matches!(c, 'o' | 'O') { '〇' } else { c }).collect();
    if year.chars().count() != 4 || !year.chars().all(|c| number::digit(c).is_some()) {
        return None;
    }
    let mut parts = vec![parse_chinese_number(&year)?];
    let rest = rest.trim_end_matches(['份', '底', '初']);
    if rest.is_empty() || rest == "度" {
        return Some(parts);
    }
    let (month, day) = rest.split_once('月').unwrap_or((rest, ""));
    parts.push(parse_chinese_number(month)?);
    let day = day.trim_end_matches(['日', '号']);
    if !day.is_empty() {
        parts.push(parse_chinese_number(day)?);
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_in_every_spelling() {
        for (text, iso) in [
            ("2023年9月", "2023-09"),
            ("2019-02-01", "2019-02-01"),
            ("2021/3/1", "2021-03-01"),
            ("2020.05", "2020-05"),
            ("2020.5", "2020-05"),
            ("2021.1", "2021-01"),
            ("202506", "2025-06"),
            ("20250601", "2025-06-01"),
            ("二〇二六年三月", "2026-03"),
            ("二○二六年十二月三十一日", "2026-12-31"),
            ("二O二六年三月", "2026-03"),
            ("2023年9月1日", "2023-09-01"),
            ("2023年09月份", "2023-09"),
            (" ２０２３ 年 ９ 月 ", "2023-09"),
            ("2023-09-01 00:00:00", "2023-09-01"),
            ("2023-09-01T08:30:00", "2023-09-01"),
            ("2020.05至今", "2020-05"),
            ("2026.03.15", "2026-03-15"),
            ("2023", "2023"),
            ("2023年", "2023"),
            ("2024.02.29", "2024-02-29"),
            ("2021 3 5", "2021-03-05"),
            ("2021 1 2", "2021-01-02"),
            ("2021 03", "2021-03"),
            ("二〇二一.三", "2021-03"),
            ("二○二一、十二", "2021-12"),
            ("2021,3", "2021-03"),
            ("2021_03", "2021-03"),
            ("自2021年3月", "2021-03"),
            ("2021年3月任", "2021-03"),
            ("2021.09（兼）", "2021-09"),
            ("2021-3-5(任职)", "2021-03-05"),
        ] {
            assert_eq!(parse_month(text).map(|date| date.to_string()).as_deref(), Ok(iso), "{text}");
        }
    }

    #[test]
    fn only_one_digit_one_is_ambiguous() {
        assert!(parse_month("2021.1").unwrap().ambiguous);
        for text in ["2021.10", "2021.01", "2021.2", "2021-1", "2021年1月", "2021.11"] {
            assert!(!parse_month(text).unwrap().ambiguous, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_said_to_be_none() {
        assert_eq!(parse_month(" 　"), Err(ValueError::Blank));
        for text in ["2023年13月", "202513", "2023-00", "2023.02.30", "1823年5月", "2025/6/31", "99999999"]
        {
            assert!(matches!(parse_month(text), Err(ValueError::NoSuchDay { .. })), "{text}");
        }
        for text in [
            "不详",
            "23年9月",
            "9月",
            "2023-09-01-02",
            "20235",
            "2023年秋",
            "2020.05-2021.06",
            "-",
            ":",
            "’21-3-5",
            "21.3",
            "2021.03.111",
        ] {
            assert!(matches!(parse_month(text), Err(ValueError::NotADate(_))), "{text}");
        }
    }

    #[test]
    fn excel_serials_count_from_1899() {
        for (serial, iso) in [
            (45_170.0, "2023-09-01"),
            (45_170.75, "2023-09-01"),
            (1.0, "1900-01-01"),
            (59.0, "1900-02-28"),
            (61.0, "1900-03-01"),
        ] {
            assert_eq!(PartialDate::from_excel_serial(serial).unwrap().to_string(), iso);
        }
        assert!(PartialDate::from_excel_serial(f64::NAN).is_none());
        assert!(PartialDate::from_excel_serial(0.5).is_none());
        assert!(PartialDate::from_excel_serial(99_999.0).is_none());
    }

    #[test]
    fn the_vaguer_comes_first() {
        let date = |text| parse_month(text).unwrap();
        assert!(date("2023") < date("2023.01") && date("2023.01") < date("2023.01.01"));
        assert!(date("2022.12.31") < date("2023"));
        assert_eq!(date("2023").first_day(), (2023, 1, 1));
        let json = serde_json::to_string(&date("2023.09")).unwrap();
        assert_eq!(json, r#"{"year":2023,"month":9}"#);
        assert_eq!(serde_json::from_str::<PartialDate>(&json).unwrap(), date("2023.09"));
    }

    proptest! {
        #[test]
        fn every_spelling_comes_back(year in 1900i32..=2100, month in 1u8..=12, day in 1u8..=28) {
            let date = PartialDate::new(year, Some(month), Some(day)).unwrap();
            for text in [
                date.to_string(),
                format!("{year}年{month}月{day}日"),
                format!("{year}/{month}/{day}"),
                format!("{year}.{month:02}.{day:02}"),
                format!("{year}{month:02}{day:02}"),
            ] {
                prop_assert_eq!(parse_month(&text).unwrap(), date);
            }
            let month_only = PartialDate::new(year, Some(month), None).unwrap();
            for text in [month_only.to_string(), format!("{year}年{month}月"), format!("{year}{month:02}")] {
                prop_assert_eq!(parse_month(&text).unwrap(), month_only);
            }
        }

        #[test]
        fn no_text_panics(text in "[0-9年月日./: -]{0,20}|.{0,20}") {
            let _ = parse_month(&text);
        }
    }
}
