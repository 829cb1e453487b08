-- Limits that something other than the city's files brings, such as versions of permits: each owner
-- replaces its own rows as a whole. Where two limits bind the same factor on the same day, the one
-- of the higher rank holds; those of the city's files have rank 0.
CREATE TABLE installed_limit (
    owner TEXT NOT NULL,
    place BIGINT NOT NULL,
    point BIGINT NOT NULL REFERENCES monitoring_point (id),
    factor BIGINT NOT NULL REFERENCES factor (id),
    period BIGINT NOT NULL,
    at_least TEXT,
    at_most TEXT NOT NULL,
    on_converted BIGINT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    place_in_rank BIGINT NOT NULL,
    source TEXT NOT NULL,
    confidence TEXT NOT NULL,
    PRIMARY KEY (owner, place)
);
