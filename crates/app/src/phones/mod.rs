//! One-time codes that prove a telephone (手机验证): a telephone, not a person.
//!
//! A code is six digits, lives five minutes and allows five tries. It is bound to the number, to its [`Purpose`] and
//! with it to the browser that asked for it: nobody else can use its tries up, replace it, or learn that it was asked
//! for. What is proved is kept here beside the report's draft, so that no field of a form can claim it.
//!
//! A number gets one message a minute, five an hour, ten a day, in whatever spelling it is typed; a draft, codes for
//! three numbers. Over all numbers codes are slowed down ([`turn`]): who asks for many is told when theirs leaves, and
//! that a report needs none. There are two queues of one pace each ([`Lane`]): whoever has told something stands in the
//! first, and a flood of empty drafts, which cost nothing, does not reach it.
//!
//! The trade-off: the first queue has an end too, two hours away. Without one a flood of drafts that have text would
//! leave days of turns behind, and whoever came then would wait for all of them; with it, whoever comes while it is full
//! is told from when on there is a place, and has to be quicker than the flood. So an enemy who writes texts can make it
//! hard to prove a telephone for as long as they keep at it and two hours, and never to report: without a telephone that
//! is always open.

mod code;
mod jobs;
pub mod store;

pub use code::{
    BURST, CODE_LIVES, Code, DAY, LIMITS, Lane, NUMBERS, PACE, PROOF_LIVES, QUEUE, TRIES, may_send_at, turn,
};
pub use jobs::on;
pub use store::{Proved, Purpose, Requested, forget, prove, proved, request};
