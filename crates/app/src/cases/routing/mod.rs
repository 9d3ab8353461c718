//! To whom a report is given (capabilities D4, N2). A table of rules proposes an organ; the conflict step then
//! takes out everybody who must not see it and goes up until an organ is left that can handle it.
//!
//! Pure over a small [`World`], which the store fills. Whatever is not known counts as a conflict: a staff
//! account that nobody tied to a person is out, because nobody can say whose relative it is.

mod edit;
mod explain;
mod mention;
mod page;
pub mod store;
mod table;

pub use explain::Names;
pub use mention::Directory;
pub use table::{Choose, Rank, Rule, Table};

use super::Above;
use crate::{
    authz::{Action, Role},
    clock::Millis,
    reports::Kind,
    web::{Access, Route as Way, get, post},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The routes of this feature.
pub fn routes() -> Vec<Way> {
    let (see, set) = (Access::Staff(Action::SeeRules), Access::Staff(Action::SetRules));
    vec![
        get("/office/routing", see, page::page),
        get("/office/routing/edit", set, edit::form),
        post("/office/routing/edit", set, edit::submit),
        post("/office/routing/superior", set, page::superior),
    ]
}

/// A discipline organ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organ {
    /// The organ above.
    pub parent_id: Option<i64>,
    /// The unit it sits in.
    pub unit_id: Option<i64>,
    /// The units it watches; `true`: with everything below.
    pub watches: Vec<(i64, bool)>,
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Ids from the root: "/3/17/".
    pub path: String,
    /// Which of the eight.
    pub category: Option<crate::units::Category>,
}

/// A person with public power.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cadre {
    /// Where they hold a post now.
    pub units: BTreeSet<i64>,
    /// How high.
    pub rank: Rank,
}

/// An account with a role in an organ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staff {
    /// The account.
    pub account_id: i64,
    /// The organ.
    pub organ_id: i64,
    /// Intake, handler or leader.
    pub role: Role,
    /// The person behind the account.
    pub cadre_id: Option<i64>,
}

/// The level above this instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Superior {
    /// Where citizens can turn to: "市纪委监委 12388".
    pub channel: String,
    /// Fingerprint of its public key, once that is configured.
    pub key: Option<String>,
}

/// What routing needs to know of the county.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// By id.
    pub units: BTreeMap<i64, Unit>,
    /// By id.
    pub organs: BTreeMap<i64, Organ>,
    /// By id.
    pub cadres: BTreeMap<i64, Cadre>,
    /// Everybody with a role in an organ.
    pub staff: Vec<Staff>,
    /// Declared relatives, each pair once, either way round.
    pub relatives: BTreeSet<(i64, i64)>,
    /// The level above.
    pub superior: Superior,
}

/// What routing needs to know of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matter {
    /// What is wanted.
    pub kind: Kind,
    /// The unit it is about, itself or through a power, step or publication.
    pub unit_id: Option<i64>,
    /// The unit of the place where it happened: asked when no unit is named, and never accused.
    pub place_unit_id: Option<i64>,
    /// Cadres it names, from the beginning or later.
    pub named: BTreeSet<i64>,
    /// Accounts that were recused by hand, or that acted in the first stage.
    pub recused: BTreeSet<i64>,
    /// Whether the rule that sent it lets the unit's own organ have it.
    #[serde(default)]
    pub own_unit: bool,
    /// Cadres by whose naming no organ could handle it any more, and who named them: they and their relatives are out at
    /// once, the organ not before a second member has named them too.
    #[serde(default)]
    pub pending: BTreeMap<i64, Voice>,
    /// Cadres whom one person named and nobody confirmed in time. That word counts as a first one for good, and shuts
    /// nobody out.
    #[serde(default)]
    pub lapsed: BTreeMap<i64, Voice>,
    /// Cadres of whom the reporter said that they do not mean them: no staff takes the case away by naming them again.
    #[serde(default)]
    pub denied: BTreeSet<i64>,
    /// Cadres whose names stand in what the reporter wrote, and who said first that another person of that name is
    /// meant: they and their relatives are out until somebody else of the staff says so too, or the reporter does. A
    /// name may be another person's, so no organ is out for it.
    #[serde(default)]
    pub mentioned: BTreeMap<i64, Option<Voice>>,
    /// Cadres of whom two members said that another person is meant: out again when the reporter writes the name anew.
    #[serde(default)]
    pub cleared: BTreeSet<i64>,
}

