-- Pages of the environmental management ledger, one for each permit and day. A version is never
-- changed: a correction is the next one. Days as texts, times in milliseconds; content and findings
-- as JSON.
CREATE TABLE management_ledger_entry (
    id {identity},
    enterprise BIGINT NOT NULL,
    permit BIGINT NOT NULL,
    permit_number TEXT NOT NULL,
    permit_version BIGINT NOT NULL,
    day TEXT NOT NULL,
    version BIGINT NOT NULL,
    content TEXT NOT NULL,
    findings TEXT NOT NULL,
    gravest BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by BIGINT,
    recorded_name TEXT NOT NULL,
    UNIQUE (permit, day, version)
);
CREATE INDEX management_ledger_enterprise ON management_ledger_entry (enterprise, day);
