//! The rules of one-time codes.

use crate::clock::Millis;
use daylight_ids::text;

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
/// The longest that a message counts.
pub const DAY: Millis = 24 * HOUR;

/// So long a code can be used.
pub const CODE_LIVES: Millis = 5 * MINUTE;
/// So often it can be tried: five of a million.
pub const TRIES: i64 = 5;
/// So long a proved telephone counts for the draft in whose browser it was proved; later it may be somebody else's.
pub const PROOF_LIVES: Millis = DAY;
/// A number gets at most so many messages within so long.
pub const LIMITS: [(usize, Millis); 3] = [(1, MINUTE), (5, HOUR), (10, DAY)];

/// From when on a number may be sent the next code, given when it was sent the ones before; `now` or earlier when it
/// may be at once. A message from the future (the clock went back) counts as sent now: nobody waits longer for it.
pub fn may_send_at(sent: &[Millis], now: Millis) -> Millis {
    let mut sent: Vec<_> = sent.iter().map(|at| *at.min(&now)).collect();
    sent.sort_unstable_by(|a, b| b.cmp(a));
    // When the oldest of the last so many leaves its window, there is room for one more.
    let free = LIMITS.iter().filter_map(|(most, within)| Some(sent.get(most - 1)? + within));
    free.max().unwrap_or(now)
}

/// Six digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// From 8 random bytes: of so many, the remainder favours no code by more than one part in 10^13.
    pub fn draw(random: [u8; 8]) -> Code {
        Code(format!("{:06}", u64::from_be_bytes(random) % 1_000_000))
    }

    /// Reads what somebody typed: blanks, dashes and full-width digits are theirs to use.
    pub fn parse(typed: &str) -> Option<Code> {
        let digits: String = text::squash(typed).chars().filter(|c| *c != '-').collect();
        (digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(Code(digits))
    }

    /// The digits, for the message and the keyed hash.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

// Codes stay out of logs.
impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(••••••)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for typed in ["012345", " 012 345 ", "０１２３４５", "012-345"] {
            assert_eq!(Code::parse(typed).unwrap().digits(), "012345", "{typed}");
        }
        for typed in ["", "12345", "1234567", "12345a", "１２３４５甲"] {
            assert_eq!(Code::parse(typed), None, "{typed}");
        }
        assert_eq!(Code::draw([0; 8]).digits(), "000000");
        assert_eq!(Code::draw([255; 8]).digits(), "551615");
        assert_eq!(format!("{:?}", Code::draw([1; 8])), "Code(••••••)");
    }

    proptest! {
        /// Said in other words: counted over each window, with the next message, no limit is passed; and one
        /// millisecond earlier one would be.
        #[test]
        fn the_next_message_goes_as_soon_as_no_window_is_full(
            mut sent in proptest::collection::vec(0..2 * DAY, 0..14), now in DAY..2 * DAY,
        ) {
            sent.iter_mut().for_each(|at| *at = (*at).min(now));
            let fits = |at: Millis| LIMITS.iter().all(|(most, within)| {
                sent.iter().filter(|sent| **sent > at - within).count() < *most
            });
            let next = may_send_at(&sent, now).max(now);
            prop_assert!(fits(next));
            prop_assert!(next == now || !fits(next - 1));
            prop_assert!(next <= now + DAY);
        }
    }
}