/// Who named somebody by whose naming no organ could handle a case any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// The account.
    pub account_id: i64,
    /// The person behind it at that moment: an account may end, a person has one voice.
    pub cadre_id: Option<i64>,
    /// When.
    pub at: Millis,
}

impl Matter {
    /// Stands in where there is no case.
    pub(crate) fn about_nothing() -> Matter {
        let (named, recused) = (BTreeSet::new(), BTreeSet::new());
        let (pending, lapsed, denied) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let (mentioned, cleared) = (BTreeMap::new(), BTreeSet::new());
        let (unit_id, place_unit_id, own_unit) = (None, None, false);
        Matter {
            kind: Kind::Complaint,
            unit_id,
            place_unit_id,
            named,
            recused,
            own_unit,
            pending,
            lapsed,
            denied,
            mentioned,
            cleared,
        }
    }

    /// The same without what is only waited for: a naming that nobody confirmed yet, a name that may be another's.
    pub(crate) fn sure(&self) -> Matter {
        Matter { pending: BTreeMap::new(), mentioned: BTreeMap::new(), ..self.clone() }
    }

    /// Notes whose names stand in what the reporter wrote. Whoever is named as the accused is out anyway, and of whom
    /// the reporter said that they are not meant need not be asked again. In new words a name is doubted by nobody yet.
    /// Gives whether that changes anything.
    pub(crate) fn mention(&mut self, found: BTreeSet<i64>, in_new_words: bool) -> bool {
        let before = self.mentioned.clone();
        for id in found {
            if !self.named.contains(&id) && !self.denied.contains(&id) {
                self.cleared.remove(&id);
                let doubted = self.mentioned.entry(id).or_insert(None);
                if in_new_words {
                    *doubted = None;
                }
            }
        }
        self.mentioned != before
    }
}

/// Why somebody, or an organ, is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Is named.
    Accused,
    /// Their name stands in what the reporter wrote.
    Mentioned,
    /// Belongs to the unit in question, the unit of somebody named, or one below.
    Line,
    /// Is a declared relative of somebody named.
    Relative,
    /// Was recused.
    Recused,
    /// Nobody knows who is behind the account.
    Unknown,
    /// An organ above it is out: it answers to that one.
    Below,
}

impl Why {
    /// The words on the page.
    pub fn page(self) -> &'static str {
        match self {
            Why::Accused => "是被反映人，或被反映人在该组织任职",
            Why::Mentioned => "反映的内容里写到同样的姓名",
            Why::Line => "属于被反映的单位或其下级",
            Why::Relative => "与被反映人有申报的亲属关系",
            Why::Recused => "已回避",
            Why::Unknown => "账号没有对应到人员，无法核对关系",
            Why::Below => "受应当回避的上级组织领导",
        }
    }
}

/// One step of the reasoning, kept with the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// This rule of the table spoke.
    Rule(String),
    /// The organ looked at.
    Organ(i64),
    /// That organ is out as a whole.
    OrganOut(i64, Why),
    /// An account of that organ is out.
    StaffOut(i64, Why),
    /// Nobody is left there for this role.
    Lacks(i64, Role),
    /// It is theirs.
    Chosen(i64),
    /// No organ here may have it.
    Beyond,
}

