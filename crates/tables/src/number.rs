//! Numbers and dates of a workbook as the text a clerk sees.

use crate::row::Cell;
use calamine::ExcelDateTime;

/// From here on Excel's 15 digits no longer hold every digit of a whole number.
const LOSSY_FROM: f64 = 1e15;

/// Days between the 1900 and the 1904 system.
const EPOCH_GAP: f64 = 1462.0;

pub(crate) fn float(index: u32, value: f64) -> Cell {
    let lossy = value.fract() == 0.0 && value.abs() >= LOSSY_FROM;
    Cell { index, raw: shown(value), serial: None, lossy, number: true }
}

pub(crate) fn integer(index: u32, value: i64) -> Cell {
    Cell {
        index,
        raw: value.to_string(),
        serial: None,
        lossy: value.unsigned_abs() >= LOSSY_FROM as u64,
        number: true,
    }
}

/// A real date as 2023-09-01, with the time when there is one; a time alone as 08:30:00.
pub(crate) fn date(index: u32, date: &ExcelDateTime, is_1904: bool) -> Cell {
    if date.is_duration() {
        return float(index, date.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    let day = format!("{year:04}-{month:02}-{day:02}");
    let value = date.as_f64();
    let raw = if (0.0..1.0).contains(&value) {
        time
    } else if value.fract() == 0.0 {
        day
    } else {
        format!("{day} {time}")
    };
    let serial = if is_1904 { value + EPOCH_GAP } else { value };
    Cell { index, raw, serial: Some(serial), lossy: false, number: false }
}

/// Fifteen significant digits, as Excel shows them; no exponent, no `.0`.
fn shown(value: f64) -> String {
    if !value.is_finite() {
        return String::new();
    }
    if value.fract() == 0.0 && value.abs() < LOSSY_FROM {
        return (value as i64).to_string();
    }
    // Rust's shortest form is already what was typed, unless arithmetic left a tail.
    let shortest = value.to_string();
    if (1e-4..1e15).contains(&value.abs()) && shortest.len() <= 15 {
        return shortest;
    }
    let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    if rounded == 0.0 {
        "0".to_owned()
    } else if rounded.abs() < 1e22 {
        rounded.to_string()
    } else {
        format!("{rounded:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_a_clerk_sees_them() {
        for (value, text) in [
            (999_901_000_000.0, "999901000000"),
            (2020.05, "2020.05"),
            (2021.1, "2021.1"),
            (0.1 + 0.2, "0.3"),
            (-0.0, "0"),
            (1e-7, "0.0000001"),
            (1e300, "1e300"),
            (999_901_196_911_183_259.0, "999901196911183000"),
        ] {
            assert_eq!(shown(value), text);
        }
        assert!(float(0, 999_901_196_911_183_259.0).lossy);
        assert!(!float(0, 999_901_000_000.0).lossy);
        assert!(!float(0, 1.5).lossy);
    }
}
