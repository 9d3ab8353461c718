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
    key_gone_at BIGINT
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
    -- how many figures of it were shown
    release BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (round_id, subject)
);
CREATE INDEX rating_subjects_subject ON rating_subjects (subject);

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
){unordered};
-- Roll-ups, written with the ballots: grain 0 subject, 1 unit, 2 division, 3 subject and day.
CREATE TABLE rating_tallies (
    round_id BIGINT NOT NULL,
    grain BIGINT NOT NULL,
    key BIGINT NOT NULL,
    day BIGINT NOT NULL,
    tally {bytes} NOT NULL,
    PRIMARY KEY (round_id, grain, key, day)
){unordered};
