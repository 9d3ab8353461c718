//! What `daylight verify` does not see when it is changed in the database, and why that is so.

/// Tables of which nothing is guarded.
pub const TABLES: &[(&str, &str)] = &[
    (
        "audit_entries",
        "the trail itself: bound entry to entry, tried in `verify_finds_what_somebody_changed_behind_our_back`",
    ),
    ("report_drafts", "what is being typed; sealed, gone within days, and nobody has a receipt for it"),
    (
        "report_submissions",
        "the same form sent again finds its receipt by it; without it a second report is made, and none is lost",
    ),
    ("report_lookups", "tries at numbers, for minutes"),
    ("sign_in_attempts", "tries at logins, for minutes; what was refused stands in the trail"),
    (
        "sessions",
        "a row is bound to its token under a key: one written or turned past the program lets nobody in",
    ),
    ("invitations", "links that live for days; credentials set by one are an entry of the trail"),
    ("imports", "what an office uploaded and was told; what came of it is published, and guarded there"),
    (
        "jobs",
        "work that waits; whatever it does is decided anew when it runs, and `cases.next_at` tells when none comes",
    ),
    ("hotline_tables", "rows that wait for a day; what was taken is a case"),
    (
        "hotline_handed",
        "orders sealed to the superior, tied to nothing; without the row the same order is handed on twice",
    ),
    ("evidence_days", "a limit for a day"),
    ("indicator_editions", "of ratings: the trail does not vouch for them yet"),
    ("rating_rounds", "of ratings, the same"),
    ("rating_bands", "of ratings, the same"),
    ("rating_exclusions", "of ratings, the same"),
    ("rating_flags", "of ratings, the same"),
    ("rating_papers", "of ratings, the same"),
    ("rating_releases", "of ratings, the same"),
    ("rating_sheets", "of ratings, the same"),
    ("rating_blocks", "of ratings: held against the published sums by the check `ballots`"),
    ("rating_margins", "of ratings, the same"),
    ("rating_templates", "of ratings, the same"),
    ("rating_subjects", "of ratings, the same"),
    ("rating_ballots", "of ratings: held against the tallies by the check `ballots`"),
    ("rating_tallies", "of ratings: held against the ballots by the check `ballots`"),
    (
        "superior_packages",
        "no entry of the trail may say when somebody reported to the superior; sealed to a key that is not here, see ADR 0012",
    ),
    ("superior_pieces", "the same; what was changed does not open at the superior's"),
    ("superior_refusals", "a count by the month"),
    ("sms_messages", "messages for minutes"),
    ("phone_codes", "codes for minutes"),
    ("phone_messages", "limits for a day"),
    ("phone_turns", "limits for minutes"),
    ("phone_proofs", "proofs of drafts, gone with them"),
    ("clue_counts", "counted anew every hour from what is guarded"),
    ("oversight_counts", "counted anew every hour from what is guarded"),
    ("case_notices", "what staff are reminded of; the case itself says what is due, and the timer reminds"),
    ("case_reminders", "that somebody was reminded: without the row they are reminded twice"),
];

/// Of these tables the program moves on some rows by itself; the others are tried.
pub const PARTS: &[(&str, &str, &str)] = &[
    ("settings", "key = 'superior_channel'", "when something was last done, and what every start compares"),
    ("search_documents", "kind = 'unit'", "outcomes are tried by the next line of this list"),
    (
        "search_documents",
        "kind = 'outcome'",
        "what is found of units, powers and people follows from their states",
    ),
];

/// Guarded, but the demonstration has no row to try: who gives it one strikes the table off.
pub const EMPTY: &[(&str, &str)] = &[
    ("attachments", "bound with their report; what they hold is opened by the check `attachments`"),
    ("calendar_days", "rows of the trail; the shipped calendar needs none"),
    ("calendar_years", "the same"),
    ("case_links", "rows of the trail"),
    ("hotline_calls", "rows of the trail"),
    ("letters", "rows of the trail"),
    ("routing_rules", "rows of the trail, tried in `audit::rows::tests`"),
];

/// Columns, and rows as a whole as `table.(row)`.
pub const COLUMNS: &[(&str, &str)] = &[
    ("accounts.totp_step", "moves with every sign-in; set back, a code of the last minute works once more"),
    ("appointments.id", "nothing refers to it"),
    ("bases.issuer", "not used"),
    ("cadres.flags", "what an import took with doubts, for the unit to clear; decides nothing"),
    (
        "cadres.phone_index",
        "of ratings: who may not rate whom; written anew from what is sealed by the next import",
    ),
    ("cadres.political_status", "kept and never shown; no state of it is published"),
    ("cadres.sex", "kept and never shown; no state of it is published"),
    ("case_keys.id", "nothing refers to it"),
    ("case_keys.made_at", "decides nothing"),
    (
        "case_keys.opened_at",
        "moves with every look; what somebody had read is told to the superior from it, see ADR 0010",
    ),
    ("case_keys.opened_through", "the same"),
    ("case_keys.revoked_at", "the key is destroyed with it; a live one that is marked shows as holders"),
    ("case_routes.at", "the event beside it has the moment, and is bound"),
    ("cases.lapses_at", "for lists; the timer decides from the events"),
    ("cases.next_at", "a day is let pass, since clocks are set; more is seen, and the timer writes it anew"),
    ("cases.overdue_since", "for lists; the timer writes it anew within a day, from the events"),
    (
        "letters.receiver_locked",
        "a reporter's reading leaves nothing in the trail; staff's receipt is an entry",
    ),
    ("letters.received_at", "the same"),
    ("powers.flags", "what an import took with doubts, for the unit to clear; decides nothing"),
    ("units.flags", "what an import took with doubts, for the unit to clear; decides nothing"),
    ("search_documents.body", "of units, powers and people: words by which they are found, never shown"),
    ("search_documents.category", "of units, powers and people: a filter, made anew by each publication"),
    (
        "search_documents.detail",
        "of units, powers and people: below the title that is compared; the page says what was published",
    ),
    (
        "search_documents.division_path",
        "of units, powers and people: a filter, made anew by each publication",
    ),
    ("search_documents.unit_id", "of units, powers and people: a filter, made anew by each publication"),
];
