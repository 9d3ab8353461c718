//! How PostgreSQL spells it.

/// Bytes as text.
pub(super) fn hex(column: &str) -> String {
    format!("UPPER(ENCODE({column}, 'hex'))")
}
