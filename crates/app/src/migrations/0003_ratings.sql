-- A cadre's telephone as a keyed hash: who may not rate whom is known before a ballot is taken.
ALTER TABLE cadres ADD COLUMN phone_index {bytes};
CREATE INDEX cadres_phone ON cadres (phone_index);

-- The library of questions, edition by edition. Rounds keep the one they began with.
CREATE TABLE indicator_editions (
    edition BIGINT PRIMARY KEY,
    content TEXT NOT NULL,
    -- draft, submitted, in_force, superseded
    standing TEXT NOT NULL,
    made_at BIGINT NOT NULL
);

CREATE TABLE rating_rounds (
    id {id},
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    opens BIGINT NOT NULL,
    closes BIGINT NOT NULL,
    -- of its questions; null before it opened
    edition BIGINT REFERENCES indicator_editions (edition),
    -- when its key was destroyed
    key_gone_at BIGINT,
    -- the last fixed time at which figures were looked at
    slot BIGINT NOT NULL DEFAULT 0,
    -- the day before which the radar has looked
    looked BIGINT NOT NULL DEFAULT 0,
    -- when a recount found something else than the roll-ups
    wrong_at BIGINT
);
CREATE INDEX rating_rounds_state ON rating_rounds (state);

-- What is asked, and of whom, as it was when the round opened.
CREATE TABLE rating_templates (
    round_id BIGINT NOT NULL REFERENCES rating_rounds (id),
    target TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (round_id, target)
);
-- subject = id * 2, and one more for a power.
CREATE TABLE rating_subjects (
    round_id BIGINT NOT NULL REFERENCES rating_rounds (id),
    subject BIGINT NOT NULL,
    unit_id BIGINT NOT NULL,
    -- 0: the unit has none
    division_id BIGINT NOT NULL,
    path TEXT NOT NULL,
    -- the post class; empty for a power
    class TEXT NOT NULL,
    target TEXT NOT NULL,
    -- the number of the last figure of it
    release BIGINT NOT NULL DEFAULT 0,
    -- until when two people look into signs of manipulation
    held_until BIGINT,
    PRIMARY KEY (round_id, subject)
);
CREATE INDEX rating_subjects_subject ON rating_subjects (subject);
CREATE INDEX rating_subjects_unit ON rating_subjects (unit_id, round_id);

-- One voice for each person and subject, under a keyed hash. No time, no running number, no order of arrival.
CREATE TABLE rating_ballots (
    round_id BIGINT NOT NULL,
    subject BIGINT NOT NULL,
    token {bytes} NOT NULL,
    bits BIGINT NOT NULL,
    -- the release before which it was last touched
    release BIGINT NOT NULL,
    -- fails a rule of identity and does not count
    barred BOOLEAN NOT NULL,
    PRIMARY KEY (round_id, subject, token)
){unordered}{by_round};
-- The ballots of a subject after the close: sorted by what they say, without anything that tells them apart.
CREATE TABLE rating_blocks (
    round_id BIGINT NOT NULL,
    subject BIGINT NOT NULL,
    block {bytes} NOT NULL,
    PRIMARY KEY (round_id, subject)
);
-- Printed sheets of paper codes, and each code as a keyed hash until the close. Who got which is not kept.
CREATE TABLE rating_sheets (
    id {id},
    round_id BIGINT NOT NULL REFERENCES rating_rounds (id),
    unit_id BIGINT NOT NULL REFERENCES units (id),
    made_by BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    revoked_at BIGINT,
    revoked_by BIGINT,
    reason TEXT,
    -- when another person took its ballots out of the count
    excluded_at BIGINT
);
CREATE INDEX rating_sheets_round ON rating_sheets (round_id);
CREATE TABLE rating_papers (
    round_id BIGINT NOT NULL,
    name {bytes} NOT NULL,
    sheet_id BIGINT NOT NULL,
    PRIMARY KEY (round_id, name)
){unordered};
CREATE INDEX rating_papers_sheet ON rating_papers (sheet_id);
-- What was taken out of the count, and by which rule of identity.
CREATE TABLE rating_exclusions (
    round_id BIGINT NOT NULL,
    subject BIGINT NOT NULL,
    failing TEXT NOT NULL,
    ballots BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX rating_exclusions_subject ON rating_exclusions (round_id, subject);
-- Signs of manipulation, and what two people said to each.
CREATE TABLE rating_flags (
    id {id},
    round_id BIGINT NOT NULL REFERENCES rating_rounds (id),
    subject BIGINT NOT NULL,
    content TEXT NOT NULL
);
CREATE INDEX rating_flags_subject ON rating_flags (round_id, subject);
-- Everything that was ever shown of a subject; without ballots it was taken away.
CREATE TABLE rating_releases (
    round_id BIGINT NOT NULL,
    subject BIGINT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    n BIGINT NOT NULL,
    sum BIGINT NOT NULL,
    squares BIGINT NOT NULL,
    -- the peers it was drawn towards
    peers TEXT,
    PRIMARY KEY (round_id, subject, number)
);
-- Between which shown scores the middle of a class stands.
CREATE TABLE rating_bands (
    round_id BIGINT NOT NULL,
    class TEXT NOT NULL,
    low BIGINT NOT NULL,
    high BIGINT NOT NULL,
    PRIMARY KEY (round_id, class)
);
-- Sums of units with everything below them, written once at the end; unit 0 is everything.
CREATE TABLE rating_margins (
    round_id BIGINT NOT NULL,
    unit_id BIGINT NOT NULL,
    n BIGINT NOT NULL,
    sum BIGINT NOT NULL,
    squares BIGINT NOT NULL,
    subjects BIGINT NOT NULL,
    pooled BIGINT NOT NULL,
    left_out BIGINT NOT NULL,
    PRIMARY KEY (round_id, unit_id)
);
-- Roll-ups, written with the ballots: grain 0 subject, 1 unit, 2 division, 3 subject and day (how many, not what).
CREATE TABLE rating_tallies (
    round_id BIGINT NOT NULL,
    grain BIGINT NOT NULL,
    key BIGINT NOT NULL,
    day BIGINT NOT NULL,
    tally {bytes} NOT NULL,
    PRIMARY KEY (round_id, grain, key, day)
){unordered};
