-- The declaration of a kind as it stood when cases were opened by it: they go on by it.
CREATE TABLE case_declaration (
    id {identity},
    kind TEXT NOT NULL,
    version BIGINT NOT NULL,
    digest {bytes} NOT NULL UNIQUE,
    body TEXT NOT NULL,
    first_used_at BIGINT NOT NULL
);

-- The last number given of a row: `case`, `evidence`, `TS-2026`.
CREATE TABLE case_counter (
    name TEXT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

-- By what the key file of sealed identities is known again.
CREATE TABLE case_key_check (
    id BIGINT NOT NULL PRIMARY KEY,
    fingerprint {bytes} NOT NULL
);

-- A case. `due_at`, `warn_at`, `next_at` hold the largest number where there is no such time.
CREATE TABLE case_file (
    id {identity},
    number TEXT NOT NULL,
    kind TEXT NOT NULL,
    declaration BIGINT NOT NULL,
    channel TEXT NOT NULL,
    division TEXT NOT NULL,
    enterprise TEXT,
    title TEXT NOT NULL,
    cell BIGINT,
    opened_at BIGINT NOT NULL,
    happened_at BIGINT,
    has_reporter BIGINT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    last_sequence BIGINT NOT NULL,
    responsible BIGINT,
    assisting TEXT NOT NULL,
    assignee BIGINT,
    is_open BIGINT NOT NULL,
    closed_at BIGINT,
    shared_at BIGINT,
    enterprise_sees BIGINT NOT NULL,
    published_at BIGINT,
    due_at BIGINT NOT NULL,
    warn_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    is_provisional BIGINT NOT NULL,
    was_late BIGINT NOT NULL,
    is_warned BIGINT NOT NULL,
    is_escalated BIGINT NOT NULL,
    escalation BIGINT NOT NULL,
    is_key BIGINT NOT NULL,
    repeats BIGINT NOT NULL,
    merged_into BIGINT,
    merged BIGINT NOT NULL,
    satisfied BIGINT,
    fields TEXT NOT NULL,
    doers TEXT NOT NULL,
    clocks TEXT NOT NULL,
    last_act TEXT NOT NULL
);
CREATE UNIQUE INDEX case_file_number ON case_file (number);
-- The work lists: open ones by their end, all of them the newest first.
CREATE INDEX case_file_due ON case_file (is_open, due_at, id);
CREATE INDEX case_file_division ON case_file (division, is_open, due_at, id);
CREATE INDEX case_file_division_newest ON case_file (division, id);
CREATE INDEX case_file_responsible ON case_file (responsible, is_open, due_at, id);
CREATE INDEX case_file_responsible_newest ON case_file (responsible, id);
CREATE INDEX case_file_assignee ON case_file (assignee, is_open, due_at, id);
CREATE INDEX case_file_enterprise ON case_file (enterprise, is_open, due_at, id);
CREATE INDEX case_file_enterprise_newest ON case_file (enterprise, id);
CREATE INDEX case_file_state ON case_file (kind, state, is_open, due_at, id);
-- What is warned of or escalated is little: whose it is stands in the index.
CREATE INDEX case_file_warned
    ON case_file (due_at, id, division, responsible, enterprise, enterprise_sees, is_warned)
    WHERE is_warned = 1;
CREATE INDEX case_file_escalated
    ON case_file (due_at, id, division, responsible, enterprise, enterprise_sees, is_escalated)
    WHERE is_escalated = 1;
CREATE INDEX case_file_next ON case_file (next_at) WHERE next_at < 9223372036854775807;
CREATE INDEX case_file_cell ON case_file (cell, opened_at) WHERE cell IS NOT NULL;
CREATE INDEX case_file_published ON case_file (published_at, id) WHERE published_at IS NOT NULL;
CREATE INDEX case_file_merged ON case_file (merged_into) WHERE merged_into IS NOT NULL;

-- What was reported, in the reporter's words: never changed.
CREATE TABLE case_report (
    case_id BIGINT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL,
    longitude TEXT,
    latitude TEXT,
    address TEXT NOT NULL
);

-- Who reported and the personal fields, sealed by the key file; `contact` is a keyed digest.
CREATE TABLE case_sealed (
    case_id BIGINT NOT NULL PRIMARY KEY,
    body {bytes} NOT NULL,
    contact {bytes}
);
CREATE INDEX case_sealed_contact ON case_sealed (contact, case_id) WHERE contact IS NOT NULL;

-- Keyed digests of the codes by which citizens come back.
CREATE TABLE case_code (
    case_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    digest {bytes} NOT NULL,
    issued_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (case_id, purpose)
) {without_rowid};

-- What happened to a case, in order.
CREATE TABLE case_event (
    case_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    happened_at BIGINT,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    who TEXT NOT NULL,
    as_who TEXT NOT NULL,
    user_id BIGINT,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    reply_zh TEXT,
    reply_en TEXT,
    visibility TEXT NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (case_id, sequence)
) {without_rowid};

-- Open cases that a unit helps with.
CREATE TABLE case_assisting (
    organisation BIGINT NOT NULL,
    case_id BIGINT NOT NULL,
    is_open BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (organisation, case_id)
) {without_rowid};
CREATE INDEX case_assisting_due ON case_assisting (organisation, is_open, due_at, case_id);
CREATE INDEX case_assisting_case ON case_assisting (case_id);

-- Files of a case; the bytes are kept by their digests.
CREATE TABLE case_evidence (
    id BIGINT NOT NULL PRIMARY KEY,
    case_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    act BIGINT,
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    digest {bytes} NOT NULL,
    thumbnail {bytes},
    public_copy {bytes},
    longitude TEXT,
    latitude TEXT,
    taken_at BIGINT,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    as_who TEXT NOT NULL,
    user_id BIGINT,
    visibility TEXT NOT NULL
);
CREATE INDEX case_evidence_case ON case_evidence (case_id, id);

CREATE TABLE case_link (
    case_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    other BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (case_id, kind, other)
) {without_rowid};
CREATE INDEX case_link_other ON case_link (other);

CREATE TABLE case_watcher (
    case_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (case_id, user_id)
) {without_rowid};
CREATE INDEX case_watcher_user ON case_watcher (user_id, case_id);

-- What was done under a key: done again under the same key, it is the same.
CREATE TABLE case_once (
    digest {bytes} NOT NULL PRIMARY KEY,
    case_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    at BIGINT NOT NULL
);

-- Messages within the program: to a user, a unit, an enterprise, the leaders of a case.
CREATE TABLE case_notice (
    id {identity},
    audience TEXT NOT NULL,
    case_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX case_notice_audience ON case_notice (audience, id);

-- What a user has read: all up to a message, and single ones after it.
CREATE TABLE case_notice_mark (
    user_id BIGINT NOT NULL PRIMARY KEY,
    up_to BIGINT NOT NULL
);
CREATE TABLE case_notice_read (
    user_id BIGINT NOT NULL,
    notice BIGINT NOT NULL,
    PRIMARY KEY (user_id, notice)
) {without_rowid};

-- By what way a user wants to be told besides.
CREATE TABLE case_reach (
    user_id BIGINT NOT NULL PRIMARY KEY,
    email TEXT,
    webhook TEXT,
    told_up_to BIGINT NOT NULL
);

CREATE TABLE case_view (
    id {identity},
    user_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    UNIQUE (user_id, name)
);

-- The words of cases, turned round; `reach` 1: of a text that the enterprise reads as well.
CREATE TABLE case_word (
    word TEXT NOT NULL,
    case_id BIGINT NOT NULL,
    reach BIGINT NOT NULL,
    PRIMARY KEY (word, case_id)
) {without_rowid};
