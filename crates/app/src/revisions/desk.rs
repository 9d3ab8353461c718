//! Where a draft is written: which state an editor starts from, and how it is kept.

use super::{Content, Decline, Revision, SubjectKind, store, within};
use crate::{
    authz::{Action, Resource},
    units,
    web::{App, PageError, Viewer},
};
use sha2::{Digest, Sha256};

/// What an editor has before it.
#[derive(Clone, Debug)]
pub struct Desk {
    /// What is edited.
    pub kind: SubjectKind,
    /// Which one; none while it does not exist yet.
    pub subject_id: Option<i64>,
    /// The unit whose people may edit it; none for a unit that does not exist yet.
    pub place: Option<store::Place>,
    /// The draft on its way.
    pub draft: Option<Revision>,
    /// What everybody sees now.
    pub published: Option<Revision>,
    /// Who wrote the draft.
    pub author: String,
}

/// What became of saving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// Kept as this revision.
    Kept(i64),
    /// Somebody else was quicker; nothing was saved. The words say what happened.
    Moved(String),
}

impl Desk {
    /// The desk of something that exists. Only for those who may edit it.
    pub async fn of(app: &App, viewer: &Viewer, kind: SubjectKind, id: i64) -> Result<Desk, PageError> {
        let c = app.db.read();
        let place = store::place(c, kind, id).await?.ok_or(PageError::NotFound)?;
        within(viewer, Action::Edit, &Resource::of_unit(&place.unit_path))?;
        let draft = store::open_draft(c, kind, id).await?;
        let published = store::published(c, kind, id).await?;
        let author = store::account_name(c, draft.as_ref().and_then(|draft| draft.author_id)).await?;
        Ok(Desk { kind, subject_id: Some(id), place: Some(place), draft, published, author })
    }

    /// The desk of something new within a unit; a new unit stands in none and needs the whole
    /// instance.
    pub async fn begin(
        app: &App,
        viewer: &Viewer,
        kind: SubjectKind,
        unit_id: Option<i64>,
    ) -> Result<Desk, PageError> {
        let place = match unit_id {
            Some(id) => {
                let unit = units::store::get(app.db.read(), id).await?.ok_or(PageError::NotFound)?;
                if unit.ended_on.is_some() {
                    return Err(PageError::invalid("这个单位已经撤销，不能再新建它的内容。"));
                }
                let flags = "[]".to_owned();
                Some(store::Place { unit_id: unit.id, unit: unit.name, unit_path: unit.path, flags })
            }
            None => None,
        };
        let path = place.as_ref().map(|place| place.unit_path.clone());
        let resource = Resource { unit_path: path, author_id: None };
        match unit_id {
            Some(_) => within(viewer, Action::Edit, &resource)?,
            None => viewer.permit(Action::Edit, &resource)?,
        };
        Ok(Desk { kind, subject_id: None, place, draft: None, published: None, author: String::new() })
    }

    /// The desk of a draft of something that does not exist yet.
    pub async fn resume(
        app: &App,
        viewer: &Viewer,
        kind: SubjectKind,
        revision_id: i64,
    ) -> Result<Desk, PageError> {
        let found = store::get(app.db.read(), revision_id).await?;
        let draft = found.filter(|draft| draft.kind == kind && draft.subject_id.is_none());
        let draft = draft.ok_or(PageError::NotFound)?;
        let unit = match draft.unit_id {
            Some(id) => units::store::get(app.db.read(), id).await?.map(|unit| unit.path),
            None => None,
        };
        within(viewer, Action::Edit, &Resource { unit_path: unit, author_id: None })?;
        let desk = Desk::begin(app, viewer, kind, draft.unit_id).await?;
        let author = store::account_name(app.db.read(), draft.author_id).await?;
        Ok(Desk { draft: Some(draft), author, ..desk })
    }

    /// What the form starts from.
    pub fn content(&self) -> Option<&Content> {
        self.draft.as_ref().or(self.published.as_ref()).map(|revision| &revision.content)
    }

    /// A draft that waits for a reviewer is read, not written.
    pub fn locked(&self) -> Option<i64> {
        self.draft.as_ref().filter(|draft| !draft.editable()).map(|draft| draft.id)
    }

    /// The draft is somebody else's; whoever saves takes it over.
    pub fn foreign(&self, account_id: i64) -> bool {
        self.draft.as_ref().is_some_and(|draft| draft.author_id != Some(account_id))
    }

    /// Whether something was published after the draft was begun: a draft bears the number it would get.
    pub fn stale(&self) -> bool {
        let number = |revision: &Option<Revision>| revision.as_ref().map(|revision| revision.number);
        matches!((number(&self.draft), number(&self.published)), (Some(draft), Some(now)) if now >= draft)
    }

    /// What the form was filled from, and what was public then; sent along, so that nobody overwrites
    /// what they have not seen.
    pub fn seen(&self) -> String {
        let mark = |revision: &Option<Revision>| revision.as_ref().map(fingerprint).unwrap_or_default();
        format!("{}-{}", mark(&self.draft), mark(&self.published))
    }

