//! One-time codes that prove a telephone (手机验证): a telephone, not a person.
//!
//! A code is six digits, lives five minutes and allows five tries. It is bound to the number, to its [`Purpose`] and
//! with it to the browser that asked for it: nobody else can use its tries up, replace it, or learn that it was asked
//! for. What is proved is kept here beside the report's draft, so that no field of a form can claim it.
//!
//! A number gets one message a minute, five an hour, ten a day, in whatever spelling it is typed. There is no limit
//! over all numbers: whoever exhausted it would close the channel for everybody. Who has to wait can always report
//! anonymously.

mod code;
mod jobs;
pub mod store;

pub use code::{CODE_LIVES, Code, DAY, LIMITS, PROOF_LIVES, TRIES, may_send_at};
pub use jobs::on;
pub use store::{Proved, Purpose, Requested, forget, prove, proved, request};