/// Where a report goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To these people of an organ, and to nobody else.
    Organ {
        /// The organ.
        organ_id: i64,
        /// Who may accept.
        intakes: BTreeSet<i64>,
        /// Who may be given it.
        handlers: BTreeSet<i64>,
        /// Who may approve.
        leaders: BTreeSet<i64>,
    },
    /// Sealed to the superior's key: nobody here can open it.
    Sealed {
        /// Its fingerprint.
        key: String,
    },
    /// Not taken; nothing is stored, and the reporter is shown where to go.
    Refused {
        /// The superior's channel.
        channel: String,
    },
}

/// A destination and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where it goes.
    pub destination: Destination,
    /// The reasoning, in order.
    pub chain: Vec<Because>,
    /// Whether the rule that spoke lets the unit's own organ have it.
    pub own_unit: bool,
}

impl Route {
    /// Every account that may have to do with it.
    pub fn team(&self) -> BTreeSet<i64> {
        match &self.destination {
            Destination::Organ { intakes, handlers, leaders, .. } => {
                intakes.iter().chain(handlers).chain(leaders).copied().collect()
            }
            Destination::Sealed { .. } | Destination::Refused { .. } => BTreeSet::new(),
        }
    }

    /// The same, as the event of a dissatisfied reporter keeps it.
    pub fn above(&self) -> Above {
        match self.destination {
            Destination::Organ { organ_id, .. } => Above::Organ(organ_id),
            Destination::Sealed { .. } | Destination::Refused { .. } => Above::Outside,
        }
    }

    /// Where a case lies: with the organ that can handle it, else with the first on the way up that may have it and
    /// only lacks people. An account that is disabled for a day, or somebody called a relative, must take nobody's case
    /// out of the county: it waits there until somebody comes, and those in conflict lose their keys meanwhile. None
    /// when every organ on the way is in conflict itself.
    pub fn lies(&self) -> Option<i64> {
        let lacking = |because: &Because| match because {
            Because::Lacks(id, _) => Some(*id),
            _ => None,
        };
        match self.above() {
            Above::Organ(organ_id) => Some(organ_id),
            Above::Outside => self.chain.iter().find_map(lacking),
        }
    }

    /// Whether the organ where it lies lacks people at this moment.
    pub fn waits(&self) -> bool {
        self.above() == Above::Outside && self.lies().is_some()
    }

    /// Whom a new route shuts out: when somebody is named later, it closes to these at once, and the superior
    /// learns what they had opened.
    pub fn closed_to(&self, after: &Route) -> BTreeSet<i64> {
        &self.team() - &after.team()
    }
}

/// Proposes an organ by the table and lets the conflict step correct it.
pub fn route(world: &World, table: &Table, matter: &Matter) -> Route {
    let rule = table.rule(world, matter);
    let conflicts = Conflicts::of(world, matter, rule.own_unit);
    let chain = vec![Because::Rule(rule.name.clone())];
    let proposed = match rule.choose {
        Choose::Superior => None,
        Choose::Top => world.top(),
        Choose::Watching => world.watching(matter),
        Choose::Own => world.own(matter).or_else(|| world.watching(matter)),
    };
    Route { own_unit: rule.own_unit, ..conflicts.climb(proposed, chain) }
}

/// The same with an organ proposed by hand, or asked again of the organ that has it.
pub fn from(world: &World, matter: &Matter, organ_id: i64) -> Route {
    Conflicts::of(world, matter, matter.own_unit).climb(Some(organ_id), Vec::new())
}

/// The second stage: the organ above the one that answered first, or whoever above that may have it. The unit's own
/// organ had its say.
pub fn above(world: &World, matter: &Matter, organ_id: i64) -> Route {
    let parent = world.organs.get(&organ_id).and_then(|organ| organ.parent_id);
    Conflicts::of(world, matter, false).climb(parent, Vec::new())
}

