-- Tokens by their SHA-256: whoever reads the store cannot use them.
CREATE TABLE authority_token (
    digest {bytes} NOT NULL PRIMARY KEY,
    role TEXT NOT NULL,
    issued_at BIGINT NOT NULL
);
