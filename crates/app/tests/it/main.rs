//! One binary for all tests that go through the front door or need a database with content.

mod imports;
mod sign_in;
mod world;
