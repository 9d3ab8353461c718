//! The product: one folder per feature, named by the product's own noun.

pub mod accounts;
pub mod audit;
pub mod authz;
pub mod cache;
pub mod cadres;
pub mod clock;
pub mod divisions;
pub mod home;
pub mod imports;
pub mod migrations;
pub mod powers;
pub mod revisions;
pub mod search;
pub mod units;
pub mod web;
