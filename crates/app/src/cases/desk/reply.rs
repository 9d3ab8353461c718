//! 答复反映人: every point has its own field, and the gate stands before the button.

use super::{
    failed,
    file::File,
    form::{About, Given, REASON, TEXT, Typed, area},
};
use crate::{
    cases::{
        Deed, Objection, Reply,
        store::{self as cases, Words},
    },
    web::{App, PageError, limit},
};
use daylight_ui::{
    Details, Html as Markup, Notice, NoticeKind,
    form::{Errors, Field},
};

fn answer(at: usize) -> String {
    format!("answer-{}", at + 1)
}

fn typed_reply(file: &File, typed: &Typed) -> Reply {
    let answers = (0..file.points.len()).map(|at| typed.text(&answer(at)).to_owned()).collect();
    Reply { answers, rest: typed.text("rest").to_owned() }
}

pub(super) fn fields(file: &File, typed: &Typed, errors: &Errors) -> (About, Vec<Field>) {
    let about = About {
        next: "反映人收到通知，可以评价。满意的办结；不满意的自动转到上级纪检组织，由上级重新办理。发出后不能修改。"
            .to_owned(),
        told: "结论和下面您写的全部答复。不要写出反映人、举报线索和无关人员的姓名。",
    };
    let points = &file.points;
    let mut fields: Vec<_> = points
        .iter()
        .enumerate()
        .map(|(at, point)| {
            area(&answer(at), &format!("第{}个问题：{point}", at + 1), 4, TEXT, typed, errors)
                .hint(format!("写明查了什么、结果是什么、依据是什么，至少{}个字。", Reply::LEAST))
        })
        .collect();
    fields.push(area("rest", "另外要说的", 3, TEXT, typed, errors).optional());
    if errors.get("release").is_some() || !typed.text("release").is_empty() {
        fields.push(
            area("release", "放行理由", 3, REASON, typed, errors)
                .hint("确属同一件事、需要同样答复的，写明理由后再按一次按钮。理由随这件保存。")
                .optional(),
        );
    }
    (about, fields)
}

pub(super) async fn read(
    app: &App,
    file: &File,
    typed: &Typed,
    errors: &mut Errors,
) -> Result<Option<Given>, PageError> {
    let reply = typed_reply(file, typed);
    for (at, text) in reply.answers.iter().enumerate() {
        limit(errors, &answer(at), text, TEXT);
    }
    limit(errors, "rest", &reply.rest, TEXT);
    limit(errors, "release", typed.text("release"), REASON);
    let earlier =
        cases::earlier(app.db.read(), &app.vault, &file.actor, file.id(), &reply).await.map_err(failed)?;
    let release = Some(typed.text("release")).filter(|reason| !reason.is_empty());
    match reply.check(&file.points, &earlier, release) {
        Ok(sound) => {
            let words = Words { text: reply.rest, answers: reply.answers, ..Words::default() };
            Ok(Some((Deed::Reply { sound }, String::new(), words)))
        }
        Err(objections) => {
            object(&objections, errors);
            Ok(None)
        }
    }
}

/// Puts what the gate holds against a reply to the fields.
pub(super) fn object(objections: &[Objection], errors: &mut Errors) {
    for objection in objections {
        let field = match objection {
            Objection::Unanswered { point, .. }
            | Objection::TooShort { point }
            | Objection::Echo { point }
            | Objection::Same { point, .. } => answer(point - 1),
            Objection::NearCopy { .. } => "release".to_owned(),
        };
        errors.add(field, objection.to_string());
    }
}

/// The earlier replies of which this one is nearly a copy, to be compared by eye.
pub(super) async fn earlier(app: &App, file: &File, typed: &Typed) -> Result<Option<Markup>, PageError> {
    let reply = typed_reply(file, typed);
    if reply.text().is_empty() {
        return Ok(None);
    }
    let found =
        cases::earlier(app.db.read(), &app.vault, &file.actor, file.id(), &reply).await.map_err(failed)?;
    // What is shown of another case is on record like any other look at it.
    let tx = app.db.write().await?;
    for id in found.iter().filter_map(|one| one.case_id) {
        cases::open(&tx, &app.vault, &file.actor, id, file.now).await.map_err(failed)?;
    }
    tx.commit().await?;
    let shown = found.iter().map(|one| {
        let percent = one.alike / 10;
        let notice =
            Notice::new(NoticeKind::Warning, format!("与“{}”的相似度为{percent}%，没有发出。", one.name));
        let text = match &one.text {
            Some(text) => Details::new(format!("看{}", one.name), Markup::paragraphs(text)).into(),
            None => Markup::paragraphs("那一件不由您办理，内容不能显示。"),
        };
        [Markup::from(notice), text].into_iter().collect::<Markup>()
    });
    let shown: Markup = shown.collect();
    Ok((!shown.is_empty()).then_some(shown))
}
