//! The dossier goes with the cadre to another county: a document whose canonical bytes the giving county signs and seals to
//! the taking county's key; the taking county answers with a receipt over the same bytes.

use super::{Dossier, DossierError, Step, canonical};
use crate::{
    Millis,
    keyed::{digest, hex},
};
use serde::{Deserialize, Serialize};

/// What is handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// `daylight-dossier/1`.
    pub format: String,
    /// The giving county.
    pub from: String,
    /// The taking county.
    pub to: String,
    /// The cadre's name.
    pub name: String,
    /// The cadre's citizen id: the package is sealed as a whole.
    pub citizen_id: String,
    /// When it was made.
    pub made_at: Millis,
    /// Every step, what is sealed included: unfounded entries stay sealed where they go.
    pub steps: Vec<Step>,
}

/// Why a package is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// It cannot be read, or is not in the one spelling that was signed.
    #[error("档案包无法读取或已被改动")]
    Damaged,
    /// Another format.
    #[error("档案包的格式“{0}”不是本平台能接收的")]
    Format(String),
    /// It is for somebody else.
    #[error("档案包是发给“{0}”的")]
    Addressee(String),
    /// Its steps cannot have happened.
    #[error("档案包的记录前后不符：{0}")]
    History(DossierError),
}

/// That a package was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// SHA-256 of the package's bytes.
    pub package: String,
    /// The county that took it.
    pub by: String,
    /// When.
    pub taken_at: Millis,
    /// How many steps.
    pub steps: i64,
}

impl Package {
    /// The format of this version.
    pub const FORMAT: &str = "daylight-dossier/1";

    /// The bytes to be signed and sealed.
    ///
    /// # Errors
    ///
    /// [`PackageError::Damaged`] never for packages of ours; the type cannot say so.
    pub fn bytes(&self) -> Result<Vec<u8>, PackageError> {
        canonical(self).ok_or(PackageError::Damaged)
    }

    /// Reads opened and verified bytes.
    ///
    /// # Errors
    ///
    /// [`PackageError`] says why it is not taken.
    pub fn read(bytes: &[u8], own: &str) -> Result<(Package, Dossier), PackageError> {
        let package: Package = serde_json::from_slice(bytes).map_err(|_| PackageError::Damaged)?;
        if package.format != Self::FORMAT {
            return Err(PackageError::Format(package.format));
        }
        if package.bytes()? != bytes {
            return Err(PackageError::Damaged);
        }
        if package.to != own {
            return Err(PackageError::Addressee(package.to));
        }
        let dossier = Dossier::fold(package.steps.iter().cloned()).map_err(PackageError::History)?;
        Ok((package, dossier))
    }

    /// What the taking county answers.
    ///
    /// # Errors
    ///
    /// As [`Package::bytes`].
    pub fn receipt(&self, taken_at: Millis) -> Result<Receipt, PackageError> {
        let package = hex(&digest(&self.bytes()?));
        Ok(Receipt { package, by: self.to.clone(), taken_at, steps: self.steps.len() as i64 })
    }

    /// Whether a receipt is for this package.
    #[must_use]
    pub fn acknowledged(&self, receipt: &Receipt) -> bool {
        self.receipt(receipt.taken_at).is_ok_and(|own| own == *receipt)
    }
}
