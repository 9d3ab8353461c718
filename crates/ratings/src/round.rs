//! A round: from when to when, about whom. What may follow what.

use crate::{
    DAY, Millis,
    indicators::{Rank, Sector},
    release::pace::Pace,
};
use serde::{Deserialize, Serialize};

/// About whom citizens are asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// Whether cadres are rated.
    pub cadres: bool,
    /// Whether powers are.
    pub powers: bool,
    /// Paths of the units, each with everything below; "/" is the whole instance.
    pub places: Vec<String>,
    /// Of which post classes; empty is of all. Holds for cadres.
    pub ranks: Vec<Rank>,
    /// Of which bodies; empty is of all.
    pub sectors: Vec<Sector>,
}

/// Who may be rated, as a scope sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The cadre's post class; none for a power.
    pub rank: Option<Rank>,
    /// The body.
    pub sector: Sector,
    /// The unit's path: "/3/17/".
    pub path: &'a str,
}

impl Scope {
    /// Whether somebody is rated in the round.
    #[must_use]
    pub fn covers(&self, one: Candidate<'_>) -> bool {
        let kind = match one.rank {
            Some(rank) => self.cadres && (self.ranks.is_empty() || self.ranks.contains(&rank)),
            None => self.powers,
        };
        kind && (self.sectors.is_empty() || self.sectors.contains(&one.sector))
            && self.places.iter().any(|place| one.path.starts_with(place.as_str()))
    }

    /// Whether two scopes may share a subject. Says yes rather than no.
    #[must_use]
    pub fn meets(&self, other: &Scope) -> bool {
        fn shared<T: PartialEq>(a: &[T], b: &[T]) -> bool {
            a.is_empty() || b.is_empty() || a.iter().any(|one| b.contains(one))
        }
        let cadres = self.cadres && other.cadres && shared(&self.ranks, &other.ranks);
        let near =
            |a: &String| other.places.iter().any(|b| a.starts_with(b.as_str()) || b.starts_with(a.as_str()));
        (cadres || self.powers && other.powers)
            && shared(&self.sectors, &other.sectors)
            && self.places.iter().any(near)
    }
}

/// Where a round stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Being written.
    Draft,
    /// Another person agreed; its key is made when it opens.
    Reviewed,
    /// Citizens rate.
    Open,
    /// No ballot is taken any more; the round's key is destroyed, nobody can tell whose a ballot is.
    Closed,
    /// The recount equalled the roll-ups and the last figures are shown.
    Published,
    /// Given up before it opened.
    Dropped,
}

impl State {
    /// All.
    pub const ALL: [State; 6] =
        [State::Draft, State::Reviewed, State::Open, State::Closed, State::Published, State::Dropped];

    /// The word on the page.
    #[must_use]
    pub fn page(self) -> &'static str {
        match self {
            State::Draft => "草稿",
            State::Reviewed => "已审核，待开始",
            State::Open => "正在评价",
            State::Closed => "已截止，正在核票",
            State::Published => "已公布",
            State::Dropped => "已取消",
        }
    }
}

/// What somebody, or the clock, does to a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Changes name, dates or scope.
    Edit {
        /// Its name.
        name: String,
        /// When it opens.
        opens: Millis,
        /// When it closes.
        closes: Millis,
        /// About whom.
        scope: Scope,
    },
    /// Agrees.
    Review,
    /// Takes it back before it opened, to change it.
    Reopen,
    /// Gives it up before it opened.
    Drop,
    /// The first day has come.
    Open,
    /// The last day is over.
    Close,
    /// Its key is lost, as after a restore from a backup: nobody can change a ballot any more, and a second key would give
    /// everybody a second voice. So it ends by hand.
    CloseEarly {
        /// Whether the key is really nowhere.
        keyless: bool,
    },
    /// The recount is done; whether it equalled the roll-ups.
    Publish {
        /// Whether every figure was found again.
        agrees: bool,
    },
}

/// Why a deed is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It does not follow the state.
    #[error("评价轮次现在不能这样处理，请刷新页面后再看")]
    NotNow,
    /// Nobody reviews their own work.
    #[error("拟定人不能审核自己拟定的轮次，请换一位审核人")]
    OwnWork,
    /// It is too early for it.
    #[error("还没有到公布的时间")]
    TooEarly,
    /// No name.
    #[error("请填写轮次的名称")]
    Name,
    /// Too short to hear people, or too long to keep a key.
    #[error("评价时间应在{least}天到{most}天之间", least = Round::SHORTEST / DAY, most = Round::LONGEST / DAY)]
    Length,
    /// Nobody is rated.
    #[error("请选择评价对象和单位范围")]
    Scope,
    /// It opens in the past.
    #[error("开始时间已经过了，请改为今后的时间")]
    Past,
    /// It has its key.
    #[error("这一轮的密钥还在，不能提前截止，到最后一天自动截止")]
    HasKey,
    /// A figure was not found again.
    #[error("核票结果与汇总不一致，不能公布，请联系系统管理员")]
    Disagrees,
}

