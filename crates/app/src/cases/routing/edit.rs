//! 修改分派规则: rows in order; the effect before it is kept; what may not be, with the reason.

use super::{Choose, Rank, Rule, Table, explain::moved, store};
use crate::{
    authz::decide_rules,
    office::{Typed, summary},
    organs,
    reports::Kind,
    revisions::personal,
    units::Category,
    web::{App, Form, PageError, Viewer, redirect},
};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Diff, Heading, Html as Markup, Section, Table as Grid,
    form::{Choice, Errors, Field},
};

/// Characters of a rule's name.
const NAME: u32 = 60;
/// More rules than anybody can keep in mind.
const MOST: usize = 30;

#[derive(Template)]
#[template(path = "cases/routing/templates/edit.html")]
struct Page {
    summary: Markup,
    heading: Heading,
    preview: Markup,
    seen: String,
    rows: Vec<Row>,
    reason: Field,
}

struct Row {
    legend: String,
    name: Field,
    fields: Vec<Field>,
    bounds: Field,
    tools: Vec<(String, &'static str)>,
}

async fn permit(app: &App, viewer: &Viewer) -> Result<(), PageError> {
    let top = organs::store::top(app.db.read()).await?;
    Ok(decide_rules(viewer.actor()?, top).map(drop)?)
}

/// GET /office/routing/edit
pub async fn form(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    permit(&app, &viewer).await?;
    let newest = newest(&app).await?;
    let seen = newest.version.to_string();
    show(&app, &viewer, &newest.table, &seen, "", Markup::default(), &Errors::new()).await
}

async fn newest(app: &App) -> Result<store::Version, PageError> {
    Ok(store::versions(app.db.read()).await?.swap_remove(0))
}

async fn show(
    app: &App,
    viewer: &Viewer,
    table: &Table,
    seen: &str,
    reason: &str,
    preview: Markup,
    errors: &Errors,
) -> Result<Response, PageError> {
    let last = table.rules.len();
    let mut rows: Vec<_> = table.rules.iter().enumerate().map(|(at, rule)| row(at, last, rule)).collect();
    rows.push(otherwise(&table.otherwise));
    let lead = "从上往下，第一条符合的说了算。改了以后只影响新收到的反映。";
    let page = Page {
        summary: summary(errors),
        heading: Heading::new("修改分派规则").lead(lead),
        preview,
        seen: seen.to_owned(),
        rows,
        reason: Field::text("reason", "为什么修改")
            .hint("会记入审计日志。")
            .value(reason)
            .maxlength(200)
            .check(errors),
    };
    let mut shell = viewer.office(app, "修改分派规则").await?;
    shell.breadcrumbs = vec![("分派规则".into(), Some("/office/routing".into())), ("修改".into(), None)];
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(daylight_ui::page(&shell, &page.render()?))).into_response())
}

fn row(at: usize, last: usize, rule: &Rule) -> Row {
    let name = |part: &str| format!("row-{at}-{part}");
    let any = || [Choice::new("any", "不限")].into_iter();
    let kinds = any().chain(Kind::ALL.map(|kind| Choice::new(kind.code(), kind.page())));
    let whom = any().chain([Choice::new("plain", "没有点名，或只点名一般人员")]);
    let whom = whom.chain(Rank::ALL.map(|rank| Choice::new(rank.code(), rank.page())));
    let categories = Category::ALL.map(|category| Choice::new(category.code(), category.page()));
    let categories = any().chain(categories);
    let wanted = if rule.plain { "plain" } else { rule.rank.map_or("any", Rank::code) };
    let fields = vec![
        Field::select(name("kind"), "反映的类型", kinds)
            .value(rule.kind.map_or("any", Kind::code))
            .unmarked(),
        Field::select(name("whom"), "被反映人的级别", whom).value(wanted).unmarked(),
        Field::select(name("category"), "单位类别", categories)
            .value(rule.category.map_or("any", Category::code))
            .unmarked(),
        choose(&name("choose"), rule),
    ];
    let tools = [(at > 0, "up", "上移"), (at + 1 < last, "down", "下移"), (true, "remove", "删除")];
    let tools = tools.into_iter().filter(|(fits, ..)| *fits);
    Row {
        legend: format!("第{}条", at + 1),
        name: Field::text(name("name"), "说明").value(&rule.name).maxlength(NAME),
        fields,
        bounds: own(&name("own"), rule),
        tools: tools.map(|(_, verb, label)| (format!("{verb}-{at}"), label)).collect(),
    }
}

fn choose(name: &str, rule: &Rule) -> Field {
    let organs = Choose::ALL.map(|choose| Choice::new(choose.code(), choose.page()));
    Field::select(name, "由谁受理", organs).value(rule.choose.code())
}

fn own(name: &str, rule: &Rule) -> Field {
    let yes = Choice::new("yes", "本单位的纪检组织可以办理（只限对一般人员的作风投诉）");
    Field::checkboxes(name, "例外", [yes]).values(rule.own_unit.then_some("yes")).unmarked()
}

