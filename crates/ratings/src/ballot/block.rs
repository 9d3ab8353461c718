//! The ballots of a subject after the close: what was said, and nothing of who, when or in which order.

use super::Ballot;
use crate::numbers::{put, take};
use std::collections::BTreeMap;

/// A multiset of ballots, sorted by content: recounting needs no more. Two orders of the same ballots are the same bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block(BTreeMap<u32, u64>);

/// The bytes are no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ballots of a subject are damaged")]
pub struct BlockError;

impl Block {
    /// Of ballots in any order.
    pub fn of(ballots: impl IntoIterator<Item = Ballot>) -> Block {
        let mut block = Block::default();
        for ballot in ballots {
            *block.0.entry(ballot.pack()).or_default() += 1;
        }
        block
    }

    /// How many ballots.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.values().sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every ballot, by content, with how often it was cast.
    pub fn ballots(&self) -> impl Iterator<Item = (Ballot, u64)> + '_ {
        self.0.iter().filter_map(|(bits, times)| Some((Ballot::unpack(*bits)?, *times)))
    }

    /// The bytes: differences between contents, and counts, as numbers of seven bits a byte.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let (mut bytes, mut last) = (Vec::new(), 0);
        for (bits, times) in &self.0 {
            put(&mut bytes, u64::from(bits - last));
            put(&mut bytes, *times);
            last = *bits;
        }
        bytes
    }

    /// Reads [`Block::encode`].
    ///
    /// # Errors
    ///
    /// [`BlockError`] when no block has these bytes.
    pub fn decode(bytes: &[u8]) -> Result<Block, BlockError> {
        let (mut block, mut rest, mut last) = (Block::default(), bytes, 0_u32);
        while !rest.is_empty() {
            let step = u32::try_from(take(&mut rest).ok_or(BlockError)?).map_err(|_| BlockError)?;
            let times = take(&mut rest).ok_or(BlockError)?;
            last = last.checked_add(step).ok_or(BlockError)?;
            if Ballot::unpack(last).is_none() || times == 0 || block.0.insert(last, times).is_some() {
                return Err(BlockError);
            }
        }
        if block.encode() == bytes { Ok(block) } else { Err(BlockError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballot::{Channel, answers::tests::questions};
    use proptest::prelude::*;

    fn ballots() -> impl Strategy<Value = Vec<Ballot>> {
        let one = (proptest::collection::vec(0_u8..5, 4), 0_usize..3).prop_map(|(typed, channel)| {
            let typed: Vec<_> = typed.into_iter().map(Some).collect();
            Ballot::check(Channel::ALL[channel], &questions(4), &typed).unwrap()
        });
        proptest::collection::vec(one, 0..60)
    }

    proptest! {
        #[test]
        fn a_block_keeps_every_ballot_and_forgets_their_order(list in ballots(), turn in 0_usize..60) {
            let block = Block::of(list.clone());
            let mut turned = list.clone();
            turned.rotate_left(turn.min(list.len()));
            prop_assert_eq!(Block::of(turned).encode(), block.encode());
            prop_assert_eq!(Block::decode(&block.encode()), Ok(block.clone()));
            let mut back: Vec<_> =
                block.ballots().flat_map(|(ballot, times)| std::iter::repeat_n(ballot, times as usize)).collect();
            let mut list = list;
            list.sort_by_key(Ballot::pack);
            back.sort_by_key(Ballot::pack);
            prop_assert_eq!(back, list);
        }

        #[test]
        fn damaged_bytes_are_told(bytes in proptest::collection::vec(any::<u8>(), 0..30)) {
            if let Ok(block) = Block::decode(&bytes) {
                prop_assert_eq!(block.encode(), bytes);
            }
        }
    }
}
