//! One database behind two doors: [`Db::read`] and [`Db::write`].
//!
//! The same SQL runs on embedded SQLite and on PostgreSQL. Both engines take `$1`-style
//! parameters, `ON CONFLICT`, `RETURNING` and partial indexes, so a feature's `store.rs` writes
//! each query once; what truly differs (full-text search, bulk load) lives in a sibling
//! `sqlite.rs` / `postgres.rs`.
//!
//! Portable types only: `BIGINT`, `BOOLEAN`, `DOUBLE PRECISION`, `TEXT`, bytes. Instants are
//! `BIGINT` milliseconds since 1970 UTC, dates are ISO text, documents are JSON text
//! (see `docs/adr/0001-data-layer.md`).

mod open;
mod sql;
pub mod testing;

pub use open::{Db, Engine, Mark, OpenError, Snapshot, Tx};
pub use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
pub use sql::{
    all, exec, insert_many, is_full, is_unavailable, is_unique_violation, like, one, scalar, scalar_opt,
};

/// Binds Rust values for the functions of this crate: `values![id, name, now]`.
#[macro_export]
macro_rules! values {
    () => { Vec::<$crate::Value>::new() };
    ($($value:expr),+ $(,)?) => { vec![$($crate::Value::from($value)),+] };
}
