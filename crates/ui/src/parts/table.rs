//! A table with a caption that becomes cards on a phone.

use askama::Template;

use crate::Html;
use crate::html::part;

/// Head of one column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its word; also the label of the value on a card.
    pub label: String,
    /// Whether it holds figures: set to the right, tabular.
    pub figures: bool,
}

impl From<&str> for Column {
    fn from(label: &str) -> Self {
        Self { label: label.to_owned(), figures: false }
    }
}

impl Column {
    /// A column of figures.
    pub fn figures(label: impl Into<String>) -> Self {
        Self { label: label.into(), figures: true }
    }
}

/// One row; the first cell is its head.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Cells in the order of the columns.
    pub cells: Vec<Html>,
    /// Whether the row asks for attention (overdue, not yet read): a bar at its start.
    pub marked: bool,
}

/// Rows of the same kind of thing. Roles are written out because the phone layout sets `display: block`, which would
/// take them away.
#[derive(Clone, Debug, Default, Template)]
#[template(
    ext = "html",
    source = r#"<div class="table-wrap">
<table class="table{% if dense %} table--dense{% endif %}" role="table">
<caption{% if caption_hidden %} class="hidden"{% endif %}>{{ caption }}</caption>
<thead role="rowgroup">
<tr role="row">
{%- for column in columns -%}
<th scope="col" role="columnheader"{% if column.figures %} class="num"{% endif %}>{{ column.label }}</th>
{%- endfor -%}
</tr>
</thead>
<tbody role="rowgroup">
{%- for row in rows -%}
<tr role="row"{% if row.marked %} class="marked"{% endif %}>
{%- for (i, cell) in row.cells.iter().enumerate() %}{% if i == 0 -%}
<th scope="row" role="rowheader">{{ cell }}</th>
{%- else -%}
<td role="cell"{% if figures(i) %} class="num"{% endif %} data-label="{{ label(i) }}">{{ cell }}</td>
{%- endif %}{% endfor -%}
</tr>
{%- endfor -%}
</tbody>
</table></div>"#
)]
pub struct Table {
    /// What the table shows; read out before it.
    pub caption: String,
    /// Whether a heading above already says it.
    pub caption_hidden: bool,
    /// Tighter rows, for the office.
    pub dense: bool,
    /// Heads.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Row>,
}

impl Table {
    /// An empty table; show [`crate::Empty`] instead when no row comes.
    pub fn new(caption: impl Into<String>, columns: impl IntoIterator<Item = Column>) -> Self {
        Self { caption: caption.into(), columns: columns.into_iter().collect(), ..Self::default() }
    }

    /// Hides the caption from sight, not from readers.
    #[must_use]
    pub fn caption_hidden(mut self) -> Self {
        self.caption_hidden = true;
        self
    }

    /// Tighter rows.
    #[must_use]
    pub fn dense(mut self) -> Self {
        self.dense = true;
        self
    }

    /// Adds a row.
    #[must_use]
    pub fn row(mut self, cells: impl IntoIterator<Item = Html>) -> Self {
        self.push(cells, false);
        self
    }

    /// Adds a row, marked or not; for loops.
    pub fn push(&mut self, cells: impl IntoIterator<Item = Html>, marked: bool) {
        self.rows.push(Row { cells: cells.into_iter().collect(), marked });
    }

    fn figures(&self, column: &usize) -> bool {
        self.columns.get(*column).is_some_and(|column| column.figures)
    }

    fn label(&self, column: &usize) -> &str {
        self.columns.get(*column).map_or("", |column| &column.label)
    }
}

part!(Table);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Link;

    #[test]
    fn a_table_has_a_caption_heads_and_card_labels() {
        let table = Table::new("<c>", ["名称".into(), Column::figures("<n>")])
            .row([Link::new("<x>", "/x").into(), "<1>".into()]);
        let html = table.to_string();
        assert!(
            !html.contains("<c>") && !html.contains("<n>") && !html.contains("<x>") && !html.contains("<1>")
        );
        assert!(
            html.contains("scope=\"row\"") && html.contains("scope=\"col\"") && html.contains("data-label=")
        );
    }
}
