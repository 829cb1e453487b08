-- Episodes of exceedance as they were computed. Times in milliseconds; content holds the periods,
-- basis the versions of the records that they were computed from. A later computation that differs
-- supersedes the row, which stays.
CREATE TABLE exceedance_episode (
    id {identity},
    point BIGINT NOT NULL,
    factor BIGINT NOT NULL,
    period TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    is_apart BIGINT NOT NULL,
    is_open BIGINT NOT NULL,
    content TEXT NOT NULL,
    basis TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    computed_at BIGINT NOT NULL,
    superseded_at BIGINT,
    superseded_by BIGINT
);
CREATE INDEX exceedance_episode_began ON exceedance_episode (began_at, id);
CREATE INDEX exceedance_episode_point ON exceedance_episode (point, factor, began_at);

-- What people decided about how episodes are counted: merged or split, with the reason. The newest
-- holds; a withdrawn one stays.
CREATE TABLE exceedance_decision (
    id {identity},
    point BIGINT NOT NULL,
    factor BIGINT NOT NULL,
    period TEXT NOT NULL,
    choice TEXT NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    withdrawn_at BIGINT
);
CREATE INDEX exceedance_decision_point ON exceedance_decision (point, factor, id);

-- Evidence packets that were issued: the file stands in the store of evidence under its digest;
-- body is the digest of what is signed, audit the record that names it.
CREATE TABLE evidence_packet (
    id {identity},
    year BIGINT NOT NULL,
    number BIGINT NOT NULL,
    code TEXT NOT NULL,
    episode BIGINT NOT NULL REFERENCES exceedance_episode (id),
    fingerprint TEXT NOT NULL,
    file TEXT NOT NULL,
    body TEXT NOT NULL,
    size BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    who TEXT NOT NULL,
    audit BIGINT NOT NULL
);
CREATE UNIQUE INDEX evidence_packet_number ON evidence_packet (year, number);
CREATE UNIQUE INDEX evidence_packet_code ON evidence_packet (code);
CREATE INDEX evidence_packet_episode ON evidence_packet (episode, fingerprint);
CREATE INDEX evidence_packet_body ON evidence_packet (body);

-- Episodes that became cases, each once.
CREATE TABLE exceedance_case (
    episode BIGINT NOT NULL REFERENCES exceedance_episode (id),
    case_id BIGINT NOT NULL,
    tied_at BIGINT NOT NULL,
    PRIMARY KEY (episode)
) {without_rowid};
