//! One invented report from its submission to wherever it has come.

use super::{DAY, Desk, Making, stories::Story};
use crate::{
    authz::Actor,
    cases::{
        Conclusion, Deed, Measure, Reply,
        store::{self as cases, Doing, Said, StoreError, Words},
    },
    clock::Millis,
    reports::{
        Draft, Facts, Object, QueryCode, ReceiptNumber,
        store::{self as reports, Found, Submitted},
    },
};
use daylight_ids::{CitizenId, Phone};

/// How far a report has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Far {
    Routed,
    Declined,
    Accepted,
    Assigned,
    Noted,
    Asking,
    Supplied,
    Filed,
    Concluded,
    Returned,
    Answered,
    Satisfied,
    Withdrawn,
    /// With the superior, who has to assign it.
    Second,
    SecondAssigned,
    SecondAnswered,
    SecondDissatisfied,
}

impl Far {
    pub(super) fn goes_up(self) -> bool {
        matches!(self, Far::Second | Far::SecondAssigned | Far::SecondAnswered | Far::SecondDissatisfied)
    }
}

/// How far a reporter says who they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Anonymous,
    Phone,
    /// With the name that nobody bears.
    RealName(&'static str),
}

/// A report that is told: what, by whom, how far.
pub(super) struct Telling<'a> {
    pub(super) making: &'a Making<'a>,
    pub(super) story: &'a Story,
    pub(super) about: Object,
    pub(super) who: Who,
    pub(super) far: Far,
    /// Which of the handlers.
    pub(super) turn: usize,
    /// As a browser would draw it.
    pub(super) token: String,
    /// When it came in.
    pub(super) from: Millis,
}

/// What came of it, and who works on it.
pub(super) struct Told<'a> {
    pub(super) id: i64,
    pub(super) leader: &'a Actor,
    pub(super) handler: &'a Actor,
}

/// What a reporter holds.
struct Slip(ReceiptNumber, QueryCode);