/// A round of rating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// "2026年下半年群众评价".
    pub name: String,
    /// When it opens.
    pub opens: Millis,
    /// When it closes: the first instant at which no ballot is taken.
    pub closes: Millis,
    /// About whom.
    pub scope: Scope,
    /// Who wrote it: an account.
    pub author: i64,
    /// Where it stands.
    pub state: State,
    /// When figures change, and by how much.
    #[serde(default)]
    pub pace: Pace,
}

impl Round {
    /// The shortest a round may be.
    pub const SHORTEST: Millis = 7 * DAY;
    /// The longest.
    pub const LONGEST: Millis = 366 * DAY;

    /// An empty draft.
    #[must_use]
    pub fn draft(author: i64) -> Round {
        Round {
            name: String::new(),
            opens: 0,
            closes: 0,
            scope: Scope::default(),
            author,
            state: State::Draft,
            pace: Pace::default(),
        }
    }

    /// What becomes of it. `who` is an account, or none for the clock.
    ///
    /// # Errors
    ///
    /// [`Refusal`] when the deed may not follow, or not by them.
    pub fn act(&self, deed: &Deed, who: Option<i64>, now: Millis) -> Result<Round, Refusal> {
        let to = |state| Ok(Round { state, ..self.clone() });
        match (self.state, deed) {
            (State::Draft, Deed::Edit { name, opens, closes, scope }) => {
                let (name, scope, author) =
                    (name.trim().to_owned(), scope.clone(), who.unwrap_or(self.author));
                Ok(Round { name, opens: *opens, closes: *closes, scope, author, ..self.clone() })
            }
            (State::Draft, Deed::Review) => {
                self.sound(now)?;
                if who.is_none_or(|who| who == self.author) {
                    Err(Refusal::OwnWork)
                } else {
                    to(State::Reviewed)
                }
            }
            (State::Reviewed, Deed::Reopen) => to(State::Draft),
            (State::Draft | State::Reviewed, Deed::Drop) => to(State::Dropped),
            (State::Reviewed, Deed::Open) if now < self.opens => Err(Refusal::TooEarly),
            (State::Reviewed, Deed::Open) => to(State::Open),
            (State::Open, Deed::Close) if now < self.closes => Err(Refusal::TooEarly),
            (State::Open, Deed::Close) => to(State::Closed),
            (State::Open, Deed::CloseEarly { keyless: false }) => Err(Refusal::HasKey),
            (State::Open, Deed::CloseEarly { keyless: true }) => {
                Ok(Round { closes: self.closes.min(now), state: State::Closed, ..self.clone() })
            }
            (State::Closed, Deed::Publish { agrees: true }) => to(State::Published),
            (State::Closed, Deed::Publish { agrees: false }) => Err(Refusal::Disagrees),
            _ => Err(Refusal::NotNow),
        }
    }

    /// Whether a ballot is taken at an instant: the clock alone closes a round, even when its job is late.
    #[must_use]
    pub fn takes_ballots(&self, now: Millis) -> bool {
        self.state == State::Open && (self.opens..self.closes).contains(&now)
    }

    /// Whether two rounds may ask about one subject at one time.
    #[must_use]
    pub fn collides(&self, other: &Round) -> bool {
        let live = |round: &Round| matches!(round.state, State::Reviewed | State::Open);
        live(self)
            && live(other)
            && self.opens < other.closes
            && other.opens < self.closes
            && self.scope.meets(&other.scope)
    }

