//! Cards as everybody sees them.

use crate::{
    cases::{Card, Conclusion},
    clock::{Millis, beijing},
    outcomes::card::{self, Draft, State},
    reports::{self, Kind},
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Value, all, like, one, scalar, values};

/// A card as everybody sees it, with its address.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its address.
    pub id: i64,
    /// What it says.
    pub card: Card,
    /// The unit it stands with.
    pub unit_id: Option<i64>,
    /// When its batch came out.
    pub published_at: Millis,
    /// Until when it stands.
    pub ends_at: Millis,
    /// Taken back, or over: then there is nothing else to show.
    pub gone: Option<State>,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    kind: String,
    grain: String,
    place: String,
    unit_id: Option<i64>,
    conclusion: String,
    measures: String,
    recovered: i64,
    returned: i64,
    summary: String,
    second_stage: bool,
    published_at: i64,
    ends_at: i64,
    ended_at: Option<i64>,
    retracted_at: Option<i64>,
    stands: bool,
}

impl Row {
    fn read(self) -> Option<Shown> {
        let draft = Draft { grain: self.grain, ..Draft::default() };
        let gone = match (self.retracted_at, self.ended_at, self.stands) {
            (None, None, true) => None,
            (None, Some(_), _) => Some(State::Ended),
            _ => Some(State::Retracted),
        };
        Some(Shown {
            id: self.id,
            card: Card {
                kind: Kind::from_code(&self.kind)?,
                grain: draft.grain()?,
                place: self.place,
                conclusion: Conclusion::ALL.into_iter().find(|one| one.code() == self.conclusion)?,
                measures: serde_json::from_str(&self.measures).ok()?,
                recovered: self.recovered,
                returned: self.returned,
                summary: self.summary,
                second_stage: self.second_stage,
            },
            unit_id: self.unit_id,
            published_at: self.published_at,
            ends_at: self.ends_at,
            gone,
        })
    }
}

const SHOWN: &str = "SELECT o.id, o.kind, o.grain, o.place, o.unit_id, o.conclusion, o.measures, o.recovered, \
     o.returned, o.summary, o.second_stage, o.published_at, o.ends_at, o.ended_at, o.retracted_at, \
     (c.published_at IS NOT NULL) AS stands FROM outcomes o JOIN cases c ON c.id = o.case_id";
/// A case that was opened again says nothing any more, whether the job was there or not.
const STANDS: &str = "o.retracted_at IS NULL AND o.ended_at IS NULL AND c.published_at IS NOT NULL";

/// A card by its address, also when it is gone.
pub async fn shown(c: &impl ConnectionTrait, id: i64) -> Result<Option<Shown>, DbErr> {
    let row: Option<Row> = one(c, &format!("{SHOWN} WHERE o.id = $1"), values![id]).await?;
    Ok(row.and_then(Row::read))
}

/// The public card of a case.
pub async fn of_case(c: &impl ConnectionTrait, case_id: i64) -> Result<Option<Shown>, DbErr> {
    let row: Option<Row> =
        one(c, &format!("{SHOWN} WHERE o.case_id = $1 AND {STANDS}"), values![case_id]).await?;
    Ok(row.and_then(Row::read))
}

/// Who answered what a card tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Where the organ sits; none when the register does not say.
    pub unit_id: Option<i64>,
    /// What the report was about.
    pub object: reports::Object,
}

/// Who answered what a card tells of, to whoever says something about it; never shown.
pub async fn answered(c: &impl ConnectionTrait, id: i64) -> Result<Option<Answered>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        unit_id: Option<i64>,
        object_kind: String,
        object_id: Option<i64>,
        object_step: Option<i64>,
    }
    let sql = "SELECT g.unit_id, r.object_kind, r.object_id, r.object_step FROM outcomes o \
               JOIN cases c ON c.id = o.case_id JOIN reports r ON r.id = o.case_id \
               LEFT JOIN organs g ON g.id = c.organ_id WHERE o.id = $1";
    let row: Option<Row> = one(c, sql, values![id]).await?;
    Ok(row.map(|row| Answered {
        unit_id: row.unit_id,
        object: reports::store::object(&row.object_kind, row.object_id, row.object_step),
    }))
}

