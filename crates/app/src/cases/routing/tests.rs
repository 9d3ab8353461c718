//! Routing against an oracle written from the prose of domain.md (rule 1), with other means: parents instead of
//! paths, "for every" and "there is" instead of sets.

use super::*;
use crate::units::Category;
use proptest::prelude::*;

/// Parent, host unit and watched units of an organ.
type TinyOrgan = (Option<usize>, Option<usize>, Vec<(usize, bool)>);

/// A county in a nutshell. Indices from 0 here are ids from 1 there; person `p` is cadre and account at once.
#[derive(Clone, Debug, Default)]
struct Tiny {
    /// Parent of each unit, and whether it is one of the 四大机构.
    units: Vec<(Option<usize>, bool)>,
    organs: Vec<TinyOrgan>,
    /// Units and rank of each person, and whether their account is tied to them.
    people: Vec<(Vec<usize>, Rank, bool)>,
    /// Who has which role where.
    staff: Vec<(usize, usize, Role)>,
    relatives: Vec<(usize, usize)>,
    kind: Option<Kind>,
    unit: Option<usize>,
    place: Option<usize>,
    named: Vec<usize>,
    mentioned: Vec<usize>,
    recused: Vec<usize>,
}

fn id(index: usize) -> i64 {
    i64::try_from(index).unwrap() + 1
}

impl Tiny {
    fn kind(&self) -> Kind {
        self.kind.unwrap_or(Kind::Accusation)
    }

    fn world(&self) -> World {
        let path = |mut at: usize| {
            let mut path = format!("/{}/", id(at));
            while let Some(parent) = self.units[at].0 {
                path = format!("/{}{path}", id(parent));
                at = parent;
            }
            path
        };
        let unit = |at: usize| {
            let category = self.units[at].1.then_some(Category::Leading);
            (id(at), Unit { path: path(at), category })
        };
        let organ = |(at, (parent, host, watches)): (usize, &TinyOrgan)| {
            let watches = watches.iter().map(|(unit, subtree)| (id(*unit), *subtree)).collect();
            (id(at), Organ { parent_id: parent.map(id), unit_id: host.map(id), watches })
        };
        let cadre = |(at, (units, rank, _)): (usize, &(Vec<usize>, Rank, bool))| {
            (id(at), Cadre { units: units.iter().map(|unit| id(*unit)).collect(), rank: *rank })
        };
        let staff = |(person, organ, role): &(usize, usize, Role)| Staff {
            account_id: id(*person),
            organ_id: id(*organ),
            role: *role,
            cadre_id: self.people[*person].2.then_some(id(*person)),
        };
        World {
            units: (0..self.units.len()).map(unit).collect(),
            organs: self.organs.iter().enumerate().map(organ).collect(),
            cadres: self.people.iter().enumerate().map(cadre).collect(),
            staff: self.staff.iter().map(staff).collect(),
            relatives: self.relatives.iter().map(|(a, b)| (id(*a), id(*b))).collect(),
            superior: Superior { channel: "市纪委监委".into(), key: None },
        }
    }

    fn matter(&self) -> Matter {
        Matter {
            kind: self.kind(),
            unit_id: self.unit.map(id),
            place_unit_id: self.place.map(id),
            named: self.named.iter().map(|one| id(*one)).collect(),
            recused: self.recused.iter().map(|one| id(*one)).collect(),
            mentioned: self.mentioned.iter().map(|one| (id(*one), None)).collect(),
            ..Matter::about_nothing()
        }
    }

    fn route(&self) -> Route {
        route(&self.world(), &Table::seed(), &self.matter())
    }

    // From here on: the prose.

    /// Is this unit the other one, or somewhere below it?
    fn within(&self, unit: usize, other: usize) -> bool {
        unit == other || self.units[unit].0.is_some_and(|parent| self.within(parent, other))
    }

    /// A report never reaches the accused unit, nor the unit of an accused person, nor what is below these.
    fn in_question(&self, unit: usize) -> bool {
        let itself = self.kind() == Kind::Accusation || self.kind() == Kind::Complaint;
        let of_unit = itself && self.unit.is_some_and(|accused| self.within(unit, accused));
        of_unit
            || self.named.iter().any(|one| self.people[*one].0.iter().any(|home| self.within(unit, *home)))
    }

