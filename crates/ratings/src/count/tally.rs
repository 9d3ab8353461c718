//! The roll-up of some ballots.

use crate::{
    ballot::{Answer, Ballot, Block, Channel},
    indicators::MOST,
    numbers::{put, take},
};

/// Number, sum and squares of ballots' values (in 840ths of a step, see [`Ballot::value`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// How many.
    pub n: i64,
    /// Sum of values.
    pub sum: i64,
    /// Sum of their squares.
    pub squares: i64,
}

impl Sums {
    /// Adds `times` ballots of a value; a negative number takes away.
    pub fn add(&mut self, value: i64, times: i64) {
        self.n += times;
        self.sum += times * value;
        self.squares += times * value * value;
    }

    /// Adds others.
    pub fn merge(&mut self, other: Sums) {
        self.n += other.n;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    /// What was added since.
    #[must_use]
    pub fn since(self, before: Sums) -> Sums {
        let (n, sum) = (self.n - before.n, self.sum - before.sum);
        Sums { n, sum, squares: self.squares - before.squares }
    }
}

/// The roll-up at one grain. As a change it may be negative; as a state it never is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Of each channel.
    pub channels: [Sums; 3],
    /// Answers to each question; all zero at grains where subjects have different questions.
    pub answers: [[i64; Answer::KINDS]; MOST],
    /// Ballots cast, changed or excluded since the last release, each once.
    pub touched: i64,
    /// Ballots excluded for failing the rules of identity.
    pub excluded: i64,
}

/// The bytes are no roll-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a roll-up is damaged")]
pub struct TallyError;

impl Tally {
    /// All channels together.
    #[must_use]
    pub fn all(&self) -> Sums {
        let mut all = Sums::default();
        self.channels.into_iter().for_each(|one| all.merge(one));
        all
    }

    /// One channel.
    #[must_use]
    pub fn channel(&self, channel: Channel) -> Sums {
        self.channels[channel as usize]
    }

    /// Adds `times` equal ballots, with their answers or without.
    pub fn add(&mut self, ballot: &Ballot, times: i64, answers: bool) {
        self.channels[ballot.channel() as usize].add(ballot.value(), times);
        if answers {
            for (row, answer) in self.answers.iter_mut().zip(ballot.answers()) {
                row[answer.place()] += times;
            }
        }
    }

    /// Adds another roll-up or a change.
    pub fn merge(&mut self, other: &Tally) {
        for (one, other) in self.channels.iter_mut().zip(other.channels) {
            one.merge(other);
        }
        for (row, other) in self.answers.iter_mut().zip(&other.answers) {
            row.iter_mut().zip(other).for_each(|(cell, more)| *cell += more);
        }
        self.touched += other.touched;
        self.excluded += other.excluded;
    }

    /// The roll-up of raw ballots: what the counted figures of a subject must equal.
    #[must_use]
    pub fn recount(block: &Block) -> Tally {
        let mut tally = Tally::default();
        for (ballot, times) in block.ballots() {
            tally.add(&ballot, times as i64, true);
        }
        tally
    }

    /// Whether the counted figures of two are equal; what was touched or excluded is no figure of the ballots that stand.
    #[must_use]
    pub fn counts_as(&self, other: &Tally) -> bool {
        self.channels == other.channels && self.answers == other.answers
    }

    /// Its numbers in one order.
    fn numbers(&self) -> impl Iterator<Item = i64> {
        let channels = self.channels.into_iter().flat_map(|one| [one.n, one.sum, one.squares]);
        channels.chain(self.answers.into_iter().flatten()).chain([self.touched, self.excluded])
    }

    /// The bytes of a row: numbers of seven bits a byte, the zeros at the end left out. Some 60 to 110 bytes for a subject.
    ///
    /// # Errors
    ///
    /// [`TallyError`] when a number is negative: more was taken away than was there.
    pub fn encode(&self) -> Result<Vec<u8>, TallyError> {
        let mut bytes = Vec::with_capacity(96);
        for number in self.numbers() {
            put(&mut bytes, u64::try_from(number).map_err(|_| TallyError)?);
        }
        bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
        Ok(bytes)
    }

    /// Reads [`Tally::encode`].
    ///
    /// # Errors
    ///
    /// [`TallyError`] when no roll-up has these bytes.
    pub fn decode(bytes: &[u8]) -> Result<Tally, TallyError> {
        let mut rest = bytes;
        let mut next = || -> Result<i64, TallyError> {
            if rest.is_empty() {
                return Ok(0);
            }
            take(&mut rest).and_then(|number| i64::try_from(number).ok()).ok_or(TallyError)
        };
        let mut tally = Tally::default();
        for one in &mut tally.channels {
            *one = Sums { n: next()?, sum: next()?, squares: next()? };
        }
        for cell in tally.answers.iter_mut().flatten() {
            *cell = next()?;
        }
        tally.touched = next()?;
        tally.excluded = next()?;
        if rest.is_empty() && tally.encode()? == bytes { Ok(tally) } else { Err(TallyError) }
    }
}
