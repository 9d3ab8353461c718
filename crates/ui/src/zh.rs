//! How dates, numbers and sizes are written for Chinese readers.

/// `2026年11月21日`.
pub fn date(year: i32, month: u8, day: u8) -> String {
    format!("{year}年{month}月{day}日")
}

/// `2026年11月21日 9:05`, 24-hour clock.
pub fn date_time(year: i32, month: u8, day: u8, hour: u8, minute: u8) -> String {
    format!("{} {hour}:{minute:02}", date(year, month, day))
}

/// `2026年11月`.
pub fn month(year: i32, month: u8) -> String {
    format!("{year}年{month}月")
}

/// `2026-11-21`, for the `datetime` attribute and for lists set in columns.
pub fn iso_date(year: i32, month: u8, day: u8) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}

/// Grouped by thousands: `1,234,567`.
pub fn number(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        out.push('-');
    }
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Grouped by thousands, or nothing.
pub(crate) fn optional_number(n: &Option<i64>) -> String {
    n.map(number).unwrap_or_default()
}

/// Large figures as they are said: `9,484`, `1.2万`, `1,605万`, `3.1亿`. Cut, never rounded up: a figure about people
/// must not claim more than there is.
pub fn rough(n: i64) -> String {
    let sign = if n < 0 { "-" } else { "" };
    let n = n.unsigned_abs();
    let (unit, word) = if n >= 100_000_000 {
        (100_000_000, "亿")
    } else if n >= 10_000 {
        (10_000, "万")
    } else {
        (1, "")
    };
    let whole = i64::try_from(n / unit).unwrap_or(i64::MAX);
    let tenth = n % unit * 10 / unit;
    let point = if unit > 1 && whole < 100 && tenth > 0 { format!(".{tenth}") } else { String::new() };
    format!("{sign}{}{point}{word}", number(whole))
}

/// `36.5%` from a share between 0 and 1; a whole number loses its `.0`.
pub fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{}%", text.strip_suffix(".0").unwrap_or(&text))
}

/// Money held in fen: `1,234.56元`.
pub fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}元", number(i64::try_from(fen / 100).unwrap_or(i64::MAX)), fen % 100)
}

/// `512 字节`, `1.5 KB`, `20 MB`.
pub fn file_size(bytes: u64) -> String {
    const STEPS: [(u64, &str); 3] = [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")];
    for (step, word) in STEPS {
        if bytes >= step {
            let tenths = bytes / (step / 1024) * 10 / 1024;
            return if tenths.is_multiple_of(10) {
                format!("{} {word}", number(i64::try_from(tenths / 10).unwrap_or(i64::MAX)))
            } else {
                format!("{}.{} {word}", tenths / 10, tenths % 10)
            };
        }
    }
    format!("{bytes} 字节")
}

/// How far a deadline is, in working days: `还有5个工作日`, `今天到期`, `已超期3个工作日`.
pub fn working_days_left(days: i64) -> String {
    match days {
        0 => "今天到期".to_owned(),
        1.. => format!("还有{days}个工作日"),
        _ => format!("已超期{}个工作日", days.unsigned_abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_as_people_write_them() {
        assert_eq!(date(2026, 11, 21), "2026年11月21日");
        assert_eq!(date_time(2026, 1, 2, 9, 5), "2026年1月2日 9:05");
        assert_eq!(month(2026, 3), "2026年3月");
        assert_eq!(iso_date(2026, 1, 2), "2026-01-02");
    }

    #[test]
    fn figures_are_grouped_and_never_claim_more() {
        for (n, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (16_050_000, "16,050,000"), (-1234, "-1,234")]
        {
            assert_eq!(number(n), text);
        }
        assert_eq!(number(i64::MIN), "-9,223,372,036,854,775,808");
        for (n, text) in [
            (9484, "9,484"),
            (12_999, "1.2万"),
            (16_050_000, "1,605万"),
            (20_000, "2万"),
            (312_345_678, "3.1亿"),
        ] {
            assert_eq!(rough(n), text);
        }
        assert_eq!(percent(0.365), "36.5%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(yuan(123_456), "1,234.56元");
        assert_eq!(yuan(-5), "-0.05元");
    }

    #[test]
    fn sizes_and_deadlines_are_plain() {
        for (n, text) in [(512, "512 字节"), (1536, "1.5 KB"), (20 << 20, "20 MB"), (5 << 30, "5 GB")] {
            assert_eq!(file_size(n), text);
        }
        assert!(file_size(u64::MAX).ends_with("GB"));
        assert_eq!(working_days_left(5), "还有5个工作日");
        assert_eq!(working_days_left(0), "今天到期");
        assert_eq!(working_days_left(-3), "已超期3个工作日");
    }
}
