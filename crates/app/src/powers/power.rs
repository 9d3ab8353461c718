//! A listed power of a unit: what may be done, on what basis, by whom, step by step.

use daylight_flowchart::{Edge, Graph, Node, RiskLevel};
use daylight_tables::value::TimeLimit;
use serde::{Deserialize, Serialize};

/// Whom the power faces (capability A6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 外部职责.
    External,
    /// 内部管理.
    Internal,
    /// 班子成员岗位.
    LeaderPost,
    /// 中层岗位.
    MiddlePost,
}

impl Kind {
    /// All, in page order.
    pub const ALL: [Kind; 4] = [Kind::External, Kind::Internal, Kind::LeaderPost, Kind::MiddlePost];

    /// The word in URLs, tables and the API.
    pub fn code(self) -> &'static str {
        match self {
            Kind::External => "external",
            Kind::Internal => "internal",
            Kind::LeaderPost => "leader_post",
            Kind::MiddlePost => "middle_post",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Kind::External => "外部职责",
            Kind::Internal => "内部管理",
            Kind::LeaderPost => "班子成员岗位",
            Kind::MiddlePost => "中层岗位",
        }
    }

    /// Reads [`Kind::code`].
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Reads what offices write.
    pub fn from_page(text: &str) -> Option<Kind> {
        const WORDS: [(&str, Kind); 7] = [
            ("外部", Kind::External),
            ("内部", Kind::Internal),
            ("班子", Kind::LeaderPost),
            ("领导", Kind::LeaderPost),
            ("中层", Kind::MiddlePost),
            ("股室", Kind::MiddlePost),
            ("内设机构", Kind::MiddlePost),
        ];
        WORDS.into_iter().find(|(word, _)| text.contains(word)).map(|(_, kind)| kind)
    }
}

/// The stage at which the power acts; it weighs in the risk level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageType {
    /// 初审.
    FirstReview,
    /// 复核.
    SecondReview,
    /// 管理.
    Management,
    /// 决定.
    Decision,
    /// 决策.
    Policy,
}

impl StageType {
    /// All, in page order.
    pub const ALL: [StageType; 5] = [
        StageType::FirstReview,
        StageType::SecondReview,
        StageType::Management,
        StageType::Decision,
        StageType::Policy,
    ];

    /// The word in URLs, tables and the API.
    pub fn code(self) -> &'static str {
        match self {
            StageType::FirstReview => "first_review",
            StageType::SecondReview => "second_review",
            StageType::Management => "management",
            StageType::Decision => "decision",
            StageType::Policy => "policy",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            StageType::FirstReview => "初审",
            StageType::SecondReview => "复核",
            StageType::Management => "管理",
            StageType::Decision => "决定",
            StageType::Policy => "决策",
        }
    }

    /// Reads [`StageType::code`].
    pub fn from_code(code: &str) -> Option<StageType> {
        StageType::ALL.into_iter().find(|stage| stage.code() == code)
    }

    /// Reads what offices write: "初审权", "决定类"…
    pub fn from_page(text: &str) -> Option<StageType> {
        StageType::ALL.into_iter().find(|stage| text.contains(stage.page()))
    }
}

/// 廉政风险等级, four levels in words and shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 低.
    Low,
    /// 中.
    Medium,
    /// 较高.
    Elevated,
    /// 高.
    High,
}

impl Level {
    /// All, lowest first.
    pub const ALL: [Level; 4] = [Level::Low, Level::Medium, Level::Elevated, Level::High];

