//! The portal's first page and what belongs to no noun: help, about, elder switch, assets.

pub mod store;
