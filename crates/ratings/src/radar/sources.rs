//! Many ballots from one source. The store keeps counters by a tag that is keyed with a key of the day and forgotten with
//! it; an address stands nowhere, and no tag of one day can be found in another.

/// What one source sent in one day, as counted under its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Ballots on the subject.
    pub here: i64,
    /// Ballots on everybody.
    pub everywhere: i64,
}

/// The largest cluster about a subject: a source from which more ballots came than its share of all ballots explains. A
/// village behind one line, or a telephone company's gateway, sends much about everybody, and is no cluster.
///
/// `here` and `everywhere` are the day's totals. None where no source stands out.
#[must_use]
pub fn clusters(sources: &[Source], here: i64, everywhere: i64) -> Option<Source> {
    let stands_out = |source: &&Source| {
        // Without the subject itself, else an attack would raise its own expectation; one imagined ballot each, so that a source
        // never seen elsewhere expects something.
        let elsewhere = (source.everywhere - source.here + 1) as f64 / (everywhere - here + 1).max(1) as f64;
        let share = elsewhere.clamp(0.0, 1.0);
        let mean = here as f64 * share;
        let limit = mean + 4.0 * (2.0 * mean * (1.0 - share)).sqrt() + LEAST as f64;
        source.here as f64 > limit
    };
    sources.iter().filter(stands_out).max_by_key(|source| source.here).copied()
}

/// So many from one source are a family or an office, and no sign.
const LEAST: i64 = 9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_is_about_one_subject_alone_stands_out() {
        let (shared, own) = (Source { here: 30, everywhere: 3000 }, Source { here: 40, everywhere: 41 });
        assert_eq!(clusters(&[shared, own], 100, 10_000), Some(own));
        // A large attack does not explain itself.
        assert_eq!(clusters(&[own], 100, 400), Some(own));
        assert_eq!(clusters(&[shared], 100, 10_000), None);
        assert_eq!(clusters(&[Source { here: 9, everywhere: 9 }], 12, 10_000), None);
        assert_eq!(clusters(&[], 0, 0), None);
    }
}
