//! 权力监督: the unit's powers by kind, and how many it keeps back.

use super::super::view::View;
use crate::powers::{Kind, Power, StageType, level_tag};
use daylight_ui::{Column, Drawing, Empty, Html, Link, Notice, NoticeKind, Section, Table};

/// How many powers one page lists; the rest is in the list of powers.
const MOST: usize = 200;

/// The panel.
pub fn show(view: &View) -> askama::Result<Html> {
    let mut parts: Vec<Html> = Vec::new();
    if view.powers.is_empty() {
        let empty =
            Empty::new(Drawing::Board, "还没有公布权力事项").text("单位报送权力清单后，会在这里逐项公布。");
        parts.push(Section::new("权力事项", empty).into());
    }
    let shown = &view.powers[..view.powers.len().min(MOST)];
    for kind in Kind::ALL.into_iter().map(Some).chain([None]) {
        let of_kind: Vec<_> = shown.iter().filter(|(_, power)| power.kind == kind).collect();
        if !of_kind.is_empty() {
            parts.push(section(view, kind, &of_kind).into());
        }
    }
    if view.powers.len() > MOST {
        let all = Link::new(format!("看全部{}项", view.powers.len()), format!("/powers?unit={}", view.id));
        parts.push(Notice::new(NoticeKind::Info, Html::from(all)).into());
    }
    if view.withheld > 0 {
        let text = format!("另有{}项按规定不公开。不公开的数量在这里公布，接受监督。", view.withheld);
        parts.push(Notice::new(NoticeKind::Info, text).into());
    }
    Ok(parts.into_iter().collect())
}

fn section(view: &View, kind: Option<Kind>, powers: &[&(i64, Power)]) -> Section {
    let word = kind.map_or("类别待补充", Kind::page);
    let columns = ["权力名称".into(), "权力类型".into(), Column::figures("办理环节"), "廉政风险".into()];
    let mut table = Table::new(format!("{word}的权力事项"), columns).caption_hidden();
    for (id, power) in powers {
        let href = view.moment.href(&format!("/powers/{id}"), &[]);
        let steps = match power.steps.len() {
            0 => "待补充".into(),
            n => format!("{n} 个").into(),
        };
        let risk = power.risks.iter().filter_map(|risk| risk.level).max();
        let cells = [
            Link::new(&power.name, href).into(),
            power.stage_type.map_or("待补充", StageType::page).into(),
            steps,
            risk.map_or_else(|| "待补充".into(), |level| level_tag(level).into()),
        ];
        table.push(cells, false);
    }
    Section::new(format!("{word}（{}项）", powers.len()), table)
}
