use super::*;
use crate::{
    calendar::Calendar,
    deadlines::{NoExtension, Profile, Rule},
};
use daylight_ui::Lamp;

fn profile(code: &str) -> Profile {
    Profile::seeds().into_iter().find(|profile| profile.code == code).unwrap()
}

fn clocks(story: &Story, code: &str) -> Vec<(Clock, Stage, time::Date, bool)> {
    let found = story.case.clocks(&profile(code), &Calendar::shipped(), story.now);
    found
        .iter()
        .map(|one| (one.run.rule.clock, one.run.rule.stage, one.due.date, one.run.ended.is_some()))
        .collect()
}

#[test]
fn the_clocks_of_a_case_follow_its_moments() {
    use Clock::{Accept, Forward, Handle, Reply};
    use Stage::{First, Second};
    let story = Story::routed();
    let due = date!(2026 - 03 - 23);
    assert_eq!(
        clocks(&story, "accusation"),
        [(Forward, First, date!(2026 - 03 - 09), false), (Accept, First, due, false)]
    );
    let story = story.days(2).accepted().assigned();
    let handle = (Handle, First, date!(2026 - 04 - 04), false);
    assert_eq!(clocks(&story, "accusation")[0], handle);
    assert_eq!(clocks(&story, "accusation").iter().filter(|one| one.3).count(), 2);
    let story = story.staff(Role::Leader, Deed::FileCase);
    assert_eq!(clocks(&story, "accusation")[0].2, date!(2026 - 06 - 04));
    let story = story.days(5).concluded();
    assert_eq!(clocks(&story, "accusation")[0], (Reply, First, date!(2026 - 03 - 30), false));
    let story = story.answered();
    assert!(clocks(&story, "accusation").iter().all(|one| one.3));
    let story = story.then(By::Reporter, Deed::Dissatisfied { to: Some(Above::Organ(XIAN)) });
    // The second stage has a clock of its own; that a case was filed in the first does not lengthen it.
    assert_eq!(clocks(&story, "county")[0], (Handle, Second, date!(2026 - 04 - 09), false));
}

#[test]
fn forwarding_begins_the_organs_clock_anew_and_the_citizens_goes_on() {
    let story = Story::routed().days(2).staff(Role::Intake, Deed::Forward { organ_id: 3 });
    let found = clocks(&story, "accusation");
    assert_eq!((found[0].2, found[1].2), (date!(2026 - 03 - 11), date!(2026 - 03 - 23)));
    assert_eq!(clocks(&story, "county")[1].2, date!(2026 - 04 - 02));
    let to = Deed::Forward { organ_id: 3 };
    assert_eq!(story.refused(staff(3, Role::Intake), to), Refused::SameOrgan);
}

#[test]
fn another_organ_takes_over_what_was_accepted_and_the_citizens_clock_goes_on() {
    let story = Story::routed().accepted().assigned().days(40);
    let story = story.then(By::Platform, Deed::Route { organ_id: 3 });
    assert_eq!((story.state(), story.case.handler_id), (State::Accepted, None));
    let found = clocks(&story, "accusation");
    assert_eq!(found[0], (Clock::Handle, Stage::First, date!(2026 - 04 - 02), false));
    assert!(found.iter().all(|one| one.0 != Clock::Forward));
}

#[test]
fn waiting_for_the_reporter_stops_the_clock_until_they_answer_or_the_handler_goes_on() {
    for (by, deed) in [
        (By::Reporter, Deed::Supply { points: 0 }),
        (staff(ZHEN, Role::Handler), Deed::Resume),
        (By::Platform, Deed::Route { organ_id: 3 }),
    ] {
        let story = Story::routed().accepted().assigned().staff(Role::Handler, Deed::Ask);
        assert_eq!(story.state(), State::Asking);
        let story = story.days(4).then(by, deed).days(30);
        assert_eq!(clocks(&story, "county")[0].2, date!(2026 - 04 - 06));
        assert_eq!(story.case.pauses[0].until, Some(story.case.pauses[0].from + 4 * DAY));
    }
}

