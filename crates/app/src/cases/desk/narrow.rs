//! What a figure of the board narrows the list of cases to: an organ, a unit or a place around it, a month.

use crate::{
    cases::store::Line,
    organs,
    oversight::{self, Period},
    web::{Asked, PageError, escape_query},
};
use daylight_db::ConnectionTrait;

/// What an address narrows the list to. None of it shows a case that the viewer could not see anyway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Narrow {
    organ: Option<i64>,
    about: String,
    month: Option<Period>,
}

impl Narrow {
    pub(super) fn of(asked: &Asked) -> Narrow {
        let about: String = asked.text("about").trim().chars().take(60).collect();
        Narrow { organ: asked.text("organ").parse().ok(), about, month: Period::parse(asked.text("month")) }
    }

    pub(super) fn is_wide(&self) -> bool {
        *self == Narrow::default()
    }

    /// For the end of an address; empty when nothing is narrowed.
    pub(super) fn query(&self) -> String {
        let organ = self.organ.map(|id| format!("&organ={id}"));
        let about = (!self.about.is_empty()).then(|| format!("&about={}", escape_query(&self.about)));
        let month = self.month.map(|month| format!("&month={}", month.code()));
        organ.into_iter().chain(about).chain(month).collect()
    }

    /// Leaves what was asked for.
    pub(super) async fn keep(
        &self,
        c: &impl ConnectionTrait,
        lines: Vec<Line>,
    ) -> Result<Vec<Line>, PageError> {
        if self.is_wide() {
            return Ok(lines);
        }
        let stands = oversight::store::stands(c).await?;
        let holds = |line: &Line| {
            let stands = stands.get(&line.id);
            self.month.is_none_or(|month| month.holds(line.received_at))
                && self.organ.is_none_or(|organ| stands.is_some_and(|one| one.organ_id == Some(organ)))
                && (self.about.is_empty() || stands.is_some_and(|one| one.is_in(&self.about)))
        };
        Ok(lines.into_iter().filter(holds).collect())
    }

    /// "青石镇纪委，柳河村，2026年11月收到的".
    pub(super) async fn words(&self, c: &impl ConnectionTrait) -> Result<String, PageError> {
        let organ = match self.organ {
            Some(id) => organs::store::get(c, id).await?.map(|organ| organ.name),
            None => None,
        };
        let about = Some(self.about.clone()).filter(|about| !about.is_empty());
        let month = self.month.map(|month| format!("{}收到的", month.page()));
        Ok(organ.into_iter().chain(about).chain(month).collect::<Vec<_>>().join("，"))
    }
}
