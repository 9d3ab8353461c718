//! The registry in memory, as a plan sees and changes it.

use crate::{cadres::Cadre, powers::Power, revisions::store::Flag, units::Unit};
use daylight_ids::{CitizenId, DivisionCode};
use std::collections::{BTreeMap, HashMap};

/// A subject before and after.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    /// Its id; none while it does not exist.
    pub id: Option<i64>,
    /// As published.
    pub before: Option<T>,
    /// As the plan leaves it.
    pub now: T,
    /// What its unit has to complete.
    pub flags: Vec<Flag>,
    /// Whether a row of this import spoke of it.
    pub touched: bool,
}

impl<T: Clone> Entry<T> {
    /// Something the registry holds.
    pub fn known(id: i64, content: T) -> Entry<T> {
        Entry { id: Some(id), before: Some(content.clone()), now: content, flags: Vec::new(), touched: false }
    }

    /// Something new.
    pub fn new(content: T) -> Entry<T> {
        Entry { id: None, before: None, now: content, flags: Vec::new(), touched: true }
    }
}

/// A cadre with what is sealed about them.
#[derive(Clone, Debug)]
pub struct CadreEntry {
    /// The published part.
    pub entry: Entry<Cadre>,
    /// To be sealed.
    pub citizen_id: Option<CitizenId>,
    /// To be sealed, canonical.
    pub phone: Option<String>,
    /// Kept, not published: "male" or "female".
    pub sex: Option<&'static str>,
    /// Kept, not published.
    pub political_status: Option<String>,
    /// Posts this import named, as (unit, post): the others of this person have ended.
    pub named: Vec<(String, String)>,
    /// Blind index of the sealed citizen id.
    pub citizen_id_index: Option<[u8; 32]>,
    /// Blind index of the sealed telephone; kept nowhere else.
    pub phone_index: Option<[u8; 32]>,
}

impl CadreEntry {
    /// A cadre of whom nothing sealed is known.
    pub fn new(entry: Entry<Cadre>) -> CadreEntry {
        CadreEntry {
            entry,
            citizen_id: None,
            phone: None,
            sex: None,
            political_status: None,
            named: Vec::new(),
            citizen_id_index: None,
            phone_index: None,
        }
    }
}

/// A division before and after.
#[derive(Clone, Debug)]
pub struct DivisionEntry {
    /// Its id; none while it does not exist.
    pub id: Option<i64>,
    /// 12 digits.
    pub code: DivisionCode,
    /// Official or inferred name.
    pub name: String,
    /// ISO date.
    pub valid_from: Option<String>,
    /// ISO date; none while current.
    pub valid_to: Option<String>,
    /// Code of what took its place.
    pub successor: Option<String>,
    /// Not from an official list.
    pub inferred: bool,
    /// Whether it must be written.
    pub changed: bool,
    /// Whether a row of this import spoke of it.
    pub touched: bool,
    /// As it was, by [`DivisionEntry::fields`].
    pub before: Option<Vec<(&'static str, String)>>,
}

impl DivisionEntry {
    /// Labelled values in page order.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let origin = if self.inferred { "按单位的代码推定" } else { "区划名单" };
        vec![
            ("名称", self.name.clone()),
            ("启用日期", text(&self.valid_from)),
            ("停用日期", text(&self.valid_to)),
            ("由哪个代码接替", text(&self.successor)),
            ("来源", origin.to_owned()),
        ]
    }
}

/// Everything a plan is held against.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// Current divisions by code.
    pub divisions: BTreeMap<String, DivisionEntry>,
    /// Divisions that are no longer valid, which an import brought.
    pub past_divisions: Vec<DivisionEntry>,
    /// Units, with their index by name.
    pub units: Vec<Entry<Unit>>,
    /// Index by name.
    pub unit_by_name: HashMap<String, usize>,
    /// Names that units once bore, with the names of today.
    pub former_unit_names: HashMap<String, String>,
    /// Index by credit code.
    pub unit_by_credit_code: HashMap<String, usize>,
    /// Cadres.
    pub cadres: Vec<CadreEntry>,
    /// Index by blind index of the citizen id.
    pub cadre_by_citizen_id: HashMap<[u8; 32], usize>,
    /// Index by (name, unit, post).
    pub cadre_by_post: HashMap<(String, String, String), usize>,
    /// Powers.
    pub powers: Vec<Entry<Power>>,
    /// Index by (unit, name).
    pub power_by_name: HashMap<(String, String), usize>,
}

impl Register {
    /// Adds a unit and indexes it.
    pub fn add_unit(&mut self, entry: Entry<Unit>) -> usize {
        let at = self.units.len();
        self.unit_by_name.insert(entry.now.name.clone(), at);
        if let Some(code) = &entry.now.credit_code {
            self.unit_by_credit_code.insert(code.clone(), at);
        }
        self.units.push(entry);
        at
    }

    /// Gives a unit its new name wherever its powers and people speak of it, so that the rows of the same
    /// hand-over, which use the new name, find them.
    pub fn rename_unit(&mut self, at: usize, new: &str) {
        let old = std::mem::replace(&mut self.units[at].now.name, new.to_owned());
        self.unit_by_name.remove(&old);
        self.unit_by_name.insert(new.to_owned(), at);
        for (at, power) in self.powers.iter_mut().enumerate() {
            for state in power.before.iter_mut().chain([&mut power.now]).filter(|state| state.unit == old) {
                state.unit = new.to_owned();
            }
            self.power_by_name.insert((power.now.unit.clone(), power.now.name.clone()), at);
        }
        for (at, cadre) in self.cadres.iter_mut().enumerate() {
            let entry = &mut cadre.entry;
            for state in entry.before.iter_mut().chain([&mut entry.now]) {
                for held in state.appointments.iter_mut().filter(|held| held.unit == old) {
                    held.unit = new.to_owned();
                    self.cadre_by_post.insert((state.name.clone(), new.to_owned(), held.post.clone()), at);
                }
            }
        }
    }

    /// Adds a cadre and indexes the posts held.
    pub fn add_cadre(&mut self, entry: CadreEntry, index: Option<[u8; 32]>) -> usize {
        let at = self.cadres.len();
        let cadre = &entry.entry.now;
        for held in cadre.current() {
            let key = (cadre.name.clone(), held.unit.clone(), held.post.clone());
            self.cadre_by_post.insert(key, at);
        }
        if let Some(index) = index {
            self.cadre_by_citizen_id.insert(index, at);
        }
        self.cadres.push(entry);
        at
    }

    /// Adds a power and indexes it.
    pub fn add_power(&mut self, entry: Entry<Power>) -> usize {
        let at = self.powers.len();
        self.power_by_name.insert((entry.now.unit.clone(), entry.now.name.clone()), at);
        self.powers.push(entry);
        at
    }
}