    /// The word in tables and the API.
    pub fn code(self) -> &'static str {
        match self {
            Level::Low => "low",
            Level::Medium => "medium",
            Level::Elevated => "elevated",
            Level::High => "high",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Level::Low => "低",
            Level::Medium => "中",
            Level::Elevated => "较高",
            Level::High => "高",
        }
    }

    /// Reads [`Level::code`].
    pub fn from_code(code: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.code() == code)
    }

    /// Reads what offices write: "较高", "高风险", "一级", "Ⅱ级"…
    pub fn from_page(text: &str) -> Option<Level> {
        const WORDS: [(&str, Level); 7] = [
            ("较高", Level::Elevated),
            ("高", Level::High),
            ("中", Level::Medium),
            ("一般", Level::Medium),
            ("低", Level::Low),
            ("一级", Level::High),
            ("二级", Level::Medium),
        ];
        WORDS.into_iter().find(|(word, _)| text.contains(word)).map(|(_, level)| level)
    }

    fn mark(self) -> RiskLevel {
        match self {
            Level::Low => RiskLevel::Low,
            Level::Medium => RiskLevel::Medium,
            Level::Elevated => RiskLevel::Elevated,
            Level::High => RiskLevel::High,
        }
    }
}

/// The law, rule or policy a power rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Basis {
    /// Title without the book marks: "社会救助暂行办法".
    pub title: String,
    /// Article as cited: "第十一条"; empty when none is named.
    pub article: String,
    /// ISO date from which the whole document is in force.
    pub in_force_from: Option<String>,
    /// ISO date until which it was (capability A7); none while it is, or when nobody said.
    pub in_force_to: Option<String>,
    /// Title of what took its place.
    pub replaced_by: Option<String>,
}

impl Basis {
    /// Reads "《土地管理法》第六十二条；《招标投标法》".
    pub fn parse_list(text: &str) -> Vec<Basis> {
        daylight_tables::value::split_list(text).iter().map(|item| Basis::parse(item)).collect()
    }

    fn parse(item: &str) -> Basis {
        let item = item.trim();
        match item.strip_prefix('《').and_then(|rest| rest.rsplit_once('》')) {
            Some((title, article)) => Basis {
                title: title.trim().to_owned(),
                article: article.trim().to_owned(),
                ..Basis::default()
            },
            None => Basis { title: item.to_owned(), ..Basis::default() },
        }
    }

    /// The citation with what is known of its validity.
    pub fn line(&self) -> String {
        let parts = [
            self.in_force_from.as_ref().map(|from| format!("{from}起施行")),
            self.in_force_to.as_ref().map(|to| format!("{to}失效")),
            self.replaced_by.as_ref().map(|by| format!("由《{by}》代替")),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            self.citation()
        } else {
            format!("{}（{}）", self.citation(), parts.join("，"))
        }
    }

    /// "《社会救助暂行办法》第十一条".
    pub fn citation(&self) -> String {
        format!("《{}》{}", self.title, self.article)
    }
}

/// Where a step leads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Next {
    /// Number of the step that follows.
    pub to: u32,
    /// On what condition: "不同意"; empty for the usual way.
    pub when: String,
}

impl Next {
    /// Reads "5；不同意→2". Returns what was understood and the parts that were not.
    pub fn parse_list(text: &str) -> (Vec<Next>, Vec<String>) {
        let mut found = Vec::new();
        let mut strange = Vec::new();
        let parts = text.split(['；', ';', '，', ',', '、', '\n']).map(str::trim);
        for part in parts.filter(|part| !part.is_empty()) {
            // Only where the whole makes no sense: a condition may hold these words too.
            let pieces = || {
                part.split(['或', '和', '及', '与', '/', '|', ' '])
                    .filter(|piece| !piece.is_empty())
                    .map(Next::parse)
            };
            match Next::parse(part).map(|next| vec![next]).or_else(|| pieces().collect()) {
                Some(ways) => found.extend(ways.into_iter().flatten()),
                None => strange.push(part.to_owned()),
            }
        }
        (found, strange)
    }

