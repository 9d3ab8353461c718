//! 评价题目: the library in force, and the edition on its way: edited question by question, reviewed by another person.

use super::store::editions;
use crate::{
    authz::{Action, Resource},
    office::summary,
    web::{App, Form, PageError, Viewer, Word, limit, redirect},
};
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ratings::indicators::{Edition, EditionError, Library, Standing};
use daylight_ui::{
    Heading, Html as Markup, Link, Notice, NoticeKind, Section, Table,
    form::{self, Choice, Errors, Field},
};

/// Characters of a question.
const TEXT: u32 = 40;

fn permit(viewer: &Viewer, action: Action) -> Result<i64, PageError> {
    Ok(viewer.permit(action, &Resource::default())?.account_id())
}

/// GET /office/indicators
pub async fn page(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    permit(&viewer, Action::SeeRatings)?;
    show(&app, &viewer, None).await
}

async fn show(app: &App, viewer: &Viewer, refused: Option<EditionError>) -> Result<Response, PageError> {
    let c = app.db.read();
    let in_force = editions::in_force(c).await?;
    let open = editions::open(c).await?;
    let may = |action| viewer.permit(action, &Resource::default()).is_ok();
    let lead = "只问群众看得到的事，不问对人的看法。改了问法要换新版本：已经开始的轮次仍用开始时的题目。";
    let mut parts: Vec<Markup> = vec![Heading::new("评价题目").lead(lead).into()];
    if let Some(error) = refused {
        let mut lines = vec![error.to_string()];
        if let EditionError::Faults(faults) = &error {
            lines.extend(faults.iter().map(ToString::to_string));
        }
        parts.push(Notice::new(NoticeKind::Warning, lines.join("；")).into());
    }
    if let Some(edition) = &open {
        parts.push(on_its_way(viewer, edition, &in_force, may)?);
    }
    let edits = may(Action::EditRatings) && open.as_ref().is_none_or(|open| open.standing == Standing::Draft);
    let shown = open.as_ref().filter(|open| open.standing == Standing::Draft).map(|open| &open.library);
    let title = format!("现行第{}版", in_force.edition);
    parts.push(Section::new(title, table(&in_force, shown.unwrap_or(&in_force), edits)).into());
    let shell = viewer.office(app, "评价题目").await?;
    let body: Markup = parts.into_iter().collect();
    Ok(Html(daylight_ui::page(&shell, body.as_str())).into_response())
}

fn on_its_way(
    viewer: &Viewer,
    edition: &Edition,
    in_force: &Library,
    may: impl Fn(Action) -> bool,
) -> Result<Markup, PageError> {
    let mut table = Table::new("改了什么", ["原来", "改为"].map(Into::into)).caption_hidden().dense();
    for (code, text, answers) in questions(&edition.library) {
        let before = questions(in_force).into_iter().find(|(known, ..)| *known == code);
        let said = |text: &str, answers: &str| format!("{text}（{answers}）");
        match before {
            Some((_, was, choices)) if was != text || choices != answers => {
                table.push([said(was, &choices).into(), said(text, &answers).into()], false);
            }
            _ => {}
        }
    }
    let step = |to: &str, verb: &str, main: bool| -> Markup {
        let mut form = form::Form::post(format!("/office/indicators/{to}"), verb);
        form.buttons.items[0].main = main;
        form.into()
    };
    let mut parts: Vec<Markup> = vec![table.into()];
    let own = viewer.actor()?.account_id == edition.author;
    match edition.standing {
        Standing::Draft if may(Action::EditRatings) => parts.push(step("submit", "提交审核", true)),
        Standing::Submitted if may(Action::ReviewRatings) && !own => {
            parts.push(step("approve", "审核通过，今后的轮次用这一版", true));
            parts.push(step("return", "退回修改", false));
        }
        Standing::Submitted if may(Action::ReviewRatings) => {
            parts.push(Markup::paragraphs(&EditionError::OwnWork.to_string()));
        }
        _ => {}
    }
    let word = if edition.standing == Standing::Draft { "正在修改" } else { "等待审核" };
    let title = format!("第{}版（{word}）", edition.library.edition);
    Ok(Section::new(title, parts.into_iter().collect::<Markup>()).into())
}

/// Code, words and answers of every question.
fn questions(library: &Library) -> Vec<(&str, &str, String)> {
    let answers = |scale: &str| library.scale(scale).map_or(String::new(), |scale| scale.steps.join("／"));
    let cadres =
        library.indicators.iter().map(|one| (one.code.as_str(), one.text.as_str(), answers(&one.scale)));
    let powers = library.powers.iter().map(|one| (one.code.as_str(), one.text.as_str(), answers(&one.scale)));
    cadres.chain(powers).collect()
}

