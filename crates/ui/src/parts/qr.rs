//! A code that carries an address from paper to phone.

use std::fmt::Write as _;

use askama::Template;
use qrcode::{Color, EcLevel, QrCode};

use crate::Html;
use crate::html::part;

/// A QR block: the code, what it opens, and the address for those who type it.
#[derive(Clone, Debug, Template)]
#[template(
    ext = "html",
    source = r#"<figure class="qr">{{ picture }}<figcaption><b>{{ caption }}</b><span class="qr-address" translate="no">{{ address }}</span></figcaption></figure>"#
)]
pub struct Qr {
    /// What it opens: "扫码看本村公开".
    pub caption: String,
    /// The address in the code, also printed.
    pub address: String,
    picture: Html,
}

impl Qr {
    /// A code of level M (15 % may be lost), fit for a village notice board. An address past 2,331 bytes has no
    /// picture and is only printed.
    pub fn new(caption: impl Into<String>, address: impl Into<String>) -> Self {
        let (caption, address) = (caption.into(), address.into());
        let picture = draw(&address, &caption).unwrap_or_default();
        Self { caption, address, picture: Html::trusted(picture) }
    }

    /// The same with the code in a file of its own, fetched when it comes into view: most readers of a page hold the
    /// phone already. `source` is where the file is.
    pub fn linked(caption: impl Into<String>, address: impl Into<String>, source: &str) -> Self {
        let caption = caption.into();
        let picture = format!(
            "<img src=\"{}\" width=\"148\" height=\"148\" loading=\"lazy\" alt=\"二维码：{}\">",
            crate::html::escape(source),
            crate::html::escape(&caption)
        );
        Self { caption, address: address.into(), picture: Html::trusted(picture) }
    }

    /// The code alone as an SVG file, to be put on a board or into a document. `None` past 2,331 bytes.
    pub fn file(caption: &str, address: &str) -> Option<String> {
        Some(draw(address, caption)?.replacen("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 1))
    }
}

/// One path of horizontal runs, four modules of quiet zone.
fn draw(address: &str, caption: &str) -> Option<String> {
    const QUIET: usize = 4;
    let code = QrCode::with_error_correction_level(address, EcLevel::M).ok()?;
    let width = code.width();
    let modules = code.to_colors();
    let mut path = String::new();
    for (y, row) in modules.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|module| **module == Color::Dark).count();
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    let side = width + QUIET * 2;
    Some(format!(
        "<svg viewBox=\"0 0 {side} {side}\" width=\"148\" height=\"148\" role=\"img\" aria-label=\"二维码：{}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>",
        crate::html::escape(caption)
    ))
}

part!(Qr);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_drawn_and_its_words_are_escaped() {
        let html = Qr::new("<a>\"", "https://example.cn/u/7").to_string();
        assert!(html.contains("<path d=\"M4 4h7v1h-7z") && !html.contains("<a>"), "finder pattern first");
        let linked = Qr::linked("<b>", "https://example.cn/u/7", "/u/7/qr.svg?\"").to_string();
        assert!(linked.contains("src=\"/u/7/qr.svg?&quot;\"") && !linked.contains("：<b>"), "{linked}");
        let long = Qr::new("长", "x".repeat(4000)).to_string();
        assert!(!long.contains("<svg") && long.contains("xxxx"));
    }
}
