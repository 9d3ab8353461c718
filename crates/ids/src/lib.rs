//! Chinese identifiers: parse, check, upgrade, mask, and find in free text.
//!
//! Everything here is a pure function of its input: no clock, no files.
//!
//! * [`CitizenId`]: the citizen identification number, GB 11643-1999.
//! * [`CreditCode`]: the unified social credit code, GB 32100-2015.
//! * [`DivisionCode`]: administrative division codes, GB/T 2260 and GB/T 10114.
//! * [`Phone`]: mobile numbers, land lines, and service numbers.
//! * [`text`]: tidying of what clerks type and what spreadsheets hold.
//! * [`find`]: personal data inside free text, and its redaction.

mod citizen;
mod credit;
mod division;
pub mod find;
mod phone;
pub mod text;

pub use citizen::{CitizenId, CitizenIdError, Sex};
pub use credit::{CreditCode, CreditCodeError};
pub use division::{DivisionCode, DivisionCodeError, DivisionLevel};
pub use phone::{Phone, PhoneError};