fn table(in_force: &Library, current: &Library, edits: bool) -> Table {
    let columns = ["题目", "方面", "问谁", "答案"];
    let mut table = Table::new("现行题目", columns.map(Into::into)).caption_hidden().dense();
    let name = |code: &str, text: &str| -> Markup {
        let known = current.indicators.iter().any(|one| one.code == code)
            || current.powers.iter().any(|one| one.code == code);
        if edits && known {
            Link::new(text, format!("/office/indicators/{code}")).into()
        } else {
            text.into()
        }
    };
    let answers = |scale: &str| in_force.scale(scale).map_or(String::new(), |scale| scale.steps.join("／"));
    for one in &in_force.indicators {
        let about = format!("{}，{}", one.virtue.page(), one.ground.page());
        let mut who: Vec<_> = one.ranks.iter().map(|rank| rank.page()).collect();
        who.extend(one.sectors.iter().map(|sector| sector.page()));
        let who = if who.is_empty() { "全部干部".to_owned() } else { who.join("、") };
        let who = format!("{who}（{}）", one.party.page());
        table.push([name(&one.code, &one.text), about.into(), who.into(), answers(&one.scale).into()], false);
    }
    for one in &in_force.powers {
        let cells: [Markup; 4] = [
            name(&one.code, &one.text),
            one.name.as_str().into(),
            "权力事项".into(),
            answers(&one.scale).into(),
        ];
        table.push(cells, false);
    }
    table
}

/// What may be changed of a question.
#[derive(Clone, Default)]
struct Typed {
    text: String,
    scale: String,
    report: bool,
}

/// The edition one edits: the open draft, else a new one.
async fn drafted(app: &App, me: i64) -> Result<(Edition, Library), PageError> {
    let c = app.db.read();
    let in_force = editions::in_force(c).await?;
    let edition = match editions::open(c).await? {
        Some(open) if open.standing == Standing::Draft => open,
        Some(_) => return Err(PageError::invalid(EditionError::NotNow.to_string())),
        None => Edition::draft(&in_force, me),
    };
    Ok((edition, in_force))
}

fn typed(library: &Library, code: &str) -> Option<Typed> {
    let cadre = library.indicators.iter().find(|one| one.code == code);
    let power = || library.powers.iter().find(|one| one.code == code);
    cadre.map(|one| Typed { text: one.text.clone(), scale: one.scale.clone(), report: one.report }).or_else(
        || power().map(|one| Typed { text: one.text.clone(), scale: one.scale.clone(), report: one.report }),
    )
}

/// GET /office/indicators/{code}
pub async fn form(State(app): State<App>, viewer: Viewer, Word(code): Word) -> Result<Response, PageError> {
    let me = permit(&viewer, Action::EditRatings)?;
    let (edition, _) = drafted(&app, me).await?;
    let known = typed(&edition.library, &code).ok_or(PageError::NotFound)?;
    ask(&app, &viewer, &edition.library, &code, &known, &Errors::new()).await
}

async fn ask(
    app: &App,
    viewer: &Viewer,
    library: &Library,
    code: &str,
    typed: &Typed,
    errors: &Errors,
) -> Result<Response, PageError> {
    let scales = library.scales.iter().map(|scale| Choice::new(&scale.code, scale.steps.join("／")));
    let report = Choice::new("yes", "选最差一档的人，提示可以另外反映");
    let form = form::Form::post(format!("/office/indicators/{code}"), "保存")
        .field(
            Field::textarea("text", "问法", 2)
                .hint("一句以问号结尾、不超过40个字的问话。")
                .value(&typed.text)
                .maxlength(TEXT)
                .check(errors),
        )
        .field(
            Field::radios("scale", "答案", scales.collect::<Vec<_>>())
                .hint("从最好到最差；“不了解”每题都有。")
                .value(&typed.scale)
                .check(errors),
        )
        .field(
            Field::checkboxes("report", "反映", [report]).values(typed.report.then_some("yes")).optional(),
        );
    let parts: [Markup; 3] = [summary(errors), Heading::new("修改题目").into(), form.into()];
    let mut shell = viewer.office(app, "修改题目").await?;
    shell.breadcrumbs =
        vec![("评价题目".into(), Some("/office/indicators".into())), ("修改题目".into(), None)];
    let body: Markup = parts.into_iter().collect();
    Ok(Html(daylight_ui::page(&shell, body.as_str())).into_response())
}