fn otherwise(rule: &Rule) -> Row {
    Row {
        legend: "其他情况".into(),
        name: Field::text("last-name", "说明").value(&rule.name).maxlength(NAME),
        fields: vec![choose("last-choose", rule)],
        bounds: own("last-own", rule),
        tools: Vec::new(),
    }
}

/// The table as typed.
fn read(typed: &Typed) -> Table {
    let rule = |prefix: &str| {
        let get = |part: &str| typed.get(&format!("{prefix}-{part}"));
        Rule {
            name: get("name").chars().take(NAME as usize).collect(),
            kind: Kind::from_code(get("kind")),
            rank: Rank::from_code(get("whom")),
            plain: get("whom") == "plain",
            category: Category::from_code(get("category")),
            choose: Choose::from_code(get("choose")).unwrap_or(Choose::Watching),
            own_unit: get("own") == "yes",
        }
    };
    let rows = typed.rows("row").min(MOST);
    Table { rules: (0..rows).map(|at| rule(&format!("row-{at}"))).collect(), otherwise: rule("last") }
}

/// Does what a button about rows says; whether it was one.
fn press(table: &mut Table, pressed: &str) -> bool {
    let rules = &mut table.rules;
    let (verb, at) = pressed.split_once('-').unwrap_or((pressed, ""));
    let at = at.parse::<usize>().ok().filter(|at| *at < rules.len());
    match (verb, at) {
        ("add", _) if rules.len() < MOST => rules.push(Rule {
            name: String::new(),
            kind: None,
            rank: None,
            plain: false,
            category: None,
            choose: Choose::Watching,
            own_unit: false,
        }),
        ("remove", Some(at)) => drop(rules.remove(at)),
        ("up", Some(at)) if at > 0 => rules.swap(at, at - 1),
        ("down", Some(at)) if at + 1 < rules.len() => rules.swap(at, at + 1),
        ("add" | "remove" | "up" | "down", _) => {}
        _ => return false,
    }
    true
}

fn preview(before: &Table, after: &Table) -> Markup {
    let lines = moved(before, after);
    let mut parts: Vec<Markup> = Vec::new();
    if lines.is_empty() {
        parts.push(Markup::paragraphs("没有哪类反映会改由别的组织受理。"));
    } else {
        let mut grid =
            Grid::new("会改由别的组织受理的反映", ["哪类反映", "现在", "改了以后"].map(Into::into));
        for line in lines {
            grid.push([line.what.into(), line.from.into(), line.to.into()], false);
        }
        parts.push(grid.dense().into());
    }
    let (old, new) = (before.sentences().join("\n"), after.sentences().join("\n"));
    parts.push(Diff::of("规则的说法", &old, &new).into());
    let note = "之后照样逐级回避：被反映的人、单位、下级和亲属所在的组织都收不到。";
    parts.push(Markup::paragraphs(note));
    Section::new("影响", parts.into_iter().collect::<Markup>()).into()
}

/// POST /office/routing/edit
pub async fn submit(
    State(app): State<App>,
    viewer: Viewer,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    permit(&app, &viewer).await?;
    let typed = Typed::new(sent);
    let mut table = read(&typed);
    let (seen, reason) = (typed.get("seen"), typed.get("reason"));
    let mut errors = Errors::new();
    if press(&mut table, typed.get("do")) {
        return show(&app, &viewer, &table, seen, reason, Markup::default(), &errors).await;
    }
    for problem in table.problems() {
        errors.add("", problem);
    }
    for rule in table.rules.iter().chain([&table.otherwise]) {
        if let Some(message) = personal("说明", &rule.name) {
            errors.add("", message);
        }
    }
    let before = newest(&app).await?;
    if errors.is_empty() && typed.get("do") != "save" {
        let shown = preview(&before.table, &table);
        return show(&app, &viewer, &table, seen, reason, shown, &errors).await;
    }
    if reason.is_empty() {
        errors.add("reason", "请写明为什么修改");
    }
    if errors.is_empty() && table == before.table {
        errors.add("", "没有改动，不用保存");
    }
    if !errors.is_empty() {
        return show(&app, &viewer, &table, seen, reason, Markup::default(), &errors).await;
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    store::hold_table(&tx).await?;
    let last = store::versions(&*tx).await?.swap_remove(0);
    if last.version.to_string() != seen {
        drop(tx);
        errors.add("", "刚刚有人改过，下面是最新的规则，请重新修改");
        let seen = last.version.to_string();
        return show(&app, &viewer, &last.table, &seen, reason, Markup::default(), &errors).await;
    }
    store::set_table(&tx, &table, Some(viewer.actor()?.account_id), now).await?;
    let detail = format!("第{}版：{reason}", last.version + 1);
    viewer.note(&tx, "rules.routing", "routing", &detail, now).await?;
    tx.commit().await?;
    Ok(redirect("/office/routing"))
}
