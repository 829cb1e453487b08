-- One row a point, period and time, holding all factors packed.
CREATE TABLE observation (
    point BIGINT NOT NULL,
    period BIGINT NOT NULL,
    observed_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    block BIGINT NOT NULL,
    block_index BIGINT NOT NULL,
    version BIGINT NOT NULL,
    payload {bytes} NOT NULL,
    PRIMARY KEY (point, period, observed_at)
) {without_rowid};

-- What a row was before another packet added to it or changed it.
CREATE TABLE observation_revision (
    point BIGINT NOT NULL,
    period BIGINT NOT NULL,
    observed_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    block BIGINT NOT NULL,
    block_index BIGINT NOT NULL,
    superseded_at BIGINT NOT NULL,
    superseded_by_block BIGINT NOT NULL,
    superseded_by_index BIGINT NOT NULL,
    payload {bytes} NOT NULL,
    PRIMARY KEY (point, period, observed_at, version)
) {without_rowid};

-- The log of commits: the packets of one commit as they came, and the rows they touched.
CREATE TABLE raw_block (
    id BIGINT PRIMARY KEY NOT NULL,
    first_received_at BIGINT NOT NULL,
    last_received_at BIGINT NOT NULL,
    packets BIGINT NOT NULL,
    size BIGINT NOT NULL,
    codec BIGINT NOT NULL,
    touched {bytes} NOT NULL,
    bytes {bytes} NOT NULL
);
