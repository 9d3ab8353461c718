//! Whether what everybody sees is what was published: the rows of units, powers and cadres, which lists, routing and
//! conflicts are read from, against the states that came out through the one door. The states themselves are the trail's,
//! see [`crate::audit::rows::REVISIONS`].

mod store;

pub use store::strange;
