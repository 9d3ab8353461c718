//! The schematic map of the divisions right below one: equal tiles, shaded by how many units sit there.

use super::{Division, DivisionLevel};
use daylight_ui::{
    Link,
    tilemap::{Tile, TileMap},
    zh,
};

/// What a division of a level is called in a list of its kind.
pub fn word(level: DivisionLevel) -> &'static str {
    match level {
        DivisionLevel::Province => "省（自治区、直辖市）",
        DivisionLevel::Prefecture => "市（州）",
        DivisionLevel::County => "县（市、区）",
        DivisionLevel::Township => "乡镇（街道）",
        DivisionLevel::Village => "村（社区）",
    }
}

/// How many units one shade spans, so that the greatest number has the darkest of four.
fn step(most: i64) -> i64 {
    (most + 3).div_euclid(4).max(1)
}

fn shade(units: i64, step: i64) -> u8 {
    u8::try_from((units + step - 1).div_euclid(step).clamp(0, 4)).unwrap_or(4)
}

fn legend(most: i64, step: i64) -> Vec<String> {
    let range = |at: i64| match step {
        1 => format!("{at} 个单位"),
        _ => format!("{} 至 {} 个单位", (at - 1) * step + 1, at * step),
    };
    let darkest = i64::from(shade(most, step));
    std::iter::once("没有登记单位".to_owned()).chain((1..=darkest).map(range)).collect()
}

/// The map. `children` are divisions of one level, each with how many units are at or below it.
pub fn map(caption: String, children: &[(Division, i64)], up: Option<Link>) -> TileMap {
    let most = children.iter().map(|(_, units)| *units).max().unwrap_or_default();
    let step = step(most);
    let tile = |(division, units): &(Division, i64)| {
        let figure = format!("{} 个单位", zh::number(*units));
        Tile::new(&division.name, href(division.id), Some(figure), shade(*units, step))
    };
    TileMap {
        caption,
        subject: children.first().map_or("区划", |(first, _)| word(first.level)).to_owned(),
        figure_label: "接受监督的单位".to_owned(),
        legend: legend(most, step),
        tiles: children.iter().map(tile).collect(),
        up,
    }
}

/// The page of a division.
pub fn href(id: i64) -> String {
    format!("/divisions/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_is_darkest_none_is_lightest_and_the_legend_says_what_each_means() {
        for most in [1, 3, 4, 5, 17, 400] {
            let step = step(most);
            assert_eq!(shade(0, step), 0);
            let words = legend(most, step);
            assert_eq!(words.len(), usize::from(shade(most, step)) + 1, "{most}: {words:?}");
            for units in 1..=most {
                let at = i64::from(shade(units, step));
                assert!(
                    (1..=4).contains(&at) && units > (at - 1) * step && units <= at * step,
                    "{units}/{most}"
                );
            }
        }
        assert_eq!(legend(17, step(17))[1], "1 至 5 个单位");
        assert_eq!(legend(0, step(0)), ["没有登记单位"]);
    }
}
