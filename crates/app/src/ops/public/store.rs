//! Every query on the registry as a whole, beside what was published of it.

use crate::{
    cadres::Cadre,
    clock::Millis,
    powers::Power,
    revisions::{Content, SubjectKind},
    units::{Category, Unit},
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, all, values};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const BLOCK: i64 = 500;

/// Since when, until when, what took its place.
type Force = (Option<String>, Option<String>, Option<String>);

/// A published state among those of its subject.
struct Step {
    number: i64,
    id: i64,
    current: bool,
    published_at: Millis,
    ended_at: Option<Millis>,
    rank: Option<&'static str>,
}

/// What a row must say.
enum Said {
    Unit(Unit),
    Power(Line),
    Cadre(Cadre),
}

/// A power as lists know it: nothing of its procedure's text, of which a county has much.
struct Line {
    unit: String,
    name: String,
    kind: Option<&'static str>,
    stage: Option<&'static str>,
    disclosed: bool,
    steps: usize,
    risks: usize,
    bases: BTreeSet<(String, String)>,
}

impl Line {
    fn of(power: Power) -> Line {
        Line {
            kind: power.kind.map(|kind| kind.code()),
            stage: power.stage_type.map(|stage| stage.code()),
            disclosed: power.is_public(),
            steps: power.steps.len(),
            risks: power.risks.len(),
            bases: power.bases.into_iter().map(|basis| (basis.title, basis.article)).collect(),
            unit: power.unit,
            name: power.name,
        }
    }
}

/// The current state of a subject.
struct Now {
    revision_id: i64,
    published_at: Millis,
    said: Said,
}

/// What was ever published.
#[derive(Default)]
struct Published {
    steps: BTreeMap<(SubjectKind, i64), Vec<Step>>,
    now: HashMap<(SubjectKind, i64), Now>,
    /// Units by every name they bore, with when they first bore it.
    units: HashMap<String, BTreeMap<i64, Millis>>,
    /// What powers said of bases.
    bases: HashMap<String, BTreeSet<Force>>,
}

#[derive(FromQueryResult)]
struct State {
    id: i64,
    kind: String,
    subject_id: Option<i64>,
    number: i64,
    state: String,
    content: String,
    published_at: i64,
    ended_at: Option<i64>,
}

impl Published {
    async fn read(c: &impl ConnectionTrait) -> Result<Published, DbErr> {
        let mut published = Published::default();
        let mut after = 0;
        loop {
            let sql = "SELECT id, kind, subject_id, number, state, content, published_at, ended_at FROM revisions \
                       WHERE published_at IS NOT NULL AND id > $1 ORDER BY id LIMIT $2";
            let states: Vec<State> = all(c, sql, values![after, BLOCK]).await?;
            let Some(last) = states.last() else { return Ok(published) };
            after = last.id;
            for state in states {
                published.add(state);
            }
        }
    }

    /// What cannot be read is another check's.
    fn add(&mut self, state: State) {
        let State { id, number, published_at, ended_at, .. } = state;
        let (Some(kind), Some(subject_id)) = (SubjectKind::from_code(&state.kind), state.subject_id) else {
            return;
        };
        let Ok(content) = Content::from_json(kind, &state.content) else { return };
        let current = state.state == "published";
        let rank = match &content {
            Content::Cadre(cadre) => cadre.rank.map(|rank| rank.code()),
            _ => None,
        };
        let step = Step { number, id, current, published_at, ended_at, rank };
        self.steps.entry((kind, subject_id)).or_default().push(step);
        let said = match content {
            Content::Unit(unit) => {
                let bearers = self.units.entry(unit.name.clone()).or_default();
                let first = bearers.entry(subject_id).or_insert(published_at);
                *first = published_at.min(*first);
                Said::Unit(unit)
            }
            Content::Power(power) => {
                for basis in &power.bases {
                    let force: Force =
                        (basis.in_force_from.clone(), basis.in_force_to.clone(), basis.replaced_by.clone());
                    if force != (None, None, None) {
                        self.bases.entry(basis.title.clone()).or_default().insert(force);
                    }
                }
                Said::Power(Line::of(*power))
            }
            Content::Cadre(cadre) => Said::Cadre(cadre),
        };
        if current {
            self.now.insert((kind, subject_id), Now { revision_id: id, published_at, said });
        }
    }

    /// Whether an id is that of a unit that bore a name; none only where no such unit was there yet.
    fn is_unit(&self, name: Option<&str>, id: Option<i64>, written: Millis) -> bool {
        let bearers = name.and_then(|name| self.units.get(name));
        match (bearers, id) {
            (Some(bearers), Some(id)) => bearers.contains_key(&id),
            (Some(bearers), None) => bearers.values().all(|first| *first > written),
            (None, id) => id.is_none(),
        }
    }

