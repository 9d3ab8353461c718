CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Codes change yearly, so a code is never a key: id + validity + successor.
CREATE TABLE divisions (
    id {id},
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    level TEXT NOT NULL,
    parent_id BIGINT REFERENCES divisions (id),
    path TEXT NOT NULL,
    valid_from TEXT,
    valid_to TEXT,
    successor_id BIGINT REFERENCES divisions (id),
    -- true: not from an official list, inferred from a unit's code and name
    inferred BOOLEAN NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX divisions_current_code ON divisions (code) WHERE valid_to IS NULL;
CREATE INDEX divisions_parent ON divisions (parent_id);

CREATE TABLE units (
    id {id},
    name TEXT NOT NULL UNIQUE,
    category TEXT NOT NULL,
    credit_code TEXT,
    parent_id BIGINT REFERENCES units (id),
    -- ids from the root to this unit, '/3/17/': one prefix test answers "is within"
    path TEXT NOT NULL,
    division_id BIGINT REFERENCES divisions (id),
    phone TEXT,
    flags TEXT NOT NULL,
    ended_on TEXT,
    successor_id BIGINT REFERENCES units (id),
    revision_id BIGINT,
    updated_at BIGINT NOT NULL
);
CREATE INDEX units_parent ON units (parent_id);
CREATE INDEX units_division ON units (division_id);
CREATE INDEX units_category ON units (category);
CREATE INDEX units_path ON units (path);

CREATE TABLE posts (
    id {id},
    unit_id BIGINT NOT NULL REFERENCES units (id),
    title TEXT NOT NULL,
    UNIQUE (unit_id, title)
);

CREATE TABLE cadres (
    id {id},
    name TEXT NOT NULL,
    sex TEXT,
    political_status TEXT,
    citizen_id_sealed {bytes},
    citizen_id_index {bytes},
    phone_sealed {bytes},
    flags TEXT NOT NULL,
    revision_id BIGINT,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX cadres_citizen_id ON cadres (citizen_id_index) WHERE citizen_id_index IS NOT NULL;
CREATE INDEX cadres_name ON cadres (name);

CREATE TABLE appointments (
    id {id},
    cadre_id BIGINT NOT NULL REFERENCES cadres (id),
    post_id BIGINT NOT NULL REFERENCES posts (id),
    since TEXT,
    until TEXT,
    duties TEXT
);
CREATE INDEX appointments_cadre ON appointments (cadre_id);
CREATE INDEX appointments_post ON appointments (post_id);

CREATE TABLE organs (
    id {id},
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    parent_id BIGINT REFERENCES organs (id),
    path TEXT NOT NULL,
    unit_id BIGINT REFERENCES units (id),
    phone TEXT,
    updated_at BIGINT NOT NULL
);
CREATE TABLE organ_jurisdictions (
    organ_id BIGINT NOT NULL REFERENCES organs (id),
    unit_id BIGINT NOT NULL REFERENCES units (id),
    -- true: the unit and everything below it
    subtree BOOLEAN NOT NULL,
    PRIMARY KEY (organ_id, unit_id)
);

CREATE TABLE powers (
    id {id},
    unit_id BIGINT NOT NULL REFERENCES units (id),
    name TEXT NOT NULL,
    kind TEXT,
    stage_type TEXT,
    disclosed BOOLEAN NOT NULL,
    step_count BIGINT NOT NULL,
    risk_count BIGINT NOT NULL,
    flags TEXT NOT NULL,
    revision_id BIGINT,
    updated_at BIGINT NOT NULL,
    UNIQUE (unit_id, name)
);

CREATE TABLE bases (
    id {id},
    title TEXT NOT NULL UNIQUE,
    issuer TEXT,
    in_force_from TEXT,
    in_force_to TEXT,
    replaced_by TEXT
);
CREATE TABLE power_bases (
    power_id BIGINT NOT NULL REFERENCES powers (id),
    basis_id BIGINT NOT NULL REFERENCES bases (id),
    article TEXT NOT NULL,
    PRIMARY KEY (power_id, basis_id, article)
);
CREATE INDEX power_bases_basis ON power_bases (basis_id);

-- Every published state of a unit, power or cadre, and every draft on its way there.
CREATE TABLE revisions (
    id {id},
    kind TEXT NOT NULL,
    -- null: a draft of something that does not exist yet
    subject_id BIGINT,
    -- the unit whose people may edit it
    unit_id BIGINT REFERENCES units (id),
    number BIGINT NOT NULL,
    state TEXT NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    origin TEXT NOT NULL,
    import_id BIGINT,
    author_id BIGINT,
    -- who began the draft, whoever took it over since
    begun_by BIGINT,
    reviewer_id BIGINT,
    reason TEXT,
    created_at BIGINT NOT NULL,
    submitted_at BIGINT,
    decided_at BIGINT,
    published_at BIGINT,
    -- when the next published state took its place, or it was withdrawn
    ended_at BIGINT
);
CREATE INDEX revisions_subject ON revisions (kind, subject_id, published_at);
CREATE INDEX revisions_unit ON revisions (unit_id, kind, published_at);
-- finds a unit under every name it bore
CREATE INDEX revisions_unit_title ON revisions (title) WHERE kind = 'unit' AND published_at IS NOT NULL;
CREATE INDEX revisions_open ON revisions (state) WHERE state <> 'published' AND state <> 'ended';
CREATE INDEX revisions_published ON revisions (published_at) WHERE published_at IS NOT NULL;
CREATE UNIQUE INDEX revisions_one_draft ON revisions (kind, subject_id)
    WHERE subject_id IS NOT NULL AND (state = 'draft' OR state = 'submitted' OR state = 'returned');

CREATE TABLE search_documents (
    id {id},
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    detail TEXT NOT NULL,
    -- folded text, pinyin and initials, as the index sees it
    body TEXT NOT NULL,
    unit_id BIGINT,
    category TEXT,
    division_path TEXT,
    UNIQUE (kind, subject_id)
);

CREATE TABLE accounts (
    id {id},
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT,
    totp_sealed {bytes},
    -- the last accepted time step: a code works once
    totp_step BIGINT,
    disabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    -- when its credentials were last taken away for a new link, and by whom; null: the operator
    reinvited_at BIGINT,
    reinvited_by BIGINT REFERENCES accounts (id)
);
-- Tries to sign in, by a keyed hash of what was tried: no login that does not exist is stored.
CREATE TABLE sign_in_attempts (
    key {bytes} PRIMARY KEY,
    account_id BIGINT,
    failures BIGINT NOT NULL,
    locked_until BIGINT,
    -- failures and waits that the audit trail does not know yet
    refused BIGINT NOT NULL,
    waits BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE TABLE grants (
    id {id},
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL,
    unit_id BIGINT REFERENCES units (id),
    organ_id BIGINT REFERENCES organs (id),
    granted_by BIGINT,
    granted_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX grants_account ON grants (account_id);
CREATE TABLE invitations (
    token_hash {bytes} PRIMARY KEY,
    account_id BIGINT REFERENCES accounts (id),
    purpose TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE TABLE sessions (
    id {id},
    token_hash {bytes} NOT NULL UNIQUE,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    device TEXT NOT NULL,
    -- false until the second factor was given
    complete BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ended_at BIGINT,
    -- keyed hash of token, account, factor and beginning: a row that the program did not write lets nobody in
    bound {bytes} NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);

CREATE TABLE audit_entries (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    account_id BIGINT,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous {bytes} NOT NULL,
    hash {bytes} NOT NULL
);
CREATE INDEX audit_entries_at ON audit_entries (at);

CREATE TABLE imports (
    id {id},
    account_id BIGINT,
    state TEXT NOT NULL,
    folder TEXT NOT NULL,
    files TEXT NOT NULL,
    mapping TEXT NOT NULL,
    progress TEXT NOT NULL,
    report TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE calendar_days (
    date TEXT PRIMARY KEY,
    -- 'holiday' or 'workday' (a make-up day on a weekend)
    kind TEXT NOT NULL,
    name TEXT NOT NULL
);
CREATE TABLE calendar_years (
    year BIGINT PRIMARY KEY,
    source TEXT NOT NULL,
    loaded_at BIGINT NOT NULL
);

CREATE TABLE jobs (
    id {id},
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    -- jobs with the same key run once
    unique_key TEXT UNIQUE,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    attempts_allowed BIGINT NOT NULL,
    leased_until BIGINT,
    finished_at BIGINT,
    failed_at BIGINT,
    error TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (run_at) WHERE finished_at IS NULL AND failed_at IS NULL;
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
