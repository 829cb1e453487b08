-- How far evaluation has come in the commit log.
CREATE TABLE evaluation_cursor (
    name TEXT NOT NULL PRIMARY KEY,
    block BIGINT NOT NULL
);

-- What a rule says now of a value; factor is -1 where the rule judges the whole row.
CREATE TABLE verdict (
    id {identity},
    point BIGINT NOT NULL,
    rule TEXT NOT NULL,
    factor BIGINT NOT NULL,
    period BIGINT NOT NULL,
    observed_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    judged_at BIGINT NOT NULL,
    block BIGINT NOT NULL,
    block_index BIGINT NOT NULL,
    edition TEXT NOT NULL,
    outcome TEXT NOT NULL,
    value TEXT,
    level BIGINT,
    reasons {bytes} NOT NULL
);
CREATE UNIQUE INDEX verdict_key ON verdict (point, rule, factor, period, observed_at);

-- What it said before the value or the rule changed.
CREATE TABLE verdict_superseded (
    verdict BIGINT NOT NULL,
    version BIGINT NOT NULL,
    judged_at BIGINT NOT NULL,
    block BIGINT NOT NULL,
    block_index BIGINT NOT NULL,
    edition TEXT NOT NULL,
    outcome TEXT NOT NULL,
    value TEXT,
    level BIGINT,
    reasons {bytes} NOT NULL,
    PRIMARY KEY (verdict, version)
);

CREATE TABLE alert (
    id {identity},
    kind TEXT NOT NULL,
    point BIGINT NOT NULL,
    factor BIGINT NOT NULL,
    severity TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    closed_at BIGINT,
    count BIGINT NOT NULL,
    last_value TEXT,
    worst_value TEXT,
    bound TEXT,
    close_reason TEXT,
    evidence TEXT NOT NULL
);
CREATE INDEX alert_open ON alert (closed_at, kind);
CREATE UNIQUE INDEX alert_subject ON alert (kind, point, factor) WHERE closed_at IS NULL;
CREATE INDEX alert_point ON alert (point, opened_at);

-- What happened to an alert, in order.
CREATE TABLE alert_event (
    alert BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    happened_at BIGINT NOT NULL,
    what TEXT NOT NULL,
    value TEXT,
    block BIGINT,
    block_index BIGINT,
    evidence TEXT NOT NULL,
    PRIMARY KEY (alert, sequence)
);