    /// Subjects whose states do not follow upon each other: each ends when the next comes out, and the last stands.
    fn broken_chains(&self) -> impl Iterator<Item = (SubjectKind, i64)> {
        let broken = |steps: &Vec<Step>| {
            let mut order: Vec<_> = steps.iter().collect();
            order.sort_by_key(|step| (step.number, step.id));
            let mut nexts = order.iter().skip(1).map(|next| next.published_at);
            order.iter().any(|step| match nexts.next() {
                Some(next) => step.current || step.ended_at != Some(next),
                None => !step.current || step.ended_at.is_some(),
            })
        };
        self.steps.iter().filter(move |(_, steps)| broken(steps)).map(|(subject, _)| *subject)
    }

    /// The rank that the newest state gives which gives any.
    fn rank(&self, cadre_id: i64) -> &'static str {
        let steps = self.steps.get(&(SubjectKind::Cadre, cadre_id)).map_or(&[][..], Vec::as_slice);
        let ranked = steps.iter().filter(|step| step.rank.is_some());
        ranked.max_by_key(|step| (step.number, step.id)).and_then(|step| step.rank).unwrap_or("other")
    }
}

/// How many rows there are, and those that are not as published: what, and its id.
pub async fn strange(c: &impl ConnectionTrait) -> Result<(i64, Vec<(&'static str, i64)>), DbErr> {
    let published = Published::read(c).await?;
    let mut strange: Vec<_> = published.broken_chains().map(|(kind, id)| (kind.page(), id)).collect();
    let mut seen = 0;
    for (kind, found) in [
        (SubjectKind::Unit, units(c, &published).await?),
        (SubjectKind::Power, powers(c, &published).await?),
        (SubjectKind::Cadre, cadres(c, &published).await?),
    ] {
        seen += found.0;
        strange.extend(found.1.into_iter().map(|id| (kind.page(), id)));
    }
    let (titles, wrong) = bases(c, &published).await?;
    strange.extend(wrong.into_iter().map(|id| ("权力依据", id)));
    strange.extend(documents(c, &published).await?.into_iter().map(|id| ("搜索标题", id)));
    Ok((seen + titles, strange))
}

/// How many there are, and which are wrong.
type Found = (i64, Vec<i64>);

fn found<T>(rows: &[T], id: impl Fn(&T) -> i64, right: impl Fn(&T) -> bool) -> Found {
    let wrong = rows.iter().filter(|row| !right(row)).map(id).collect();
    (i64::try_from(rows.len()).unwrap_or(i64::MAX), wrong)
}

async fn units(c: &impl ConnectionTrait, published: &Published) -> Result<Found, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        name: String,
        category: String,
        credit_code: Option<String>,
        parent_id: Option<i64>,
        code: Option<String>,
        phone: Option<String>,
        ended_on: Option<String>,
        successor_id: Option<i64>,
        revision_id: Option<i64>,
        updated_at: i64,
    }
    #[derive(FromQueryResult)]
    struct Division {
        code: String,
        updated_at: i64,
    }
    let sql = "SELECT code, updated_at FROM divisions WHERE valid_to IS NULL";
    let divisions: Vec<Division> = all(c, sql, values![]).await?;
    let divisions: HashMap<_, _> =
        divisions.into_iter().map(|division| (division.code, division.updated_at)).collect();
    let sql = "SELECT u.id, u.name, u.category, u.credit_code, u.parent_id, d.code, u.phone, u.ended_on, \
               u.successor_id, u.revision_id, u.updated_at FROM units u LEFT JOIN divisions d ON d.id = u.division_id";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    let right = |row: &Row| {
        let Some(Now { revision_id, published_at, said: Said::Unit(unit) }) =
            published.now.get(&(SubjectKind::Unit, row.id))
        else {
            return false;
        };
        let division = match (&unit.division_code, &row.code) {
            // A division that came later is taken up by the unit's next state.
            (Some(code), None) => divisions.get(code).is_none_or(|since| *since > row.updated_at),
            (code, held) => code == held,
        };
        row.revision_id == Some(*revision_id)
            && row.updated_at == *published_at
            && row.name == unit.name
            && row.category == unit.category.map_or("", Category::code)
            && row.credit_code == unit.credit_code
            && row.phone == unit.phone
            && row.ended_on == unit.ended_on
            && division
            && published.is_unit(unit.parent.as_deref(), row.parent_id, row.updated_at)
            && published.is_unit(unit.successor.as_deref(), row.successor_id, row.updated_at)
    };
    Ok(found(&rows, |row| row.id, right))
}

async fn powers(c: &impl ConnectionTrait, published: &Published) -> Result<Found, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        unit_id: i64,
        name: String,
        kind: Option<String>,
        stage_type: Option<String>,
        disclosed: bool,
        step_count: i64,
        risk_count: i64,
        revision_id: Option<i64>,
        updated_at: i64,
    }
    #[derive(FromQueryResult)]
    struct Cited {
        power_id: i64,
        title: String,
        article: String,
    }
    let sql = "SELECT x.power_id, b.title, x.article FROM power_bases x JOIN bases b ON b.id = x.basis_id";
    let mut cited: HashMap<i64, BTreeSet<(String, String)>> = HashMap::new();
    for row in all::<Cited>(c, sql, values![]).await? {
        cited.entry(row.power_id).or_default().insert((row.title, row.article));
    }
    let sql = "SELECT id, unit_id, name, kind, stage_type, disclosed, step_count, risk_count, revision_id, \
               updated_at FROM powers";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    let none = BTreeSet::new();
    let right = |row: &Row| {
        let Some(Now { revision_id, published_at, said: Said::Power(power) }) =
            published.now.get(&(SubjectKind::Power, row.id))
        else {
            return false;
        };
        row.revision_id == Some(*revision_id)
            && row.updated_at == *published_at
            && row.name == power.name
            && row.kind.as_deref() == power.kind
            && row.stage_type.as_deref() == power.stage
            && row.disclosed == power.disclosed
            && usize::try_from(row.step_count) == Ok(power.steps)
            && usize::try_from(row.risk_count) == Ok(power.risks)
            && power.bases == *cited.get(&row.id).unwrap_or(&none)
            && published.is_unit(Some(&power.unit), Some(row.unit_id), row.updated_at)
    };
    Ok(found(&rows, |row| row.id, right))
}