/// Why this account must not see this matter, whatever organ has it and whatever role it holds; none when nothing
/// speaks against it. What `authz` asks last, at every look.
pub fn conflict(world: &World, matter: &Matter, staff: &Staff) -> Option<Why> {
    Conflicts::of(world, matter, matter.own_unit).staff_out(staff)
}

impl World {
    /// The organ that has none above it.
    fn top(&self) -> Option<i64> {
        self.organs.iter().find(|(_, organ)| organ.parent_id.is_none()).map(|(id, _)| *id)
    }

    /// The unit by which an organ is looked for.
    fn unit(&self, matter: &Matter) -> Option<i64> {
        let of_named = || matter.named.iter().find_map(|id| self.cadres.get(id)?.units.first());
        matter.unit_id.or_else(|| of_named().copied()).or(matter.place_unit_id)
    }

    fn path(&self, unit_id: i64) -> Option<&str> {
        self.units.get(&unit_id).map(|unit| unit.path.as_str())
    }

    /// The organ that watches the unit most closely; the top one where nobody does.
    fn watching(&self, matter: &Matter) -> Option<i64> {
        let Some(path) = self.unit(matter).and_then(|unit| self.path(unit)) else { return self.top() };
        let closest = |organ: &Organ| {
            let covers = |(unit, subtree): &(i64, bool)| {
                let watched = self.path(*unit)?;
                (watched == path || *subtree && path.starts_with(watched)).then_some(watched.len())
            };
            organ.watches.iter().filter_map(covers).max()
        };
        let watching = self.organs.iter().filter_map(|(id, organ)| Some((closest(organ)?, *id)));
        // Of two that are equally close the one with the lower id, so that the same report goes the same way.
        watching.max_by_key(|(close, id)| (*close, -id)).map(|(_, id)| id).or_else(|| self.top())
    }

    /// The organ that sits in the unit itself.
    fn own(&self, matter: &Matter) -> Option<i64> {
        let unit = self.unit(matter)?;
        self.organs.iter().find(|(_, organ)| organ.unit_id == Some(unit)).map(|(id, _)| *id)
    }
}

/// Who must not have a matter.
struct Conflicts<'a> {
    world: &'a World,
    matter: &'a Matter,
    /// Paths of the units in question.
    accused: Vec<&'a str>,
    /// The organ that may have it although it sits in the unit in question.
    exempt: Option<i64>,
}

