//! Configurations for tables as they come.

use super::{Class, Comparator, Config, FieldSpec, Form};

fn field(name: &'static str, comparator: Comparator, class: Class, by_frequency: bool) -> FieldSpec {
    FieldSpec { name, comparator, class, by_frequency, swapped_with: None }
}

impl Config {
    /// Chinese persons: name, birth date (eight digits), sex, place, phone, account, and the id as written, which is
    /// missing or fails its check.
    #[must_use]
    pub fn chinese() -> Self {
        use Class::{Identifying, Local, Name, Supporting};
        let fields = vec![
            field("姓名", Comparator::ChineseName, Name, true),
            field("出生日期", Comparator::Date, Identifying, false),
            field("性别", Comparator::Exact, Supporting, false),
            field("地区", Comparator::Words, Local, true),
            field("电话", Comparator::Digits, Identifying, true),
            field("账号", Comparator::Digits, Identifying, true),
            field("证件号", Comparator::Digits, Identifying, true),
        ];
        let passes = vec![
            vec![(6, Form::Whole)],
            vec![(4, Form::Whole)],
            vec![(5, Form::Whole)],
            vec![(0, Form::Sorted), (1, Form::Prefix(4))],
            vec![(0, Form::Sound), (3, Form::Whole)],
            vec![(0, Form::FirstSound), (1, Form::Whole)],
            vec![(1, Form::Whole), (3, Form::Whole)],
            vec![(0, Form::Sound), (1, Form::Suffix(4))],
            vec![(0, Form::Whole), (1, Form::Suffix(2))],
            vec![(0, Form::Sound), (1, Form::Prefix(4))],
            vec![(6, Form::Prefix(13))],
            vec![(6, Form::Suffix(9))],
            vec![(4, Form::Prefix(8))],
            vec![(4, Form::Suffix(8))],
            vec![(1, Form::Whole)],
        ];
        Self { fields, passes, most_in_block: 200, one_to_one: false, threshold: 0.9, threads: 1 }
    }

    /// Persons in Latin letters, the fields of the FEBRL sets: given_name, surname, street_number, address_1, address_2,
    /// suburb, postcode, state, date_of_birth, soc_sec_id.
    #[must_use]
    pub fn latin() -> Self {
        use Class::{Identifying, Name, Supporting};
        let mut fields = vec![
            field("given_name", Comparator::Words, Name, true),
            field("surname", Comparator::Words, Name, true),
            field("street_number", Comparator::Digits, Supporting, false),
            field("address_1", Comparator::Words, Identifying, true),
            field("address_2", Comparator::Words, Identifying, true),
            field("suburb", Comparator::Words, Supporting, true),
            field("postcode", Comparator::Digits, Supporting, true),
            field("state", Comparator::Exact, Supporting, false),
            field("date_of_birth", Comparator::Date, Identifying, false),
            field("soc_sec_id", Comparator::Digits, Identifying, false),
        ];
        fields[0].swapped_with = Some(1);
        fields[1].swapped_with = Some(0);
        fields[5].swapped_with = Some(4);
        let passes = vec![
            vec![(9, Form::Whole)],
            vec![(8, Form::Whole)],
            vec![(0, Form::Sound), (1, Form::Sound)],
            vec![(3, Form::Prefix(6)), (2, Form::Whole)],
            vec![(6, Form::Whole), (1, Form::Prefix(2))],
            vec![(6, Form::Whole), (0, Form::Prefix(2))],
            vec![(5, Form::Sound), (0, Form::Sound)],
            vec![(5, Form::Sound), (1, Form::Sound)],
            vec![(3, Form::Sound), (6, Form::Whole)],
            vec![(9, Form::Prefix(4)), (7, Form::Whole)],
            vec![(9, Form::Suffix(4)), (7, Form::Whole)],
        ];
        Self { fields, passes, most_in_block: 500, one_to_one: false, threshold: 0.5, threads: 1 }
    }
}
