//! One import: how far it is, what it would change, what became of it.

use super::{FileReport, Kind, Report, find, jobs, list, shell, store, tabs};
use crate::{
    clock::time_text,
    web::{App, PageError, Viewer},
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Html,
};
use daylight_ui::{
    Column, Confirmation, Figure, Figures, Html as Markup, Notice, NoticeKind, Progress, SummaryList, Table,
    form::Form, zh,
};

#[derive(Template)]
#[template(path = "imports/templates/working.html")]
struct Working {
    heading: String,
    facts: SummaryList,
    progress: Progress,
    lead: &'static str,
    discard: Option<Form>,
}

#[derive(Template)]
#[template(path = "imports/templates/preview.html")]
struct Preview {
    facts: SummaryList,
    tabs: Markup,
    figures: Figures,
    changes: Figures,
    files: Table,
    changed_since: Markup,
    apply: Option<Form>,
    discard: Form,
    refused: i64,
    flagged: i64,
    cadres: bool,
    procedures: bool,
    base: String,
}

#[derive(Template)]
#[template(path = "imports/templates/ended.html")]
struct Ended {
    heading: Markup,
    facts: SummaryList,
    tabs: Markup,
    figures: Markup,
    files: Markup,
    forms: Vec<Form>,
    links: bool,
}

/// GET /office/imports/{id}
pub async fn page(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
) -> Result<Html<String>, PageError> {
    let line = find(&app, &viewer, id).await?;
    let shell = shell(&app, &viewer, id, line.state().page()).await?;
    let body = match (line.state(), line.report()) {
        (store::State::Reading | store::State::Saving, _) => {
            let body = working(&line).render()?;
            return Ok(Html(daylight_ui::page_with_refresh(&shell, &body, 2)));
        }
        (store::State::Preview, Some(report)) => preview(&line, &report).render()?,
        (_, report) => ended(&line, report.as_ref()).render()?,
    };
    Ok(Html(daylight_ui::page(&shell, &body)))
}

fn facts(line: &store::Line) -> SummaryList {
    let names =
        line.stored().into_iter().map(|file| format!("{}（{}）", file.name, zh::file_size(file.size)));
    SummaryList::new()
        .row("文件", names.collect::<Vec<_>>().join("、"))
        .row("经办人", line.account.as_deref().unwrap_or_default())
        .row("上传时间", time_text(line.created_at))
}

fn button(line: &store::Line, action: &str, verb: &str) -> Form {
    let mut form = Form::post(format!("/office/imports/{}/{action}", line.id), verb);
    for button in &mut form.buttons.items {
        button.main = action != "discard";
    }
    form
}

fn working(line: &store::Line) -> Working {
    let saving = line.state() == store::State::Saving;
    let (done, total) = match jobs::saved(&line.folder).filter(|_| saving) {
        Some((done, total)) => (whole(done), whole(total)),
        None => (line.progress.parse().unwrap_or(0), 0),
    };
    let progress = Progress {
        id: "import".into(),
        label: if saving { "正在保存到登记库" } else { "正在读取表格" }.into(),
        // The last stroke is the commit; until then it is not finished.
        done: if total > 0 { done.min(total - 1) } else { done },
        total,
        unit: if saving { "项" } else { "行" }.into(),
        poll_href: Some(format!("/office/imports/{}", line.id)),
    };
    Working {
        heading: if saving { "正在保存" } else { "正在读取" }.into(),
        facts: facts(line),
        progress,
        lead: if saving {
            "保存完成之前不会公开任何一条；中途断电或出错，什么都不会留下。"
        } else {
            "读取期间可以离开这个页面，稍后从“批量导入”回来查看。现在还没有保存任何内容。"
        },
        discard: (!saving).then(|| button(line, "discard", "放弃这次导入")),
    }
}

