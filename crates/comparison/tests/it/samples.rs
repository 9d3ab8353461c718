//! Each rule that comes with the program, with its sample data as offices send it.

use crate::world::{World, gbk, shown, workbook};
use daylight_comparison::kinds::kind;
use daylight_matching::packed::Key;
use daylight_matching::rules::{Builtin, builtin};
use daylight_matching::stage::hundredths;
use std::collections::BTreeMap;

fn ledger_kind(rule: &str) -> &'static str {
    match rule {
        "bidders-share" => "bids",
        "split-invoices" => "invoices",
        "above-contracted-area" | "above-standard" => "farmland",
        "low-income-owners" => "low-income",
        _ => "payments",
    }
}

type Table = Vec<Vec<String>>;

/// The rows of a sample under the headings of a kind; cells that the kind has no column for must be blank.
fn table(header: &[String], rows: &[Vec<String>], of: &str) -> Table {
    let kind = kind(of).unwrap();
    let places: Vec<usize> = (0..header.len()).filter(|at| kind.heading(&header[*at]).is_some()).collect();
    for row in rows {
        let lost = (0..header.len()).filter(|at| !places.contains(at) && header[*at] != "roster");
        lost.for_each(|at| assert_eq!(row[at], "", "{of} has no {}", header[at]));
    }
    let mut table =
        vec![places.iter().map(|at| kind.heading(&header[*at]).unwrap().title.to_owned()).collect()];
    table.extend(rows.iter().map(|row| places.iter().map(|at| row[*at].clone()).collect()));
    table
}

fn records(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let words = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let header = words(reader.headers().unwrap());
    (header, reader.records().map(|record| words(&record.unwrap())).collect())
}

/// As a CSV of an office: a title, a blank line, a sum and a signature, in GBK.
fn office_csv(table: &Table) -> Vec<u8> {
    let mut text = "二〇二四年度情况表\r\n\r\n".to_owned();
    for row in table {
        text += &(row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\r\n");
    }
    text += "合计,,,,\r\n填表人：吴建海,,,,\r\n";
    gbk(&text)
}

fn quoted(cell: &str) -> String {
    if cell.contains(',') { format!("\"{cell}\"") } else { cell.to_owned() }
}

fn office_workbook(table: &Table) -> Vec<u8> {
    let mut rows = table.clone();
    rows.push(vec!["合计".into()]);
    workbook(&[("发放明细", rows)])
}

fn world(own: &Builtin, ending: &str, write: fn(&Table) -> Vec<u8>) -> World {
    let mut world = World::new(&[own.name]);
    let (header, rows) = records(own.ledger);
    let kind = ledger_kind(own.name);
    world.ledger(kind, &format!("台账.{ending}"), &write(&table(&header, &rows, kind)), "");
    let (header, rows) = records(own.roster);
    let mut rosters: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for row in rows {
        rosters.entry(row[0].clone()).or_default().push(row);
    }
    for (name, rows) in rosters {
        world.roster(&name, &format!("{name}.{ending}"), &write(&table(&header, &rows, &name)), "");
    }
    world
}

#[test]
fn every_rule_finds_in_office_files_what_its_sample_expects() {
    // Lines above the header, in files of each sort.
    for (ending, above, write) in
        [("csv", 2, office_csv as fn(&Table) -> Vec<u8>), ("xlsx", 1, office_workbook)]
    {
        for own in builtin() {
            let outcome =
                world(own, ending, write).run().unwrap_or_else(|fault| panic!("{}: {fault}", own.name));
            let mut found: Vec<_> = shown(&outcome)
                .into_iter()
                .map(|hit| {
                    let lines: Vec<_> = hit.rows.iter().map(|row| (row.line - above).to_string()).collect();
                    (hit.subject, lines.join(" "), hit.amount)
                })
                .collect();
            let mut expected: Vec<_> = records(own.expected)
                .1
                .into_iter()
                .map(|row| {
                    let subject =
                        row[0].strip_prefix('#').map_or(row[0].clone(), |text| Key::text(text).to_text());
                    (subject, row[1].clone(), hundredths(&row[2]).unwrap())
                })
                .collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{} as {ending}", own.name);
            let held = &outcome.ledgers[0].held;
            assert_eq!(held.left_out, if ending == "csv" { 2 } else { 1 }, "{}: {held:?}", own.name);
        }
    }
}
