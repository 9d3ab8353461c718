//! One discipline organ: its name, place in the tree, and what it watches.

use super::{Kind, fits_under, store};
use crate::{
    accounts::unknown_unit,
    authz::{Action, Resource},
    revisions::personal,
    units,
    web::{App, Form, Id, NAME, PageError, Viewer, limit, redirect},
};
use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use daylight_ids::{Phone, PhoneError};
use daylight_ui::{
    Html as Markup,
    form::{self, Choice, Errors, Field},
};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "organs/templates/edit.html")]
struct Page {
    summary: Markup,
    heading: String,
    form: form::Form,
    watched: Option<Vec<Watched>>,
    add: Option<form::Form>,
}

struct Watched {
    unit_id: i64,
    unit: String,
    subtree: bool,
    end: form::Form,
}

/// What is asked about an organ.
#[derive(Clone, Deserialize, Default)]
pub struct Input {
    #[serde(default)]
    name: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    parent: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    sign: String,
}

/// What is asked about its jurisdiction.
#[derive(Clone, Deserialize, Default)]
pub struct Units {
    #[serde(default)]
    units: String,
    #[serde(default)]
    reach: String,
}

/// Characters of a telephone number, with its extension.
const PHONE: u32 = 40;
/// Characters of 机关代字.
const SIGN: u32 = 6;
/// Characters of the names that are taken in at once: some hundred units.
const UNITS: u32 = 5_000;

fn permit(viewer: &Viewer) -> Result<(), PageError> {
    viewer.permit(Action::ManageRegistry, &Resource::default()).map(drop)
}

/// GET /office/organs/new
pub async fn new(State(app): State<App>, viewer: Viewer) -> Result<Response, PageError> {
    permit(&viewer)?;
    show(&app, &viewer, None, &Input::default(), &Units::default(), &Errors::new()).await
}

/// GET /office/organs/{id}
pub async fn form(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    permit(&viewer)?;
    let organ = store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    let input = as_written(&organ);
    show(&app, &viewer, Some(&organ), &input, &Units::default(), &Errors::new()).await
}

fn as_written(organ: &store::Line) -> Input {
    Input {
        name: organ.name.clone(),
        kind: organ.kind.clone(),
        parent: organ.parent_id.map(|id| id.to_string()).unwrap_or_default(),
        unit: organ.unit.clone().unwrap_or_default(),
        phone: organ.phone.clone().unwrap_or_default(),
        sign: organ.sign.clone().unwrap_or_default(),
    }
}

async fn show(
    app: &App,
    viewer: &Viewer,
    organ: Option<&store::Line>,
    input: &Input,
    units: &Units,
    errors: &Errors,
) -> Result<Response, PageError> {
    let heading = organ.map_or("登记纪检组织".to_owned(), |organ| organ.name.clone());
    let action = organ.map_or("/office/organs".to_owned(), |organ| format!("/office/organs/{}", organ.id));
    let (mut watched, mut add) = (None, None);
    if let Some(organ) = organ {
        let lines = store::jurisdiction(app.db.read(), organ.id).await?;
        watched = Some(lines.into_iter().map(|line| self::watched(organ.id, line)).collect());
        add = Some(ask_units(organ.id, units, errors));
    }
    let body = Page {
        summary: if errors.is_empty() { Markup::default() } else { errors.summary().into() },
        form: ask(app, &action, organ, input, errors).await?,
        heading,
        watched,
        add,
    };
    let mut shell = viewer.office(app, &body.heading).await?;
    shell.breadcrumbs =
        vec![("纪检组织".into(), Some("/office/organs".into())), (body.heading.clone(), None)];
    Ok(Html(daylight_ui::page(&shell, &body.render()?)).into_response())
}

fn watched(organ_id: i64, line: store::Jurisdiction) -> Watched {
    let mut end = form::Form::post(format!("/office/organs/{organ_id}/units/end"), "移出");
    end.buttons.items[0].main = false;
    let end = end.hidden("unit", line.unit_id.to_string());
    Watched { unit_id: line.unit_id, unit: line.unit, subtree: line.subtree, end }
}

