use crate::{
    Layout,
    error::ClosestHeader,
    layout::{Headings, Matched, heading},
    merges::Merges,
    row::{Cell, letter},
};

/// How far down a sheet the header is looked for, in rows that are not blank.
pub(crate) const WINDOW: usize = 30;

/// One cell of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderCell {
    /// Its column as Excel letters it.
    pub letter: String,
    /// Its column, 0-based.
    pub index: usize,
    /// What stands there; for a header of two rows, both, with a space between.
    pub heading: String,
    /// The layout's column it was taken for.
    pub key: Option<&'static str>,
}

/// The header of a sheet, and the layout it fits.
#[derive(Debug, Clone)]
pub struct Header {
    /// Index of the layout that fits best.
    pub layout: usize,
    /// Name of the sheet; empty for a CSV file.
    pub sheet: String,
    /// The (upper) row of the header as the clerk sees it.
    pub row: u32,
    /// The last row of the header: the same, or the next in a header of two rows.
    pub last_row: u32,
    /// Its filled cells from left to right.
    pub columns: Vec<HeaderCell>,
    /// Required columns it does not have. Not empty: refuse the sheet.
    pub missing: Vec<&'static str>,
    /// What stands in the rows above, a line each.
    pub title_text: String,
}

/// A row kept while the header is looked for.
pub(crate) struct Kept {
    /// 1-based.
    pub number: u32,
    /// The line it ends on: a quoted line break makes a record of a text file longer.
    pub last: u32,
    pub cells: Vec<Cell>,
}

/// The header found among the first rows.
pub(crate) struct Found {
    pub layout: usize,
    /// Index of the upper row in the window.
    pub at: usize,
    /// One row or two.
    pub rows: usize,
    pub cells: Vec<HeaderCell>,
    /// Per column of the layout: the index in the sheet.
    pub places: Vec<Option<u32>>,
    rank: Rank,
}

/// Better headers have every required column, then more columns, then more exact ones; on a tie one row beats two, unless
/// cells are merged over both, and the earlier row wins.
type Rank = (bool, usize, usize, std::cmp::Reverse<u8>);

/// A possible header: for each filled column what is shown and how it may be read.
struct Candidate {
    columns: Vec<(u32, String, Vec<String>)>,
    rows: usize,
    /// The less the likelier.
    doubt: u8,
}

/// The best header in the window, if any row is one.
pub(crate) fn find(
    window: &[Kept],
    merges: &Merges,
    layouts: &[Layout],
    known: &[Headings],
) -> Option<Found> {
    let mut best: Option<Found> = None;
    for at in 0..window.len() {
        for candidate in candidates(window, at, merges, known) {
            let readings: Vec<_> =
                candidate.columns.iter().map(|(_, _, readings)| readings.clone()).collect();
            for (layout, headings) in known.iter().enumerate() {
                let matched = headings.fit(&readings);
                let rank: Rank =
                    (matched.all_required, matched.count, matched.exact, std::cmp::Reverse(candidate.doubt));
                if headings.is_header(&matched, readings.len()) && best.as_ref().is_none_or(|b| rank > b.rank)
                {
                    best = Some(found(layout, &layouts[layout], at, &candidate, &matched, rank));
                }
            }
        }
    }
    best
}

fn found(
    layout: usize,
    of: &Layout,
    at: usize,
    candidate: &Candidate,
    matched: &Matched,
    rank: Rank,
) -> Found {
    let mut places = vec![None; of.columns.len()];
    let cells = candidate
        .columns
        .iter()
        .zip(&matched.columns)
        .map(|((index, shown, _), column)| {
            if let Some(column) = column {
                places[*column] = Some(*index);
            }
            HeaderCell {
                letter: letter(*index),
                index: *index as usize,
                heading: shown.clone(),
                key: column.map(|column| of.columns[column].key),
            }
        })
        .collect();
    Found { layout, at, rows: candidate.rows, cells, places, rank }
}

