//! A page made to be printed on A4 and pinned to a board.

use askama::Template;

use crate::html::part;
use crate::{Html, Qr};

/// One A4 sheet. Holds the page's `<h1>`. On screen it looks like paper; printed, everything else is left out.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<article class="sheet">
<header><p class="sheet-org">{{ organ }}</p>
<h1>{{ title }}</h1>
{%- if !number.is_empty() -%}
<p class="sheet-number">{{ number }}</p>
{%- endif -%}
</header>
<div class="sheet-body">{{ body }}</div>
<footer>
{%- if let Some(qr) = qr %}{{ qr }}{% endif -%}
<p class="sheet-foot">{{ foot }}</p>
</footer></article>
<p class="no-print"><button type="button" class="button" data-print hidden>打印</button></p>"#
)]
pub struct Sheet {
    /// Who publishes it.
    pub organ: String,
    /// Its title.
    pub title: String,
    /// Document number or period; empty for none.
    pub number: String,
    /// The content: tables, facts, paragraphs.
    pub body: Html,
    /// The code that leads to the page it was printed from.
    pub qr: Option<Qr>,
    /// Date, period of the notice, telephone.
    pub foot: Html,
}

part!(Sheet);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sheet_is_escaped() {
        let bad = || "<a>".to_owned();
        let sheet = Sheet {
            organ: bad(),
            title: bad(),
            number: bad(),
            body: bad().into(),
            qr: Some(Qr::new(bad(), bad())),
            foot: bad().into(),
        };
        assert!(!sheet.to_string().contains("<a>"));
    }
}
