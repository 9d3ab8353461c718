//! One binary for all tests that go through the front door or need a database with content.

mod access;
mod api;
mod api_document;
mod imports;
mod open_data;
mod sign_in;
mod world;
