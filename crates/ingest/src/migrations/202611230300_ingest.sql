-- Packets that were not accepted: the newest ones, with their bytes.
CREATE TABLE refused_packet (
    id {identity},
    received_at BIGINT NOT NULL,
    peer TEXT NOT NULL,
    mn TEXT NOT NULL,
    reason TEXT NOT NULL,
    explanation TEXT NOT NULL,
    size BIGINT NOT NULL,
    raw {bytes} NOT NULL
);

-- How many packets were refused for each reason since the store was made.
CREATE TABLE refused_count (
    reason TEXT PRIMARY KEY NOT NULL,
    packets BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

-- What was last known of each device.
CREATE TABLE device_state (
    mn TEXT PRIMARY KEY NOT NULL,
    online BIGINT NOT NULL,
    since BIGINT NOT NULL,
    peer TEXT NOT NULL,
    edition TEXT NOT NULL,
    last_packet_at BIGINT,
    last_data_time BIGINT,
    clock_offset_ms BIGINT,
    packets BIGINT NOT NULL,
    duplicates BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    takeovers BIGINT NOT NULL
);
