//! Where a report belongs on the boards: the unit that it is about, as things were on its day, and the township around
//! it. Plain maps, filled by the store.

use super::store::Named;
use std::collections::BTreeMap;

/// The row of what says neither unit nor place.
pub const NONE: &str = "none";

/// A unit of the register.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its name.
    pub name: String,
    /// Ids from the top to it.
    pub path: String,
    /// Whether it is a township.
    pub is_township: bool,
    /// The division it stands for.
    pub division_id: Option<i64>,
}

/// A division of the register.
#[derive(Clone, Debug)]
pub struct Division {
    /// Its name.
    pub name: String,
    /// Ids from the top to it.
    pub path: String,
    /// Whether it is a township.
    pub is_township: bool,
}

/// A time in which somebody held a post of a unit, in ISO dates, which may be a month or a year alone.
#[derive(Clone, Debug)]
pub struct Held {
    /// The unit.
    pub unit_id: i64,
    /// From when on; none when nobody said.
    pub since: Option<String>,
    /// Until when; none while it lasts.
    pub until: Option<String>,
}

/// A township on the boards: as a unit where there is one, else as a division.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// "12" is a unit, "d7" a division.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// What a report is about, as far as it stands in the clear.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The unit itself, of a power, of a step, of a published result.
    pub unit_id: Option<i64>,
    /// The cadre.
    pub cadre_id: Option<i64>,
    /// The division.
    pub division_id: Option<i64>,
    /// The day it was submitted, in ISO.
    pub day: String,
}

/// Where it belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Belongs {
    /// Under which unit; none where the reporter named none.
    pub unit: Option<Named>,
    /// Under which township; a unit outside of townships stands for itself.
    pub place: Option<Place>,
    /// The division that the reporter named.
    pub division: Option<String>,
}

/// What is needed of the registry.
#[derive(Debug, Default)]
pub struct Register {
    /// Units by id.
    pub units: BTreeMap<i64, Unit>,
    /// Divisions by id.
    pub divisions: BTreeMap<i64, Division>,
    /// Posts held by cadres, in the order in which they were entered.
    pub held: BTreeMap<i64, Vec<Held>>,
}

impl Register {
    /// Where a report belongs.
    pub fn belongs(&self, about: &About) -> Belongs {
        let of_cadre = || self.held.get(&about.cadre_id?).and_then(|held| on(held, &about.day));
        let unit_id = about.unit_id.or_else(of_cadre);
        let unit = unit_id.and_then(|id| Some((id, self.units.get(&id)?)));
        let division = about.division_id.and_then(|id| Some((id, self.divisions.get(&id)?)));
        let place = match (unit, division) {
            (Some((id, unit)), _) => Some(self.around(id, unit)),
            (None, Some((id, division))) => Some(self.above(id, division)),
            (None, None) => None,
        };
        Belongs {
            unit: unit.map(|(id, unit)| Named { id, name: unit.name.clone() }),
            place,
            division: division.map(|(_, division)| division.name.clone()),
        }
    }

    /// The township around a unit; without one, the unit.
    fn around(&self, id: i64, unit: &Unit) -> Place {
        // The ids of the path, from the unit upwards.
        let above = unit.path.split('/').rev().filter_map(|part| part.parse::<i64>().ok());
        let mut townships = above.filter_map(|id| Some((id, self.units.get(&id)?)));
        let (id, unit) = townships.find(|(_, unit)| unit.is_township).unwrap_or((id, unit));
        Place { code: id.to_string(), name: unit.name.clone() }
    }

    /// The township of a division: as the unit that governs it where that is known, so that both are one row.
    fn above(&self, id: i64, division: &Division) -> Place {
        let above = division.path.split('/').rev().filter_map(|part| part.parse::<i64>().ok());
        let mut townships = above.filter_map(|id| Some((id, self.divisions.get(&id)?)));
        let (id, division) = townships.find(|(_, one)| one.is_township).unwrap_or((id, division));
        let governs = |unit: &&Unit| unit.is_township && unit.division_id == Some(id);
        let named = |unit: &&Unit| unit.is_township && unit.name == division.name;
        let governing = |fits: &dyn Fn(&&Unit) -> bool| self.units.iter().find(|(_, unit)| fits(unit));
        match governing(&governs).or_else(|| governing(&named)) {
            Some((id, unit)) => Place { code: id.to_string(), name: unit.name.clone() },
            None => Place { code: format!("d{id}"), name: division.name.clone() },
        }
    }
}

