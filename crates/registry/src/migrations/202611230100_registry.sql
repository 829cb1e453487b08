-- The city's nouns. Positions are in units of 1e-7 degree; days are texts YYYY-MM-DD.
CREATE TABLE city (
    key TEXT NOT NULL PRIMARY KEY,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    code TEXT NOT NULL,
    west_e7 BIGINT NOT NULL,
    south_e7 BIGINT NOT NULL,
    east_e7 BIGINT NOT NULL,
    north_e7 BIGINT NOT NULL,
    is_demo BIGINT NOT NULL
);
CREATE TABLE division (
    place_in_file BIGINT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent TEXT,
    valid_from TEXT,
    valid_to TEXT,
    source TEXT NOT NULL,
    confidence TEXT NOT NULL
);
CREATE TABLE department (
    place_in_file BIGINT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    is_lead BIGINT NOT NULL,
    source TEXT NOT NULL,
    confidence TEXT NOT NULL
);
CREATE TABLE factor (
    id BIGINT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    unit TEXT NOT NULL,
    decimals BIGINT NOT NULL,
    air_unit TEXT,
    air_decimals BIGINT,
    is_listed BIGINT NOT NULL,
    source TEXT NOT NULL,
    confidence TEXT NOT NULL
);
CREATE TABLE enterprise (
    id BIGINT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    place_in_file BIGINT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    division TEXT NOT NULL,
    industry TEXT NOT NULL,
    is_fictitious BIGINT NOT NULL,
    is_listed BIGINT NOT NULL,
    source TEXT NOT NULL,
    confidence TEXT NOT NULL
);
CREATE TABLE monitoring_point (
    id BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    place_in_file BIGINT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    division TEXT NOT NULL,
    longitude_e7 BIGINT,
    latitude_e7 BIGINT,
    position_note TEXT,
    valid_from TEXT,
    valid_to TEXT,
    is_listed BIGINT NOT NULL,
    source TEXT NOT NULL,
    confidence TEXT NOT NULL,
    enterprise BIGINT REFERENCES enterprise (id),
    medium TEXT,
    permit_outlet_number TEXT,
    network TEXT,
    is_control_point BIGINT,
    water TEXT,
    body TEXT,
    target_class BIGINT,
    UNIQUE (kind, code)
);
CREATE TABLE device (
    mn TEXT NOT NULL PRIMARY KEY,
    place_in_file BIGINT NOT NULL,
    password TEXT NOT NULL,
    point BIGINT NOT NULL REFERENCES monitoring_point (id),
    system_type BIGINT NOT NULL,
    factors TEXT NOT NULL,
    realtime_interval_s BIGINT,
    minute_interval_min BIGINT,
    hour_interval_h BIGINT,
    source TEXT NOT NULL,
    confidence TEXT NOT NULL
);
CREATE TABLE permit_limit (
    place_in_file BIGINT NOT NULL PRIMARY KEY,
    point BIGINT NOT NULL REFERENCES monitoring_point (id),
    factor BIGINT NOT NULL REFERENCES factor (id),
    period BIGINT NOT NULL,
    at_least TEXT,
    at_most TEXT NOT NULL,
    on_converted BIGINT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    source TEXT NOT NULL,
    confidence TEXT NOT NULL
);
CREATE TABLE city_file (
    path TEXT NOT NULL PRIMARY KEY,
    content {bytes} NOT NULL
);
