//! What a case gives to its card.

use crate::{
    cases::{
        self, Answer, Batch, Card, Crowd, Ending, Grain, Told,
        store::{Opened, StoreError},
    },
    outcomes::card::{Draft, Setting},
    reports,
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, all, one, values};

const DAY: i64 = 86_400_000;

/// A unit by id and name.
pub type Named = (i64, String);

/// What a case gives to its card beside the text.
#[derive(Debug)]
pub struct Facts {
    /// The unit in question.
    pub unit: Option<Named>,
    /// The township around it.
    pub township: Option<Named>,
    /// The county.
    pub county: String,
    /// The power that the report is about.
    pub power: Option<Named>,
    /// The cadre.
    pub cadre: Option<Named>,
    /// Names of people in the matter.
    pub named: Vec<String>,
    /// What the reporter wrote, as one text.
    pub told: String,
    /// The sum that they named.
    pub amount_fen: Option<i64>,
    /// Cases of the kind around its closing, by grain.
    pub alike: [(Grain, u32); 3],
}

impl Facts {
    /// The name of the place at a grain; none where there is no such place.
    pub fn place(&self, grain: Grain) -> Option<(Option<i64>, &str)> {
        let named = |named: &Option<Named>| named.clone().map(|(id, _)| Some(id));
        match grain {
            Grain::Unit => named(&self.unit).zip(self.unit.as_ref().map(|(_, name)| name.as_str())),
            Grain::Township => {
                named(&self.township).zip(self.township.as_ref().map(|(_, name)| name.as_str()))
            }
            Grain::County => Some((None, if self.county.is_empty() { "全县" } else { &self.county })),
        }
    }

    /// How many it could have been.
    pub fn crowd(&self, draft: &Draft) -> Crowd {
        Crowd { people: draft.people, alike: self.alike }
    }

    /// What it is held against.
    pub fn told(&self) -> Told<'_> {
        Told { text: &self.told, amount_fen: self.amount_fen, names: &[] }
    }

    /// What it may be shown with.
    pub fn setting(&self) -> Setting<'_> {
        Setting { named: &self.named, about_power: self.power.is_some(), about_cadre: self.cadre.is_some() }
    }

    /// The card that a draft makes; none while it does not say where.
    pub fn card(&self, opened: &Opened, draft: &Draft) -> Option<Card> {
        let grain = draft.grain()?;
        let (_, place) = self.place(grain)?;
        Some(Card {
            kind: opened.case.kind,
            grain,
            place: place.to_owned(),
            conclusion: opened.case.conclusion?,
            measures: opened.case.measures.clone(),
            recovered: opened.case.recovered,
            returned: opened.case.returned,
            summary: draft.summary.trim().to_owned(),
            second_stage: opened.case.stage == crate::deadlines::Stage::Second,
        })
    }
}

/// Whether an outcome is there to be told of: it ended with a reply.
pub fn is_due(opened: &Opened) -> bool {
    use cases::State::Closed;
    let ended =
        matches!(opened.case.state, Closed(Ending::Satisfied | Ending::Dissatisfied | Ending::Lapsed));
    ended && opened.case.answer == Some(Answer::Reply) && opened.case.conclusion.is_some()
}

#[derive(FromQueryResult)]
struct Object {
    object_kind: String,
    object_id: Option<i64>,
}

/// The unit that a report is about: `r` are reports.
const UNIT_OF: &str = "CASE r.object_kind WHEN 'unit' THEN r.object_id \
     WHEN 'power' THEN (SELECT p.unit_id FROM powers p WHERE p.id = r.object_id) \
     WHEN 'step' THEN (SELECT p.unit_id FROM powers p WHERE p.id = r.object_id) \
     WHEN 'cadre' THEN (SELECT MIN(q.unit_id) FROM appointments a JOIN posts q ON q.id = a.post_id \
         WHERE a.cadre_id = r.object_id AND a.until IS NULL) \
     WHEN 'place' THEN (SELECT MIN(v.id) FROM units v WHERE v.division_id = r.object_id) END";

async fn name_of(c: &impl ConnectionTrait, table: &str, id: i64) -> Result<Option<Named>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
    }
    let row: Option<Row> = one(c, &format!("SELECT name FROM {table} WHERE id = $1"), values![id]).await?;
    Ok(row.map(|row| (id, row.name)))
}