    /// It never reaches the accused, their unit, subordinates or declared relatives; nor whoever was recused.
    fn must_not_see(&self, person: usize) -> bool {
        let (units, _, known) = &self.people[person];
        let kin =
            |one: usize| self.relatives.iter().any(|pair| *pair == (person, one) || *pair == (one, person));
        !known
            || self.recused.contains(&person)
            || self.named.contains(&person)
            || self.named.iter().any(|one| kin(*one))
            // Nor whoever the reporter writes of, nor their relatives; of their units nobody can say.
            || self.mentioned.contains(&person)
            || self.mentioned.iter().any(|one| kin(*one))
            || units.iter().any(|unit| self.in_question(*unit))
    }

    /// An organ is out when it sits in what is in question, when an accused serves in it, or when it answers to
    /// such an organ.
    fn organ_out(&self, organ: usize) -> bool {
        let (parent, host, _) = &self.organs[organ];
        let serves = |(person, at, _): &(usize, usize, Role)| {
            *at == organ && self.people[*person].2 && self.named.contains(person)
        };
        host.is_some_and(|unit| self.in_question(unit))
            || self.staff.iter().any(serves)
            || parent.is_some_and(|parent| self.organ_out(parent))
    }

    /// Who in an organ may see it, in a role.
    fn free(&self, organ: usize, role: Role) -> Vec<usize> {
        let mut found: Vec<_> = (0..self.people.len())
            .filter(|one| self.staff.contains(&(*one, organ, role)) && !self.must_not_see(*one))
            .collect();
        found.dedup();
        found
    }

    /// Somebody accepts, somebody handles, and another one approves.
    fn can_handle(&self, organ: usize) -> bool {
        let (handlers, leaders) = (self.free(organ, Role::Handler), self.free(organ, Role::Leader));
        let two = handlers.iter().any(|one| leaders.iter().any(|other| one != other));
        two && !self.free(organ, Role::Intake).is_empty()
    }

    fn proposed(&self) -> Option<usize> {
        let named = |rank: Rank| self.named.iter().any(|one| self.people[*one].1 == rank);
        let mut sorted = self.named.clone();
        sorted.sort_unstable();
        let home = sorted.iter().find_map(|one| self.people[*one].0.iter().min().copied());
        let unit = self.unit.or(home).or(self.place);
        if named(Rank::County) {
            return None;
        }
        if named(Rank::Head) || unit.is_some_and(|unit| self.units[unit].1) {
            return Some(0);
        }
        let (mut at, mut first) = (unit, true);
        while let Some(unit) = at {
            let watches = |organ: &usize| {
                self.organs[*organ].2.iter().any(|(watched, below)| *watched == unit && (first || *below))
            };
            if let Some(organ) = (0..self.organs.len()).find(watches) {
                return Some(organ);
            }
            (at, first) = (self.units[unit].0, false);
        }
        Some(0)
    }

    fn chosen(&self) -> Option<usize> {
        let mut at = self.proposed();
        while let Some(organ) = at {
            if !self.organ_out(organ) && self.can_handle(organ) {
                return Some(organ);
            }
            at = self.organs[organ].0;
        }
        None
    }

    /// The route is the oracle's, and its chain explains each step.
    fn agrees(&self) {
        let Route { destination, chain, .. } = self.route();
        let ids = |people: Vec<usize>| people.into_iter().map(id).collect::<BTreeSet<_>>();
        let expected = match self.chosen() {
            Some(organ) => Destination::Organ {
                organ_id: id(organ),
                intakes: ids(self.free(organ, Role::Intake)),
                handlers: ids(self.free(organ, Role::Handler)),
                leaders: ids(self.free(organ, Role::Leader)),
            },
            None => Destination::Refused { channel: "市纪委监委".into() },
        };
        assert_eq!(destination, expected, "{self:?} {chain:?}");
        let index = |id: i64| usize::try_from(id - 1).unwrap();
        let mut at = None;
        let mut steps = chain.iter().peekable();
        assert!(matches!(steps.next(), Some(Because::Rule(_))));
        while let Some(Because::Organ(organ)) = steps.next_if(|step| matches!(step, Because::Organ(_))) {
            let organ = index(*organ);
            let from = at.map_or(self.proposed(), |below: usize| self.organs[below].0);
            assert_eq!(from, Some(organ), "each organ is the one above the last: {chain:?}");
            at = Some(organ);
            if let Some(Because::OrganOut(..)) = steps.next_if(|step| matches!(step, Because::OrganOut(..))) {
                assert!(self.organ_out(organ), "{chain:?}");
                continue;
            }
            let mut out = BTreeSet::new();
            while let Some(Because::StaffOut(account, why)) =
                steps.next_if(|step| matches!(step, Because::StaffOut(..)))
            {
                assert!(out.insert(index(*account)), "told once: {chain:?}");
                self.is_because(index(*account), *why);
            }
            let conflicted = self.staff.iter().filter(|(one, at, _)| *at == organ && self.must_not_see(*one));
            assert_eq!(out, conflicted.map(|(one, ..)| *one).collect(), "{chain:?}");
            match steps.next() {
                Some(Because::Lacks(of, _)) => assert!(index(*of) == organ && !self.can_handle(organ)),
                Some(Because::Chosen(of)) => assert!(index(*of) == organ && self.chosen() == Some(organ)),
                other => panic!("{other:?} in {chain:?}"),
            }
        }
        let end = steps.next();
        assert_eq!(end, self.chosen().is_none().then_some(&Because::Beyond), "{chain:?}");
        assert_eq!(steps.next(), None);
    }

