//! How an edition of the library comes into force: one edits, another reviews, rounds keep what they began with.

use super::{Fault, Library};
use serde::{Deserialize, Serialize};

/// Where an edition stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "standing")]
pub enum Standing {
    /// Being written.
    Draft,
    /// Waits for another person.
    Submitted,
    /// New rounds take it.
    InForce {
        /// Who reviewed it.
        reviewer: i64,
    },
    /// Another came after it; rounds that began with it keep it.
    Superseded,
}

/// A library on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// What is asked.
    pub library: Library,
    /// Who wrote it: an account.
    pub author: i64,
    /// Where it stands.
    pub standing: Standing,
}

/// Why an edition does not go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditionError {
    /// It is not at that point.
    #[error("这一版现在不能这样处理，请刷新页面后再看")]
    NotNow,
    /// Nobody reviews their own work.
    #[error("修改人不能审核自己的修改，请换一位审核人")]
    OwnWork,
    /// It does not follow the edition in force.
    #[error("在您修改期间已有新版生效，请在第{0}版的基础上修改")]
    Outrun(u32),
    /// Something is wrong with it.
    #[error("还有{}处要改正", .0.len())]
    Faults(Vec<Fault>),
}

impl Edition {
    /// A draft upon the edition in force.
    #[must_use]
    pub fn draft(in_force: &Library, author: i64) -> Edition {
        let library = Library { edition: in_force.edition + 1, ..in_force.clone() };
        Edition { library, author, standing: Standing::Draft }
    }

    /// Hands it to review.
    ///
    /// # Errors
    ///
    /// [`EditionError::Faults`] names everything that is wrong.
    pub fn submit(self, in_force: &Library) -> Result<Edition, EditionError> {
        if self.standing != Standing::Draft {
            return Err(EditionError::NotNow);
        }
        self.sound(in_force)?;
        Ok(Edition { standing: Standing::Submitted, ..self })
    }

    /// Gives it back to its author.
    ///
    /// # Errors
    ///
    /// [`EditionError::NotNow`] unless it waits.
    pub fn give_back(self) -> Result<Edition, EditionError> {
        if self.standing != Standing::Submitted {
            return Err(EditionError::NotNow);
        }
        Ok(Edition { standing: Standing::Draft, ..self })
    }

    /// Brings it into force; whoever calls supersedes the one before.
    ///
    /// # Errors
    ///
    /// [`EditionError`] when the reviewer wrote it, or another edition came into force meanwhile.
    pub fn approve(self, reviewer: i64, in_force: &Library) -> Result<Edition, EditionError> {
        if self.standing != Standing::Submitted {
            return Err(EditionError::NotNow);
        }
        if reviewer == self.author {
            return Err(EditionError::OwnWork);
        }
        self.sound(in_force)?;
        Ok(Edition { standing: Standing::InForce { reviewer }, ..self })
    }

    fn sound(&self, in_force: &Library) -> Result<(), EditionError> {
        if self.library.edition != in_force.edition + 1 {
            return Err(EditionError::Outrun(in_force.edition));
        }
        let faults = self.library.faults(Some(in_force));
        if faults.is_empty() { Ok(()) } else { Err(EditionError::Faults(faults)) }
    }
}
