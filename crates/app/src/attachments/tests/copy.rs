//! Copies of photos: without a trace, upright, and never larger than they should be.

use super::*;
use image::{GenericImageView, ImageEncoder, codecs::png::PngEncoder};

/// A picture 4 wide and 2 high times 16: left red, right blue; in the first row of an EXIF block it says where.
fn photo(orientation: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(64, 32, |x, _| if x < 32 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) });
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 95).encode_image(&picture).unwrap();
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend(b"GPS 31.2304N 121.4737E HUAWEI Mate60 owner=Zhang");
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let mut out = jpeg[..2].to_vec();
    out.extend([0xff, 0xe1]);
    out.extend(length);
    out.extend(exif);
    out.extend(&jpeg[2..]);
    out.extend(b"<script>alert(1)</script>");
    out
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_copy_is_upright_and_says_nothing_of_where_and_with_what() {
    let original = photo(6);
    for told in ["Exif", "GPS", "HUAWEI", "<script>"] {
        assert!(holds(&original, told), "the original says {told}");
    }
    let copy = draw(ImageFormat::Jpeg, original).unwrap();
    for told in ["Exif", "GPS", "HUAWEI", "Zhang", "<script>"] {
        assert!(!holds(&copy, told), "{told}");
    }
    let shown = image::load_from_memory(&copy).unwrap();
    assert_eq!(shown.dimensions(), (32, 64), "turned by a quarter");
    let [r, _, b, _] = shown.get_pixel(16, 8).0;
    assert!(r > 200 && b < 60, "what was left is on top");
    assert_eq!(
        image::load_from_memory(&draw(ImageFormat::Jpeg, photo(1)).unwrap()).unwrap().dimensions(),
        (64, 32)
    );
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = Vec::new();
    PngEncoder::new(&mut out).write_image(&[0, 0, 0, 0], 1, 1, image::ExtendedColorType::Rgba8).unwrap();
    // The header again with another size: length, "IHDR", width, height, …, checksum.
    out[16..20].copy_from_slice(&width.to_be_bytes());
    out[20..24].copy_from_slice(&height.to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(&out[12..29]);
    out[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    out
}

#[test]
fn a_picture_that_claims_to_be_huge_is_never_decoded() {
    let honest = draw(ImageFormat::Png, png(1, 1)).expect("the control");
    // What is transparent becomes white.
    assert_eq!(image::load_from_memory(&honest).unwrap().get_pixel(0, 0).0[..3], [255, 255, 255]);
    for (width, height) in [(60_000, 60_000), (20_001, 1), (1, 20_001), (10_000, 10_000)] {
        assert!(draw(ImageFormat::Png, png(width, height)).is_none(), "{width}x{height}");
    }
}

#[test]
fn what_is_no_picture_has_no_copy_and_a_large_one_a_small_one() {
    let original = photo(1);
    assert!(draw(ImageFormat::Jpeg, original.clone()).is_some());
    assert!(draw(ImageFormat::Jpeg, original[..40].to_vec()).is_none());
    assert!(draw(ImageFormat::Gif, original).is_none());
    assert!(draw(ImageFormat::Jpeg, b"PK\x03\x04".to_vec()).is_none());
    let large = RgbImage::from_pixel(4_000, 1_000, Rgb([9, 9, 9]));
    let mut jpeg = Vec::new();
    JpegEncoder::new(&mut jpeg).encode_image(&large).unwrap();
    let copy = draw(ImageFormat::Jpeg, jpeg).unwrap();
    assert_eq!(image::load_from_memory(&copy).unwrap().dimensions(), (1_600, 400));
}