    /// Reads "不同意→2", "退回第2步", "合格：3", "3（通过）"; the inner none is the end of the procedure.
    fn parse(part: &str) -> Option<Option<Next>> {
        let way = |to: u32, when: &str| {
            let when =
                when.trim_matches(|c: char| "-—= ：:→".contains(c)).trim_end_matches(['转', '跳', '则']);
            Some(Some(Next { to, when: when.trim().to_owned() }))
        };
        if is_end(part) {
            return Some(None);
        }
        if let Some((when, target)) = part.rsplit_once(['→', '>', '转', '至', '到']) {
            return match step_number(target) {
                // "3至5" is a range, not a condition.
                Some(_) if step_number(when.trim_end_matches('-')).is_some() => None,
                Some(to) => way(to, when),
                None => is_end(target).then_some(None),
            };
        }
        if part.trim().contains(char::is_whitespace) {
            return None;
        }
        if let Some(to) = step_number(part) {
            return way(to, "");
        }
        if let Some((number, when)) =
            part.strip_suffix([')', '）']).and_then(|part| part.split_once(['(', '（']))
            && let Some(to) = step_number(number)
        {
            return way(to, when);
        }
        // The number behind a condition must begin like one: the 一 of 统一 is none.
        let at = part.find(|c: char| c.is_ascii_digit() || c == '第').filter(|at| *at > 0)?;
        let (when, target) = part.split_at(at);
        // "3-5" is a range, "-5" a slip.
        let said = when.trim_end_matches([':', '：']).ends_with(char::is_alphabetic);
        if !said || when.contains(|c: char| c.is_ascii_digit()) {
            None
        } else {
            way(step_number(target)?, when)
        }
    }
}

fn is_end(text: &str) -> bool {
    const ENDS: [&str; 13] =
        ["无", "结束", "流程结束", "终结", "办结", "完成", "完", "END", "end", "-", "—", "——", "/"];
    ENDS.contains(&text.trim().trim_end_matches(['。', '.']))
}

/// Reads a step's number as offices write it: "3", "3.", "3.0", "第三步", "（3）", "③", "⑶", "步骤3", "No.3". Numbers of
/// several parts ("1.1") are none: they cannot be pointed to.
pub fn step_number(text: &str) -> Option<u32> {
    let text = daylight_ids::text::squash(&daylight_ids::text::compatible(text));
    let core = text.trim_start_matches(['N', 'n']).trim_start_matches(['O', 'o']);
    let core = core.strip_suffix(".0").unwrap_or(core);
    let core = core.trim_matches(|c: char| "第步骤环节.、．。()（）【】[]号:：序".contains(c));
    core.parse().ok().or_else(|| {
        daylight_tables::value::parse_chinese_number(core).and_then(|number| u32::try_from(number).ok())
    })
}

/// One step (环节) of a procedure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Step {
    /// Number within the procedure, from 1.
    pub number: u32,
    /// 环节名称.
    pub name: String,
    /// 承办岗位.
    pub post: Option<String>,
    /// 办理时限.
    pub limit: Option<TimeLimit>,
    /// 职责要求.
    pub duties: Option<String>,
    /// 监督制约环节.
    pub control: Option<String>,
    /// Where to go next; empty at the end of the procedure.
    pub next: Vec<Next>,
    /// 投诉举报途径.
    pub complaint: Option<String>,
}

/// 廉政风险点 and what is done against it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Risk {
    /// Step on which it sits; none when the list names the power only.
    pub step: Option<u32>,
    /// What may go wrong.
    pub name: String,
    /// How grave.
    pub level: Option<Level>,
    /// 防控措施.
    pub measures: Vec<String>,
}

/// Whether the power is shown to everybody. Openness is the rule; an exception needs a ground, an
/// approver and a date of review (capability A24) and is counted in public.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Disclosure {
    /// Shown to everybody.
    Public,
    /// Kept back.
    Withheld {
        /// The legal ground, as given.
        ground: Option<String>,
        /// Who approved it.
        approver: Option<String>,
        /// ISO date on which it must be looked at again.
        review_on: Option<String>,
    },
}

