-- Findings: alarms of one outlet that belong together. Times in milliseconds; likely in millionths,
-- harm and clock in thousandths, score their product in millionths.
CREATE TABLE finding (
    id {identity},
    point BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    is_active BIGINT NOT NULL,
    state TEXT NOT NULL,
    merged_into BIGINT,
    found_at BIGINT NOT NULL,
    score BIGINT NOT NULL,
    likely BIGINT NOT NULL,
    harm BIGINT NOT NULL,
    clock BIGINT NOT NULL,
    reasons TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX finding_queue ON finding (state, score, id);
CREATE INDEX finding_newest ON finding (state, last_at, id);
CREATE INDEX finding_point ON finding (point, last_at);

-- The alarms of a finding; factor is -1 where an alarm is about none.
CREATE TABLE finding_member (
    origin TEXT NOT NULL,
    reference BIGINT NOT NULL,
    finding BIGINT NOT NULL REFERENCES finding (id),
    what TEXT NOT NULL,
    point BIGINT NOT NULL,
    factor BIGINT NOT NULL,
    began_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    found_at BIGINT NOT NULL,
    is_open BIGINT NOT NULL,
    times TEXT,
    count BIGINT NOT NULL,
    PRIMARY KEY (origin, reference)
);
CREATE INDEX finding_member_finding ON finding_member (finding);

-- Each score that a finding has had.
CREATE TABLE finding_score (
    finding BIGINT NOT NULL REFERENCES finding (id),
    version BIGINT NOT NULL,
    scored_at BIGINT NOT NULL,
    score BIGINT NOT NULL,
    likely BIGINT NOT NULL,
    harm BIGINT NOT NULL,
    clock BIGINT NOT NULL,
    reasons TEXT NOT NULL,
    PRIMARY KEY (finding, version)
);

-- What an officer concluded; the newest holds, the older stay.
CREATE TABLE finding_verdict (
    id {identity},
    finding BIGINT NOT NULL REFERENCES finding (id),
    conclusion TEXT NOT NULL,
    reason TEXT NOT NULL,
    rank BIGINT,
    score BIGINT NOT NULL,
    given_at BIGINT NOT NULL,
    user_id BIGINT,
    who TEXT NOT NULL
);
CREATE INDEX finding_verdict_finding ON finding_verdict (finding, id);

-- Orders made from findings; one at a time for each.
CREATE TABLE finding_order (
    finding BIGINT NOT NULL REFERENCES finding (id),
    case_id BIGINT NOT NULL,
    number TEXT NOT NULL,
    ordered_at BIGINT NOT NULL,
    who TEXT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (finding, case_id)
);
CREATE UNIQUE INDEX finding_order_one ON finding_order (finding) WHERE ended_at IS NULL;
