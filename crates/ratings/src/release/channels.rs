//! The channels beside each other, after the close.

use crate::{
    ballot::Channel,
    count::{Sums, Tally},
    score::FLOOR,
};

/// Channels shown as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Which.
    pub channels: Vec<Channel>,
    /// Their ballots together: none, or at least ten.
    pub sums: Sums,
}

/// The channels that were used, and those that were not. One with fewer than ten ballots is put together with another, so
/// that it cannot be found by taking the others from the whole: invitation with paper, and all where that is not enough.
/// With which is fixed: a partner chosen by size would tell who knows the rule how small the channel is.
#[must_use]
pub fn channels(tally: &Tally) -> Vec<Shown> {
    let one = |channel: Channel| Shown { channels: vec![channel], sums: tally.channel(channel) };
    let [phone, invited, paper] = Channel::ALL.map(one);
    let small = |one: &Shown| (1..FLOOR).contains(&one.sums.n);
    let asked = together(invited.clone(), paper.clone());
    if small(&phone)
        || small(&asked)
        || [&invited, &paper].iter().any(|one| small(one)) && asked.channels.len() < 2
    {
        let (used, unused): (Vec<_>, Vec<_>) =
            [phone, invited, paper].into_iter().partition(|one| one.sums.n > 0);
        used.into_iter().reduce(together).into_iter().chain(unused).collect()
    } else if small(&invited) || small(&paper) {
        vec![phone, asked]
    } else {
        vec![phone, invited, paper]
    }
}

/// Two as one; an unused channel is nobody's partner.
fn together(mut one: Shown, mut other: Shown) -> Shown {
    if other.sums.n == 0 {
        return one;
    }
    if one.sums.n == 0 {
        return other;
    }
    one.channels.append(&mut other.channels);
    one.sums.merge(other.sums);
    one
}

impl Shown {
    /// The words on the page: "手机验证码、纸质评价码".
    #[must_use]
    pub fn page(&self) -> String {
        self.channels.iter().map(|channel| channel.page()).collect::<Vec<_>>().join("、")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(n: [i64; 3]) -> Vec<(String, i64)> {
        let mut tally = Tally::default();
        tally.channels.iter_mut().zip(n).for_each(|(one, n)| one.add(840, n));
        channels(&tally).iter().map(|one| (one.page(), one.sums.n)).collect()
    }

    #[test]
    fn a_small_channel_is_shown_with_the_next() {
        let (phone, invited, paper) =
            ("手机验证码".to_owned(), "办事后受邀".to_owned(), "纸质评价码".to_owned());
        let pair = |a: &str, b: &str| format!("{a}、{b}");
        assert_eq!(shown([40, 30, 20]), [(phone.clone(), 40), (invited.clone(), 30), (paper.clone(), 20)]);
        assert_eq!(shown([40, 30, 9]), [(phone.clone(), 40), (pair(&invited, &paper), 39)]);
        assert_eq!(shown([40, 6, 9]), [(phone.clone(), 40), (pair(&invited, &paper), 15)]);
        assert_eq!(shown([40, 6, 0]), [(pair(&phone, &invited), 46), (paper.clone(), 0)]);
        assert_eq!(shown([9, 20, 30]), [(format!("{phone}、{invited}、{paper}"), 59)]);
        assert_eq!(shown([40, 3, 4]), [(format!("{phone}、{invited}、{paper}"), 47)]);
        assert_eq!(shown([4, 30, 0]), [(pair(&phone, &invited), 34), (paper.clone(), 0)]);
        assert_eq!(shown([40, 12, 0]), [(phone, 40), (invited, 12), (paper, 0)]);
    }
}
