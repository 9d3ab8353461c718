//! One binary for all tests that go through the front door or need a database with content.

mod access;
mod api;
mod api_document;
mod desks;
mod divisions;
mod hotline;
mod imports;
mod office;
mod office_imports;
mod office_limits;
mod office_rules;
mod open_data;
mod outcomes;
mod oversight;
mod people;
mod portal;
mod registry;
mod search;
mod second_handover;
mod sign_in;
mod statistics;
mod world;
