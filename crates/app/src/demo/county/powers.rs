//! Which unit holds which power, and how it is exercised there.

use super::{
    csv_file::Table,
    library::{Library, Template},
    posts::{self, Roles},
    random::Random,
    size::{Size, share},
    units::{County, Kind, Unit},
};

/// The list must not tell what a state organ keeps secret: the rule is openness, this the exception.
const WITHHELD: [&str; 1] = ["县委重要文件审核"];
/// Powers that every village of a big county has, before chance picks the others.
const CORE: usize = 7;
const COMPLAINT: &str = "电话：12388；监督平台";

/// Writes the powers and procedures of a county. `steps` counts the steps of the whole instance.
pub(super) fn write(
    list: &mut Table,
    procedures: &mut Table,
    size: &Size,
    county: &County,
    library: &Library,
    seed: u64,
    steps: &mut usize,
) {
    let mut random = Random::stream(seed, &format!("powers of {}", size.county));
    for (unit, templates) in allot(size, county, library, &mut random) {
        for template in templates {
            let desk = posts::desk(unit, template.desk);
            let roles = posts::roles(unit, desk);
            write_power(list, unit, template, desk, &roles);
            write_steps(procedures, unit, template, library, &roles, &mut random, steps);
        }
    }
}

/// Gives each unit its powers: those of its kind first, then the common ones. Villages share out what
/// the quotas of the others leave, so that the total is exact.
fn allot<'a>(
    size: &Size,
    county: &'a County,
    library: &'a Library,
    random: &mut Random,
) -> Vec<(&'a Unit, Vec<&'a Template>)> {
    let villager = |unit: &Unit| matches!(unit.kind, Kind::Village | Kind::Community);
    let mut left = size.powers;
    let mut allotted: Vec<(&Unit, Vec<&Template>)> = Vec::new();
    for unit in &county.units {
        let quota = match unit.kind {
            Kind::Leading => size.quota.leading,
            Kind::Department => size.quota.department,
            Kind::Township => size.quota.township,
            Kind::School => size.quota.school,
            Kind::Hospital => size.quota.hospital,
            Kind::Enterprise => size.quota.enterprise,
            Kind::Village | Kind::Community => 0,
        };
        let templates = choose(unit, library, quota, random);
        left = left.saturating_sub(templates.len());
        allotted.push((unit, templates));
    }
    let villages = county.units.iter().filter(|unit| villager(unit)).count();
    let part = share(left, villages);
    for (at, (unit, templates)) in allotted.iter_mut().filter(|(unit, _)| villager(unit)).enumerate() {
        *templates = choose(unit, library, part(at), random);
        assert_eq!(templates.len(), part(at), "the library holds powers enough for {}", unit.name);
    }
    allotted
}

fn choose<'a>(unit: &Unit, library: &'a Library, quota: usize, random: &mut Random) -> Vec<&'a Template> {
    let kind = unit.kind.fit();
    let fits = |template: &&Template| {
        template.fits.iter().any(|fit| *fit == kind || *fit == unit.suffix)
            // A kindergarten takes nobody by district and has no school books to choose.
            && !(unit.suffix == "幼儿园" && ["新生入学", "教辅和校服选用"].contains(&template.name))
    };
    let fitting: Vec<&Template> = library.templates.iter().filter(fits).collect();
    let own = fitting.iter().filter(|template| !template.common).count();
    // A short list takes from everything, so that a hundred villages do not all hold the same one power.
    let core = match unit.kind {
        Kind::Village | Kind::Community if quota > CORE => CORE,
        Kind::Village | Kind::Community => 0,
        _ if quota >= own => own,
        _ => 0,
    };
    let mut order: Vec<usize> = (0..fitting.len()).collect();
    random.shuffle(&mut order[core.min(fitting.len())..]);
    order.truncate(quota);
    order.sort_unstable();
    order.into_iter().map(|at| fitting[at]).collect()
}

fn write_power(list: &mut Table, unit: &Unit, template: &Template, desk: &str, roles: &Roles) {
    let village = matches!(unit.kind, Kind::Village | Kind::Community);
    let exerciser = if village { unit.name.clone() } else { format!("{}{desk}", unit.name) };
    let supervisor = match unit.kind {
        Kind::Village | Kind::Community => {
            let watch = roles.watch.trim_end_matches("主任");
            format!("{watch}、{}", unit.parent.replace("人民政府", "纪委"))
        }
        Kind::Township => format!("{}纪委、县纪委监委", unit.suffix),
        Kind::School | Kind::Hospital | Kind::Enterprise => {
            format!("{}、县纪委监委派驻纪检监察组", unit.parent)
        }
        Kind::Department if unit.suffix == "纪委监委" => "县委、上级纪委监委".to_owned(),
        _ => "县纪委监委派驻纪检监察组".to_owned(),
    };
    let accountable = format!("{}、{}", roles.lead, roles.chief);
    let public = if WITHHELD.contains(&template.name) { "否" } else { "是" };
    let [kind, stage, matter] = template.words;
    list.row(&[
        &unit.name,
        template.name,
        kind,
        stage,
        matter,
        template.bases,
        &exerciser,
        &supervisor,
        &accountable,
        template.risk,
        template.risk_level,
        template.measures,
        public,
    ]);
}

fn write_steps(
    table: &mut Table,
    unit: &Unit,
    template: &Template,
    library: &Library,
    roles: &Roles,
    random: &mut Random,
    steps: &mut usize,
) {
    let shape =
        library.shapes.get(template.shape).unwrap_or_else(|| panic!("library: no shape {}", template.shape));
    let [matter, papers, check, outcome] = template.terms;
    let fill = |text: &str| {
        let text = text.replace("{事}", matter).replace("{料}", papers);
        text.replace("{查}", check).replace("{果}", outcome)
    };
    for (at, step) in shape.iter().enumerate() {
        *steps += 1;
        let limit = random.pick(&step.limits);
        // About one step in a hundred does not say how long it may take.
        let limit = if *steps % 101 == 57 { "" } else { limit };
        let (number, post) = ((at + 1).to_string(), post(step.post, unit, roles));
        let (duties, control) = (fill(step.duties), fill(step.control));
        table.row(&[
            &unit.name,
            template.name,
            &number,
            step.name,
            post,
            limit,
            &duties,
            &control,
            step.next,
            COMPLAINT,
        ]);
    }
}

fn post<'a>(named: &'a str, unit: &Unit, roles: &'a Roles) -> &'a str {
    match named {
        "经办" => &roles.doer,
        "负责" => &roles.lead,
        "分管" => &roles.deputy,
        "主要" => &roles.chief,
        "集体" => &roles.board,
        "监督" => &roles.watch,
        "财务人员" => &roles.bookkeeper,
        "村民代表会议" if unit.kind == Kind::Community => "居民代表会议",
        "村民小组会议" if unit.kind == Kind::Community => "居民小组会议",
        other => other,
    }
}
