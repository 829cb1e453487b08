-- Permits and registrations; days are texts YYYY-MM-DD, times milliseconds.
CREATE TABLE discharge_permit (
    id {identity},
    number TEXT NOT NULL UNIQUE,
    enterprise BIGINT NOT NULL,
    ended_on TEXT,
    end_reason TEXT
);
CREATE INDEX discharge_permit_enterprise ON discharge_permit (enterprise);

-- Their versions, never changed: what each says as JSON.
CREATE TABLE discharge_permit_version (
    permit BIGINT NOT NULL REFERENCES discharge_permit (id),
    version BIGINT NOT NULL,
    in_force_from TEXT NOT NULL,
    valid_to TEXT NOT NULL,
    class TEXT NOT NULL,
    content TEXT NOT NULL,
    entered_at BIGINT NOT NULL,
    entered_by TEXT NOT NULL,
    PRIMARY KEY (permit, version)
);

-- Approvals and quotas beside a permit: the newest set holds, the older stay.
CREATE TABLE discharge_permit_background (
    permit BIGINT NOT NULL REFERENCES discharge_permit (id),
    edition BIGINT NOT NULL,
    content TEXT NOT NULL,
    entered_at BIGINT NOT NULL,
    entered_by TEXT NOT NULL,
    PRIMARY KEY (permit, edition)
);
