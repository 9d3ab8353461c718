//! Small mathematics.

/// A sequence of numbers without pattern, the same for the same seed (splitmix64): a run must be reproducible.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((u128::from(z ^ (z >> 31)) * limit as u128) >> 64) as usize
    }
}

/// The probability that bits of evidence and a prior (in bits) make.
pub(super) fn probability(bits: f64, prior: f64) -> f64 {
    1.0 / (1.0 + (-(bits + prior)).exp2())
}

/// The prior in bits, when `matches` of all `pairs` are of one person.
pub(super) fn prior(matches: f64, pairs: f64) -> f64 {
    let share = (matches / pairs.max(1.0)).clamp(1e-15, 0.5);
    (share / (1.0 - share)).log2()
}
