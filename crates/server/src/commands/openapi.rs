//! `daylight openapi`: the description of the open interface.

use crate::outcome::{Outcome, Stop};
use clap::Args;

/// 打印开放接口说明（OpenAPI 3.1） Print the OpenAPI file
///
/// 打印开放接口说明（OpenAPI 3.1），与 /api/v1/openapi.json 相同。
/// Prints the OpenAPI file.
#[derive(Args)]
pub struct Openapi {}

impl Openapi {
    /// Prints.
    pub fn run(self) -> Outcome {
        Err(Stop::failed("开放接口还在编写中。"))
    }
}
