//! The power editor's form as text: what a clerk typed, not yet judged. Pure.

use crate::{
    office::Typed,
    powers::{Basis, Disclosure, Kind, Level, Next, Power, Risk, StageType, Step, step_number},
};
use daylight_tables::value::{PartialDate, parse_month, parse_time_limit};
use daylight_ui::form::Errors;

/// One step as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StepRow {
    pub(super) number: String,
    pub(super) name: String,
    pub(super) post: String,
    pub(super) limit: String,
    pub(super) next: String,
    pub(super) duties: String,
    pub(super) control: String,
    pub(super) complaint: String,
}

/// One risk as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RiskRow {
    pub(super) step: String,
    pub(super) name: String,
    pub(super) level: String,
    pub(super) measures: String,
}

/// One basis as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BasisRow {
    pub(super) title: String,
    pub(super) article: String,
    pub(super) in_force_from: String,
    pub(super) in_force_to: String,
    pub(super) replaced_by: String,
}

/// The whole form as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rows {
    /// Everything that is not a row, by field name.
    pub(super) fields: Typed,
    /// The bases.
    pub(super) bases: Vec<BasisRow>,
    /// The steps.
    pub(super) steps: Vec<StepRow>,
    /// The risks.
    pub(super) risks: Vec<RiskRow>,
}

impl StepRow {
    fn is_blank(&self) -> bool {
        let parts = [
            &self.number,
            &self.name,
            &self.post,
            &self.limit,
            &self.next,
            &self.duties,
            &self.control,
            &self.complaint,
        ];
        parts.iter().all(|part| part.is_empty())
    }

    /// Changes where the step leads; what cannot be read stays as typed.
    fn lead(&mut self, new: impl Fn(Next) -> Option<Next>) {
        let (known, strange) = Next::parse_list(&self.next);
        if !known.is_empty() && strange.is_empty() {
            self.next = next_text(&known.into_iter().filter_map(new).collect::<Vec<_>>());
        }
    }
}

impl RiskRow {
    fn is_blank(&self) -> bool {
        [&self.step, &self.name, &self.level, &self.measures].iter().all(|part| part.is_empty())
    }
}

impl Rows {
    /// What a form sent.
    pub(super) fn of(typed: Typed) -> Rows {
        let step = |at: usize| {
            let get = |part: &str| typed.get(&format!("step-{at}-{part}")).to_owned();
            StepRow {
                number: get("number"),
                name: get("name"),
                post: get("post"),
                limit: get("limit"),
                next: get("next"),
                duties: get("duties"),
                control: get("control"),
                complaint: get("complaint"),
            }
        };
        let risk = |at: usize| {
            let get = |part: &str| typed.get(&format!("risk-{at}-{part}")).to_owned();
            RiskRow { step: get("step"), name: get("name"), level: get("level"), measures: get("measures") }
        };
        let basis = |at: usize| {
            let get = |part: &str| typed.get(&format!("basis-{at}-{part}")).to_owned();
            BasisRow {
                title: get("title"),
                article: get("article"),
                in_force_from: get("in_force_from"),
                in_force_to: get("in_force_to"),
                replaced_by: get("replaced_by"),
            }
        };
        let bases = (0..typed.rows("basis")).map(basis).collect();
        let steps = (0..typed.rows("step")).map(step).collect();
        let risks = (0..typed.rows("risk")).map(risk).collect();
        Rows { bases, steps, risks, fields: typed }
    }

