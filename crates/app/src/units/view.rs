//! What the page of a unit shows at a moment, gathered once for whichever panel is open.

use super::{
    Unit,
    store::{self, Line, Organ},
};
use crate::{
    cadres,
    divisions::{self, Division},
    powers::{self, Part, Power},
    revisions::{self, Content, Revision, SubjectKind, as_of::Moment},
    web::PageError,
};
use daylight_db::ConnectionTrait;

/// A unit at a moment.
pub struct View {
    /// Its id.
    pub id: i64,
    /// Its own state.
    pub unit: Unit,
    /// The moment.
    pub moment: Moment,
    /// The unit above, if the registry knows it.
    pub parent: Option<Line>,
    /// Where it sits, topmost first; the last two levels.
    pub places: Vec<Division>,
    /// Its public powers.
    pub powers: Vec<(i64, Power)>,
    /// How many it keeps back.
    pub withheld: i64,
    /// The people in office.
    pub people: Vec<cadres::store::Line>,
    /// The units right below it, at most [`BELOW`].
    pub below: Vec<(i64, String)>,
    /// How many there are below it.
    pub below_count: i64,
    /// The discipline organs it answers to.
    pub organs: Vec<Organ>,
    /// Entries an import took with doubts; now only.
    pub flagged: i64,
    /// When anything shown was last written.
    pub updated_at: i64,
    /// Its row as it is now.
    pub line: Line,
}

/// How many subordinate units a page lists before it points to the list.
pub const BELOW: i64 = 20;

impl View {
    /// Gathers it.
    pub async fn of(
        c: &impl ConnectionTrait,
        id: i64,
        revision: &Revision,
        moment: Moment,
    ) -> Result<View, PageError> {
        let Content::Unit(unit) = revision.content.clone() else { return Err(PageError::NotFound) };
        let line = store::get(c, id).await?.ok_or(PageError::NotFound)?;
        let parent = match &unit.parent {
            Some(name) => revisions::store::unit_named(c, name).await?,
            None => None,
        };
        let places = match &unit.division_code {
            Some(code) => places(c, code).await?,
            None => Vec::new(),
        };
        let (powers, withheld) = powers(c, id, moment).await?;
        let names = revisions::store::names_of(c, id).await?;
        let (below, below_count) = below(c, id, &names, moment).await?;
        let people = match moment.on {
            None => cadres::store::of_unit(c, id).await?,
            Some(_) => cadres::store::of_unit_as_of(c, id, &names, moment.at).await?,
        };
        let now = moment.on.is_none();
        let published_at = revision.published_at.unwrap_or(revision.created_at);
        Ok(View {
            id,
            unit,
            moment,
            parent,
            places,
            powers,
            withheld,
            people,
            below,
            below_count,
            organs: store::organs_over(c, id, &line.path).await?,
            flagged: if now { store::count_flagged(c, id).await? } else { 0 },
            updated_at: if now { store::updated_at(c, id).await? } else { published_at },
            line,
        })
    }

    /// The address of the unit's page.
    pub fn path(&self) -> String {
        SubjectKind::Unit.href(self.id)
    }

    /// How many public powers lack one of the five required parts.
    pub fn incomplete(&self) -> usize {
        self.powers.iter().filter(|(_, power)| !power.missing().is_empty()).count()
    }

    /// What is missing here, in one sentence; none when nothing is.
    pub fn missing(&self) -> Option<String> {
        let own: Vec<_> = self.unit.missing().into_iter().map(super::Missing::page).collect();
        let mut said = Vec::new();
        if !own.is_empty() {
            said.push(own.join("、"));
        }
        if self.incomplete() > 0 {
            let parts: std::collections::BTreeSet<Part> =
                self.powers.iter().flat_map(|(_, power)| power.missing()).collect();
            let parts: Vec<_> = parts.into_iter().map(Part::page).collect();
            said.push(format!("{}项权力缺{}", self.incomplete(), parts.join("、")));
        }
        (!said.is_empty()).then(|| format!("{}。", said.join("；")))
    }
}

/// The last two levels of a division and those above it: the rest the site's name says.
async fn places(c: &impl ConnectionTrait, code: &str) -> Result<Vec<Division>, PageError> {
    let Some(division) = divisions::store::by_code(c, code).await? else { return Ok(Vec::new()) };
    let mut line = divisions::store::line(c, &division).await?;
    Ok(line.split_off(line.len().saturating_sub(2)))
}

/// Public powers at a moment, and how many were kept back. What is withheld now is kept back at every moment.
async fn powers(
    c: &impl ConnectionTrait,
    id: i64,
    moment: Moment,
) -> Result<(Vec<(i64, Power)>, i64), PageError> {
    let closed = powers::store::withheld_of_unit(c, id).await?;
    let mut open = Vec::new();
    let mut withheld = 0;
    for revision in revisions::store::of_unit_as_of(c, SubjectKind::Power, id, moment.at).await? {
        let (Some(power_id), Content::Power(power)) = (revision.subject_id, revision.content) else {
            continue;
        };
        if power.is_public() && !closed.contains(&power_id) {
            open.push((power_id, *power));
        } else {
            withheld += 1;
        }
    }
    Ok((open, withheld))
}

async fn below(
    c: &impl ConnectionTrait,
    id: i64,
    names: &[String],
    moment: Moment,
) -> Result<(Vec<(i64, String)>, i64), PageError> {
    if moment.on.is_some() {
        let mut units = store::below_as_of(c, names, moment.at).await?;
        let count = i64::try_from(units.len()).unwrap_or(i64::MAX);
        units.truncate(usize::try_from(BELOW).unwrap_or(usize::MAX));
        return Ok((units, count));
    }
    let filter = store::Filter { parent_id: Some(id), ..store::Filter::default() };
    let count = store::count(c, &filter).await?;
    let units = store::list(c, &filter, BELOW, 0).await?;
    Ok((units.into_iter().map(|line| (line.id, line.name)).collect(), count))
}
