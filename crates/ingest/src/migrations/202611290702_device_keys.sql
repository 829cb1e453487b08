-- The keys by which devices encrypt (HJ 212-2025), sealed by the key file of the data folder; the
-- second of a row is the new key while a change is under way.
CREATE TABLE device_key (
    mn TEXT PRIMARY KEY NOT NULL,
    sealed {bytes} NOT NULL,
    pending {bytes},
    set_by TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
