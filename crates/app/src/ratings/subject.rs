//! Who is rated, in addresses and in tables.

use daylight_ratings::ballot::SubjectId;

/// The number in tables: twice the id, and one more for a power.
pub fn number(subject: SubjectId) -> i64 {
    subject.id() * 2 + i64::from(matches!(subject, SubjectId::Power(_)))
}

/// Reads [`number`].
pub fn of_number(number: i64) -> SubjectId {
    if number % 2 == 0 { SubjectId::Cadre(number / 2) } else { SubjectId::Power(number / 2) }
}

/// "cadre-5": how an address names it.
pub fn code(subject: SubjectId) -> String {
    format!("{}-{}", subject.kind(), subject.id())
}

/// Reads [`code`]; another spelling is another address.
pub fn from_code(text: &str) -> Option<SubjectId> {
    let (kind, id) = text.split_once('-')?;
    let id = id.parse().ok().filter(|id: &i64| *id > 0 && id.to_string().len() < 18)?;
    let subject = match kind {
        "cadre" => SubjectId::Cadre(id),
        "power" => SubjectId::Power(id),
        _ => return None,
    };
    (code(subject) == text).then_some(subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_back_from_tables_and_addresses() {
        for subject in [SubjectId::Cadre(1), SubjectId::Power(1), SubjectId::Cadre(9_484)] {
            assert_eq!(of_number(number(subject)), subject);
            assert_eq!(from_code(&code(subject)), Some(subject));
        }
        for strange in ["", "1", "cadre", "cadre-", "cadre-0", "cadre-01", "cadre-+1", "unit-3", "cadre--1"] {
            assert_eq!(from_code(strange), None, "{strange}");
        }
    }
}