    fn sound(&self, now: Millis) -> Result<(), Refusal> {
        if self.name.is_empty() {
            return Err(Refusal::Name);
        }
        if self.opens < now {
            return Err(Refusal::Past);
        }
        if !(Self::SHORTEST..=Self::LONGEST).contains(&(self.closes - self.opens)) {
            return Err(Refusal::Length);
        }
        if self.scope.places.is_empty() || !(self.scope.cadres || self.scope.powers) {
            return Err(Refusal::Scope);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITER: i64 = 1;
    const OTHER: i64 = 2;

    fn scope() -> Scope {
        Scope { cadres: true, places: vec!["/3/".into()], ..Scope::default() }
    }

    fn round(state: State) -> Round {
        Round {
            name: "上半年".into(),
            opens: 10 * DAY,
            closes: 40 * DAY,
            scope: scope(),
            author: WRITER,
            state,
            pace: Pace::default(),
        }
    }

    #[test]
    fn only_what_may_follow_follows() {
        let edit = Deed::Edit { name: "改".into(), opens: 20 * DAY, closes: 30 * DAY, scope: scope() };
        let deeds = [
            (edit, 0),
            (Deed::Review, 0),
            (Deed::Reopen, 0),
            (Deed::Drop, 0),
            (Deed::Open, 10),
            (Deed::Close, 40),
            (Deed::Publish { agrees: true }, 41),
        ];
        // Rows are deeds, columns states, in the order of their lists; none is refused.
        let table: [[Option<State>; 6]; 7] = [
            [Some(State::Draft), None, None, None, None, None],
            [Some(State::Reviewed), None, None, None, None, None],
            [None, Some(State::Draft), None, None, None, None],
            [Some(State::Dropped), Some(State::Dropped), None, None, None, None],
            [None, Some(State::Open), None, None, None, None],
            [None, None, Some(State::Closed), None, None, None],
            [None, None, None, Some(State::Published), None, None],
        ];
        for ((deed, day), row) in deeds.iter().zip(table) {
            for (state, expected) in State::ALL.into_iter().zip(row) {
                let found = round(state).act(deed, Some(OTHER), day * DAY);
                match expected {
                    Some(expected) => assert_eq!(found.unwrap().state, expected, "{deed:?} {state:?}"),
                    None => assert_eq!(found, Err(Refusal::NotNow), "{deed:?} {state:?}"),
                }
            }
        }
    }

    #[test]
    fn nobody_reviews_what_they_wrote_and_the_clock_reviews_nothing() {
        let draft = round(State::Draft);
        assert_eq!(draft.act(&Deed::Review, Some(WRITER), 0), Err(Refusal::OwnWork));
        assert_eq!(draft.act(&Deed::Review, None, 0), Err(Refusal::OwnWork));
        // Whoever changed it last is its author.
        let edit = Deed::Edit { name: "改".into(), opens: 20 * DAY, closes: 30 * DAY, scope: scope() };
        let edited = draft.act(&edit, Some(OTHER), 0).unwrap();
        assert_eq!(edited.act(&Deed::Review, Some(OTHER), 0), Err(Refusal::OwnWork));
        assert!(edited.act(&Deed::Review, Some(WRITER), 0).is_ok());
    }

    #[test]
    fn dates_scope_and_the_recount_hold_it_back() {
        let with = |change: fn(&mut Round)| {
            let mut draft = round(State::Draft);
            change(&mut draft);
            draft.act(&Deed::Review, Some(OTHER), 5 * DAY).map(|round| round.state)
        };
        assert_eq!(with(|_| {}), Ok(State::Reviewed));
        assert_eq!(with(|round| round.name.clear()), Err(Refusal::Name));
        assert_eq!(with(|round| round.opens = 4 * DAY), Err(Refusal::Past));
        assert_eq!(with(|round| round.closes = 16 * DAY), Err(Refusal::Length));
        assert_eq!(with(|round| round.closes = 400 * DAY), Err(Refusal::Length));
        assert_eq!(with(|round| round.scope.places.clear()), Err(Refusal::Scope));
        assert_eq!(with(|round| round.scope.cadres = false), Err(Refusal::Scope));
        assert_eq!(round(State::Reviewed).act(&Deed::Open, None, 9 * DAY), Err(Refusal::TooEarly));
        assert_eq!(round(State::Open).act(&Deed::Close, None, 39 * DAY), Err(Refusal::TooEarly));
        let early = |keyless| round(State::Open).act(&Deed::CloseEarly { keyless }, Some(OTHER), 20 * DAY);
        assert_eq!(early(false), Err(Refusal::HasKey));
        let closed = early(true).unwrap();
        assert_eq!((closed.state, closed.closes), (State::Closed, 20 * DAY));
        let publish = Deed::Publish { agrees: false };
        assert_eq!(round(State::Closed).act(&publish, None, 41 * DAY), Err(Refusal::Disagrees));
    }

    #[test]
    fn a_ballot_is_taken_from_the_first_instant_to_the_one_before_the_close() {
        let open = round(State::Open);
        assert!(!open.takes_ballots(10 * DAY - 1) && open.takes_ballots(10 * DAY));
        assert!(open.takes_ballots(40 * DAY - 1) && !open.takes_ballots(40 * DAY));
        assert!(
            !round(State::Closed).takes_ballots(20 * DAY) && !round(State::Reviewed).takes_ballots(20 * DAY)
        );
    }

    #[test]
    fn a_scope_covers_by_place_kind_rank_and_body() {
        let cadre = Candidate { rank: Some(Rank::Head), sector: Sector::Township, path: "/3/17/" };
        assert!(scope().covers(cadre));
        assert!(!scope().covers(Candidate { path: "/31/", ..cadre }));
        assert!(!scope().covers(Candidate { rank: None, ..cadre }));
        let villages = Scope { ranks: vec![Rank::Village], ..scope() };
        assert!(!villages.covers(cadre));
        let schools = Scope { sectors: vec![Sector::School], ..scope() };
        assert!(!schools.covers(cadre));
        assert!(villages.meets(&scope()) && !villages.meets(&Scope { ranks: vec![Rank::Head], ..scope() }));
        assert!(!scope().meets(&Scope { places: vec!["/4/".into()], ..scope() }));
        let (one, other) = (round(State::Open), round(State::Reviewed));
        assert!(one.collides(&other));
        assert!(!one.collides(&Round { opens: 40 * DAY, closes: 60 * DAY, ..other.clone() }));
        assert!(!one.collides(&Round { state: State::Draft, ..other }));
    }
}
