-- Organisations form a tree: city, county or zone, town, grid cell; departments beside;
-- enterprises, institutions and banks outside it (no parent).
CREATE TABLE authority_organisation (
    id {identity},
    parent BIGINT REFERENCES authority_organisation (id),
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    UNIQUE (kind, code)
);

CREATE TABLE authority_user (
    id {identity},
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    organisation BIGINT REFERENCES authority_organisation (id),
    password TEXT,
    totp_secret {bytes},
    totp_step BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);

CREATE TABLE authority_grant (
    id {identity},
    user_id BIGINT NOT NULL REFERENCES authority_user (id),
    role TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    code TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    UNIQUE (user_id, role, jurisdiction, code)
);

-- A person as an identity provider knows them: by its address and their number there.
CREATE TABLE authority_identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES authority_user (id),
    PRIMARY KEY (issuer, subject)
);

CREATE TABLE authority_session (
    id {identity},
    digest {bytes} NOT NULL UNIQUE,
    user_id BIGINT NOT NULL REFERENCES authority_user (id),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    how TEXT NOT NULL
);
CREATE INDEX authority_session_user ON authority_session (user_id);

-- Tokens of programs; `role` where a token is nobody's own, else the user's grants within `scopes`.
CREATE TABLE authority_api_token (
    id {identity},
    digest {bytes} NOT NULL UNIQUE,
    name TEXT NOT NULL,
    user_id BIGINT REFERENCES authority_user (id),
    role TEXT,
    scopes TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    ends_at BIGINT
);
INSERT INTO authority_api_token (digest, name, role, scopes, issued_at)
    SELECT digest, role, role, '', issued_at FROM authority_token;
DROP TABLE authority_token;

CREATE TABLE authority_one_time_link (
    digest {bytes} NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES authority_user (id),
    purpose TEXT NOT NULL,
    ends_at BIGINT NOT NULL
);

CREATE TABLE authority_recovery_code (
    user_id BIGINT NOT NULL REFERENCES authority_user (id),
    digest {bytes} NOT NULL,
    PRIMARY KEY (user_id, digest)
);

-- Wrong attempts by the digest of the name that was typed, whether or not anybody has it.
CREATE TABLE authority_attempt (
    digest {bytes} NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    failed_at BIGINT NOT NULL,
    locked_until BIGINT NOT NULL
);

CREATE TABLE audit_record (
    id {identity},
    at BIGINT NOT NULL,
    user_id BIGINT,
    who TEXT NOT NULL,
    origin TEXT NOT NULL,
    on_behalf_of TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    rule TEXT NOT NULL,
    before TEXT,
    after TEXT
);
CREATE INDEX audit_record_user ON audit_record (user_id, id);
CREATE INDEX audit_record_subject ON audit_record (subject, id);
