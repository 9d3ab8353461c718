//! 工作日历还没有载入: said on the start page before it is needed, to those who can load it and those who answer for dates.

use super::store;
use crate::{
    authz::{Actor, Role},
    clock::{Millis, beijing},
};
use daylight_db::{ConnectionTrait, DbErr};
use daylight_ui::{Html as Markup, Link, Notice, NoticeKind};

/// So many days before a year begins its calendar should be there. The notice comes out in November as a rule.
pub const BEFORE: i64 = 60;

/// What stands on somebody's start page; none while every year that is needed is loaded.
pub async fn warning(c: &impl ConnectionTrait, actor: &Actor, now: Millis) -> Result<Option<Markup>, DbErr> {
    let has = |role| actor.grants.iter().any(|grant| grant.role == role);
    let loads = has(Role::SystemAdmin);
    if !loads && !has(Role::Leader) {
        return Ok(None);
    }
    let Some(year) = store::calendar(c).await?.lacks(beijing(now).date(), BEFORE) else { return Ok(None) };
    let what =
        format!("{year}年的工作日历还没有载入。算到{year}年的工作日期限暂按周末计算，载入后自动重新计算。");
    let body: Markup = if loads {
        let link: Markup = Link::new("去载入工作日历", "/office/calendar").into();
        [Markup::paragraphs(&what), link].into_iter().collect()
    } else {
        Markup::paragraphs(&format!("{what}请提醒系统管理员在国务院办公厅公布放假安排后载入。"))
    };
    Ok(Some(Notice::new(NoticeKind::Warning, body).into()))
}
