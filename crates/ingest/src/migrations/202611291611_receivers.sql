-- Receivers that deliver through the stream, each by its name; seen_at rises as long as it runs.
CREATE TABLE receiver (
    name TEXT PRIMARY KEY NOT NULL,
    instance TEXT NOT NULL,
    address TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    connections BIGINT NOT NULL,
    packets BIGINT NOT NULL
);

-- Which receiver a device speaks to, and since when; empty: the server itself.
ALTER TABLE device_state ADD COLUMN receiver TEXT NOT NULL DEFAULT '';
ALTER TABLE device_state ADD COLUMN held_at BIGINT NOT NULL DEFAULT 0;

-- Which receiver has sent a command; empty: the server itself.
ALTER TABLE device_command ADD COLUMN receiver TEXT NOT NULL DEFAULT '';