    fn is_because(&self, person: usize, why: Why) {
        let holds = match why {
            Why::Accused => self.named.contains(&person),
            Why::Mentioned => self.mentioned.contains(&person),
            Why::Recused => self.recused.contains(&person),
            Why::Unknown => !self.people[person].2,
            Why::Line => self.people[person].0.iter().any(|unit| self.in_question(*unit)),
            Why::Relative => self.relatives.iter().any(|(a, b)| {
                let about = |one: &usize| self.named.contains(one) || self.mentioned.contains(one);
                (*a == person && about(b)) || (*b == person && about(a))
            }),
            Why::Below => false,
        };
        assert!(holds, "{person} {why:?} {self:?}");
    }
}

const ROLES: [Role; 3] = [Role::Intake, Role::Handler, Role::Leader];
const RANKS: [Rank; 5] = [Rank::Other, Rank::Village, Rank::Station, Rank::Head, Rank::County];

/// Throws of a die, from random bytes.
struct Dice(std::vec::IntoIter<u8>);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % n.max(1)
    }

    fn often(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    fn some(&mut self, of: usize, n: usize) -> Vec<usize> {
        (0..n).filter(|_| self.often(of)).collect()
    }
}

fn tiny(bytes: Vec<u8>) -> Tiny {
    let dice = &mut Dice(bytes.into_iter());
    let (units, organs, people) = (1 + dice.below(6), 1 + dice.below(4), 2 + dice.below(10));
    let unit = |dice: &mut Dice, at: usize| {
        let parent = (at > 0 && !dice.often(3)).then(|| dice.below(at));
        (parent, dice.often(12))
    };
    let organ = |dice: &mut Dice, at: usize| {
        let watches = dice
            .some(if at == 0 { 9 } else { 2 }, units)
            .into_iter()
            .map(|unit| (unit, dice.often(2)))
            .collect();
        ((at > 0).then(|| dice.below(at)), (at > 0 || dice.often(3)).then(|| dice.below(units)), watches)
    };
    let person = |dice: &mut Dice| {
        let homes = (0..dice.below(2)).map(|_| dice.below(units)).collect();
        (homes, if !dice.often(6) { Rank::Other } else { RANKS[dice.below(5)] }, !dice.often(16))
    };
    let mut tiny = Tiny {
        units: (0..units).map(|at| unit(dice, at)).collect(),
        organs: (0..organs).map(|at| organ(dice, at)).collect(),
        people: (0..people).map(|_| person(dice)).collect(),
        kind: Some(Kind::ALL[dice.below(4)]),
        unit: (!dice.often(4)).then(|| dice.below(units)),
        place: dice.often(3).then(|| dice.below(units)),
        ..Tiny::default()
    };
    tiny.staff = (0..20 + dice.below(60))
        .map(|_| (dice.below(people), dice.below(organs), ROLES[dice.below(3)]))
        .collect();
    tiny.relatives = (0..dice.below(4)).map(|_| (dice.below(people), dice.below(people))).collect();
    tiny.named = dice.some(9, people);
    tiny.recused = dice.some(12, people);
    tiny.mentioned = dice.some(14, people);
    tiny
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn random_counties_are_routed_as_the_prose_says(bytes in proptest::collection::vec(any::<u8>(), 400)) {
        tiny(bytes).agrees();
    }

    /// Whoever is chosen is none of those a report must never reach, also in the second stage.
    #[test]
    fn no_report_reaches_whom_it_must_not(bytes in proptest::collection::vec(any::<u8>(), 400)) {
        let tiny = tiny(bytes);
        let second = tiny.organs.iter().enumerate().map(|(at, _)| above(&tiny.world(), &tiny.matter(), id(at)));
        for route in second.chain([tiny.route()]) {
            for account in route.team() {
                prop_assert!(!tiny.must_not_see(usize::try_from(account - 1).unwrap()), "{account} {route:?}");
            }
        }
    }

    /// Asked about one account, the answer is the same as the prose's, with a reason that holds.
    #[test]
    fn an_account_is_in_conflict_exactly_when_the_prose_says(bytes in proptest::collection::vec(any::<u8>(), 400)) {
        let tiny = tiny(bytes);
        let (world, matter) = (tiny.world(), tiny.matter());
        for (staff, (person, ..)) in world.staff.iter().zip(&tiny.staff) {
            let why = conflict(&world, &matter, staff);
            prop_assert_eq!(why.is_some(), tiny.must_not_see(*person));
            if let Some(why) = why {
                tiny.is_because(*person, why);
            }
        }
    }

    /// Naming one more never lets somebody in whom the report was kept from for a reason of their own.
    #[test]
    fn naming_one_more_only_adds_to_who_must_not_see_it(bytes in proptest::collection::vec(any::<u8>(), 400), more: usize) {
        let before = tiny(bytes);
        let mut after = before.clone();
        after.named.push(more % after.people.len());
        let out = |tiny: &Tiny| (0..tiny.people.len()).filter(|one| tiny.must_not_see(*one)).collect::<BTreeSet<_>>();
        prop_assert!(out(&before).is_subset(&out(&after)));
        let (first, second) = (before.route(), after.route());
        prop_assert!(first.closed_to(&second).is_disjoint(&second.team()));
        prop_assert!(second.team().is_disjoint(&out(&before).iter().map(|one| id(*one)).collect()));
    }
}

