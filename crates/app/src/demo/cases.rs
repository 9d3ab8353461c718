//! Invented reports and their handling, told through the same functions as real ones: a few of every state, so that
//! each page has something to show. Nothing of it happened, and nobody in it exists.

use super::county::{Scale, random::Random};
use crate::{
    accounts,
    authz::{Actor, Role},
    cases::{
        Conclusion, Deed, Measure, Reply,
        store::{self as cases, Doing, Said, StoreError, Words},
    },
    clock::Millis,
    reports::{
        Draft, Facts, Kind, Object, QueryCode, ReceiptNumber,
        store::{self as reports, Found, Submitted},
    },
    units,
};
use daylight_db::{Db, Tx};
use daylight_vault::Vault;

const DAY: Millis = 86_400_000;

/// How far a report has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Far {
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

/// What somebody tells, and what is found out.
struct Story {
    kind: Kind,
    what: &'static str,
    when: &'static str,
    place: &'static str,
    amount: &'static str,
    points: [&'static str; 2],
    conclusion: Conclusion,
    finding: &'static str,
    answers: [&'static str; 2],
}

#[rustfmt::skip]
const STORIES: [Story; 8] = [
    Story {
        kind: Kind::Complaint, what: "村里低保名单没有开会评议，公示只贴了两天就撕了，有人条件比我家好却评上了。",
        when: "今年3月", place: "村委会公示栏", amount: "",
        points: ["低保名单是谁定的，有没有开会评议", "公示为什么只贴了两天"], conclusion: Conclusion::Partly,
        finding: "评议会开过，到会21人，记录和签名已核对；公示不足七天属实。",
        answers: ["3月2日开过村民代表评议会，到会21人，会议记录和签名已逐一核对。", "公示照片显示只贴了两天，不足七天，已责令重新公示并对经办人警示提醒。"],
    },
    Story {
        kind: Kind::Complaint, what: "村道硬化工程说是十八公分厚，挖开一看不到十二公分，验收照样合格，钱却付清了。",
        when: "去年10月", place: "村东到水渠一段", amount: "12万",
        points: ["路面厚度到底合不合格", "工程款有没有多付"], conclusion: Conclusion::Substantiated,
        finding: "钻芯取样6处，4处厚度不足；多付工程款3.6万元已追回。",
        answers: ["委托检测钻芯取样6处，4处厚度在12到14公分之间，不合格，施工方已返工。", "经审计多付工程款3.6万元，已于本月全部追回村集体账户。"],
    },
    Story {
        kind: Kind::Request, what: "母亲住院报销材料交了两个多月，窗口每次都说在走流程，没有人告诉我还差什么。",
        when: "两个月前", place: "便民服务大厅", amount: "8600",
        points: ["报销到哪一步了", "还缺什么材料"], conclusion: Conclusion::Substantiated,
        finding: "材料齐全，窗口漏录入系统，已补录并拨付。",
        answers: ["经查材料当日已收齐，因窗口漏录没有进入审核，现已补录并审核通过。", "不缺材料，报销款8600元已拨付到您登记的账户，请核对。"],
    },
    Story {
        kind: Kind::Complaint, what: "办理宅基地审批跑了五趟，每次换一种说法，还暗示请吃饭才办得快。",
        when: "9月到10月", place: "镇上的办事窗口", amount: "",
        points: ["为什么要跑五趟", "要请吃饭是谁说的"], conclusion: Conclusion::Unclear,
        finding: "一次性告知没有做到属实；索要吃请没有证据。",
        answers: ["窗口没有一次性告知所需材料，造成多次往返，已责令整改并公开材料清单。", "询问窗口三人并调看监控，没有发现索要吃请的证据，如有录音或证人请补充。"],
    },
    Story {
        kind: Kind::Suggestion, what: "村务公开栏在村委会院子里，晚上锁门，白天上班的人看不到，建议移到村口。",
        when: "一直如此", place: "村委会院子", amount: "",
        points: ["能不能把公开栏移到村口", "能不能同时发到微信群"], conclusion: Conclusion::Substantiated,
        finding: "村民代表会议同意移到村口，本月完成。",
        answers: ["村民代表会议已同意，公开栏本月底前移到村口小卖部旁边，晚上有路灯。", "从下月起每次公开的照片同步发到村民微信群，由监督委员会负责。"],
    },
    Story {
        kind: Kind::Accusation, what: "集体林地出租没有招标，租金比邻村低一半，合同村民从来没有见过，听说租给了熟人。",
        when: "前年冬天", place: "后山林地", amount: "5万",
        points: ["林地租给了谁，有没有招标", "租金有没有入账"], conclusion: Conclusion::Partly,
        finding: "未公开招标属实；租金已全额入账，租金偏低，已重新议价。",
        answers: ["该地块出租没有公开招标，程序不合规，已责令重新公开竞租并公布合同。", "租金每年都进了集体账，账册和银行流水已核对，没有发现截留。"],
    },
    Story {
        kind: Kind::Complaint, what: "种粮补贴比往年少了一半，问会计说是面积核减，可是我家的地一分也没有少。",
        when: "今年夏天", place: "村委会", amount: "1260",
        points: ["我家的面积为什么核减", "少发的补贴补不补"], conclusion: Conclusion::Substantiated,
        finding: "录入错误，面积少录3.5亩，已更正补发。",
        answers: ["核对承包合同和测绘图，系录入时少录3.5亩，不是核减，已更正登记。", "少发的补贴1260元已补发到一卡通，请您到银行或手机上核对。"],
    },
    Story {
        kind: Kind::Request, what: "家门口的路灯坏了三个多月，老人晚上摔过一次，报修两次都没有回音。",
        when: "8月以来", place: "村北巷子口", amount: "",
        points: ["路灯什么时候修好", "报修为什么没有回音"], conclusion: Conclusion::Substantiated,
        finding: "报修登记遗失，路灯已修好3盏。",
        answers: ["巷子口3盏路灯已于本周全部修好，并加装了一盏，欢迎您查看。", "报修登记本遗失造成没有派单，已改为网上登记，两天内必须回复。"],
    },
];

/// Each report of a demonstration: how far, received how many days ago.
#[rustfmt::skip]
const PLAN: [(Far, i64); 30] = [
    (Far::Routed, 1), (Far::Accepted, 6), (Far::Assigned, 12), (Far::Noted, 40), (Far::Asking, 18), (Far::Concluded, 25),
    (Far::Answered, 30), (Far::Satisfied, 60), (Far::Second, 45), (Far::SecondAnswered, 70), (Far::Declined, 20),
    (Far::Filed, 35), (Far::SecondAssigned, 50), (Far::Withdrawn, 22), (Far::Routed, 3), (Far::Routed, 17),
    (Far::Accepted, 14), (Far::Assigned, 26), (Far::Supplied, 21), (Far::Noted, 9), (Far::Returned, 28), (Far::Concluded, 24),
    (Far::Answered, 33), (Far::Satisfied, 90), (Far::Satisfied, 75), (Far::SecondDissatisfied, 110), (Far::Filed, 80),
    (Far::Second, 38), (Far::Assigned, 5), (Far::Routed, 0),
];

/// The people of an organ at their desks.
struct Desk {
    intake: Actor,
    handlers: Vec<Actor>,
    leader: Actor,
}

impl Desk {
    async fn of(tx: &Tx, logins: [&str; 3], second: Option<&str>) -> Result<Option<Desk>, StoreError> {
        let [intake, handler, leader] = logins;
        let (Some(intake), Some(handler), Some(leader)) =
            (actor(tx, intake).await?, actor(tx, handler).await?, actor(tx, leader).await?)
        else {
            return Ok(None);
        };
        let mut handlers = vec![handler];
        if let Some(second) = second {
            handlers.extend(actor(tx, second).await?);
        }
        Ok(Some(Desk { intake, handlers, leader }))
    }
}

async fn actor(tx: &Tx, login: &str) -> Result<Option<Actor>, StoreError> {
    let Some(account) = accounts::store::by_login(&**tx, login).await? else { return Ok(None) };
    let grants = accounts::store::grants_of(&**tx, account.id).await?;
    let of_organ = grants.iter().any(|grant| grant.role.is_of_organ() && grant.role != Role::SystemAdmin);
    Ok(of_organ.then_some(Actor { account_id: account.id, session_id: 0, name: account.name, grants }))
}

/// Invents reports and handles them as far as the plan says. `now` is the demonstration's present.
pub async fn fill(db: &Db, vault: &Vault, scale: Scale, seed: u64, now: Millis) -> Result<(), StoreError> {
    let tx = db.write().await?;
    let county = ["jiwei.shouli", "jiwei.chengban", "jiwei.shenpi"];
    let township = ["qingshi.shouli", "qingshi.chengban", "qingshi.shenpi"];
    let county = Desk::of(&tx, county, Some("jiwei.chengban2")).await?;
    let (Some(county), Some(township)) = (county, Desk::of(&tx, township, None).await?) else {
        return Ok(());
    };
    let objects = objects(&tx).await?;
    let mut random = Random::stream(seed, "reports");
    let count = if scale == Scale::Village { 16 } else { PLAN.len() };
    for (at, (far, days)) in PLAN.into_iter().take(count).enumerate() {
        let story = &STORIES[(at + random.below(2)) % STORIES.len()];
        // What is to go up must begin below; the rest is shared.
        let up =
            matches!(far, Far::Second | Far::SecondAssigned | Far::SecondAnswered | Far::SecondDissatisfied);
        let below = up || random.chance(40);
        let places = if below { &objects.villages } else { &objects.others };
        if places.is_empty() {
            continue;
        }
        let object = Object::Unit(*random.pick(places));
        let handler = random.below(2);
        let told = Telling { tx: &tx, vault, story, county: &county, township: &township, handler };
        // Within the day the hours differ, so that lists do not look stamped.
        let from = now - days * DAY - i64::try_from(random.below(8)).unwrap_or(0) * 3_600_000;
        told.tell(object, far, &format!("demo-{seed}-{at}"), from, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

struct Objects {
    villages: Vec<i64>,
    others: Vec<i64>,
}

async fn objects(tx: &Tx) -> Result<Objects, StoreError> {
    let township = units::store::by_name(&**tx, super::county::TOWNSHIP).await?;
    let filter = units::store::Filter::default();
    let lines = units::store::list(&**tx, &filter, 2_000, 0).await?;
    let below = |line: &&units::store::Line| {
        township.as_ref().is_some_and(|town| line.path.starts_with(&town.path) && line.id != town.id)
    };
    let departments = |line: &&units::store::Line| {
        matches!(line.category.as_str(), "department" | "township") && !line.name.contains("纪委")
    };
    Ok(Objects {
        villages: lines.iter().filter(below).map(|line| line.id).collect(),
        others: lines.iter().filter(departments).map(|line| line.id).collect(),
    })
}

struct Telling<'a> {
    tx: &'a Tx,
    vault: &'a Vault,
    story: &'a Story,
    county: &'a Desk,
    township: &'a Desk,
    handler: usize,
}

impl Telling<'_> {
    async fn tell(
        &self,
        object: Object,
        far: Far,
        token: &str,
        from: Millis,
        now: Millis,
    ) -> Result<(), StoreError> {
        let Some((number, code)) = self.submit(object, token, from).await? else { return Ok(()) };
        let Found::Report(status) = reports::open(self.tx, self.vault, &number, &code, from).await? else {
            return Ok(());
        };
        let id = status.id;
        let organ = status.case.organ_id;
        let mine = |desk: &Desk| desk.leader.grants.iter().any(|grant| grant.organ_id == organ);
        let first = [self.township, self.county].into_iter().find(|desk| mine(desk));
        let Some(desk) = first else { return Ok(()) };
        let step = DAY.min((now - from) / 10).max(1);
        let at = |n: i64| (from + n * step).min(now);
        if far == Far::Routed {
            return Ok(());
        }
        if far == Far::Declined {
            let reason = "这件属于法院正在审理的案件，请在诉讼中提出。";
            return self.act(&desk.leader, id, Deed::Decline, reason, Words::default(), at(2)).await;
        }
        self.act(&desk.intake, id, Deed::Accept, "", Words::default(), at(1)).await?;
        match far {
            Far::Accepted => return Ok(()),
            Far::Withdrawn => return self.say(&number, &code, Said::Withdraw, at(3)).await,
            _ => {}
        }
        let handler = self.handle(desk, id, far, (&number, &code), &at).await?;
        let stops = [Far::Assigned, Far::Noted, Far::Asking, Far::Supplied, Far::Filed, Far::Concluded];
        if stops.contains(&far) {
            return Ok(());
        }
        if far == Far::Returned {
            let reason = "请补充询问两名到会的村民代表后再提交。";
            return self.act(&desk.leader, id, Deed::Return, reason, Words::default(), at(6)).await;
        }
        self.reply(desk, id, at(6)).await?;
        if far == Far::Satisfied {
            if self.story.conclusion.proves() {
                let words = text("对经办人作出处理，材料已归卷。");
                let deed = Deed::Measure { measure: Measure::Warn };
                self.act(&handler, id, deed, "", words, at(7)).await?;
            }
            return self.say(&number, &code, Said::Satisfied, at(7)).await;
        }
        if far == Far::Answered {
            return Ok(());
        }
        let missing = "只说了程序，没有说清楚责任人，也没有说以后怎么改。";
        self.say(&number, &code, Said::Dissatisfied(missing.to_owned()), at(7)).await?;
        self.again(id, far, (&number, &code), &at).await
    }

    async fn submit(
        &self,
        object: Object,
        token: &str,
        at: Millis,
    ) -> Result<Option<(ReceiptNumber, QueryCode)>, StoreError> {
        let story = self.story;
        let draft = Draft {
            kind: Some(story.kind),
            object: Some(object),
            facts: Facts {
                what: story.what.to_owned(),
                when: story.when.to_owned(),
                place: story.place.to_owned(),
                amount: story.amount.to_owned(),
                ..Facts::default()
            },
            points: story.points.map(str::to_owned).to_vec(),
            level: "anonymous".to_owned(),
            ..Draft::default()
        };
        let report = draft.check(None).map_err(|_| StoreError::Damaged)?;
        Ok(match reports::submit(self.tx, self.vault, &report, token, at).await? {
            Submitted::Receipt { number, code } => Some((number, code)),
            Submitted::Before | Submitted::Elsewhere { .. } => None,
        })
    }

    /// From the assignment to the finding, as far as it has come.
    async fn handle(
        &self,
        desk: &Desk,
        id: i64,
        far: Far,
        (number, code): (&ReceiptNumber, &QueryCode),
        at: &impl Fn(i64) -> Millis,
    ) -> Result<Actor, StoreError> {
        let handler = desk.handlers[self.handler % desk.handlers.len()].clone();
        let assign = Deed::Assign { account_id: handler.account_id };
        self.act(&desk.leader, id, assign, "", Words::default(), at(2)).await?;
        if far == Far::Assigned {
            return Ok(handler);
        }
        let note = text("已到现场查看，调取了会议记录和账册，约谈了经办人。");
        self.act(&handler, id, Deed::Note, "", note, at(3)).await?;
        match far {
            Far::Noted => return Ok(handler),
            Far::Filed => {
                self.act(&desk.leader, id, Deed::FileCase, "", Words::default(), at(4)).await?;
                return Ok(handler);
            }
            Far::Asking | Far::Supplied => {
                let question = text("请说明是哪一天、谁在场，有没有照片或票据？");
                self.act(&handler, id, Deed::Ask, "", question, at(4)).await?;
                if far == Far::Supplied {
                    let more = text("是赶集那天，小组长也在场，我手机里有照片。");
                    self.say(number, code, Said::More(more), at(5)).await?;
                }
                return Ok(handler);
            }
            _ => {}
        }
        let conclude = Deed::Conclude { conclusion: self.story.conclusion };
        self.act(&handler, id, conclude, "", text(self.story.finding), at(5)).await?;
        Ok(handler)
    }

    /// The superior's turn; accepted it is already.
    async fn again(
        &self,
        id: i64,
        far: Far,
        (number, code): (&ReceiptNumber, &QueryCode),
        at: &impl Fn(i64) -> Millis,
    ) -> Result<(), StoreError> {
        if far == Far::Second {
            return Ok(());
        }
        let (desk, handler) = (self.county, &self.county.handlers[self.handler % self.county.handlers.len()]);
        let assign = Deed::Assign { account_id: handler.account_id };
        self.act(&desk.leader, id, assign, "", Words::default(), at(8)).await?;
        if far == Far::SecondAssigned {
            return Ok(());
        }
        let conclude = Deed::Conclude { conclusion: Conclusion::Substantiated };
        self.act(handler, id, conclude, "", text("复核了首次办理的全部材料，补充询问五人。"), at(9)).await?;
        self.reply(desk, id, at(9)).await?;
        if far == Far::SecondDissatisfied {
            let missing = "处理太轻，希望公开处理结果。";
            self.say(number, code, Said::Dissatisfied(missing.to_owned()), at(10)).await?;
        }
        Ok(())
    }

    async fn reply(&self, desk: &Desk, id: i64, at: Millis) -> Result<(), StoreError> {
        let reply = Reply { answers: self.story.answers.map(str::to_owned).to_vec(), rest: String::new() };
        let points: Vec<_> = self.story.points.map(str::to_owned).to_vec();
        // The same stories come again, so their replies are near-copies, which a leader has to release.
        let earlier = cases::earlier(&**self.tx, self.vault, &desk.leader, id, &reply).await?;
        let release = Some("反映的是同一件事，查核的结果相同。");
        let sound = reply.check(&points, &earlier, release).map_err(|_| StoreError::Damaged)?;
        let words = Words { answers: reply.answers, ..Words::default() };
        self.act(&desk.leader, id, Deed::Reply { sound }, "", words, at).await
    }

    async fn act(
        &self,
        actor: &Actor,
        id: i64,
        deed: Deed,
        reason: &str,
        words: Words,
        at: Millis,
    ) -> Result<(), StoreError> {
        let seen = cases::open(self.tx, self.vault, actor, id, at).await?.seen();
        let doing = Doing { deed, reason: reason.to_owned(), words, seen };
        cases::act(self.tx, self.vault, actor, id, doing, at).await.map(drop)
    }

    async fn say(
        &self,
        number: &ReceiptNumber,
        code: &QueryCode,
        said: Said,
        at: Millis,
    ) -> Result<(), StoreError> {
        reports::say(self.tx, self.vault, number, code, said, at).await.map(drop)
    }
}

fn text(text: &str) -> Words {
    Words { text: text.to_owned(), ..Words::default() }
}
