//! A card on its way to the public: what is written, what must be mended, who may approve it.

use crate::{
    cases::{Batch, Card, Conclusion, Crowd, Grain, Measure, Told, Trace, traces},
    reports::Kind,
};
use daylight_ui::zh;
use serde::{Deserialize, Serialize};

/// Characters of a summary: it is read out in the village, not filed.
pub const SUMMARY: u32 = 300;
/// Fewer say nothing.
const SUMMARY_LEAST: usize = 15;
/// From so many characters on, a run that the report has too is somebody's own words.
const RUN: usize = 6;

/// Where a card stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for another person's approval.
    Proposed,
    /// Sent back to be rewritten.
    Returned,
    /// Approved; waits for its batch.
    Waiting,
    /// Approved to stay unpublished, on a ground.
    Withheld,
    /// Everybody can read it.
    Public,
    /// Taken back.
    Retracted,
    /// Its time is over.
    Ended,
}

impl State {
    /// All.
    pub const ALL: [State; 7] = [
        State::Proposed,
        State::Returned,
        State::Waiting,
        State::Withheld,
        State::Public,
        State::Retracted,
        State::Ended,
    ];

    /// The word in tables.
    pub fn code(self) -> &'static str {
        match self {
            State::Proposed => "proposed",
            State::Returned => "returned",
            State::Waiting => "waiting",
            State::Withheld => "withheld",
            State::Public => "public",
            State::Retracted => "retracted",
            State::Ended => "ended",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            State::Proposed => "等待审核",
            State::Returned => "已退回，请修改",
            State::Waiting => "已通过，等待批次公布",
            State::Withheld => "不公布",
            State::Public => "已公布",
            State::Retracted => "已撤下",
            State::Ended => "公布期已满",
        }
    }

    /// Reads [`State::code`].
    pub fn from_code(code: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether a new text may be handed in.
    pub fn is_open(self) -> bool {
        matches!(self, State::Proposed | State::Returned | State::Retracted)
    }
}

/// Why an outcome is not published (capability D8). There is no "other": what fits none of these is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// 国家秘密、工作秘密.
    Secret,
    /// 个人隐私.
    Private,
    /// 商业秘密.
    Commercial,
    /// 未成年人.
    Minor,
}

impl Ground {
    /// All, in page order.
    pub const ALL: [Ground; 4] = [Ground::Secret, Ground::Private, Ground::Commercial, Ground::Minor];

    /// The word in tables.
    pub fn code(self) -> &'static str {
        match self {
            Ground::Secret => "secret",
            Ground::Private => "private",
            Ground::Commercial => "commercial",
            Ground::Minor => "minor",
        }
    }

    /// The word on the page.
    pub fn page(self) -> &'static str {
        match self {
            Ground::Secret => "涉及国家秘密或工作秘密",
            Ground::Private => "涉及个人隐私",
            Ground::Commercial => "涉及商业秘密",
            Ground::Minor => "涉及未成年人",
        }
    }

    /// Reads [`Ground::code`].
    pub fn from_code(code: &str) -> Option<Ground> {
        Ground::ALL.into_iter().find(|ground| ground.code() == code)
    }
}

/// The word of a grain in forms and tables.
pub fn grain_code(grain: Grain) -> &'static str {
    match grain {
        Grain::Unit => "unit",
        Grain::Township => "township",
        Grain::County => "county",
    }
}

/// The word of a grain on the page.
pub fn grain_page(grain: Grain) -> &'static str {
    match grain {
        Grain::Unit => "写到单位",
        Grain::Township => "只写到乡镇",
        Grain::County => "只写全县",
    }
}

/// What the organ has written, as it is locked under the key of the case.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// [`grain_code`].
    pub grain: String,
    /// What happened, in the organ's words.
    pub summary: String,
    /// How many people belong to the unit, or whom it serves.
    pub people: Option<u32>,
    /// Also shown with the power that the report is about.
    pub power: bool,
    /// Also shown with the cadre, on the ground of an effective decision.
    pub cadre: bool,
    /// The writer has read what may give somebody away, and stands by the text.
    pub weighed: bool,
    /// A ground not to publish at all; then the rest is empty.
    pub ground: String,
}

// What is written stays out of logs while it waits.
impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Draft(•••)")
    }
}

impl Draft {
    /// How closely it says where.
    pub fn grain(&self) -> Option<Grain> {
        [Grain::Unit, Grain::Township, Grain::County].into_iter().find(|one| grain_code(*one) == self.grain)
    }
}

/// What a case gives to a card, beside the text.
#[derive(Clone, Debug)]
pub struct Setting<'a> {
    /// People named in the matter.
    pub named: &'a [String],
    /// Whether the report is about a power.
    pub about_power: bool,
    /// Whether it is about a cadre.
    pub about_cadre: bool,
}

/// Something the writer is told about a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It cannot come out with it.
    Stops(&'static str, String),
    /// A leader may stand by it.
    Warns(String),
}

/// A piece of the summary, marked where it may give somebody away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The text.
    pub text: String,
    /// Whether it stands in the report as well.
    pub told: bool,
}

