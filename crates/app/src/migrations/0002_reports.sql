-- Columns named *_sealed hold values under the vault's keys; columns named *_locked hold values under the case's
-- own key, which case_keys wraps for each account that may open it. See docs/adr/0010.

-- The person behind an account; without one, routing counts the account as in conflict with everything.
ALTER TABLE accounts ADD COLUMN cadre_id BIGINT REFERENCES cadres (id);
-- How high a cadre stands, for the routing rules.
ALTER TABLE cadres ADD COLUMN rank TEXT NOT NULL DEFAULT 'other';
-- 机关代字: what the numbers of an organ's letters begin with.
ALTER TABLE organs ADD COLUMN sign TEXT;
CREATE UNIQUE INDEX organs_sign ON organs (sign);

-- One administrator asks that an account is tied to a person, another kind of administrator decides.
CREATE TABLE ties (
    id {id},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    -- null: untied
    cadre_id BIGINT REFERENCES cadres (id),
    asked_by BIGINT NOT NULL REFERENCES accounts (id),
    asked_at BIGINT NOT NULL,
    decided_by BIGINT REFERENCES accounts (id),
    decided_at BIGINT,
    confirmed BOOLEAN
);
CREATE UNIQUE INDEX ties_open ON ties (account_id) WHERE decided_at IS NULL;

CREATE TABLE deadline_profiles (
    code TEXT NOT NULL,
    version BIGINT NOT NULL,
    content TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    -- null: came with the program
    made_by BIGINT REFERENCES accounts (id),
    PRIMARY KEY (code, version)
);
CREATE TABLE routing_rules (
    version BIGINT PRIMARY KEY,
    content TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    made_by BIGINT REFERENCES accounts (id)
);

-- Declared relatives, each pair once, the lower id first.
CREATE TABLE relatives (
    cadre_id BIGINT NOT NULL REFERENCES cadres (id),
    other_id BIGINT NOT NULL REFERENCES cadres (id),
    declared_at BIGINT NOT NULL,
    declared_by BIGINT REFERENCES accounts (id),
    ended_at BIGINT,
    ended_by BIGINT REFERENCES accounts (id),
    PRIMARY KEY (cadre_id, other_id),
    CHECK (cadre_id < other_id)
);
-- An account that stays out of everything about a person or a unit. Recusals of one case are its events.
CREATE TABLE recusals (
    id {id},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    cadre_id BIGINT REFERENCES cadres (id),
    unit_id BIGINT REFERENCES units (id),
    declared_at BIGINT NOT NULL,
    declared_by BIGINT REFERENCES accounts (id),
    ended_at BIGINT,
    ended_by BIGINT REFERENCES accounts (id)
);

