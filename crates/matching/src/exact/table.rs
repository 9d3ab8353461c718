//! A hash table from packed ids to numbers: open addressing, at most half full, never grows.

use super::bloom::mix;
use crate::packed::NO_ID;

/// The table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Key and value side by side: one line of cache for each step.
    slots: Vec<(u64, u32)>,
    mask: usize,
}

impl Table {
    /// Sized for so many keys.
    #[must_use]
    pub fn for_keys(keys: usize) -> Self {
        let slots = (keys * 2).next_power_of_two().max(8);
        Self { slots: vec![(NO_ID, 0); slots], mask: slots - 1 }
    }

    /// Puts in a key that is not [`NO_ID`]; a key put in again takes the new value. No more keys than it was sized for.
    pub fn insert(&mut self, key: u64, value: u32) {
        let mut at = mix(key) as usize & self.mask;
        while self.slots[at].0 != NO_ID && self.slots[at].0 != key {
            at = (at + 1) & self.mask;
        }
        self.slots[at] = (key, value);
    }

    /// The value of a key.
    #[inline]
    #[must_use]
    pub fn get(&self, key: u64) -> Option<u32> {
        let mut at = mix(key) as usize & self.mask;
        loop {
            let (found, value) = self.slots[at];
            if found == NO_ID {
                return None;
            }
            if found == key {
                return Some(value);
            }
            at = (at + 1) & self.mask;
        }
    }
}
