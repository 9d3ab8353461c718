//! The `daylight` binary.
fn main() {}
