-- How far the packets of the commit log have been handed to a higher platform: the log itself is
-- the queue.
CREATE TABLE forward_cursor (
    target TEXT PRIMARY KEY NOT NULL,
    block BIGINT NOT NULL,
    packet BIGINT NOT NULL,
    forwarded BIGINT NOT NULL,
    answered_at BIGINT,
    failing_since BIGINT,
    problem TEXT NOT NULL
);
