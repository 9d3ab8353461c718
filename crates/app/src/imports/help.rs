//! 各列怎么识别: the layouts and their synonyms, which are data; and the templates.

use super::{Kind, layouts, permit, problems::download_workbook, store};
use crate::web::{App, PageError, Viewer};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{Html, Response},
};
use daylight_ui::{Html as Markup, Link, Section, Table, Tag};

#[derive(Template)]
#[template(path = "imports/templates/help.html")]
struct Page {
    sections: Vec<Section>,
}

/// GET /office/imports/help
pub async fn page(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, PageError> {
    permit(&viewer)?;
    let layouts = layouts(&store::learned(app.db.read()).await?);
    let mut sections = Vec::new();
    for (kind, layout) in Kind::ALL.into_iter().zip(&layouts) {
        let columns = ["栏目", "是否必须有", "也认得这些写法"];
        let mut table = Table::new(layout.title, columns.map(Into::into)).caption_hidden().dense();
        for column in &layout.columns {
            let need: Markup =
                if column.required { Tag::neutral("必须有").into() } else { "可以没有".into() };
            table.push([column.title.into(), need, column.synonyms.join("、").into()], false);
        }
        let template = format!("/office/imports/templates/{}.xlsx", kind.code());
        let body =
            Markup::from_iter([table.into(), Link::new(format!("下载{}模板", kind.page()), template).into()]);
        sections.push(Section::new(layout.title, body));
    }
    let mut shell = viewer.office(&app, "各列怎么识别").await?;
    shell.breadcrumbs =
        vec![("批量导入".into(), Some("/office/imports".into())), ("各列怎么识别".into(), None)];
    Ok(Html(daylight_ui::page(&shell, &Page { sections }.render()?)))
}

/// GET /office/imports/templates/{file}
pub async fn template(
    State(app): State<App>,
    viewer: Viewer,
    Path(file): Path<String>,
) -> Result<Response, PageError> {
    permit(&viewer)?;
    let kind = file.strip_suffix(".xlsx").and_then(Kind::from_code).ok_or(PageError::NotFound)?;
    let layouts = layouts(&store::learned(app.db.read()).await?);
    let at = Kind::ALL.iter().position(|known| *known == kind).ok_or(PageError::NotFound)?;
    let bytes = daylight_tables::template(&layouts[at], &examples(kind)).map_err(PageError::internal)?;
    Ok(download_workbook(&file, bytes))
}

/// Example rows in the order of the layout's columns. Fictional: place and people in area 999901,
/// which does not exist.
fn examples(kind: Kind) -> Vec<Vec<String>> {
    let rows: &[&[&str]] = match kind {
        Kind::Divisions => &[
            &["999901000000", "安澜县", "县", "", "2020-01-01", "", ""],
            &["999901100000", "青石镇", "乡镇", "999901000000", "2020-01-01", "", ""],
            &["999901100201", "柳湾村", "村", "999901100000", "2020-01-01", "", ""],
        ],
        Kind::Units => &[
            &[
                "四大机构",
                "安澜县人民政府",
                "11999901MB0000019U",
                "",
                "999901000000",
                "领导全县行政工作",
                "0999-5550100",
                "安澜大道1号",
                "工作日8:30—17:30",
                "",
            ],
            &[
                "乡镇",
                "安澜县青石镇人民政府",
                "11999901MB0000027N",
                "安澜县人民政府",
                "999901100000",
                "本镇行政管理和公共服务",
                "0999-5550101",
                "青石镇政府路1号",
                "工作日8:30—17:30",
                "",
            ],
            &[
                "村",
                "青石镇柳湾村村民委员会",
                "54999901MF000003XN",
                "安澜县青石镇人民政府",
                "999901100201",
                "村务管理和便民服务",
                "0999-5550102",
                "柳湾村便民服务点",
                "工作日8:30—17:30",
                "",
            ],
        ],
        Kind::Cadres => &[
            &[
                "林知远",
                "男",
                "999901198503070035",
                "中共党员",
                "安澜县青石镇人民政府",
                "镇长",
                "2024年3月",
                "单位主要负责人",
                "主持镇政府全面工作",
                "0999-5550103",
            ],
            &[
                "苏禾",
                "女",
                "999901199005120022",
                "群众",
                "青石镇柳湾村村民委员会",
                "村委会主任",
                "2023.11",
                "村（社区）干部",
                "主持村委会工作",
                "",
            ],
        ],
        Kind::Powers => &[&[
            "安澜县青石镇人民政府",
            "临时救助审核",
            "外部职责",
            "初审",
            "行政给付",
            "《社会救助暂行办法》第四十七条",
            "镇社会事务办",
            "镇纪委",
            "镇社会事务办主任",
            "优亲厚友、拖延不办",
            "中",
            "集体研究、结果公示7日",
            "公开",
        ]],
        Kind::Procedures => &[
            &[
                "安澜县青石镇人民政府",
                "临时救助审核",
                "1",
                "受理申请",
                "窗口工作人员",
                "1个工作日",
                "一次告知所需材料",
                "窗口登记，申请人签字",
                "2",
                "12388",
            ],
            &[
                "安澜县青石镇人民政府",
                "临时救助审核",
                "2",
                "入户核查",
                "驻村干部",
                "3个工作日",
                "两人以上入户",
                "核查表由村民代表签字",
                "3",
                "12388",
            ],
            &[
                "安澜县青石镇人民政府",
                "临时救助审核",
                "3",
                "集体研究并公示",
                "镇社会事务办",
                "7日",
                "公示申请人和金额",
                "镇纪委列席",
                "",
                "12388",
            ],
        ],
    };
    rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::{Learned, Planner, Register, Severity, read::Input, read_into};

    /// What we hand out must itself go through without an error or a warning.
    #[test]
    fn the_templates_own_examples_are_taken_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut inputs = Vec::new();
        for (kind, layout) in Kind::ALL.into_iter().zip(layouts(&Learned::new())) {
            for row in examples(kind) {
                assert_eq!(row.len(), layout.columns.len(), "{kind:?}");
            }
            let path = folder.path().join(format!("{}.xlsx", kind.code()));
            std::fs::write(&path, daylight_tables::template(&layout, &examples(kind)).unwrap()).unwrap();
            inputs.push(Input { path, name: format!("{}.xlsx", kind.code()) });
        }
        let blind = |_, value: &str| {
            let mut index = [0; 32];
            index[..value.len()].copy_from_slice(value.as_bytes());
            index
        };
        let mut planner = Planner::new(Register::default(), &blind);
        read_into(&mut planner, &inputs, &Learned::new(), &mut |_| {}).unwrap();
        let report = planner.finish().report;
        let (_, taken, refused, _, flagged) = report.totals();
        let problems: Vec<_> = report.problems().filter(|p| p.severity != Severity::Note).collect();
        assert_eq!((taken, refused, flagged), (12, 0, 0), "{problems:#?}");
        assert!(problems.is_empty(), "{problems:#?}");
    }
}
