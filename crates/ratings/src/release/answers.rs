//! How the answers to a question are shown after the close.

use super::CELL;
use crate::{ballot::Answer, score::FINE_FROM};

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
/// could narrow some hidden answer to fewer than three values: then only the figure is shown.
///
/// The mean is the sum of all steps; who does not know a question moves it as if they had answered it with the mean of
/// their other answers, so 「不了解」 stands for any step.
#[must_use]
pub fn tables(answers: &[[i64; Answer::KINDS]], mean: f64) -> Vec<Vec<Group>> {
    let tables: Vec<_> = answers.iter().map(groups).collect();
    let n: i64 = answers.first().map_or(0, |one| one.iter().sum());
    let step = if n < FINE_FROM { 5.0 } else { 1.0 };
    let full = (4 * n) as f64 * answers.len() as f64 / 100.0;
    let shown = ((mean * 100.0 / step).round() * step).clamp(step, 100.0 - step);
    // The last step at either end is open.
    let low = if shown <= step { 0.0 } else { (shown - step / 2.0) * full };
    let high = if shown >= 100.0 - step { 100.0 * full } else { (shown + step / 2.0) * full };
    let ranges: Vec<_> = tables.iter().map(|table| range_of_table(table, n)).collect();
    let all = ranges.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let open = tables.iter().zip(&ranges).all(|(table, own)| {
        // The steps of this question's answers: the whole without what the others may have.
        let others = (all.0 - own.0, all.1 - own.1);
        table.iter().all(|group| {
            let rest = (own.0 - range(group).0 + others.0, own.1 - range(group).1 + others.1);
            hides(group, (low - rest.1 as f64, high - rest.0 as f64))
        })
    });
    if open { tables } else { vec![Vec::new(); answers.len()] }
}

/// The least and the most steps an answer stands for.
fn steps(place: usize) -> (i64, i64) {
    if place < 5 { (place as i64, place as i64) } else { (0, 4) }
}

fn span(places: impl Iterator<Item = usize>) -> (i64, i64) {
    places.map(steps).fold((4, 0), |span, one| (span.0.min(one.0), span.1.max(one.1)))
}

fn range(group: &Group) -> (i64, i64) {
    let span = span(group.places.iter().copied());
    (group.n * span.0, group.n * span.1)
}

fn range_of_table(table: &[Group], n: i64) -> (i64, i64) {
    let ranges = table.iter().map(range);
    if table.is_empty() { (0, 4 * n) } else { ranges.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1)) }
}

/// Whether each answer of a group may have at least three values, its steps lying between two bounds.
fn hides(group: &Group, (low, high): (f64, f64)) -> bool {
    group.places.len() == 1
        || group.places.iter().all(|place| {
            let (own, others) =
                (steps(*place), span(group.places.iter().copied().filter(|other| other != place)));
            let may = |n: &i64| {
                let (least, most) =
                    (n * own.0 + (group.n - n) * others.0, n * own.1 + (group.n - n) * others.1);
                least as f64 <= high && most as f64 >= low
            };
            (0..=group.n).filter(may).count() >= 3
        })
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
