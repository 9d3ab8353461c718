//! Outcomes that everybody may read: written by the handler, approved by the leader, released in a batch.

use super::{
    DAY, Making,
    places::Places,
    stories::Story,
    telling::{Far, Telling, Told, Who},
};
use crate::{
    cases::{Conclusion, Deed, store::StoreError},
    demo::county::random::Random,
    outcomes::{self, Draft, Problem, store},
    reports::{Kind, Object},
};

/// A story that ended, and what everybody is told of it.
struct Outcome {
    story: Story,
    /// In the organ's words.
    summary: &'static str,
    /// Fen that were recovered, all of them given back.
    money: i64,
    /// "unit", "township", "county".
    grain: &'static str,
    /// Received so many days ago.
    days: i64,
}

#[rustfmt::skip]
const OUTCOMES: [Outcome; 5] = [
    Outcome {
        story: Story {
            kind: Kind::Complaint, what: "修水渠让每户先垫三百元，说验收后就退，过了一年没有人再提这件事。",
            when: "去年秋天", place: "村里", amount: "300",
            points: ["垫的钱什么时候退", "这笔钱用在哪里了"], conclusion: Conclusion::Substantiated,
            finding: "垫付款挂在村账往来科目，未及时清退。",
            answers: ["垫付的钱已于上周在村委会当场清退，签领表已张贴。", "钱一直挂在村集体账上，没有被挪用，账页可到村监委会查看。"],
        },
        summary: "村集体向农户收取的水渠垫付款长期未清退。经查属实，款项没有被挪用，现已全部退还，并在公开栏张贴签领表。",
        money: 2_160_000, grain: "unit", days: 58,
    },
    Outcome {
        story: Story {
            kind: Kind::Complaint, what: "来办这件事跑了三趟，每次都说还差一份证明，回头看办事指南里根本没有这一条。",
            when: "8月", place: "办事窗口", amount: "",
            points: ["为什么要指南里没有的证明", "以后还要不要"], conclusion: Conclusion::Substantiated,
            finding: "窗口自行增加一份证明，指南没有规定。",
            answers: ["这份证明是窗口自己加的，没有依据，已取消，向您道歉。", "不再要。窗口已换上新的材料清单，多要一份您都可以再来反映。"],
        },
        summary: "窗口在公布的清单之外另要一份材料，使群众多次往返。已取消该材料，对窗口负责人警示提醒，清单重新上墙。",
        money: 0, grain: "unit", days: 55,
    },
    Outcome {
        story: Story {
            kind: Kind::Accusation, what: "上班时间经常找不到人，有两回下午三点就锁了门，打电话说在外面办事。",
            when: "7月到9月", place: "办公室", amount: "",
            points: ["上班时间为什么没有人", "这样的情况怎么处理"], conclusion: Conclusion::Substantiated,
            finding: "考勤与监控核对，擅自离岗三次。",
            answers: ["核对考勤和监控，三个月里擅自离岗三次，属实。", "已作出处理决定并通知本人，单位在全体会上通报。"],
        },
        summary: "擅自离岗三次，核对考勤后认定属实。处理决定已经生效，本人作了检讨，所在单位重新规定了外出登记办法。",
        money: 0, grain: "unit", days: 52,
    },
    Outcome {
        story: Story {
            kind: Kind::Request, what: "孤寡老人的护理补贴停了四个月，打电话问都说不归自己管，老人看病都没有钱。",
            when: "6月以来", place: "村里", amount: "",
            points: ["补贴为什么停了", "停发的能不能补"], conclusion: Conclusion::Substantiated,
            finding: "年审材料漏报，非本人原因。",
            answers: ["年审时经办人漏报了材料，不是老人不够条件。", "四个月的补贴已经一次补发到老人的卡上。"],
        },
        summary: "年审漏报使护理补贴停发。已补发，并对全镇同类对象逐户核对，另找出两户一并补发。",
        money: 0, grain: "township", days: 49,
    },
    Outcome {
        story: Story {
            kind: Kind::Suggestion, what: "办事大厅中午不开门，打工的人只有中午有空，希望能安排人值班。",
            when: "一直如此", place: "便民服务大厅", amount: "",
            points: ["中午能不能开门", "周六能不能办"], conclusion: Conclusion::Substantiated,
            finding: "经研究可行，已安排轮班。",
            answers: ["从本月起中午十二点到两点安排两个窗口值班。", "每月第一个周六上午开放常办的事项，时间表贴在门口。"],
        },
        summary: "大厅午间不办公，上班的人不方便。已安排午间轮班，每月第一个周六上午开放常办事项。",
        money: 0, grain: "county", days: 46,
    },
];

/// Tells the stories, writes the cards, and lets them out.
pub(super) async fn fill(making: &Making<'_>, places: &Places) -> Result<(), StoreError> {
    let Some((power, cadre)) = places.desk(making.tx).await? else { return Ok(()) };
    let village = places.villages.first().map_or(Object::Unknown, |id| Object::Unit(*id));
    let department = places.others.first().map_or(Object::Unknown, |id| Object::Unit(*id));
    let about = [village, Object::Power(power), Object::Cadre(cadre), village, department];
    for ((at, outcome), about) in OUTCOMES.iter().enumerate().zip(about) {
        let Outcome { story, days, .. } = outcome;
        let (token, from) = (format!("demo-{}-outcome-{at}", making.seed), making.now - days * DAY);
        let who = Who::Anonymous;
        let telling = Telling { making, story, about, who, far: Far::Satisfied, turn: 0, token, from };
        if let Some(told) = telling.tell().await? {
            publish(making, outcome, about, &told, telling.at(9)).await?;
        }
    }
    let random = std::sync::Mutex::new(Random::stream(making.seed, "outcomes"));
    let draw = || {
        let drawn = random.lock().map(|mut random| random.below(9_000_000_000)).unwrap_or_default();
        i64::try_from(drawn).unwrap_or(0)
    };
    store::release(making.tx, making.vault, making.now, &draw).await.map(drop)
}

async fn publish(
    making: &Making<'_>,
    outcome: &Outcome,
    about: Object,
    told: &Told<'_>,
    at: i64,
) -> Result<(), StoreError> {
    let Making { tx, vault, .. } = making;
    if outcome.money > 0 {
        let deed = Deed::Money { recovered: outcome.money, returned: outcome.money };
        making.act(told.handler, told.id, (deed, "", Default::default()), at).await?;
    }
    let draft = Draft {
        grain: outcome.grain.to_owned(),
        summary: outcome.summary.to_owned(),
        people: Some(860),
        power: matches!(about, Object::Power(_)),
        cadre: matches!(about, Object::Cadre(_)),
        weighed: true,
        ground: String::new(),
    };
    let opened = crate::cases::store::open(tx, vault, told.handler, told.id, at).await?;
    let facts = store::facts(&***tx, &opened).await?;
    let card = facts.card(&opened, &draft).ok_or(StoreError::Damaged)?;
    let found = outcomes::review(&draft, &card, &facts.told(), &facts.crowd(&draft), &facts.setting());
    if found.iter().any(|problem| matches!(problem, Problem::Stops(..))) {
        return Err(StoreError::Damaged);
    }
    store::propose(tx, told.handler, &opened, &draft, at).await?;
    let opened = crate::cases::store::open(tx, vault, told.leader, told.id, at).await?;
    store::approve(tx, told.leader, &opened, at).await?.map_err(|_| StoreError::Damaged)
}