async fn ask(
    app: &App,
    action: &str,
    organ: Option<&store::Line>,
    input: &Input,
    errors: &Errors,
) -> Result<form::Form, PageError> {
    let organs = store::list(app.db.read()).await?;
    // What cannot be chosen is not offered: itself and what is below it.
    let above =
        organs.into_iter().filter(|above| organ.is_none_or(|organ| !above.path.starts_with(&organ.path)));
    let parents = above.map(|above| Choice::new(above.id.to_string(), above.name));
    let kinds = Kind::ALL.into_iter().map(|kind| Choice::new(kind.code(), kind.page()));
    Ok(form::Form::post(action, "保存")
        .field(
            Field::text("name", "名称")
                .hint("例如：安澜县青石镇纪律检查委员会")
                .value(&input.name)
                .maxlength(NAME)
                .check(errors),
        )
        .field(Field::radios("kind", "类别", kinds).value(&input.kind).check(errors))
        .field(
            Field::select("parent", "上级纪检组织", parents)
                .hint("县纪委不选，其他都要选。")
                .value(&input.parent)
                .optional()
                .check(errors),
        )
        .field(
            Field::text("unit", "所在单位")
                .hint("设在哪个单位，填写单位全称。")
                .value(&input.unit)
                .maxlength(NAME)
                .autocomplete("off")
                .optional()
                .check(errors),
        )
        .field(
            Field::text("phone", "办公电话")
                .hint("会公开，不能填手机号。没有的，公开页面只显示统一举报电话12388。")
                .value(&input.phone)
                .maxlength(PHONE)
                .numeric()
                .optional()
                .check(errors),
        )
        .field(
            Field::text("sign", "发文代字")
                .hint("函件编号的开头，例如“安纪”，编号就是“安纪交〔2026〕1号”。没有填写的不能制发函件。")
                .value(&input.sign)
                .maxlength(SIGN)
                .autocomplete("off")
                .optional()
                .check(errors),
        ))
}

fn ask_units(organ_id: i64, units: &Units, errors: &Errors) -> form::Form {
    let reach = [Choice::new("subtree", "连同它的所属单位"), Choice::new("alone", "只有这个单位")];
    let chosen = if units.reach.is_empty() { "subtree" } else { &units.reach };
    form::Form::post(format!("/office/organs/{organ_id}/units"), "加入监督范围")
        .field(
            Field::textarea("units", "单位", 4)
                .hint("每行一个单位全称。")
                .value(&units.units)
                .maxlength(UNITS)
                .check(errors),
        )
        .field(Field::radios("reach", "范围", reach).value(chosen).check(errors))
}

/// POST /office/organs
pub async fn create(
    State(app): State<App>,
    viewer: Viewer,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    permit(&viewer)?;
    save(&app, &viewer, None, &input).await
}

/// POST /office/organs/{id}
pub async fn submit(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    permit(&viewer)?;
    let organ = store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    save(&app, &viewer, Some(organ), &input).await
}

