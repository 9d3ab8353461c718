//! Invented codes that pass their checks. All lie in division 9999xx, which does not exist.

use super::random::Random;
use daylight_ids::{CitizenId, CreditCode};
use std::collections::HashSet;

/// Hands out codes and telephones, none twice.
#[derive(Debug, Default)]
pub(super) struct Codes {
    given: HashSet<String>,
    mobiles: usize,
}

impl Codes {
    /// A unified social credit code (GB 32100): registrar and kind, area, organization code, check.
    pub(super) fn credit_code(&mut self, random: &mut Random, registrar: &str, area: &str) -> String {
        loop {
            let body: String = (0..8).map(|_| char::from(b'0' + random.below(10) as u8)).collect();
            let first = format!("{registrar}{area}{body}{}", organization_check(&body));
            let check = first.as_bytes().first_chunk().and_then(CreditCode::check_char);
            let code = format!("{first}{}", check.unwrap_or('0'));
            if self.given.insert(code.clone()) {
                return code;
            }
        }
    }

    /// A citizen id (GB 11643) of somebody born in a year.
    pub(super) fn citizen_id(&mut self, random: &mut Random, area: &str, year: usize, woman: bool) -> String {
        loop {
            let (month, day) = (random.between(1, 12), random.between(1, 28));
            let sequence = random.between(0, 498) * 2 + usize::from(!woman);
            let first = format!("{area}{year:04}{month:02}{day:02}{sequence:03}");
            let check = first.as_bytes().first_chunk().map_or('0', CitizenId::check_char);
            let id = format!("{first}{check}");
            if self.given.insert(id.clone()) {
                return id;
            }
        }
    }

    /// A land line as the hand-over files write them, in area 0899.
    pub(super) fn land_line(&mut self, random: &mut Random) -> String {
        loop {
            let phone = format!("0899-{}", random.between(2_000_000, 8_999_999));
            if self.given.insert(phone.clone()) {
                return phone;
            }
        }
    }

    /// Mobile numbers count upwards: at a glance nobody's.
    pub(super) fn mobile(&mut self) -> String {
        self.mobiles += 1;
        format!("139000{:05}", self.mobiles)
    }
}

/// The check character of an organization code (GB 11714): weights 3 7 9 10 5 8 4 2, mod 11.
fn organization_check(body: &str) -> char {
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    }
}
