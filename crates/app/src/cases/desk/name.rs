//! 登记被反映人: whoever is in conflict with them loses the case at once, so it is said before it is done.

use super::{
    failed,
    file::File,
    form::Typed,
    store::{self, Person},
};
use crate::{
    cases::{
        State,
        routing::{self, Matter, Voice},
        store::{self as cases, Naming, StoreError},
    },
    web::{App, Asked, Form, Id, PageError, Viewer, redirect},
};
use axum::{
    extract::State as Axum,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Action as Button, Actions, Drawing, Empty, Entries, Entry, Heading, Html as Markup, Notice, NoticeKind,
    SearchBox, Section,
    form::{self, Errors},
};

/// So many people are shown to choose from.
const SHOWN: i64 = 30;

/// GET /office/cases/{id}/name
pub async fn ask(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    asked: Asked,
) -> Result<Response, PageError> {
    let file = File::read(&app, &viewer, id).await?;
    let chosen = asked.number("cadre");
    let person = match chosen {
        Some(id) => store::people_by_id(app.db.read(), &[id]).await?.pop(),
        None => None,
    };
    match person {
        Some(person) => confirm(&app, &viewer, &file, &person, &Errors::new()).await,
        None => search(&app, &viewer, &file, asked.text("q")).await,
    }
}

async fn search(app: &App, viewer: &Viewer, file: &File, text: &str) -> Result<Response, PageError> {
    let found = store::people(app.db.read(), text, SHOWN).await?;
    let address = format!("{}/name", file.href());
    let mut search = SearchBox::new(&address, "按姓名查找干部", text);
    search.example = "例如：王建国".to_owned();
    let entry = |person: &Person| {
        Entry::new(person.name.as_str(), format!("{address}?cadre={}", person.id)).fact(post(person))
    };
    let mut parts: Vec<Markup> = vec![
        Heading::new("登记被反映人")
            .kicker(file.name())
            .lead("办理中发现反映的是某位干部，请登记。系统随即让与其有利害关系的人看不到这件。")
            .into(),
    ];
    let named: Vec<_> = file.matter.named.iter().copied().collect();
    let named = store::people_by_id(app.db.read(), &named).await?;
    if !named.is_empty() {
        let names: Vec<_> = named.iter().map(who).collect();
        parts.push(Markup::paragraphs(&format!("已经登记：{}。", names.join("、"))));
    }
    parts.push(search.into());
    if !text.is_empty() {
        parts.push(if found.is_empty() {
            Empty::new(Drawing::Glass, "名册里没有这个姓名")
                .text("请核对姓名，或只写其中一两个字再查。")
                .into()
        } else {
            Entries::new(found.iter().map(entry)).into()
        });
    }
    parts.push(Actions::new([Button::link("返回办理件", file.href()).second()]).into());
    page(app, viewer, file, parts).await
}

/// "王小明（青石镇干部）".
pub(super) fn who(person: &Person) -> String {
    format!("{}（{}）", person.name, post(person))
}

pub(super) fn post(person: &Person) -> &str {
    if person.post.is_empty() { "现在没有任职" } else { &person.post }
}

/// Says what naming will do, and asks for the word.
async fn confirm(
    app: &App,
    viewer: &Viewer,
    file: &File,
    person: &Person,
    errors: &Errors,
) -> Result<Response, PageError> {
    let form = form::Form::post(format!("{}/name", file.href()), "登记")
        .hidden("seen", file.opened.seen().to_string())
        .hidden("cadre", person.id.to_string())
        .action(Button::link("换一个人", format!("{}/name", file.href())).second())
        .action(Button::link("返回办理件", file.href()).second());
    let mut parts: Vec<Markup> = vec![crate::office::summary(errors)];
    let title = format!("登记{}为被反映人", person.name);
    parts.push(Heading::new(title).kicker(file.name()).lead(post(person)).into());
    if let Some(text) = done_before(file, person.id) {
        parts.push(Notice::new(NoticeKind::Info, text).into());
        parts.push(Actions::new([Button::link("返回办理件", file.href())]).into());
        return page(app, viewer, file, parts).await;
    }
    let lines: Markup = consequences(file, person.id).iter().map(|line| Markup::paragraphs(line)).collect();
    parts.push(Section::new("登记以后", lines).into());
    parts.push(form.into());
    page(app, viewer, file, parts).await
}

/// Why naming somebody would change nothing; none when it would.
fn done_before(file: &File, cadre_id: i64) -> Option<&'static str> {
    let Matter { named, pending, denied, .. } = &file.matter;
    let first = pending.get(&cadre_id).is_some_and(|voice| voice.account_id == file.actor.account_id);
    match what_follows(file, cadre_id) {
        _ if named.contains(&cadre_id) => Some("已经登记过。"),
        Naming::Waits if first => Some("您已经登记过，等本组织另一个人或者反映人确认。"),
        Naming::Void if denied.contains(&cadre_id) => {
            Some("反映人已经说明反映的不是此人。再登记不起作用，仍由您的组织办理。")
        }
        Naming::Void if file.opened.case.organ_id.is_some() => {
            Some("此人已经登记过，5个工作日内没有第二个人确认，已经失效。要由本组织另一个人登记，才会生效。")
        }
        _ => None,
    }
}

fn what_follows(file: &File, cadre_id: i64) -> Naming {
    let organ_id = file.opened.case.organ_id;
    let county = (&file.world, &file.table, &file.recusals[..]);
    cases::naming(county, &file.matter, organ_id, file.actor.account_id, cadre_id)
}