/// What a list of cards is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// What was wanted.
    pub kind: Option<Kind>,
    /// What was found.
    pub conclusion: Option<Conclusion>,
    /// Part of the name of the place.
    pub place: String,
    /// The year in which it came out.
    pub year: Option<i64>,
    /// What it stands with: a column and an id.
    pub with: Option<(&'static str, i64)>,
}

impl Filter {
    fn condition(&self) -> (String, Vec<Value>) {
        let (mut tests, mut bound) = (vec![STANDS.to_owned()], Vec::new());
        let mut and = |test: &str, value: Value| {
            bound.push(value);
            tests.push(test.replace('?', &format!("${}", bound.len())));
        };
        if let Some(kind) = self.kind {
            and("o.kind = ?", kind.code().into());
        }
        if let Some(conclusion) = self.conclusion {
            and("o.conclusion = ?", conclusion.code().into());
        }
        if !self.place.is_empty() {
            and("o.place LIKE ? ESCAPE '!'", format!("%{}%", like(&self.place)).into());
        }
        if let Some(year) = self.year {
            let (from, until) = year_of(year);
            and("o.published_at >= ?", from.into());
            and("o.published_at < ?", until.into());
        }
        if let Some((column, id)) = self.with {
            and(&format!("o.{column} = ?"), id.into());
        }
        (tests.join(" AND "), bound)
    }
}

fn year_of(year: i64) -> (Millis, Millis) {
    let start = |year: i64| {
        let first = i32::try_from(year).ok().and_then(|year| time::Date::from_ordinal_date(year, 1).ok());
        first.map_or(0, |date| date.midnight().assume_offset(crate::clock::BEIJING).unix_timestamp() * 1000)
    };
    (start(year), start(year + 1))
}

/// How many cards stand.
pub async fn count(c: &impl ConnectionTrait, filter: &Filter) -> Result<i64, DbErr> {
    let (condition, bound) = filter.condition();
    let sql = format!("SELECT COUNT(*) FROM outcomes o JOIN cases c ON c.id = o.case_id WHERE {condition}");
    scalar(c, &sql, bound).await
}

/// Cards that stand: the newest batch first, within it in the order of numbers that were drawn.
pub async fn list(
    c: &impl ConnectionTrait,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Shown>, DbErr> {
    let (condition, bound) = filter.condition();
    let sql =
        format!("{SHOWN} WHERE {condition} ORDER BY o.published_at DESC, o.id LIMIT {limit} OFFSET {offset}");
    let rows: Vec<Row> = all(c, &sql, bound).await?;
    Ok(rows.into_iter().filter_map(Row::read).collect())
}

/// The years in which cards that stand came out, the last first.
pub async fn years(c: &impl ConnectionTrait) -> Result<Vec<i32>, DbErr> {
    #[derive(FromQueryResult)]
    struct At {
        at: i64,
    }
    let sql = format!(
        "SELECT DISTINCT o.published_at AS at FROM outcomes o JOIN cases c ON c.id = o.case_id WHERE {STANDS}"
    );
    let rows: Vec<At> = all(c, &sql, values![]).await?;
    let years: std::collections::BTreeSet<i32> = rows.into_iter().map(|row| beijing(row.at).year()).collect();
    Ok(years.into_iter().rev().collect())
}

/// How many outcomes stay unpublished, by ground.
pub async fn withheld(c: &impl ConnectionTrait) -> Result<Vec<(card::Ground, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        ground: String,
        n: i64,
    }
    let sql = "SELECT ground, COUNT(*) AS n FROM outcome_cards WHERE state = 'withheld' AND ground IS NOT NULL \
               GROUP BY ground";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    let of =
        |ground: card::Ground| rows.iter().find(|row| row.ground == ground.code()).map(|row| (ground, row.n));
    Ok(card::Ground::ALL.into_iter().filter_map(of).collect())
}
