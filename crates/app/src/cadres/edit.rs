//! 修改干部: name, posts, periods and duties. Nothing sealed passes through here.

use super::{Appointment, Cadre};
use crate::{
    authz::Action,
    cases::routing::Rank,
    office::{
        Typed, bounded,
        editor::{List, Press, Sheet},
    },
    revisions::{Content, Desk, SubjectKind, beyond},
    units::edit::unit_name,
    web::{App, PageError, Viewer},
};
use askama::Template;
use daylight_tables::value::parse_month;
use daylight_ui::{
    Html as Markup, Link,
    form::{Choice, Errors, Field},
};

/// A cadre's form as typed.
pub(crate) struct CadreSheet {
    name: String,
    rank: String,
    posts: Vec<Row>,
}

#[derive(Template)]
#[template(path = "cadres/templates/edit.html")]
struct Page<'a> {
    action: &'a str,
    name: Field,
    rank: Field,
    posts: Vec<Card>,
    sealed: Option<Link>,
}

/// An appointment with its controls.
struct Card {
    legend: String,
    remove: String,
    here: String,
    fields: Vec<Field>,
}

impl Sheet for CadreSheet {
    const KIND: SubjectKind = SubjectKind::Cadre;

    fn of(content: Option<&Content>, desk: &Desk) -> CadreSheet {
        let cadre = match content {
            Some(Content::Cadre(cadre)) => cadre.clone(),
            _ => {
                let unit = desk.place.as_ref().map(|place| place.unit.clone()).unwrap_or_default();
                Cadre {
                    appointments: vec![Appointment { unit, ..Appointment::default() }],
                    ..Cadre::default()
                }
            }
        };
        let text = |value: Option<String>| value.unwrap_or_default();
        let row =
            |held: Appointment| [held.unit, held.post, text(held.since), text(held.until), text(held.duties)];
        let rank = cadre.rank.map_or("", Rank::code).to_owned();
        CadreSheet { name: cadre.name, rank, posts: cadre.appointments.into_iter().map(row).collect() }
    }

    fn sent(typed: Typed) -> CadreSheet {
        let row = |at: usize| PARTS.map(|(part, _)| typed.get(&format!("post-{at}-{part}")).to_owned());
        let posts = (0..typed.rows("post")).map(row).collect();
        CadreSheet { name: typed.get("name").to_owned(), rank: typed.get("rank").to_owned(), posts }
    }

    fn press(&mut self, press: Press) {
        match press {
            Press::Add(List::Posts) => self.posts.push(Row::default()),
            Press::Remove(List::Posts, at) if at < self.posts.len() => drop(self.posts.remove(at)),
            _ => {}
        }
    }

    fn read(&self, _: &Desk, errors: &mut Errors) -> Content {
        let rows = self.posts.iter().enumerate();
        let read = rows.filter_map(|(at, row)| Some((at, read_post(at, row, errors)?)));
        let read: Vec<(usize, Appointment)> = read.collect();
        for (nth, (at, held)) in read.iter().enumerate() {
            if let Some((first, _)) = read[..nth].iter().find(|(_, known)| same_post(known, held)) {
                let message = format!("第{}项任职：与第{}项任职重复，请删去一项", at + 1, first + 1);
                errors.add(format!("post-{at}-post"), message);
            }
        }
        let appointments = read.into_iter().map(|(_, held)| held).collect();
        // Whoever edits an entry that was kept back asks to show it again.
        Content::Cadre(Cadre {
            name: daylight_ids::text::person_name(&self.name),
            rank: Rank::from_code(&self.rank),
            appointments,
            withheld: None,
        })
    }

    async fn judge(
        app: &App,
        viewer: &Viewer,
        desk: &Desk,
        content: &Content,
        errors: &mut Errors,
    ) -> Result<(), PageError> {
        check_units(app, viewer, desk, content, errors).await
    }

    fn label(field: &str) -> String {
        let mut parts = field.splitn(3, '-');
        let row = parts.nth(1).and_then(|row| row.parse::<usize>().ok());
        let part = parts.next().and_then(|part| PARTS.iter().find(|(known, _)| *known == part));
        match (row, part) {
            (Some(row), Some((_, label))) => format!("第{}项任职 {label}", row + 1),
            _ if field == "rank" => "级别".to_owned(),
            _ => "姓名".to_owned(),
        }
    }

    fn render(&self, desk: &Desk, action: &str, _: bool, errors: &Errors) -> askama::Result<Markup> {
        let href = desk.subject_id.map(|id| format!("/office/cadres/{id}/sealed"));
        Markup::render(&Page {
            action,
            name: bounded(Field::text("name", "姓名")).value(&self.name).check(errors),
            rank: rank_field(&self.rank, errors),
            posts: self.posts.iter().enumerate().map(|(at, row)| card(action, at, row, errors)).collect(),
            sealed: href.map(|href| Link::new("查看密封的身份证号和手机号", href)),
        })
    }
}

