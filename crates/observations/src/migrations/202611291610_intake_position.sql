-- How far a stream of deliveries is recorded: written in the commit that records them, so that a
-- message which comes again is known.
CREATE TABLE intake_position (
    stream TEXT PRIMARY KEY NOT NULL,
    sequence BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL
);
