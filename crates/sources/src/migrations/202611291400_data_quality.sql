-- The sum of each judged month of an outlet: counts and amounts by day, made from the record whose
-- version it names. Months are numbered since the year 0; times are in milliseconds.
CREATE TABLE data_quality_month (
    point BIGINT NOT NULL,
    month BIGINT NOT NULL,
    version BIGINT NOT NULL,
    computed_at BIGINT NOT NULL,
    counts TEXT NOT NULL,
    amounts TEXT NOT NULL,
    PRIMARY KEY (point, month)
) {without_rowid};
CREATE INDEX data_quality_month_month ON data_quality_month (month);
