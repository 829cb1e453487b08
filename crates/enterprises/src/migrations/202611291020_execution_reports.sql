-- Reports on keeping to a permit. A version that was filed is never changed: a correction is the
-- next version. Days as texts, times in milliseconds; content and findings as JSON.
CREATE TABLE execution_report (
    id {identity},
    enterprise BIGINT NOT NULL,
    permit BIGINT NOT NULL,
    permit_number TEXT NOT NULL,
    permit_version BIGINT NOT NULL,
    cycle TEXT NOT NULL,
    period_from TEXT NOT NULL,
    period_to TEXT NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    content TEXT NOT NULL,
    findings TEXT NOT NULL,
    gravest BIGINT NOT NULL,
    due_on TEXT,
    begun_at BIGINT NOT NULL,
    begun_by BIGINT,
    begun_name TEXT NOT NULL,
    filed_at BIGINT,
    filed_by BIGINT,
    filed_name TEXT,
    decided_at BIGINT,
    decided_by BIGINT,
    decided_name TEXT,
    decision_note TEXT,
    UNIQUE (permit, cycle, period_from, version)
);
CREATE INDEX execution_report_enterprise ON execution_report (enterprise, period_to);
CREATE INDEX execution_report_state ON execution_report (state, period_to);