fn rank_field(rank: &str, errors: &Errors) -> Field {
    let ranks = Rank::ALL.map(|rank| Choice::new(rank.code(), rank.page()));
    let hint = "反映这个人的问题由哪一级受理，要看级别：县级干部的由上级受理，单位主要负责人的由县纪委受理。";
    Field::select("rank", "级别", ranks).hint(hint).value(rank).optional().check(errors)
}

/// The parts of an appointment, as the fields of a row are called.
const PARTS: [(&str, &str); 5] = [
    ("unit", "单位"),
    ("post", "职务"),
    ("since", "任职时间"),
    ("until", "免职时间"),
    ("duties", "分管（负责）工作"),
];

/// An appointment as typed, in the order of [`PARTS`].
type Row = [String; 5];

fn card(action: &str, at: usize, row: &Row, errors: &Errors) -> Card {
    let field = |((part, label), value): ((&str, &str), &String)| {
        let name = format!("post-{at}-{part}");
        let field = match part {
            "since" => Field::text(name, label).unmarked().hint("例如 2023年9月"),
            "until" => Field::text(name, label).unmarked().hint("还在任就留空"),
            "duties" => Field::textarea(name, label, 2).unmarked(),
            _ => Field::text(name, label),
        };
        bounded(field).value(value).check(errors)
    };
    let [_, post, ..] = row;
    Card {
        legend: format!("任职 {} {post}", at + 1).trim().to_owned(),
        remove: format!("remove-post-{at}"),
        here: format!("{action}#f-post-{}-unit", at.saturating_sub(1)),
        fields: PARTS.into_iter().zip(row).map(field).collect(),
    }
}

fn read_post(at: usize, row: &Row, errors: &mut Errors) -> Option<Appointment> {
    let [unit, post, since, until, duties] = row;
    // A row in which only the unit was offered is not an appointment yet.
    if [post, since, until, duties].iter().all(|part| part.is_empty()) {
        return None;
    }
    let mut need = |part: &str, value: &str, message: &str| {
        if value.is_empty() {
            errors.add(format!("post-{at}-{part}"), format!("第{}项任职：{message}", at + 1));
        }
    };
    need("unit", unit, "请填写单位全称");
    need("post", post, "请填写职务");
    let since = date(&format!("post-{at}-since"), since, at, errors);
    let until = date(&format!("post-{at}-until"), until, at, errors);
    if let (Some(since), Some(until)) = (&since, &until)
        && until.as_str() < since.as_str()
        && !since.starts_with(until.as_str())
    {
        errors.add(format!("post-{at}-until"), format!("第{}项任职：免职时间早于任职时间", at + 1));
    }
    Some(Appointment {
        unit: unit_name(unit),
        post: post.clone(),
        since,
        until,
        duties: (!duties.is_empty()).then(|| duties.clone()),
    })
}

/// Whether two rows say the same: a post is held once at a time, and once from the same day.
fn same_post(one: &Appointment, other: &Appointment) -> bool {
    (&one.unit, &one.post) == (&other.unit, &other.post)
        && (one.since == other.since || one.until.is_none() && other.until.is_none())
}

fn date(field: &str, text: &str, at: usize, errors: &mut Errors) -> Option<String> {
    // What imports write when a list leaves a post out without saying when.
    if text.is_empty() || text == "时间不详" {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    match parse_month(text) {
        Ok(date) => Some(date.to_string()),
        Err(error) => {
            errors.add(field, format!("第{}项任职：{error}", at + 1));
            None
        }
    }
}

/// Whether every unit exists, and no post outside one's places changes.
async fn check_units(
    app: &App,
    viewer: &Viewer,
    desk: &Desk,
    content: &Content,
    errors: &mut Errors,
) -> Result<(), PageError> {
    let Content::Cadre(cadre) = content else { return Ok(()) };
    let c = app.db.read();
    for (at, held) in cadre.appointments.iter().enumerate().filter(|(_, held)| !held.unit.is_empty()) {
        if crate::units::store::by_name(c, &held.unit).await?.is_none() {
            errors.add(format!("post-{at}-unit"), format!("没有叫“{}”的单位，请填写它的全称", held.unit));
        }
    }
    // Whoever changes a post in a unit answers for that unit.
    let published = desk.published.as_ref().map(|published| &published.content);
    if errors.is_empty()
        && let Some(unit) = beyond(c, viewer, Action::Edit, desk.subject_id, published, content).await?
    {
        let row = cadre.appointments.iter().position(|held| held.unit == unit);
        let field = row.map(|at| format!("post-{at}-unit")).unwrap_or_default();
        let word = "不在您负责的范围内，那里的任职要和已公布的一样；要改动请由该单位的填报员登记";
        errors.add(field, format!("“{unit}”{word}"));
    }
    Ok(())
}
