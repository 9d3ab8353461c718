//! Questions in words, as a ballot shows them.

use daylight_ratings::indicators::{Library, Questions, UNKNOWN};

/// A question with its answers, each under its place on a ballot (0 the worst to 4 the best, 5 unknown).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// 每题问什么.
    pub text: String,
    /// The best first, and 不了解 last.
    pub answers: Vec<(usize, String)>,
}

/// The words of questions in the edition they are from; none when one is not in it.
pub fn lines(library: &Library, questions: &Questions) -> Option<Vec<Line>> {
    let line = |code: &str| {
        let cadre = library.indicators.iter().find(|one| one.code == code);
        let power = || library.powers.iter().find(|one| one.code == code);
        let (text, scale) = cadre
            .map(|one| (&one.text, &one.scale))
            .or_else(|| power().map(|one| (&one.text, &one.scale)))?;
        let steps = &library.scale(scale)?.steps;
        let steps = steps.iter().enumerate().map(|(at, step)| (4 - at, step.clone()));
        Some(Line { text: text.clone(), answers: steps.chain([(5, UNKNOWN.to_owned())]).collect() })
    };
    questions.list.iter().map(|asked| line(&asked.code)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_answer_is_the_best_and_the_last_is_that_one_does_not_know() {
        let library = Library::first();
        let lines = lines(&library, &library.for_power()).unwrap();
        assert_eq!(lines.len(), 4);
        for line in lines {
            let places: Vec<_> = line.answers.iter().map(|(place, _)| *place).collect();
            assert_eq!(places, [4, 3, 2, 1, 0, 5]);
            assert_eq!(line.answers[5].1, UNKNOWN);
        }
    }
}
