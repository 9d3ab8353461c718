//! One binary for all tests that go through the front door or need a database with content.

mod access;
mod imports;
mod registry;
mod sign_in;
mod world;