/// 安澜县 in small: 县纪委 (unit 0, organ 0), 青石镇 (unit 1, organ 1) with 柳河村 (unit 2). Three people in
/// each organ, one in the village.
fn anlan() -> Tiny {
    let (watch_all, watch_villages) = (vec![(1, false), (0, false)], vec![(2, true)]);
    let person = |unit: usize| (vec![unit], Rank::Other, true);
    Tiny {
        units: vec![(None, false), (None, false), (Some(1), false)],
        organs: vec![(None, Some(0), watch_all), (Some(0), Some(1), watch_villages)],
        people: vec![person(0), person(0), person(0), person(1), person(1), person(1), person(2)],
        staff: (0..6).map(|at| (at, at / 3, ROLES[at % 3])).collect(),
        ..Tiny::default()
    }
}

/// Every small world: where the village's man and a handler belong, who is named, related, recused, about what.
#[test]
fn every_small_world_is_routed_as_the_prose_says() {
    let mut routed = BTreeSet::new();
    for homes in 0..9 {
        for named in 0..8_usize {
            for related in 0..4_usize {
                for recused in 0..8_usize {
                    for unit in [None, Some(0), Some(1), Some(2)] {
                        for kind in [Kind::Accusation, Kind::Suggestion] {
                            let mut tiny = anlan();
                            (tiny.people[6].0, tiny.people[4].0) = (vec![homes % 3], vec![homes / 3]);
                            let chosen = |mask: usize, of: [usize; 3]| {
                                (0..3).filter(|bit| mask >> bit & 1 == 1).map(|bit| of[bit]).collect()
                            };
                            tiny.named = chosen(named, [6, 4, 0]);
                            tiny.recused = chosen(recused, [3, 4, 2]);
                            tiny.relatives =
                                [vec![], vec![(6, 3)], vec![(1, 6)], vec![(6, 5), (4, 2)]][related].clone();
                            (tiny.unit, tiny.kind) = (unit, Some(kind));
                            tiny.agrees();
                            routed.insert(tiny.chosen());
                        }
                    }
                }
            }
        }
    }
    assert_eq!(routed.len(), 3, "township, county and beyond all occur");
}

#[test]
fn a_village_matter_goes_to_the_township_and_a_townships_own_to_the_county() {
    let with = |unit: usize, named: Vec<usize>| Tiny { unit: Some(unit), named, ..anlan() };
    let organ = |tiny: &Tiny| match tiny.route().destination {
        Destination::Organ { organ_id, .. } => Some(organ_id),
        _ => None,
    };
    assert_eq!(organ(&with(2, vec![6])), Some(2));
    assert_eq!(organ(&with(1, vec![])), Some(1), "it sits in the accused township");
    assert_eq!(organ(&with(2, vec![5])), Some(1), "its leader is named");
    assert_eq!(organ(&with(0, vec![])), None, "the commission itself");
    let suggestion = Tiny { kind: Some(Kind::Suggestion), ..with(0, vec![]) };
    assert_eq!(organ(&suggestion), Some(1), "a suggestion accuses nobody");
}