    /// What a stored power looks like in the form, with a blank row to go on.
    pub(super) fn from_power(power: &Power) -> Rows {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let lines = |items: Vec<String>| items.join("\n");
        let (open, ground, approver, review_on) = match &power.disclosure {
            None => ("", None, None, None),
            Some(Disclosure::Public) => ("yes", None, None, None),
            Some(Disclosure::Withheld { ground, approver, review_on }) => {
                ("no", ground.clone(), approver.clone(), review_on.clone())
            }
        };
        let fields = Typed::of([
            ("name", power.name.clone()),
            ("kind", power.kind.map(Kind::code).unwrap_or_default().to_owned()),
            ("stage_type", power.stage_type.map(StageType::code).unwrap_or_default().to_owned()),
            ("matter", text(&power.matter)),
            ("exerciser", text(&power.exerciser)),
            ("supervisor", text(&power.supervisor)),
            ("accountable", text(&power.accountable)),
            ("open", open.to_owned()),
            ("ground", text(&ground)),
            ("approver", text(&approver)),
            ("review_on", text(&review_on)),
        ]);
        let step = |step: &Step| StepRow {
            number: step.number.to_string(),
            name: step.name.clone(),
            post: text(&step.post),
            limit: step.limit.map(|limit| limit.to_string()).unwrap_or_default(),
            next: next_text(&step.next),
            duties: text(&step.duties),
            control: text(&step.control),
            complaint: text(&step.complaint),
        };
        let risk = |risk: &Risk| RiskRow {
            step: risk.step.map(|step| step.to_string()).unwrap_or_default(),
            name: risk.name.clone(),
            level: risk.level.map(Level::code).unwrap_or_default().to_owned(),
            measures: lines(risk.measures.clone()),
        };
        let basis = |basis: &Basis| BasisRow {
            title: basis.title.clone(),
            article: basis.article.clone(),
            in_force_from: text(&basis.in_force_from),
            in_force_to: text(&basis.in_force_to),
            replaced_by: text(&basis.replaced_by),
        };
        let mut rows = Rows {
            fields,
            bases: power.bases.iter().map(basis).collect(),
            steps: power.steps.iter().map(step).collect(),
            risks: power.risks.iter().map(risk).collect(),
        };
        if rows.steps.is_empty() {
            rows.steps = (1..=3)
                .map(|number: u32| StepRow { number: number.to_string(), ..StepRow::default() })
                .collect();
        }
        if rows.risks.is_empty() {
            rows.risks.push(RiskRow::default());
        }
        if rows.bases.is_empty() {
            rows.bases.push(BasisRow::default());
        }
        rows
    }

    /// One more step at the end, numbered on.
    pub(super) fn add_step(&mut self) {
        let last = self.steps.iter().filter_map(|row| step_number(&row.number)).max().unwrap_or(0);
        self.steps.push(StepRow { number: last.saturating_add(1).to_string(), ..StepRow::default() });
    }

    /// A new step after a row, in the line between it and the next; the numbers behind it move on,
    /// and so does what points at them.
    pub(super) fn insert_step(&mut self, after: usize) {
        let Some(number) = self.steps.get(after).and_then(|row| step_number(&row.number)) else {
            return self.add_step();
        };
        self.renumber(|known| if known > number { Some(known.saturating_add(1)) } else { Some(known) });
        let mut row = StepRow { number: number.saturating_add(1).to_string(), ..StepRow::default() };
        let usual = |next: &Next| next.when.is_empty() && next.to == number.saturating_add(2);
        if Next::parse_list(&self.steps[after].next).0.iter().any(usual) {
            row.next = number.saturating_add(2).to_string();
            self.steps[after].lead(|next| {
                if usual(&next) { Some(Next { to: number.saturating_add(1), ..next }) } else { Some(next) }
            });
        }
        self.steps.insert(after + 1, row);
    }

    /// Without a step; what led to it leads on to where it led, and the numbers behind it close up.
    pub(super) fn remove_step(&mut self, at: usize) {
        if at >= self.steps.len() {
            return;
        }
        let gone = self.steps.remove(at);
        let Some(number) = step_number(&gone.number) else { return };
        // A doubled number still has its other row.
        if self.steps.iter().any(|row| step_number(&row.number) == Some(number)) {
            return;
        }
        let onward = Next::parse_list(&gone.next).0.into_iter().find(|next| next.when.is_empty());
        for row in &mut self.steps {
            let own = step_number(&row.number);
            row.lead(|next| match &onward {
                _ if next.to != number => Some(next),
                Some(onward) if Some(onward.to) != own => Some(Next { to: onward.to, ..next }),
                _ => None,
            });
        }
        self.renumber(|known| match known {
            known if known == number => None,
            known if known > number => Some(known - 1),
            known => Some(known),
        });
    }