/// What will follow, in words; of colleagues only how many, for a relation is their own affair.
fn consequences(file: &File, cadre_id: i64) -> Vec<String> {
    let mut matter: Matter = file.matter.clone();
    let naming = what_follows(file, cadre_id);
    match naming {
        Naming::Void => {}
        Naming::Waits => {
            let (account_id, at) = (file.actor.account_id, file.now);
            matter.pending.entry(cadre_id).or_insert(Voice { account_id, cadre_id: None, at });
        }
        Naming::Stays | Naming::Leaves => {
            matter.pending.remove(&cadre_id);
            matter.mentioned.remove(&cadre_id);
            matter.named.insert(cadre_id);
        }
    }
    let out = |account: &&i64| {
        let mut roles = file.world.staff.iter().filter(|staff| staff.account_id == **account).peekable();
        roles.peek().is_none() || roles.any(|staff| routing::conflict(&file.world, &matter, staff).is_some())
    };
    let closed: Vec<_> = file.holders.iter().filter(out).collect();
    let case = &file.opened.case;
    let mut lines = vec![
        match naming {
            Naming::Waits => "这件将立即对此人和其亲属关闭。",
            _ => "该案将立即对此人、其亲属、其单位和下级关闭，密钥随即更换；登记后不能撤销。",
        }
        .to_owned(),
    ];
    if closed.contains(&&file.actor.account_id) {
        lines.push("您与此人有利害关系：登记后您自己马上看不到这件。".to_owned());
    }
    let others = closed.iter().filter(|account| ***account != file.actor.account_id).count();
    lines.push(match others {
        0 => "现在能看到这件的其他人都不受影响。".to_owned(),
        others => format!("现在能看到这件的人当中，另有{others}人将马上看不到；他们看过哪些内容，留有记录。"),
    });
    if let (Some(organ_id), true) = (case.organ_id, case.is_open() && case.state != State::Answered) {
        let mut after = matter.sure();
        after.named.insert(cadre_id);
        after.own_unit &= file.table.rule(&file.world, &after).own_unit;
        let route = routing::from(&file.world, &after, organ_id);
        let goes = match route.lies() {
            Some(id) if id == organ_id && route.waits() => {
                "您的组织没有可以办理的人了，这件在您的组织等人".to_owned()
            }
            Some(id) if id == organ_id => "仍由您的组织办理".to_owned(),
            Some(id) => format!("您的组织须回避，这件转到{}", file.organ(id)),
            None => "本级没有可以办理的组织，这件密封等上级处理，本级都打不开".to_owned(),
        };
        match naming {
            Naming::Void => {}
            Naming::Waits => {
                lines.push("您一个人登记不能让您的组织停办：要等本组织另一个人也登记，或者反映人说是此人，才会生效。".to_owned());
                lines
                    .push(format!("确认以后：{goes}。确认之前照常办理；5个工作日内没有人确认的，登记失效。"));
            }
            Naming::Stays | Naming::Leaves => lines.push(format!("{goes}。")),
        }
    }
    if case.is_open() && case.state == State::Answered && naming == Naming::Leaves {
        lines.push("已经作出的答复不变；反映人不满意的，这件交上级。".to_owned());
    }
    // Of what was answered the reporter is asked only while a second word is waited for; they strike nothing else.
    let asks = match naming {
        Naming::Waits => case.is_open(),
        Naming::Leaves => case.is_open() && case.state != State::Answered,
        Naming::Stays | Naming::Void => false,
    };
    lines.push(match asks {
        false => "反映人看不到登记了谁。".to_owned(),
        true if naming == Naming::Waits => {
            "反映人会被告知此人所在的单位，不告知姓名；反映人说是的，登记马上生效，说不是的，登记作废。"
                .to_owned()
        }
        true => "反映人会被告知此人所在的单位，不告知姓名；反映人说不是的，这次登记作废。".to_owned(),
    });
    lines
}

/// POST /office/cases/{id}/name
pub async fn take(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let tx = app.db.write().await?;
    let file = File::open(&tx, &app, &viewer, id, cases::Look::File).await?;
    let cadre_id: Option<i64> = typed.text("cadre").parse().ok();
    let person = match cadre_id {
        Some(id) => store::people_by_id(&*tx, &[id]).await?.pop(),
        None => None,
    };
    let Some(person) = person else {
        return Ok(redirect(&format!("{}/name", file.href())));
    };
    if typed.text("seen") != file.opened.seen().to_string() {
        drop(tx);
        let file = File::read(&app, &viewer, id).await?;
        let mut errors = Errors::new();
        errors.add("", StoreError::Moved.to_string());
        return confirm(&app, &viewer, &file, &person, &errors).await;
    }
    let naming = what_follows(&file, person.id);
    if done_before(&file, person.id).is_none() {
        let named = [person.id].into();
        cases::name(&tx, &app.vault, &file.actor, id, &named, file.now).await.map_err(failed)?;
    }
    let still = cases::open(&tx, &app.vault, &file.actor, id, file.now).await;
    tx.commit().await?;
    let to = if still.is_ok() { file.href() } else { "/office/cases".to_owned() };
    let done = if still.is_ok() && naming == Naming::Waits { "named" } else { "name" };
    Ok(redirect(&format!("{to}?done={done}")))
}

async fn page(app: &App, viewer: &Viewer, file: &File, parts: Vec<Markup>) -> Result<Response, PageError> {
    let mut shell = viewer.office(app, &format!("登记被反映人：{}", file.name())).await?;
    shell.breadcrumbs = vec![
        ("办理件".into(), Some("/office/cases".into())),
        (file.name(), Some(file.href())),
        ("登记被反映人".into(), None),
    ];
    let html = daylight_ui::page(&shell, parts.into_iter().collect::<Markup>().as_str());
    Ok(Html(html).into_response())
}
