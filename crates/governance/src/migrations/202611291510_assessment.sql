-- What people entered into the score sheet of a unit by a responsibility book; never changed. value
-- is a decimal as text, item is the id of an item, an adjustment or a veto.
CREATE TABLE assessment_event (
    book TEXT NOT NULL,
    unit TEXT NOT NULL,
    number BIGINT NOT NULL,
    entered_at BIGINT NOT NULL,
    entered_by TEXT NOT NULL,
    who TEXT NOT NULL,
    kind TEXT NOT NULL,
    item TEXT NOT NULL,
    value TEXT,
    note TEXT NOT NULL,
    PRIMARY KEY (book, unit, number)
);
