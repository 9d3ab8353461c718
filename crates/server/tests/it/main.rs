//! The program as an operator and a client meet it: every test drives the real binary.

mod backup;
mod compare;
mod guarded;
mod import;
mod keys;
mod life;
mod program;
mod superior;
mod wire;
