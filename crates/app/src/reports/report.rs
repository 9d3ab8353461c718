//! A report: what a citizen submits. A [`Draft`] holds whatever was typed so far; [`Draft::check`] is the one
//! way to a [`Report`], so that a report which exists is complete.

use daylight_ids::{CitizenId, Phone, text};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is said about what is no telephone number.
pub(super) fn wrong_phone(error: daylight_ids::PhoneError) -> String {
    match error {
        daylight_ids::PhoneError::Empty => "请填写手机号".to_owned(),
        error => format!("“手机号”不对：{error}"),
    }
}

/// What somebody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 检举控告: somebody broke discipline or law.
    Accusation,
    /// 投诉: how one was treated or served.
    Complaint,
    /// 求助: something one is entitled to and does not get.
    Request,
    /// 意见建议.
    Suggestion,
}

impl Kind {
    /// All, in page order.
    pub const ALL: [Kind; 4] = [Kind::Accusation, Kind::Complaint, Kind::Request, Kind::Suggestion];

    /// The word in URLs, tables and the API.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Accusation => "accusation",
            Kind::Complaint => "complaint",
            Kind::Request => "request",
            Kind::Suggestion => "suggestion",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Kind::Accusation => "检举控告",
            Kind::Complaint => "投诉",
            Kind::Request => "求助",
            Kind::Suggestion => "意见建议",
        }
    }

    /// Reads [`Kind::code`].
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether it is held against whom or what it is about: then these must never see it.
    pub fn accuses(self) -> bool {
        matches!(self, Kind::Accusation | Kind::Complaint)
    }
}

/// What a report is about, by surrogate ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "is", content = "id", rename_all = "snake_case")]
pub enum Object {
    /// 单位.
    Unit(i64),
    /// 权力事项.
    Power(i64),
    /// 环节 of a power, by its number.
    Step(i64, u32),
    /// 干部.
    Cadre(i64),
    /// 公开事项: so far the outcome of a case.
    Publication(i64),
    /// 行权依据.
    Basis(i64),
    /// 地方: a division, when nobody knows which unit.
    Place(i64),
    /// "不知道": an answer like any other.
    Unknown,
}

/// What happened, as the reporter tells it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// What.
    pub what: String,
    /// About whom, in the reporter's own words; for those the picker did not find.
    pub who: String,
    /// When: people remember "去年冬天", so it is text.
    pub when: String,
    /// Where.
    pub place: String,
    /// Money in question as typed: "1.2万元".
    pub amount: String,
}

/// Who speaks. A code by SMS proves a telephone, not a person, so there are three levels.
#[derive(Clone, PartialEq, Eq)]
pub enum Identity {
    /// 匿名.
    Anonymous,
    /// 手机验证.
    Phone(Phone),
    /// 实名.
    RealName {
        /// Proved by a code.
        phone: Phone,
        /// As given.
        name: String,
        /// Its check character is right; that it is theirs, a person confirms.
        citizen_id: CitizenId,
    },
}

/// Somebody who files for another (capability N20): a neighbour, a child, a member of staff at a desk.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Helper {
    /// Who helps; the one they help is [`Identity`], who may stay anonymous.
    pub name: String,
    /// Where to ask back.
    pub phone: String,
    /// The person helped has agreed to this text being submitted for them.
    pub consent: bool,
}

/// One page of the citizen's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// 您要反映什么.
    Kind,
    /// 反映谁、什么事.
    Object,
    /// 发生了什么.
    Facts,
    /// 您是谁.
    Identity,
}

/// What is wrong with a field, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The page on which the field stands.
    pub question: Question,
    /// Name of the field.
    pub field: &'static str,
    /// In Chinese: what is wrong, what to do.
    pub message: String,
}

/// What was typed so far. Sealed and kept while the reporter is on their way, so that a closed page or a dead
/// battery costs nothing; a field that an older draft lacks is empty.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// What somebody wants.
    pub kind: Option<Kind>,
    /// About what; "I don't know" is `Some(Object::Unknown)`.
    pub object: Option<Object>,
    /// What happened.
    pub facts: Facts,
    /// What must be answered, one by one; left empty, the whole is one point.
    pub points: Vec<String>,
    /// "anonymous", "phone" or "real_name".
    pub level: String,
    /// Telephone as typed.
    pub phone: String,
    /// Name as typed.
    pub name: String,
    /// Citizen id as typed.
    pub citizen_id: String,
    /// Who helps, if somebody does.
    pub helper: Option<Helper>,
}