    /// Where the editor is.
    pub fn href(&self) -> String {
        let href = edit_href(self.kind, self.subject_id, self.draft.as_ref().map(|draft| draft.id));
        match (self.subject_id, &self.draft, &self.place) {
            // The unit of a first draft is only in the address yet.
            (None, None, Some(place)) => format!("{href}?unit={}", place.unit_id),
            _ => href,
        }
    }

    /// The desk as it is now, after somebody else was quicker.
    pub async fn anew(&self, app: &App, viewer: &Viewer) -> Result<Desk, PageError> {
        match (self.subject_id, &self.draft) {
            (Some(id), _) => Desk::of(app, viewer, self.kind, id).await,
            (None, Some(draft)) => Desk::resume(app, viewer, self.kind, draft.id).await,
            (None, None) => Ok(self.clone()),
        }
    }

    /// Keeps what was written as a draft, however incomplete.
    pub async fn save(
        &self,
        app: &App,
        viewer: &Viewer,
        content: &Content,
        seen: &str,
    ) -> Result<Saved, PageError> {
        let account_id = viewer.actor()?.account_id;
        // The draft stays in the hands of those who answer for the subject now, until it is published.
        let unit_id = self.place.as_ref().map(|place| place.unit_id);
        let now = app.clock.now();
        let tx = app.db.write().await?;
        tx.lock("daylight registry").await?;
        let current = match (self.subject_id, &self.draft) {
            (Some(id), _) => store::open_draft(&*tx, self.kind, id).await?,
            (None, Some(draft)) => {
                // Nothing, when it was published or given up meanwhile.
                let draft = store::get(&*tx, draft.id).await?;
                Some(draft.filter(|draft| draft.subject_id.is_none()).ok_or(PageError::NotFound)?)
            }
            (None, None) => None,
        };
        let published = match self.subject_id {
            Some(id) => store::published(&*tx, self.kind, id).await?,
            None => None,
        };
        let newest = Desk { draft: current, published, ..self.clone() };
        if let Some(draft) = newest.draft.as_ref().filter(|draft| !draft.editable()) {
            return Ok(Saved::Moved(Decline::State(draft.state).to_string()));
        }
        if newest.seen() != seen {
            return Ok(Saved::Moved(overtaken(&newest)));
        }
        if newest.draft.is_none() && self.subject_id.is_none() {
            // A form sent twice begins one draft. People may share a name; other things do not.
            let begun = store::begun(&*tx, self.kind, unit_id, content.title(), account_id).await?;
            if let Some(draft) = begun.iter().find(|draft| draft.content == *content) {
                return Ok(Saved::Kept(draft.id));
            }
            if !begun.is_empty() && self.kind != SubjectKind::Cadre && !content.title().is_empty() {
                let word = "您已经有一份同名的草稿，请在“内容维护”里打开它修改。您填写的内容还没有保存。";
                return Ok(Saved::Moved(word.to_owned()));
            }
        }
        let id = match &newest.draft {
            Some(draft) if draft.content == *content && !newest.foreign(account_id) && !newest.stale() => {
                return Ok(Saved::Kept(draft.id));
            }
            Some(draft) => {
                if !store::save_draft(&tx, draft, unit_id, content, account_id).await? {
                    return Ok(Saved::Moved(overtaken(&newest)));
                }
                draft.id
            }
            None => {
                let (kind, subject) = (self.kind, self.subject_id);
                store::begin_draft(&tx, kind, subject, unit_id, content, account_id, now).await?
            }
        };
        let subject = subject_text(self.kind, self.subject_id, id);
        let action = if newest.foreign(account_id) { "revision.take_over" } else { "revision.save" };
        viewer.note(&tx, action, &subject, content.title(), now).await?;
        tx.commit().await?;
        Ok(Saved::Kept(id))
    }
}

fn overtaken(newest: &Desk) -> String {
    let what = if newest.draft.is_some() {
        "您打开这一页之后，草稿被别人改过，或者有了新的公布"
    } else {
        "您打开这一页之后，这项内容有了新的公布"
    };
    format!("{what}。您填写的内容还没有保存。请看清下面的差别；再按一次“保存草稿”，就以您的为准。")
}

/// The state of a revision in a few characters: it changes with every save and every submission.
pub fn fingerprint(revision: &Revision) -> String {
    let text = format!("{} {:?} {}", revision.id, revision.submitted_at, revision.content.to_json());
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes())[..8])
}

/// Where a draft is edited.
pub fn edit_href(kind: SubjectKind, subject_id: Option<i64>, draft_id: Option<i64>) -> String {
    let folder = match kind {
        SubjectKind::Unit => "units",
        SubjectKind::Power => "powers",
        SubjectKind::Cadre => "cadres",
    };
    match (subject_id, draft_id) {
        (Some(id), _) => format!("/office/{folder}/{id}/edit"),
        (None, Some(draft)) => format!("/office/{folder}/new?draft={draft}"),
        (None, None) => format!("/office/{folder}/new"),
    }
}

/// What the audit trail calls it: the subject once it exists, the draft before.
pub fn subject_text(kind: SubjectKind, subject_id: Option<i64>, revision_id: i64) -> String {
    match subject_id {
        Some(id) => format!("{} {id}", kind.code()),
        None => format!("revision {revision_id}"),
    }
}
