//! What a report is about, in addresses, forms and words.

use super::Object;
use crate::{
    outcomes, powers,
    revisions::{self, Content, SubjectKind},
    search,
    web::Asked,
};
use daylight_db::{ConnectionTrait, DbErr};

impl Object {
    /// "unit-3", "step-5-2", "unknown": how a form names it.
    pub fn code(self) -> String {
        match self {
            Object::Unit(id) => format!("unit-{id}"),
            Object::Power(id) => format!("power-{id}"),
            Object::Step(id, step) => format!("step-{id}-{step}"),
            Object::Cadre(id) => format!("cadre-{id}"),
            Object::Publication(id) => format!("publication-{id}"),
            Object::Basis(id) => format!("basis-{id}"),
            Object::Place(id) => format!("place-{id}"),
            Object::Unknown => "unknown".to_owned(),
        }
    }

    /// Reads [`Object::code`].
    pub fn from_code(code: &str) -> Option<Object> {
        let mut parts = code.split('-');
        let kind = parts.next()?;
        let mut number = || parts.next()?.parse::<i64>().ok().filter(|number| *number > 0);
        Some(match kind {
            "unit" => Object::Unit(number()?),
            "power" => Object::Power(number()?),
            "step" => Object::Step(number()?, u32::try_from(number()?).ok()?),
            "cadre" => Object::Cadre(number()?),
            "place" => Object::Place(number()?),
            "publication" => Object::Publication(number()?),
            "basis" => Object::Basis(number()?),
            "unknown" => Object::Unknown,
            _ => return None,
        })
    }

    /// Reads the fields of a link from a page: `?unit=3`, `?power=5&step=2`, `?cadre=`, `?place=`,
    /// `?publication=`, `?basis=`.
    pub fn asked(asked: &Asked) -> Option<Object> {
        let number = |name| asked.number(name);
        let step = || number("step").and_then(|step| u32::try_from(step).ok());
        let power = |id| step().map_or(Object::Power(id), |step| Object::Step(id, step));
        number("power")
            .map(power)
            .or_else(|| number("cadre").map(Object::Cadre))
            .or_else(|| number("unit").map(Object::Unit))
            .or_else(|| number("place").map(Object::Place))
            .or_else(|| number("publication").map(Object::Publication))
            .or_else(|| number("basis").map(Object::Basis))
    }

    /// The entrance with this object filled in.
    pub fn entrance(self) -> String {
        let fields = match self {
            Object::Unit(id) => format!("?unit={id}"),
            Object::Power(id) => format!("?power={id}"),
            Object::Step(id, step) => format!("?power={id}&step={step}"),
            Object::Cadre(id) => format!("?cadre={id}"),
            Object::Place(id) => format!("?place={id}"),
            Object::Publication(id) => format!("?publication={id}"),
            // Whoever comes from a law asks or proposes; they can choose otherwise.
            Object::Basis(id) => format!("?basis={id}&kind=suggestion"),
            Object::Unknown => String::new(),
        };
        format!("/reports/new{fields}")
    }

    /// Reads the kind of a search result.
    pub fn found(kind: &str, id: i64) -> Option<Object> {
        Some(match kind {
            "unit" => Object::Unit(id),
            "power" => Object::Power(id),
            "cadre" => Object::Cadre(id),
            "division" => Object::Place(id),
            _ => return None,
        })
    }
}

/// An object with its public name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What it is.
    pub object: Object,
    /// Its name, with the step's.
    pub name: String,
    /// One line beneath; may be empty.
    pub detail: String,
}

/// The public name of an object. None when there is no such thing, or when it is not public: a link cannot be used
/// to learn what is withheld.
pub async fn named(c: &impl ConnectionTrait, object: Object) -> Result<Option<Named>, DbErr> {
    let (kind, id) = match object {
        Object::Unit(id) => ("unit", id),
        Object::Power(id) | Object::Step(id, _) => ("power", id),
        Object::Cadre(id) => ("cadre", id),
        Object::Place(id) => ("division", id),
        Object::Publication(id) => return outcome(c, id).await,
        Object::Basis(id) => return basis(c, id).await,
        Object::Unknown => {
            let name = "不知道是谁、哪个单位".to_owned();
            return Ok(Some(Named { object, name, detail: String::new() }));
        }
    };
    let Some(hit) = search::store::get(c, kind, id).await? else { return Ok(None) };
    let named = Named { object, name: hit.title, detail: hit.detail };
    match object {
        Object::Step(id, number) => step(c, named, id, number).await,
        _ => Ok(Some(named)),
    }
}

/// A published result. Without knowing who answered nobody could be kept out of what is said about the answer.
async fn outcome(c: &impl ConnectionTrait, id: i64) -> Result<Option<Named>, DbErr> {
    let shown = outcomes::store::shown(c, id).await?.filter(|shown| shown.gone.is_none());
    let Some(shown) = shown else { return Ok(None) };
    if outcomes::store::answered(c, id).await?.is_none_or(|answered| answered.unit_id.is_none()) {
        return Ok(None);
    }
    let card = &shown.card;
    let name = format!("监督结果“{}”", outcomes::title(&card.place, card.kind, card.conclusion));
    Ok(Some(Named { object: Object::Publication(id), name, detail: card.summary.clone() }))
}

/// A law or rule on which a public power rests; any other would tell of what is withheld.
async fn basis(c: &impl ConnectionTrait, id: i64) -> Result<Option<Named>, DbErr> {
    let Some(line) = powers::store::basis(c, id).await? else { return Ok(None) };
    let filter = powers::store::Filter { basis_id: Some(id), ..Default::default() };
    let named = || Named {
        object: Object::Basis(id),
        name: format!("《{}》", line.title),
        detail: powers::bases::in_force_text(&line),
    };
    Ok((powers::store::count(c, &filter).await? > 0).then(named))
}

async fn step(
    c: &impl ConnectionTrait,
    named: Named,
    power: i64,
    number: u32,
) -> Result<Option<Named>, DbErr> {
    let revision = revisions::store::published(c, SubjectKind::Power, power).await?;
    let Some(Content::Power(power)) = revision.map(|revision| revision.content) else { return Ok(None) };
    let step = power.steps.iter().find(|step| step.number == number);
    Ok(step.map(|step| Named { name: format!("{}的“{}”环节", named.name, step.name), ..named }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_reads_back_from_a_form_and_nonsense_is_none() {
        for object in [
            Object::Unit(3),
            Object::Power(5),
            Object::Step(5, 2),
            Object::Cadre(7),
            Object::Place(9),
            Object::Publication(1_000_000_007),
            Object::Basis(11),
            Object::Unknown,
        ] {
            assert_eq!(Object::from_code(&object.code()), Some(object));
        }
        for strange in ["", "unit", "unit-", "unit-0", "unit--3", "step-5", "step-5-x", "account-1"] {
            assert_eq!(Object::from_code(strange), None, "{strange}");
        }
    }
}
