//! Cadres: people with public power, their posts and duties.

mod cadre;
pub(crate) mod edit;
mod history;
mod list;
mod page;
pub(crate) mod pick;
pub mod store;

use crate::web::{Access::Public, Route, get};
use daylight_ui::zh;

pub use cadre::{Appointment, Cadre};

/// The routes of this feature.
pub fn routes() -> Vec<Route> {
    vec![
        get("/cadres", Public, list::page),
        get("/cadres/{id}", Public, page::page),
        get("/cadres/{id}/history", Public, history::page),
    ]
}

/// An ISO date as far as it is known, as people write it: "2023-09" → "2023年9月".
pub fn since_text(iso: &str) -> String {
    let mut parts = iso.splitn(3, '-').map(str::parse::<u16>);
    let mut next = || parts.next().and_then(Result::ok);
    let (Some(year), month, day) = (next(), next(), next()) else { return iso.to_owned() };
    let small = |part: u16| u8::try_from(part).unwrap_or(0);
    match (month, day) {
        (Some(month), Some(day)) => zh::date(i32::from(year), small(month), small(day)),
        (Some(month), None) => zh::month(i32::from(year), small(month)),
        _ => format!("{year}年"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_said_as_far_as_it_is_known() {
        assert_eq!(since_text("2023-09"), "2023年9月");
        assert_eq!(since_text("2019-02-01"), "2019年2月1日");
        assert_eq!(since_text("2021"), "2021年");
        assert_eq!(since_text("不详"), "不详");
    }
}
