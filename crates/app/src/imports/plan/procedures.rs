//! Rows of the table of procedures: one row a step.

use super::{Place, Planner, optional, thing_name, unit_name};
use crate::powers::{Next, Step, step_number};
use daylight_tables::{
    Row,
    value::{TimeLimit, parse_chinese_number, parse_time_limit},
};

/// Where a step leads, to be checked when all steps of its power are known.
pub(super) struct Way {
    power: usize,
    step: u32,
    at: Place,
    already_flagged: bool,
}

impl Planner<'_> {
    pub(super) fn step(&mut self, row: &Row) {
        let Some(power) = self.power_of(row) else { return };
        let Some(number) = step_number(row.text("number")) else {
            let message = "看不懂环节序号";
            self.error(row, "number", "step_number_unreadable", message, "请填写 1、2、3 这样的序号");
            return;
        };
        let name = thing_name(row.text("name"));
        if name.is_empty() {
            self.error(row, "name", "step_name_missing", "没有填写环节名称", "请填写环节名称");
            return;
        }
        let key = {
            let power = &self.register.powers[power].now;
            format!("{}/{}/{number}", power.unit, power.name)
        };
        if !self.first(row, "number", key) {
            return;
        }
        let limit = self.limit(row);
        let post = optional(row.text("post"));
        if post.is_none() && !row.letter("post").is_empty() {
            self.warning(row, "post", "step_post_missing", "没有填写承办岗位", "请单位补充由谁办理");
        }
        let (next, strange) = Next::parse_list(row.text("next"));
        if !strange.is_empty() {
            let message = format!("看不懂“{}”指向哪个环节", strange.join("；"));
            self.warning(row, "next", "next_unreadable", &message, "请写成“3；不同意→1”的样子");
        }
        if self.renewed.insert(power) {
            self.register.powers[power].now.steps.clear();
        }
        if !next.is_empty() {
            let at = self.place(row, "next", row.text("next"));
            let already_flagged = !self.flags.is_empty();
            self.ways.push(Way { power, step: number, at, already_flagged });
        }
        let entry = &mut self.register.powers[power];
        entry.touched = true;
        for flag in &self.flags {
            let message = format!("第{number}步：{}", flag.message);
            entry.flags.push(crate::revisions::store::Flag { code: flag.code.clone(), message });
        }
        entry.now.steps.push(Step {
            number,
            name,
            post,
            limit,
            duties: optional(row.text("duties")),
            control: optional(row.text("control")),
            next,
            complaint: optional(row.text("complaint")),
        });
    }

    fn limit(&mut self, row: &Row) -> Option<TimeLimit> {
        let Some(text) = optional(row.text("limit")) else {
            if !row.letter("limit").is_empty() {
                let message = "没有填写办理时限";
                self.warning(row, "limit", "limit_missing", message, "请单位补充，例如“5个工作日”“即办”");
            }
            return None;
        };
        // A bare number means what the heading says in brackets: 办理时限（工作日）.
        let heading = self.letters.get("limit").map_or("", String::as_str);
        let unit = heading.split_once(['（', '(']).and_then(|(_, rest)| rest.split(['）', ')']).next());
        let bare = unit.filter(|_| parse_chinese_number(&text).is_some());
        let whole = bare
            .map_or_else(|| text.clone(), |unit| format!("{text}个{}", unit.trim_start_matches("单位：")));
        match parse_time_limit(&whole) {
            Ok(limit) => {
                if text.contains(['（', '(', '零', '半']) {
                    self.note(row, "limit", "limit_read_as", &format!("按{limit}收录"));
                }
                Some(limit)
            }
            Err(error) => {
                let remedy = "请写成“5个工作日”“即办”的样子";
                self.warning(row, "limit", "limit_unreadable", &error.to_string(), remedy);
                None
            }
        }
    }

    /// The power this row speaks of. Remembers the last one: rows come in groups.
    fn power_of(&mut self, row: &Row) -> Option<usize> {
        let (unit, name) = (self.today(unit_name(row.text("unit"))), thing_name(row.text("power")));
        if let Some((last_unit, last_name, at)) = &self.power
            && *last_unit == unit
            && *last_name == name
            && at.is_some()
        {
            return *at;
        }
        self.known_unit(row)?;
        let at = self.register.power_by_name.get(&(unit.clone(), name.clone())).copied();
        if at.is_none() {
            let message = if name.is_empty() {
                "没有填写权力名称"
            } else {
                "权力事项清单中没有这项权力"
            };
            let remedy = "请先在权力事项清单中登记，或改成清单中的名称";
            self.error(row, "power", "power_unknown", message, remedy);
        }
        self.power = Some((unit, name, at));
        at
    }

    /// Orders the steps of every renewed procedure and drops ways that lead nowhere.
    pub(super) fn settle_procedures(&mut self) {
        for at in std::mem::take(&mut self.ways) {
            let entry = &mut self.register.powers[at.power];
            let known: Vec<u32> = entry.now.steps.iter().map(|step| step.number).collect();
            let Some(step) = entry.now.steps.iter_mut().find(|step| step.number == at.step) else { continue };
            let (there, nowhere): (Vec<Next>, Vec<Next>) =
                std::mem::take(&mut step.next).into_iter().partition(|next| known.contains(&next.to));
            step.next = there;
            if nowhere.is_empty() {
                continue;
            }
            let targets: Vec<_> = nowhere.iter().map(|next| next.to.to_string()).collect();
            let message = format!("第{}步的下一环节“{}”不存在", at.step, targets.join("、"));
            let flag =
                crate::revisions::store::Flag { code: "next_nowhere".to_owned(), message: message.clone() };
            entry.flags.push(flag);
            self.late_warning(
                at.at,
                at.already_flagged,
                "next_nowhere",
                &message,
                "请改成本流程中有的环节序号；这一去向没有收录",
            );
        }
        for at in &self.renewed {
            let steps = &mut self.register.powers[*at].now.steps;
            steps.sort_by_key(|step| step.number);
            // An office that wrote no ways at all means one step after the other.
            if steps.iter().all(|step| step.next.is_empty()) {
                let numbers: Vec<u32> = steps.iter().map(|step| step.number).collect();
                for (step, to) in steps.iter_mut().zip(numbers.into_iter().skip(1)) {
                    step.next = vec![Next { to, when: String::new() }];
                }
            }
        }
    }
}