impl<'a> Conflicts<'a> {
    fn of(world: &'a World, matter: &'a Matter, own_unit: bool) -> Conflicts<'a> {
        let named = matter.named.iter().filter_map(|id| world.cadres.get(id)).flat_map(|cadre| &cadre.units);
        let unit = matter.unit_id.iter().filter(|_| matter.kind.accuses());
        let accused = named.chain(unit).filter_map(|unit| world.path(*unit)).collect();
        let exempt = if own_unit { world.own(matter) } else { None };
        Conflicts { world, matter, accused, exempt }
    }

    /// Goes up from an organ until one stands.
    fn climb(&self, from: Option<i64>, mut chain: Vec<Because>) -> Route {
        let mut next = from;
        let mut seen = BTreeSet::new();
        while let Some(organ_id) = next {
            let Some(organ) = self.world.organs.get(&organ_id) else { break };
            // A circle in damaged data must not hang a citizen's submission.
            if !seen.insert(organ_id) {
                break;
            }
            chain.push(Because::Organ(organ_id));
            match self.organ_out(organ_id) {
                Some(why) => chain.push(Because::OrganOut(organ_id, why)),
                None => {
                    if let Some(destination) = self.team(organ_id, &mut chain) {
                        chain.push(Because::Chosen(organ_id));
                        return Route { destination, chain, own_unit: false };
                    }
                }
            }
            next = organ.parent_id;
        }
        chain.push(Because::Beyond);
        let Superior { channel, key } = &self.world.superior;
        let destination = match key {
            Some(key) => Destination::Sealed { key: key.clone() },
            None => Destination::Refused { channel: channel.clone() },
        };
        Route { destination, chain, own_unit: false }
    }

    /// The people of an organ who may have it; none when they are not enough to handle it: somebody to accept,
    /// somebody to handle, and somebody else to approve.
    fn team(&self, organ_id: i64, chain: &mut Vec<Because>) -> Option<Destination> {
        let mut clear: BTreeMap<Role, BTreeSet<i64>> = BTreeMap::new();
        // Somebody with two roles is out once.
        let mut told = BTreeSet::new();
        for staff in self.world.staff.iter().filter(|staff| staff.organ_id == organ_id) {
            match self.staff_out(staff) {
                Some(why) if told.insert(staff.account_id) => {
                    chain.push(Because::StaffOut(staff.account_id, why));
                }
                Some(_) => {}
                None => {
                    clear.entry(staff.role).or_default().insert(staff.account_id);
                }
            }
        }
        let mut of = |role| clear.remove(&role).unwrap_or_default();
        let (intakes, handlers, leaders) = (of(Role::Intake), of(Role::Handler), of(Role::Leader));
        let alone = handlers.len() == 1 && leaders == handlers;
        let lacks = [
            (intakes.is_empty(), Role::Intake),
            (handlers.is_empty(), Role::Handler),
            (leaders.is_empty() || alone, Role::Leader),
        ];
        if let Some((_, role)) = lacks.into_iter().find(|(lacks, _)| *lacks) {
            chain.push(Because::Lacks(organ_id, role));
            return None;
        }
        Some(Destination::Organ { organ_id, intakes, handlers, leaders })
    }

    fn staff_out(&self, staff: &Staff) -> Option<Why> {
        if self.matter.recused.contains(&staff.account_id) {
            return Some(Why::Recused);
        }
        let Some((id, cadre)) = staff.cadre_id.and_then(|id| Some((id, self.world.cadres.get(&id)?))) else {
            return Some(Why::Unknown);
        };
        let related = |named: &i64| {
            self.world.relatives.contains(&(id, *named)) || self.world.relatives.contains(&(*named, id))
        };
        let Matter { named, pending, mentioned, .. } = self.matter;
        if named.contains(&id) || pending.contains_key(&id) {
            Some(Why::Accused)
        } else if mentioned.contains_key(&id) {
            Some(Why::Mentioned)
        } else if named.iter().chain(pending.keys()).chain(mentioned.keys()).any(related) {
            Some(Why::Relative)
        } else if self.exempt != Some(staff.organ_id) && cadre.units.iter().any(|unit| self.in_line(*unit)) {
            Some(Why::Line)
        } else {
            None
        }
    }

    /// Whether a unit is in question, or below one that is. A unit nobody knows might be.
    fn in_line(&self, unit_id: i64) -> bool {
        let path = self.world.path(unit_id);
        !self.accused.is_empty()
            && path.is_none_or(|path| self.accused.iter().any(|top| path.starts_with(top)))
    }

    fn organ_out(&self, organ_id: i64) -> Option<Why> {
        let mut at = Some(organ_id);
        let mut seen = BTreeSet::new();
        while let Some(id) = at.filter(|id| seen.insert(*id)) {
            let organ = self.world.organs.get(&id)?;
            let serves = |staff: &Staff| {
                staff.organ_id == id && staff.cadre_id.is_some_and(|cadre| self.matter.named.contains(&cadre))
            };
            let sits = self.exempt != Some(id) && organ.unit_id.is_some_and(|unit| self.in_line(unit));
            let why = match (self.world.staff.iter().any(serves), sits) {
                (true, _) => Some(Why::Accused),
                (false, true) => Some(Why::Line),
                (false, false) => None,
            };
            if why.is_some() {
                return if id == organ_id { why } else { Some(Why::Below) };
            }
            at = organ.parent_id;
        }
        None
    }
}

#[cfg(test)]
mod tests;