/// Everything that is wrong with a card or may give somebody away.
///
/// Whether the reporter's own name stands in it is not among this: a leader could find it out by trying names. The
/// platform asks it at the release ([`Trace::Name`]), and says no more than that the card comes back.
pub fn review(
    draft: &Draft,
    card: &Card,
    told: &Told<'_>,
    crowd: &Crowd,
    setting: &Setting<'_>,
) -> Vec<Problem> {
    let mut found = Vec::new();
    let length = card.summary.chars().count();
    if length < SUMMARY_LEAST {
        let message = format!("请写清楚查了什么、结果怎样，至少{SUMMARY_LEAST}个字");
        found.push(Problem::Stops("summary", message));
    } else if length > SUMMARY as usize {
        found.push(Problem::Stops("summary", format!("最多{SUMMARY}个字，现在有{length}个")));
    }
    for trace in traces(card, &Told { names: &[], ..*told }, crowd, &Batch::seed()) {
        let text = trace.to_string();
        found.push(if trace.stops() { Problem::Stops("summary", text) } else { Problem::Warns(text) });
    }
    let proven = card.conclusion == Conclusion::Substantiated;
    let spoken = setting.named.iter().any(|name| !name.is_empty() && card.summary.contains(name.as_str()));
    if spoken && !(draft.cadre && proven) {
        let message = "摘要里写了被反映人的姓名：没有查实或没有生效决定的，不能公布姓名，请删去";
        found.push(Problem::Stops("summary", message.into()));
    }
    if draft.cadre && !(setting.about_cadre && proven && card.grain == Grain::Unit) {
        let message = "只有反映干部本人、结论为“属实”、处分决定已经生效并写到单位的，才能显示在干部页面";
        found.push(Problem::Stops("links", message.into()));
    }
    if draft.power && !(setting.about_power && card.grain == Grain::Unit) {
        found.push(Problem::Stops("links", "没有写到单位的，不能显示在权力页面".into()));
    }
    found
}

/// The summary cut where it repeats the report.
pub fn marks(summary: &str, told: &str) -> Vec<Mark> {
    let letters: Vec<char> = summary.chars().collect();
    let told: Vec<char> = told.chars().collect();
    let stands = |run: &[char]| told.windows(run.len()).any(|window| window == run);
    let mut inside = vec![false; letters.len()];
    for (at, run) in letters.windows(RUN).enumerate() {
        if run.iter().all(|c| c.is_alphanumeric()) && stands(run) {
            inside[at..at + RUN].fill(true);
        }
    }
    let mut marks: Vec<Mark> = Vec::new();
    for (letter, told) in letters.into_iter().zip(inside) {
        match marks.last_mut() {
            Some(mark) if mark.told == told => mark.text.push(letter),
            _ => marks.push(Mark { text: letter.into(), told }),
        }
    }
    marks
}

/// Who wrote or approves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hand {
    /// The account.
    pub account_id: i64,
    /// Whether they are a leader of the organ.
    pub leads: bool,
}

/// Why somebody cannot approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotYours {
    /// Their own.
    #[error("自己写的不能自己审核，请交给另一个人")]
    OwnWork,
    /// No leader has seen it.
    #[error("写的人和审核的人中须有一位领导，请交给领导审核")]
    NoLeader,
}

/// Two people answer for a card, and one of them leads the organ.
///
/// # Errors
///
/// [`NotYours`] says why not.
pub fn may_approve(writer: Hand, approver: Hand) -> Result<(), NotYours> {
    if writer.account_id == approver.account_id {
        return Err(NotYours::OwnWork);
    }
    if writer.leads || approver.leads { Ok(()) } else { Err(NotYours::NoLeader) }
}

/// "青石镇：投诉，部分属实".
pub fn title(place: &str, kind: Kind, conclusion: Conclusion) -> String {
    format!("{place}：{}，{}", kind.page(), conclusion.page(kind))
}

/// What was done, in one line; empty when nothing was.
pub fn done(card: &Card) -> String {
    let mut words: Vec<String> =
        card.measures.iter().map(|measure: &Measure| measure.page().to_owned()).collect();
    words.dedup();
    if card.recovered > 0 {
        words.push(format!("追缴{}", zh::yuan(card.recovered)));
    }
    if card.returned > 0 {
        words.push(format!("退还群众{}", zh::yuan(card.returned)));
    }
    words.join("，")
}

/// The card as plain text for an article, a noticeboard or the village's loudspeaker.
pub fn plain_text(card: &Card) -> String {
    let mut lines = vec![format!("【监督结果】{}", title(&card.place, card.kind, card.conclusion))];
    lines.push(card.summary.clone());
    let done = done(card);
    if !done.is_empty() {
        lines.push(format!("处理情况：{done}。"));
    }
    if card.second_stage {
        lines.push("这是上级纪检组织复核后的结果。".into());
    }
    lines.push("身边有不公的事，可以在阳光监督平台反映，也可以拨打12388，身份受保护。".into());
    lines.join("\n")
}

