//! A revision and the rules by which it moves.

use crate::{cadres::Cadre, clock::Millis, powers::Power, units::Unit};
use serde::{Deserialize, Serialize};

/// What a revision is a state of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// 单位.
    Unit,
    /// 权力事项.
    Power,
    /// 干部.
    Cadre,
}

impl SubjectKind {
    /// All.
    pub const ALL: [SubjectKind; 3] = [SubjectKind::Unit, SubjectKind::Power, SubjectKind::Cadre];

    /// The word in tables and URLs.
    pub fn code(self) -> &'static str {
        match self {
            SubjectKind::Unit => "unit",
            SubjectKind::Power => "power",
            SubjectKind::Cadre => "cadre",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            SubjectKind::Unit => "单位",
            SubjectKind::Power => "权力事项",
            SubjectKind::Cadre => "干部",
        }
    }

    /// Reads [`SubjectKind::code`].
    pub fn from_code(code: &str) -> Option<SubjectKind> {
        SubjectKind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The public page of a subject.
    pub fn href(self, id: i64) -> String {
        match self {
            SubjectKind::Unit => format!("/units/{id}"),
            SubjectKind::Power => format!("/powers/{id}"),
            SubjectKind::Cadre => format!("/cadres/{id}"),
        }
    }
}

/// Where a revision stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Being written.
    Draft,
    /// Waiting for another person.
    Submitted,
    /// Sent back with a reason; may be mended and submitted again.
    Returned,
    /// Shown to everybody.
    Published,
    /// Was published; a later one took its place, or it was withdrawn. Drafts that were given up
    /// are deleted, not ended.
    Ended,
}

impl State {
    /// All.
    pub const ALL: [State; 5] =
        [State::Draft, State::Submitted, State::Returned, State::Published, State::Ended];

    /// The word in tables.
    pub fn code(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Submitted => "submitted",
            State::Returned => "returned",
            State::Published => "published",
            State::Ended => "ended",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            State::Draft => "草稿",
            State::Submitted => "待审核",
            State::Returned => "已退回",
            State::Published => "已公布",
            State::Ended => "已更替",
        }
    }

    /// Reads [`State::code`].
    pub fn from_code(code: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// Where a revision came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Written in the office and reviewed.
    Office,
    /// Taken over from the offices' own files.
    Import,
}

impl Origin {
    /// The word in tables.
    pub fn code(self) -> &'static str {
        match self {
            Origin::Office => "office",
            Origin::Import => "import",
        }
    }

    /// Reads [`Origin::code`].
    pub fn from_code(code: &str) -> Option<Origin> {
        [Origin::Office, Origin::Import].into_iter().find(|origin| origin.code() == code)
    }
}

/// The state itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Of a unit.
    Unit(Unit),
    /// Of a power.
    Power(Box<Power>),
    /// Of a cadre.
    Cadre(Cadre),
}

impl Content {
    /// What it is a state of.
    pub fn kind(&self) -> SubjectKind {
        match self {
            Content::Unit(_) => SubjectKind::Unit,
            Content::Power(_) => SubjectKind::Power,
            Content::Cadre(_) => SubjectKind::Cadre,
        }
    }

    /// The subject's name.
    pub fn title(&self) -> &str {
        match self {
            Content::Unit(unit) => &unit.name,
            Content::Power(power) => &power.name,
            Content::Cadre(cadre) => &cadre.name,
        }
    }

    /// Whether everybody may see it.
    pub fn is_public(&self) -> bool {
        match self {
            Content::Unit(_) => true,
            Content::Power(power) => power.is_public(),
            Content::Cadre(cadre) => cadre.withheld.is_none(),
        }
    }

    /// The names by which it speaks of units, without a unit's own.
    pub fn unit_names(&mut self) -> Vec<&mut String> {
        match self {
            Content::Unit(unit) => unit.parent.iter_mut().chain(&mut unit.successor).collect(),
            Content::Power(power) => vec![&mut power.unit],
            Content::Cadre(cadre) => cadre.appointments.iter_mut().map(|held| &mut held.unit).collect(),
        }
    }

