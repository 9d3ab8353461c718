//! A case as a machine: its state is folded from its events, and an event that cannot follow is refused with
//! the reason.

use super::{By, Deed, Event, Standing, State};
use crate::{
    clock::Millis,
    deadlines::{Moment, Stage},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};

/// A case. What stands can be read as a [`Standing`] and is changed by events alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case(Standing);

impl Deref for Case {
    type Target = Standing;

    fn deref(&self) -> &Standing {
        &self.0
    }
}

/// Why something cannot be done to a case. `Display` tells whoever tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not from here.
    #[error("“{}”的办理件不能“{deed}”", .state.page())]
    State {
        /// Where it stands.
        state: State,
        /// What was tried.
        deed: &'static str,
    },
    /// Not by this role.
    #[error("您的角色不能“{0}”")]
    Role(&'static str),
    /// Staff of an organ that does not have it.
    #[error("这件由其他纪检组织办理")]
    OtherOrgan,
    /// Out by recusal, or because they acted in the first stage.
    #[error("您须回避这件，不能办理")]
    Recused,
    /// Another handler has it.
    #[error("这件不是交办给您的")]
    NotAssigned,
    /// The handler would approve their own finding.
    #[error("形成结论的人不能自己审批答复，请交给另一位领导")]
    OwnWork,
    /// The handler waits for an answer already.
    #[error("已经申请过延长期限，正在等审批领导决定")]
    AskedBefore,
    /// Nobody asked for so much time of this clock.
    #[error("承办人没有申请延长这个期限，或者申请的时间没有这么长")]
    Unasked,
    /// They would grant what they asked for.
    #[error("申请延长期限的人不能自己审批，请交给另一位领导")]
    OwnTime,
    /// No reason given.
    #[error("请写明理由")]
    Reason,
    /// The case does not begin with its receipt, or an event is missing or doubled.
    #[error("办理记录不完整，请联系系统管理员核验数据")]
    Broken,
    /// It is with that organ already.
    #[error("这件已经在该纪检组织，请选择另一个")]
    SameOrgan,
    /// That organ is in conflict with the case, or lacks the people for it.
    #[error("该纪检组织须回避，或没有可以办理的人，请选择另一个")]
    OrganOut,
    /// Filed cases go on.
    #[error("这件已经立案，不能撤回；您可以不再补充材料")]
    Filed,
    /// A case is filed once in a stage.
    #[error("这件已经立案")]
    FiledBefore,
    /// Nothing was found.
    #[error("结论为属实或部分属实时才能处置、追缴")]
    Unproven,
    /// Negative, nothing, or more given back than recovered.
    #[error("金额不对：须大于0，退还的不能多于追缴的")]
    Money,
    /// The reply leaves points open that were raised meanwhile.
    #[error("反映人共提出{0}个问题，须逐一答复")]
    Unanswered(u32),
    /// The first stage goes to a superior, the second nowhere.
    #[error("首次办理不满意的提交上级，上级的答复是最终答复")]
    Superior,
    /// Public already, or not public.
    #[error("结果没有公布，或已经公布")]
    Published,
}

impl Case {
    /// Opens a case by the event of its receipt.
    ///
    /// # Errors
    ///
    /// [`Refused`] when the deed is not [`Deed::Receive`] or the actor may not.
    pub fn open(by: By, at: Millis, deed: Deed) -> Result<(Case, Event), Refused> {
        let event = Event { number: 1, at, by, deed, reason: String::new() };
        Ok((Case::begin(&event)?, event))
    }

    /// What becomes of the case when this is done now: the new state, and the event to keep.
    ///
    /// # Errors
    ///
    /// [`Refused`] says why it cannot be done; nothing changes then.
    pub fn act(&self, by: By, now: Millis, deed: Deed, reason: &str) -> Result<(Case, Event), Refused> {
        let (number, before) = self.0.last;
        // A machine's clock may be set back; the order of events is not.
        let at = now.max(before);
        let event = Event { number: number + 1, at, by, deed, reason: reason.trim().to_owned() };
        let mut standing = self.0.clone();
        standing.take(&event)?;
        Ok((Case(standing), event))
    }

    /// The case that these events make.
    ///
    /// # Errors
    ///
    /// [`Refused`] when they cannot have happened in this order: then the records are damaged.
    pub fn fold(events: &[Event]) -> Result<Case, Refused> {
        let (first, rest) = events.split_first().ok_or(Refused::Broken)?;
        let Case(mut standing) = Case::begin(first)?;
        for event in rest {
            let (number, before) = standing.last;
            if event.number != number + 1 || event.at < before {
                return Err(Refused::Broken);
            }
            standing.take(event)?;
        }
        Ok(Case(standing))
    }

    fn begin(event: &Event) -> Result<Case, Refused> {
        let Deed::Receive { kind, points, profile } = &event.deed else { return Err(Refused::Broken) };
        if event.number != 1 || *points == 0 {
            return Err(Refused::Broken);
        }
        if !event.deed.fits(event.by) {
            return Err(Refused::Role(event.deed.page()));
        }
        Ok(Case(Standing {
            state: State::Received,
            stage: Stage::First,
            kind: *kind,
            profile: profile.clone(),
            points: *points,
            organ_id: None,
            handler_id: None,
            recused: BTreeSet::new(),
            conclusion: None,
            first_conclusion: None,
            answer: None,
            measures: Vec::new(),
            recovered: 0,
            returned: 0,
            moments: BTreeMap::from([((Stage::First, Moment::Received), event.at)]),
            filed: BTreeMap::new(),
            pauses: Vec::new(),
            extensions: Vec::new(),
            asked: None,
            published: None,
            closed: None,
            reopened: 0,
            acted: BTreeSet::new(),
            concluded_by: None,
            last: (1, event.at),
        }))
    }
}
