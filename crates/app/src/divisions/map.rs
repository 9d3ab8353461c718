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

/// Four shades from the least to the most, so that neighbours differ in sight; none has a shade of its own.
struct Scale {
    least: i64,
    most: i64,
    /// How many units one shade spans.
    step: i64,
}

impl Scale {
    fn of(units: impl Iterator<Item = i64> + Clone) -> Scale {
        let some = units.filter(|units| *units > 0);
        let least = some.clone().min().unwrap_or(1);
        let most = some.max().unwrap_or(0);
        Scale { least, most, step: (most - least + 4).div_euclid(4).max(1) }
    }

    fn shade(&self, units: i64) -> u8 {
        if units <= 0 {
            return 0;
        }
        let at = (units - self.least).div_euclid(self.step) + 1;
        u8::try_from(at.clamp(1, 4)).unwrap_or(4)
    }

    fn legend(&self) -> Vec<String> {
        let range = |at: i64| {
            let from = self.least + (at - 1) * self.step;
            let to = (from + self.step - 1).min(self.most);
            if from >= to { format!("{to} 个单位") } else { format!("{from} 至 {to} 个单位") }
        };
        let darkest = i64::from(self.shade(self.most));
        std::iter::once("没有登记单位".to_owned()).chain((1..=darkest).map(range)).collect()
    }
}

/// The map. `children` are divisions of one level, each with how many units are at or below it.
pub fn map(caption: String, children: &[(Division, i64)], up: Option<Link>) -> TileMap {
    let scale = Scale::of(children.iter().map(|(_, units)| *units));
    let tile = |(division, units): &(Division, i64)| {
        let figure = format!("{} 个单位", zh::number(*units));
        Tile::new(&division.name, href(division.id), Some(figure), scale.shade(*units))
    };
    TileMap {
        caption,
        subject: children.first().map_or("区划", |(first, _)| word(first.level)).to_owned(),
        figure_label: "接受监督的单位".to_owned(),
        legend: scale.legend(),
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
        for (least, most) in [(1, 1), (1, 3), (7, 7), (6, 8), (19, 30), (1, 400), (399, 400)] {
            let scale = Scale::of([0, most, least].into_iter());
            let words = scale.legend();
            assert_eq!(words.len(), usize::from(scale.shade(most)) + 1, "{least} to {most}: {words:?}");
            assert_eq!((scale.shade(0), scale.shade(least)), (0, 1));
            for units in least..=most {
                let word = &words[usize::from(scale.shade(units))];
                let bounds: Vec<i64> = word.split(' ').filter_map(|part| part.parse().ok()).collect();
                let (from, to) = (bounds[0], bounds[bounds.len() - 1]);
                assert!((from..=to).contains(&units), "{units} is drawn as {word}");
            }
        }
        assert_eq!(Scale::of([19, 30].into_iter()).legend()[1..3], ["19 至 21 个单位", "22 至 24 个单位"]);
        assert_eq!(Scale::of([0].into_iter()).legend(), ["没有登记单位"]);
        assert_eq!(Scale::of(std::iter::empty()).legend(), ["没有登记单位"]);
    }
}
