use super::*;
use std::collections::BTreeSet;

#[test]
fn the_library_that_comes_with_the_program_is_sound_and_covers_every_post() {
    let library = Library::first();
    assert_eq!(library.faults(None), []);
    assert!((28..=40).contains(&library.indicators.len()));
    let grounds: BTreeSet<_> = library.indicators.iter().map(|one| one.ground).collect();
    assert_eq!(grounds.len(), Ground::ALL.len(), "六大纪律和岗位都要有");
    let names: Vec<_> = library.powers.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["流程是否合理", "风险是否找准", "防控是否到位", "结果是否真实"]);
}

#[test]
fn every_post_is_asked_few_questions_of_both_virtues_and_of_many_grounds() {
    let library = Library::first();
    let find = |code: &str| library.indicators.iter().find(|one| one.code == code).unwrap();
    for target in Target::all() {
        let asked = library.for_cadre(target).list;
        assert!((6..=MOST).contains(&asked.len()), "{target:?}: {}", asked.len());
        let of = |virtue| asked.iter().filter(|one| find(&one.code).virtue == virtue).count();
        assert!(of(Virtue::Integrity) >= 3 && of(Virtue::Diligence) >= 3, "{target:?}");
        let grounds: BTreeSet<_> = asked.iter().map(|one| find(&one.code).ground).collect();
        assert!(grounds.len() >= 4, "{target:?}: {grounds:?}");
        assert!(asked.iter().all(|one| target.fits(find(&one.code))), "{target:?}");
        let codes: BTreeSet<_> = asked.iter().map(|one| &one.code).collect();
        assert_eq!(codes.len(), asked.len());
    }
}

#[test]
fn a_teacher_is_asked_about_parents_and_a_member_otherwise_than_another() {
    let library = Library::first();
    let codes = |target| library.for_cadre(target).list.into_iter().map(|one| one.code).collect::<Vec<_>>();
    let teacher = Target { rank: Rank::Head, sector: Sector::School, party: Some(Party::Member) };
    assert!(codes(teacher).contains(&"school-fees".to_owned()));
    let other = Target { party: Some(Party::NonMember), ..teacher };
    assert_ne!(codes(teacher), codes(other));
    // Nobody is asked as a member of whom it is not known.
    let unknown = codes(Target { party: None, ..teacher });
    assert!(!unknown.iter().any(|code| code.starts_with("party-") || code.starts_with("nonparty-")));
}

#[test]
fn questions_on_character_doubles_and_changed_words_under_an_old_version_are_refused() {
    let first = Library::first();
    let with = |change: fn(&mut Library)| {
        let mut library = first.clone();
        change(&mut library);
        library.faults(Some(&first))
    };
    let word = with(|library| {
        library.indicators[0].text = "您觉得他（她）人品好吗？".into();
        library.indicators[0].version += 1;
    });
    assert!(matches!(&word[..], [Fault::Opinion { word, .. }] if word == "人品"), "{word:?}");
    let code = first.indicators[3].code.clone();
    assert_eq!(
        with(|library| library.indicators[3].text = "他（她）到岗吗？".into()),
        [Fault::Version(code.clone())]
    );
    assert_eq!(with(|library| library.indicators[3].version += 1), [Fault::Version(code)]);
    let twice = with(|library| library.indicators[1].code = library.indicators[0].code.clone());
    assert!(twice.contains(&Fault::Twice(first.indicators[0].code.clone())));
    assert!(
        with(|library| library.scales[0].steps[4] = UNKNOWN.into())
            .iter()
            .any(|f| matches!(f, Fault::Scale(_)))
    );
    assert!(with(|library| drop(library.powers.pop())).contains(&Fault::Powers(3)));
    assert!(with(|library| library.indicators.truncate(6)).iter().any(|f| matches!(f, Fault::Thin(..))));
}

#[test]
fn an_edition_comes_into_force_by_two_people_upon_the_one_in_force() {
    let first = Library::first();
    let draft = Edition::draft(&first, 7);
    assert_eq!(draft.clone().approve(8, &first), Err(EditionError::NotNow));
    let waiting = draft.clone().submit(&first).unwrap();
    assert_eq!(waiting.clone().approve(7, &first), Err(EditionError::OwnWork));
    assert_eq!(waiting.clone().give_back().unwrap().standing, Standing::Draft);
    let second = waiting.clone().approve(8, &first).unwrap();
    assert_eq!(second.standing, Standing::InForce { reviewer: 8 });
    // A second draft upon the first edition comes too late.
    assert_eq!(waiting.approve(8, &second.library), Err(EditionError::Outrun(2)));
    let mut bad = draft;
    bad.library.powers.clear();
    assert!(matches!(bad.submit(&first), Err(EditionError::Faults(faults)) if faults.len() == 1));
}

#[test]
fn what_rosters_say_of_the_party_is_read() {
    for (text, expected) in [
        ("中共党员", Some(Party::Member)),
        ("中共预备党员", Some(Party::Member)),
        ("党员", Some(Party::Member)),
        ("非中共党员", Some(Party::NonMember)),
        ("群众", Some(Party::NonMember)),
        ("民盟盟员", Some(Party::NonMember)),
        (" ", None),
    ] {
        assert_eq!(Party::from_page(text), expected, "{text}");
    }
}
