//! One binary for all tests that go through the front door or need a database with content.

mod access;
mod api;
mod divisions;
mod api_document;
mod imports;
mod office_imports;
mod office;
mod open_data;
mod portal;
mod search;
mod people;
mod sign_in;
mod statistics;
mod world;
