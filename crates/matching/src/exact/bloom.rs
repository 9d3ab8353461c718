//! A Bloom filter whose keys each touch one word of 64 bits: one read, no branch.

/// Spreads a key over 64 bits.
#[inline(always)]
pub(super) fn mix(key: u64) -> u64 {
    let x = (key ^ (key >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (x ^ (x >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9)
}

/// The filter. It never denies a key that was put in.
#[derive(Clone, Debug)]
pub struct Bloom {
    words: Vec<u64>,
}

impl Bloom {
    /// Sized for so many keys: 16 bits for each while the filter fits 2 MiB (a processor's second cache), 12 beyond.
    #[must_use]
    pub fn for_keys(keys: usize) -> Self {
        let bits = if keys <= 1 << 20 { 16 } else { 12 };
        Self { words: vec![0; (keys * bits).div_ceil(64).max(1)] }
    }

    #[inline(always)]
    fn place(&self, key: u64) -> (usize, u64) {
        let hash = mix(key);
        let word = ((hash >> 32) * self.words.len() as u64) >> 32;
        let bit = |shift: u32| 1_u64 << ((hash >> shift) & 63);
        (word as usize, bit(0) | bit(6) | bit(12) | bit(18))
    }

    /// Puts a key in.
    pub fn insert(&mut self, key: u64) {
        let (word, bits) = self.place(key);
        self.words[word] |= bits;
    }

    /// Whether a key may have been put in.
    #[inline(always)]
    #[must_use]
    pub fn may_hold(&self, key: u64) -> bool {
        let (word, bits) = self.place(key);
        self.words[word] & bits == bits
    }

    /// Bytes it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.words.len() * 8
    }
}
