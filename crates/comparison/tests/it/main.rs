//! Comparisons on real files, from outside.

mod hostile;
mod likeness;
mod plain;
mod refused;
mod results;
mod samples;
mod shapes;
mod world;
