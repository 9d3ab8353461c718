//! What everybody is told of clues: how many were disposed of in which way, by year, in fives. Nothing else.

use super::{Disposal, store::Counts};
use crate::{
    clock::{Millis, beijing},
    oversight::disclose,
};
use daylight_ui::{Column, Html as Markup, Section, Table};

/// This year and the two before it. A year without any looks like one with a few.
pub fn section(counts: &Counts, now: Millis) -> Section {
    let this = i64::from(beijing(now).year());
    let columns = [Column::from("年份"), Column::figures("合计")].into_iter();
    let columns = columns.chain(Disposal::ALL.map(|disposal| Column::figures(disposal.page())));
    let mut table = Table::new("已处置的问题线索（件）", columns).caption_hidden().dense();
    for year in (0..3).map(|ago| this - ago) {
        let of = |disposal: &Disposal| counts.get(&year)?.get(disposal).copied();
        let parts = Disposal::ALL.map(|disposal| of(&disposal).unwrap_or(0));
        let (whole, cells) = disclose(parts.iter().sum(), &parts);
        let cells = [whole].into_iter().chain(cells).map(|cell| Markup::from(cell.page()));
        table.push([Markup::from(format!("{year}年"))].into_iter().chain(cells), false);
    }
    let words = "问题线索是等待核查的情况，不说明任何人有问题。线索只有四种处置方式，由一人提出、另一位领导审批；这里只公布件数。";
    let body: Markup = [Markup::paragraphs(words), table.into()].into_iter().collect();
    Section::new("问题线索处置", body).id("clues")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn years_are_shown_in_fives_and_a_few_look_like_none() {
        const NOW: Millis = 1_795_312_800_000;
        let of = |talk, hold| BTreeMap::from([(Disposal::Talk, talk), (Disposal::Hold, hold)]);
        let none = section(&Counts::new(), NOW).to_string();
        assert_eq!(none, section(&Counts::from([(2026, of(4, 0)), (2020, of(50, 50))]), NOW).to_string());
        let many = section(&Counts::from([(2026, of(12, 4)), (2025, of(7, 0))]), NOW).to_string();
        for word in ["2026年", "2024年", "10–14", "5–9", "谈话函询", "初步核实", "暂存待查", "予以了结"]
        {
            assert!(many.contains(word), "{word}: {many}");
        }
        assert!(!many.contains(">12<") && !many.contains(">16<"), "{many}");
    }
}
