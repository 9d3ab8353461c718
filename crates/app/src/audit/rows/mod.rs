//! Rows for which the trail vouches.
//!
//! Whatever decides who may do what, who is out of what, or what was said and done, is noted in the trail by a keyed hash
//! of its rows, in the transaction that writes them. `daylight verify` makes the hashes again: a row that was changed,
//! added or taken out past the program no longer fits, and names itself. A new entry takes the key that goes with the
//! database, so nobody without it brings the trail in line either.
//!
//! What is noted is a group of rows (those of one account, one case, one publication), so that a row that is gone is
//! missed. Sealed values are not in the hash, because keys rotate: their own seal binds them to their row, and that there
//! is one is in it.

mod postgres;
mod sqlite;
mod store;
#[cfg(test)]
mod tests;

pub use store::{keep, keep_undated, strange};

/// Rows of one table that are noted together.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    /// The table.
    pub table: &'static str,
    /// What a row is, on the page.
    pub page: &'static str,
    /// The column of ids by which rows belong together; empty when all of the table do.
    group: &'static str,
    /// Columns that order the rows of a group.
    order: &'static str,
    /// Texts and numbers.
    plain: &'static [&'static str],
    /// Truths.
    flags: &'static [&'static str],
    /// Bytes that never change but by a deed.
    bytes: &'static [&'static str],
    /// Sealed: whether there is one.
    there: &'static [&'static str],
    /// Which rows of the table, in SQL; empty is all.
    only: &'static str,
    /// Whether there may be so many that they are read in blocks; then `order` is one column of numbers.
    many: bool,
}

const fn rows(
    table: &'static str,
    page: &'static str,
    group: &'static str,
    order: &'static str,
    plain: &'static [&'static str],
) -> Rows {
    let none: &[&str] = &[];
    Rows { table, page, group, order, plain, flags: none, bytes: none, there: none, only: "", many: false }
}

/// Accounts: who may sign in, with what, and who is behind it.
pub const ACCOUNTS: Rows = Rows {
    flags: &["disabled"],
    there: &["totp_sealed"],
    ..rows(
        "accounts",
        "账号",
        "id",
        "id",
        &["login", "name", "password_hash", "created_at", "reinvited_at", "reinvited_by", "cadre_id"],
    )
};

/// Roles of an account.
pub const GRANTS: Rows = rows(
    "grants",
    "授权",
    "account_id",
    "id",
    &["id", "role", "unit_id", "organ_id", "granted_by", "granted_at", "ended_at"],
);

/// Who asked that an account be tied to a person, and who decided.
pub const TIES: Rows = Rows {
    flags: &["confirmed"],
    ..rows(
        "ties",
        "人员对应申请",
        "account_id",
        "id",
        &["id", "cadre_id", "asked_by", "asked_at", "decided_by", "decided_at"],
    )
};

/// Discipline organs. Their paths are compared with their parents'.
pub const ORGANS: Rows = rows(
    "organs",
    "纪检组织",
    "id",
    "id",
    &["name", "kind", "parent_id", "unit_id", "phone", "sign", "updated_at"],
);

/// What an organ watches.
pub const JURISDICTIONS: Rows = Rows {
    flags: &["subtree"],
    ..rows("organ_jurisdictions", "监督范围", "organ_id", "unit_id", &["unit_id"])
};

/// Standing recusals of an account.
pub const RECUSALS: Rows = rows(
    "recusals",
    "回避登记",
    "account_id",
    "id",
    &["id", "cadre_id", "unit_id", "declared_at", "declared_by", "ended_at", "ended_by"],
);

/// Declared relatives, by the lower id.
pub const RELATIVES: Rows = rows(
    "relatives",
    "亲属申报",
    "cadre_id",
    "other_id",
    &["other_id", "declared_at", "declared_by", "ended_at", "ended_by"],
);

/// The table that sends reports to organs.
pub const ROUTING: Rows =
    rows("routing_rules", "分派规则", "version", "version", &["content", "made_at", "made_by"]);

/// The terms of deadlines. The first version of each came with the program, which compares it with itself.
pub const PROFILES: Rows = Rows {
    only: "version > 1",
    ..rows(
        "deadline_profiles",
        "期限规则",
        "",
        "code, version",
        &["code", "version", "content", "made_at", "made_by"],
    )
};

/// Working days.
pub const DAYS: Rows = rows("calendar_days", "工作日历", "", "date", &["date", "kind", "name"]);

/// Years of working days.
pub const YEARS: Rows = rows("calendar_years", "工作日历年份", "year", "year", &["source", "loaded_at"]);

/// Settings, but for those that the program moves on by itself: when something was last done, and which key file and
/// demonstration a database belongs to, which every start compares.
pub const SETTINGS: Rows = Rows {
    only: "key NOT IN ('vault.index_fingerprint', 'demo', 'outcomes.released', 'oversight.counted_at')",
    ..rows("settings", "设置", "", "key", &["key", "value"])
};

/// Clues.
pub const CLUES: Rows = Rows {
    bytes: &["content_locked", "token_hash"],
    there: &["key_sealed"],
    ..rows(
        "clues",
        "问题线索",
        "id",
        "id",
        &[
            "case_id",
            "organ_id",
            "entered_by",
            "source",
            "state",
            "disposal",
            "found_at",
            "since_at",
            "disposed_at",
            "events",
        ],
    )
};

