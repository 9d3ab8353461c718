//! Handling of reports.
