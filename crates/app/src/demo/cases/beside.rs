//! What stands beside the cases: who stays out of what, whom an account belongs to, identities that somebody asked
//! for, clues, and a table of the hotline.

use super::{
    DAY, Making,
    places::Places,
    stories::STORIES,
    telling::{Far, Telling, Told, Who},
};
use crate::{
    accounts, audit,
    authz::Actor,
    cadres,
    cases::{
        routing::store::{About, CHANNEL},
        store::StoreError,
    },
    clues::{
        Deed, Disposal, Source,
        store::{self as clues, ClueError, Content, Doing},
    },
    hotline::{Order, Plan, Refusal, store as hotline},
    openings::{
        OpeningError,
        store::{self as openings, Decision},
    },
    ops, recusals,
    reports::{Kind, Object},
    ties,
};
use daylight_db::Tx;
use daylight_ids::Phone;

fn of_clue(error: ClueError) -> StoreError {
    if let ClueError::Case(error) = error { error } else { StoreError::Damaged }
}

fn of_opening(error: OpeningError) -> StoreError {
    if let OpeningError::Case(error) = error { error } else { StoreError::Damaged }
}

/// Declares relatives, recusals and ties. What somebody is out of is no place for the other stories.
pub(super) async fn conflicts(making: &Making<'_>, places: &mut Places) -> Result<(), StoreError> {
    let Making { tx, county, township, now, .. } = making;
    let channel = "云江市纪委监委信访室（电话 12388 转 5，云江市人民路 1 号，工作日可来访）";
    ops::store::set_setting(tx, CHANNEL, channel).await?;
    if places.others.len() > 1 {
        let unit = places.others.pop().map(About::Unit);
        if let (Some(unit), Some(second)) = (unit, county.handlers.last()) {
            let (leader, at) = (&county.leader, now - 90 * DAY);
            recusals::store::declare(tx, second.account_id, unit, leader.account_id, at).await?;
            noted(tx, leader, "recusal.begin", second, unit, at).await?;
        }
    }
    if places.villages.len() > 1 {
        let unit = places.villages.pop().unwrap_or_default();
        let handler = &township.handlers[0];
        if let Some(cadre) = cadres::store::of_unit(&***tx, unit).await?.first() {
            let about = About::Cadre(cadre.id);
            let at = now - 41 * DAY;
            recusals::store::declare(tx, handler.account_id, about, handler.account_id, at).await?;
            noted(tx, handler, "recusal.begin", handler, about, at).await?;
            if let Some(own) = ties::store::behind(&***tx, handler.account_id).await? {
                let (leader, at) = (&township.leader, now - 40 * DAY);
                recusals::store::relate(tx, own.id, cadre.id, leader.account_id, at).await?;
                noted(tx, leader, "recusal.relate", handler, about, at).await?;
            }
        }
    }
    asked_ties(making, places).await
}

/// What the page notes in the trail beside a recusal or a relative.
async fn noted(
    tx: &Tx,
    by: &Actor,
    action: &str,
    member: &Actor,
    about: About,
    at: crate::clock::Millis,
) -> Result<(), StoreError> {
    let (subject, detail) = (
        format!("account {}", member.account_id),
        match about {
            About::Cadre(id) => format!("cadre {id}"),
            About::Unit(id) => format!("unit {id}"),
        },
    );
    let entry = audit::Entry {
        account_id: Some(by.account_id),
        actor: &by.name,
        action,
        subject: &subject,
        detail: &detail,
    };
    Ok(audit::store::append(tx, &entry, at).await?)
}

/// A tie that was refused, and one that waits.
async fn asked_ties(making: &Making<'_>, places: &Places) -> Result<(), StoreError> {
    let Making { tx, county, township, now, .. } = making;
    let by_login = |login| accounts::store::by_login(&***tx, login);
    let (Some(asker), Some(decider)) = (by_login("lin.zhiyuan").await?, by_login("su.wanqing").await?) else {
        return Ok(());
    };
    let unit = places.others.first().copied().unwrap_or_default();
    let free: Vec<_> = cadres::store::of_unit(&***tx, unit).await?.into_iter().rev().take(2).collect();
    for (cadre, (account, days)) in free.iter().zip([(&township.intake, 12), (&county.intake, 1)]) {
        let tie = ties::store::facts(&***tx, account.account_id, Some(cadre.id)).await?;
        if ties::may_ask(asker.id, &tie).is_err() {
            continue;
        }
        let id = ties::store::ask(tx, account.account_id, Some(cadre.id), asker.id, now - days * DAY).await?;
        let line = ties::store::get(&***tx, id).await?.filter(|_| days > 1);
        if let Some(line) = line {
            ties::store::decide(tx, &line, false, decider.id, now - (days - 1) * DAY).await?;
        }
    }
    Ok(())
}

