//! The fictional county 安澜县: the same kinds of file that offices hand over, made from a seed, so that the
//! demonstration goes through the same functions as real use.

pub mod cases;
pub mod county;
pub mod ratings;
