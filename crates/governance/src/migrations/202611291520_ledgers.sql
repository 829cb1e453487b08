-- Rows of ledgers; a row that changes is superseded and stays. content is JSON: values by column.
CREATE TABLE ledger_row (
    id {identity},
    ledger TEXT NOT NULL,
    ledger_version BIGINT NOT NULL,
    row_key TEXT NOT NULL,
    division TEXT,
    year BIGINT,
    content TEXT NOT NULL,
    entered_at BIGINT NOT NULL,
    who TEXT NOT NULL,
    reason TEXT NOT NULL,
    is_removed BIGINT NOT NULL,
    superseded_at BIGINT
);
CREATE UNIQUE INDEX ledger_row_holds ON ledger_row (ledger, row_key) WHERE superseded_at IS NULL;
CREATE INDEX ledger_row_history ON ledger_row (ledger, row_key, id);
