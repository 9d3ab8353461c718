//! What a message may say.

use crate::clock::Millis;
use serde::{Deserialize, Serialize};

/// A message. There is none that takes free text, so that none can name a matter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "snake_case")]
pub enum Template {
    /// A one-time code.
    Code {
        /// Six digits.
        code: String,
    },
    /// To a reporter: there is something to read.
    News,
    /// To a member of staff: there is something to do.
    Staff,
}

impl Template {
    /// The word in the outbox and at the gateway.
    pub fn code(&self) -> &'static str {
        match self {
            Template::Code { .. } => "code",
            Template::News => "news",
            Template::Staff => "staff",
        }
    }

    /// The values that the gateway puts into its own copy of the template.
    pub fn params(&self) -> serde_json::Value {
        match self {
            Template::Code { code } => serde_json::json!({ "code": code }),
            Template::News | Template::Staff => serde_json::json!({}),
        }
    }

    /// The whole text, for gateways that take one. `site` is the name of the place.
    pub fn text(&self, site: &str) -> String {
        let said = match self {
            Template::Code { code } => {
                format!("您的验证码是{code}，5分钟内有效。请不要告诉任何人，工作人员也不会向您索要。")
            }
            Template::News => "您反映的事项有新进展，请打开网站，凭编号和查询码查询。".to_owned(),
            Template::Staff => "您有待办事项，请登录工作平台查看。".to_owned(),
        };
        let name = site.strip_suffix("阳光监督").unwrap_or(site);
        format!("【{name}阳光监督】{said}")
    }

    /// How long after it was due it is still worth sending: a code that no longer opens anything only confuses, and a
    /// number that took no news for three days will not.
    pub fn lives(&self) -> Option<Millis> {
        match self {
            Template::Code { .. } => Some(crate::phones::CODE_LIVES),
            Template::News => Some(3 * crate::phones::DAY),
            Template::Staff => None,
        }
    }
}

// Codes stay out of logs.
impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_site_once_and_never_a_matter() {
        let code = Template::Code { code: "012345".into() };
        assert!(code.text("安澜县").starts_with("【安澜县阳光监督】您的验证码是012345，"));
        assert!(Template::News.text("安澜县阳光监督").starts_with("【安澜县阳光监督】您反映的事项有新进展"));
        for (template, other) in [(Template::News, "举报"), (Template::Staff, "举报")] {
            assert!(!template.text("安澜县").contains(other));
            assert_eq!(template.params(), serde_json::json!({}));
        }
        assert_eq!(format!("{code:?}"), "code");
    }
}
