-- Tokens of the operator: only their SHA-256, in hexadecimal; a retired one stays as a record.
CREATE TABLE operator_token (
    id BIGINT PRIMARY KEY NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);
