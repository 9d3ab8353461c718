//! How much of everything a demonstration holds.

/// What one county holds. Quotas of powers are per unit and stop at what the library offers; villages
/// share what is left of `powers`.
#[derive(Clone, Debug)]
pub(super) struct Size {
    /// Name of the county, unique in the prefecture.
    pub(super) county: &'static str,
    pub(super) departments: usize,
    pub(super) townships: usize,
    pub(super) villages: usize,
    pub(super) communities: usize,
    pub(super) schools: usize,
    pub(super) hospitals: usize,
    pub(super) enterprises: usize,
    /// Powers of the whole county.
    pub(super) powers: usize,
    pub(super) quota: Quota,
    pub(super) cadres: Cadres,
}

/// Powers of one unit of each kind.
#[derive(Clone, Debug)]
pub(super) struct Quota {
    pub(super) leading: usize,
    pub(super) department: usize,
    pub(super) township: usize,
    pub(super) school: usize,
    pub(super) hospital: usize,
    pub(super) enterprise: usize,
}

/// Cadres of a county by what they are; each group is shared out evenly over its units.
#[derive(Clone, Debug)]
pub(super) struct Cadres {
    /// 县级领导, in the four leading offices.
    pub(super) leaders: usize,
    pub(super) department_heads: usize,
    pub(super) township_heads: usize,
    /// 站所股室负责人.
    pub(super) office_stations: usize,
    pub(super) department_stations: usize,
    pub(super) township_stations: usize,
    pub(super) hospital_stations: usize,
    pub(super) enterprise_stations: usize,
    /// Members of village and community committees.
    pub(super) committees: usize,
    pub(super) school_heads: usize,
    pub(super) hospital_heads: usize,
    pub(super) enterprise_heads: usize,
}

/// A few of everything: 30 units, 250 powers, 100 cadres.
pub(super) fn village() -> Vec<Size> {
    vec![Size {
        county: super::COUNTY,
        departments: 11,
        townships: 2,
        villages: 6,
        communities: 2,
        schools: 2,
        hospitals: 2,
        enterprises: 1,
        powers: 250,
        quota: Quota { leading: 6, department: 8, township: 14, school: 5, hospital: 5, enterprise: 5 },
        cadres: Cadres {
            leaders: 8,
            department_heads: 22,
            township_heads: 6,
            office_stations: 4,
            department_stations: 14,
            township_stations: 6,
            hospital_stations: 2,
            enterprise_stations: 1,
            committees: 32,
            school_heads: 2,
            hospital_heads: 2,
            enterprise_heads: 1,
        },
    }]
}

/// 875 units, 9,484 powers, 4,709 cadres: 51 leaders, 205 heads of departments and townships, 874
/// heads of stations, 3,195 committee members, 384 in schools, hospitals and companies.
pub(super) fn county() -> Vec<Size> {
    vec![Size {
        county: super::COUNTY,
        departments: 38,
        townships: 32,
        villages: 520,
        communities: 62,
        schools: 150,
        hospitals: 47,
        enterprises: 22,
        powers: 9_484,
        quota: Quota { leading: 16, department: 20, township: 30, school: 7, hospital: 10, enterprise: 10 },
        cadres: Cadres {
            leaders: 51,
            department_heads: 114,
            township_heads: 91,
            office_stations: 24,
            department_stations: 392,
            township_stations: 320,
            hospital_stations: 94,
            enterprise_stations: 44,
            committees: 3_195,
            school_heads: 300,
            hospital_heads: 62,
            enterprise_heads: 22,
        },
    }]
}

/// Ten counties, 216 townships, 3,449 villages and communities, 9,480 powers.
pub(super) fn city() -> Vec<Size> {
    let first = Size {
        schools: 20,
        hospitals: 34,
        enterprises: 4,
        powers: 948,
        quota: Quota { leading: 6, department: 4, township: 4, school: 1, hospital: 1, enterprise: 2 },
        cadres: city_cadres(32, 582, 20, 34),
        ..county().remove(0)
    };
    let others = super::OTHER_COUNTIES.iter().enumerate().map(|(at, county)| {
        // 184 townships and 2,867 villages and communities over nine counties.
        let townships = if at < 4 { 21 } else { 20 };
        let villages = if at < 5 { 289 } else { 288 };
        Size {
            county,
            departments: 38,
            townships,
            villages,
            communities: 30,
            schools: 12,
            hospitals: 22,
            enterprises: 4,
            powers: 948,
            quota: Quota { leading: 6, department: 6, township: 10, school: 4, hospital: 3, enterprise: 4 },
            cadres: city_cadres(townships, villages + 30, 12, 22),
        }
    });
    std::iter::once(first).chain(others).collect()
}

fn city_cadres(townships: usize, villages: usize, schools: usize, hospitals: usize) -> Cadres {
    Cadres {
        leaders: 20,
        department_heads: 76,
        township_heads: 2 * townships,
        office_stations: 4,
        department_stations: 38,
        township_stations: 2 * townships,
        hospital_stations: 0,
        enterprise_stations: 4,
        committees: 2 * villages,
        school_heads: schools,
        hospital_heads: hospitals,
        enterprise_heads: 4,
    }
}

/// Shares a total out as evenly as it goes; the first get the remainder.
pub(super) fn share(total: usize, among: usize) -> impl Fn(usize) -> usize {
    let among = among.max(1);
    move |at| total / among + usize::from(at < total % among)
}
