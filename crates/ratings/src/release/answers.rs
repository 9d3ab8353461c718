//! How the answers to a question are shown after the close.

use super::CELL;
use crate::{
    ballot::Answer,
    score::{FINE_FROM, shown_mean},
};

/// Neighbouring answers as one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Places of the answers ([`Answer::place`]), the best first.
    pub places: Vec<usize>,
    /// Their ballots.
    pub n: i64,
}

/// The line on which answers are neighbours, the best first; 「不了解」 stands at the end, where few answers are.
const LINE: [usize; Answer::KINDS] = [4, 3, 2, 1, 0, 5];

/// The answers to a question in groups of at least five ballots; empty when not even two groups can be made. Groups are
/// closed as soon as they have five, from the best on; what remains joins the last.
///
/// An answer that nobody gave is a cell under five like any other: that everybody said the same is not shown.
#[must_use]
pub fn groups(answers: &[i64; Answer::KINDS]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut open = Group { places: Vec::new(), n: 0 };
    for place in LINE {
        open.places.push(place);
        open.n += answers[place];
        if open.n >= CELL {
            groups.push(std::mem::replace(&mut open, Group { places: Vec::new(), n: 0 }));
        }
    }
    if let Some(last) = groups.last_mut() {
        last.places.append(&mut open.places);
        last.n += open.n;
    }
    // One group is the number of ballots, which stands above it.
    if groups.len() < 2 { Vec::new() } else { groups }
}

/// The answers to all questions in groups; empty when a reader who also takes the mean into account (shown on its grid)
/// could tell the number of some hidden answer: then only the figure is shown.
///
/// The mean is the sum of all steps; who does not know a question moves it as if they had answered it with the mean of
/// their other answers, so 「不了解」 stands for any step.
#[must_use]
pub fn tables(answers: &[[i64; Answer::KINDS]], mean: f64) -> Vec<Vec<Group>> {
    let tables: Vec<_> = answers.iter().map(groups).collect();
    let n: i64 = answers.first().map_or(0, |one| one.iter().sum());
    let fine = if n < FINE_FROM { 5 } else { 1 };
    let step = fine as f64;
    let full = (4 * n) as f64 * answers.len() as f64 / 100.0;
    let shown = shown_mean(mean, fine) * 100.0;
    // The last step at either end is open; a half is rounded up, so that the upper bound itself is of the next.
    let low = if shown <= step { 0.0 } else { (shown - step / 2.0) * full };
    let high = if shown >= 100.0 - step { 100.0 * full } else { (shown + step / 2.0) * full - 1e-6 };
    let worlds: Vec<Vec<Vec<World>>> = tables.iter().map(|table| worlds_of_table(table)).collect();
    let ranges: Vec<Range> = worlds.iter().map(|table| range_of_table(table, n)).collect();
    let all = ranges.iter().fold((0, 0), add);
    let open = worlds.iter().zip(&tables).all(|(worlds, table)| {
        worlds.iter().zip(table).all(|(group, shown)| {
            // The steps of this group: the whole without what everything else may have.
            let own = range(group);
            let rest = (all.0 - own.0, all.1 - own.1);
            shown.places.len() == 1 || hides(group, shown, (low - rest.1 as f64, high - rest.0 as f64))
        })
    });
    if open { tables } else { vec![Vec::new(); answers.len()] }
}

/// The least and the most.
type Range = (i64, i64);

/// One way in which the ballots of a group may be divided.
type World = [i64; Answer::KINDS];

fn add(sum: Range, one: &Range) -> Range {
    (sum.0 + one.0, sum.1 + one.1)
}

/// The steps of the answers in a world.
fn steps(world: &World) -> Range {
    let known = (0..5).map(|step| step as i64 * world[step]).sum::<i64>();
    (known, known + 4 * world[5])
}

fn range(worlds: &[World]) -> Range {
    worlds.iter().map(steps).fold((i64::MAX, i64::MIN), |range, one| (range.0.min(one.0), range.1.max(one.1)))
}

fn range_of_table(table: &[Vec<World>], n: i64) -> Range {
    if table.is_empty() {
        (0, 4 * n)
    } else {
        table.iter().map(|group| range(group)).fold((0, 0), |sum, one| add(sum, &one))
    }
}

