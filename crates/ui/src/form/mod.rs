//! Forms that keep what was typed and say what is wrong.
//!
//! ```
//! use daylight_ui::form::{Choice, Errors, Field, Form};
//!
//! let mut errors = Errors::new();
//! errors.add("phone", "请输入 11 位手机号码");
//! let form = Form::post("/reports/new/contact", "继续")
//!     .field(Field::text("phone", "手机号码").hint("只用来告诉您办理进展").value("1390").numeric().check(&errors))
//!     .field(Field::radios("level", "是否实名", [Choice::new("yes", "实名"), Choice::new("no", "匿名")]).check(&errors))
//!     .hidden("key", "01J9");
//! // in the template: {{ errors.summary() }} <h1>…</h1> {{ form }}
//! assert!(form.to_string().contains("value=\"1390\""));
//! assert!(errors.summary().to_string().contains("href=\"#f-phone\""));
//! ```
//!
//! The first control of field `x` has the id `f-x`; the summary links there.

mod errors;
mod field;
#[expect(clippy::module_inception, reason = "the noun of the folder is also its main part")]
mod form;

pub use errors::{ErrorSummary, Errors};
pub use field::{Choice, Field, FieldKind, Width, control_id, date_parts};
pub use form::Form;
