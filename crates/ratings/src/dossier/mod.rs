//! 廉洁档案: what is recorded about a cadre for life, across posts. Steps are only ever added; what stands is folded from
//! them; three readers see three parts.

mod canonical;
mod entry;
mod opinion;
mod sanction;
#[cfg(test)]
mod tests;
mod transfer;
mod views;

pub use canonical::canonical;
pub use entry::{Dossier, DossierError, Entry, Kind, Standing, Status, Step};
pub use opinion::{Opinion, OpinionDeed, OpinionError, OpinionState, Validity};
pub use sanction::{Period, Periods, months_later};
pub use transfer::{Package, PackageError, Receipt};
pub use views::{Counts, Look, Purpose, Shown, View, view};
