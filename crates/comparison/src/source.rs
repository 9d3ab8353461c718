//! A table's entry in the registry of sources: whose it is, on what basis and for what purpose it may be compared.
//!
//! It lies beside the table (`发放表.xlsx.toml`) or wherever the comparison's file says.

use crate::kinds::{self, Kind};
use daylight_matching::segments::Field;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Source {
    /// What the table is called.
    pub name: String,
    /// [`Kind::name`].
    pub kind: String,
    /// The office the data belongs to.
    #[serde(default)]
    pub owner: String,
    /// The law or policy by which it may be compared.
    #[serde(default)]
    pub basis: String,
    /// The agreement under which it was handed over.
    #[serde(default)]
    pub agreement: String,
    /// What it is compared for.
    #[serde(default)]
    pub purpose: String,
    /// Days after which the table must be deleted.
    #[serde(default)]
    pub retention_days: u32,
    /// The only sheet to read; blank reads every sheet with a header.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// Headings whose meaning somebody said: heading → key of a column; blank means not needed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// What holds for every row whose own cell is blank or which has no such column: key of a column → value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed: BTreeMap<String, String>,
    /// Names of schemes as this table has them → as rules have them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub schemes: BTreeMap<String, String>,
}

/// What is wrong with an entry.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Not of the form.
    #[error("来源登记写法有误：{0}")]
    Syntax(Box<toml::de::Error>),
    /// It does not say what it must.
    #[error("来源登记缺少：{}。没有归属、依据、协议、目的和保存期限的数据不得比对。", .0.join("、"))]
    Incomplete(Vec<&'static str>),
    /// There is no such kind.
    #[error("没有“{name}”这种台账或名册。可用的有：{}", names())]
    Kind {
        /// What was written.
        name: String,
    },
    /// The kind has no such column.
    #[error("“{0}”没有“{1}”这一栏")]
    Column(&'static str, String),
}

fn names() -> String {
    let names: Vec<_> = kinds::kinds().iter().map(|kind| kind.name).collect();
    names.join("、")
}

impl Source {
    /// Reads an entry (TOML) and checks it.
    ///
    /// # Errors
    /// [`SourceError`], in words for the clerk.
    pub fn parse(text: &str) -> Result<(Self, &'static Kind), SourceError> {
        let source: Source = toml::from_str(text).map_err(|error| SourceError::Syntax(Box::new(error)))?;
        let kind = source.check()?;
        Ok((source, kind))
    }

    /// Whether it says all that is needed for a table to be compared.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn check(&self) -> Result<&'static Kind, SourceError> {
        let said = [
            ("名称 name", !self.name.trim().is_empty()),
            ("归属单位 owner", !self.owner.trim().is_empty()),
            ("法律依据 basis", !self.basis.trim().is_empty()),
            ("共享协议 agreement", !self.agreement.trim().is_empty()),
            ("比对目的 purpose", !self.purpose.trim().is_empty()),
            ("保存天数 retention-days", self.retention_days > 0),
        ];
        let missing: Vec<_> = said.into_iter().filter(|(_, said)| !said).map(|(name, _)| name).collect();
        if !missing.is_empty() {
            return Err(SourceError::Incomplete(missing));
        }
        let kind = kinds::kind(&self.kind).ok_or_else(|| SourceError::Kind { name: self.kind.clone() })?;
        let said = self.columns.values().filter(|key| !key.is_empty());
        match said.chain(self.fixed.keys()).find(|key| kind.heading(key).is_none()) {
            Some(key) => Err(SourceError::Column(kind.title, key.clone())),
            None => Ok(kind),
        }
    }

    /// The value a field has wherever a row says nothing.
    #[must_use]
    pub fn fixed(&self, field: Field) -> &str {
        self.fixed.get(kinds::key_of(field)).map_or("", String::as_str)
    }

    /// An entry to fill in, for a table that has none.
    #[must_use]
    pub fn blank(kind: &str) -> String {
        format!(
            "name = \"\"             # 这份数据的名称\nkind = \"{kind}\"\nowner = \"\"            # 归属单位\nbasis = \"\"            # 比对依据的法律、政策\nagreement = \"\"        # 数据共享协议或函号\npurpose = \"\"          # 比对目的\nretention-days = 30   # 原始数据最多保存几天\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"
name = "死亡人员"
kind = "deceased"
owner = "安澜县公安局"
basis = "《社会救助暂行办法》第十三条"
agreement = "安澜数〔2026〕3号"
purpose = "核对补贴发放对象是否健在"
retention-days = 30
"#;

    #[test]
    fn a_source_without_owner_basis_purpose_agreement_or_end_is_refused() {
        assert!(Source::parse(WHOLE).is_ok());
        for key in ["owner", "basis", "agreement", "purpose", "retention-days"] {
            let text: String =
                WHOLE.lines().filter(|line| !line.starts_with(key)).collect::<Vec<_>>().join("\n");
            let error = Source::parse(&text).unwrap_err();
            assert!(
                matches!(&error, SourceError::Incomplete(missing) if missing.len() == 1),
                "{key}: {error}"
            );
            assert!(error.to_string().contains(key), "{error}");
        }
        let blank = WHOLE.replace("安澜县公安局", "  ");
        assert!(matches!(Source::parse(&blank), Err(SourceError::Incomplete(_))));
        assert!(matches!(Source::parse(&Source::blank("deceased")), Err(SourceError::Incomplete(_))));
    }

    #[test]
    fn columns_must_be_the_kinds_own() {
        let with = |more: &str| Source::parse(&format!("{WHOLE}{more}"));
        assert!(with("[columns]\n\"逝者\" = \"name\"\n\"编号\" = \"\"\n").is_ok());
        assert!(matches!(with("[columns]\n\"逝者\" = \"amount\"\n"), Err(SourceError::Column(..))));
        assert!(matches!(with("[fixed]\namount = \"1\"\n"), Err(SourceError::Column(..))));
        assert!(matches!(with("surprise = 1\n"), Err(SourceError::Syntax(_))));
        let text = WHOLE.replace("deceased", "dead");
        assert!(matches!(Source::parse(&text), Err(SourceError::Kind { .. })));
    }
}