/// Every way in which the ballots of each group may be divided for a reader who knows how [`groups`] makes them: one answer
/// brings a group to five, those before it have fewer together; so have those behind it, which only the last group has.
fn worlds_of_table(table: &[Group]) -> Vec<Vec<World>> {
    let last = table.len().saturating_sub(1);
    table.iter().enumerate().map(|(at, group)| worlds(group, at == last)).collect()
}

fn worlds(group: &Group, last: bool) -> Vec<World> {
    let mut found = Vec::new();
    let count = group.places.len();
    for closing in if last { 0..count } else { count - 1..count } {
        let (before, behind) = (&group.places[..closing], &group.places[closing + 1..]);
        for first in few(before) {
            for rest in few(behind) {
                let mut world = [0; Answer::KINDS];
                before
                    .iter()
                    .zip(&first)
                    .chain(behind.iter().zip(&rest))
                    .for_each(|(place, n)| world[*place] = *n);
                let (first, rest): (i64, i64) = (first.iter().sum(), rest.iter().sum());
                let closes = group.n - first - rest;
                world[group.places[closing]] = closes;
                if closes >= 0 && first + closes >= CELL && !found.contains(&world) {
                    found.push(world);
                }
            }
        }
    }
    found
}

/// Every way to give some answers fewer than five ballots together.
fn few(places: &[usize]) -> Vec<Vec<i64>> {
    places.iter().fold(vec![Vec::new()], |ways, _| {
        let more = |way: Vec<i64>| {
            let left = CELL - way.iter().sum::<i64>();
            (0..left).map(move |n| [&way[..], &[n]].concat())
        };
        ways.into_iter().flat_map(more).collect()
    })
}

/// Whether each answer of a group may have two values or more, its steps lying between two bounds.
fn hides(worlds: &[World], group: &Group, (low, high): (f64, f64)) -> bool {
    let fit = |world: &&World| {
        let (least, most) = steps(world);
        least as f64 <= high && most as f64 >= low
    };
    let fit: Vec<_> = worlds.iter().filter(fit).collect();
    group.places.iter().all(|place| fit.iter().any(|world| world[*place] != fit[0][*place]))
}

impl Group {
    /// The words of its answers: "一般、较差、不了解".
    #[must_use]
    pub fn label(&self, steps: &[String; 5]) -> String {
        // The scale names the best first.
        let word = |place: &usize| match place {
            0..=4 => steps[4 - place].as_str(),
            _ => crate::indicators::UNKNOWN,
        };
        self.places.iter().map(word).collect::<Vec<_>>().join("、")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::Library;

    #[test]
    fn small_neighbours_are_shown_together() {
        //                  worst ........ best, unknown
        let shown = groups(&[1, 0, 2, 20, 34, 2]);
        let parts: Vec<_> = shown.iter().map(|group| (group.places.clone(), group.n)).collect();
        assert_eq!(parts, [(vec![4], 34), (vec![3], 20), (vec![2, 1, 0, 5], 5)]);
        let shown = groups(&[1, 4, 6, 20, 34, 7]);
        let parts: Vec<_> = shown.iter().map(|group| (group.places.clone(), group.n)).collect();
        assert_eq!(parts, [(vec![4], 34), (vec![3], 20), (vec![2], 6), (vec![1, 0], 5), (vec![5], 7)]);
    }

    #[test]
    fn that_everybody_said_the_same_is_not_shown() {
        assert_eq!(groups(&[0, 0, 0, 0, 40, 0]), []);
        assert_eq!(groups(&[40, 0, 0, 0, 0, 0]), []);
        assert_eq!(groups(&[0, 0, 0, 4, 40, 0]), []);
    }

    #[test]
    fn a_group_is_named_by_its_answers() {
        let library = Library::first();
        let steps = &library.scale("do").unwrap().steps;
        let shown = groups(&[1, 4, 6, 20, 34, 2]);
        assert_eq!(shown[0].label(steps), "都做到了");
        assert_eq!(shown[3].label(steps), "很少做到、没有做到、不了解");
    }
}
