//! Every query on figures about cases: histories without words, and the counts that everybody sees.

use super::{
    Clear, Clocks, Figure, Happened, Money, NONE, Paid, Period, happened,
    money::{batches, paid},
    place::{About, Belongs, Division, Held, Register, Unit},
};
use crate::{
    authz::{Actor, Role},
    calendar::Calendar,
    cases::{
        By, Deed,
        routing::{self, World},
        store as cases,
    },
    clock::{Millis, beijing},
    deadlines::{self, Profile},
    ops::store::{set_own, setting},
    reports::Kind,
};
use daylight_db::{ConnectionTrait, DbErr, FromQueryResult, Tx, all, exec, insert_many, scalar_opt, values};
use daylight_vault::Vault;
use std::collections::{BTreeMap, BTreeSet};

/// The county among organs.
pub const COUNTY: i64 = 0;
/// What is true now rather than in a month.
const NOW: &str = "now";
const COUNTED: &str = "oversight.counted_at";
/// Cases read at once.
const BLOCK: i64 = 1_000;

/// What stands in the clear of a case.
#[derive(Clone, Debug)]
pub struct Story {
    /// Its id.
    pub id: i64,
    /// What was wanted.
    pub kind: String,
    /// The organ that has it.
    pub organ_id: Option<i64>,
    /// The unit and the township that it is about.
    pub belongs: Belongs,
    /// Past its date and still to be done.
    pub overdue: bool,
    /// What happened.
    pub happened: Vec<Happened>,
    /// Money that was recovered and given back.
    pub paid: Vec<Paid>,
}

impl Story {
    /// The row of its unit.
    pub fn unit_code(&self) -> String {
        self.belongs.unit.as_ref().map_or_else(|| NONE.to_owned(), |unit| unit.id.to_string())
    }

    /// The row of its township.
    pub fn place_code(&self) -> &str {
        self.belongs.place.as_ref().map_or(NONE, |place| place.code.as_str())
    }

    /// Whether part of a name is in that of its unit, its township or the division that was named.
    pub fn is_in(&self, part: &str) -> bool {
        let Belongs { unit, place, division } = &self.belongs;
        let names = [
            unit.as_ref().map(|unit| &unit.name),
            place.as_ref().map(|place| &place.name),
            division.as_ref(),
        ];
        names.into_iter().flatten().any(|name| name.contains(part))
    }