/// What was done to a clue.
pub const CLUE_EVENTS: Rows = Rows {
    bytes: &["reason_locked"],
    ..rows(
        "clue_events",
        "线索处置记录",
        "clue_id",
        "number",
        &["number", "at", "account_id", "organ_id", "role", "deed"],
    )
};

/// Outcome cards on their way.
pub const CARDS: Rows = Rows {
    flags: &["writer_leads"],
    bytes: &["content_locked"],
    ..rows(
        "outcome_cards",
        "结果卡片",
        "case_id",
        "case_id",
        &["state", "ground", "writer_id", "approver_id", "written_at", "decided_at", "sent_back"],
    )
};

/// Outcomes as everybody sees them, by their case.
pub const OUTCOMES: Rows = Rows {
    flags: &["second_stage"],
    ..rows(
        "outcomes",
        "公布的结果",
        "case_id",
        "id",
        &[
            "id",
            "kind",
            "grain",
            "place",
            "unit_id",
            "power_id",
            "cadre_id",
            "conclusion",
            "measures",
            "recovered",
            "returned",
            "summary",
            "published_at",
            "ends_at",
            "ended_at",
            "retracted_at",
        ],
    )
};

/// What the search finds of outcomes, which have no published states. All together, so that no entry ties an address to a
/// case.
pub const DOCUMENTS: Rows = Rows {
    only: "kind = 'outcome'",
    ..rows(
        "search_documents",
        "搜索到的结果",
        "",
        "id",
        &["id", "subject_id", "title", "detail", "body", "unit_id", "category", "division_path"],
    )
};

/// Requests to see who reported.
pub const OPENINGS: Rows = Rows {
    bytes: &["reason_locked"],
    there: &["reason_sealed"],
    ..rows(
        "identity_openings",
        "查看身份的申请",
        "case_id",
        "id",
        &[
            "id",
            "account_id",
            "organ_id",
            "asked_at",
            "withdrawn_at",
            "second_id",
            "second_organ_id",
            "decided_at",
            "until",
            "revoked_at",
        ],
    )
};

/// Looks at who reported, by the request.
pub const LOOKS: Rows = rows("identity_looks", "查看身份的记录", "opening_id", "id", &["id", "at"]);

/// Letters of a case. Not who received one: a reporter's reading leaves nothing in the trail.
pub const LETTERS: Rows = Rows {
    bytes: &["content_locked", "token_hash"],
    ..rows(
        "letters",
        "函件",
        "case_id",
        "id",
        &[
            "id",
            "organ_id",
            "kind",
            "year",
            "serial",
            "sign",
            "issued_at",
            "issued_by",
            "to_organ_id",
            "stage",
            "due_on",
            "receipt_by",
            "answered_at",
        ],
    )
};

/// Cases that somebody said are about the same thing, by the lower id.
pub const LINKS: Rows =
    rows("case_links", "关联的办理件", "case_id", "other_id", &["other_id", "account_id", "linked_at"]);

/// What the hotline heard from the callers of a case.
pub const CALLS: Rows =
    rows("hotline_calls", "热线回访", "case_id", "id", &["id", "heard", "at", "account_id"]);

/// Replies by their hashed pieces: a row that is gone would let a copy through.
pub const REPLIES: Rows = Rows {
    there: &["sketch_sealed"],
    ..rows("case_replies", "答复比对", "case_id", "id", &["id", "number", "organ_id", "at"])
};

/// The administrative divisions.
pub const DIVISIONS: Rows = Rows {
    flags: &["inferred"],
    ..rows(
        "divisions",
        "行政区划",
        "",
        "id",
        &["id", "code", "name", "level", "parent_id", "valid_from", "valid_to", "successor_id", "updated_at"],
    )
};

/// Published states, by the moment at which they came out together: what an import publishes is one group. When a state
/// ended follows from the next one, see `ops::store::public`.
pub const REVISIONS: Rows = Rows {
    only: "published_at IS NOT NULL",
    many: true,
    ..rows(
        "revisions",
        "公布的版本",
        "published_at",
        "id",
        &[
            "id",
            "kind",
            "subject_id",
            "unit_id",
            "number",
            "title",
            "content",
            "origin",
            "import_id",
            "author_id",
            "begun_by",
            "reviewer_id",
            "reason",
            "created_at",
            "submitted_at",
            "decided_at",
        ],
    )
};

/// Everything the trail vouches for.
pub const ALL: [&Rows; 25] = [
    &ACCOUNTS,
    &GRANTS,
    &TIES,
    &ORGANS,
    &JURISDICTIONS,
    &RECUSALS,
    &RELATIVES,
    &ROUTING,
    &PROFILES,
    &DAYS,
    &YEARS,
    &SETTINGS,
    &CLUES,
    &CLUE_EVENTS,
    &CARDS,
    &OUTCOMES,
    &DOCUMENTS,
    &OPENINGS,
    &LOOKS,
    &LETTERS,
    &LINKS,
    &CALLS,
    &REPLIES,
    &DIVISIONS,
    &REVISIONS,
];
