//! One binary for all tests that go through the front door or need a database with content.

mod access;
mod api;
mod api_document;
mod county;
mod divisions;
mod imports;
mod letters;
mod office;
mod office_imports;
mod office_limits;
mod office_rules;
mod open_data;
mod people;
mod portal;
mod registry;
mod search;
mod second_handover;
mod settings;
mod sign_in;
mod statistics;
mod world;
