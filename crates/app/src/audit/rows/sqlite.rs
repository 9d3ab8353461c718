//! How the embedded engine spells it.

/// Bytes as text.
pub(super) fn hex(column: &str) -> String {
    format!("HEX({column})")
}
