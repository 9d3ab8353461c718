//! A month, a quarter or a year: "2026-11", "2026-Q4", "2026".

use crate::clock::{Millis, beijing};

/// A stretch of whole months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    year: i32,
    /// The first month, from 1.
    first: u8,
    /// How many months: 1, 3 or 12.
    months: u8,
}

impl Period {
    /// The year of a moment.
    pub fn year_of(at: Millis) -> Period {
        Period { year: beijing(at).year(), first: 1, months: 12 }
    }

    /// The month of a moment, as it is kept: "2026-11".
    pub fn month_key(at: Millis) -> String {
        let at = beijing(at);
        format!("{:04}-{:02}", at.year(), u8::from(at.month()))
    }

    /// Reads the address.
    pub fn parse(text: &str) -> Option<Period> {
        let (year, rest) = text.split_once('-').map_or((text, None), |(year, rest)| (year, Some(rest)));
        let year: i32 = (year.len() == 4).then(|| year.parse().ok())??;
        let (first, months) = match rest {
            None => (1, 12),
            Some(rest) => match rest.strip_prefix('Q') {
                Some(quarter) => (quarter.parse::<u8>().ok().filter(|q| (1..=4).contains(q))? * 3 - 2, 3),
                None => (rest.parse().ok().filter(|m| rest.len() == 2 && (1..=12).contains(m))?, 1),
            },
        };
        (2000..3000).contains(&year).then_some(Period { year, first, months })
    }

    /// The address.
    pub fn code(self) -> String {
        match self.months {
            1 => format!("{:04}-{:02}", self.year, self.first),
            3 => format!("{:04}-Q{}", self.year, self.first / 3 + 1),
            _ => format!("{:04}", self.year),
        }
    }

    /// "2026年第4季度".
    pub fn page(self) -> String {
        match self.months {
            1 => format!("{}年{}月", self.year, self.first),
            3 => format!("{}年第{}季度", self.year, self.first / 3 + 1),
            _ => format!("{}年", self.year),
        }
    }

    /// Its months as they are kept, the first first.
    pub fn keys(self) -> Vec<String> {
        (self.first..self.first + self.months).map(|month| format!("{:04}-{month:02}", self.year)).collect()
    }

    /// Whether a moment lies in it.
    pub fn holds(self, at: Millis) -> bool {
        let at = beijing(at);
        let last = self.first + self.months - 1;
        at.year() == self.year && (self.first..=last).contains(&u8::from(at.month()))
    }

    /// The whole year.
    pub fn year(self) -> Period {
        Period { year: self.year, first: 1, months: 12 }
    }

    /// Quarters and months of its year.
    pub fn parts(self) -> Vec<Period> {
        let part = |first, months| Period { year: self.year, first, months };
        [1, 4, 7, 10].into_iter().map(|q| part(q, 3)).chain((1..=12).map(|m| part(m, 1))).collect()
    }

    /// The same a year earlier.
    pub fn before(self) -> Period {
        Period { year: self.year - 1, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_read_as_it_is_written_and_nothing_else_is_one() {
        let all = Period { year: 2026, first: 1, months: 12 };
        for period in all.parts().into_iter().chain([all]) {
            assert_eq!(Period::parse(&period.code()), Some(period), "{}", period.code());
        }
        for strange in
            ["", "26", "2026-", "2026-0", "2026-13", "2026-Q0", "2026-Q5", "2026-1", "1999", "2026-11-22"]
        {
            assert_eq!(Period::parse(strange), None, "{strange}");
        }
        assert_eq!(Period::parse("2026-Q4").unwrap().page(), "2026年第4季度");
        assert_eq!(Period::parse("2026-Q4").unwrap().keys(), ["2026-10", "2026-11", "2026-12"]);
        let now = 1_795_312_800_000;
        assert!(
            Period::parse("2026-11").unwrap().holds(now) && !Period::parse("2026-Q3").unwrap().holds(now)
        );
    }
}
