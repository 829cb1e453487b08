-- What an enterprise says of a stretch of its own data. Never changed, never deleted. Times in
-- milliseconds; factor is -1 where all of the outlet is meant.
CREATE TABLE validity_mark (
    id {identity},
    point BIGINT NOT NULL,
    factor BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    facility TEXT NOT NULL,
    reason TEXT NOT NULL,
    evidence TEXT,
    evidence_name TEXT,
    author TEXT NOT NULL,
    user_id BIGINT,
    made_at BIGINT NOT NULL,
    is_late BIGINT NOT NULL
);
CREATE INDEX validity_mark_point ON validity_mark (point, to_at);

-- That a mark was withdrawn.
CREATE TABLE validity_withdrawal (
    mark BIGINT PRIMARY KEY NOT NULL REFERENCES validity_mark (id),
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    user_id BIGINT,
    made_at BIGINT NOT NULL
);

-- What the bureau decides on a mark (mark is set) or on data by themselves (mark is null). The
-- newest holds, the older stay.
CREATE TABLE validity_decision (
    id {identity},
    mark BIGINT REFERENCES validity_mark (id),
    point BIGINT NOT NULL,
    factor BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    evidence TEXT,
    author TEXT NOT NULL,
    user_id BIGINT,
    made_at BIGINT NOT NULL
);
CREATE INDEX validity_decision_point ON validity_decision (point, to_at);
CREATE INDEX validity_decision_mark ON validity_decision (mark);

-- The judged months of outlets, version by version; month counts from the year 0.
CREATE TABLE validity_record (
    point BIGINT NOT NULL,
    month BIGINT NOT NULL,
    version BIGINT NOT NULL,
    computed_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    block BIGINT NOT NULL,
    digest TEXT NOT NULL,
    codec BIGINT NOT NULL,
    bytes {bytes} NOT NULL,
    PRIMARY KEY (point, month, version)
);