#[test]
fn what_belongs_to_the_superior_is_sealed_where_there_is_a_key_and_otherwise_refused() {
    let mut tiny = Tiny { named: vec![6], ..anlan() };
    tiny.people[6].1 = Rank::County;
    assert_eq!(tiny.route().destination, Destination::Refused { channel: "市纪委监委".into() });
    let mut world = tiny.world();
    world.superior.key = Some("a1b2".into());
    let sealed = route(&world, &Table::seed(), &tiny.matter());
    assert_eq!(sealed.destination, Destination::Sealed { key: "a1b2".into() });
    assert_eq!(sealed.team(), BTreeSet::new());
}

#[test]
fn only_a_complaint_about_somebody_without_rank_may_stay_in_the_unit() {
    let table = Table::seed_with_own_unit();
    assert_eq!(table.problems(), Vec::<String>::new());
    let mut tiny = Tiny { unit: Some(1), kind: Some(Kind::Complaint), ..anlan() };
    let organ = |tiny: &Tiny| match route(&tiny.world(), &table, &tiny.matter()).destination {
        Destination::Organ { organ_id, handlers, .. } => Some((organ_id, handlers)),
        _ => None,
    };
    assert_eq!(organ(&tiny), Some((2, BTreeSet::from([5]))));
    let accusation = Tiny { kind: Some(Kind::Accusation), ..tiny.clone() };
    assert_eq!(organ(&accusation).unwrap().0, 1);
    let relative = Tiny { named: vec![6], relatives: vec![(6, 4)], ..tiny.clone() };
    assert_eq!(organ(&relative).unwrap().0, 1, "relatives are out there too");
    tiny.named = vec![6];
    tiny.people[6].1 = Rank::Head;
    assert_eq!(organ(&tiny).unwrap().0, 1);
    tiny.people[6].1 = Rank::Village;
    assert_eq!(organ(&tiny).unwrap().0, 1, "a village cadre has a rank");
    let mut bold = table.clone();
    bold.otherwise.own_unit = true;
    bold.rules.last_mut().unwrap().plain = false;
    assert_eq!(bold.problems().len(), 2);
    assert!(bold.problems()[0].contains("作风投诉"));
}

#[test]
fn naming_somebody_later_closes_it_to_them_and_theirs() {
    let before = Tiny { unit: Some(2), ..anlan() };
    let after = Tiny { named: vec![4], ..before.clone() };
    assert_eq!(before.route().team(), BTreeSet::from([4, 5, 6]));
    assert_eq!(before.route().closed_to(&after.route()), BTreeSet::from([4, 5, 6]));
    assert_eq!(after.route().chain[2], Because::OrganOut(2, Why::Accused));
}

#[test]
fn a_circle_of_organs_ends_beyond_and_hangs_nobody() {
    let mut world = anlan().world();
    world.organs.get_mut(&1).unwrap().parent_id = Some(2);
    world.staff.clear();
    let matter = Tiny { unit: Some(2), ..anlan() }.matter();
    assert_eq!(route(&world, &Table::seed(), &matter).chain.last(), Some(&Because::Beyond));
}

#[test]
fn the_second_stage_is_the_organ_above_and_above_the_top_is_outside() {
    let tiny = Tiny { unit: Some(2), named: vec![6], ..anlan() };
    let second = |organ: i64| above(&tiny.world(), &tiny.matter(), organ).above();
    assert_eq!((second(2), second(1)), (Above::Organ(1), Above::Outside));
    // Who acted in the first stage is recused in the second: without another leader it goes on up.
    let matter = Matter { recused: BTreeSet::from([3]), ..tiny.matter() };
    assert_eq!(above(&tiny.world(), &matter, 2).above(), Above::Outside);
}

/// The die is fair enough: random counties end in every way, so the comparisons above compare something.
#[test]
fn random_counties_end_in_every_way() {
    let mut seed = 1_u64;
    let mut throw = || {
        // xorshift64 (Marsaglia 2003).
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_le_bytes()[3]
    };
    let (mut first, mut higher, mut beyond) = (0, 0, 0);
    for _ in 0..3000 {
        let tiny = tiny((0..400).map(|_| throw()).collect());
        match (tiny.proposed(), tiny.chosen()) {
            (proposed, Some(chosen)) if proposed == Some(chosen) => first += 1,
            (_, Some(_)) => higher += 1,
            (_, None) => beyond += 1,
        }
    }
    assert!(first > 300 && higher > 100 && beyond > 300, "{first} {higher} {beyond}");
}
