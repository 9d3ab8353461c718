//! The deeds that ask for a text at most: 受理, 不予受理, 请反映人补充, 继续办理, 记录, 立案, 不同意延长,
//! 退回补查, 重新办理, 回避.

use super::{
    file::File,
    form::{About, Given, TEXT, Typed, area, ask_reason, reason, required},
    offer::Offer,
};
use crate::{
    cases::{Deed, store::Words},
    deadlines::Clock,
};
use daylight_ui::form::{Errors, Field};

const NOT_TOLD: &str = "看不到这一步，也看不到您写的内容。";

pub(super) fn fields(file: &File, offer: Offer, typed: &Typed, errors: &Errors) -> (About, Vec<Field>) {
    let about = |next: &str, told| About { next: next.to_owned(), told };
    let reason = |hint| vec![ask_reason(hint, typed, errors)];
    let text = |label, hint| vec![area("text", label, 6, TEXT, typed, errors).hint(hint)];
    match offer {
        Offer::Accept => {
            (about("等审批领导交办给承办人，办理期限开始计算。", "会看到“已受理”和今天的日期。"), Vec::new())
        }
        Offer::Decline => (
            about(
                "这件算作已答复。反映人不满意的，自动转到上级纪检组织，由上级办理。",
                "会看到“不予受理”和您写的理由，请写给反映人看。",
            ),
            reason("写明为什么不属于受理范围，反映人可以到哪里去。"),
        ),
        Offer::Ask => (
            About {
                next: format!(
                    "办理期限从今天起暂停，反映人回复后继续；一次最多停{}天，超过的照常计算。",
                    file.profile.pause_most
                ),
                told: "会看到您写的问题。不要写出其他人的姓名、其他反映和查到的线索。",
            },
            text("要请反映人补充什么", "一次问全：哪一天、在哪里、谁在场、有没有票据或照片。"),
        ),
        Offer::Resume => (
            about("不再等反映人补充，期限继续计算。", NOT_TOLD),
            reason("例如：反映人一直没有回复，现有材料可以继续核查。"),
        ),
        Offer::Note => (
            about("写进办理经过，不改变办理状态。写好的记录不能修改，写错的可以再记一条更正。", NOT_TOLD),
            text("做了什么、查到什么", "例如：查阅了2025年低保评议记录，到会21人，签名齐全。"),
        ),
        Offer::RefuseTime => {
            (about("期限不变，承办人按原期限办理。", NOT_TOLD), reason("写明为什么不同意，承办人会看到。"))
        }
        Offer::FileCase => (about(&filed(file), "会看到“立案”和新的期限。"), Vec::new()),
        Offer::Return => (
            about("结论作废，承办人补查以后重新提交。期限继续计算。", NOT_TOLD),
            reason("写明还要查什么，承办人会看到。"),
        ),
        Offer::Reopen => (
            about(
                "结论和答复作废，期限从今天重新计算，等审批领导重新交办。",
                "会看到“重新办理”和您写的理由，请写给反映人看。",
            ),
            reason("写明原来的答复哪里不对。"),
        ),
        _ => (
            about(
                "这件马上对您关闭，您以后也打不开。由您承办的，等审批领导交办给别人。写好后不能自己撤销。",
                "看不到您回避，也看不到理由。",
            ),
            reason("例如：被反映人是我的亲属。只有继续办理这件的人能看到。"),
        ),
    }
}

/// What filing does to the date.
fn filed(file: &File) -> String {
    let rule = file.profile.rule(Clock::Handle, file.opened.case.stage);
    match rule.and_then(|rule| rule.filed) {
        Some(term) => format!(
            "办理期限改为{}，仍从原来的起点计算。立案以后反映人不能撤回。一个阶段只能立案一次，不能撤销。",
            term.page()
        ),
        None => "办理期限不变。立案以后反映人不能撤回。一个阶段只能立案一次，不能撤销。".to_owned(),
    }
}

pub(super) fn read(file: &File, offer: Offer, typed: &Typed, errors: &mut Errors) -> Option<Given> {
    let deed = match offer {
        Offer::Accept => Deed::Accept,
        Offer::Decline => Deed::Decline,
        Offer::Ask => Deed::Ask,
        Offer::Resume => Deed::Resume,
        Offer::Note => Deed::Note,
        Offer::FileCase => Deed::FileCase,
        Offer::RefuseTime => Deed::RefuseTime,
        Offer::Return => Deed::Return,
        Offer::Reopen => Deed::Reopen,
        Offer::Recuse => Deed::Recuse { account_id: file.actor.account_id },
        _ => return None,
    };
    let why = if deed.needs_reason() { reason(typed, errors) } else { String::new() };
    let label = match offer {
        Offer::Ask => Some("要请反映人补充什么"),
        Offer::Note => Some("做了什么、查到什么"),
        _ => None,
    };
    let text = label.map(|label| required("text", label, TEXT, typed, errors)).unwrap_or_default();
    Some((deed, why, Words { text, ..Words::default() }))
}
