//! The copy of a photo for looking at. A telephone writes into each photo when, with which device and where exactly
//! it was taken; the copy holds the picture alone, upright.

use super::Kind;
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage, codecs::jpeg::JpegEncoder,
    imageops::FilterType,
};
use std::{
    io::{self, Cursor},
    sync::LazyLock,
};
use tokio::sync::Semaphore;

/// Pixels of a picture that is decoded; more is kept, and downloaded. A telephone's largest have fifty million.
const PIXELS: u64 = 50_000_000;
/// Pixels along either side.
const SIDE: u32 = 20_000;
/// Bytes that decoding may take.
const MEMORY: u64 = 256 << 20;
/// Pixels along the longer side of the copy: a whole screen, sharp enough for a receipt.
const SHOWN: u32 = 1_600;

/// One picture at a time, so that memory does not grow with those who upload.
static ONE: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(1));

/// A copy of a photo as JPEG; none for what is no photo we can decode, or whose size is a trap. `original` reads the
/// file into memory when its turn has come.
///
/// # Errors
///
/// When the original cannot be read.
pub async fn display_copy(
    kind: Kind,
    original: impl FnOnce() -> io::Result<Vec<u8>> + Send + 'static,
) -> io::Result<Option<Vec<u8>>> {
    let format = match kind {
        Kind::Jpeg => ImageFormat::Jpeg,
        Kind::Png => ImageFormat::Png,
        Kind::Webp => ImageFormat::WebP,
        Kind::Gif => ImageFormat::Gif,
        _ => return Ok(None),
    };
    let _turn = ONE.acquire().await.map_err(io::Error::other)?;
    let drawn = tokio::task::spawn_blocking(move || original().map(|original| draw(format, original)));
    // A decoder that panics has made no copy.
    drawn.await.unwrap_or(Ok(None))
}

fn draw(format: ImageFormat, original: Vec<u8>) -> Option<Vec<u8>> {
    let mut reader = ImageReader::with_format(Cursor::new(original), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS {
        return None;
    }
    let upright = decoder.orientation().ok()?;
    let picture = DynamicImage::from_decoder(decoder).ok()?;
    let mut picture = match width.max(height) > SHOWN {
        true => picture.resize(SHOWN, SHOWN, FilterType::Triangle),
        false => picture,
    };
    picture.apply_orientation(upright);
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, 82).encode_image(&on_white(&picture)).ok()?;
    Some(out)
}

/// What is transparent is shown on white.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let picture = picture.to_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [r, g, b, alpha] = picture.get_pixel(x, y).0;
        let over = |c: u8| {
            let mixed = (u16::from(c) * u16::from(alpha) + 255 * (255 - u16::from(alpha))) / 255;
            u8::try_from(mixed).unwrap_or(255)
        };
        Rgb([over(r), over(g), over(b)])
    })
}

#[cfg(test)]
#[path = "tests/copy.rs"]
mod tests;