impl<'a> Telling<'a> {
    /// Tells it; none where nobody of the demonstration has it.
    pub(super) async fn tell(&self) -> Result<Option<Told<'a>>, StoreError> {
        let Making { tx, vault, .. } = self.making;
        let Some(slip) = self.submit().await? else { return Ok(None) };
        let Found::Report(status) = reports::open(tx, vault, &slip.0, &slip.1, self.from).await? else {
            return Ok(None);
        };
        let organ = status.case.organ_id;
        let mine = |desk: &&Desk| desk.leader.grants.iter().any(|grant| grant.organ_id == organ);
        let Some(desk) = [&self.making.township, &self.making.county].into_iter().find(mine) else {
            return Ok(None);
        };
        let told = Told { id: status.id, leader: &desk.leader, handler: desk.handler(self.turn) };
        self.go(desk, &told, &slip).await?;
        Ok(Some(told))
    }

    /// The moments of a report: a day apart, closer where it came lately.
    pub(super) fn at(&self, n: i64) -> Millis {
        let step = DAY.min((self.making.now - self.from) / 10).max(1);
        (self.from + n * step).min(self.making.now)
    }

    async fn go(&self, desk: &Desk, told: &Told<'_>, slip: &Slip) -> Result<(), StoreError> {
        let (far, id) = (self.far, told.id);
        if far == Far::Routed {
            return Ok(());
        }
        if far == Far::Declined {
            let reason = "这件属于法院正在审理的案件，请在诉讼中提出。";
            return self.because(&desk.leader, id, Deed::Decline, reason, 2).await;
        }
        self.act(&desk.intake, id, Deed::Accept, "", 1).await?;
        match far {
            Far::Accepted => return Ok(()),
            Far::Withdrawn => return self.say(slip, Said::Withdraw, 3).await,
            _ => {}
        }
        self.handle(told, slip).await?;
        let stops = [Far::Assigned, Far::Noted, Far::Asking, Far::Supplied, Far::Filed, Far::Concluded];
        if stops.contains(&far) {
            return Ok(());
        }
        if far == Far::Returned {
            let reason = "请补充询问两名到会的村民代表后再提交。";
            return self.because(&desk.leader, id, Deed::Return, reason, 6).await;
        }
        self.reply(&desk.leader, id, 6).await?;
        match far {
            Far::Satisfied => {
                if self.story.conclusion.proves() && self.story.kind.accuses() {
                    let deed = Deed::Measure { measure: Measure::Warn };
                    self.act(told.handler, id, deed, "对经办人作出处理，材料已归卷。", 7).await?;
                }
                self.say(slip, Said::Satisfied, 7).await
            }
            Far::Answered => Ok(()),
            _ => {
                let missing = "只说了程序，没有说清楚责任人，也没有说以后怎么改。";
                self.say(slip, Said::Dissatisfied(missing.to_owned()), 7).await?;
                self.again(id, slip).await
            }
        }
    }

    fn draft(&self) -> (Draft, Option<Phone>) {
        let story = self.story;
        let (level, name) = match self.who {
            Who::Anonymous => ("anonymous", ""),
            Who::Phone => ("phone", ""),
            Who::RealName(name) => ("real_name", name),
        };
        // Nobody's, as all numbers of the demonstration; the code's area does not exist.
        let phone = if level == "anonymous" { "" } else { "13900099901" };
        let first = "99990119750612101";
        let check = first.as_bytes().first_chunk().map_or('0', CitizenId::check_char);
        let draft = Draft {
            kind: Some(story.kind),
            object: Some(self.about),
            facts: Facts {
                what: story.what.to_owned(),
                when: story.when.to_owned(),
                place: story.place.to_owned(),
                amount: story.amount.to_owned(),
                ..Facts::default()
            },
            points: story.points.map(str::to_owned).to_vec(),
            level: level.to_owned(),
            phone: phone.to_owned(),
            name: name.to_owned(),
            citizen_id: if name.is_empty() { String::new() } else { format!("{first}{check}") },
            ..Draft::default()
        };
        (draft, Phone::parse(phone).ok())
    }

    async fn submit(&self) -> Result<Option<Slip>, StoreError> {
        let Making { tx, vault, .. } = self.making;
        let (draft, proved) = self.draft();
        let report = draft.check(proved.as_ref()).map_err(|_| StoreError::Damaged)?;
        Ok(match reports::submit(tx, vault, &report, &self.token, self.from).await? {
            Submitted::Receipt { number, code } => Some(Slip(number, code)),
            Submitted::Handed { .. } | Submitted::Before | Submitted::Elsewhere { .. } => None,
        })
    }

    /// From the assignment to the finding, as far as it has come.
    async fn handle(&self, told: &Told<'_>, slip: &Slip) -> Result<(), StoreError> {
        let Told { id, leader, handler } = *told;
        let assign = Deed::Assign { account_id: handler.account_id };
        self.act(leader, id, assign, "", 2).await?;
        if self.far == Far::Assigned {
            return Ok(());
        }
        let note = "已到现场查看，调取了会议记录和账册，约谈了经办人。";
        self.act(handler, id, Deed::Note, note, 3).await?;
        match self.far {
            Far::Noted => return Ok(()),
            Far::Filed => return self.act(leader, id, Deed::FileCase, "", 4).await,
            Far::Asking | Far::Supplied => {
                let question = "请说明是哪一天、谁在场，有没有照片或票据？";
                self.act(handler, id, Deed::Ask, question, 4).await?;
                if self.far == Far::Supplied {
                    let more = text("是赶集那天，小组长也在场，我手机里有照片。");
                    self.say(slip, Said::More(more), 5).await?;
                }
                return Ok(());
            }
            _ => {}
        }
        let conclude = Deed::Conclude { conclusion: self.story.conclusion };
        self.act(handler, id, conclude, self.story.finding, 5).await
    }

    /// The superior's turn; accepted it is already.
    async fn again(&self, id: i64, slip: &Slip) -> Result<(), StoreError> {
        if self.far == Far::Second {
            return Ok(());
        }
        let desk = &self.making.county;
        let handler = desk.handler(self.turn);
        let assign = Deed::Assign { account_id: handler.account_id };
        self.act(&desk.leader, id, assign, "", 8).await?;
        if self.far == Far::SecondAssigned {
            return Ok(());
        }
        let conclude = Deed::Conclude { conclusion: Conclusion::Substantiated };
        self.act(handler, id, conclude, "复核了首次办理的全部材料，补充询问五人。", 9).await?;
        self.reply(&desk.leader, id, 9).await?;
        if self.far == Far::SecondDissatisfied {
            let missing = "处理太轻，希望公开处理结果。";
            self.say(slip, Said::Dissatisfied(missing.to_owned()), 10).await?;
        }
        Ok(())
    }

    async fn reply(&self, leader: &Actor, id: i64, n: i64) -> Result<(), StoreError> {
        let Making { tx, vault, .. } = self.making;
        let reply = Reply { answers: self.story.answers.map(str::to_owned).to_vec(), rest: String::new() };
        let points: Vec<_> = self.story.points.map(str::to_owned).to_vec();
        // The same stories come again, so their replies are near-copies, which a leader has to release.
        let earlier = cases::earlier(&***tx, vault, leader, id, &reply).await?;
        let release = Some("反映的是同一件事，查核的结果相同。");
        let sound = reply.check(&points, &earlier, release).map_err(|_| StoreError::Damaged)?;
        let words = Words { answers: reply.answers, ..Words::default() };
        self.making.act(leader, id, (Deed::Reply { sound }, "", words), self.at(n)).await
    }

    async fn act(&self, actor: &Actor, id: i64, deed: Deed, words: &str, n: i64) -> Result<(), StoreError> {
        self.making.act(actor, id, (deed, "", text(words)), self.at(n)).await
    }

    async fn because(
        &self,
        actor: &Actor,
        id: i64,
        deed: Deed,
        reason: &str,
        n: i64,
    ) -> Result<(), StoreError> {
        self.making.act(actor, id, (deed, reason, Words::default()), self.at(n)).await
    }

    async fn say(&self, Slip(number, code): &Slip, said: Said, n: i64) -> Result<(), StoreError> {
        let Making { tx, vault, .. } = self.making;
        reports::say(tx, vault, number, code, said, self.at(n)).await.map(drop)
    }
}

impl Making<'_> {
    /// Does something to a case: what, why, in which words.
    pub(super) async fn act(
        &self,
        actor: &Actor,
        id: i64,
        (deed, reason, words): (Deed, &str, Words),
        at: Millis,
    ) -> Result<(), StoreError> {
        let seen = cases::open(self.tx, self.vault, actor, id, at).await?.seen();
        let doing = Doing { deed, reason: reason.to_owned(), words, seen };
        cases::act(self.tx, self.vault, actor, id, doing, at).await.map(drop)
    }
}

fn text(text: &str) -> Words {
    Words { text: text.to_owned(), ..Words::default() }
}
