//! Three readers, three parts.

use super::{Dossier, Kind, Standing, Status, entry::may_be_public};
use crate::{Day, Millis};
use serde::{Deserialize, Serialize};

/// Why an organisation looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 提拔任用.
    Appointment,
    /// 评先评优.
    Award,
    /// 调动交流.
    Move,
    /// 纪检监察工作.
    Discipline,
}

impl Purpose {
    /// All.
    pub const ALL: [Purpose; 4] = [Purpose::Appointment, Purpose::Award, Purpose::Move, Purpose::Discipline];

    /// The word on the page.
    #[must_use]
    pub fn page(self) -> &'static str {
        match self {
            Purpose::Appointment => "提拔任用",
            Purpose::Award => "评先评优",
            Purpose::Move => "调动交流",
            Purpose::Discipline => "纪检监察工作",
        }
    }
}

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Everybody.
    Public,
    /// The cadre.
    Own,
    /// An organisation, for a purpose; the look is logged.
    Organisation(Purpose),
}

/// That somebody looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Which organisation and who.
    pub who: String,
    /// Why.
    pub purpose: Purpose,
    /// When.
    pub at: Millis,
}

/// Reports by status, as numbers. What is sealed is counted for nobody but the cadre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Being looked into.
    pub unverified: usize,
    /// Found true.
    pub verified: usize,
    /// Unfounded.
    pub sealed: usize,
}

/// What a reader sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown<'a> {
    /// Entries, each with its status on the day.
    pub entries: Vec<(&'a Standing, Status)>,
    /// Reports by status; none where they are not told.
    pub reports: Option<Counts>,
    /// Who looked; the cadre's own view.
    pub looks: Vec<&'a Look>,
}

/// What a reader sees of a dossier on a day.
#[must_use]
pub fn view<'a>(dossier: &'a Dossier, looks: &'a [Look], view: View, day: Day) -> Shown<'a> {
    let all = dossier.entries().iter().map(|one| (one, one.status_on(day)));
    let entries = all.filter(|(one, status)| sees(view, one, *status)).collect();
    let looks = if view == View::Own {
        looks.iter().filter(|look| look.purpose != Purpose::Discipline).collect()
    } else {
        vec![]
    };
    Shown { entries, reports: counts(dossier, view), looks }
}

/// Whether a reader sees an entry. Reports that are not proved are seen by nobody as entries but by the cadre, once told.
fn sees(view: View, one: &Standing, status: Status) -> bool {
    let entry = &one.entry;
    match view {
        View::Public => entry.published && status == Status::Verified && may_be_public(entry.kind),
        // An inquiry that is open must not warn whom it is about.
        View::Own => entry.told,
        View::Organisation(_) => matches!(status, Status::Verified | Status::Expired),
    }
}

/// The numbers of reports. Of open ones only the discipline organs read, who know them anyway: a number that goes up would warn.
fn counts(dossier: &Dossier, view: View) -> Option<Counts> {
    let number = |status, told: bool| {
        let of =
            dossier.entries().iter().filter(|one| one.entry.kind == Kind::Report && one.status == status);
        of.filter(|one| !told || one.entry.told).count()
    };
    match view {
        View::Public => None,
        View::Own => Some(Counts {
            unverified: number(Status::Unverified, true),
            verified: number(Status::Verified, true),
            sealed: number(Status::Sealed, true),
        }),
        View::Organisation(purpose) => {
            let open = if purpose == Purpose::Discipline { number(Status::Unverified, false) } else { 0 };
            Some(Counts { unverified: open, verified: number(Status::Verified, false), sealed: 0 })
        }
    }
}