    /// Labelled values in page order.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        match self {
            Content::Unit(unit) => unit.fields(),
            Content::Power(power) => power.fields(),
            Content::Cadre(cadre) => cadre.fields(),
        }
    }

    /// What must be there before it may be published from the office, and is not.
    pub fn missing(&self) -> Vec<&'static str> {
        match self {
            Content::Unit(unit) => {
                let parts = [
                    (unit.name.is_empty(), "单位名称"),
                    (unit.category.is_none(), "单位类别"),
                    (unit.duties.is_none(), "主要职责"),
                ];
                parts.into_iter().filter(|(missing, _)| *missing).map(|(_, word)| word).collect()
            }
            Content::Power(power) => power.missing().into_iter().map(crate::powers::Part::page).collect(),
            Content::Cadre(cadre) => {
                let parts = [(cadre.name.is_empty(), "姓名"), (cadre.appointments.is_empty(), "任职与分工")];
                parts.into_iter().filter(|(missing, _)| *missing).map(|(_, word)| word).collect()
            }
        }
    }

    /// As stored.
    pub fn to_json(&self) -> String {
        let json = match self {
            Content::Unit(unit) => serde_json::to_string(unit),
            Content::Power(power) => serde_json::to_string(power),
            Content::Cadre(cadre) => serde_json::to_string(cadre),
        };
        json.expect("plain data serializes")
    }

    /// Reads what [`Content::to_json`] wrote. An older document lacks newer fields: they are empty.
    pub fn from_json(kind: SubjectKind, json: &str) -> Result<Content, serde_json::Error> {
        Ok(match kind {
            SubjectKind::Unit => Content::Unit(serde_json::from_str(json)?),
            SubjectKind::Power => Content::Power(serde_json::from_str(json)?),
            SubjectKind::Cadre => Content::Cadre(serde_json::from_str(json)?),
        })
    }
}

/// A state of a subject with its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Surrogate id.
    pub id: i64,
    /// What it is a state of.
    pub kind: SubjectKind,
    /// Of which one; none while it does not exist yet.
    pub subject_id: Option<i64>,
    /// The unit whose people may edit it.
    pub unit_id: Option<i64>,
    /// Counts from 1 within the subject.
    pub number: i64,
    /// Where it stands.
    pub state: State,
    /// The state itself.
    pub content: Content,
    /// Where it came from.
    pub origin: Origin,
    /// Who wrote it; none for an operator's import.
    pub author_id: Option<i64>,
    /// Who began the draft, whoever took it over since.
    pub begun_by: Option<i64>,
    /// Who published or returned it.
    pub reviewer_id: Option<i64>,
    /// Why it was returned, or what the author says about the change.
    pub reason: Option<String>,
    /// When it was begun.
    pub created_at: Millis,
    /// When it was handed to the reviewer.
    pub submitted_at: Option<Millis>,
    /// When it became public.
    pub published_at: Option<Millis>,
    /// When it ceased to be.
    pub ended_at: Option<Millis>,
}

/// Why a revision may not move.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Decline {
    /// It is somewhere else on its way: somebody was quicker.
    #[error("这份修改现在是“{}”，不能这样操作。请刷新后再看。", .0.page())]
    State(State),
    /// The author may not judge their own work.
    #[error("自己写的修改不能自己审核，请交给另一位审核员。")]
    OwnWork,
    /// Something required is not there.
    #[error("还缺少：{}。补齐后才能提交。", .0.join("、"))]
    Incomplete(Vec<&'static str>),
    /// Sending back needs a reason.
    #[error("请写明退回的理由，方便对方修改。")]
    Reason,
    /// Nothing differs from what is published.
    #[error("与已公布的内容没有差别，不需要提交。")]
    Unchanged,
}

impl Revision {
    /// Whether its text may still be changed.
    pub fn editable(&self) -> bool {
        matches!(self.state, State::Draft | State::Returned)
    }

    /// Whether it may be handed to a reviewer.
    pub fn may_submit(&self, published: Option<&Content>) -> Result<(), Decline> {
        if !self.editable() {
            return Err(Decline::State(self.state));
        }
        let missing = self.content.missing();
        if !missing.is_empty() {
            return Err(Decline::Incomplete(missing));
        }
        if published == Some(&self.content) {
            return Err(Decline::Unchanged);
        }
        Ok(())
    }

    /// Whether this reviewer may publish it.
    pub fn may_publish(&self, reviewer_id: i64) -> Result<(), Decline> {
        if self.state != State::Submitted {
            return Err(Decline::State(self.state));
        }
        if self.author_id == Some(reviewer_id) {
            return Err(Decline::OwnWork);
        }
        let missing = self.content.missing();
        if missing.is_empty() { Ok(()) } else { Err(Decline::Incomplete(missing)) }
    }