async fn save(
    app: &App,
    viewer: &Viewer,
    organ: Option<store::Line>,
    input: &Input,
) -> Result<Response, PageError> {
    let mut errors = Errors::new();
    let name = daylight_ids::text::squash(&input.name);
    if name.is_empty() {
        errors.add("name", "请填写名称");
    }
    // All of this is public at once: no reviewer stands between.
    if let Some(obstacle) = personal("名称", &name) {
        errors.add("name", obstacle);
    }
    let phone = office_phone(&input.phone, &mut errors);
    let sign = daylight_ids::text::squash(&input.sign);
    if !sign.chars().all(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c)) {
        errors.add("sign", "发文代字只用汉字，例如“安纪”");
    }
    let kind = Kind::from_code(&input.kind);
    if kind.is_none() {
        errors.add("kind", "请选择类别");
    }
    for (field, typed, most) in [
        ("name", &input.name, NAME),
        ("unit", &input.unit, NAME),
        ("phone", &input.phone, PHONE),
        ("sign", &input.sign, SIGN),
    ] {
        limit(&mut errors, field, typed, most);
    }
    let asked = if errors.get("unit").is_none() { input.unit.trim() } else { "" };
    let unit = named_unit(app, asked, &mut errors).await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    // Two moves at once could close a circle that neither sees.
    tx.lock("daylight organs").await?;
    let known = match &organ {
        Some(organ) => Some(store::get(&*tx, organ.id).await?.ok_or(PageError::NotFound)?),
        None => None,
    };
    let parent = match input.parent.parse() {
        Ok(id) => store::get(&*tx, id).await?,
        Err(_) => None,
    };
    if let Some(kind) = kind {
        let above = parent.as_ref().and_then(|parent| Some((parent.kind()?, parent.path.as_str())));
        let path = known.as_ref().map(|known| known.path.as_str());
        if let Err(misplaced) = fits_under(kind, path, above) {
            errors.add("parent", misplaced.to_string());
        }
        if let Some(known) = &known {
            let below =
                store::list(&*tx).await?.into_iter().filter(|below| below.parent_id == Some(known.id));
            let misfit = |below: &store::Line| {
                let here = Some((kind, known.path.as_str()));
                below
                    .kind()
                    .is_some_and(|below_kind| fits_under(below_kind, Some(&below.path), here).is_err())
            };
            if let Some(below) = below.into_iter().find(misfit) {
                errors.add("kind", format!("它下面有“{}”，不能改成{}", below.name, kind.page()));
            }
        }
    }
    let other = |line: &store::Line| {
        line.sign.as_ref() == Some(&sign) && known.as_ref().is_none_or(|known| known.id != line.id)
    };
    if let Some(other) = store::list(&*tx).await?.into_iter().find(other) {
        errors.add("sign", format!("“{}”已经用了这个代字，请换一个", other.name));
    }
    let content = kind.filter(|_| errors.is_empty()).map(|kind| store::Content {
        name: &name,
        kind,
        parent: parent.as_ref(),
        unit_id: unit,
        phone: phone.as_ref().map(Phone::canonical),
    });
    let written = match &content {
        Some(content) => Some(store::write(&tx, known.as_ref(), content, now).await),
        None => None,
    };
    match written {
        Some(Ok(id)) => {
            store::set_sign(&tx, id, Some(sign.as_str()).filter(|sign| !sign.is_empty())).await?;
            let (action, detail) = match &known {
                Some(known) => {
                    let new = store::get(&*tx, id).await?.ok_or(PageError::NotFound)?;
                    let above = match known.parent_id {
                        Some(id) => store::get(&*tx, id).await?,
                        None => None,
                    };
                    let changed = changes((known, above.as_ref()), (&new, parent.as_ref()));
                    if changed.is_empty() {
                        return Ok(redirect(&format!("/office/organs/{id}")));
                    }
                    ("organ.edit", format!("{}：{}", known.name, changed.join("；")))
                }
                None => ("organ.create", name),
            };
            viewer.note(&tx, action, &format!("organ {id}"), &detail, now).await?;
            tx.commit().await?;
            app.cache.purge();
            return Ok(redirect(&format!("/office/organs/{id}")));
        }
        Some(Err(error)) if daylight_db::is_unique_violation(&error) => {
            errors.add("name", "已经有同名的纪检组织");
        }
        Some(Err(error)) => return Err(error.into()),
        None => {}
    }
    drop(tx);
    show(app, viewer, organ.as_ref(), input, &Units::default(), &errors).await
}

