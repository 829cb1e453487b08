-- Each time all indicators were computed.
CREATE TABLE indicator_run (
    id {identity},
    began_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    computed BIGINT NOT NULL,
    changed BIGINT NOT NULL
);

-- The value of an indicator in a year, with what entered. A value that changes is superseded and
-- stays; `value` is null where there is none, `why` says the reason. inputs is JSON.
CREATE TABLE indicator_value (
    id {identity},
    indicator TEXT NOT NULL,
    year BIGINT NOT NULL,
    value TEXT,
    why TEXT NOT NULL,
    is_provisional BIGINT NOT NULL,
    counted BIGINT NOT NULL,
    inputs TEXT NOT NULL,
    edition TEXT NOT NULL,
    computed_at BIGINT NOT NULL,
    superseded_at BIGINT
);
CREATE INDEX indicator_value_key ON indicator_value (indicator, year, id);
CREATE UNIQUE INDEX indicator_value_holds ON indicator_value (indicator, year)
    WHERE superseded_at IS NULL;

-- What a unit reports of a year where the platform has no data of its own; the newest holds.
CREATE TABLE indicator_reported (
    id {identity},
    indicator TEXT NOT NULL,
    year BIGINT NOT NULL,
    value TEXT NOT NULL,
    source TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    user_id BIGINT,
    who TEXT NOT NULL
);
CREATE INDEX indicator_reported_key ON indicator_reported (indicator, year, id);

-- The case of a duty of a unit in a period. due_on is null where nobody has set a day.
CREATE TABLE plan_duty (
    duty TEXT NOT NULL,
    unit TEXT NOT NULL,
    period TEXT NOT NULL,
    case_id BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    due_on TEXT,
    state TEXT NOT NULL,
    done_on TEXT,
    PRIMARY KEY (duty, unit, period)
);
CREATE INDEX plan_duty_unit ON plan_duty (unit, due_on);
