//! In whose charge a revision lies: where its subject stands, and where publishing would put it.

use super::{Content, store};
use crate::{
    authz::{Action, Denied, Permit, Resource, decide},
    cadres::{Appointment, Cadre},
    powers::Basis,
    web::{PageError, Viewer},
};
use daylight_db::{ConnectionTrait, DbErr};

/// Asks [`decide`]. What lies outside one's places is as if it did not exist: the same 404, so that no
/// answer tells what others are working on.
pub(crate) fn within(viewer: &Viewer, action: Action, resource: &Resource) -> Result<Permit, PageError> {
    match decide(viewer.actor()?, action, resource) {
        Err(Denied::Place) => Err(PageError::NotFound),
        decided => Ok(decided?),
    }
}

/// The unit outside this person's charge that publishing would reach, in words; none when all of it is
/// theirs. A unit may move below another, a cadre may be given a post in another or lose one there.
pub(crate) async fn beyond(
    c: &impl ConnectionTrait,
    viewer: &Viewer,
    action: Action,
    subject_id: Option<i64>,
    published: Option<&Content>,
    content: &Content,
) -> Result<Option<String>, PageError> {
    for (name, path) in reached(c, subject_id, published, content).await? {
        if let Err(Denied::Place) =
            decide(viewer.actor()?, action, &Resource { unit_path: path, author_id: None })
        {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// The units that publishing would reach, with their paths; no path for what only the whole instance may
/// decide.
async fn reached(
    c: &impl ConnectionTrait,
    subject_id: Option<i64>,
    published: Option<&Content>,
    content: &Content,
) -> Result<Vec<(String, Option<String>)>, DbErr> {
    let mut places = Vec::new();
    let names = match content {
        Content::Unit(unit) => {
            let id = subject_id.unwrap_or(0);
            places.push(match &unit.parent {
                None => ("没有上级单位".to_owned(), Some(format!("/{id}/"))),
                Some(parent) => {
                    let above = store::unit_named(c, parent).await?;
                    (parent.clone(), above.map(|above| format!("{}{id}/", above.path)))
                }
            });
            // What takes its place is made answerable for it.
            let before = match published {
                Some(Content::Unit(before)) => before.successor.as_ref(),
                _ => None,
            };
            unit.successor.iter().filter(|next| before != Some(*next)).cloned().collect()
        }
        Content::Power(power) => {
            let before = match published {
                Some(Content::Power(power)) => &power.bases[..],
                _ => &[],
            };
            if let Some(title) = redated(before, &power.bases) {
                // Every unit that cites it shows these days.
                return Ok(vec![(format!("所有引用《{title}》的单位"), None)]);
            }
            vec![power.unit.clone()]
        }
        Content::Cadre(cadre) => {
            let before = match published {
                Some(Content::Cadre(cadre)) => cadre.clone(),
                _ => Cadre::default(),
            };
            moved_posts(&before, cadre)
        }
    };
    for name in names {
        let path = store::unit_named(c, &name).await?.map(|unit| unit.path);
        places.push((name, path));
    }
    Ok(places)
}

/// A basis of which other days in force are said than before. Saying none says nothing of it.
fn redated<'a>(before: &[Basis], after: &'a [Basis]) -> Option<&'a str> {
    let days =
        |basis: &Basis| (basis.in_force_from.clone(), basis.in_force_to.clone(), basis.replaced_by.clone());
    let said = |basis: &&Basis| days(basis) != (None, None, None);
    let known =
        |basis: &Basis| before.iter().any(|known| known.title == basis.title && days(known) == days(basis));
    after.iter().filter(said).find(|basis| !known(basis)).map(|basis| basis.title.as_str())
}

/// The units whose people would hold other posts, or be shown or no longer be shown. Both states call the
/// units by the names they have now.
fn moved_posts(before: &Cadre, after: &Cadre) -> Vec<String> {
    let mut units: Vec<_> =
        before.appointments.iter().chain(&after.appointments).map(|held| &held.unit).collect();
    units.sort();
    units.dedup();
    let shown_alike = before.withheld.is_some() == after.withheld.is_some();
    let differs = |unit: &&String| {
        let of = |held: &&Appointment| held.unit == **unit;
        !before.appointments.iter().filter(of).eq(after.appointments.iter().filter(of))
            || !shown_alike && before.current().chain(after.current()).any(|held| of(&held))
    };
    units.into_iter().filter(differs).cloned().collect()
}