/// The telephone that everybody will see: an office's, never a person's.
fn office_phone(typed: &str, errors: &mut Errors) -> Option<Phone> {
    match Phone::parse(typed) {
        Ok(phone) if !phone.is_mobile() => return Some(phone),
        Ok(_) => errors.add("phone", "办公电话会公开，不能填手机号，请填写固定电话"),
        Err(PhoneError::Empty) => {}
        Err(error) => errors.add("phone", error.to_string()),
    }
    None
}

/// What was changed, each with before and after. An organ comes with the one above it.
fn changes(
    old: (&store::Line, Option<&store::Line>),
    new: (&store::Line, Option<&store::Line>),
) -> Vec<String> {
    let fields = |(line, above): (&store::Line, Option<&store::Line>)| {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        [
            ("名称", line.name.clone()),
            ("类别", line.kind().map_or("", Kind::page).to_owned()),
            ("上级", above.map(|above| above.name.clone()).unwrap_or_default()),
            ("所在单位", text(&line.unit)),
            ("办公电话", text(&line.phone)),
            ("发文代字", text(&line.sign)),
        ]
    };
    let or_none = |value: String| if value.is_empty() { "无".to_owned() } else { value };
    let pairs = fields(old).into_iter().zip(fields(new)).filter(|(old, new)| old != new);
    pairs.map(|((label, old), (_, new))| format!("{label} {}→{}", or_none(old), or_none(new))).collect()
}

async fn named_unit(app: &App, name: &str, errors: &mut Errors) -> Result<Option<i64>, PageError> {
    if name.is_empty() {
        return Ok(None);
    }
    let found = units::store::by_name(app.db.read(), name).await?;
    if found.is_none() {
        let similar = units::store::names_like(app.db.read(), name, 5).await?;
        errors.add("unit", unknown_unit(name, &similar));
    }
    Ok(found.map(|unit| unit.id))
}

/// POST /office/organs/{id}/units
pub async fn add_units(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Units>,
) -> Result<Response, PageError> {
    permit(&viewer)?;
    let organ = store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
    let mut errors = Errors::new();
    limit(&mut errors, "units", &input.units, UNITS);
    let mut found = Vec::new();
    let names = if errors.is_empty() { input.units.as_str() } else { "" };
    for name in names.lines().map(str::trim).filter(|name| !name.is_empty()) {
        match units::store::by_name(app.db.read(), name).await? {
            Some(unit) => found.push(unit.id),
            None => {
                let similar = units::store::names_like(app.db.read(), name, 5).await?;
                errors.add("units", unknown_unit(name, &similar));
            }
        }
    }
    if found.is_empty() && errors.is_empty() {
        errors.add("units", "请填写单位全称，每行一个");
    }
    if !errors.is_empty() {
        return show(&app, &viewer, Some(&organ), &as_written(&organ), &input, &errors).await;
    }
    let subtree = input.reach != "alone";
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let mut changed = Vec::new();
    for unit in &found {
        if store::watch(&tx, id, *unit, subtree).await? {
            changed.push(unit.to_string());
        }
    }
    if changed.is_empty() {
        return Ok(redirect(&format!("/office/organs/{id}")));
    }
    // A word between them: ids side by side could be taken for one number.
    let units = changed.join("和");
    let detail = format!("units {units}{}", if subtree { " 含所属" } else { "" });
    viewer.note(&tx, "organ.watch", &format!("organ {id}"), &detail, now).await?;
    tx.commit().await?;
    app.cache.purge();
    Ok(redirect(&format!("/office/organs/{id}")))
}

/// Which unit leaves.
#[derive(Deserialize)]
pub struct End {
    #[serde(default)]
    unit: i64,
}

/// POST /office/organs/{id}/units/end
pub async fn end_unit(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<End>,
) -> Result<Response, PageError> {
    permit(&viewer)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    if store::unwatch(&tx, id, input.unit).await? {
        viewer
            .note(&tx, "organ.unwatch", &format!("organ {id}"), &format!("unit {}", input.unit), now)
            .await?;
        tx.commit().await?;
        app.cache.purge();
    }
    Ok(redirect(&format!("/office/organs/{id}")))
}
