use super::*;

fn sums(of: &[(i64, i64)]) -> Sums {
    let mut sums = Sums::default();
    of.iter().for_each(|(steps, times)| sums.add(steps * Ballot::STEP, *times));
    sums
}

fn class() -> Vec<Sums> {
    (0..12).map(|at| sums(&[(4, 30 + at), (3, 20), (2, 5 + at / 2), (1, 3)])).collect()
}

#[test]
fn nine_ballots_have_no_figure_and_ten_have() {
    assert_eq!(score(sums(&[(4, 9)]), None), None);
    assert!(score(sums(&[(4, 10)]), None).is_some());
    // Peers are those who have a figure.
    let few: Vec<_> = class().into_iter().take(4).chain([sums(&[(4, 9)])]).collect();
    assert_eq!(Peers::of(few), None);
    assert_eq!(Peers::of(class()).unwrap().count, 12);
}

#[test]
fn few_ballots_lean_on_the_peers_and_many_do_not() {
    let mut wide = class();
    wide.extend((0..12).map(|at| sums(&[(4, 20 + 3 * at), (1, 60 - 3 * at)])));
    let peers = Peers::of(wide).unwrap();
    let few = score(sums(&[(2, 6), (3, 6)]), Some(peers)).unwrap();
    let many = score(sums(&[(2, 600), (3, 600)]), Some(peers)).unwrap();
    assert_eq!(few.mean, many.mean);
    assert!(few.weight < many.weight && many.weight > 0.95);
    assert!((few.score - few.mean).abs() > (many.score - many.mean).abs());
}

#[test]
fn nobody_who_stands_apart_is_made_like_the_others() {
    let peers = Peers::of(class()).unwrap();
    let apart = score(sums(&[(0, 12), (1, 2)]), Some(peers)).unwrap();
    assert!(apart.limited);
    assert!((apart.score - apart.mean).abs() <= apart.error + 1e-12);
    assert!(apart.score >= apart.interval.low && apart.score <= apart.interval.high);
    assert!(apart.score < 0.2, "{}", apart.score);
}

#[test]
fn figures_are_whole_steps_and_their_intervals_narrower_by_less_than_one() {
    for n in [10, 30, 49, 50, 400] {
        let found = score(sums(&[(4, n / 2), (3, n - n / 2)]), None).unwrap();
        let (figure, step) = (found.figure(), if n < 50 { 5 } else { 1 });
        assert!([figure.score, figure.low, figure.high].iter().all(|shown| shown % step == 0), "{figure:?}");
        assert!(figure.low as f64 <= found.interval.low * 100.0 + step as f64);
        assert!(figure.high as f64 >= found.interval.high * 100.0 - step as f64);
        assert!(figure.low <= figure.score && figure.score <= figure.high);
    }
}

#[test]
fn what_overlaps_is_not_put_in_order() {
    let figure = |low, high| Figure { n: 60, score: (low + high) / 2, low, high };
    assert_eq!(order(&figure(60, 70), &figure(71, 80)), Order::Lower);
    assert_eq!(order(&figure(71, 80), &figure(60, 70)), Order::Higher);
    assert_eq!(order(&figure(60, 71), &figure(71, 80)), Order::Indistinct);
    assert_eq!(order(&figure(71, 80), &figure(60, 71)), Order::Indistinct);
    assert_eq!(band((0..4).map(|at| figure(at, at))), None);
    assert_eq!(band((0..21).map(|at| figure(at, at))), Some((2, 18)));
}

#[test]
fn a_change_is_said_only_where_there_is_one() {
    let of = |good, bad| score(sums(&[(4, good), (1, bad)]), None).unwrap();
    assert_eq!(trend(&of(60, 40), &of(64, 36)).verdict, Verdict::Unclear);
    assert_eq!(trend(&of(60, 40), &of(90, 10)).verdict, Verdict::Risen);
    let fallen = trend(&of(90, 10), &of(60, 40));
    assert_eq!(fallen.verdict, Verdict::Fallen);
    assert!(fallen.low < fallen.high && fallen.high < 0);
}

#[test]
fn the_arithmetic_is_said_in_words() {
    let peers = Peers::of(class());
    let lines = score(sums(&[(4, 20), (3, 12), (0, 2)]), peers).unwrap().lines("乡镇站所负责人");
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("有效评价34票"), "{lines:?}");
    assert!(lines[1].contains("乡镇站所负责人）12个"), "{lines:?}");
    assert!(lines[3].contains("5分一档"), "{lines:?}");
    let alone = score(sums(&[(4, 20), (3, 32)]), None).unwrap().lines("县级部门");
    assert!(alone[1].contains("不作调整") && alone[3].contains("取整数"), "{alone:?}");
}

#[test]
fn where_nothing_differs_nothing_breaks() {
    let same: Vec<_> = (0..6).map(|_| sums(&[(4, 20)])).collect();
    let peers = Peers::of(same).unwrap();
    let found = score(sums(&[(4, 20)]), Some(peers)).unwrap();
    assert_eq!((found.score, found.figure().score, found.figure().high), (1.0, 95, 100));
    assert_eq!(found.figure().text(), "95分以上");
    assert!(found.lines("村").iter().all(|line| !line.contains("NaN") && !line.contains("inf")));
}

#[test]
fn no_draw_towards_the_peers_opens_the_last_step() {
    let peers = Peers::of((0..8).map(|_| sums(&[(4, 199), (0, 1)])));
    let found = score(sums(&[(4, 47), (3, 3)]), peers).unwrap().figure();
    assert_eq!((found.score, found.text()), (99, "99分以上".to_owned()));
    let few = score(sums(&[(4, 26), (3, 4)]), peers).unwrap();
    assert_eq!((few.figure().score, few.figure().text()), (95, "95分以上".to_owned()));
    let worst = Peers::of((0..8).map(|_| sums(&[(0, 200), (1, 1)])));
    assert_eq!(score(sums(&[(0, 30)]), worst).unwrap().figure().text(), "5分以下");
}
