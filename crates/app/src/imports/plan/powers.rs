//! Rows of the list of powers.

use super::{Planner, optional, thing_name};
use crate::{
    imports::Entry,
    powers::{Basis, Disclosure, Kind, Level, Power, Risk, StageType},
};
use daylight_tables::{
    Row,
    value::{parse_yes_no, split_list},
};

impl Planner<'_> {
    pub(super) fn power(&mut self, row: &Row) {
        let Some(unit) = self.known_unit(row) else { return };
        let name = thing_name(row.text("name"));
        if name.is_empty() {
            self.error(row, "name", "power_name_missing", "没有填写权力名称", "请填写权力名称");
            return;
        }
        if !self.first(row, "name", format!("{unit}/{name}")) {
            return;
        }
        let kind = self.word(
            row,
            "kind",
            "kind_unknown",
            Kind::from_page,
            "外部职责、内部管理、班子成员岗位、中层岗位",
        );
        let stage_type = self.word(
            row,
            "stage_type",
            "stage_type_unknown",
            StageType::from_page,
            "初审、复核、管理、决定、决策",
        );
        let bases = self.bases(row);
        let exerciser = self.subject(row, "exerciser", "exerciser_missing", "行权主体");
        let supervisor = self.subject(row, "supervisor", "supervisor_missing", "监督主体");
        let accountable = self.subject(row, "accountable", "accountable_missing", "追责主体");
        let key = (unit.clone(), name.clone());
        let known = self.register.power_by_name.get(&key).map(|at| &self.register.powers[*at]);
        let shown = known.and_then(|entry| entry.before.as_ref()).is_some_and(Power::is_public);
        let disclosure = self.disclosure(row, shown);
        let risk = self.risk(row);
        let at = match self.register.power_by_name.get(&key) {
            Some(at) => *at,
            None => {
                let new = Power { unit: unit.clone(), name: name.clone(), ..Power::default() };
                self.register.add_power(Entry::new(new))
            }
        };
        let entry = &mut self.register.powers[at];
        entry.touched = true;
        entry.flags.append(&mut self.flags.clone());
        let power = &mut entry.now;
        power.kind = kind.or(power.kind);
        power.stage_type = stage_type.or(power.stage_type);
        power.matter = optional(row.text("matter")).or(power.matter.take());
        if !bases.is_empty() {
            let known = std::mem::replace(&mut power.bases, bases);
            for basis in &mut power.bases {
                // Lists cite; the days in force are the office's own.
                if let Some(known) = known.iter().find(|known| known.title == basis.title) {
                    basis.in_force_from.clone_from(&known.in_force_from);
                    basis.in_force_to.clone_from(&known.in_force_to);
                    basis.replaced_by.clone_from(&known.replaced_by);
                }
            }
        }
        power.exerciser = exerciser.or(power.exerciser.take());
        power.supervisor = supervisor.or(power.supervisor.take());
        power.accountable = accountable.or(power.accountable.take());
        // A ground that the office wrote stays when the list only repeats "否".
        let still_withheld = matches!(
            (&disclosure, &power.disclosure),
            (Some(Disclosure::Withheld { .. }), Some(Disclosure::Withheld { .. }))
        );
        if disclosure.is_some() && !still_withheld {
            power.disclosure = disclosure;
        }
        if let Some(risk) = risk {
            // The list speaks of the power as a whole; risks that sit on steps are the unit's own.
            power.risks.retain(|known| known.step.is_some());
            power.risks.insert(0, risk);
        }
    }

    fn word<T>(
        &mut self,
        row: &Row,
        key: &'static str,
        code: &str,
        read: fn(&str) -> Option<T>,
        words: &str,
    ) -> Option<T> {
        let text = row.text(key);
        if row.letter(key).is_empty() {
            return None;
        }
        let found = read(text);
        if found.is_none() {
            let message = if text.is_empty() {
                "没有填写".to_owned()
            } else {
                format!("“{text}”不是规定的类别")
            };
            self.warning(row, key, code, &message, &format!("应是：{words}"));
        }
        found
    }

    fn subject(&mut self, row: &Row, key: &'static str, code: &str, word: &str) -> Option<String> {
        let found = optional(row.text(key));
        if found.is_none() && !row.letter(key).is_empty() {
            let message = format!("没有填写{word}");
            self.warning(row, key, code, &message, "五个明确缺一不可，请单位补充");
        }
        found
    }

    fn bases(&mut self, row: &Row) -> Vec<Basis> {
        let text = row.text("bases");
        if optional(text).is_none() {
            if !row.letter("bases").is_empty() {
                self.warning(
                    row,
                    "bases",
                    "bases_missing",
                    "没有填写行权依据",
                    "请单位补充法律、法规或文件名称和条款",
                );
            }
            return Vec::new();
        }
        Basis::parse_list(text)
    }

    /// What a list says of publicity. What is `shown` already stays so: to take it from the public needs a ground
    /// and a second person, which only 申请撤下 asks for.
    fn disclosure(&mut self, row: &Row, shown: bool) -> Option<Disclosure> {
        let text = row.text("public");
        if row.letter("public").is_empty() {
            // A list that does not speak of it changes nothing: what is withheld stays so.
            return None;
        }
        match parse_yes_no(text) {
            Some(true) => Some(Disclosure::Public),
            Some(false) if shown => {
                let message = "这项权力已经公开，不能靠导入改成不公开，仍然公开";
                let remedy = "确实不应公开的，请在“内容维护”里找到它并“申请撤下”，写明理由，由另一人审核";
                self.warning(row, "public", "already_public", message, remedy);
                None
            }
            Some(false) => {
                let message = "填为不公开：不在门户展示，但会公布不公开的数量";
                self.note(row, "public", "not_public", message);
                Some(Disclosure::Withheld { ground: None, approver: None, review_on: None })
            }
            None => {
                let message =
                    if text.is_empty() { "没有填写是否公开" } else { "看不懂是否公开" };
                self.warning(row, "public", "public_unreadable", message, "请填“是”或“否”");
                None
            }
        }
    }

    fn risk(&mut self, row: &Row) -> Option<Risk> {
        let name = optional(row.text("risk"))?;
        let text = row.text("risk_level");
        let level = Level::from_page(text);
        if level.is_none() && !row.letter("risk_level").is_empty() {
            let message = if text.is_empty() { "没有填写风险等级" } else { "看不懂风险等级" };
            self.warning(row, "risk_level", "risk_level_unknown", message, "应是：低、中、较高、高");
        }
        let measures = split_list(row.text("measures"));
        Some(Risk { step: None, name, level, measures })
    }
}
