//! In whose charge a revision lies: where its subject stands, and where publishing would put it.

use super::{Content, SubjectKind, store, store::Folder};
use crate::{
    authz::{Action, Denied, Permit, Resource, decide},
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
/// theirs. A unit may move below another, a cadre may be given a post in another.
pub(super) async fn beyond(
    c: &impl ConnectionTrait,
    viewer: &Viewer,
    action: Action,
    folder: &Folder,
) -> Result<Option<String>, PageError> {
    for (name, path) in after(c, folder).await? {
        if let Err(Denied::Place) =
            decide(viewer.actor()?, action, &Resource { unit_path: path, author_id: None })
        {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// The units in which the subject will stand once this is published, with their paths; no path for what
/// only the whole instance may decide.
async fn after(c: &impl ConnectionTrait, folder: &Folder) -> Result<Vec<(String, Option<String>)>, DbErr> {
    let revision = &folder.revision;
    let mut content = revision.content.clone();
    let names: Vec<String> = match &mut content {
        Content::Unit(unit) => {
            let id = revision.subject_id.unwrap_or(0);
            let Some(parent) = &unit.parent else {
                return Ok(vec![("没有上级单位".to_owned(), Some(format!("/{id}/")))]);
            };
            let above = store::unit_named(c, parent).await?;
            return Ok(vec![(parent.clone(), above.map(|above| format!("{}{id}/", above.path)))]);
        }
        other => other.unit_names().into_iter().map(|name| name.clone()).collect(),
    };
    let mut known = Vec::new();
    if let Some(mut published) = folder.published.as_ref().map(|published| published.content.clone())
        && revision.kind == SubjectKind::Cadre
    {
        // Posts that stand already were judged when they were entered.
        for name in published.unit_names() {
            known.extend(store::unit_named(c, name).await?.map(|unit| unit.id));
        }
    }
    let mut places = Vec::new();
    for name in names {
        let unit = store::unit_named(c, &name).await?;
        if unit.as_ref().is_none_or(|unit| !known.contains(&unit.id)) {
            places.push((name, unit.map(|unit| unit.path)));
        }
    }
    Ok(places)
}