#[test]
fn overdue_is_counted_in_working_days_and_only_while_it_lasts() {
    let calendar = Calendar::shipped();
    let late = |story: &Story| {
        let clocks = story.case.clocks(&profile("county"), &calendar, story.now);
        overdue_days(&clocks, &calendar, story.now)
    };
    // Due on Thursday 2 April 2026; then a Friday, and three days of 清明节.
    let story = Story::routed().accepted().assigned().days(31);
    assert_eq!(late(&story), None);
    let story = story.days(1);
    assert_eq!(late(&story), Some(1));
    let story = story.days(4);
    assert_eq!(late(&story), Some(2));
    assert_eq!(lamp(&story.case), Lamp::Yellow, "overdue is no lamp");
    assert_eq!(late(&story.concluded().answered()), None);
    // Due on a Friday, late on the Saturday: no working day has passed, and late is late.
    let story = Story::begin(end_of_day(date!(2026 - 03 - 03)))
        .then(By::Platform, Deed::Route { organ_id: ZHEN })
        .accepted()
        .days(32);
    assert_eq!(late(&story), Some(1));
}

#[test]
fn a_leader_may_extend_a_running_clock_and_the_reporter_has_thirty_days_to_speak() {
    let calendar = Calendar::shipped();
    let petition = profile("petition");
    let story = Story::routed().accepted().assigned();
    let ask = |story: &Story, clock| {
        story.case.may_extend(&petition, &calendar, clock, Term::Days(30), story.now).map(|more| more.by)
    };
    assert_eq!(ask(&story, Clock::Handle), Ok(Term::Days(30)));
    assert_eq!(ask(&story, Clock::Accept), Err(NoExtension::Never));
    assert_eq!(story.case.silence_ends(&petition, &calendar, story.now), None);
    let grant = Deed::Extend { clock: Clock::Handle, by: Term::Days(30) };
    assert_eq!(story.refused(staff(ZHEN, Role::Leader), grant.clone()), Refused::Unasked);
    let story = story.asks_time(30).staff(Role::Leader, grant);
    assert_eq!(ask(&story, Clock::Handle), Err(NoExtension::Twice));
    let story = story.concluded().answered();
    assert_eq!(ask(&story, Clock::Handle), Err(NoExtension::Never));
    let ends = story.case.silence_ends(&petition, &calendar, story.now).unwrap();
    assert_eq!(ends.date, date!(2026 - 04 - 01));
    let again = story.then(By::Reporter, Deed::Satisfied).days(1).staff(Role::Leader, Deed::Reopen);
    assert_eq!(ask(&again, Clock::Handle), Ok(Term::Days(30)));
}

#[test]
fn time_added_to_one_clock_is_not_added_to_another() {
    let mut petition = profile("petition");
    let handle = petition.rule(Clock::Handle, Stage::First).unwrap().clone();
    petition.rules.push(Rule { clock: Clock::Reply, ..handle });
    let story = Story::routed().accepted().assigned().asks_time(30);
    let story = story.staff(Role::Leader, Deed::Extend { clock: Clock::Handle, by: Term::Days(30) });
    let found = story.case.clocks(&petition, &Calendar::shipped(), story.now);
    let due = |clock| found.iter().find(|one| one.run.rule.clock == clock).unwrap().due.date;
    assert_eq!((due(Clock::Reply), due(Clock::Handle)), (date!(2026 - 05 - 01), date!(2026 - 05 - 31)));
}

#[test]
fn a_reopened_case_has_new_clocks() {
    let story = Story::whole().then(By::Reporter, Deed::Satisfied).days(90).staff(Role::Leader, Deed::Reopen);
    assert_eq!(clocks(&story, "county")[0].2, date!(2026 - 06 - 30));
    assert!(!clocks(&story, "county")[0].3);
}