-- What somebody has typed so far. Deleted when it is submitted or has expired.
CREATE TABLE report_drafts (
    id {id},
    token_hash {bytes} NOT NULL UNIQUE,
    content_sealed {bytes},
    -- nothing was told yet: the first to go in a flood
    is_empty BOOLEAN NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE reports (
    -- drawn: neither an address nor a gap says that there is another
    id BIGINT PRIMARY KEY,
    -- receipt number, as a blind index: the number itself is nowhere
    number_index {bytes} NOT NULL UNIQUE,
    -- query code, as a keyed hash bound to the number
    code_hash {bytes} NOT NULL,
    -- of the token under which it was submitted: submitted again, it is still one report
    submission_hash {bytes} NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id BIGINT,
    object_step BIGINT,
    -- 'anonymous', 'phone' or 'real_name'; 'hotline' when the hotline says who called
    level TEXT NOT NULL,
    -- 'citizen': through the form; 'hotline': from a table of orders
    origin TEXT NOT NULL DEFAULT 'citizen',
    -- what happened, and the points to be answered
    content_locked {bytes},
    created_at BIGINT NOT NULL,
    -- keyed hash of the columns above and of the rows of its files: what is changed past the program no longer fits
    bound {bytes}
);
-- What was submitted under which token, as a hash keyed by that token, which is nowhere: the same again is one report,
-- another is never answered with the first one's receipt.
CREATE TABLE report_submissions (
    submission_hash {bytes} PRIMARY KEY,
    content_hash {bytes} NOT NULL
);
-- Who reported, apart from what: sealed in another place, never under the key of the case.
CREATE TABLE report_identities (
    id BIGINT PRIMARY KEY REFERENCES reports (id),
    content_sealed {bytes} NOT NULL
);
-- The number under which another platform knows a report: known again by its index, read by nobody without the keys.
CREATE TABLE report_origins (
    id BIGINT PRIMARY KEY REFERENCES reports (id),
    number_index {bytes} NOT NULL UNIQUE,
    number_sealed {bytes} NOT NULL
);
-- What callers said about an answer, as the hotline told the clerk who entered it.
CREATE TABLE hotline_calls (
    id {id},
    case_id BIGINT NOT NULL,
    -- 'satisfied', 'dissatisfied' or 'unreached'
    heard TEXT NOT NULL,
    at BIGINT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id)
);
CREATE INDEX hotline_calls_case ON hotline_calls (case_id);
-- Orders of a hotline that were sealed to the superior: known again by their index, tied to nothing.
CREATE TABLE hotline_handed (
    number_index {bytes} PRIMARY KEY
);
-- Tables of a hotline. Their rows are sealed until they become cases, or for a day; after that, row numbers and
-- reasons stay.
CREATE TABLE hotline_tables (
    id {id},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    made_at BIGINT NOT NULL,
    content_sealed {bytes},
    taken_at BIGINT,
    outcome TEXT
);
-- Tries to open a report, by a keyed hash of the number that was typed.
CREATE TABLE report_lookups (
    key {bytes} PRIMARY KEY,
    failures BIGINT NOT NULL,
    locked_until BIGINT,
    last_at BIGINT NOT NULL
);

