//! A new clue: of a case, by the leader who has it; or from an inspection, a comparison, a warning.

use super::{
    Source, failed,
    store::{self, ClueError, Content},
};
use crate::{
    accounts::{new_token, unknown_unit},
    cadres::pick::Asked,
    office::summary,
    units,
    web::{App, Form, Id, NAME, PageError, Viewer, limit, redirect},
};
use axum::{
    extract::State as Axum,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use daylight_ui::{
    Heading, Html as Markup, Link,
    form::{self, Choice, Errors, Field},
};
use serde::Deserialize;

/// Characters of the line and of the text.
const TITLE: u32 = 60;
const FACTS: u32 = 4_000;

/// A clue as typed.
#[derive(Clone, Default, Deserialize)]
pub struct Input {
    #[serde(default)]
    source: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    post: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    facts: String,
    #[serde(default)]
    token: String,
}

impl Input {
    fn fresh() -> Input {
        Input { token: new_token(), ..Input::default() }
    }

    fn who(&self) -> Asked {
        Asked { person: self.person.clone(), unit: self.unit.clone(), post: self.post.clone() }
    }

    /// What was written, without whom it concerns.
    fn content(&self, errors: &mut Errors) -> Result<Content, PageError> {
        if self.token.is_empty() {
            return Err(PageError::Malformed);
        }
        let clean = daylight_ids::text::clean;
        let (title, facts) = (clean(&self.title), clean(&self.facts));
        for (field, typed, most, message) in
            [("title", &title, TITLE, "请写一句话概括"), ("facts", &facts, FACTS, "请写需要核查的情况")]
        {
            if typed.is_empty() {
                errors.add(field, message);
            }
            limit(errors, field, typed, most);
        }
        Ok(Content { title, facts, ..Content::default() })
    }
}

fn written(form: form::Form, input: &Input, errors: &Errors) -> form::Form {
    form.field(
        Field::text("title", "一句话概括").value(&input.title).maxlength(TITLE).autocomplete("off").check(errors),
    )
    .field(
        Field::textarea("facts", "需要核查的情况", 8)
            .hint("写什么时间、什么地点、反映了什么、根据是什么。没有查实的，不写成结论；不写反映人的姓名和电话。")
            .value(&input.facts)
            .maxlength(FACTS)
            .check(errors),
    )
    .hidden("token", input.token.as_str())
}

async fn respond(
    app: &App,
    viewer: &Viewer,
    crumb: (String, Option<String>),
    parts: [Markup; 4],
    errors: &Errors,
) -> Result<Response, PageError> {
    let mut shell = viewer.office(app, "登记问题线索").await?;
    crate::office::under(&mut shell, "/office/clues");
    shell.breadcrumbs = vec![crumb, ("登记问题线索".into(), None)];
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let body: Markup = parts.into_iter().collect();
    Ok((status, Html(daylight_ui::page(&shell, body.as_str()))).into_response())
}

/// GET /office/cases/{id}/clue
pub async fn of_case(Axum(app): Axum<App>, viewer: Viewer, Id(id): Id) -> Result<Response, PageError> {
    case_form(&app, &viewer, id, &Input::fresh(), &Errors::new()).await
}

async fn case_form(
    app: &App,
    viewer: &Viewer,
    id: i64,
    input: &Input,
    errors: &Errors,
) -> Result<Response, PageError> {
    let tx = app.db.write().await?;
    store::begin(&tx, &app.vault, viewer.actor()?, id, app.clock.now()).await.map_err(failed)?;
    tx.commit().await?;
    let lead = "办理中发现可能违反纪律或法律的情况，登记为问题线索，单独处置。线索和这一件一样保密，须回避这一件的人也看不到线索。";
    let name: Markup = Link::new("登记被反映人", format!("/office/cases/{id}/name")).into();
    let before =
        Markup::trusted(format!("<p>线索涉及的人还没有登记在这一件里的，请先{name}，回避才能生效。</p>"));
    let form = written(form::Form::post(format!("/office/cases/{id}/clue"), "登记线索"), input, errors);
    let heading = Heading::new("登记问题线索").kicker(format!("办理件第{id}号")).lead(lead);
    let crumb = (format!("办理件第{id}号"), Some(format!("/office/cases/{id}")));
    respond(app, viewer, crumb, [summary(errors), heading.into(), before, form.into()], errors).await
}

/// POST /office/cases/{id}/clue
pub async fn found(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Id(id): Id,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    let mut errors = Errors::new();
    // Whoever may not see the case hears nothing of what is wrong with what they typed: the form is asked first.
    let content = match input.content(&mut errors) {
        Ok(content) if errors.is_empty() => content,
        Ok(_) => return case_form(&app, &viewer, id, &input, &errors).await,
        Err(_) => {
            errors.add("title", "这一页已经过期，请重新填写");
            let input = Input { token: new_token(), ..input };
            return case_form(&app, &viewer, id, &input, &errors).await;
        }
    };
    let tx = app.db.write().await?;
    let (actor, now) = (viewer.actor()?, app.clock.now());
    let clue = store::find(&tx, &app.vault, actor, id, &content, &input.token, now).await.map_err(failed)?;
    tx.commit().await?;
    Ok(redirect(&format!("/office/clues/{clue}?done=find")))
}

/// GET /office/clues/new
pub async fn new(Axum(app): Axum<App>, viewer: Viewer) -> Result<Response, PageError> {
    new_form(&app, &viewer, &Input::fresh(), &Errors::new()).await
}

async fn new_form(app: &App, viewer: &Viewer, input: &Input, errors: &Errors) -> Result<Response, PageError> {
    store::desk_of(viewer.actor()?).ok_or(PageError::NotFound)?;
    let lead =
        "监督检查、数据比对、风险预警中发现的线索在这里登记。群众反映里的线索，请在那一件办理件里登记。";
    let sources = Source::ENTERED.map(|source| Choice::new(source.code(), source.page()));
    let [person, unit, post] = input.who().fields("涉及的人", errors);
    let form = form::Form::post("/office/clues/new", "登记线索")
        .field(Field::radios("source", "来源", sources).value(&input.source).check(errors))
        .field(person.hint("没有具体的人可以不填，只填单位。").optional())
        .field(Field { label: "涉及的单位".into(), ..unit })
        .field(post);
    let form = written(form, input, errors);
    let crumb = ("问题线索".into(), Some("/office/clues".into()));
    let heading = Heading::new("登记问题线索").lead(lead);
    let how = Markup::paragraphs("须回避的人看不到这条线索；本组织须回避的，自动由上级组织处置。");
    respond(app, viewer, crumb, [summary(errors), heading.into(), how, form.into()], errors).await
}

/// Whom it concerns: a cadre, or a unit as a whole.
async fn concerned(
    app: &App,
    input: &Input,
    content: Content,
    errors: &mut Errors,
) -> Result<Content, PageError> {
    if !input.person.trim().is_empty() {
        let cadre = input.who().find(app, errors).await?;
        return Ok(Content { cadre_id: cadre.map(|line| line.id), ..content });
    }
    let name = input.unit.trim();
    if name.is_empty() {
        errors.add("unit", "请填写涉及的人或单位：不写明就无法核对谁须回避");
        return Ok(content);
    }
    limit(errors, "unit", name, NAME);
    let found =
        if errors.get("unit").is_none() { units::store::by_name(app.db.read(), name).await? } else { None };
    if found.is_none() && errors.get("unit").is_none() {
        errors.add("unit", unknown_unit(name, &units::store::names_like(app.db.read(), name, 5).await?));
    }
    Ok(Content { unit_id: found.map(|unit| unit.id), ..content })
}

/// POST /office/clues/new
pub async fn enter(
    Axum(app): Axum<App>,
    viewer: Viewer,
    Form(input): Form<Input>,
) -> Result<Response, PageError> {
    let actor = viewer.actor()?;
    store::desk_of(actor).ok_or(PageError::NotFound)?;
    let mut errors = Errors::new();
    let source = Source::ENTERED.into_iter().find(|source| source.code() == input.source);
    if source.is_none() {
        errors.add("source", "请选择来源");
    }
    let content = input.content(&mut errors)?;
    let content = concerned(&app, &input, content, &mut errors).await?;
    let (Some(source), true) = (source, errors.is_empty()) else {
        return new_form(&app, &viewer, &input, &errors).await;
    };
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let id = match store::enter(&tx, &app.vault, actor, source, &content, &input.token, now).await {
        Ok(id) => id,
        Err(ClueError::Refused(refusal)) => {
            drop(tx);
            errors.add("unit", refusal.to_string());
            return new_form(&app, &viewer, &input, &errors).await;
        }
        Err(error) => return Err(failed(error)),
    };
    // The organ above has it when this one must not.
    let seen = match store::open(&tx, &app.vault, actor, id, now).await {
        Ok(_) => true,
        Err(ClueError::NotFound) => false,
        Err(error) => return Err(failed(error)),
    };
    tx.commit().await?;
    Ok(redirect(&match seen {
        true => format!("/office/clues/{id}?done=find"),
        false => "/office/clues?done=above".into(),
    }))
}
