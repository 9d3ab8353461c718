//! 修改单位: every field of a unit, kept as a draft.

use super::{Category, Unit, store};
use crate::{
    authz::{Action, Scope},
    divisions,
    office::{Typed, editor::Sheet},
    revisions::{Content, Desk, SubjectKind, store as revisions},
    web::{App, PageError, Viewer},
};
use askama::Template;
use daylight_db::{ConnectionTrait, DbErr};
use daylight_ids::{CreditCode, DivisionCode, Phone, text::squash};
use daylight_tables::value::parse_month;
use daylight_ui::{
    Html as Markup,
    form::{Choice, Errors, Field, Width},
};

/// A unit's form as typed.
pub(crate) struct UnitSheet(Typed);

#[derive(Template)]
#[template(path = "units/templates/edit.html")]
struct Page {
    fields: Vec<Field>,
    end: Vec<Field>,
}

impl Sheet for UnitSheet {
    const KIND: SubjectKind = SubjectKind::Unit;
    /// A unit's telephone is public by its purpose.
    const EXEMPT: &'static [&'static str] = &["phone", "credit_code", "division_code"];

    fn of(content: Option<&Content>, _: &Desk) -> UnitSheet {
        let unit = match content {
            Some(Content::Unit(unit)) => unit.clone(),
            _ => Unit::default(),
        };
        let text = |value: Option<String>| value.unwrap_or_default();
        UnitSheet(Typed::of([
            ("name", unit.name),
            ("category", unit.category.map(Category::code).unwrap_or_default().to_owned()),
            ("credit_code", text(unit.credit_code)),
            ("parent", text(unit.parent)),
            ("division_code", text(unit.division_code)),
            ("duties", text(unit.duties)),
            ("phone", text(unit.phone)),
            ("address", text(unit.address)),
            ("office_hours", text(unit.office_hours)),
            ("ended_on", text(unit.ended_on)),
            ("successor", text(unit.successor)),
        ]))
    }

    fn sent(typed: Typed) -> UnitSheet {
        UnitSheet(typed)
    }

    fn read(&self, _: &Desk, errors: &mut Errors) -> Content {
        let typed = &self.0;
        let mut parsed = |field: &str, read: &dyn Fn(&str) -> Result<String, String>| {
            let text = typed.optional(field)?;
            read(&text).map_err(|message| errors.add(field, message)).ok()
        };
        Content::Unit(Unit {
            name: unit_name(typed.get("name")),
            category: Category::from_code(typed.get("category")),
            credit_code: parsed("credit_code", &|text| {
                CreditCode::parse(text)
                    .map(|code| code.as_str().to_owned())
                    .map_err(|error| error.to_string())
            }),
            parent: typed.optional("parent").map(|name| unit_name(&name)),
            division_code: parsed("division_code", &|text| {
                DivisionCode::parse(text)
                    .map(|code| code.as_str().to_owned())
                    .map_err(|error| error.to_string())
            }),
            duties: typed.optional("duties"),
            phone: parsed("phone", &|text| {
                Phone::parse(text)
                    .map(|phone| phone.canonical().to_owned())
                    .map_err(|error| error.to_string())
            }),
            address: typed.optional("address"),
            office_hours: typed.optional("office_hours"),
            ended_on: parsed("ended_on", &|text| match parse_month(text) {
                Ok(date) if date.day.is_some() => Ok(date.to_string()),
                _ => Err("请写成 2026年6月30日 或 2026-06-30 这样的日期".to_owned()),
            }),
            successor: typed.optional("successor").map(|name| unit_name(&name)),
        })
    }

    async fn judge(
        app: &App,
        viewer: &Viewer,
        desk: &Desk,
        content: &Content,
        errors: &mut Errors,
    ) -> Result<(), PageError> {
        let Content::Unit(unit) = content else { return Ok(()) };
        check_name(app, desk, unit, errors).await?;
        check_parent(app, viewer, desk, unit, errors).await?;
        check_end(app, viewer, desk, unit, errors).await
    }

    fn label(field: &str) -> String {
        let fields = Page::blank();
        let known = fields.fields.iter().chain(&fields.end).find(|known| known.name == field);
        known.map_or(field, |known| known.label.as_str()).to_owned()
    }

    fn render(&self, _: &Desk, _: &str, _: bool, errors: &Errors) -> askama::Result<Markup> {
        let fill = |fields: Vec<Field>| fields.into_iter().map(|field| self.0.fill(field, errors)).collect();
        let blank = Page::blank();
        Markup::render(&Page { fields: fill(blank.fields), end: fill(blank.end) })
    }
}