/// What is published about a power; a revision holds one of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Power {
    /// Name of the unit that holds it.
    pub unit: String,
    /// Name, unique within the unit.
    pub name: String,
    /// Whom it faces.
    pub kind: Option<Kind>,
    /// At which stage it acts.
    pub stage_type: Option<StageType>,
    /// 事项分类, the county's own word: "行政许可".
    pub matter: Option<String>,
    /// On what it rests.
    pub bases: Vec<Basis>,
    /// 行权主体.
    pub exerciser: Option<String>,
    /// 监督主体.
    pub supervisor: Option<String>,
    /// 追责主体.
    pub accountable: Option<String>,
    /// Whether and how it is public.
    pub disclosure: Option<Disclosure>,
    /// The steps, in order of their numbers.
    pub steps: Vec<Step>,
    /// Risks on steps or on the power as a whole.
    pub risks: Vec<Risk>,
}

/// 五个明确: the five parts without which a power may not be published from the office
/// (capability A10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// 权力名称.
    Name,
    /// 实施主体: who exercises and who supervises.
    Subjects,
    /// 操作流程.
    Procedure,
    /// 公开公示.
    Publicity,
    /// 责任追究.
    Accountability,
}

impl Part {
    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Part::Name => "权力名称",
            Part::Subjects => "行权和监督主体",
            Part::Procedure => "行权流程",
            Part::Publicity => "公开方式",
            Part::Accountability => "追责主体",
        }
    }
}

impl Power {
    /// Which of the five required parts are not there yet.
    pub fn missing(&self) -> Vec<Part> {
        let parts = [
            (self.name.is_empty(), Part::Name),
            (self.exerciser.is_none() || self.supervisor.is_none(), Part::Subjects),
            (self.steps.is_empty(), Part::Procedure),
            (self.disclosure.is_none(), Part::Publicity),
            (self.accountable.is_none(), Part::Accountability),
        ];
        parts.into_iter().filter(|(missing, _)| *missing).map(|(_, part)| part).collect()
    }

    /// Whether everybody may see it. A power whose list does not say is public: openness is the rule.
    pub fn is_public(&self) -> bool {
        !matches!(self.disclosure, Some(Disclosure::Withheld { .. }))
    }

    /// The risks that sit on a step.
    pub fn risks_on(&self, step: u32) -> impl Iterator<Item = &Risk> {
        self.risks.iter().filter(move |risk| risk.step == Some(step))
    }

    /// The risks of the power as a whole.
    pub fn general_risks(&self) -> impl Iterator<Item = &Risk> {
        self.risks.iter().filter(|risk| risk.step.is_none())
    }

    /// The procedure as a graph, for drawing and checking.
    pub fn graph(&self) -> Graph {
        let node = |step: &Step| Node {
            key: step.number.to_string(),
            title: step.name.clone(),
            lines: step.post.iter().cloned().chain(step.limit.map(|limit| limit.to_string())).collect(),
            risk: self.risks_on(step.number).filter_map(|risk| risk.level).max().map(Level::mark),
            href: Some(format!("#step-{}", step.number)),
        };
        let edges = self.steps.iter().flat_map(|step| {
            let from = step.number.to_string();
            step.next.iter().map(move |next| Edge {
                from: from.clone(),
                to: next.to.to_string(),
                label: next.when.clone(),
            })
        });
        Graph { nodes: self.steps.iter().map(node).collect(), edges: edges.collect() }
    }

    /// Labelled values in page order: what a difference between two revisions is shown by.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let lines = |items: Vec<String>| items.join("\n");
        vec![
            ("所属单位", self.unit.clone()),
            ("权力名称", self.name.clone()),
            ("权力类别", self.kind.map(Kind::page).unwrap_or_default().to_owned()),
            ("权力类型", self.stage_type.map(StageType::page).unwrap_or_default().to_owned()),
            ("事项分类", text(&self.matter)),
            ("行权依据", lines(self.bases.iter().map(Basis::line).collect())),
            ("行权主体", text(&self.exerciser)),
            ("监督主体", text(&self.supervisor)),
            ("追责主体", text(&self.accountable)),
            ("是否公开", self.disclosure_text()),
            ("行权流程", lines(self.steps.iter().map(Step::line).collect())),
            ("廉政风险与防控", lines(self.risks.iter().map(Risk::line).collect())),
        ]
    }

    /// Whether it is public, in words.
    pub fn disclosure_text(&self) -> String {
        match &self.disclosure {
            None => String::new(),
            Some(Disclosure::Public) => "公开".to_owned(),
            Some(Disclosure::Withheld { ground, approver, review_on }) => format!(
                "不公开（理由：{}；批准人：{}；复核日期：{}）",
                ground.as_deref().unwrap_or("待补"),
                approver.as_deref().unwrap_or("待补"),
                review_on.as_deref().unwrap_or("待补")
            ),
        }
    }
}