/// A complete report.
#[derive(Clone, PartialEq, Eq)]
pub struct Report {
    /// What somebody wants.
    pub kind: Kind,
    /// About what.
    pub object: Object,
    /// What happened, tidied.
    pub facts: Facts,
    /// Money in question, in fen.
    pub amount_fen: Option<i64>,
    /// What must be answered; at least one.
    pub points: Vec<String>,
    /// Who speaks.
    pub identity: Identity,
    /// Who helps; their consent is given.
    pub helper: Option<Helper>,
}

impl Draft {
    /// Bounds in characters, which the form states before somebody writes. Fewer say nothing that could be
    /// looked into.
    pub const WHAT_LEAST: usize = 10;
    /// More belongs into an attachment.
    pub const WHAT_MOST: usize = 5000;
    /// Of when, where and whom.
    pub const SHORT_MOST: usize = 200;
    /// How many points may be raised.
    pub const POINTS_MOST: usize = 10;

    /// The first page that has something to mend; none when the report may be submitted.
    pub fn unanswered(&self, proved: Option<&Phone>) -> Option<Question> {
        self.check(proved).err()?.into_iter().map(|fault| fault.question).min()
    }

    /// Makes a report of it. `proved` is the telephone of which this browser showed by code that it is theirs:
    /// no field of a form can claim that.
    ///
    /// # Errors
    ///
    /// Everything that is missing or wrong, in page order.
    pub fn check(&self, proved: Option<&Phone>) -> Result<Report, Vec<Fault>> {
        let mut faults = Faults(Vec::new());
        if self.kind.is_none() {
            faults.add(Question::Kind, "kind", "请选择您要反映的是哪一类：检举控告、投诉、求助或意见建议");
        }
        if self.object.is_none() {
            faults.add(Question::Object, "object", "请选择反映的对象；不知道是谁，请选“不知道”");
        }
        let facts = self.facts(&mut faults);
        let amount_fen = self.amount(&mut faults);
        let points = self.points(&facts, &mut faults);
        let identity = self.identity(proved, &mut faults);
        let helper = self.helper(&mut faults);
        match (self.kind, self.object, identity) {
            (Some(kind), Some(object), Some(identity)) if faults.0.is_empty() => {
                Ok(Report { kind, object, facts, amount_fen, points, identity, helper })
            }
            _ => Err(faults.0),
        }
    }

    fn facts(&self, faults: &mut Faults) -> Facts {
        let typed = &self.facts;
        let facts = Facts {
            what: text::clean(&typed.what),
            who: text::clean(&typed.who),
            when: text::clean(&typed.when),
            place: text::clean(&typed.place),
            amount: text::clean(&typed.amount),
        };
        let length = facts.what.chars().count();
        let (least, most) = (Draft::WHAT_LEAST, Draft::WHAT_MOST);
        if length < least {
            let message = format!("“发生了什么”至少写{least}个字：谁、做了什么、影响了谁");
            faults.add(Question::Facts, "what", message);
        } else if length > most {
            let message = format!("“发生了什么”最多{most}个字，现在有{length}个；更多内容请作为附件上传");
            faults.add(Question::Facts, "what", message);
        }
        for (field, label, value) in
            [("who", "反映的人", &facts.who), ("when", "时间", &facts.when), ("place", "地点", &facts.place)]
        {
            faults.short(Question::Facts, field, label, value);
        }
        facts
    }

    fn amount(&self, faults: &mut Faults) -> Option<i64> {
        let typed = text::squash(&self.facts.amount);
        let fen = fen(&typed);
        if fen.is_none() && !typed.is_empty() {
            faults.add(
                Question::Facts,
                "amount",
                "“金额”没有读懂，请写成数字，例如 12000 或 1.2万；不清楚可以不填",
            );
        }
        fen
    }

