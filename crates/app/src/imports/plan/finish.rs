//! What can be said only when every row is known: parents, ways, inferred divisions, differences.

use super::{Plan, Planner};
use crate::{
    divisions::{DivisionCode, DivisionLevel, county_name, name_from_unit},
    imports::{Difference, DivisionEntry, Report},
    revisions::{Change, Content, changes},
};

impl Planner<'_> {
    /// Closes the account.
    pub fn finish(mut self) -> Plan {
        self.settle_parents();
        self.settle_appointments();
        self.settle_sealed();
        self.settle_procedures();
        self.infer_divisions();
        for file in &mut self.files {
            file.problems.sort_by(|a, b| (&a.sheet, a.row, &a.column).cmp(&(&b.sheet, b.row, &b.column)));
        }
        let mut report = Report { files: std::mem::take(&mut self.files), ..Report::default() };
        let register = self.register;
        // Something new has no differences worth reading field by field: its rows are there.
        let mut list = |kind: &str, name: String, known: bool, changes: Vec<Change>| {
            if !known {
                report.created += 1;
            } else if changes.is_empty() {
                report.unchanged += 1;
            } else {
                report.updated += 1;
                if report.differences.len() < Report::DIFFERENCES {
                    report.differences.push(Difference { kind: kind.to_owned(), name, changes });
                }
            }
        };
        let differ = |before: Option<Content>, after: Content| match before {
            Some(before) if before != after => changes(Some(&before), &after),
            _ => Vec::new(),
        };
        for entry in register.units.iter().filter(|entry| entry.touched) {
            let before = entry.before.clone().map(Content::Unit);
            let changes = differ(before, Content::Unit(entry.now.clone()));
            list("unit", entry.now.name.clone(), entry.before.is_some(), changes);
        }
        for cadre in register.cadres.iter().filter(|cadre| cadre.entry.touched) {
            let before = cadre.entry.before.clone().map(Content::Cadre);
            let name = match cadre.named.first() {
                Some((unit, _)) => format!("{unit} {}", cadre.entry.now.name),
                None => cadre.entry.now.name.clone(),
            };
            let mut changes = differ(before, Content::Cadre(cadre.entry.now.clone()));
            let sealed =
                [("身份证号有变化", cadre.citizen_id.is_some()), ("手机号有变化", cadre.phone.is_some())];
            changes.extend(sealed.into_iter().filter(|(_, changed)| *changed).map(|(label, _)| Change {
                label: label.to_owned(),
                before: String::new(),
                after: "密封保存，不在这里显示".to_owned(),
            }));
            list("cadre", name, cadre.entry.before.is_some(), changes);
        }
        for entry in register.powers.iter().filter(|entry| entry.touched) {
            let before = entry.before.clone().map(|power| Content::Power(Box::new(power)));
            let name = format!("{} {}", entry.now.unit, entry.now.name);
            let changes = differ(before, Content::Power(Box::new(entry.now.clone())));
            list("power", name, entry.before.is_some(), changes);
        }
        for division in register.divisions.values().chain(&register.past_divisions) {
            if !division.touched {
                continue;
            }
            let before = division.before.iter().flatten();
            let changes = before.zip(division.fields()).filter(|((_, before), (_, after))| before != after);
            let changes = changes.map(|((label, before), (_, after))| Change {
                label: (*label).to_owned(),
                before: before.clone(),
                after,
            });
            let name = format!("{}（{}）", division.name, division.code.as_str());
            list("division", name, division.id.is_some(), changes.collect());
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
                touched: false,
                before: None,
                code: code.clone(),
            };
            self.register.divisions.insert(code.as_str().to_owned(), entry);
        }
    }
}
