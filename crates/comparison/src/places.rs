//! Lines of many files and sheets as one row of numbers, so that the engine needs to know nothing of files.

use std::sync::Arc;

/// Where a line stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub input: usize,
    pub sheet: Arc<str>,
    pub line: u32,
}

#[derive(Debug)]
struct Start {
    /// The number of the line before the first.
    before: u32,
    input: usize,
    sheet: Arc<str>,
}

/// The files and sheets read so far.
#[derive(Debug, Default)]
pub(crate) struct Places {
    starts: Vec<Start>,
    last: u32,
}

impl Places {
    /// A new sheet begins.
    pub fn open(&mut self, input: usize, sheet: &Arc<str>) {
        self.starts.push(Start { before: self.last, input, sheet: Arc::clone(sheet) });
    }

    /// The number of a line of the open sheet. Lines come in ascending order.
    pub fn number(&mut self, line: u32) -> u32 {
        let before = self.starts.last().map_or(0, |start| start.before);
        self.last = before.saturating_add(line);
        self.last
    }

    /// Whether there are so many lines that numbers run out.
    pub fn exhausted(&self) -> bool {
        self.last == u32::MAX
    }

    /// Where a number's line stands.
    pub fn place(&self, number: u32) -> Place {
        let at = self.starts.partition_point(|start| start.before < number);
        match at.checked_sub(1).and_then(|at| self.starts.get(at)) {
            Some(start) => {
                Place { input: start.input, sheet: Arc::clone(&start.sheet), line: number - start.before }
            }
            None => Place { input: 0, sheet: "".into(), line: number },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_several_sheets_are_told_apart() {
        let mut places = Places::default();
        let (none, first, second): (Arc<str>, Arc<str>, Arc<str>) = ("".into(), "甲".into(), "乙".into());
        places.open(0, &none);
        let numbers = [2, 3, 90].map(|line| places.number(line));
        places.open(1, &first);
        places.open(1, &second);
        let more = [1, 2].map(|line| places.number(line));
        let told: Vec<_> = numbers.into_iter().chain(more).map(|number| places.place(number)).collect();
        let place = |input, sheet: &Arc<str>, line| Place { input, sheet: Arc::clone(sheet), line };
        assert_eq!(
            told,
            [
                place(0, &none, 2),
                place(0, &none, 3),
                place(0, &none, 90),
                place(1, &second, 1),
                place(1, &second, 2)
            ]
        );
    }
}
