//! Eighteen ASCII characters to a packed id, eight digits at a time and without branches.

/// The check characters by remainder, GB 11643 (ISO 7064 MOD 11-2).
const CHECK: [u8; 16] = *b"10X98765432\0\0\0\0\0";

/// Days of each month, 0 where there is no such month; February has 28.
const DAYS: [u8; 128] = {
    let mut days = [0; 128];
    let known = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while month < 12 {
        days[month + 1] = known[month];
        month += 1;
    }
    days
};

/// Eight ASCII digits.
struct Eight {
    /// Two digits each in 16 bits, the first pair lowest.
    pairs: u64,
    value: u64,
    /// The digits d0..d7 as d0·2⁷ + … + d7.
    weighted: u64,
    /// Not zero when one of them is no digit.
    faults: u64,
}

#[inline(always)]
fn eight(bytes: [u8; 8]) -> Eight {
    let x = u64::from_le_bytes(bytes) ^ 0x3030_3030_3030_3030;
    let faults = (x.wrapping_add(0x7676_7676_7676_7676) | x) & 0x8080_8080_8080_8080;
    let pairs = (x.wrapping_mul(10).wrapping_add(x >> 8)) & 0x00FF_00FF_00FF_00FF;
    let quads = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    let value = (quads.wrapping_mul(10_000).wrapping_add(quads >> 32)) & 0xFFFF_FFFF;
    let two = (x.wrapping_mul(2).wrapping_add(x >> 8)) & 0x00FF_00FF_00FF_00FF;
    let four = (two.wrapping_mul(4).wrapping_add(two >> 16)) & 0x0000_FFFF_0000_FFFF;
    let weighted = (four.wrapping_mul(16).wrapping_add(four >> 32)) & 0xFFFF_FFFF;
    Eight { pairs, value, weighted, faults }
}

/// The packed id, or 0 when anything at all is unusual about the 18 characters: the slow path then finds the reason.
#[inline(always)]
pub(super) fn pack(id: &[u8; 18]) -> u64 {
    let [a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7, last, check] = *id;
    let a = eight([a0, a1, a2, a3, a4, a5, a6, a7]);
    let b = eight([b0, b1, b2, b3, b4, b5, b6, b7]);
    let last = u64::from(last ^ 0x30);
    let sum = (a.weighted * 256 + b.weighted) * 2 + last;
    let (century, of_century) = (a.pairs >> 48, b.pairs & 0xFF);
    let (month, day) = ((b.pairs >> 16) & 0x7F, (b.pairs >> 32) & 0xFF);
    let year = century * 100 + of_century;
    // A year divides by 400 when its century divides by 4 and nothing follows.
    let leap = (of_century % 4 == 0) & ((of_century != 0) | (century % 4 == 0));
    let days = u64::from(DAYS[month as usize]) + u64::from((month == 2) & leap);
    let digits = (a.faults | b.faults == 0) & (last < 10);
    let date = (year.wrapping_sub(1850) <= 300) & (day.wrapping_sub(1) < days);
    let checked = check == CHECK[((sum * 2) % 11) as usize];
    let value = (a.value * 100_000_000 + b.value) * 10 + last;
    if digits & date & checked { value } else { 0 }
}
