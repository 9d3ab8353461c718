//! `daylight openapi`: the description of the open interface.

use crate::{outcome::Outcome, terminal};
use clap::Args;

/// 打印开放接口说明（OpenAPI 3.1） Print the OpenAPI file
///
/// 打印开放接口说明（OpenAPI 3.1），与 /api/v1/openapi.json 相同。
/// Prints the OpenAPI file.
#[derive(Args)]
pub struct Openapi {
    /// 接口的网址 Address of the interface
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    base_url: String,
}

impl Openapi {
    /// Prints.
    pub fn run(self) -> Outcome {
        let document = daylight_app::api::openapi(self.base_url.trim_end_matches('/'));
        terminal::out(&serde_json::to_string_pretty(&document).expect("plain data serializes"));
        Ok(())
    }
}
