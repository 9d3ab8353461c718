//! 修改单位: every field of a unit, kept as a draft.

use super::{Category, Unit, store};
use crate::{
    authz::{Action, Scope},
    divisions,
    office::{
        Typed,
        editor::{self, Opening, Press},
    },
    revisions::{Content, Desk, SubjectKind, store as revisions},
    web::{App, PageError, Viewer},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    response::Response,
};
use daylight_ids::{CreditCode, DivisionCode, Phone, text::squash};
use daylight_ui::{
    Html as Markup, Notice,
    form::{Choice, Errors, Field},
};

/// A unit's telephone is public by its purpose.
const EXEMPT: [&str; 4] = ["phone", "seen", "credit_code", "division_code"];

#[derive(Template)]
#[template(path = "units/templates/edit.html")]
struct Page {
    action: String,
    seen: String,
    redact: bool,
    fields: Vec<Field>,
}

/// GET /office/units/new
pub async fn begin(
    State(app): State<App>,
    viewer: Viewer,
    Query(opening): Query<Opening>,
) -> Result<Response, PageError> {
    let desk = new_desk(&app, &viewer, &opening).await?;
    open(&app, &viewer, &desk, &opening).await
}

/// GET /office/units/{id}/edit
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(opening): Query<Opening>,
) -> Result<Response, PageError> {
    let desk = Desk::of(&app, &viewer, SubjectKind::Unit, id).await?;
    open(&app, &viewer, &desk, &opening).await
}

/// POST /office/units/new
pub async fn keep_new(
    State(app): State<App>,
    viewer: Viewer,
    Query(opening): Query<Opening>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let desk = new_desk(&app, &viewer, &opening).await?;
    receive(&app, &viewer, &desk, Typed::new(sent)).await
}

/// POST /office/units/{id}/edit
pub async fn keep(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let desk = Desk::of(&app, &viewer, SubjectKind::Unit, id).await?;
    receive(&app, &viewer, &desk, Typed::new(sent)).await
}

async fn new_desk(app: &App, viewer: &Viewer, opening: &Opening) -> Result<Desk, PageError> {
    match opening.draft {
        Some(draft) => Desk::resume(app, viewer, SubjectKind::Unit, draft).await,
        None => Desk::begin(app, viewer, SubjectKind::Unit, None).await,
    }
}

async fn open(app: &App, viewer: &Viewer, desk: &Desk, opening: &Opening) -> Result<Response, PageError> {
    if let Some(response) = editor::locked(desk) {
        return Ok(response);
    }
    let unit = match desk.content() {
        Some(Content::Unit(unit)) => unit.clone(),
        _ => Unit::default(),
    };
    let mut typed = typed(&unit);
    if let Some(parent) = &unit.parent {
        // The unit above may have been renamed since.
        let current = revisions::unit_named(app.db.read(), parent).await?;
        typed.set("parent", current.map_or(parent.clone(), |unit| unit.name));
    }
    show(app, viewer, desk, &typed, &desk.seen(), editor::opening_notice(opening), &Errors::new()).await
}

async fn receive(app: &App, viewer: &Viewer, desk: &Desk, typed: Typed) -> Result<Response, PageError> {
    let (press, seen) = (Press::of(&typed), typed.get("seen").to_owned());
    if press == Press::Redact {
        let typed = typed.redacted(&EXEMPT);
        return show(app, viewer, desk, &typed, &seen, Some(editor::masked()), &Errors::new()).await;
    }
    let mut errors = Errors::new();
    let unit = read(&typed, &mut errors);
    check_links(app, viewer, desk, &unit, &mut errors).await?;
    typed.gate(&EXEMPT, label, &mut errors);
    if !errors.is_empty() {
        return show(app, viewer, desk, &typed, &seen, None, &errors).await;
    }
    let unit_id = desk.place.as_ref().map(|place| place.unit_id);
    let content = Content::Unit(unit);
    match editor::keep(app, viewer, desk, press, &content, unit_id, &seen).await? {
        Ok(response) => Ok(response),
        Err(notice) => {
            // What is there now has been said; the next save is a decision.
            let newest = editor::newest(app, viewer, desk).await?;
            show(app, viewer, &newest, &typed, &newest.seen(), Some(notice), &Errors::new()).await
        }
    }
}

async fn show(
    app: &App,
    viewer: &Viewer,
    desk: &Desk,
    typed: &Typed,
    seen: &str,
    notice: Option<Notice>,
    errors: &Errors,
) -> Result<Response, PageError> {
    let page = Page {
        action: desk.href(),
        seen: seen.to_owned(),
        redact: !errors.is_empty() && typed.holds_personal_data(&EXEMPT),
        fields: fields(typed, errors),
    };
    let shown = Content::Unit(read(typed, &mut Errors::new()));
    let form = Markup::render(&page)?;
    editor::page(app, viewer, desk, &shown, &form, notice, errors).await
}

fn label(field: &str) -> String {
    let labels = [
        ("name", "单位名称"),
        ("parent", "上级主管单位"),
        ("duties", "主要职责"),
        ("address", "办公地址"),
        ("office_hours", "办公时间"),
    ];
    labels.iter().find(|(name, _)| *name == field).map_or(field, |(_, label)| label).to_owned()
}

