//! One binary for all integration tests.

mod engine;
mod fuzzy;
mod packing;
mod samples;
mod world;