    /// Whether this reviewer may send it back with this reason.
    pub fn may_return(&self, reviewer_id: i64, reason: &str) -> Result<(), Decline> {
        if self.state != State::Submitted {
            return Err(Decline::State(self.state));
        }
        if self.author_id == Some(reviewer_id) {
            return Err(Decline::OwnWork);
        }
        if reason.trim().is_empty() { Err(Decline::Reason) } else { Ok(()) }
    }
}

/// A labelled value that differs between two states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What it is called on the page.
    pub label: String,
    /// Before; empty when it was not there.
    pub before: String,
    /// After; empty when it is gone.
    pub after: String,
}

/// What differs, in page order.
pub fn changes(before: Option<&Content>, after: &Content) -> Vec<Change> {
    let old = before.map(Content::fields).unwrap_or_default();
    let change = |(label, after): (&'static str, String)| {
        let before = old.iter().find(|(known, _)| *known == label).map(|(_, value)| value.clone());
        let before = before.unwrap_or_default();
        (before != after).then(|| Change { label: label.to_owned(), before, after })
    };
    after.fields().into_iter().filter_map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(duties: Option<&str>) -> Content {
        Content::Unit(Unit {
            name: "青石镇人民政府".into(),
            category: Some(crate::units::Category::Township),
            duties: duties.map(str::to_owned),
            ..Unit::default()
        })
    }

    fn draft(state: State, content: Content) -> Revision {
        Revision {
            id: 1,
            kind: content.kind(),
            subject_id: Some(1),
            unit_id: Some(1),
            number: 2,
            state,
            content,
            origin: Origin::Office,
            author_id: Some(7),
            begun_by: Some(7),
            reviewer_id: None,
            reason: None,
            created_at: 0,
            submitted_at: None,
            published_at: None,
            ended_at: None,
        }
    }

    #[test]
    fn nobody_publishes_their_own_work() {
        let revision = draft(State::Submitted, unit(Some("办事")));
        assert_eq!(revision.may_publish(7), Err(Decline::OwnWork));
        assert_eq!(revision.may_publish(8), Ok(()));
        assert_eq!(revision.may_return(7, "不清楚"), Err(Decline::OwnWork));
    }

    #[test]
    fn only_a_submitted_revision_is_published_or_returned() {
        for state in State::ALL {
            let revision = draft(state, unit(Some("办事")));
            assert_eq!(revision.may_publish(8).is_ok(), state == State::Submitted, "{state:?}");
            assert_eq!(revision.may_return(8, "不清楚").is_ok(), state == State::Submitted, "{state:?}");
            let may_submit = matches!(state, State::Draft | State::Returned);
            assert_eq!(revision.may_submit(None).is_ok(), may_submit, "{state:?}");
        }
    }

    #[test]
    fn an_incomplete_or_unchanged_draft_is_not_submitted() {
        let incomplete = draft(State::Draft, unit(None));
        assert_eq!(incomplete.may_submit(None), Err(Decline::Incomplete(vec!["主要职责"])));
        let same = draft(State::Draft, unit(Some("办事")));
        assert_eq!(same.may_submit(Some(&unit(Some("办事")))), Err(Decline::Unchanged));
    }

    #[test]
    fn returning_needs_a_reason() {
        let revision = draft(State::Submitted, unit(Some("办事")));
        assert_eq!(revision.may_return(8, "  "), Err(Decline::Reason));
    }

    #[test]
    fn the_difference_names_what_changed_and_nothing_else() {
        let found = changes(Some(&unit(Some("旧"))), &unit(Some("新")));
        let expected = Change { label: "主要职责".into(), before: "旧".into(), after: "新".into() };
        assert_eq!(found, [expected]);
        assert_eq!(changes(Some(&unit(None)), &unit(None)), []);
    }

    #[test]
    fn a_stored_state_reads_back_and_an_older_document_has_empty_new_fields() {
        let content = unit(Some("办事"));
        assert_eq!(Content::from_json(SubjectKind::Unit, &content.to_json()).unwrap(), content);
        let old = Content::from_json(SubjectKind::Unit, r#"{"name":"旧单位"}"#).unwrap();
        assert_eq!(old.title(), "旧单位");
    }
}