#[derive(FromQueryResult)]
struct Held {
    cadre_id: i64,
    unit_id: i64,
    title: String,
    since: Option<String>,
    until: Option<String>,
    duties: Option<String>,
}

async fn cadres(c: &impl ConnectionTrait, published: &Published) -> Result<Found, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        name: String,
        rank: String,
        revision_id: Option<i64>,
        updated_at: i64,
    }
    let sql = "SELECT a.cadre_id, q.unit_id, q.title, a.since, a.until, a.duties FROM appointments a \
               JOIN posts q ON q.id = a.post_id ORDER BY a.id";
    let mut held: HashMap<i64, Vec<Held>> = HashMap::new();
    for row in all::<Held>(c, sql, values![]).await? {
        held.entry(row.cadre_id).or_default().push(row);
    }
    let rows: Vec<Row> =
        all(c, "SELECT id, name, rank, revision_id, updated_at FROM cadres", values![]).await?;
    let right = |row: &Row| {
        let Some(Now { revision_id, published_at, said: Said::Cadre(cadre) }) =
            published.now.get(&(SubjectKind::Cadre, row.id))
        else {
            return false;
        };
        row.revision_id == Some(*revision_id)
            && row.updated_at == *published_at
            && row.name == cadre.name
            && row.rank == published.rank(row.id)
            && holds(published, cadre, held.get(&row.id).map_or(&[], Vec::as_slice), row.updated_at)
    };
    Ok(found(&rows, |row| row.id, right))
}

/// Whether the posts are those that were published, in their order.
fn holds(published: &Published, cadre: &Cadre, held: &[Held], written: Millis) -> bool {
    let said = if cadre.withheld.is_none() { cadre.appointments.as_slice() } else { &[] };
    let mut rows = held.iter().peekable();
    for one in said {
        let fits = |row: &&Held| {
            published.is_unit(Some(&one.unit), Some(row.unit_id), written)
                && row.title == one.post
                && row.since == one.since
                && row.until == one.until
                && row.duties == one.duties
        };
        // One in a unit that was not in the registry was left out.
        if rows.next_if(|row| fits(row)).is_none() && !published.is_unit(Some(&one.unit), None, written) {
            return false;
        }
    }
    rows.next().is_none()
}

async fn bases(c: &impl ConnectionTrait, published: &Published) -> Result<Found, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        title: String,
        in_force_from: Option<String>,
        in_force_to: Option<String>,
        replaced_by: Option<String>,
    }
    let sql = "SELECT id, title, in_force_from, in_force_to, replaced_by FROM bases";
    let rows: Vec<Row> = all(c, sql, values![]).await?;
    let right = |row: &Row| {
        let force = (row.in_force_from.clone(), row.in_force_to.clone(), row.replaced_by.clone());
        match published.bases.get(&row.title) {
            Some(said) => said.contains(&force),
            None => force == (None, None, None),
        }
    };
    Ok(found(&rows, |row| row.id, right))
}

/// Documents of the search under another title than was published.
async fn documents(c: &impl ConnectionTrait, published: &Published) -> Result<Vec<i64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        kind: String,
        subject_id: i64,
        title: String,
    }
    #[derive(FromQueryResult)]
    struct Division {
        id: i64,
        name: String,
    }
    let rows: Vec<Division> = all(c, "SELECT id, name FROM divisions", values![]).await?;
    let divisions: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row.name)).collect();
    let rows: Vec<Row> =
        all(c, "SELECT id, kind, subject_id, title FROM search_documents", values![]).await?;
    let right = |row: &Row| {
        let kind = match row.kind.as_str() {
            // The trail vouches for these, and for the names of divisions.
            "outcome" => return true,
            "division" => return divisions.get(&row.subject_id) == Some(&row.title),
            kind => SubjectKind::from_code(kind),
        };
        let Some(kind) = kind else { return false };
        published.now.get(&(kind, row.subject_id)).is_some_and(|now| {
            row.title
                == match &now.said {
                    Said::Unit(unit) => unit.name.as_str(),
                    Said::Power(power) => power.name.as_str(),
                    Said::Cadre(cadre) => cadre.name.as_str(),
                }
        })
    };
    Ok(found(&rows, |row| row.id, right).1)
}
