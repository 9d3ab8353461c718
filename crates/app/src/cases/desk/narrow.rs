//! What a figure of the board narrows the list of cases to: an organ, a unit, a place, a name, a period. A case is listed
//! when something of it counts there, as on the board.

use crate::{
    cases::store::Line,
    clock::Millis,
    organs,
    oversight::{self, NONE, Period},
    web::{Asked, PageError, escape_query},
};
use daylight_db::ConnectionTrait;
use std::collections::BTreeSet;

/// What an address narrows the list to. None of it shows a case that the viewer could not see anyway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Narrow {
    organ: Option<i64>,
    /// Rows of the board, as it names them.
    unit: Option<String>,
    place: Option<String>,
    about: String,
    period: Option<Period>,
}

impl Narrow {
    pub(super) fn of(asked: &Asked) -> Narrow {
        let id = |name| asked.text(name).parse().ok();
        let row = |name| {
            let code = asked.text(name);
            let number = code.strip_prefix('d').unwrap_or(code).parse::<i64>();
            (code == NONE || number.is_ok()).then(|| code.to_owned())
        };
        Narrow {
            organ: id("organ"),
            unit: row("unit"),
            place: row("place"),
            about: asked.text("about").trim().chars().take(60).collect(),
            period: Period::parse(asked.text("period")),
        }
    }

    pub(super) fn is_wide(&self) -> bool {
        *self == Narrow::default()
    }

    /// For the end of an address; empty when nothing is narrowed.
    pub(super) fn query(&self) -> String {
        let organ = self.organ.map(|id| id.to_string());
        let ids = [("organ", organ.as_ref()), ("unit", self.unit.as_ref()), ("place", self.place.as_ref())];
        let ids: Vec<_> =
            ids.into_iter().filter_map(|(name, id)| Some(format!("&{name}={}", escape_query(id?)))).collect();
        let about = (!self.about.is_empty()).then(|| format!("&about={}", escape_query(&self.about)));
        let period = self.period.map(|period| format!("&period={}", period.code()));
        ids.into_iter().chain(about).chain(period).collect()
    }

    /// Leaves what was asked for; and how many of these another organ has by now than the one asked for.
    pub(super) async fn keep(
        &self,
        c: &impl ConnectionTrait,
        lines: Vec<Line>,
        now: Millis,
    ) -> Result<(Vec<Line>, usize), PageError> {
        if self.is_wide() {
            return Ok((lines, 0));
        }
        let (mut there, mut moved) = (BTreeSet::new(), BTreeSet::new());
        let is = |asked: &Option<String>, row: &str| asked.as_ref().is_none_or(|asked| asked == row);
        oversight::store::each(c, now, |story| {
            let holds = is(&self.unit, &story.unit_code())
                && is(&self.place, story.place_code())
                && (self.about.is_empty() || story.is_in(&self.about))
                && ((self.organ.is_none() && self.period.is_none()) || story.counts(self.period, self.organ));
            if holds {
                there.insert(story.id);
                if self.organ.is_some() && story.organ_id != self.organ {
                    moved.insert(story.id);
                }
            }
        })
        .await?;
        let lines: Vec<_> = lines.into_iter().filter(|line| there.contains(&line.id)).collect();
        let moved = lines.iter().filter(|line| moved.contains(&line.id)).count();
        Ok((lines, moved))
    }

    /// "青石镇纪委，柳河村，2026年11月有收到、答复或办结的".
    pub(super) async fn words(&self, c: &impl ConnectionTrait) -> Result<String, PageError> {
        let organ = match self.organ {
            Some(id) => organs::store::get(c, id).await?.map(|organ| organ.name),
            None => None,
        };
        let mut words: Vec<_> = organ.into_iter().collect();
        for (row, none) in [(&self.unit, "没有写明单位"), (&self.place, "没有写明地方")] {
            match row.as_deref() {
                Some(NONE) => words.push(none.to_owned()),
                Some(row) => words.extend(oversight::store::row_name(c, row).await?),
                None => {}
            }
        }
        words.extend(Some(self.about.clone()).filter(|about| !about.is_empty()));
        words.extend(
            self.period.map(|period| format!("{}有收到、答复、评价或办结的，和现在超期的", period.page())),
        );
        Ok(words.join("，"))
    }
}
