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

/// So many codes leave at once after a while of quiet: a village meeting.
pub const BURST: i64 = 60;
/// Then one every so long, 4,320 a day in each lane over all numbers. A county that is reported to a hundred times a day does not
/// notice; who has codes sent to a hundred thousand numbers can make it pay for these, and bother these many people.
pub const PACE: Millis = 20_000;
/// A queue is as long as this at most, whichever it is. Without an end it would go on for weeks after an enemy has
/// stopped, and every honest citizen would stand at its end.
pub const QUEUE: Millis = 2 * HOUR;

/// In which queue a draft stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Its reporter has told something.
    Told,
    /// There is nothing in it: one request makes such a draft.
    Empty,
}

impl Lane {
    /// How long it is at most.
    pub fn end(self) -> Millis {
        match self {
            Lane::Told => QUEUE,
            Lane::Empty => QUEUE / 4,
        }
    }

    pub(super) fn row(self) -> i64 {
        match self {
            Lane::Told => 1,
            Lane::Empty => 2,
        }
    }
}

/// Numbers that one draft may have codes sent to in a day: one's own, mistyped, a relative's.
pub const NUMBERS: i64 = 3;

/// When the next code of a lane leaves, given the turn up to which its turns were given away; and the turn that is
/// then. `Err` when the queue is full: from when on there is a place.
pub fn turn(lane: Lane, given: Option<Millis>, now: Millis) -> Result<(Millis, Millis), Millis> {
    let end = lane.end();
    // A turn that no queue reaches comes from a clock that went back.
    let given = given.filter(|given| *given <= now + end).unwrap_or(Millis::MIN);
    let turn = given.max(now - BURST * PACE) + PACE;
    if turn > now + end { Err(turn - end) } else { Ok((turn.max(now), turn)) }
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

    #[test]
    fn many_codes_are_slowed_down_and_an_hour_after_the_flood_it_is_as_before() {
        let (mut given, mut leave, mut full) = (None, Vec::new(), 0);
        for _ in 0..1_000 {
            match turn(Lane::Told, given, DAY) {
                Ok((at, turn)) => {
                    leave.push(at);
                    given = Some(turn);
                }
                Err(until) => {
                    assert!(until > DAY && until <= DAY + PACE);
                    full += 1;
                }
            }
        }
        assert_eq!(leave.iter().filter(|at| **at == DAY).count() as i64, BURST);
        assert_eq!(leave.len() as i64, BURST + QUEUE / PACE);
        assert_eq!((leave.last(), full), (Some(&(DAY + QUEUE)), 1_000 - leave.len()));
        assert!(leave.windows(2).skip(BURST as usize).all(|pair| pair[1] - pair[0] == PACE));
        // As the queue goes on there is room again, and when it has run out codes leave at once.
        assert_eq!(turn(Lane::Told, given, DAY + PACE), Ok((DAY + PACE + QUEUE, DAY + PACE + QUEUE)));
        assert_eq!(turn(Lane::Told, given, DAY + QUEUE + PACE).map(|(at, _)| at), Ok(DAY + QUEUE + PACE));
        // After the clock went back nobody waits for what it was.
        assert_eq!(turn(Lane::Told, given, 0).map(|(at, _)| at), Ok(0));
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
