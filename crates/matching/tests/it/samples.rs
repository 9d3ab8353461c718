//! Each rule against the sample data beside it: `rules/NAME/`.

use daylight_matching::exact::RosterBuilder;
use daylight_matching::hits::{Hit, Subject};
use daylight_matching::packed::Key;
use daylight_matching::rules::{Rule, builtin};
use daylight_matching::run::{Plan, State};
use daylight_matching::segments::{Batch, Field};
use daylight_matching::stage::{Stager, hundredths};
use std::collections::BTreeMap;

fn field(name: &str) -> Field {
    serde_json::from_value(serde_json::Value::from(name)).unwrap_or_else(|_| panic!("no field {name}"))
}

/// The rows of a CSV file, grouped by the column `roster` where there is one.
fn tables(text: &str) -> BTreeMap<String, (Batch, usize)> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let of_roster = header.iter().position(|name| name == "roster");
    let fields: Vec<Field> = header.iter().filter(|name| *name != "roster").map(field).collect();
    let mut stagers: BTreeMap<String, Stager> = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        let line = record.position().unwrap().line() as u32;
        let roster = of_roster.map_or("", |at| &record[at]);
        let cells: Vec<&str> = record
            .iter()
            .enumerate()
            .filter(|(at, _)| Some(*at) != of_roster)
            .map(|(_, cell)| cell)
            .collect();
        stagers.entry(roster.to_owned()).or_insert_with(|| Stager::new(&fields)).push(line, &cells);
    }
    stagers
        .into_iter()
        .map(|(name, mut stager)| {
            let batch = stager.take();
            (name, (batch, stager.problems.len()))
        })
        .collect()
}

fn told(hit: &Hit) -> (String, String, i64) {
    let subject = match &hit.subject {
        Subject::Person(id) => id.to_text(),
        Subject::Shared { key, .. } => key.to_text(),
    };
    let lines: Vec<String> = hit.rows.iter().map(|row| row.line.to_string()).collect();
    (subject, lines.join(" "), hit.amount)
}

fn run(rule: &str, ledger: &str, roster: &str) -> (Vec<Hit>, State) {
    let rosters = if roster.is_empty() { BTreeMap::new() } else { tables(roster) };
    let rosters = rosters
        .into_iter()
        .map(|(name, (batch, _))| {
            let mut builder = RosterBuilder::new(&name);
            builder.push(&batch);
            builder.finish()
        })
        .collect();
    let plan = Plan::new(vec![Rule::parse(rule).unwrap()], rosters).unwrap();
    let mut state = State::default();
    plan.feed(&mut state, &tables(ledger)[""].0);
    (plan.hits(&state), state)
}

#[test]
fn every_rule_finds_what_its_sample_expects() {
    for own in builtin() {
        let rule = Rule::parse(own.rule).unwrap_or_else(|error| panic!("{}: {error}", own.name));
        assert_eq!(&*rule.id, own.name);
        assert!(!rule.explanations.is_empty(), "{}: what else could explain a hit?", own.name);
        let (hits, _) = run(own.rule, own.ledger, own.roster);
        let mut found: Vec<_> = hits.iter().map(told).collect();
        let mut expected: Vec<_> = csv::Reader::from_reader(own.expected.as_bytes())
            .records()
            .map(|record| {
                let record = record.unwrap();
                let subject = match record[0].strip_prefix('#') {
                    Some(text) => Key::text(text).to_text(),
                    None => record[0].to_owned(),
                };
                (subject, record[1].to_owned(), hundredths(&record[2]).unwrap())
            })
            .collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{}", own.name);
    }
}

#[test]
fn a_hit_shows_what_speaks_against_it() {
    let of = |name: &str| builtin().iter().find(|own| own.name == name).unwrap();
    let dead = of("dead-at-payment");
    let (hits, state) = run(dead.rule, dead.ledger, dead.roster);
    let json = serde_json::to_value(&hits[0]).unwrap();
    let kinds: Vec<&str> =
        json["contrary"].as_array().unwrap().iter().map(|own| own["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["near-edge", "near-edge", "no-payment", "taken-back"]);
    assert_eq!(json["rows"][0]["evidence-rows"], serde_json::Value::Null);
    assert_eq!(hits[0].rows[0].evidence_rows, 2, "a roster's duplicates are evidence, not further hits");
    assert_eq!(state.undated, 1);

    let payroll = of("on-payroll");
    let (hits, _) = run(payroll.rule, payroll.ledger, payroll.roster);
    let json = serde_json::to_value(&hits[1]).unwrap();
    assert_eq!(json["contrary"][0]["kind"], "other-name");
    assert_eq!(json["contrary"][1], serde_json::json!({ "kind": "not-at-the-time", "rows": 1 }));
}

#[test]
fn only_a_later_row_takes_a_payment_back() {
    let own = builtin().iter().find(|own| own.name == "dead-at-payment").unwrap();
    let id = "999901195001010110";
    let ledger = |dates: [&str; 3]| {
        let rows = dates.iter().zip(["-120.00", "120.00", "120.00"]);
        let rows: String =
            rows.map(|(date, amount)| format!("{id},赵守田,{date},{amount},高龄津贴\n")).collect();
        format!("person,name,date,amount,scheme\n{rows}")
    };
    let id_of_roster = own.roster.lines().nth(1).and_then(|line| line.split(',').nth(1)).unwrap();
    for (dates, expected) in [
        (["2024-05-01", "2024-06-01", "2024-07-01"], 0),
        (["2024-06-15", "2024-06-01", "2024-07-01"], 1),
        (["2024-06-01", "2024-06-01", "2024-07-01"], 1),
    ] {
        let (hits, _) = run(own.rule, &ledger(dates).replace(id, id_of_roster), own.roster);
        let json = serde_json::to_string(&hits[0].rows).unwrap();
        assert_eq!(json.matches("taken-back").count(), expected, "{dates:?}");
    }
    // Nothing but taking back is no hit.
    let only = ledger(["2024-05-01", "2024-06-01", "2024-07-01"]).replace(",120.00", ",-120.00");
    assert!(run(own.rule, &only.replace(id, id_of_roster), own.roster).0.is_empty());
}

#[test]
fn a_rule_that_says_anything_else_is_refused() {
    let good = builtin()[0].rule;
    for (from, to) in [
        ("version = 1", "version = 0"),
        ("kind = \"above\"", "kind = \"sql\""),
        ("tolerance-percent = 5", "tolerance-percent = 5\nquery = \"1=1\""),
        ("claimed-area = true", "claimed-area = false"),
    ] {
        assert!(good.contains(from));
        assert!(Rule::parse(&good.replace(from, to)).is_err(), "{to}");
    }
}
