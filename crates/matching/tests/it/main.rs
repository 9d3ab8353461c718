//! One binary for all integration tests.

mod engine;
mod packing;
mod samples;
mod world;
