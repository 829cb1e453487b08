-- Each time the signs were computed.
CREATE TABLE fraud_run (
    id {identity},
    began_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    window_from BIGINT NOT NULL,
    window_to BIGINT NOT NULL,
    outlets BIGINT NOT NULL,
    signs BIGINT NOT NULL,
    edition TEXT NOT NULL
);

-- What a detector found: a sign to look into, never a proof. Times in seconds, strength in
-- thousandths; factor is -1 where the whole outlet is meant; twin_point is -1 where it resembles
-- nothing.
CREATE TABLE fraud_sign (
    id {identity},
    detector TEXT NOT NULL,
    finding TEXT NOT NULL,
    point BIGINT NOT NULL,
    factor BIGINT NOT NULL,
    step BIGINT NOT NULL,
    began_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    twin_point BIGINT NOT NULL,
    twin_factor BIGINT NOT NULL,
    twin_began_at BIGINT NOT NULL,
    twin_ended_at BIGINT NOT NULL,
    strength BIGINT NOT NULL,
    evidence TEXT NOT NULL,
    edition TEXT NOT NULL,
    first_found_at BIGINT NOT NULL,
    last_found_at BIGINT NOT NULL,
    withdrawn_at BIGINT
);
CREATE INDEX fraud_sign_ended ON fraud_sign (ended_at);
CREATE INDEX fraud_sign_point ON fraud_sign (point, ended_at);

-- What an officer concluded; the newest holds, the older stay.
CREATE TABLE fraud_verdict (
    id {identity},
    sign BIGINT NOT NULL REFERENCES fraud_sign (id),
    conclusion TEXT NOT NULL,
    visited_on TEXT,
    note TEXT NOT NULL,
    sign_ended_at BIGINT NOT NULL,
    given_at BIGINT NOT NULL,
    user_id BIGINT,
    who TEXT NOT NULL
);
CREATE INDEX fraud_verdict_sign ON fraud_verdict (sign, id);
