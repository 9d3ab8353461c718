//! Dates as days since 1970-01-01.

/// A day; [`NO_DAY`] where there is none.
pub type Day = i32;

/// No date.
pub const NO_DAY: Day = i32::MIN;

/// The day of a date of the Gregorian calendar, or `None` when there is no such date.
#[must_use]
pub fn day(year: i32, month: u32, of_month: u32) -> Option<Day> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || of_month == 0 {
        return None;
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (of_month <= last).then(|| civil(year, month, of_month))
}

/// Howard Hinnant's `days_from_civil`.
fn civil(year: i32, month: u32, of_month: u32) -> Day {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let shifted = (month as i32 + 9) % 12;
    let of_year = (153 * shifted + 2) / 5 + of_month as i32 - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of month.
#[must_use]
pub fn date(day: Day) -> (i32, u32, u32) {
    let z = i64::from(day) + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let of_month = (of_year - (153 * shifted + 2) / 5 + 1) as u32;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 } as u32;
    let year = (year_of_era + era * 400) as i32 + i32::from(month <= 2);
    (year, month, of_month)
}

/// `2023-09-01`; blank for [`NO_DAY`].
#[must_use]
pub fn text(day: Day) -> String {
    if day == NO_DAY {
        return String::new();
    }
    let (year, month, of_month) = date(day);
    format!("{year:04}-{month:02}-{of_month:02}")
}

/// Reads `2023-09-01`, `2023/9/1`, `2023.9.1`, `20230901`, `2023年9月1日`. `None` for anything else.
#[must_use]
pub fn parse(text: &str) -> Option<Day> {
    let text = text.trim();
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return day(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?);
    }
    let text = text.split([' ', 'T']).next().unwrap_or(text).trim_end_matches('日');
    let mut parts = text.split(['-', '/', '.', '年', '月']);
    let (year, month, of_month) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    day(year.parse().ok()?, month.parse().ok()?, of_month.parse().ok()?)
}

/// Whole years from one day to another: the age, counted up on the birthday (周岁).
#[must_use]
pub fn years_between(from: Day, to: Day) -> i32 {
    let ((y1, m1, d1), (y2, m2, d2)) = (date(from), date(to));
    y2 - y1 - i32::from((m2, d2) < (m1, d1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_inverse() {
        for number in -50_000..60_000 {
            let (year, month, of_month) = date(number);
            assert_eq!(day(year, month, of_month), Some(number));
        }
        assert_eq!(day(1970, 1, 1), Some(0));
        assert_eq!(day(2023, 2, 29), None);
    }

    #[test]
    fn spellings_of_one_date() {
        for text in ["2023-09-01", "2023/9/1", "2023.9.1", "20230901", "2023年9月1日", "2023-09-01 00:00:00"]
        {
            assert_eq!(parse(text), day(2023, 9, 1), "{text}");
        }
        for text in ["", "2023", "2023-13-01", "23-1-1", "2023-1-1-1", "昨天"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn age_counts_up_on_the_birthday() {
        let birth = parse("1964-03-01").unwrap();
        assert_eq!(years_between(birth, parse("2024-02-29").unwrap()), 59);
        assert_eq!(years_between(birth, parse("2024-03-01").unwrap()), 60);
    }
}