fn whole(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn figures(report: &Report) -> Figures {
    let (read, taken, refused, ignored, flagged) = report.totals();
    let figure = |n: u64, label: &str| Figure::new(zh::number(whole(n)), "行", label);
    Figures::new([
        figure(read, "读取"),
        figure(taken, "收录").note(format!("其中{}行待补正", zh::number(whole(flagged)))),
        figure(refused, "未收录").note("有错误，不会保存"),
        figure(ignored, "略过").note("标题、空行、合计、签章"),
    ])
}

fn changes(report: &Report) -> Figures {
    let figure = |n: u64, label: &str| Figure::new(zh::number(whole(n)), "项", label);
    Figures::new([
        figure(report.created, "新增"),
        figure(report.updated, "更新"),
        figure(report.unchanged, "没有变化"),
    ])
}

/// "干部名册", "单位名册、干部名册".
fn kinds(file: &FileReport) -> String {
    let kinds = file.kind.split('+').filter_map(Kind::from_code).map(Kind::page);
    kinds.collect::<Vec<_>>().join("、")
}

fn files(report: &Report) -> Table {
    let mut columns: Vec<Column> = ["文件", "识别为"].map(Into::into).into();
    columns.extend(["读取", "收录", "未收录", "略过", "待补正"].map(Column::figures));
    let mut table = Table::new("各文件的行数：读取 = 收录 + 未收录 + 略过", columns).dense();
    for file in &report.files {
        let mut cells: Vec<Markup> = vec![file.file.as_str().into(), kinds(file).into()];
        let counts = [file.read, file.taken, file.refused, file.ignored, file.flagged];
        cells.extend(counts.map(|n| Markup::from(zh::number(whole(n)))));
        table.push(cells, false);
    }
    table
}

fn preview(line: &store::Line, report: &Report) -> Preview {
    let (_, taken, refused, _, flagged) = report.totals();
    let back = match line.progress.as_str() {
        jobs::MOVED => {
            "在您确认之后、保存之前，登记库有了新的变化，所以没有保存。下面是重新核对的结果，请再看一遍。"
        }
        jobs::CUT_OFF => "上次保存时服务器中断，什么都没有保存。请再确认一次，或者放弃。",
        _ => "",
    };
    let brings =
        |kind: Kind| report.files.iter().any(|file| file.kind.split('+').any(|code| code == kind.code()));
    Preview {
        facts: facts(line),
        tabs: tabs(line, report, ""),
        figures: figures(report),
        changes: changes(report),
        files: files(report),
        changed_since: if back.is_empty() {
            Markup::default()
        } else {
            Notice::new(NoticeKind::Warning, back).into()
        },
        apply: (taken > 0).then(|| button(line, "apply", "确认收录")),
        discard: button(line, "discard", "放弃"),
        refused: whole(refused),
        flagged: whole(flagged),
        cadres: brings(Kind::Cadres),
        procedures: brings(Kind::Procedures),
        base: format!("/office/imports/{}", line.id),
    }
}

fn ended(line: &store::Line, report: Option<&Report>) -> Ended {
    let done = line.state() == store::State::Done;
    let report = report.filter(|_| done);
    let heading = |title: &str, kind: NoticeKind, text: &str| {
        Markup::from_iter([
            daylight_ui::Heading {
                title: title.into(),
                tags: vec![list::state(line.state()).into()],
                ..Default::default()
            }
            .into(),
            Notice::new(kind, text).into(),
        ])
    };
    let heading = match line.state() {
        store::State::Done => Confirmation {
            title: "已经收录".into(),
            text: "收录的内容已经公开，可以在公开页面上查到。服务器上保存的原文件已经删除。".into(),
            ..Confirmation::default()
        }
        .into(),
        store::State::Discarded => {
            heading("已经放弃", NoticeKind::Info, "没有保存任何内容，服务器上保存的原文件已经删除。")
        }
        _ => heading("没有完成", NoticeKind::Danger, &line.progress),
    };
    let failed = line.state() == store::State::Failed;
    Ended {
        heading,
        facts: facts(line),
        tabs: report.map(|report| tabs(line, report, "")).unwrap_or_default(),
        figures: report
            .map(|report| Markup::from_iter([figures(report).into(), changes(report).into()]))
            .unwrap_or_default(),
        files: report.map(|report| files(report).into()).unwrap_or_default(),
        forms: if failed {
            vec![button(line, "again", "重新读取"), button(line, "discard", "放弃并删除文件")]
        } else {
            Vec::new()
        },
        links: done,
    }
}