/// POST /office/indicators/{code}
pub async fn edit(
    State(app): State<App>,
    viewer: Viewer,
    Word(code): Word,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let me = permit(&viewer, Action::EditRatings)?;
    let (mut edition, in_force) = drafted(&app, me).await?;
    typed(&edition.library, &code).ok_or(PageError::NotFound)?;
    let text = |name: &str| {
        sent.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim()).to_owned()
    };
    let typed = Typed { text: text("text"), scale: text("scale"), report: text("report") == "yes" };
    let mut errors = Errors::new();
    limit(&mut errors, "text", &typed.text, TEXT);
    if !typed.text.ends_with('？') {
        errors.add("text", "问法应当以问号（？）结尾");
    }
    if let Some(word) = edition.library.opinions.iter().find(|word| typed.text.contains(word.as_str())) {
        errors.add("text", format!("里面有“{word}”：只问群众看得到的事，不问对人的看法"));
    }
    if edition.library.scale(&typed.scale).is_none() {
        errors.add("scale", "请选择一组答案");
    }
    if !errors.is_empty() {
        return ask(&app, &viewer, &edition.library, &code, &typed, &errors).await;
    }
    change(&mut edition, &in_force, &code, &typed);
    edition.author = me;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    tx.lock(LOCK).await?;
    editions::save(&tx, &edition, now).await?;
    let subject = format!("indicators {}", edition.library.edition);
    viewer.note(&tx, "indicators.edit", &subject, &code, now).await?;
    tx.commit().await?;
    Ok(redirect("/office/indicators"))
}

/// Editions change one after the other.
const LOCK: &str = "daylight rating indicators";

/// Other words or answers are another version of the question; the old words again are the old version.
fn change(edition: &mut Edition, in_force: &Library, code: &str, typed: &Typed) {
    let version = |was: Option<(&str, &str, u32)>| match was {
        Some((text, scale, version)) if text == typed.text && scale == typed.scale => version,
        Some((_, _, version)) => version + 1,
        None => 1,
    };
    if let Some(one) = edition.library.indicators.iter_mut().find(|one| one.code == code) {
        let was = in_force.indicators.iter().find(|one| one.code == code);
        one.version = version(was.map(|was| (was.text.as_str(), was.scale.as_str(), was.version)));
        (one.text, one.scale, one.report) = (typed.text.clone(), typed.scale.clone(), typed.report);
    } else if let Some(one) = edition.library.powers.iter_mut().find(|one| one.code == code) {
        let was = in_force.powers.iter().find(|one| one.code == code);
        one.version = version(was.map(|was| (was.text.as_str(), was.scale.as_str(), was.version)));
        (one.text, one.scale, one.report) = (typed.text.clone(), typed.scale.clone(), typed.report);
    }
}

/// POST /office/indicators/submit
pub async fn submit(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    permit(&viewer, Action::EditRatings)?;
    step(&app, &viewer, "indicators.submit", |edition, in_force| edition.submit(in_force)).await
}

/// POST /office/indicators/approve
pub async fn approve(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    let me = permit(&viewer, Action::ReviewRatings)?;
    step(&app, &viewer, "indicators.approve", |edition, in_force| edition.approve(me, in_force)).await
}

/// POST /office/indicators/return
pub async fn give_back(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    permit(&viewer, Action::ReviewRatings)?;
    step(&app, &viewer, "indicators.return", |edition, _| edition.give_back()).await
}

async fn step(
    app: &App,
    viewer: &Viewer,
    noted: &str,
    deed: impl FnOnce(Edition, &Library) -> Result<Edition, EditionError>,
) -> Result<Response, PageError> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    tx.lock(LOCK).await?;
    let in_force = editions::in_force(&*tx).await?;
    let Some(edition) = editions::open(&*tx).await? else {
        return Err(PageError::invalid(EditionError::NotNow.to_string()));
    };
    let edition = match deed(edition, &in_force) {
        Ok(edition) => edition,
        Err(error @ EditionError::Faults(_)) => {
            drop(tx);
            return show(app, viewer, Some(error)).await;
        }
        Err(error) => return Err(PageError::invalid(error.to_string())),
    };
    if matches!(edition.standing, Standing::InForce { .. }) {
        editions::put_in_force(&tx, &edition, &in_force, now).await?;
    } else {
        editions::save(&tx, &edition, now).await?;
    }
    let subject = format!("indicators {}", edition.library.edition);
    viewer.note(&tx, noted, &subject, &format!("第{}版", edition.library.edition), now).await?;
    tx.commit().await?;
    Ok(redirect("/office/indicators"))
}
