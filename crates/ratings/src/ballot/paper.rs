//! Single-use paper codes: printed on a sheet, cut apart, handed out in any order. What is kept is a keyed hash under the
//! round's key and the number of the sheet, so that a stolen sheet can be taken back; in which order codes stood on
//! it, and who got which, is written nowhere.

use crate::code::{self, CodeError};

/// Random symbols of a code: 55 bits. A check symbol follows them.
pub const DRAWN: usize = 11;

/// A code as its symbols.
#[derive(Clone, PartialEq, Eq)]
pub struct PaperCode(String);

impl std::fmt::Debug for PaperCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PaperCode(..)")
    }
}

impl PaperCode {
    /// Of random bytes.
    #[must_use]
    pub fn draw(random: [u8; DRAWN]) -> PaperCode {
        PaperCode(code::write(&random))
    }

    /// Reads what somebody typed or a picture carried.
    ///
    /// # Errors
    ///
    /// [`CodeError`] when it cannot be one.
    pub fn parse(typed: &str) -> Result<PaperCode, CodeError> {
        code::read(typed, DRAWN + 1).map(PaperCode)
    }

    /// The twelve symbols, for [`RoundKey::paper`](super::RoundKey::paper) and nothing else.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.0
    }

    /// As printed under the picture.
    #[must_use]
    pub fn printed(&self) -> String {
        code::grouped(&self.0)
    }

    /// The path that the picture carries.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/p/{}", self.0)
    }
}

/// A rectangle on a sheet, in tenths of a millimetre from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From the left.
    pub left: u32,
    /// From above.
    pub top: u32,
    /// Breadth.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// How an A4 sheet is divided into slips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Slips beside each other.
    pub columns: u32,
    /// Slips below each other.
    pub rows: u32,
    /// White on every side: printers do not reach the edge.
    pub margin: u32,
    /// The side of the picture.
    pub picture: u32,
}

impl Layout {
    /// A4, in tenths of a millimetre.
    pub const PAPER: (u32, u32) = (2100, 2970);

    /// Three by seven slips of 63 × 39 mm, each picture 26 mm: read from a hand's distance.
    pub const SLIPS: Layout = Layout { columns: 3, rows: 7, margin: 100, picture: 260 };

    /// How many slips a sheet has.
    #[must_use]
    pub fn slips(&self) -> usize {
        (self.columns * self.rows) as usize
    }

    /// Where a slip lies, counted by rows from 0; none past the last.
    #[must_use]
    pub fn slip(&self, at: usize) -> Option<Place> {
        let at = u32::try_from(at).ok().filter(|at| *at < self.columns * self.rows)?;
        let width = (Self::PAPER.0 - 2 * self.margin) / self.columns;
        let height = (Self::PAPER.1 - 2 * self.margin) / self.rows;
        let (column, row) = (at % self.columns, at / self.columns);
        Some(Place { left: self.margin + column * width, top: self.margin + row * height, width, height })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_from_paper() {
        let code = PaperCode::draw([255, 0, 17, 3, 90, 31, 32, 200, 8, 1, 66]);
        assert_eq!(PaperCode::parse(&code.printed().to_lowercase()), Ok(code.clone()));
        assert_eq!(code.printed().len(), 14);
        assert_eq!(code.path().len(), 15);
        assert_eq!(format!("{code:?}"), "PaperCode(..)");
    }

    #[test]
    fn slips_lie_on_the_paper_and_on_no_other_slip() {
        let layout = Layout::SLIPS;
        let slips: Vec<_> = (0..layout.slips()).map(|at| layout.slip(at).unwrap()).collect();
        assert_eq!(slips.len(), 21);
        assert_eq!(layout.slip(21), None);
        for (at, one) in slips.iter().enumerate() {
            assert!(one.left + one.width <= 2000 && one.top + one.height <= 2870, "{one:?}");
            assert!(one.width > layout.picture + 200 && one.height > layout.picture + 50, "{one:?}");
            for other in &slips[..at] {
                let apart = |a: u32, wide: u32, b: u32| a + wide <= b || b + wide <= a;
                assert!(apart(one.left, one.width, other.left) || apart(one.top, one.height, other.top));
            }
        }
    }
}
