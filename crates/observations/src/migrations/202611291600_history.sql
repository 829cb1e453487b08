-- A number that rises with every change of what belongs to the history; without a row it is 0.
CREATE TABLE history_state (
    id BIGINT PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL
);

-- Closed months whose rows have moved into files: rows of commits up to the sealed one are there.
CREATE TABLE history_month (
    period BIGINT NOT NULL,
    month BIGINT NOT NULL,
    move_number BIGINT NOT NULL,
    sealed_block BIGINT NOT NULL,
    sealed_at BIGINT NOT NULL,
    cleared BIGINT NOT NULL,
    late_rows BIGINT NOT NULL,
    PRIMARY KEY (period, month)
) {without_rowid};

-- The parts of those months, two files each; a replaced part is kept for a while.
CREATE TABLE history_part (
    id {identity},
    period BIGINT NOT NULL,
    month BIGINT NOT NULL,
    move_number BIGINT NOT NULL,
    values_name TEXT NOT NULL,
    values_bytes BIGINT NOT NULL,
    values_sha256 TEXT NOT NULL,
    rows_name TEXT NOT NULL,
    rows_bytes BIGINT NOT NULL,
    rows_sha256 TEXT NOT NULL,
    first_point BIGINT NOT NULL,
    last_point BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    factor_row_count BIGINT NOT NULL,
    format BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);
CREATE INDEX history_part_month ON history_part (period, month);
CREATE INDEX history_part_retired ON history_part (retired_at);

-- Moves under way: their files begin with the token and belong to nothing until the move is done.
CREATE TABLE history_move (
    id {identity},
    token TEXT NOT NULL,
    period BIGINT NOT NULL,
    month BIGINT NOT NULL,
    alive_at BIGINT NOT NULL
);

-- While a hold lasts no replaced file is deleted: a backup that copies them is under way.
CREATE TABLE history_hold (
    name TEXT PRIMARY KEY NOT NULL,
    held_until BIGINT NOT NULL
);

-- What was forgotten by rule: whole months, with how much they held.
CREATE TABLE history_forgotten (
    period BIGINT NOT NULL,
    month BIGINT NOT NULL,
    forgotten_at BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    keep_months BIGINT NOT NULL,
    PRIMARY KEY (period, month, forgotten_at)
) {without_rowid};