/// What an opened case gives to its card.
pub async fn facts(c: &impl ConnectionTrait, opened: &Opened) -> Result<Facts, StoreError> {
    let content = reports::store::content(c, opened).await?;
    let sql = "SELECT object_kind, object_id FROM reports WHERE id = $1";
    let object: Object = one(c, sql, values![opened.id]).await?.ok_or(StoreError::Damaged)?;
    let of = |kinds: &[&str]| object.object_id.filter(|_| kinds.contains(&object.object_kind.as_str()));
    let power = match of(&["power", "step"]) {
        Some(id) => name_of(c, "powers", id).await?,
        None => None,
    };
    let cadre = match of(&["cadre"]) {
        Some(id) => name_of(c, "cadres", id).await?,
        None => None,
    };
    let mut named = Vec::new();
    if let Some(sent) = cases::store::routes(c, opened).await?.pop() {
        for id in sent.matter.named {
            named.extend(name_of(c, "cadres", id).await?.map(|(_, name)| name));
        }
    }
    let (unit, township) = places(c, opened.id).await?;
    let told = [&content.facts.what, &content.facts.who, &content.facts.when, &content.facts.place];
    let told: Vec<&str> = told.into_iter().chain(&content.points).map(String::as_str).collect();
    Ok(Facts {
        alike: alike(c, opened).await?,
        county: crate::home::store::site_name(c).await?,
        unit,
        township,
        power,
        cadre,
        named,
        told: told.join("\n"),
        amount_fen: content.amount_fen,
    })
}

#[derive(FromQueryResult)]
struct Stands {
    unit_id: i64,
    name: String,
    path: String,
}

async fn places(c: &impl ConnectionTrait, case_id: i64) -> Result<(Option<Named>, Option<Named>), DbErr> {
    let sql = format!(
        "SELECT u.id AS unit_id, u.name, u.path FROM units u \
         WHERE u.id = (SELECT {UNIT_OF} FROM reports r WHERE r.id = $1)"
    );
    let Some(unit) = one::<Stands>(c, &sql, values![case_id]).await? else { return Ok((None, None)) };
    let sql = "SELECT id AS unit_id, name, path FROM units WHERE category = 'township'";
    let around: Vec<Stands> = all(c, sql, values![]).await?;
    let township = around.into_iter().find(|around| unit.path.starts_with(&around.path));
    let named = |unit: Stands| (unit.unit_id, unit.name);
    Ok((Some(named(unit)), township.map(named)))
}

/// Cases of the kind that ended with a reply within a batch's time of this one, at each grain, this one included.
async fn alike(c: &impl ConnectionTrait, opened: &Opened) -> Result<[(Grain, u32); 3], DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        path: Option<String>,
    }
    let closed = opened.case.closed.unwrap_or(0);
    let reach = Batch::seed().most_days * DAY;
    let sql = format!(
        "SELECT c.id, (SELECT u.path FROM units u WHERE u.id = {UNIT_OF}) AS path \
         FROM cases c JOIN reports r ON r.id = c.id \
         WHERE c.kind = $1 AND c.closed_at BETWEEN $2 AND $3 \
         AND c.state IN ('satisfied', 'dissatisfied', 'lapsed') AND EXISTS (SELECT 1 FROM case_events e \
         WHERE e.case_id = c.id AND e.deed LIKE '%\"deed\":\"reply\"%')"
    );
    let bound = values![opened.case.kind.code(), closed - reach, closed + reach];
    let rows: Vec<Row> = all(c, &sql, bound).await?;
    let sql = "SELECT id AS unit_id, name, path FROM units WHERE category = 'township'";
    let townships: Vec<Stands> = all(c, sql, values![]).await?;
    let mine = rows.iter().find(|row| row.id == opened.id).and_then(|row| row.path.clone());
    let around = mine.as_ref().and_then(|mine| townships.iter().find(|one| mine.starts_with(&one.path)));
    let count = |fits: &dyn Fn(&str) -> bool| {
        let fits = rows.iter().filter(|row| row.path.as_deref().is_some_and(fits)).count();
        u32::try_from(fits).unwrap_or(u32::MAX)
    };
    Ok([
        (Grain::Unit, count(&|path| Some(path) == mine.as_deref())),
        (Grain::Township, count(&|path| around.is_some_and(|around| path.starts_with(&around.path)))),
        (Grain::County, u32::try_from(rows.len()).unwrap_or(u32::MAX)),
    ])
}
