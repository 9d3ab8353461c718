//! What can be said only when every row is known: parents, ways, inferred divisions, differences.

use super::{Plan, Planner};
use crate::{
    divisions::{DivisionCode, DivisionLevel, county_name, name_from_unit},
    imports::{Difference, DivisionEntry, Report},
    revisions::{Content, changes},
};

impl Planner<'_> {
    /// Closes the account.
    pub fn finish(mut self) -> Plan {
        self.settle_parents();
        self.settle_appointments();
        self.settle_procedures();
        self.infer_divisions();
        for file in &mut self.files {
            file.problems.sort_by(|a, b| (&a.sheet, a.row, &a.column).cmp(&(&b.sheet, b.row, &b.column)));
        }
        let mut report = Report { files: std::mem::take(&mut self.files), ..Report::default() };
        let register = self.register;
        let mut differ = |kind: &str, name: String, before: Option<Content>, after: Content| {
            if before.as_ref() == Some(&after) {
                report.unchanged += 1;
                return;
            }
            if before.is_some() {
                report.updated += 1;
            } else {
                report.created += 1;
            }
            // Something new has no differences worth reading field by field: its rows are there.
            if before.is_some() && report.differences.len() < Report::DIFFERENCES {
                let changes = changes(before.as_ref(), &after);
                report.differences.push(Difference { kind: kind.to_owned(), name, changes });
            }
        };
        for entry in register.units.iter().filter(|entry| entry.touched) {
            let before = entry.before.clone().map(Content::Unit);
            differ("unit", entry.now.name.clone(), before, Content::Unit(entry.now.clone()));
        }
        for cadre in register.cadres.iter().filter(|cadre| cadre.entry.touched) {
            let before = cadre.entry.before.clone().map(Content::Cadre);
            let name = match cadre.named.first() {
                Some((unit, _)) => format!("{unit} {}", cadre.entry.now.name),
                None => cadre.entry.now.name.clone(),
            };
            differ("cadre", name, before, Content::Cadre(cadre.entry.now.clone()));
        }
        for entry in register.powers.iter().filter(|entry| entry.touched) {
            let before = entry.before.clone().map(|power| Content::Power(Box::new(power)));
            let name = format!("{} {}", entry.now.unit, entry.now.name);
            differ("power", name, before, Content::Power(Box::new(entry.now.clone())));
        }
        for division in register.divisions.values().chain(&register.past_divisions) {
            if division.changed && !division.inferred {
                report.created += u64::from(division.id.is_none());
                report.updated += u64::from(division.id.is_some());
            }
        }
        Plan { register, report }
    }

    /// Units name divisions by code before any division list was taken over: the divisions are
    /// inferred from the codes' own structure and the units' names, and give way to the list.
    fn infer_divisions(&mut self) {
        let county = county_name(self.register.units.iter().map(|entry| entry.now.name.as_str()));
        let mut codes: Vec<DivisionCode> = Vec::new();
        for entry in self.register.units.iter().filter(|entry| entry.touched) {
            let Some(code) = &entry.now.division_code else { continue };
            let mut code = DivisionCode::parse(code).ok();
            while let Some(here) = code {
                if here.level() < DivisionLevel::County || self.register.divisions.contains_key(here.as_str())
                {
                    break;
                }
                code = here.parent();
                codes.push(here);
            }
        }
        codes.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        codes.dedup();
        for code in codes {
            let above = code.parent().and_then(|code| self.register.divisions.get(code.as_str()));
            let above = above.map(|above| above.name.clone());
            let here = self.register.units.iter().map(|entry| &entry.now);
            let here = here.filter(|unit| unit.division_code.as_deref() == Some(code.as_str()));
            let name = if code.level() == DivisionLevel::County {
                county.clone()
            } else {
                let mut names = here.filter_map(|unit| name_from_unit(&unit.name, above.as_deref()));
                names.next()
            };
            let entry = DivisionEntry {
                id: None,
                name: name.unwrap_or_else(|| format!("区划{}", code.as_str())),
                valid_from: None,
                valid_to: None,
                successor: None,
                inferred: true,
                changed: true,
                code: code.clone(),
            };
            self.register.divisions.insert(code.as_str().to_owned(), entry);
        }
    }
}