fn fields(typed: &Typed, errors: &Errors) -> Vec<Field> {
    let categories = Category::ALL.map(|category| Choice::new(category.code(), category.page()));
    let fields = [
        Field::text("name", "单位名称").hint("公章上的全称。"),
        Field::select("category", "单位类别", categories),
        Field::text("credit_code", "统一社会信用代码").hint("18位，在登记证书上。").optional(),
        Field::text("parent", "上级主管单位").hint("填写上级单位的全称；没有就留空。").optional(),
        Field::text("division_code", "行政区划代码").hint("12位，例如 999901102000。").numeric().optional(),
        Field::textarea("duties", "主要职责", 6).hint("一行写一条，用群众看得懂的话。"),
        Field::text("phone", "联系电话")
            .hint("公众能打的办公电话，带区号。请不要填个人手机。")
            .numeric()
            .optional(),
        Field::text("address", "办公地址").optional(),
        Field::text("office_hours", "办公时间").hint("例如：工作日 8:30—12:00，14:30—17:30").optional(),
    ];
    let fill = |field: Field| {
        let value = typed.get(&field.name).to_owned();
        field.value(value).check(errors)
    };
    fields.into_iter().map(fill).collect()
}

/// What the form shows of a unit.
fn typed(unit: &Unit) -> Typed {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    Typed::of([
        ("name", unit.name.clone()),
        ("category", unit.category.map(Category::code).unwrap_or_default().to_owned()),
        ("credit_code", text(&unit.credit_code)),
        ("parent", text(&unit.parent)),
        ("division_code", text(&unit.division_code)),
        ("duties", text(&unit.duties)),
        ("phone", text(&unit.phone)),
        ("address", text(&unit.address)),
        ("office_hours", text(&unit.office_hours)),
    ])
}

/// Reads the form with the parsers that imports use.
fn read(typed: &Typed, errors: &mut Errors) -> Unit {
    let mut parsed = |field: &str, read: &dyn Fn(&str) -> Result<String, String>| {
        let text = typed.optional(field)?;
        read(&text).map_err(|message| errors.add(field, message)).ok()
    };
    Unit {
        name: unit_name(typed.get("name")),
        category: Category::from_code(typed.get("category")),
        credit_code: parsed("credit_code", &|text| {
            CreditCode::parse(text).map(|code| code.as_str().to_owned()).map_err(|error| error.to_string())
        }),
        parent: typed.optional("parent").map(|name| unit_name(&name)),
        division_code: parsed("division_code", &|text| {
            DivisionCode::parse(text).map(|code| code.as_str().to_owned()).map_err(|error| error.to_string())
        }),
        duties: typed.optional("duties"),
        phone: parsed("phone", &|text| {
            Phone::parse(text).map(|phone| phone.canonical().to_owned()).map_err(|error| error.to_string())
        }),
        address: typed.optional("address"),
        office_hours: typed.optional("office_hours"),
    }
}

/// A unit's name as imports write it.
pub(crate) fn unit_name(text: &str) -> String {
    squash(text).replace('(', "（").replace(')', "）")
}

/// Whether the unit above and the division exist, and whether the name is free.
async fn check_links(
    app: &App,
    viewer: &Viewer,
    desk: &Desk,
    unit: &Unit,
    errors: &mut Errors,
) -> Result<(), PageError> {
    let c = app.db.read();
    let own = desk.subject_id;
    if !unit.name.is_empty() && revisions::name_taken(c, SubjectKind::Unit, None, &unit.name, own).await? {
        errors.add("name", "已经有同名的单位，请核对，或直接修改原有的那个单位");
    }
    if let Some(code) = &unit.division_code
        && divisions::store::by_code(c, code).await?.is_none()
    {
        errors.add("division_code", "区划名册里没有这个代码，请核对；新设的区划要先导入区划名册");
    }
    let Some(parent) = &unit.parent else {
        // Leaving the unit above is a move too: out of its charge, and out of its organ's sight.
        let leaves =
            desk.place.as_ref().is_some_and(|place| place.unit_path != format!("/{}/", place.unit_id));
        if leaves && !Scope::of(viewer.actor()?, Action::Edit).is_whole() {
            errors.add("parent", "不能自己取消上级单位，请联系县里的填报员调整隶属关系");
        }
        return Ok(());
    };
    let Some(above) = store::by_name(c, parent).await? else {
        errors.add("parent", format!("没有叫“{parent}”的单位，请填写它的全称"));
        return Ok(());
    };
    let place = desk.place.as_ref();
    if place.is_some_and(|place| above.path.starts_with(&place.unit_path)) {
        errors.add("parent", "上级单位不能是本单位或它的下级");
    }
    // Moving a unit moves it into somebody's charge: only who has charge there may do so.
    let unchanged = place.is_some_and(|place| place.unit_path == format!("{}{}/", above.path, place.unit_id));
    if !unchanged && !Scope::of(viewer.actor()?, Action::Edit).covers(&above.path) {
        errors.add("parent", format!("“{parent}”不在您负责的范围内，请联系县里的填报员调整隶属关系"));
    }
    Ok(())
}