impl Step {
    /// The step in one line.
    pub fn line(&self) -> String {
        let mut line = format!("{}. {}", self.number, self.name);
        let limit = self.limit.map(|limit| limit.to_string());
        for part in [&self.post, &limit, &self.duties, &self.control].into_iter().flatten() {
            line.push_str(" · ");
            line.push_str(part);
        }
        // Without it a changed complaint route would be published unseen.
        if let Some(complaint) = &self.complaint {
            line.push_str(&format!(" · 投诉：{complaint}"));
        }
        for next in &self.next {
            line.push_str(&if next.when.is_empty() {
                format!(" → {}", next.to)
            } else {
                format!(" （{}→{}）", next.when, next.to)
            });
        }
        line
    }
}

impl Risk {
    /// The risk in one line.
    pub fn line(&self) -> String {
        let place = self.step.map(|step| format!("第{step}步：")).unwrap_or_default();
        let level = self.level.map(|level| format!("（{}）", level.page())).unwrap_or_default();
        format!("{place}{}{level} 防控：{}", self.name, self.measures.join("；"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(to: u32, when: &str) -> Next {
        Next { to, when: when.to_owned() }
    }

    #[test]
    fn bases_are_read_with_their_articles() {
        let bases = Basis::parse_list("《社会救助暂行办法》第十一条；《农村危房改造补助资金管理办法》");
        let cited: Vec<_> = bases.iter().map(Basis::citation).collect();
        assert_eq!(cited, ["《社会救助暂行办法》第十一条", "《农村危房改造补助资金管理办法》"]);
        assert_eq!(Basis::parse_list("县政府〔2024〕3号文件")[0].title, "县政府〔2024〕3号文件");
    }

    #[test]
    fn the_way_on_is_read_as_offices_write_it() {
        assert_eq!(Next::parse_list("2").0, [next(2, "")]);
        assert_eq!(Next::parse_list("5；不同意→2").0, [next(5, ""), next(2, "不同意")]);
        assert_eq!(Next::parse_list("不同意转第二步").0, [next(2, "不同意")]);
        assert_eq!(Next::parse_list("结束"), (vec![], vec![]));
        assert_eq!(Next::parse_list("另行通知").1, ["另行通知"]);
    }

    #[test]
    fn step_numbers_are_read_in_every_spelling() {
        for text in ["3", "3.", "３", " 3 、", "第三步", "（3）", "③", "步骤3", "三、", "第3环节"]
        {
            assert_eq!(step_number(text), Some(3), "{text}");
        }
        assert_eq!(step_number("受理"), None);
    }

    #[test]
    fn a_power_without_one_of_the_five_parts_says_which() {
        let mut power = Power {
            name: "临时救助审批".into(),
            exerciser: Some("民政办".into()),
            supervisor: Some("镇纪委".into()),
            accountable: Some("镇长".into()),
            disclosure: Some(Disclosure::Public),
            steps: vec![Step { number: 1, name: "受理".into(), ..Step::default() }],
            ..Power::default()
        };
        assert_eq!(power.missing(), []);
        power.steps.clear();
        power.supervisor = None;
        assert_eq!(power.missing(), [Part::Subjects, Part::Procedure]);
    }

    #[test]
    fn openness_is_the_rule() {
        assert!(Power::default().is_public());
        let withheld = Disclosure::Withheld { ground: None, approver: None, review_on: None };
        assert!(!Power { disclosure: Some(withheld), ..Power::default() }.is_public());
    }
}
