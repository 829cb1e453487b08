//! A plan as data: measures, targets, duties, indicators, score sheets.