    /// Moves numbers, ways and places of risks; what cannot be read stays as typed.
    fn renumber(&mut self, new: impl Fn(u32) -> Option<u32>) {
        for row in &mut self.steps {
            if let Some(number) = step_number(&row.number).and_then(&new) {
                row.number = number.to_string();
            }
            row.lead(|next| Some(Next { to: new(next.to)?, ..next }));
        }
        for row in &mut self.risks {
            if let Some(number) = step_number(&row.step) {
                row.step = new(number).map(|number| number.to_string()).unwrap_or_default();
            }
        }
    }

    /// Reads the form with the parsers that imports use. What cannot be read is an error of its
    /// field; what is only missing is not.
    pub(super) fn read(&self, unit: &str, errors: &mut Errors) -> Power {
        let fields = &self.fields;
        let mut power = Power {
            unit: unit.to_owned(),
            name: fields.get("name").replace('(', "（").replace(')', "）"),
            kind: Kind::from_code(fields.get("kind")),
            stage_type: StageType::from_code(fields.get("stage_type")),
            matter: fields.optional("matter"),
            bases: self.bases.iter().enumerate().flat_map(|(at, row)| read_basis(at, row, errors)).collect(),
            exerciser: fields.optional("exerciser"),
            supervisor: fields.optional("supervisor"),
            accountable: fields.optional("accountable"),
            disclosure: None,
            steps: Vec::new(),
            risks: Vec::new(),
        };
        power.disclosure = self.disclosure(errors);
        for (at, row) in self.steps.iter().enumerate().filter(|(_, row)| !row.untouched()) {
            power.steps.extend(read_step(at, row, errors));
        }
        power.steps.sort_by_key(|step| step.number);
        // A clerk who wrote no ways at all means one step after the other, as in imports.
        if power.steps.iter().all(|step| step.next.is_empty()) {
            let numbers: Vec<u32> = power.steps.iter().map(|step| step.number).collect();
            for (step, to) in power.steps.iter_mut().zip(numbers.into_iter().skip(1)) {
                step.next = vec![Next { to, when: String::new() }];
            }
        }
        for (at, row) in self.risks.iter().enumerate().filter(|(_, row)| !row.is_blank()) {
            power.risks.extend(read_risk(at, row, errors));
        }
        power
    }

    fn disclosure(&self, errors: &mut Errors) -> Option<Disclosure> {
        let fields = &self.fields;
        match fields.get("open") {
            "yes" => Some(Disclosure::Public),
            "no" => {
                let text = fields.get("review_on");
                let day = parse_month(text).ok().filter(|date| date.day.is_some());
                if day.is_none() && !text.is_empty() {
                    errors.add("review_on", "请写成 2027年6月30日 或 2027-06-30 这样的日期");
                }
                Some(Disclosure::Withheld {
                    ground: fields.optional("ground"),
                    approver: fields.optional("approver"),
                    review_on: day.as_ref().map(PartialDate::to_string),
                })
            }
            _ => None,
        }
    }
}

impl StepRow {
    /// A row that only carries the number it was offered with.
    fn untouched(&self) -> bool {
        StepRow { number: String::new(), ..self.clone() }.is_blank()
    }
}

fn read_step(at: usize, row: &StepRow, errors: &mut Errors) -> Option<Step> {
    let field = |part: &str| format!("step-{at}-{part}");
    let number = step_number(&row.number).filter(|number| (1..=999).contains(number));
    if number.is_none() {
        errors.add(field("number"), format!("第{}行：请填写环节序号，例如 {}", at + 1, at + 1));
    }
    if row.name.is_empty() {
        errors.add(field("name"), format!("第{}行：请填写环节名称", at + 1));
    }
    let limit = match row.limit.as_str() {
        "" => None,
        text => parse_time_limit(text)
            .map_err(|error| errors.add(field("limit"), format!("第{}行：{error}", at + 1)))
            .ok(),
    };
    let (next, strange) = Next::parse_list(&row.next);
    if !strange.is_empty() {
        let strange = strange.join("；");
        let message = format!("第{}行：看不懂“{strange}”指向哪个环节，请写成 5；不同意→2", at + 1);
        errors.add(field("next"), message);
    }
    let optional = |text: &String| (!text.is_empty()).then(|| text.clone());
    Some(Step {
        number: number?,
        name: row.name.clone(),
        post: optional(&row.post),
        limit,
        duties: optional(&row.duties),
        control: optional(&row.control),
        next,
        complaint: optional(&row.complaint),
    })
}

