//! People who rate, drawn from a seed.

use daylight_ratings::{
    ballot::{Ballot, Channel},
    count::Sums,
    indicators::{Question, Questions},
};

/// SplitMix64 (Steele, Lea and Flood 2014).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.unit() * end as f64) as usize
    }

    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// How often something of a mean rate happens.
    pub fn poisson(&mut self, rate: f64) -> usize {
        let (mut product, mut count, end) = (self.unit(), 0, (-rate).exp());
        while product > end {
            product *= self.unit();
            count += 1;
        }
        count
    }
}

/// How people see one subject: the chances of the five steps.
#[derive(Clone, Copy)]
pub struct Opinion(pub [f64; 5]);

impl Opinion {
    /// Around a mean, in a bell.
    pub fn around(mean: f64) -> Opinion {
        let mut steps = [0.0; 5];
        let place = mean.clamp(0.02, 0.98);
        // Binomial of four tries: a bell that fits between the ends.
        for (at, chance) in steps.iter_mut().enumerate() {
            let ways = [1.0, 4.0, 6.0, 4.0, 1.0][at];
            *chance = ways * place.powi(at as i32) * (1.0 - place).powi(4 - at as i32);
        }
        Opinion(steps)
    }

    /// Best or worst and nothing between.
    pub fn split(mean: f64) -> Opinion {
        Opinion([1.0 - mean, 0.0, 0.0, 0.0, mean])
    }

    /// The truth: what a ballot says on the average, of 1.
    pub fn truth(&self) -> f64 {
        self.0.iter().enumerate().map(|(at, chance)| at as f64 * chance / 4.0).sum()
    }

    pub fn step(&self, dice: &mut Dice) -> u8 {
        let (mut left, mut at) = (dice.unit(), 0);
        while at < 4 && left >= self.0[at] {
            left -= self.0[at];
            at += 1;
        }
        at as u8
    }

    /// A ballot of so many questions; `same` is the chance that a person answers all alike.
    pub fn ballot(&self, dice: &mut Dice, count: usize, same: f64) -> Ballot {
        let whole = self.step(dice);
        let alike = dice.unit() < same;
        let mut typed: Vec<_> = (0..count)
            .map(|_| {
                if dice.unit() < 0.1 {
                    5
                } else if alike {
                    whole
                } else {
                    self.step(dice)
                }
            })
            .collect();
        if typed.iter().all(|one| *one == 5) {
            typed[0] = whole;
        }
        let typed: Vec<_> = typed.into_iter().map(Some).collect();
        Ballot::check(Channel::Phone, &questions(count), &typed).unwrap()
    }

    pub fn sums(&self, dice: &mut Dice, n: usize, count: usize, same: f64) -> Sums {
        let mut sums = Sums::default();
        (0..n).for_each(|_| sums.add(self.ballot(dice, count, same).value(), 1));
        sums
    }
}

pub fn questions(count: usize) -> Questions {
    let one = |at| Question { code: format!("q{at}"), version: 1, report: false };
    Questions { edition: 1, list: (0..count).map(one).collect() }
}
