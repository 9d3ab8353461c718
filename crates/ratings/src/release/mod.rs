//! What may be shown of ballots, and when: statistical disclosure control.
//!
//! * **Floor**: no figure under ten ballots ([`crate::score::FLOOR`]).
//! * **Batches** ([`pace`]): figures change at fixed times only, and only when at least five ballots were cast or changed
//!   since; the more ballots a figure has, the larger the batch. While a round is open one figure of each subject is shown.
//! * **Answers and channels** ([`answers`], [`channels`]): shown once, after the close, so that there is nothing to compare
//!   them with. Neighbouring answers are put together until each group has five.
//! * **Margins** ([`margins`]): the sums of units and divisions are sums of what is shown of subjects, and of pools of those
//!   too small to be shown: nothing can be found by taking one sum from another.
//! * **Grid**: figures are whole steps ([`crate::score::Score::figure`]).

pub mod answers;
pub mod channels;
pub mod margins;
pub mod pace;

/// No cell under so many ballots.
pub const CELL: i64 = 5;