impl Page {
    fn blank() -> Page {
        let categories = Category::ALL.map(|category| Choice::new(category.code(), category.page()));
        let fields = vec![
            Field::text("name", "单位名称").hint("公章上的全称。"),
            Field::select("category", "单位类别", categories),
            Field::text("credit_code", "统一社会信用代码").hint("18位，在登记证书上。").optional(),
            Field::text("parent", "上级主管单位").hint("填写上级单位的全称；没有就留空。").optional(),
            Field::text("division_code", "行政区划代码")
                .hint("12位，例如 999901102000。")
                .numeric()
                .optional(),
            Field::textarea("duties", "主要职责", 6).hint("一行写一条，用群众看得懂的话。"),
            Field::text("phone", "联系电话")
                .hint("公众能打的办公电话，带区号。请不要填个人手机。")
                .numeric()
                .optional(),
            Field::text("address", "办公地址").optional(),
            Field::text("office_hours", "办公时间").hint("例如：工作日 8:30—12:00，14:30—17:30").optional(),
        ];
        let end = vec![
            Field::text("ended_on", "撤销日期").hint("例如 2026年6月30日。").width(Width::Medium).unmarked(),
            Field::text("successor", "接续的单位")
                .hint("职责并入或更名为哪个单位，填写它的全称。")
                .unmarked(),
        ];
        Page { fields, end }
    }
}

/// A unit's name as imports write it.
pub(crate) fn unit_name(text: &str) -> String {
    squash(text).replace('(', "（").replace(')', "）")
}

async fn check_name(app: &App, desk: &Desk, unit: &Unit, errors: &mut Errors) -> Result<(), PageError> {
    let c = app.db.read();
    let own = desk.subject_id;
    if !unit.name.is_empty() && revisions::name_taken(c, SubjectKind::Unit, None, &unit.name, own).await? {
        errors.add("name", "已经有同名的单位，或者有单位用过这个名称；请核对，或直接修改原有的那个单位");
    }
    if let Some(code) = &unit.division_code
        && divisions::store::by_code(c, code).await?.is_none()
    {
        errors.add("division_code", "区划名册里没有这个代码，请核对；新设的区划要先导入区划名册");
    }
    Ok(())
}

/// A unit ends once, on a day that has come, and what takes its place is one's own to answer for.
async fn check_end(
    app: &App,
    viewer: &Viewer,
    desk: &Desk,
    unit: &Unit,
    errors: &mut Errors,
) -> Result<(), PageError> {
    if let Some(name) = &unit.successor {
        let before = match desk.published.as_ref().map(|published| &published.content) {
            Some(Content::Unit(before)) => before.successor.as_ref(),
            _ => None,
        };
        match store::by_name(app.db.read(), name).await? {
            None => errors.add("successor", format!("没有叫“{name}”的单位，请填写它的全称")),
            Some(next) if Some(next.id) == desk.subject_id => {
                errors.add("successor", "接续的单位不能是本单位；只是改名的，请直接改单位名称");
            }
            Some(next)
                if before != Some(name) && !Scope::of(viewer.actor()?, Action::Edit).covers(&next.path) =>
            {
                errors.add("successor", format!("“{name}”不在您负责的范围内，请联系县里的填报员办理撤并"));
            }
            Some(_) => {}
        }
        if unit.ended_on.is_none() {
            errors.add("ended_on", "填写了接续的单位，也要填写撤销日期");
        }
    }
    if unit.ended_on.as_ref().is_some_and(|day| *day > app.clock.today().to_string()) {
        errors.add("ended_on", "这一天还没有到。请在撤销的当天或以后再填");
    }
    for (field, message) in misplaced(app.db.read(), desk.subject_id, unit).await? {
        errors.add(field, message);
    }
    Ok(())
}

/// What is wrong with where a unit would stand among the others, by field: below one that is ended, ended
/// with units below it, followed by one that it follows. Asked when it is saved and when it is published:
/// others move meanwhile.
pub(crate) async fn misplaced(
    c: &impl ConnectionTrait,
    id: Option<i64>,
    unit: &Unit,
) -> Result<Vec<(&'static str, String)>, DbErr> {
    let mut wrong = Vec::new();
    if unit.ended_on.is_none() {
        if let Some(name) = &unit.parent
            && revisions::unit_named(c, name).await?.is_some_and(|above| above.ended_on.is_some())
        {
            wrong.push(("parent", format!("上级单位“{name}”已经撤销，请填写接续它的单位")));
        }
        return Ok(wrong);
    }
    let Some(id) = id else { return Ok(wrong) };
    let below = store::Filter { parent_id: Some(id), ..store::Filter::default() };
    let count = store::count(c, &below).await?;
    if count > 0 {
        wrong.push(("ended_on", format!("还有{count}个下级单位，请先把它们改到别的上级单位")));
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut next = match &unit.successor {
        Some(name) => revisions::unit_named(c, name).await?.and_then(|next| next.successor_id),
        None => None,
    };
    while let Some(at) = next.filter(|at| seen.insert(*at)) {
        if at == id {
            wrong.push(("successor", "这几个单位会互相接续，公众找不到现在的单位，请核对".to_owned()));
        }
        next = store::get(c, at).await?.and_then(|unit| unit.successor_id);
    }
    Ok(wrong)
}

/// Whether the unit above exists and may be put in charge.
async fn check_parent(
    app: &App,
    viewer: &Viewer,
    desk: &Desk,
    unit: &Unit,
    errors: &mut Errors,
) -> Result<(), PageError> {
    let c = app.db.read();
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