/// Everything that comes of cases, or without them.
pub(super) async fn fill(making: &Making<'_>, places: &Places) -> Result<(), StoreError> {
    let first = known(making, places, 0, "罗桂芬", Far::Noted, 24).await?;
    let second = known(making, places, 5, "邱长顺", Far::Noted, 8).await?;
    if let Some(told) = &first {
        opened(making, told, 9).await?;
    }
    if let Some(told) = &second {
        let reason = "两份材料里说的日期不一样，须当面向反映人核对，平台上提问没有回音。";
        let asked = openings::ask(making.tx, making.vault, told.handler, told.id, reason, making.now - DAY);
        asked.await.map_err(of_opening)?;
        found(making, told).await?;
    }
    entered(making, places).await?;
    imported(making, places).await
}

/// A report with a name to it.
async fn known<'a>(
    making: &'a Making<'a>,
    places: &Places,
    story: usize,
    name: &'static str,
    far: Far,
    days: i64,
) -> Result<Option<Told<'a>>, StoreError> {
    let Some(unit) = places.villages.get(story % places.villages.len().max(1)) else { return Ok(None) };
    let (who, about) = (Who::RealName(name), Object::Unit(*unit));
    let (token, from) = (format!("demo-{}-known-{story}", making.seed), making.now - days * DAY);
    Telling { making, story: &STORIES[story], about, who, far, turn: 0, token, from }.tell().await
}

/// An identity that was asked for, approved by the county's leader, and looked at: its reporter is told.
async fn opened(making: &Making<'_>, told: &Told<'_>, days: i64) -> Result<(), StoreError> {
    let Making { tx, vault, county, now, .. } = making;
    let at = |hours: i64| now - days * DAY + hours * 3_600_000;
    let reason = "须请反映人到场指认公示栏的位置和照片，平台上已经提问过两次。";
    let id = openings::ask(tx, vault, told.handler, told.id, reason, at(0)).await.map_err(of_opening)?;
    let decided = openings::decide(tx, vault, &county.leader, id, Decision::Approve, at(5)).await;
    match decided {
        Ok(()) => openings::look(tx, vault, told.handler, told.id, at(7)).await.map(drop).map_err(of_opening),
        // The case went straight to the county: then nobody of the demonstration is of another organ above it.
        Err(OpeningError::NotFound) => Ok(()),
        Err(error) => Err(of_opening(error)),
    }
}

/// A clue that a case holds.
async fn found(making: &Making<'_>, told: &Told<'_>) -> Result<(), StoreError> {
    let content = Content {
        title: "集体林地低价出租，可能有人得利".into(),
        facts: "租金比邻村低一半，合同没有公开，承租人与经手人的关系需要核实。".into(),
        ..Content::default()
    };
    let (token, at) = (format!("demo-{}-clue-case", making.seed), making.now - 2 * DAY);
    let id = clues::find(making.tx, making.vault, told.leader, told.id, &content, &token, at).await;
    dispose(making, id.map_err(of_clue)?, (told.handler, told.leader), Disposal::Verify, at, false).await
}

type Found = (Source, &'static str, &'static str, Option<Disposal>, bool, i64);

/// One of each way that a clue may go, one that waits for its leader, one that nobody has taken up in time.
#[rustfmt::skip]
const CLUES: [Found; 6] = [
    (Source::Inspection, "公务用车节假日停在小区", "抽查两个节假日，车辆都停在住宅小区，派车单没有登记。", Some(Disposal::Talk), true, 70),
    (Source::Comparison, "补助名单与在职人员重合", "比对发现领取生活补助的两人同时领取工资，身份证号相同。", Some(Disposal::Verify), true, 55),
    (Source::Warning, "项目连续三次由同一家中标", "三个项目的投标文件字句相近，评审人员已调离，暂时无法核对。", Some(Disposal::Hold), true, 48),
    (Source::Inspection, "会议费票据日期连号", "票据连号，核对后是同一次会议分三天开票，附有签到。", Some(Disposal::Close), true, 40),
    (Source::Comparison, "退休人员仍在领取岗位津贴", "比对发现一人退休后仍领取岗位津贴四个月。", Some(Disposal::Verify), false, 9),
    (Source::Inspection, "食堂采购没有询价记录", "检查时没有找到近半年的询价记录，采购都来自一家。", None, false, 50),
];

