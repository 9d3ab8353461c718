//! Who holds the posts.

use super::{
    codes::Codes,
    csv_file::Table,
    names, posts,
    random::Random,
    size::{Size, share},
    units::{County, Kind, Unit},
};
use std::collections::HashSet;

/// Writes a row for each cadre of the county.
pub(super) fn write(table: &mut Table, size: &Size, county: &County, seed: u64, codes: &mut Codes) {
    let blocked = names::well_known();
    let mut random = Random::stream(seed, &format!("cadres of {}", size.county));
    for (unit, held) in posts_of(size, county) {
        let mut here: HashSet<String> = HashSet::new();
        for (post, duties) in held {
            let woman =
                random.chance(if post.contains("妇联") || post.contains("园长") { 100 } else { 32 });
            let name = loop {
                let name = names::person(&mut random, woman, &blocked);
                if here.insert(name.clone()) {
                    break name;
                }
            };
            // Leaders are older; nobody is past retirement.
            let (young, old) =
                if post.contains('县') || post.contains("书记") { (1967, 1984) } else { (1969, 1996) };
            let born = random.between(young, old);
            let citizen_id = codes.citizen_id(&mut random, &county.area, born, woman);
            let since = format!("{}-{:02}", random.between(2016.max(born + 22), 2025), random.between(1, 12));
            let politics = politics(&mut random, &post);
            let sex = if woman { "女" } else { "男" };
            let mobile = codes.mobile();
            table.row(&[&name, sex, &citizen_id, politics, &unit.name, &post, &since, &duties, &mobile]);
        }
    }
}

fn politics(random: &mut Random, post: &str) -> &'static str {
    let party = ["书记", "县委", "纪委", "组织部"].iter().any(|word| post.contains(word));
    match random.below(100) {
        _ if party => "中共党员",
        0..82 => "中共党员",
        82..88 => "民主党派",
        _ => "群众",
    }
}

type Post = (String, String);

/// The posts that are filled, by unit, in the order of the roster of units.
fn posts_of<'a>(size: &Size, county: &'a County) -> Vec<(&'a Unit, Vec<Post>)> {
    let cadres = &size.cadres;
    let mut at = [0_usize; 8];
    let mut rows = Vec::new();
    for unit in &county.units {
        // Villages and communities are one group.
        let group = if unit.kind == Kind::Community { Kind::Village } else { unit.kind };
        let index = at[group as usize];
        at[group as usize] += 1;
        let among = county
            .units
            .iter()
            .filter(|other| other.kind == group || (group == Kind::Village && other.kind == Kind::Community));
        let among = among.count();
        let count = |total: usize| share(total, among)(index);
        let take = |posts: Vec<Post>, total: usize| {
            let count = count(total);
            assert!(posts.len() >= count, "{}: {count} posts wanted, {} known", unit.name, posts.len());
            posts.into_iter().take(count)
        };
        let leaders = posts::leaders(&unit.suffix)
            .into_iter()
            .map(|(post, duties)| (post.to_owned(), duties.to_owned()));
        let held: Vec<Post> = match unit.kind {
            Kind::Leading => take(leaders.collect(), cadres.leaders)
                .chain(take(posts::stations(unit), cadres.office_stations))
                .collect(),
            Kind::Department => take(posts::heads(unit), cadres.department_heads)
                .chain(take(posts::stations(unit), cadres.department_stations))
                .collect(),
            Kind::Township => take(posts::heads(unit), cadres.township_heads)
                .chain(take(posts::stations(unit), cadres.township_stations))
                .collect(),
            Kind::Village | Kind::Community => take(posts::committee(unit), cadres.committees).collect(),
            Kind::School => take(posts::heads(unit), cadres.school_heads).collect(),
            Kind::Hospital => take(posts::heads(unit), cadres.hospital_heads)
                .chain(take(posts::stations(unit), cadres.hospital_stations))
                .collect(),
            Kind::Enterprise => take(posts::heads(unit), cadres.enterprise_heads)
                .chain(take(posts::stations(unit), cadres.enterprise_stations))
                .collect(),
        };
        rows.push((unit, held));
    }
    rows
}