/// Whether the reporter's or a helper's name stands in what would come out.
pub fn tells_name(card: &Card, names: &[String]) -> bool {
    let told = Told { text: "", amount_fen: None, names };
    let crowd = Crowd { people: None, alike: [(Grain::Unit, 0), (Grain::Township, 0), (Grain::County, 0)] };
    traces(card, &told, &crowd, &Batch::seed()).iter().any(Trace::stops)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(summary: &str, conclusion: Conclusion) -> Card {
        Card {
            kind: Kind::Complaint,
            grain: Grain::Unit,
            place: "柳河村".into(),
            conclusion,
            measures: vec![Measure::Rectify],
            recovered: 1_200_050,
            returned: 0,
            summary: summary.into(),
            second_stage: false,
        }
    }

    fn found(draft: &Draft, card: &Card) -> Vec<&'static str> {
        let told = Told {
            text: "村主任把堂弟塞进低保名单", amount_fen: None, names: &["陈秀英".into()]
        };
        let alike = [(Grain::Unit, 9), (Grain::Township, 9), (Grain::County, 9)];
        let setting = Setting { named: &["周大山".into()], about_power: true, about_cadre: true };
        let stops = |problem: Problem| match problem {
            Problem::Stops(field, _) => Some(field),
            Problem::Warns(_) => None,
        };
        let crowd = Crowd { people: Some(400), alike };
        review(draft, card, &told, &crowd, &setting).into_iter().filter_map(stops).collect()
    }

    const PLAIN: &str = "评议记录完整，公示时间不足，已责令改正。";

    #[test]
    fn an_unproven_matter_names_nobody_and_stands_with_no_cadre() {
        let named = format!("周大山一事：{PLAIN}");
        let ticked = Draft { cadre: true, ..Draft::default() };
        for conclusion in [Conclusion::Partly, Conclusion::Not, Conclusion::Unclear] {
            assert_eq!(found(&Draft::default(), &card(&named, conclusion)), ["summary"], "{conclusion:?}");
            assert_eq!(found(&ticked, &card(PLAIN, conclusion)), ["links"], "{conclusion:?}");
        }
        let proven = card(&named, Conclusion::Substantiated);
        assert_eq!(found(&Draft::default(), &proven), ["summary"]);
        assert_eq!(found(&ticked, &proven), [""; 0]);
        let coarse = Card { grain: Grain::Township, ..proven };
        assert_eq!(found(&ticked, &coarse).last(), Some(&"links"));
    }

    #[test]
    fn a_leader_cannot_learn_the_reporters_name_by_trying() {
        let tried = card(&format!("陈秀英的{PLAIN}"), Conclusion::Partly);
        assert_eq!(found(&Draft::default(), &tried), [""; 0], "the preview says nothing of names");
        assert!(tells_name(&tried, &["陈秀英".into()]), "the platform knows at the release");
        assert!(!tells_name(&card(PLAIN, Conclusion::Partly), &["陈秀英".into()]));
    }

    #[test]
    fn two_people_answer_for_a_card_and_one_of_them_leads() {
        let hand = |account_id, leads| Hand { account_id, leads };
        assert_eq!(may_approve(hand(1, true), hand(1, true)), Err(NotYours::OwnWork));
        assert_eq!(may_approve(hand(1, false), hand(2, false)), Err(NotYours::NoLeader));
        assert_eq!(may_approve(hand(1, false), hand(2, true)), Ok(()));
        assert_eq!(may_approve(hand(1, true), hand(2, false)), Ok(()));
    }

    #[test]
    fn the_reporters_own_words_are_marked_where_they_stand() {
        let marks = marks("经查，堂弟塞进低保名单一事不实", "村主任把堂弟塞进低保名单了");
        let told: Vec<_> = marks.iter().filter(|mark| mark.told).map(|mark| mark.text.as_str()).collect();
        assert_eq!(told, ["堂弟塞进低保名单"]);
        assert_eq!(
            marks.iter().map(|mark| mark.text.as_str()).collect::<String>(),
            "经查，堂弟塞进低保名单一事不实"
        );
    }

    #[test]
    fn the_text_to_paste_says_what_the_page_says() {
        let text = plain_text(&card(PLAIN, Conclusion::Partly));
        for part in ["柳河村：投诉，部分属实", PLAIN, "责令整改，追缴12,000.50元"] {
            assert!(text.contains(part), "{text}");
        }
    }

    proptest::proptest! {
        /// Wherever it stands in a summary: no number gets past the review, no name of the reporter past the release.
        #[test]
        fn nothing_that_names_somebody_comes_out(at in 0usize..20, which in 0usize..3) {
            let secret = ["13949631669", "999901199003078238", "陈秀英"][which];
            let letters: Vec<char> = PLAIN.chars().collect();
            let at = at.min(letters.len());
            let text: String = letters[..at].iter().collect::<String>() + secret + &letters[at..].iter().collect::<String>();
            let card = card(&text, Conclusion::Partly);
            let stopped = found(&Draft::default(), &card).contains(&"summary");
            proptest::prop_assert!(stopped || tells_name(&card, &["陈秀英".into()]), "{}", text);
            proptest::prop_assert!(which == 2 || stopped, "{}", text);
        }
    }
}
