//! Who sees what of a dossier: every kind of entry in every state, for every reader, against a table written from the prose.

use daylight_ratings::dossier::{Dossier, Entry, Kind, Look, Purpose, Status, Step, View, view};

const TODAY: i64 = 500;

/// An entry as the oracle sees it.
#[derive(Clone, Copy, Debug)]
struct Case {
    kind: Kind,
    status: Status,
    told: bool,
    published: bool,
}

/// Makes a dossier with this one entry; none where no history leads there.
fn dossier(case: Case) -> Option<Dossier> {
    let until = if case.status == Status::Expired { Some(TODAY - 1) } else { Some(TODAY) };
    let text = || "某事".to_owned();
    let entry = Entry {
        kind: case.kind,
        day: 1,
        post: text(),
        text: text(),
        source: text(),
        until,
        told: case.told,
        published: false,
    };
    let mut steps = vec![Step::Enter { entry }];
    let verified = matches!(case.status, Status::Verified | Status::Expired);
    if case.kind == Kind::Report && verified {
        steps.push(Step::Verify { of: 0 });
    }
    if case.published {
        steps.push(Step::Publish { of: 0 });
    }
    if case.status == Status::Sealed {
        steps.push(Step::Seal { of: 0 });
    }
    if case.kind != Kind::Report && case.status == Status::Unverified {
        return None;
    }
    Dossier::fold(steps).ok()
}

/// Whether a reader sees the entry, as issue 4 and rule 8 of domain.md say it.
fn may_see(reader: View, case: Case) -> bool {
    let decision = matches!(case.kind, Kind::Conclusion | Kind::Sanction);
    let public_kind = decision
        || matches!(case.kind, Kind::Appointment | Kind::Rating | Kind::Commendation | Kind::Clarification);
    match (reader, case.status) {
        // Published ratings and published effective decisions; nothing unproven, sealed or past.
        (View::Public, Status::Verified) => public_kind && case.published,
        (View::Public, _) => false,
        // Everything of which they were told, what is sealed too; of nothing else.
        (View::Own, _) => case.told,
        // Unproven ones never as facts; unfounded ones are sealed.
        (View::Organisation(_), Status::Verified | Status::Expired) => true,
        (View::Organisation(_), Status::Unverified | Status::Sealed) => false,
    }
}

fn readers() -> Vec<View> {
    [View::Public, View::Own].into_iter().chain(Purpose::ALL.map(View::Organisation)).collect()
}

#[test]
fn every_reader_sees_what_the_prose_says_and_nothing_else() {
    let (mut seen, mut hidden) = (0, 0);
    for kind in Kind::ALL {
        for status in Status::ALL {
            for (told, published) in [(false, false), (true, false), (true, true)] {
                let case = Case { kind, status, told, published };
                let Some(dossier) = dossier(case) else { continue };
                for reader in readers() {
                    let shown = view(&dossier, &[], reader, TODAY);
                    let expected = may_see(reader, case);
                    assert_eq!(!shown.entries.is_empty(), expected, "{case:?} {reader:?}");
                    assert!(shown.entries.iter().all(|(_, found)| *found == status), "{case:?} {reader:?}");
                    (seen, hidden) = (seen + i32::from(expected), hidden + i32::from(!expected));
                    // Numbers of reports tell no more than the entries may.
                    let counts = shown.reports.unwrap_or_default();
                    let total = counts.unverified + counts.verified + counts.sealed;
                    let open =
                        reader == View::Organisation(Purpose::Discipline) && status == Status::Unverified;
                    let told_of = kind == Kind::Report && (expected && reader != View::Public || open);
                    assert_eq!(total > 0, told_of, "{case:?} {reader:?} {counts:?}");
                }
            }
        }
    }
    assert!(seen > 100 && hidden > 100, "{seen} {hidden}");
}

#[test]
fn only_the_cadre_sees_who_looked_and_not_who_inquires() {
    let look = |purpose| Look { who: "县委组织部 甲".into(), purpose, at: 1 };
    let looks: Vec<_> = Purpose::ALL.map(look).to_vec();
    let dossier = Dossier::default();
    for reader in readers() {
        let seen: Vec<_> =
            view(&dossier, &looks, reader, TODAY).looks.iter().map(|look| look.purpose).collect();
        let expected: &[Purpose] =
            if reader == View::Own { &[Purpose::Appointment, Purpose::Award, Purpose::Move] } else { &[] };
        assert_eq!(seen, expected, "{reader:?}");
    }
}
