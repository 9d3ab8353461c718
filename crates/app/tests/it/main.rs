//! One binary for all tests that go through the front door or need a database with content.

mod access;
mod api;
mod imports;
mod office_imports;
mod open_data;
mod people;
mod sign_in;
mod world;
