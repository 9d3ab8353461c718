//! 答复反映人: every point has its own field, and the gate stands before the button.

use super::{
    failed,
    file::{self, File},
    form::{About, Given, REASON, TEXT, Typed, area},
};
use crate::{
    cases::{
        Deed, Earlier, Objection, Reply, keys,
        store::{self as cases, Line, Opened, Words},
    },
    web::{App, PageError, limit},
};
use daylight_ui::{
    Details, Html as Markup, Notice, NoticeKind,
    form::{Errors, Field},
};

/// So many earlier replies are compared, the newest first.
const COMPARED: usize = 300;

fn answer(at: usize) -> String {
    format!("answer-{}", at + 1)
}

fn typed_reply(file: &File, typed: &Typed) -> Reply {
    let answers = (0..file.points().len()).map(|at| typed.text(&answer(at)).to_owned()).collect();
    Reply { answers, rest: typed.text("rest").to_owned() }
}

pub(super) fn fields(file: &File, typed: &Typed, errors: &Errors) -> (About, Vec<Field>) {
    let about = About {
        next: "反映人收到通知，可以评价。满意的办结；不满意的自动转到上级纪检组织，由上级重新办理。发出后不能修改。"
            .to_owned(),
        told: "结论和下面您写的全部答复。不要写出反映人、举报线索和无关人员的姓名。",
    };
    let points = file.points();
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
    let earlier: Vec<_> = replies(app, file).await?.into_iter().map(|(_, earlier)| earlier).collect();
    let release = Some(typed.text("release")).filter(|reason| !reason.is_empty());
    match reply.check(&file.points(), &earlier, release) {
        Ok(sound) => {
            let words = Words { text: reply.rest, answers: reply.answers, ..Words::default() };
            Ok(Some((Deed::Reply { sound }, String::new(), words)))
        }
        Err(objections) => {
            for objection in objections {
                let field = match &objection {
                    Objection::Unanswered { point, .. }
                    | Objection::TooShort { point }
                    | Objection::Echo { point }
                    | Objection::Same { point, .. } => answer(point - 1),
                    Objection::NearCopy { .. } => "release".to_owned(),
                };
                errors.add(field, objection.to_string());
            }
            Ok(None)
        }
    }
}

/// The earlier reply of which this one is nearly a copy, to be compared by eye.
pub(super) async fn earlier(app: &App, file: &File, typed: &Typed) -> Result<Option<Markup>, PageError> {
    let reply = typed_reply(file, typed);
    if reply.text().is_empty() {
        return Ok(None);
    }
    let replies = replies(app, file).await?;
    let known: Vec<_> = replies.iter().map(|(_, earlier)| earlier.clone()).collect();
    let near = reply.objections(&file.points(), &known).into_iter().find_map(|objection| match objection {
        Objection::NearCopy { earlier, .. } => Some(earlier),
        _ => None,
    });
    let Some((opened, earlier)) = near.and_then(|name| replies.iter().find(|(_, one)| one.name == name)) else {
        return Ok(None);
    };
    // It is shown, so that is on record like any other look at that case.
    let tx = app.db.write().await?;
    keys::store::note_opened(&tx, opened.id, file.actor.account_id, opened.seen(), file.now).await?;
    tx.commit().await?;
    let notice = Notice::new(NoticeKind::Warning, format!("与“{}”很相近，没有发出。", earlier.name));
    let text = Details::new(format!("看{}", earlier.name), Markup::paragraphs(&earlier.text));
    Ok(Some([Markup::from(notice), text.into()].into_iter().collect()))
}

/// Earlier replies among the cases that this person may see, the newest first.
async fn replies(app: &App, file: &File) -> Result<Vec<(Opened, Earlier)>, PageError> {
    let c = app.db.read();
    let mut lines = cases::list(c, &app.vault, &file.actor).await.map_err(failed)?;
    let answered = |line: &Line| {
        line.id != file.id()
            && matches!(line.state.as_str(), "answered" | "satisfied" | "dissatisfied" | "lapsed")
    };
    lines.retain(answered);
    lines.sort_by_key(|line| std::cmp::Reverse(line.received_at));
    let mut found = Vec::new();
    for line in lines.into_iter().take(COMPARED) {
        let opened = cases::open_own(c, &app.vault, line.id).await.map_err(failed)?;
        let last = opened.entries.iter().rev().find(|entry| matches!(entry.event.deed, Deed::Reply { .. }));
        if let Some(entry) = last {
            let reply = Reply { answers: entry.words.answers.clone(), rest: entry.words.text.clone() };
            let earlier = Earlier { name: format!("{}的答复", file::name(line.id)), text: reply.text() };
            found.push((opened, earlier));
        }
    }
    Ok(found)
}
