//! A state and its difference to another, as pages of the office show them.

use super::{Content, Revision, changes, gate, store::Folder};
use crate::powers::procedure;
use daylight_ui::{Details, Diff, Html, Notice, NoticeKind, Section, SummaryList};

/// Field by field: what changes for the public.
pub fn difference(published: Option<&Revision>, content: &Content) -> Section {
    let Some(published) = published else {
        return Section::new("新增内容", Html::from(facts(content, |_| true)));
    };
    let found = changes(Some(&published.content), content);
    if found.is_empty() {
        let word = if published.content == *content {
            "与现在公布的内容没有差别。"
        } else {
            "公布的文字没有差别，只有次序或写法上的改动。"
        };
        return Section::new("改动", Notice::new(NoticeKind::Info, word));
    }
    let changed: Vec<_> = found.iter().map(|change| change.label.clone()).collect();
    let same = facts(content, |label| !changed.iter().any(|known| known == label));
    let diffs =
        found.iter().map(|change| Html::from(Diff::of(change.label.as_str(), &change.before, &change.after)));
    let mut body: Vec<Html> = diffs.collect();
    body.push(Details::new("看没有改动的部分", same).into());
    let body = format!("<div class=\"stack\">{}</div>", body.into_iter().collect::<Html>());
    let title = format!("与现在公布的第{}版相比，改动了{}处", published.number, found.len());
    Section::new(title, Html::trusted(body))
}

/// The filled fields of a state that the test lets through.
pub fn facts(content: &Content, shown: impl Fn(&str) -> bool) -> SummaryList {
    let fields = content.fields().into_iter();
    let filled = fields.filter(|(label, value)| !value.is_empty() && shown(label));
    filled.fold(SummaryList::new(), |list, (label, value)| list.row(label, Html::paragraphs(&value)))
}

/// How it will look to the public: the fields, and for a power the steps and the drawing.
pub fn preview(content: &Content, elder: bool) -> askama::Result<Html> {
    let Content::Power(power) = content else { return Ok(facts(content, |_| true).into()) };
    let facts = facts(content, |label| label != "行权流程" && label != "廉政风险与防控");
    let parts = [
        Section::new("基本情况", facts).into(),
        procedure::steps(power, None)?.into(),
        procedure::drawing(power, elder)?,
        procedure::general_risks(power)?,
    ];
    Ok(parts.into_iter().collect())
}

/// What an import left to be completed.
pub fn flags(folder: &Folder) -> Html {
    let lines = folder.flags.iter().map(|flag| flag.message.as_str());
    list(lines)
}

/// Lines as a list; nothing when there are none.
pub fn list<'a>(lines: impl Iterator<Item = &'a str>) -> Html {
    let items: String = lines.map(|line| format!("<li>{}</li>", Html::from(line))).collect();
    if items.is_empty() {
        Html::default()
    } else {
        Html::trusted(format!("<ul class=\"bullets\">{items}</ul>"))
    }
}

/// What a reader must know before judging: a newer publication, warnings.
pub fn cautions(folder: &Folder) -> Html {
    let mut notices = Vec::new();
    if folder.is_stale() {
        let word = "这份修改开始之后，公布的内容又变过。下面是与最新公布内容的差别：公布这份修改会改回其中的旧内容，请逐项核对。";
        notices.push(Notice::new(NoticeKind::Warning, word));
    }
    let warnings = gate::warnings(&folder.revision.content).into_iter();
    notices.extend(warnings.map(|warning| Notice::new(NoticeKind::Warning, warning)));
    notices.into_iter().map(Html::from).collect()
}

/// Everything that keeps it from going on, in words: missing parts and obstacles.
pub fn gaps(content: &Content) -> Vec<String> {
    let missing = content.missing().into_iter().map(|part| format!("还缺少：{part}"));
    let obstacles = gate::obstacles(content).into_iter().map(|obstacle| obstacle.message);
    missing.chain(obstacles).collect()
}