fn shown(cell: &Cell) -> String {
    cell.raw.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The row alone, and joined with the one below where that makes sense.
fn candidates(window: &[Kept], at: usize, merges: &Merges, known: &[Headings]) -> Vec<Candidate> {
    let Kept { last, cells: top, .. } = &window[at];
    let alone =
        top.iter().map(|cell| (cell.index, shown(cell), vec![heading(&cell.raw)])).collect::<Vec<_>>();
    let mut out = vec![Candidate { columns: alone, rows: 1, doubt: 1 }];
    if let Some(below) = window.get(at + 1).filter(|below| below.number == last + 1) {
        out.extend(joined(below.number - 1, top, &below.cells, merges, known));
    }
    out
}

/// Two rows as one header: merged cells say so, or every cell of the lower row is a known heading.
fn joined(
    lower: u32,
    top: &[Cell],
    bottom: &[Cell],
    merges: &Merges,
    known: &[Headings],
) -> Option<Candidate> {
    let ranges = merges.starting_at(lower - 1);
    let tall = ranges.iter().any(|range| range.last_row == lower);
    let wide = ranges.iter().any(|range| {
        range.last_column > range.first_column
            && bottom.iter().any(|cell| (range.first_column..=range.last_column).contains(&cell.index))
    });
    // A merged title over the header looks like a group heading over everything: then the lower row alone is better.
    let title = top.len() == 1;
    let headings_below = || {
        let readings: Vec<_> = bottom.iter().map(|cell| vec![heading(&cell.raw)]).collect();
        known.iter().any(|headings| headings.fit(&readings).exact == bottom.len())
    };
    if title || !(tall || wide || headings_below()) {
        return None;
    }
    let above = |column: u32| {
        let range = ranges.iter().find(|range| (range.first_column..=range.last_column).contains(&column));
        let from = range.map_or(column, |range| range.first_column);
        top.iter().find(|cell| cell.index == from)
    };
    let mut indices: Vec<u32> = top.iter().chain(bottom).map(|cell| cell.index).collect();
    indices.sort_unstable();
    indices.dedup();
    let columns = indices
        .into_iter()
        .map(|index| match (above(index), bottom.iter().find(|cell| cell.index == index)) {
            (Some(top), Some(bottom)) => {
                let both = format!("{} {}", shown(top), shown(bottom));
                let readings = vec![heading(&both), heading(&bottom.raw)];
                (index, both, readings)
            }
            (Some(cell), None) | (None, Some(cell)) => (index, shown(cell), vec![heading(&cell.raw)]),
            (None, None) => (index, String::new(), vec![]),
        })
        .collect();
    Some(Candidate { columns, rows: 2, doubt: if tall { 0 } else { 2 } })
}

/// When there is no header: the row that came closest, to show the clerk.
pub(crate) fn closest(sheet: &str, window: &[Kept], layouts: &[Layout], known: &[Headings]) -> ClosestHeader {
    let mut best: Option<(usize, &Kept, usize, Matched)> = None;
    for kept in window {
        let readings: Vec<_> = kept.cells.iter().map(|cell| vec![heading(&cell.raw)]).collect();
        for (layout, headings) in known.iter().enumerate() {
            let matched = headings.fit(&readings);
            if matched.count > best.as_ref().map_or(0, |(count, ..)| *count) {
                best = Some((matched.count, kept, layout, matched));
            }
        }
    }
    let Some((_, Kept { number: row, cells, .. }, layout, matched)) = best else {
        return ClosestHeader { sheet: sheet.to_owned(), row: None, headings: vec![], missing: vec![] };
    };
    let missing = layouts[layout]
        .columns
        .iter()
        .enumerate()
        .filter(|(index, column)| column.required && !matched.columns.contains(&Some(*index)));
    ClosestHeader {
        sheet: sheet.to_owned(),
        row: Some(*row),
        headings: cells.iter().take(20).map(|cell| shown(cell).chars().take(30).collect()).collect(),
        missing: missing.map(|(_, column)| column.title.to_owned()).collect(),
    }
}