    fn points(&self, facts: &Facts, faults: &mut Faults) -> Vec<String> {
        let typed = self.points.iter().map(|point| text::clean(point)).filter(|point| !point.is_empty());
        let points: Vec<_> = typed.collect();
        if points.len() > Draft::POINTS_MOST {
            let message = format!("“要求答复的问题”最多{}条，请合并相近的问题", Draft::POINTS_MOST);
            faults.add(Question::Facts, "points", message);
        }
        for point in &points {
            faults.short(Question::Facts, "points", "要求答复的问题", point);
        }
        if points.is_empty() { vec![facts.what.clone()] } else { points }
    }

    fn identity(&self, proved: Option<&Phone>, faults: &mut Faults) -> Option<Identity> {
        let of = Question::Identity;
        if !["anonymous", "phone", "real_name"].contains(&self.level.as_str()) {
            faults.add(of, "level", "请选择匿名、留手机号或实名");
            return None;
        }
        if self.level == "anonymous" {
            return Some(Identity::Anonymous);
        }
        let phone = match Phone::parse(&self.phone) {
            Ok(phone) if proved == Some(&phone) => Some(phone),
            Ok(_) => {
                faults.add(of, "code", "“手机号”还没有验证，请获取短信验证码并填写；不想留号码请选匿名");
                None
            }
            Err(error) => {
                faults.add(of, "phone", wrong_phone(error));
                None
            }
        };
        if self.level == "phone" {
            return phone.map(Identity::Phone);
        }
        let name = text::person_name(&self.name);
        if name.chars().count() < 2 {
            faults.add(of, "name", "请填写您的真实姓名；不想写姓名请选手机验证或匿名");
        }
        faults.short(of, "name", "姓名", &name);
        let citizen_id = CitizenId::parse(&self.citizen_id);
        if let Err(error) = &citizen_id {
            faults.add(of, "citizen_id", format!("“身份证号”不对：{error}"));
        }
        Some(Identity::RealName { phone: phone?, name, citizen_id: citizen_id.ok()? })
    }

    fn helper(&self, faults: &mut Faults) -> Option<Helper> {
        let typed = self.helper.as_ref()?;
        let of = Question::Identity;
        let name = text::person_name(&typed.name);
        if name.chars().count() < 2 {
            faults.add(of, "helper_name", "请填写代填人的姓名");
        }
        faults.short(of, "helper_name", "代填人姓名", &name);
        let phone = Phone::parse(&typed.phone);
        if let Err(error) = &phone {
            faults.add(of, "helper_phone", format!("“代填人电话”不对：{error}"));
        }
        if !typed.consent {
            faults.add(of, "consent", "代填须经本人同意：请把内容读给本人听，本人同意后勾选");
        }
        Some(Helper { name, phone: phone.ok()?.canonical().to_owned(), consent: typed.consent })
    }
}

/// What citizens say and who they are stays out of logs and panics, whoever prints it.
macro_rules! hidden {
    ($($kind:ident),*) => {$(
        impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($kind), "(•••)"))
            }
        }
    )*};
}
hidden!(Facts, Helper, Draft, Report, Identity);

struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, question: Question, field: &'static str, message: impl Into<String>) {
        self.0.push(Fault { question, field, message: message.into() });
    }

    fn short(&mut self, question: Question, field: &'static str, label: &str, value: &str) {
        let most = Draft::SHORT_MOST;
        if value.chars().count() > most {
            self.add(question, field, format!("“{label}”最多{most}个字，请写短一些"));
        }
    }
}

/// Reads an amount of money: "12000", "12,000.50元", "1.2万元". None when it is none.
pub(crate) fn fen(typed: &str) -> Option<i64> {
    let plain: String = typed.chars().filter(|c| !matches!(c, ',' | '，' | '¥' | '￥')).collect();
    let plain = plain.strip_suffix('元').unwrap_or(&plain);
    let (number, unit) = match plain.strip_suffix('万') {
        Some(number) => (number, 1_000_000),
        None => (plain, 100),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 6 {
        return None;
    }
    let part: i64 = format!("{part:0<6}").parse().ok()?;
    let whole: i64 = whole.parse().ok()?;
    whole.checked_mul(unit)?.checked_add(part * unit / 1_000_000)
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
