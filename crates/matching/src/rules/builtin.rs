//! The rules that come with the program, each with its sample data.

/// A rule's file and the sample data that tests it.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// The folder under `rules/`, and the rule's id.
    pub name: &'static str,
    /// `rule.toml`.
    pub rule: &'static str,
    /// `ledger.csv`.
    pub ledger: &'static str,
    /// `roster.csv`; blank for rules without rosters.
    pub roster: &'static str,
    /// `expected.csv`.
    pub expected: &'static str,
}

macro_rules! builtins {
    ($($name:literal),* $(,)?) => {
        &[$(Builtin {
            name: $name,
            rule: include_str!(concat!("../../rules/", $name, "/rule.toml")),
            ledger: include_str!(concat!("../../rules/", $name, "/ledger.csv")),
            roster: include_str!(concat!("../../rules/", $name, "/roster.csv")),
            expected: include_str!(concat!("../../rules/", $name, "/expected.csv")),
        }),*]
    };
}

/// The rules that come with the program.
#[must_use]
pub fn builtin() -> &'static [Builtin] {
    builtins![
        "above-contracted-area",
        "above-standard",
        "account-of-many",
        "age-outside",
        "bidders-share",
        "cadre-relatives",
        "dead-at-payment",
        "excluding-schemes",
        "household-many",
        "low-income-owners",
        "on-payroll",
        "split-invoices",
    ]
}
