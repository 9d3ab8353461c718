//! Worked examples and properties; every number is made up, in the fictional area 999901.

mod citizen;
mod credit;
mod division;
mod find;
mod phone;
mod samples;
mod text;
