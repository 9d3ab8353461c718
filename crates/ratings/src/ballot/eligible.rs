//! Who may not rate whom: the subject, those below, declared relatives. What is not known is held against it.

use super::SubjectId;
use crate::indicators::Rank;

/// A post somebody holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Path of the unit: "/3/17/".
    pub unit: String,
    /// Its class; none while nobody said so.
    pub rank: Option<Rank>,
}

/// Whoever wants to rate, as far as the platform knows them: most citizens are nobody's cadre.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Voter {
    /// The cadre whose telephone this is.
    pub cadre: Option<i64>,
    /// Posts held now.
    pub posts: Vec<Post>,
    /// Cadres declared as relatives.
    pub relatives: Vec<i64>,
}

/// Whoever is rated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Who or what.
    pub id: SubjectId,
    /// Posts the cadre holds now; for a power the unit that exercises it, without a class.
    pub posts: Vec<Post>,
    /// For a power: the cadres who answer for it.
    pub holders: Vec<i64>,
}

/// Why somebody may not; said to themselves alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ineligible {
    /// It is about themselves.
    #[error("不能评价自己，或自己负责的权力事项")]
    Own,
    /// They work below.
    #[error("您在被评价人或该事项所在单位任职，按回避规定不参加这项评价")]
    Below,
    /// They are relatives.
    #[error("您与被评价人登记有亲属关系，按回避规定不参加这项评价")]
    Relative,
}

/// Whether somebody may rate a subject.
///
/// # Errors
///
/// [`Ineligible`] says why not.
pub fn eligible(voter: &Voter, subject: &Subject) -> Result<(), Ineligible> {
    let answers = |cadre: i64| subject.id == SubjectId::Cadre(cadre) || subject.holders.contains(&cadre);
    if voter.cadre.is_some_and(answers) {
        return Err(Ineligible::Own);
    }
    if voter.relatives.iter().any(|cadre| answers(*cadre)) {
        return Err(Ineligible::Relative);
    }
    let power = matches!(subject.id, SubjectId::Power(_));
    let below = |own: &Post| subject.posts.iter().any(|theirs| is_below(own, theirs, power));
    if voter.posts.iter().any(below) { Err(Ineligible::Below) } else { Ok(()) }
}

/// Whether a post stands below another: in a unit below it, or in the same unit and not known to be as high. Of a power's
/// unit everybody is out.
fn is_below(own: &Post, theirs: &Post, power: bool) -> bool {
    if own.unit == theirs.unit {
        // Ranks are in order, the highest first.
        let level = matches!((own.rank, theirs.rank), (Some(own), Some(theirs)) if own <= theirs);
        return power || !level;
    }
    own.unit.starts_with(&theirs.unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(unit: &str, rank: Option<Rank>) -> Post {
        Post { unit: unit.into(), rank }
    }

    fn cadre(id: i64, posts: &[Post]) -> Subject {
        Subject { id: SubjectId::Cadre(id), posts: posts.to_vec(), holders: Vec::new() }
    }

    #[test]
    fn a_citizen_rates_everybody() {
        let subject = cadre(1, &[post("/3/", Some(Rank::Head))]);
        assert_eq!(eligible(&Voter::default(), &subject), Ok(()));
    }

    #[test]
    fn nobody_rates_themselves_or_a_relative() {
        let subject = cadre(1, &[]);
        let own = Voter { cadre: Some(1), ..Voter::default() };
        assert_eq!(eligible(&own, &subject), Err(Ineligible::Own));
        let relative = Voter { relatives: vec![4, 1], ..Voter::default() };
        assert_eq!(eligible(&relative, &subject), Err(Ineligible::Relative));
        assert_eq!(eligible(&Voter { cadre: Some(2), ..Voter::default() }, &subject), Ok(()));
        // A power is rated neither by who answers for it nor by their relatives; its number is no cadre's.
        let power = Subject { id: SubjectId::Power(2), posts: Vec::new(), holders: vec![1] };
        assert_eq!(eligible(&own, &power), Err(Ineligible::Own));
        assert_eq!(eligible(&relative, &power), Err(Ineligible::Relative));
        assert_eq!(eligible(&Voter { cadre: Some(2), ..Voter::default() }, &power), Ok(()));
    }

    #[test]
    fn those_below_are_out_and_colleagues_of_the_same_height_are_not() {
        let head = cadre(1, &[post("/3/", Some(Rank::Head))]);
        let serves =
            |unit: &str, rank| Voter { cadre: Some(2), posts: vec![post(unit, rank)], ..Voter::default() };
        assert_eq!(eligible(&serves("/3/", Some(Rank::Other)), &head), Err(Ineligible::Below));
        assert_eq!(eligible(&serves("/3/9/", Some(Rank::Village)), &head), Err(Ineligible::Below));
        assert_eq!(eligible(&serves("/3/", Some(Rank::Head)), &head), Ok(()));
        assert_eq!(eligible(&serves("/31/", Some(Rank::Other)), &head), Ok(()));
        assert_eq!(eligible(&serves("/", Some(Rank::County)), &head), Ok(()));
        // Of whom the rank is not known, in the same unit, is taken to be below.
        assert_eq!(eligible(&serves("/3/", None), &head), Err(Ineligible::Below));
        let power = Subject { id: SubjectId::Power(2), posts: vec![post("/3/", None)], holders: vec![] };
        assert_eq!(eligible(&serves("/3/", Some(Rank::County)), &power), Err(Ineligible::Below));
        assert_eq!(eligible(&serves("/4/", None), &power), Ok(()));
    }
}
