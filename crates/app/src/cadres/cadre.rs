//! A cadre: a person with public power. The dossier follows the person, not the post.

use crate::cases::routing::Rank;
use serde::{Deserialize, Serialize};

/// What is published about a cadre; a revision holds one of these. Citizen id and telephone are
/// never here: they are sealed columns beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cadre {
    /// Name.
    pub name: String,
    /// How high they stand, by which reports are routed; none while nobody said so.
    pub rank: Option<Rank>,
    /// Posts, current and past.
    pub appointments: Vec<Appointment>,
    /// Why the entry is kept back (撤下); none while everybody may see it.
    pub withheld: Option<String>,
}

/// A cadre in a post for a period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Appointment {
    /// Name of the unit.
    pub unit: String,
    /// Title of the post.
    pub post: String,
    /// ISO date or month from which it is held.
    pub since: Option<String>,
    /// ISO date or month until which it was held; none while held.
    pub until: Option<String>,
    /// 分管（负责）工作.
    pub duties: Option<String>,
}

impl Cadre {
    /// The appointments held now, the leading one first as the office listed them.
    pub fn current(&self) -> impl Iterator<Item = &Appointment> {
        self.appointments.iter().filter(|appointment| appointment.until.is_none())
    }

    /// Labelled values in page order: what a difference between two revisions is shown by.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let posts = self.appointments.iter().map(|held| {
            let since = held.since.as_deref().unwrap_or("时间待补");
            let until = held.until.as_deref().unwrap_or("今");
            format!(
                "{} {}（{since} 至 {until}）{}",
                held.unit,
                held.post,
                held.duties.as_deref().unwrap_or_default()
            )
        });
        vec![
            ("姓名", self.name.clone()),
            ("级别", self.rank.map_or("", Rank::page).to_owned()),
            ("任职与分工", posts.collect::<Vec<_>>().join("\n")),
            ("撤下的理由", self.withheld.clone().unwrap_or_default()),
        ]
    }
}
