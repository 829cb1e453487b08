-- Which alert became which case; an alert becomes one once.
CREATE TABLE supervision_alert_case (
    alert BIGINT PRIMARY KEY,
    case_id BIGINT NOT NULL,
    rule TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    -- When the case was told that the alert has ended.
    end_told_at BIGINT
);
CREATE INDEX supervision_alert_case_case ON supervision_alert_case (case_id);
