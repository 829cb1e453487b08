-- The entries in their order, as everybody may read them: nothing in here is personal or secret.
CREATE TABLE log_entry (
    position BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    logged_at BIGINT NOT NULL,
    entry TEXT NOT NULL
);
CREATE UNIQUE INDEX log_entry_name ON log_entry (name, version);
CREATE INDEX log_entry_kind ON log_entry (kind, position);

-- The tree: each tile with the hashes that it has so far.
CREATE TABLE log_tile (
    level BIGINT NOT NULL,
    number BIGINT NOT NULL,
    hashes {bytes} NOT NULL,
    PRIMARY KEY (level, number)
);

-- What was signed: the last checkpoint of each hour.
CREATE TABLE log_checkpoint (
    size BIGINT NOT NULL PRIMARY KEY,
    made_at BIGINT NOT NULL,
    note TEXT NOT NULL
);

-- How far the log has come: its size, and in each source.
CREATE TABLE log_cursor (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

-- The salts of audit records. Never published.
CREATE TABLE log_audit (
    record BIGINT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    salt {bytes} NOT NULL
);

-- Numbers of audit records that were passed over because a transaction may still bring them.
CREATE TABLE log_audit_gap (
    record BIGINT NOT NULL PRIMARY KEY,
    seen_at BIGINT NOT NULL
);

-- The packets of an hour: salt, and number and digest of each block. Never published.
CREATE TABLE log_packets (
    hour BIGINT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    salt {bytes} NOT NULL,
    blocks {bytes} NOT NULL
);

-- Of which state of row and verdict a published figure was made, in which form of publication.
CREATE TABLE log_figure (
    point BIGINT NOT NULL,
    period BIGINT NOT NULL,
    observed_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    position BIGINT NOT NULL,
    edition BIGINT NOT NULL,
    row_version BIGINT NOT NULL,
    verdict BIGINT,
    verdict_version BIGINT,
    PRIMARY KEY (point, period, observed_at, version)
);
CREATE UNIQUE INDEX log_figure_position ON log_figure (position);
CREATE INDEX log_figure_verdict ON log_figure (verdict);
