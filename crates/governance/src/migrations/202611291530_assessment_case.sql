-- The case of the assessment of a unit by a book.
CREATE TABLE assessment_case (
    book TEXT NOT NULL,
    unit TEXT NOT NULL,
    case_id BIGINT NOT NULL,
    PRIMARY KEY (book, unit)
);
