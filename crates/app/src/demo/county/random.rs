//! Chance that is the same every time.

/// A stream of numbers from a seed: SplitMix64 (Steele, Lea and Flood, 2014). Good enough for
/// believable data, never for secrets.
#[derive(Clone, Debug)]
pub(in crate::demo) struct Random(u64);

impl Random {
    /// The stream of one subject: streams do not disturb each other, so that one more name in a
    /// list does not change every telephone of the county.
    pub(in crate::demo) fn stream(seed: u64, subject: &str) -> Random {
        // FNV-1a keeps subjects apart.
        let hash = subject.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Random(seed ^ hash)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `end` - 1.
    pub(in crate::demo) fn below(&mut self, end: usize) -> usize {
        // The bias of the remainder is beyond noticing at the sizes used here.
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(in crate::demo) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// True `percent` times out of a hundred.
    pub(in crate::demo) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub(in crate::demo) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Puts items in another order.
    pub(in crate::demo) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}
