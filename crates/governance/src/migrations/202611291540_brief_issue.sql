-- Briefs that were issued: files stand in the evidence folder under their digest, the audit record
-- with both digests goes into the public log. A month that is issued again gets the next version.
CREATE TABLE brief_issue (
    id {identity},
    year BIGINT NOT NULL,
    month BIGINT NOT NULL,
    version BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    who TEXT NOT NULL,
    word TEXT NOT NULL,
    pdf TEXT,
    audit BIGINT NOT NULL
);
CREATE UNIQUE INDEX brief_issue_version ON brief_issue (year, month, version);
