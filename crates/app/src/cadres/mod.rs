//! Cadres: people with public power, their posts and duties.

mod cadre;
pub mod store;

pub use cadre::{Appointment, Cadre};
