-- Requests of Open311 applications; the place is rounded, nothing of the reporter stands here.
CREATE TABLE supervision_open311_request (
    case_id BIGINT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    service_code TEXT NOT NULL,
    longitude TEXT,
    latitude TEXT,
    requested_at BIGINT NOT NULL
);
CREATE INDEX supervision_open311_requested ON supervision_open311_request (requested_at);

-- Photos that a phone delivered ahead of the work to which they belong.
CREATE TABLE supervision_patrol_photo (
    user_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    digest {bytes} NOT NULL,
    name TEXT NOT NULL,
    delivered_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);

-- Cases that a partner of exchange opened, and how far the partner has been told.
CREATE TABLE supervision_exchange_case (
    partner TEXT NOT NULL,
    partner_number TEXT NOT NULL,
    case_id BIGINT NOT NULL,
    number TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    told_sequence BIGINT NOT NULL DEFAULT 0,
    -- The same of the case into which it was merged.
    told_main_sequence BIGINT NOT NULL DEFAULT 0,
    is_over BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (partner, partner_number)
);
CREATE INDEX supervision_exchange_open ON supervision_exchange_case (is_over, case_id);

-- Messages of partners that were taken in.
CREATE TABLE supervision_exchange_message (
    partner TEXT NOT NULL,
    message_id TEXT NOT NULL,
    taken_at BIGINT NOT NULL,
    PRIMARY KEY (partner, message_id)
);
