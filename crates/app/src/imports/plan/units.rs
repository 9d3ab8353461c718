//! Rows of the list of units.

use super::{Place, Planner, optional};
use crate::{
    imports::{Entry, Severity},
    units::{Category, Unit},
};
use daylight_ids::{CreditCode, DivisionCode, Phone};
use daylight_tables::Row;

/// A parent named by a row, to be found when all units are known.
pub(super) struct Parent {
    unit: usize,
    name: String,
    at: Place,
    already_flagged: bool,
}

impl Planner<'_> {
    pub(super) fn unit(&mut self, row: &Row) {
        let name = self.unit_today(row, "name");
        if name.is_empty() {
            self.error(row, "name", "unit_name_missing", "没有填写单位名称", "请填写单位全称");
            return;
        }
        let Some(category) = Category::from_page(row.text("category")) else {
            let words = Category::ALL.map(Category::page).join("、");
            let message = format!("单位类别应是：{words}");
            self.error(row, "category", "category_unknown", &message, "请从八个类别中选一个");
            return;
        };
        if !self.first(row, "name", name.clone()) {
            return;
        }
        let credit_code = self.credit_code(row);
        if let Some(code) = &credit_code
            && !self.first(row, "credit_code", format!("code {code}"))
        {
            return;
        }
        let division_code = self.division_code(row);
        let duties = optional(row.text("duties"));
        if duties.is_none() && !row.letter("duties").is_empty() {
            self.warning(row, "duties", "duties_missing", "没有填写主要职责", "请单位补充主要职责");
        }
        let phone = optional(row.text("phone")).and_then(|text| match Phone::parse(&text) {
            Ok(phone) => Some(phone.canonical().to_owned()),
            Err(error) => {
                self.warning(
                    row,
                    "phone",
                    "phone_invalid",
                    &error.to_string(),
                    "请填写带区号的座机或手机号码",
                );
                None
            }
        });
        let at = self.unit_entry(&name, credit_code.as_deref());
        let unit = &mut self.register.units[at].now;
        let keep = |new: Option<String>, old: &Option<String>| new.or_else(|| old.clone());
        *unit = Unit {
            name,
            category: Some(category),
            credit_code: keep(credit_code, &unit.credit_code),
            // Set when all units are known.
            parent: unit.parent.clone(),
            division_code: keep(division_code, &unit.division_code),
            duties: keep(duties, &unit.duties),
            phone: keep(phone, &unit.phone),
            address: keep(optional(row.text("address")), &unit.address),
            office_hours: keep(optional(row.text("office_hours")), &unit.office_hours),
            ended_on: unit.ended_on.clone(),
            successor: unit.successor.clone(),
        };
        let parent = self.unit_today(row, "parent");
        if optional(&parent).is_some() {
            let place = self.place(row, "parent", row.text("parent"));
            let already_flagged = !self.flags.is_empty();
            self.parents.push(Parent { unit: at, name: parent, at: place, already_flagged });
        }
        self.register.units[at].flags.clone_from(&self.flags);
    }

    /// The unit this row speaks of: known by name, else by credit code (it was renamed), else new.
    fn unit_entry(&mut self, name: &str, credit_code: Option<&str>) -> usize {
        let register = &mut self.register;
        let known = register.unit_by_name.get(name).copied();
        let known =
            known.or_else(|| credit_code.and_then(|code| register.unit_by_credit_code.get(code).copied()));
        match known {
            Some(at) => {
                if register.units[at].now.name != name {
                    register.rename_unit(at, name);
                }
                register.units[at].touched = true;
                at
            }
            None => register.add_unit(Entry::new(Unit { name: name.to_owned(), ..Unit::default() })),
        }
    }

    fn credit_code(&mut self, row: &Row) -> Option<String> {
        let text = row.text("credit_code");
        if optional(text).is_none() {
            if !row.letter("credit_code").is_empty() {
                let message = "没有填写统一社会信用代码";
                self.warning(row, "credit_code", "credit_code_missing", message, "请单位补充18位代码");
            }
            return None;
        }
        match CreditCode::parse(text) {
            Ok(code) => {
                if code.as_str() != text {
                    let message = format!("已规范为 {}", code.as_str());
                    self.note(row, "credit_code", "credit_code_tidied", &message);
                }
                Some(code.as_str().to_owned())
            }
            Err(error) => {
                let message = format!("统一社会信用代码不正确：{error}");
                self.warning(row, "credit_code", "credit_code_invalid", &message, "请对照登记证书核对后补正");
                None
            }
        }
    }

    fn division_code(&mut self, row: &Row) -> Option<String> {
        let text = optional(row.text("division_code"))?;
        match DivisionCode::parse(&text) {
            Ok(code) => Some(code.as_str().to_owned()),
            Err(error) => {
                let message = format!("行政区划代码不正确：{error}");
                self.warning(
                    row,
                    "division_code",
                    "division_code_invalid",
                    &message,
                    "请填写12位统计用区划代码",
                );
                None
            }
        }
    }

    /// Ties units to the units above, once all are known.
    pub(super) fn settle_parents(&mut self) {
        for parent in std::mem::take(&mut self.parents) {
            let own = self.register.units[parent.unit].now.name.clone();
            let known = self.register.unit_by_name.get(&parent.name).copied();
            let circle = known.is_some_and(|at| self.is_above(parent.unit, at));
            match known {
                Some(at) if !circle => {
                    let name = self.register.units[at].now.name.clone();
                    self.register.units[parent.unit].now.parent = Some(name);
                }
                _ => {
                    let (code, message) = if circle {
                        ("parent_circle", format!("“{}”与“{own}”互为上级", parent.name))
                    } else {
                        ("parent_unknown", format!("单位名册中没有上级主管单位“{}”", parent.name))
                    };
                    let remedy = match self.similar_unit(&parent.name) {
                        Some(similar) if !circle => {
                            format!("名册中有“{similar}”，是否就是它？否则请先登记上级单位")
                        }
                        _ => "请登记上级单位，或更正这一栏".to_owned(),
                    };
                    self.late_warning(parent.at, parent.already_flagged, code, &message, &remedy);
                    let flag = crate::revisions::store::Flag { code: code.to_owned(), message };
                    self.register.units[parent.unit].flags.push(flag);
                }
            }
        }
    }

    /// Whether a unit stands above (or is) another.
    fn is_above(&self, unit: usize, below: usize) -> bool {
        let mut at = Some(below);
        for _ in 0..=self.register.units.len() {
            let Some(here) = at else { return false };
            if here == unit {
                return true;
            }
            let parent = self.register.units[here].now.parent.as_ref();
            at = parent.and_then(|name| self.register.unit_by_name.get(name).copied());
        }
        true
    }

    /// A warning about a row that was counted already.
    pub(super) fn late_warning(&mut self, at: Place, flagged: bool, code: &str, message: &str, remedy: &str) {
        self.files[at.file].flagged += u64::from(!flagged);
        self.problem(at, Severity::Warning, code, message, remedy);
    }
}