fn read_risk(at: usize, row: &RiskRow, errors: &mut Errors) -> Option<Risk> {
    if row.name.is_empty() {
        errors.add(format!("risk-{at}-name"), format!("第{}条风险：请写明可能出什么问题", at + 1));
        return None;
    }
    let step = step_number(&row.step);
    if step.is_none() && !row.step.is_empty() {
        errors.add(format!("risk-{at}-step"), format!("第{}条风险：看不懂环节序号", at + 1));
    }
    let measures = row.measures.split(['\n', '；', ';']).map(str::trim).filter(|line| !line.is_empty());
    Some(Risk {
        step,
        name: row.name.clone(),
        level: Level::from_code(&row.level),
        measures: measures.map(str::to_owned).collect(),
    })
}

/// A row of bases. A title pasted with its marks and articles is read as imports read a cell; what the
/// row says besides belongs to the first title.
fn read_basis(at: usize, row: &BasisRow, errors: &mut Errors) -> Vec<Basis> {
    let field = |part: &str| format!("basis-{at}-{part}");
    let mut read = bases(&row.title);
    let Some(first) = read.first_mut() else {
        if *row != BasisRow::default() {
            errors.add(field("title"), format!("第{}条依据：请填写法律法规或文件的名称", at + 1));
        }
        return read;
    };
    if !row.article.is_empty() {
        first.article.clone_from(&row.article);
    }
    let mut day = |part: &str, text: &str| match parse_month(text) {
        _ if text.is_empty() => None,
        Ok(date) if date.day.is_some() => Some(date.to_string()),
        _ => {
            errors.add(
                field(part),
                format!("第{}条依据：请写成 2014年5月1日 或 2014-05-01 这样的日期", at + 1),
            );
            None
        }
    };
    first.in_force_from = day("in_force_from", &row.in_force_from);
    first.in_force_to = day("in_force_to", &row.in_force_to);
    if first.in_force_to.is_some() && first.in_force_to < first.in_force_from {
        errors.add(field("in_force_to"), format!("第{}条依据：失效日期早于施行日期", at + 1));
    }
    let by = bases(&row.replaced_by).into_iter().next();
    first.replaced_by = by.map(|by| by.title);
    read
}

/// The bases on one line. A line with one title is one basis, whatever its articles look like
/// ("第一条、第三条"); a line with several is read as imports read a cell.
fn bases(line: &str) -> Vec<Basis> {
    let line = line.trim().trim_end_matches(['；', ';', '。']);
    if line.is_empty() {
        return Vec::new();
    }
    match line.strip_prefix('《').and_then(|rest| rest.rsplit_once('》')) {
        Some((title, article)) if !title.contains('》') => {
            vec![Basis {
                title: title.trim().to_owned(),
                article: article.trim().to_owned(),
                ..Basis::default()
            }]
        }
        _ => Basis::parse_list(line),
    }
}

