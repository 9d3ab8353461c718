//! 查看身份审批: what waits for a leader of another organ, and what one's own organ asked or decided.

use super::store::{self, Shown};
use crate::{
    authz::Actor,
    clock::{Millis, time_text},
    web::{App, PageError, Viewer},
};
use axum::{extract::State as Axum, response::Html};
use daylight_ui::{Drawing, Empty, Entries, Entry, Heading, Html as Markup, Link, Section, Table};

/// GET /office/openings
pub async fn page(Axum(app): Axum<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    let now = app.clock.now();
    let shown = store::for_leader(app.db.read(), &app.vault, viewer.actor()?, now).await?;
    let (waiting, past): (Vec<_>, Vec<_>) = shown.into_iter().partition(|one| one.decides.is_some());
    let heading = Heading::new("查看身份审批")
        .lead("别的纪检组织要查看反映人身份，须由您这样的另一个组织的领导同意。您只看到理由，看不到内容。");
    let mut parts: Vec<Markup> = vec![heading.into()];
    parts.push(if waiting.is_empty() {
        Empty::new(Drawing::Sun, "没有等您审批的申请").text("有新的申请时会出现在这里。").into()
    } else {
        Section::new(format!("等您审批（{}）", waiting.len()), Entries::new(waiting.iter().map(entry))).into()
    });
    if !past.is_empty() {
        parts.push(Section::new("本组织申请和审批过的", table(&past, now)).into());
    }
    let shell = viewer.office(&app, "查看身份审批").await?;
    Ok(Html(daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str())))
}

/// How many requests wait for this leader.
pub async fn waiting(app: &App, actor: &Actor) -> Result<i64, PageError> {
    let shown = store::for_leader(app.db.read(), &app.vault, actor, app.clock.now()).await?;
    Ok(i64::try_from(shown.iter().filter(|one| one.decides.is_some()).count()).unwrap_or(0))
}

fn entry(one: &Shown) -> Entry {
    Entry::new(format!("办理件第{}号", one.opening.case_id), format!("/office/openings/{}", one.opening.id))
        .margin(time_text(one.opening.asked_at))
        .fact(one.organ.as_str())
        .fact(format!("{} 申请", one.asker))
        .summary(one.reason.as_str())
}

fn table(past: &[Shown], now: Millis) -> Table {
    let columns = ["申请时间", "办理件", "申请", "审批", "状态", "看过"];
    let mut table = Table::new("本组织申请和审批过的", columns.map(Into::into)).caption_hidden().dense();
    for one in past {
        let id = one.opening.id;
        let case = Link::new(format!("办理件第{}号", one.opening.case_id), format!("/office/openings/{id}"));
        let second = one.second.as_ref().map_or("还没有", |(_, organ)| organ.as_str());
        let cells: [Markup; 6] = [
            time_text(one.opening.asked_at).into(),
            case.into(),
            format!("{} {}", one.organ, one.asker).into(),
            second.into(),
            one.opening.state(now).page().into(),
            format!("{}次", one.opening.looks.len()).into(),
        ];
        table.push(cells, false);
    }
    table
}