-- What belongs to the level above: sealed to its public key in pieces, and opened by nothing that is kept here. Neither
-- kind nor object nor an hour stands beside it.
CREATE TABLE superior_packages (
    id {id},
    -- of a report that went there at once: by these its reporter finds it
    number_index {bytes} UNIQUE,
    code_hash {bytes},
    submission_hash {bytes} UNIQUE,
    -- of a case that began here and that no organ may have by now: through which event it was sealed
    case_id BIGINT,
    through BIGINT,
    -- says no more than that the county has the case again, or that its reporter took it back
    taken_back BOOLEAN NOT NULL DEFAULT FALSE,
    -- fingerprint and name of the key it is sealed to
    recipient TEXT NOT NULL,
    superior TEXT NOT NULL,
    -- the day, as its first instant in Beijing
    made_at BIGINT NOT NULL,
    fetched_at BIGINT
);
CREATE INDEX superior_packages_case ON superior_packages (case_id);
CREATE TABLE superior_pieces (
    package_id BIGINT NOT NULL REFERENCES superior_packages (id),
    number BIGINT NOT NULL,
    piece {bytes} NOT NULL,
    PRIMARY KEY (package_id, number)
);
-- How many were refused because no key of the level above was configured: nothing finer than a month.
CREATE TABLE superior_refusals (
    month TEXT PRIMARY KEY,
    refused BIGINT NOT NULL
);
-- Evidence: files of a draft, then of its case. The content lies in sealed files beside the database.
CREATE TABLE attachments (
    id {id},
    -- the draft it hangs on; null once submitted
    token_hash {bytes},
    -- keyed hash by which a browser finds the upload it began
    same {bytes},
    report_id BIGINT REFERENCES reports (id),
    -- random name on the disk
    file TEXT NOT NULL UNIQUE,
    -- 'arriving' or 'kept'
    state TEXT NOT NULL,
    -- announced and arrived bytes; 0 once submitted, since a size can tell which file it is
    size BIGINT NOT NULL,
    arrived BIGINT NOT NULL,
    segments BIGINT NOT NULL,
    -- name, size, kind, digest; and the file's own key
    about_sealed {bytes},
    key_sealed {bytes},
    about_locked {bytes},
    key_locked {bytes},
    -- random name of the copy for looking at
    copy_file TEXT,
    touched_at BIGINT NOT NULL,
    -- when it was begun, however often it was touched since
    begun_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX attachments_token ON attachments (token_hash);
CREATE INDEX attachments_report ON attachments (report_id);

-- Bytes of evidence that were submitted on a day, all reports together: what was submitted lies for years, so a day's
-- is bounded as drafts' are. A few days are kept.
CREATE TABLE evidence_days (
    -- Julian day, in Beijing
    day BIGINT PRIMARY KEY,
    bytes BIGINT NOT NULL
);

-- Short messages that have not left yet: number and template. Deleted when the gateway has taken them.
CREATE TABLE sms_messages (
    id {id},
    content_sealed {bytes},
    -- from when on it may leave; of news to a reporter this is never the minute of the deed
    due_at BIGINT NOT NULL,
    -- of news: a keyed hash of number and hour, so that a number gets one
    news_key {bytes} UNIQUE
);
-- One-time codes, by a keyed hash of purpose, browser and number.
CREATE TABLE phone_codes (
    key {bytes} PRIMARY KEY,
    code_hash {bytes} NOT NULL,
    tries BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    -- it did not leave at once, because many were asked for
    queued BOOLEAN NOT NULL
);
-- What was sent to a number, by a keyed hash of it: for the limits alone.
CREATE TABLE phone_messages (
    id {id},
    key {bytes} NOT NULL,
    -- the draft that asked, until it is submitted
    draft {bytes},
    at BIGINT NOT NULL
);
CREATE INDEX phone_messages_key ON phone_messages (key, at);
CREATE INDEX phone_messages_draft ON phone_messages (draft);
-- Up to when the turns of codes over all numbers are given away: a row for each of two queues.
CREATE TABLE phone_turns (
    id BIGINT PRIMARY KEY,
    turn_at BIGINT NOT NULL
);
-- The telephone that the browser of a draft has proved.
CREATE TABLE phone_proofs (
    id {id},
    token_hash {bytes} NOT NULL UNIQUE,
    phone_sealed {bytes},
    proved_at BIGINT NOT NULL
);

-- A case has the id of its report. The columns are read off the events; `daylight verify` compares.
CREATE TABLE cases (
    id BIGINT PRIMARY KEY REFERENCES reports (id),
    -- number of the last event: two writers at once are told apart by it
    events BIGINT NOT NULL,
    state TEXT NOT NULL,
    stage TEXT NOT NULL,
    kind TEXT NOT NULL,
    profile TEXT NOT NULL,
    organ_id BIGINT REFERENCES organs (id),
    handler_id BIGINT REFERENCES accounts (id),
    received_at BIGINT NOT NULL,
    closed_at BIGINT,
    published_at BIGINT,
    -- the next running clock; null when none runs, or when the calendar of its year is not loaded
    due_at BIGINT,
    -- since when the next running clock is past its date, as the timer last saw it
    overdue_since BIGINT,
    -- when silence lets an answered case lapse
    lapses_at BIGINT,
    -- when the timer looks at it next; null when it is closed
    next_at BIGINT
);
CREATE INDEX cases_organ ON cases (organ_id, state);
CREATE INDEX cases_handler ON cases (handler_id);
CREATE INDEX cases_due ON cases (due_at) WHERE closed_at IS NULL;

CREATE TABLE case_events (
    case_id BIGINT NOT NULL REFERENCES cases (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- 'reporter', 'platform' or the role of a member of staff
    actor TEXT NOT NULL,
    account_id BIGINT REFERENCES accounts (id),
    organ_id BIGINT REFERENCES organs (id),
    -- JSON without anything somebody wrote
    deed TEXT NOT NULL,
    -- reason, question, finding, reply
    words_locked {bytes} NOT NULL,
    PRIMARY KEY (case_id, number)
);

-- Who may do nothing in a case any more: read off the events, for lists.
CREATE TABLE case_recused (
    case_id BIGINT NOT NULL REFERENCES cases (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (case_id, account_id)
);

CREATE TABLE case_keys (
    id {id},
    case_id BIGINT NOT NULL REFERENCES cases (id),
    -- counts the keys of a case from 1; what is written is locked under the last
    generation BIGINT NOT NULL,
    -- null: the program's own, for the reporter's page, routing and timers
    account_id BIGINT REFERENCES accounts (id),
    -- the key, wrapped; destroyed when revoked
    key_sealed {bytes},
    made_at BIGINT NOT NULL,
    -- the last event whose words this account was shown
    opened_through BIGINT,
    opened_at BIGINT,
    revoked_at BIGINT,
    UNIQUE (case_id, generation, account_id)
);
CREATE UNIQUE INDEX case_keys_own ON case_keys (case_id, generation) WHERE account_id IS NULL;
CREATE INDEX case_keys_account ON case_keys (account_id) WHERE revoked_at IS NULL;

-- Where routing sent a case and why: the chain of reasons, with who is named in it.
CREATE TABLE case_routes (
    case_id BIGINT NOT NULL REFERENCES cases (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    chain_locked {bytes} NOT NULL,
    PRIMARY KEY (case_id, number)
);

-- Who was reminded of which date. The key makes a reminder happen once.
CREATE TABLE case_reminders (
    case_id BIGINT NOT NULL REFERENCES cases (id),
    stage TEXT NOT NULL,
    clock TEXT NOT NULL,
    whom TEXT NOT NULL,
    at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (case_id, stage, clock, whom, at)
);

-- Who looked at what of a case is asked of the trail.
CREATE INDEX audit_entries_subject ON audit_entries (subject, account_id, at);

-- What staff are told about cases: a date (clock, stage, due_at), what somebody (about_id) had opened before the
-- case was closed to them, or what became of more time that was asked for (word).
CREATE TABLE case_notices (
    id {id},
    case_id BIGINT NOT NULL REFERENCES cases (id),
    -- who is told; null: nobody of this instance may be
    account_id BIGINT REFERENCES accounts (id),
    clock TEXT,
    stage TEXT,
    due_at BIGINT,
    word TEXT,
    about_id BIGINT REFERENCES accounts (id),
    opened_through BIGINT,
    opened_at BIGINT,
    -- 'write', 'approve', 'receipt', 'answer': what hangs on the case and should be done since due_at
    task TEXT,
    letter_id BIGINT,
    made_at BIGINT NOT NULL,
    read_at BIGINT
);
CREATE INDEX case_notices_account ON case_notices (account_id);

-- Cases about the same thing, as somebody said: each pair once, the lower id first.
CREATE TABLE case_links (
    case_id BIGINT NOT NULL REFERENCES cases (id),
    other_id BIGINT NOT NULL REFERENCES cases (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (case_id, other_id),
    CHECK (case_id < other_id)
);
CREATE INDEX case_links_other ON case_links (other_id);

-- Replies by their hashed pieces, so that near-copies are found without opening other cases.
CREATE TABLE case_replies (
    id {id},
    case_id BIGINT NOT NULL REFERENCES cases (id),
    number BIGINT NOT NULL,
    organ_id BIGINT NOT NULL REFERENCES organs (id),
    at BIGINT NOT NULL,
    sketch_sealed {bytes}
);
CREATE INDEX case_replies_organ ON case_replies (organ_id);

-- Who asked to see who reported, and who of another organ approved it. The reason stands twice: for the second person,
-- who has no key of the case, and for the reporter.
CREATE TABLE identity_openings (
    id {id},
    case_id BIGINT NOT NULL REFERENCES cases (id),
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    organ_id BIGINT NOT NULL REFERENCES organs (id),
    reason_sealed {bytes},
    reason_locked {bytes},
    asked_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    second_id BIGINT REFERENCES accounts (id),
    second_organ_id BIGINT REFERENCES organs (id),
    decided_at BIGINT,
    -- null: refused, once it is decided
    until BIGINT,
    revoked_at BIGINT
);
-- Each time the identity was shown.
CREATE TABLE identity_looks (
    id {id},
    opening_id BIGINT NOT NULL REFERENCES identity_openings (id),
    at BIGINT NOT NULL
);
CREATE INDEX identity_looks_opening ON identity_looks (opening_id);
CREATE INDEX identity_openings_case ON identity_openings (case_id);

CREATE TABLE letters (
    id {id},
    case_id BIGINT NOT NULL REFERENCES cases (id),
    organ_id BIGINT NOT NULL REFERENCES organs (id),
    kind TEXT NOT NULL,
    year BIGINT NOT NULL,
    serial BIGINT NOT NULL,
    -- 机关代字
    sign TEXT NOT NULL,
    content_locked {bytes} NOT NULL,
    issued_at BIGINT NOT NULL,
    issued_by BIGINT NOT NULL REFERENCES accounts (id),
    -- the lower organ it was given to; null: a unit or the reporter, on paper
    to_organ_id BIGINT REFERENCES organs (id),
    -- of the case when it was issued
    stage TEXT NOT NULL,
    due_on TEXT,
    receipt_by TEXT,
    received_at BIGINT,
    -- who signed for it
    receiver_locked {bytes},
    answered_at BIGINT,
    -- once for each form that was shown: sent again, it is the same letter
    token_hash {bytes} NOT NULL UNIQUE,
    UNIQUE (organ_id, kind, year, serial)
);
CREATE INDEX letters_case ON letters (case_id);
CREATE INDEX letters_to ON letters (to_organ_id);

-- 问题线索: a suspicion to be looked into, never a finding. Of a case its text is under the key of the case; else under
-- a key of its own.
CREATE TABLE clues (
    id {id},
    case_id BIGINT REFERENCES cases (id),
    organ_id BIGINT NOT NULL REFERENCES organs (id),
    entered_by BIGINT NOT NULL REFERENCES accounts (id),
    source TEXT NOT NULL,
    state TEXT NOT NULL,
    -- one of the four, proposed or approved
    disposal TEXT CHECK (disposal IN ('talk', 'verify', 'hold', 'close')),
    found_at BIGINT NOT NULL,
    -- found, or taken up again
    since_at BIGINT NOT NULL,
    disposed_at BIGINT,
    events BIGINT NOT NULL,
    -- null: of a case
    key_sealed {bytes},
    content_locked {bytes},
    token_hash {bytes} NOT NULL UNIQUE
);
CREATE INDEX clues_case ON clues (case_id);
CREATE TABLE clue_events (
    clue_id BIGINT NOT NULL REFERENCES clues (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    organ_id BIGINT NOT NULL REFERENCES organs (id),
    role TEXT NOT NULL,
    deed TEXT NOT NULL,
    reason_locked {bytes} NOT NULL,
    PRIMARY KEY (clue_id, number)
);
-- For everybody, counted by the hour.
CREATE TABLE clue_counts (
    year BIGINT NOT NULL,
    disposal TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (year, disposal)
);

-- An outcome card on its way. What the organ wrote stays under the key of the case until it comes out.
CREATE TABLE outcome_cards (
    case_id BIGINT PRIMARY KEY REFERENCES cases (id),
    state TEXT NOT NULL,
    content_locked {bytes} NOT NULL,
    -- why it is not published, of the few grounds there are
    ground TEXT,
    writer_id BIGINT NOT NULL REFERENCES accounts (id),
    writer_leads BOOLEAN NOT NULL,
    approver_id BIGINT REFERENCES accounts (id),
    written_at BIGINT NOT NULL,
    decided_at BIGINT,
    -- how often the platform found something at the release that must not come out
    sent_back BIGINT NOT NULL DEFAULT 0
);

-- What everybody may see of an outcome: no reporter, no number, no day of the report. The id is drawn, so that
-- neither address nor order says anything of the case. What was taken back or has ended keeps no text.
CREATE TABLE outcomes (
    id BIGINT PRIMARY KEY,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,
    grain TEXT NOT NULL,
    place TEXT NOT NULL,
    unit_id BIGINT REFERENCES units (id),
    power_id BIGINT REFERENCES powers (id),
    cadre_id BIGINT REFERENCES cadres (id),
    conclusion TEXT NOT NULL,
    measures TEXT NOT NULL,
    recovered BIGINT NOT NULL,
    returned BIGINT NOT NULL,
    summary TEXT NOT NULL,
    second_stage BOOLEAN NOT NULL,
    published_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    ended_at BIGINT,
    retracted_at BIGINT
);
CREATE INDEX outcomes_unit ON outcomes (unit_id);
CREATE INDEX outcomes_case ON outcomes (case_id);

-- What everybody sees of the organs' work, counted once an hour from what stands in the clear of cases and events.
CREATE TABLE oversight_counts (
    -- 0 is the county
    organ_id BIGINT NOT NULL,
    -- '2026-11', or 'now' for what is late at this moment
    month TEXT NOT NULL,
    figure TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (organ_id, month, figure)
);