/// The ways on as offices write them: "5；不同意→2".
pub(super) fn next_text(next: &[Next]) -> String {
    let way = |next: &Next| {
        if next.when.is_empty() { next.to.to_string() } else { format!("{}→{}", next.when, next.to) }
    };
    next.iter().map(way).collect::<Vec<_>>().join("；")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn power() -> Power {
        let step = |number: u32, name: &str, next: Vec<Next>| Step {
            number,
            name: name.into(),
            post: Some("民政办".into()),
            limit: parse_time_limit("5个工作日").ok(),
            complaint: Some("电话：12388；监督平台".into()),
            next,
            ..Step::default()
        };
        let to = |to: u32, when: &str| Next { to, when: when.into() };
        Power {
            unit: "青石镇人民政府".into(),
            name: "临时救助审批".into(),
            kind: Some(Kind::External),
            stage_type: Some(StageType::Decision),
            bases: Basis::parse_list("《社会救助暂行办法》第十一条；《行政许可法》"),
            exerciser: Some("民政办".into()),
            supervisor: Some("镇纪委".into()),
            accountable: Some("镇长".into()),
            disclosure: Some(Disclosure::Public),
            steps: vec![
                step(1, "受理", vec![to(2, "")]),
                step(2, "入户核查", vec![to(3, ""), to(1, "不同意")]),
                step(3, "审批", vec![]),
            ],
            risks: vec![Risk {
                step: Some(3),
                name: "优亲厚友".into(),
                level: Some(Level::High),
                measures: vec!["集体研究".into(), "公示、留痕".into()],
            }],
            ..Power::default()
        }
    }

    fn read(rows: &Rows) -> Power {
        let mut errors = Errors::new();
        let power = rows.read("青石镇人民政府", &mut errors);
        assert!(errors.is_empty(), "{errors:?}");
        power
    }

    #[test]
    fn what_is_stored_comes_back_unchanged_through_the_form() {
        assert_eq!(read(&Rows::from_power(&power())), power());
        assert_eq!(read(&Rows::from_power(&Power::default())).steps, []);
    }

    #[test]
    fn a_step_in_the_middle_moves_the_others_and_what_points_at_them() {
        let stored = power();
        let mut rows = Rows::from_power(&stored);
        rows.insert_step(1);
        rows.steps[2].name = "民主评议".into();
        let power = read(&rows);
        let names: Vec<_> = power.steps.iter().map(|step| (step.number, step.name.as_str())).collect();
        assert_eq!(names, [(1, "受理"), (2, "入户核查"), (3, "民主评议"), (4, "审批")]);
        assert_eq!(next_text(&power.steps[1].next), "3；不同意→1");
        assert_eq!(next_text(&power.steps[2].next), "4");
        assert_eq!(power.risks[0].step, Some(4));
        rows.remove_step(2);
        assert_eq!(read(&rows), stored);
    }

    #[test]
    fn removing_a_step_closes_the_line_and_leaves_no_way_to_nowhere() {
        let stored = power();
        let mut rows = Rows::from_power(&stored);
        rows.remove_step(0);
        let power = read(&rows);
        assert_eq!(next_text(&power.steps[0].next), "2");
        assert_eq!(power.risks[0].step, Some(2));
        rows.remove_step(99);
        assert_eq!(rows.steps.len(), 2);
        let mut rows = Rows::from_power(&stored);
        rows.remove_step(1);
        assert_eq!(next_text(&read(&rows).steps[0].next), "2");
    }

    #[test]
    fn no_ways_at_all_mean_one_after_the_other() {
        let mut rows = Rows::from_power(&power());
        rows.steps.iter_mut().for_each(|row| row.next.clear());
        let ways: Vec<_> = read(&rows).steps.iter().map(|step| next_text(&step.next)).collect();
        assert_eq!(ways, ["2", "3", ""]);
    }

    #[test]
    fn every_field_that_cannot_be_read_says_so_and_nothing_is_lost() {
        let mut rows = Rows::from_power(&power());
        rows.steps[0] = StepRow {
            number: "头".into(),
            limit: "视情况".into(),
            next: "另行通知".into(),
            ..StepRow::default()
        };
        rows.risks[0].name.clear();
        let mut errors = Errors::new();
        rows.read("", &mut errors);
        let fields: Vec<_> = errors.iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["step-0-number", "step-0-name", "step-0-limit", "step-0-next", "risk-0-name"]);
    }

    #[test]
    fn one_title_with_two_articles_is_one_basis() {
        assert_eq!(bases("《土地管理法》第六十二条、第六十三条；").len(), 1);
        assert_eq!(bases("《土地管理法》第六十二条；《招标投标法》").len(), 2);
        assert_eq!(bases("县政府〔2024〕3号文件")[0].title, "县政府〔2024〕3号文件");
    }
}
