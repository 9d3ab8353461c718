//! What people see: lines, progress, aligned columns.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// A line on standard output. A reader that left early (`| head`) is no error.
pub fn out(line: &str) {
    let mut stdout = std::io::stdout().lock();
    drop(writeln!(stdout, "{line}").and_then(|()| stdout.flush()));
}

/// A line on standard error.
pub fn err(line: &str) {
    drop(writeln!(std::io::stderr().lock(), "{line}"));
}

/// A line that is written over while something goes on, only where somebody watches.
pub struct Progress {
    shown: bool,
    dirty: AtomicBool,
}

impl Progress {
    /// On standard error, if that is a terminal.
    pub fn new() -> Progress {
        Progress { shown: std::io::stderr().is_terminal(), dirty: AtomicBool::new(false) }
    }

    /// Replaces the line.
    pub fn say(&self, line: &str) {
        if self.shown {
            self.dirty.store(true, Ordering::Relaxed);
            let mut stderr = std::io::stderr().lock();
            drop(write!(stderr, "\r\x1b[K{line}").and_then(|()| stderr.flush()));
        }
    }

    /// Takes the line away.
    pub fn clear(&self) {
        if self.dirty.swap(false, Ordering::Relaxed) {
            let mut stderr = std::io::stderr().lock();
            drop(write!(stderr, "\r\x1b[K").and_then(|()| stderr.flush()));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Columns of a terminal that a text takes: Chinese characters take two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c < '\u{1100}' { 1 } else { 2 }).sum()
}

/// Rows under each other with their columns aligned.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max();
    let widths: Vec<_> = (0..columns).map(|column| widest(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, wide)| {
            format!("{cell}{}", " ".repeat(wide.saturating_sub(width(cell))))
        });
        format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// "12,345".
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// "3.4 MB".
pub fn bytes(count: u64) -> String {
    let mut number = count as f64;
    for unit in ["B", "KB", "MB", "GB"] {
        if number < 1024.0 || unit == "GB" {
            return if unit == "B" { format!("{count} B") } else { format!("{number:.1} {unit}") };
        }
        number /= 1024.0;
    }
    unreachable!("the last unit takes everything")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_chinese_and_latin_text_stand_under_each_other() {
        let rows = [vec!["填报员".into(), "a".into()], vec!["x".into(), "b".into()]];
        assert_eq!(table(&rows), "  填报员  a\n  x       b");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(bytes(1536), "1.5 KB");
    }
}