/// The unit where somebody held a post on a day; on none, where they did last, else where they will.
fn on(held: &[Held], day: &str) -> Option<i64> {
    let begun = |one: &&Held| one.since.as_deref().is_none_or(|since| since <= day);
    // A month or a year lasts to its end.
    let lasts = |one: &&Held| {
        let until = one.until.as_deref();
        until.is_none_or(|until| day.get(..until.len()).unwrap_or(day) <= until)
    };
    let now = held.iter().find(|one| begun(one) && lasts(one));
    let last = || held.iter().filter(begun).max_by_key(|one| one.until.clone());
    now.or_else(last).or(held.first()).map(|one| one.unit_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(name: &str, path: &str, is_township: bool, division_id: Option<i64>) -> Unit {
        Unit { name: name.into(), path: path.into(), is_township, division_id }
    }

    fn register() -> Register {
        let division = |name: &str, path: &str, is_township| Division {
            name: name.into(),
            path: path.into(),
            is_township,
        };
        let held = |unit_id, since: Option<&str>, until: Option<&str>| Held {
            unit_id,
            since: since.map(str::to_owned),
            until: until.map(str::to_owned),
        };
        Register {
            units: [
                (1, unit("安澜县人民政府", "/1/", false, Some(70))),
                (2, unit("青石镇", "/1/2/", true, Some(71))),
                (3, unit("柳河村", "/1/2/3/", false, Some(72))),
                (5, unit("县教育局", "/1/5/", false, None)),
                (6, unit("云岭乡", "/1/6/", true, None)),
            ]
            .into(),
            divisions: [
                (70, division("安澜县", "/70/", false)),
                (71, division("青石镇", "/70/71/", true)),
                (72, division("柳河村", "/70/71/72/", false)),
                (73, division("云岭乡", "/70/73/", true)),
                (74, division("白塔乡", "/70/74/", true)),
                (75, division("东坡村", "/70/74/75/", false)),
            ]
            .into(),
            held: [
                (300, vec![held(3, Some("2020"), Some("2024-06")), held(5, Some("2024-07-01"), None)]),
                (301, vec![held(2, None, Some("2021-01-01"))]),
            ]
            .into(),
        }
    }

    fn on_day(about: About, day: &str) -> (String, String) {
        let belongs = register().belongs(&About { day: day.into(), ..about });
        let unit = belongs.unit.map_or_else(String::new, |unit| unit.name);
        (unit, belongs.place.map_or_else(String::new, |place| format!("{} {}", place.code, place.name)))
    }

    #[test]
    fn a_cadre_counts_with_the_unit_of_the_post_they_held_on_that_day() {
        let cadre = |id| About { cadre_id: Some(id), ..About::default() };
        let named = |unit: &str, place: &str| (unit.to_owned(), place.to_owned());
        assert_eq!(on_day(cadre(300), "2023-05-01"), named("柳河村", "2 青石镇"));
        assert_eq!(on_day(cadre(300), "2024-06-30"), named("柳河村", "2 青石镇"), "a month lasts to its end");
        assert_eq!(on_day(cadre(300), "2024-07-01"), named("县教育局", "5 县教育局"));
        assert_eq!(on_day(cadre(301), "2026-05-01"), named("青石镇", "2 青石镇"), "where they were last");
        assert_eq!(on_day(cadre(999), "2026-05-01"), named("", ""));
    }

    #[test]
    fn a_place_counts_with_its_township_in_one_row_with_the_townships_units() {
        let place = |id| About { division_id: Some(id), ..About::default() };
        let place = |id| on_day(place(id), "2026-05-01").1;
        assert_eq!(place(72), "2 青石镇", "the village's township, as the unit that governs it");
        assert_eq!(place(71), "2 青石镇");
        assert_eq!(place(73), "6 云岭乡", "by its name, where nobody tied unit and division");
        assert_eq!(place(75), "d74 白塔乡", "no unit of it is registered");
        assert_eq!(place(70), "d70 安澜县");
        let unit = About { unit_id: Some(3), ..About::default() };
        assert_eq!(on_day(unit, "2026-05-01"), ("柳河村".to_owned(), "2 青石镇".to_owned()));
    }
}