    /// Whether something of it counts in a period for an organ; what is late is late now.
    pub fn counts(&self, period: Option<Period>, organ: Option<i64>) -> bool {
        let of = |id: Option<i64>| organ.is_none_or(|organ| id == Some(organ));
        let during = |at| period.is_none_or(|period| period.holds(at));
        (self.overdue && of(self.organ_id))
            || self.happened.iter().any(|one| of(one.organ_id) && during(one.at))
            || self.paid.iter().any(|one| of(Some(one.organ_id)) && during(one.at))
    }
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Named {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// What the row of a unit or a township is called now.
pub async fn row_name(c: &impl ConnectionTrait, code: &str) -> Result<Option<String>, DbErr> {
    match (code.strip_prefix('d'), code.parse()) {
        (Some(id), _) => {
            let id: i64 = id.parse().unwrap_or(0);
            scalar_opt(c, "SELECT name FROM divisions WHERE id = $1", values![id]).await
        }
        (None, Ok(id)) => unit_name(c, id).await,
        (None, Err(_)) => Ok(None),
    }
}

async fn unit_name(c: &impl ConnectionTrait, id: i64) -> Result<Option<String>, DbErr> {
    scalar_opt(c, "SELECT name FROM units WHERE id = $1", values![id]).await
}

#[derive(FromQueryResult)]
struct Case {
    id: i64,
    kind: String,
    profile: String,
    organ_id: Option<i64>,
    due_at: Option<i64>,
    closed_at: Option<i64>,
    published_at: Option<i64>,
    /// Where its outcome card stands.
    card: Option<String>,
    object_kind: String,
    object_id: Option<i64>,
    created_at: i64,
    unit_id: Option<i64>,
}

#[derive(FromQueryResult)]
struct Row {
    case_id: i64,
    number: i64,
    at: i64,
    actor: String,
    account_id: Option<i64>,
    organ_id: Option<i64>,
    deed: String,
}

/// The unit that a report is about, where it follows from an id alone: `r` are reports. That of a cadre hangs on the
/// day.
const UNIT_OF: &str = "CASE r.object_kind WHEN 'unit' THEN r.object_id \
     WHEN 'power' THEN (SELECT p.unit_id FROM powers p WHERE p.id = r.object_id) \
     WHEN 'step' THEN (SELECT p.unit_id FROM powers p WHERE p.id = r.object_id) \
     WHEN 'publication' THEN (SELECT x.unit_id FROM outcomes x WHERE x.id = r.object_id) END";

impl Row {
    /// None when it cannot be read: `daylight verify` says so, a count goes on without it.
    fn read(self) -> Option<Clear> {
        let by = match (self.actor.as_str(), self.account_id, self.organ_id) {
            ("reporter", ..) => By::Reporter,
            ("platform", ..) => By::Platform,
            (role, Some(account_id), Some(organ_id)) => {
                By::Staff { account_id, organ_id, role: Role::from_code(role)? }
            }
            _ => return None,
        };
        let deed = serde_json::from_str(&self.deed).ok()?;
        Some(Clear { number: u32::try_from(self.number).ok()?, at: self.at, by, deed })
    }
}

/// Every case as far as it stands in the clear, in blocks so that a county's cases need not be in memory at once.
pub async fn each(c: &impl ConnectionTrait, now: Millis, mut take: impl FnMut(Story)) -> Result<(), DbErr> {
    let calendar = crate::calendar::store::calendar(c).await?;
    let mut profiles: BTreeMap<String, Option<Profile>> = BTreeMap::new();
    let register = register(c).await?;
    let mut after = 0;
    loop {
        let sql = format!(
            "SELECT c.id, c.kind, c.profile, c.organ_id, c.due_at, c.closed_at, c.published_at, o.state AS card, \
             r.object_kind, r.object_id, r.created_at, {UNIT_OF} AS unit_id \
             FROM cases c JOIN reports r ON r.id = c.id LEFT JOIN outcome_cards o ON o.case_id = c.id \
             WHERE c.id > $1 ORDER BY c.id LIMIT {BLOCK}"
        );
        let cases: Vec<Case> = all(c, &sql, values![after]).await?;
        let Some(last) = cases.last().map(|case| case.id) else { return Ok(()) };
        let sql = "SELECT case_id, number, at, actor, account_id, organ_id, deed FROM case_events \
                   WHERE case_id > $1 AND case_id <= $2 ORDER BY case_id, number";
        let mut events: BTreeMap<i64, Vec<Clear>> = BTreeMap::new();
        for row in all::<Row>(c, sql, values![after, last]).await? {
            events.entry(row.case_id).or_default().extend(row.read());
        }
        after = last;
        for case in cases {
            if !profiles.contains_key(&case.profile) {
                let kept = deadlines::store::kept(c, &case.profile).await?;
                profiles.insert(case.profile.clone(), kept);
            }
            let history = events.remove(&case.id).unwrap_or_default();
            let told = profiles.get(&case.profile).and_then(Option::as_ref);
            take(story(case, &history, told, &calendar, &register, now));
        }
    }
}

fn story(
    case: Case,
    history: &[Clear],
    profile: Option<&Profile>,
    calendar: &Calendar,
    register: &Register,
    now: Millis,
) -> Story {
    let mut happened = profile.map_or(Vec::new(), |profile| happened(history, Clocks { profile, calendar }));
    let only = |kind: &str| case.object_id.filter(|_| case.object_kind == kind);
    let about = About {
        unit_id: case.unit_id,
        cadre_id: only("cadre"),
        division_id: only("place"),
        day: beijing(case.created_at).date().to_string(),
    };
    let answered = history.iter().any(|event| matches!(event.deed, Deed::Reply { .. }));
    let withdrawn = history.iter().any(|event| matches!(event.deed, Deed::Withdraw));
    let waits = case.published_at.is_none() && case.card.as_deref() != Some("withheld");
    if let (Some(at), true) = (case.closed_at, answered && !withdrawn && waits) {
        happened.push(Happened { organ_id: case.organ_id, figure: Figure::Unpublished, at, county: true });
    }
    Story {
        id: case.id,
        belongs: register.belongs(&about),
        kind: case.kind,
        organ_id: case.organ_id,
        overdue: case.closed_at.is_none() && case.due_at.is_some_and(|due| due < now),
        happened,
        paid: paid(history),
    }
}

/// What the boards need of the registry.
async fn register(c: &impl ConnectionTrait) -> Result<Register, DbErr> {
    #[derive(FromQueryResult)]
    struct UnitRow {
        id: i64,
        name: String,
        path: String,
        category: String,
        division_id: Option<i64>,
    }
    #[derive(FromQueryResult)]
    struct DivisionRow {
        id: i64,
        name: String,
        path: String,
        level: String,
    }
    #[derive(FromQueryResult)]
    struct HeldRow {
        cadre_id: i64,
        unit_id: i64,
        since: Option<String>,
        until: Option<String>,
    }
    let units: Vec<UnitRow> =
        all(c, "SELECT id, name, path, category, division_id FROM units", values![]).await?;
    let unit = |row: UnitRow| {
        let is_township = row.category == "township";
        (row.id, Unit { name: row.name, path: row.path, is_township, division_id: row.division_id })
    };
    let divisions: Vec<DivisionRow> =
        all(c, "SELECT id, name, path, level FROM divisions", values![]).await?;
    let division = |row: DivisionRow| {
        (row.id, Division { name: row.name, path: row.path, is_township: row.level == "township" })
    };
    let sql = "SELECT a.cadre_id, q.unit_id, a.since, a.until FROM appointments a JOIN posts q ON q.id = a.post_id \
               WHERE a.cadre_id IN (SELECT r.object_id FROM reports r WHERE r.object_kind = 'cadre') ORDER BY a.id";
    let mut held: BTreeMap<i64, Vec<Held>> = BTreeMap::new();
    for row in all::<HeldRow>(c, sql, values![]).await? {
        let one = Held { unit_id: row.unit_id, since: row.since, until: row.until };
        held.entry(row.cadre_id).or_default().push(one);
    }
    Ok(Register {
        units: units.into_iter().map(unit).collect(),
        divisions: divisions.into_iter().map(division).collect(),
        held,
    })
}

/// Counts everything anew for everybody. Run twice it gives the same.
pub async fn count(tx: &Tx, now: Millis) -> Result<(), DbErr> {
    tx.lock("daylight oversight").await?;
    let mut counts: BTreeMap<(i64, String, Figure), i64> = BTreeMap::new();
    let mut money = Vec::new();
    each(&**tx, now, |story| {
        let mut add =
            |organ, month: &str, figure| *counts.entry((organ, month.to_owned(), figure)).or_insert(0) += 1;
        for one in &story.happened {
            let month = Period::month_key(one.at);
            if let Some(organ_id) = one.organ_id {
                add(organ_id, &month, one.figure);
            }
            if one.county {
                add(COUNTY, &month, one.figure);
            }
        }
        if story.overdue {
            add(COUNTY, NOW, Figure::Overdue);
            if let Some(organ_id) = story.organ_id {
                add(organ_id, NOW, Figure::Overdue);
            }
        }
        money.extend(story.paid.iter().map(|one| (story.id, *one)));
    })
    .await?;
    exec(&**tx, "DELETE FROM oversight_counts", values![]).await?;
    let rows = counts
        .into_iter()
        .map(|((organ, month, figure), n)| values![organ, month, figure.code(), n])
        .chain(
            batches(&money)
                .into_iter()
                .map(|((organ, month, way), fen)| values![organ, month, way.code(), fen]),
        )
        .collect();
    insert_many(&**tx, "oversight_counts", &["organ_id", "month", "figure", "n"], rows).await?;
    set_own(tx, COUNTED, &now.to_string()).await
}

/// When was last counted.
pub async fn counted_at(c: &impl ConnectionTrait) -> Result<Option<Millis>, DbErr> {
    Ok(setting(c, COUNTED).await?.and_then(|text| text.parse().ok()))
}

/// Figures by organ; the county is [`COUNTY`].
pub type Counts = BTreeMap<i64, BTreeMap<Figure, i64>>;

#[derive(FromQueryResult)]
struct Count {
    organ_id: i64,
    month: String,
    figure: String,
    n: i64,
}

/// The money of a period in fen, by organ and way, as everybody may know it.
pub async fn money(c: &impl ConnectionTrait, period: Period) -> Result<BTreeMap<(i64, Money), i64>, DbErr> {
    let rows: Vec<Count> =
        all(c, "SELECT organ_id, month, figure, n FROM oversight_counts", values![]).await?;
    let mut sums = BTreeMap::new();
    for row in rows.into_iter().filter(|row| period.keys().contains(&row.month)) {
        let Some(way) = Money::from_code(&row.figure) else { continue };
        *sums.entry((row.organ_id, way)).or_insert(0) += row.n;
    }
    Ok(sums)
}

/// The counts of a period, as last counted.
pub async fn counts(c: &impl ConnectionTrait, period: Period) -> Result<Counts, DbErr> {
    let rows: Vec<Count> =
        all(c, "SELECT organ_id, month, figure, n FROM oversight_counts", values![]).await?;
    let months: BTreeSet<String> = period.keys().into_iter().chain([NOW.to_owned()]).collect();
    let mut counts = Counts::new();
    for row in rows.into_iter().filter(|row| months.contains(&row.month)) {
        let Some(figure) = Figure::from_code(&row.figure) else { continue };
        *counts.entry(row.organ_id).or_default().entry(figure).or_insert(0) += row.n;
    }
    Ok(counts)
}

/// What of the cases of an actor's organs, and those below, they may be told of: the exact figures are counted over
/// these alone. A case to which they are in conflict is not among them, whoever has it, so that no figure moves when
/// it comes or goes.
pub async fn seen_by(
    c: &impl ConnectionTrait,
    vault: &Vault,
    actor: &Actor,
    now: Millis,
) -> Result<(Vec<Story>, BTreeSet<i64>), cases::StoreError> {
    let organs = crate::organs::store::list(c).await?;
    let own: Vec<&str> = actor
        .grants
        .iter()
        .filter(|grant| matches!(grant.role, Role::Intake | Role::Leader))
        .filter_map(|grant| organs.iter().find(|organ| Some(organ.id) == grant.organ_id))
        .map(|organ| organ.path.as_str())
        .collect();
    let below = organs.iter().filter(|organ| own.iter().any(|path| organ.path.starts_with(path)));
    let reach: BTreeSet<i64> = below.map(|organ| organ.id).collect();
    let mut stories = Vec::new();
    each(c, now, |story| {
        if story.happened.iter().any(|one| one.organ_id.is_some_and(|organ| reach.contains(&organ))) {
            stories.push(story);
        }
    })
    .await?;
    let world = routing::store::world(c).await?;
    let mut seen = Vec::new();
    for story in stories {
        if !is_out(c, vault, &world, actor.account_id, story.id).await? {
            seen.push(story);
        }
    }
    Ok((seen, reach))
}

/// Whether somebody is in conflict with a case by any of their roles. Whoever serves nowhere is.
async fn is_out(
    c: &impl ConnectionTrait,
    vault: &Vault,
    world: &World,
    account_id: i64,
    case_id: i64,
) -> Result<bool, cases::StoreError> {
    let opened = cases::open_own(c, vault, case_id).await?;
    let sent = cases::routes(c, &opened).await?.pop().ok_or(cases::StoreError::Damaged)?;
    let mut matter = sent.matter;
    // Whoever handled it first is out of the second stage too, but knows that it went up: that is no conflict.
    let recused = opened.entries.iter().filter_map(|entry| match entry.event.deed {
        Deed::Recuse { account_id } => Some(account_id),
        _ => None,
    });
    matter.recused = cases::standing_recusals(c, &matter).await?;
    matter.recused.extend(recused);
    let mut roles = world.staff.iter().filter(|staff| staff.account_id == account_id).peekable();
    Ok(roles.peek().is_none() || roles.any(|staff| routing::conflict(world, &matter, staff).is_some()))
}

/// The kind of a story, in the page's word.
pub fn kind_page(story: &Story) -> &'static str {
    Kind::from_code(&story.kind).map_or("", Kind::page)
}
