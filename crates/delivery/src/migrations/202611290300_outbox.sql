-- What is to be sent, written in the transaction of the change that it tells. A message that was
-- sent keeps its key and where it went, in short; its text is gone. Messages of one series leave
-- one after the other, in order of writing.
CREATE TABLE outbox_message (
    id {identity},
    key TEXT NOT NULL UNIQUE,
    series TEXT,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX outbox_message_waiting ON outbox_message (channel, due_at, id)
    WHERE state = 'waiting';
CREATE INDEX outbox_message_series ON outbox_message (series, id) WHERE state = 'waiting';
CREATE INDEX outbox_message_dead ON outbox_message (id) WHERE state = 'dead';
CREATE INDEX outbox_message_ended ON outbox_message (finished_at)
    WHERE state IN ('sent', 'discarded');

-- Each attempt: when, how it ended, what the other side said.
CREATE TABLE delivery_attempt (
    id {identity},
    message BIGINT NOT NULL REFERENCES outbox_message (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    answer TEXT NOT NULL
);
CREATE INDEX delivery_attempt_message ON delivery_attempt (message, id);

-- Nonces of requests that partners signed, as long as their times are believed.
CREATE TABLE delivery_nonce (
    partner TEXT NOT NULL,
    nonce TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (partner, nonce)
);
CREATE INDEX delivery_nonce_seen ON delivery_nonce (seen_at);
