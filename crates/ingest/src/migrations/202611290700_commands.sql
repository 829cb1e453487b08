-- Commands to devices: asked for by a person or by the platform itself, with a reason; one
-- exchange each. Passwords and keys among the parameters are blanked once the exchange has ended.
CREATE TABLE device_command (
    id {identity},
    mn TEXT NOT NULL,
    cn TEXT NOT NULL,
    edition TEXT NOT NULL,
    parameters TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_by_user BIGINT,
    reason TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    agreed_by TEXT,
    agreed_at BIGINT,
    state TEXT NOT NULL,
    qn TEXT,
    sent_at BIGINT,
    sent_times BIGINT NOT NULL DEFAULT 0,
    ended_at BIGINT,
    result BIGINT,
    contents BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX device_command_of_device ON device_command (mn, id);
CREATE INDEX device_command_waiting ON device_command (state, mn);

-- What devices answered: data areas of packets that are no uploads of observations.
CREATE TABLE device_command_answer (
    command BIGINT NOT NULL REFERENCES device_command (id),
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    cn TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (command, sequence)
);