async fn entered(making: &Making<'_>, places: &Places) -> Result<(), StoreError> {
    let (handler, leader) = (&making.county.handlers[0], &making.county.leader);
    for (at, (source, title, facts, disposal, approved, days)) in CLUES.into_iter().enumerate() {
        let Some(unit) = places.others.get(at % places.others.len().max(1)) else { return Ok(()) };
        let content =
            Content { title: title.into(), facts: facts.into(), unit_id: Some(*unit), cadre_id: None };
        let (token, from) = (format!("demo-{}-clue-{at}", making.seed), making.now - days * DAY);
        let id = clues::enter(making.tx, making.vault, handler, source, &content, &token, from).await;
        // Whom the organ must stay out of is not entered.
        let id = match id {
            Err(ClueError::Refused(_)) => continue,
            id => id.map_err(of_clue)?,
        };
        if let Some(disposal) = disposal {
            dispose(making, id, (handler, leader), disposal, from + 6 * DAY, approved).await?;
        }
    }
    Ok(())
}

async fn dispose(
    making: &Making<'_>,
    id: i64,
    (handler, leader): (&Actor, &Actor),
    disposal: Disposal,
    at: i64,
    approved: bool,
) -> Result<(), StoreError> {
    let at = at.min(making.now);
    let reason = format!("核对了现有材料，建议{}。", disposal.page());
    let doing = Doing { deed: Deed::Propose { disposal }, reason, seen: 1 };
    clues::act(making.tx, making.vault, handler, id, &doing, at).await.map_err(of_clue)?;
    if approved {
        let doing = Doing { deed: Deed::Approve, reason: String::new(), seen: 2 };
        let at = (at + 2 * DAY).min(making.now);
        clues::act(making.tx, making.vault, leader, id, &doing, at).await.map_err(of_clue)?;
    }
    Ok(())
}

/// A small table of the hotline, taken in by whoever receives for the county, and one that still waits.
async fn imported(making: &Making<'_>, places: &Places) -> Result<(), StoreError> {
    let Making { tx, vault, county, now, .. } = making;
    let Some(unit) = places.others.first() else { return Ok(()) };
    let unit = crate::units::store::get(&***tx, *unit).await?.map(|unit| unit.name).unwrap_or_default();
    let done = table(&unit, "RX2026-04");
    let id = hotline::keep(tx, vault, &county.intake, &done, now - 4 * DAY).await?;
    let mut outcome = hotline::Outcome {
        read: done.read,
        refused: done.refused,
        ignored: done.ignored,
        ..hotline::Outcome::default()
    };
    for order in &done.orders {
        match hotline::take(tx, vault, order, now - 4 * DAY).await? {
            None => outcome.taken.push(order.row),
            Some(refusal) => outcome.refused.push(refusal),
        }
    }
    hotline::finish(tx, &county.intake, id, &outcome, now - 4 * DAY).await?;
    hotline::keep(tx, vault, &county.intake, &table(&unit, "RX2026-05"), now - DAY / 12).await.map(drop)
}

fn table(unit: &str, number: &str) -> Plan {
    #[rustfmt::skip]
    let rows = [
        (3, Kind::Complaint, "小区门口的垃圾三天没有人清运，打电话说车坏了，天热气味很大。", "", "河西小区门口"),
        (4, Kind::Request, "残疾证换证材料交了一个月，窗口说系统没有通过，也不说差什么。", "胡美兰", "便民服务大厅"),
        (6, Kind::Complaint, "学校门口的停车位被单位长期占用，接孩子只能停在马路中间。", "", "第二小学门口"),
    ];
    let order = |(row, kind, what, name, place): (u32, Kind, &str, &str, &str)| Order {
        row,
        number: format!("{number}{row:03}"),
        kind,
        unit: unit.to_owned(),
        what: what.to_owned(),
        place: place.to_owned(),
        when: "上周".to_owned(),
        name: name.to_owned(),
        phone: (!name.is_empty())
            .then(|| Phone::parse("13900099902").ok())
            .flatten()
            .map(|phone| phone.canonical().to_owned()),
        notes: Vec::new(),
    };
    let refusal = |row, column: &str, reason: &str| Refusal {
        row,
        column: column.to_owned(),
        reason: reason.to_owned(),
    };
    let refused = vec![
        refusal(5, "B列 诉求内容", "“发生了什么”至少写10个字：谁、做了什么、影响了谁"),
        refusal(7, "A列 工单编号", "没有工单编号，请补上"),
    ];
    let ignored = vec![refusal(1, "", "标题行"), refusal(8, "", "合计行")];
    Plan { read: 7, orders: rows.into_iter().map(order).collect(), refused, ignored }
}
